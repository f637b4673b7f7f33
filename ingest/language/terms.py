"""Split a text into the terms that lexical search compares: folded, without function words, stemmed."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import Stemmer

from ingest.language.data import language, languages_of, merged, table
from ingest.language.fold import folded
from ingest.language.morphology import Morphology

_WORD = re.compile(r"\d+(?:[.,]\d+)*|\w+")
_CACHED = 100_000  # words
_FACTS = "languages.toml"


@dataclass(frozen=True)
class CommonWords:
    """The commonest words of a language.

    Attributes:
        function_words: words that lexical search leaves out.
    """

    TOPIC: ClassVar[str] = "words"
    function_words: frozenset[str]


def words(text: str) -> list[str]:
    """The folded words and numbers of a text, in order. "1,500.5" is one number."""
    return _WORD.findall(folded(text))


def terms(text: str, language: str = "") -> list[str]:
    """The stems of a text's words, in order, without function words.

    A word in another script than the text's is stemmed in the default language of that script, Arabic or English.

    Args:
        text: of any length.
        language: ISO 639-1; a language without a stemmer is stemmed as English.
    """
    stem, function_words = _stemming(language)
    return [stem(word) for word in words(text) if word not in function_words]


@functools.lru_cache(maxsize=_CACHED)
def root(term: str) -> str:
    """The letters that related words share: «تراس», «رياس» and «رييس» have «رس».

    A root is far coarser than a stem: it tells whether two words may be related. In a language without roots it is the
    term itself.
    """
    for spoken in languages_of():
        if spoken.writing.letters and re.match(spoken.writing.letters, term):
            return spoken.morphology.root(term)
    return term


@functools.lru_cache(maxsize=32)
def _stemming(code: str) -> tuple[Callable[[str], str], frozenset[str]]:
    """The stemmer and the function words for texts in a language."""
    claimed = {
        spoken.code: re.compile(spoken.writing.letters) for spoken in languages_of(code) if spoken.writing.letters
    }
    stems = [(letters, _stem(other)) for other, letters in claimed.items()]
    rest = next(spoken.code for spoken in languages_of() if not spoken.writing.letters)
    stem_rest = _stem(code if code in table(_FACTS)["stemmers"] and code not in claimed else rest)

    @functools.lru_cache(maxsize=_CACHED)
    def stem(word: str) -> str:
        for letters, stem_claimed in stems:
            if letters.match(word):
                return stem_claimed(word)
        return stem_rest(word)

    return stem, merged(CommonWords, code).function_words


def _stem(code: str) -> Callable[[str], str]:
    known, algorithm = language(code), table(_FACTS)["stemmers"].get(code)
    stem_word: Callable[[str], str] = Stemmer.Stemmer(algorithm).stemWord if algorithm else str
    if known is None or type(known.morphology) is Morphology:
        return stem_word
    without_prefixes = known.morphology.without_prefixes
    return lambda word: stem_word(without_prefixes(word))
