"""Read text: clean and fold it, detect its language, find its sentences, terms, figures and dates.

The modules are the same for all languages. The words of each language are data in its own folder (see `data`).
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
