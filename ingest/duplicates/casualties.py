"""How many dead and injured a text counts.

A rewritten lead is like no sentence of the other text, so its figures are compared with nothing; but a newer count of
casualties makes an update of otherwise the same words.
"""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from ingest.duplicates.amounts import is_date
from ingest.duplicates.shingles import ComparableText, Sentence
from ingest.language import Figure, NumberWords
from ingest.language.data import merged
from ingest.language.patterns import alternation

_BEFORE, _AFTER, _TO_RISEN = 6, 3, 8
"""Words that may stand between a number and the word that says what it counts: "31 people are now known to have died",
"killed 31 miners", "the toll of the explosion in the mine rose to 31". Read off 90 counts in 1,000 Arabic articles."""
_KINDS = ("dead", "injured")


@dataclass(frozen=True)
class Casualties:
    """The words that count dead and injured.

    Attributes:
        dead: words that say that people died, or that count them.
        injured: the same for the injured.
        before: what may be written in one with such a word, before it.
        units: what is no person: years, kilometres.
        interruptions: words that end the phrase between a number and what it counts.
        risen: words between "the toll" and its new number.
        totals: words before "dead" where the number comes last: "the number of the dead at 31".
        totals_at: the word before that number.
        hedges: words about a number that say nothing of what it counts: "at least". A number stands as "#31".
    """

    TOPIC: ClassVar[str] = "casualties"

    dead: re.Pattern[str]
    injured: re.Pattern[str]
    before: re.Pattern[str]
    units: re.Pattern[str]
    interruptions: re.Pattern[str]
    risen: re.Pattern[str]
    totals: re.Pattern[str]
    totals_at: re.Pattern[str]
    hedges: re.Pattern[str]


def differ(one: ComparableText, other: ComparableText) -> bool:
    """Whether each of two texts counts a number of dead, or of injured, that the other does not."""
    mine, theirs = _casualties(one), _casualties(other)
    return any(mine[kind] - theirs[kind] and theirs[kind] - mine[kind] for kind in _KINDS)


@functools.lru_cache(maxsize=64)
def _casualties(text: ComparableText) -> Mapping[str, set[str]]:
    """The numbers of dead and of injured that a text gives."""
    return {
        kind: {number for sentence in text.sentences for number in _in_sentence(sentence, kind, text.language)}
        for kind in _KINDS
    }


def _in_sentence(sentence: Sentence, kind: str, language: str) -> Iterator[str]:
    if _word(kind, language).search(sentence.folded):
        hedges = _hedges(language)
        for match in _counted(kind, language).finditer(hedges.sub("", _with_marked_numbers(sentence))):
            yield from filter(None, match.groups())


def _with_marked_numbers(sentence: Sentence) -> str:
    """A folded sentence with its whole numbers in digits behind a mark: "#25 others were hurt"."""
    text = sentence.folded
    pieces: list[str] = []
    offset = 0
    for figure in sentence.figures:
        if not _may_count_people(figure, sentence.figures):
            continue
        written = r"\W+".join(map(re.escape, figure.words.split()))
        if match := re.compile(rf"(?<!\d){written}(?!\d)").search(text, offset):
            pieces += [text[offset : match.start()], f"#{figure.value:f}"]
            offset = match.end()
    return "".join([*pieces, text[offset:]])


def _may_count_people(figure: Figure, figures: Sequence[Figure]) -> bool:
    """Whether a figure is a whole number and neither a date, a percentage nor an ordinal."""
    if figure.kind != "number" or figure.percent or is_date(figure, figures):
        return False
    value = Decimal(figure.value)
    return value == value.to_integral_value() and merged(NumberWords).ordinals.keys().isdisjoint(figure.words.split())


@functools.cache
def _word(kind: str, language: str) -> re.Pattern[str]:
    known = merged(Casualties, language)
    return re.compile(rf"\b(?:{alternation(known.before)}?{alternation(getattr(known, kind))})\b")


@functools.cache
def _hedges(language: str) -> re.Pattern[str]:
    return re.compile(rf"\b{alternation(merged(Casualties, language).hedges)} ")


@functools.cache
def _counted(kind: str, language: str) -> re.Pattern[str]:
    """A number that counts the dead or the injured, before the word for them or behind it.

    "31 miners were killed", "killed 31 miners", "the toll rose to 31", "the number of the dead at 31".
    """
    known = merged(Casualties, language)
    word = _word(kind, language).pattern
    number = rf"#(\d++)(?![ -]{alternation(known.units)}\b)"
    between = rf"(?: (?!{alternation(known.interruptions)}|{alternation(known.dead, known.injured)}\b)[\w'-]+)"
    patterns = (
        rf"{number}{between}{{0,{_BEFORE}}} {alternation(getattr(known, kind))}\b",
        rf"{word}{between}{{0,{_AFTER}}} {number}",
        rf"{word}(?: [\w'-]+){{0,{_TO_RISEN}}} {alternation(known.risen)} {number}",
        rf"\b{alternation(known.totals)}{word} {alternation(known.totals_at)} {number}",
    )
    return re.compile("|".join(patterns))
