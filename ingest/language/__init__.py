"""Everything that is known about text: cleaning, folding, sentences, terms, figures, dates, languages.

What is known of one language is data in a folder (see `data`); the modules here are the same for all.
"""

from ingest.language.clean import clean, one_line
from ingest.language.detect import detect, direction
from ingest.language.figures import Figure, figures, scale_follows
from ingest.language.fold import FOLDING, Folded, fold, folded
from ingest.language.number_words import NumberWords
from ingest.language.sentences import sentences
from ingest.language.terms import root, terms, words

__all__ = [
    "FOLDING",
    "Figure",
    "Folded",
    "NumberWords",
    "clean",
    "detect",
    "direction",
    "figures",
    "fold",
    "folded",
    "one_line",
    "root",
    "scale_follows",
    "sentences",
    "terms",
    "words",
]
