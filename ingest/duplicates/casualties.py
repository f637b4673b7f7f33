"""Compare the casualties that two texts report.

Figures are compared between similar sentences only, so those of a rewritten lead are not. A new number of casualties
there still makes the text an update.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from ingest.duplicates.amounts import is_date
from ingest.duplicates.shingles import ComparableText, Sentence
from ingest.language import Figure, NumberWords
from ingest.language.data import merged
from ingest.language.patterns import alternation

_BEFORE, _AFTER, _TO_RISEN = 6, 3, 8
"""Most words between a number and the word for the casualties: "31 people are now known to have died", "killed 31
miners", "the toll of the explosion in the mine rose to 31". Chosen on 90 counts in 1,000 Arabic articles."""
_KINDS = ("dead", "injured")


@dataclass(frozen=True)
class Casualties:
    """The words for the dead and the injured.

    Attributes:
        dead: words for people who died: "killed", "victims".
        injured: words for people who were injured.
        before: prefixes of such a word.
        units: units of numbers that count no people: "years", "km".
        interruptions: words that cannot be between a number and the word for the casualties.
        risen: words between "the toll" and its new number.
        totals: words in front of "dead" if the number follows: "the number of the dead at 31".
        totals_at: the word in front of that number.
        hedges: words about a number that are ignored: "at least". A number is written "#31".
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
    """Whether two texts give different numbers of dead or of injured, each of which the other lacks."""
    mine, theirs = _casualties(one), _casualties(other)
    return any(mine[kind] - theirs[kind] and theirs[kind] - mine[kind] for kind in _KINDS)


@functools.lru_cache(maxsize=64)
def _casualties(text: ComparableText) -> Mapping[str, set[str]]:
    """The numbers of dead and of injured that a text gives."""
    numbers: dict[str, set[str]] = {kind: set() for kind in _KINDS}
    for sentence in text.sentences:
        for kind in _KINDS:
            if _word(kind, text.language).search(sentence.folded):
                marked = _hedges(text.language).sub("", _with_marked_numbers(sentence))
                for match in _counted(kind, text.language).finditer(marked):
                    numbers[kind].update(filter(None, match.groups()))
    return numbers


def _with_marked_numbers(sentence: Sentence) -> str:
    """The folded sentence with its whole numbers as marked digits: "#25 others were hurt"."""
    text = sentence.folded
    pieces: list[str] = []
    offset = 0
    for figure in sentence.figures:
        if not _may_count_people(figure, sentence):
            continue
        written = r"\W+".join(map(re.escape, figure.words.split()))
        if match := re.compile(rf"(?<!\d){written}(?!\d)").search(text, offset):
            pieces += [text[offset : match.start()], f"#{figure.value:f}"]
            offset = match.end()
    return "".join([*pieces, text[offset:]])


def _may_count_people(figure: Figure, sentence: Sentence) -> bool:
    """Whether a figure is a whole number that is neither a date, a percentage nor an ordinal."""
    if figure.kind != "number" or figure.percent or is_date(figure, sentence.figures):
        return False
    value, ordinals = Decimal(figure.value), merged(NumberWords, sentence.language).ordinals
    return value == value.to_integral_value() and ordinals.keys().isdisjoint(figure.words.split())


@functools.cache
def _word(kind: str, language: str) -> re.Pattern[str]:
    known = merged(Casualties, language)
    return re.compile(rf"\b(?:{alternation(known.before)}?{alternation(getattr(known, kind))})\b")


@functools.cache
def _hedges(language: str) -> re.Pattern[str]:
    return re.compile(rf"\b{alternation(merged(Casualties, language).hedges)} ")


@functools.cache
def _counted(kind: str, language: str) -> re.Pattern[str]:
    """Matches a number of dead or injured, in front of the word for them or behind it.

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
