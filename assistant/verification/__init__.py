"""Find the words that a statement quotes, and prove what it says by its quotes.

A quote exists only if `locate` found it. What is shown are the article's own characters, never a model's copy of them.
"""

from assistant.verification.locate import locate
from assistant.verification.proof import Checked, Fault, Judge, check, spoken_in
from assistant.verification.quotation_marks import quoted_words, unmarked

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
