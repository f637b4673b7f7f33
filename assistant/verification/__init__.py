"""Find the words that a statement quotes, and prove what it says by its quotes.

A quote exists only if `locate` found it. What is shown are the article's own characters, never a model's copy of them.
"""

from assistant.verification.as_written import requoted, shown_as_written, without_markup
from assistant.verification.locate import locate
from assistant.verification.proof import Checked, Fault, Supports, check, spoken_in
from assistant.verification.quotation_marks import quoted_words, unmarked

__all__ = [
    "Checked",
    "Fault",
    "Supports",
    "check",
    "locate",
    "quoted_words",
    "requoted",
    "shown_as_written",
    "spoken_in",
    "unmarked",
    "without_markup",
]
