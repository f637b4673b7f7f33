"""Find the words that a statement quotes, and check what it says against its quotes.

A quote exists only if `locate` found it. What is shown are the article's own characters, never a model's copy of them.
"""

from assistant.quotes.check import Fault, check, spoken_in
from assistant.quotes.locate import locate
from assistant.quotes.marks import quoted_words, unmarked, unquoted
from assistant.quotes.orders import is_instruction

__all__ = ["Fault", "check", "is_instruction", "locate", "quoted_words", "spoken_in", "unmarked", "unquoted"]
