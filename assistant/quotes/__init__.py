"""Find the words that a statement quotes, and prove what it says by its quotes.

A quote exists only if `locate` found it. What is shown are the article's own characters, never a model's copy of them.
"""

from assistant.quotes.locate import locate
from assistant.quotes.marks import quoted_words, unmarked
from assistant.quotes.proof import Checked, Fault, Judge, check, spoken_in

__all__ = [
    "Checked",
    "Fault",
    "Judge",
    "check",
    "locate",
    "quoted_words",
    "spoken_in",
    "unmarked",
]
