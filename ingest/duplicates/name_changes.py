"""Whether a sentence names other people than a sentence like it: the template of an appointment, a transfer."""

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
_LONGEST = 100  # letters of a name that are compared
_UNLIKE = 0.5
"""Of the letters in order, by difflib, without articles and spaces: 15 names spelled in two ways have .61 to 1.0, as
"Muammar Gaddafi" and "Moamer Kadhafi"; 12 pairs of names of two people .11 to .42."""


@dataclass(frozen=True)
class Titles:
    """Words before a name, for scripts without capitals."""

    TOPIC: ClassVar[str] = "titles"

    titles: re.Pattern[str]


def replaced(one: str, other: str, known: tuple[frozenset[str], frozenset[str]], language: str) -> bool:
    """Whether two sentences give different names behind the same word.

    Args:
        one: a sentence.
        other: the sentence of the other text that is most like it.
        known: the folded words of each text. A name that both texts have was only moved.
        language: of the sentences, ISO 639-1.
    """
    mine, theirs = _names(one, language), _names(other, language)
    return any(
        known[1].isdisjoint(mine[before])
        and known[0].isdisjoint(theirs[before])
        and _are_unlike(mine[before], theirs[before], language)
        for before in mine.keys() & theirs.keys()
    )


def _are_unlike(mine: Sequence[str], theirs: Sequence[str], language: str) -> bool:
    known = merged(Proclitics, language)
    one, other = sorted("".join(map(known.without_article, name))[:_LONGEST] for name in (mine, theirs))
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() < _UNLIKE


@functools.lru_cache(maxsize=2_000)
def _names(sentence: str, language: str) -> Mapping[str, Sequence[str]]:
    """The folded names of two words or more, by the word before each: the title, where there are no capitals."""
    found = [*_CAPITALIZED.findall(sentence), *_titled(language).findall(folded(sentence))]
    return {before: words(name) for before, name in found}


@functools.cache
def _titled(language: str) -> re.Pattern[str]:
    attached = merged(Proclitics, language)
    before = any_of(attached.conjunctions | attached.prepositions)
    return re.compile(rf"\b{before}?({alternation(merged(Titles, language).titles)}) (\w+ \w+)")
