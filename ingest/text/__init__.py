"""Everything that is known about text: cleaning, folding, sentences, terms, languages.

Arabic is a first language here and English is its equal.
"""

from ingest.text.clean import clean, one_line
from ingest.text.figures import Figure, figures, goes_on
from ingest.text.fold import FOLDING, Folded, fold, folded
from ingest.text.language import direction, language
from ingest.text.numbers import unit_of, without_clitic
from ingest.text.numerals import ARABIC_NUMBERS, DAYS, ENGLISH_NUMBERS, MONTHS, forms
from ingest.text.sentences import sentences
from ingest.text.terms import root, terms, words

__all__ = [
    "ARABIC_NUMBERS",
    "DAYS",
    "ENGLISH_NUMBERS",
    "FOLDING",
    "MONTHS",
    "Figure",
    "Folded",
    "clean",
    "direction",
    "figures",
    "fold",
    "folded",
    "forms",
    "goes_on",
    "language",
    "one_line",
    "root",
    "sentences",
    "terms",
    "unit_of",
    "without_clitic",
    "words",
]
