"""Tell whether two similar sentences name different people, as two reports of appointments or transfers do."""

import difflib
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ingest.language import folded, words
from ingest.language.data import merged
from ingest.language.patterns import alternation, any_of
from ingest.language.proclitics import Proclitics

_CAPITALIZED = re.compile(r"\b(\w+) ([A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+)")
_MAX_LETTERS = 100  # of a name that are compared
_SAME_NAME = 0.5
"""Ratio of difflib from which two spellings are one name, without articles and spaces. 15 pairs of spellings such as
"Muammar Gaddafi" and "Moamer Kadhafi" have .61 to 1.0, 12 pairs of two people's names .11 to .42."""


@dataclass(frozen=True)
class Titles:
    """Titles in front of a name. Scripts without capitals have no other sign of a name."""

    TOPIC: ClassVar[str] = "titles"

    titles: re.Pattern[str]


def replaced(one: str, other: str, known: tuple[frozenset[str], frozenset[str]], language: str) -> bool:
    """Whether two sentences give different names behind the same word.

    Args:
        one: a sentence.
        other: the sentence of the other text that is most similar to it.
        known: the folded words of each text. A name that both texts have was only moved.
        language: of the sentences, ISO 639-1.
    """
    mine, theirs = _names(one, language), _names(other, language)
    return any(
        known[1].isdisjoint(mine[before])
        and known[0].isdisjoint(theirs[before])
        and not _are_spellings(mine[before], theirs[before], language)
        for before in mine.keys() & theirs.keys()
    )


def _are_spellings(name: Sequence[str], other_name: Sequence[str], language: str) -> bool:
    """Whether two names are spellings of one."""
    proclitics = merged(Proclitics, language)
    one, other = sorted("".join(map(proclitics.without_article, parts))[:_MAX_LETTERS] for parts in (name, other_name))
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() >= _SAME_NAME


@functools.lru_cache(maxsize=2_000)
def _names(sentence: str, language: str) -> Mapping[str, Sequence[str]]:
    """The folded words of each name, by the word in front of it. In scripts without capitals, that is a title."""
    names = [*_CAPITALIZED.findall(sentence), *_titled(language).findall(folded(sentence))]
    return {before: words(name) for before, name in names}


@functools.cache
def _titled(language: str) -> re.Pattern[str]:
    """Matches a title and the two words behind it."""
    proclitics = merged(Proclitics, language)
    prefix = any_of(proclitics.conjunctions | proclitics.prepositions)
    return re.compile(rf"\b{prefix}?({alternation(merged(Titles, language).titles)}) (\w+ \w+)")
