"""Everything that is known about text: cleaning, folding, sentences, terms, languages.

Arabic is a first language here and English is its equal.
"""

from ingest.language.clean import clean, one_line
from ingest.language.detect import detect, direction
from ingest.language.figures import Figure, figures, goes_on
from ingest.language.fold import FOLDING, Folded, fold, folded
from ingest.language.numbers import unit_of, without_clitic
from ingest.language.numerals import ARABIC_NUMBERS, DAYS, ENGLISH_NUMBERS, MONTHS, forms
from ingest.language.sentences import sentences
from ingest.language.terms import root, terms, words

__all__ = [
    "ARABIC_NUMBERS",
    "DAYS",
    "ENGLISH_NUMBERS",
    "FOLDING",
    "MONTHS",
    "Figure",
    "Folded",
    "clean",
    "detect",
    "direction",
    "figures",
    "fold",
    "folded",
    "forms",
    "goes_on",
    "one_line",
    "root",
    "sentences",
    "terms",
    "unit_of",
    "without_clitic",
    "words",
]
