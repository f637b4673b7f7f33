"""Figures of two sentences, compared by kind: a number with a number, a weekday with a weekday."""

import bisect
import functools
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from ingest.duplicates.shingles import Sentence, content_roots
from ingest.language import Figure
from ingest.language.data import merged
from ingest.language.patterns import any_of

_LAST_DAY = 31  # of a month


@dataclass(frozen=True)
class Duals:
    """How a language says "two" by the form of a noun; most have no such form."""

    TOPIC: ClassVar[str] = "duals"

    endings: frozenset[str]


def contradict(one: Sentence, other: Sentence, language: str) -> bool:
    """Whether each of two sentences has a figure of one kind that the other lacks."""
    mine, theirs = _by_kind(one), _by_kind(other)
    if any(mine[kind] - theirs[kind] and theirs[kind] - mine[kind] for kind in mine.keys() & theirs.keys()):
        return True
    return _contradicts_dual(one, other, language) or _contradicts_dual(other, one, language)


def is_date(figure: Figure, figures: Sequence[Figure]) -> bool:
    """Whether a number is a day of the month that stands beside it: "7 June", "June 7", "the 7th of June".

    Args:
        figure: one of the sentence's figures.
        figures: all of them, in order.
    """
    if figure.kind != "number" or not 1 <= Decimal(figure.value) <= _LAST_DAY:
        return False
    index = bisect.bisect_left(figures, figure.start, key=lambda other: other.start)
    beside = figures[max(0, index - 1) : index + 3]
    months = (other for other in beside if other.kind == "month")
    return any(0 <= month.start - figure.end <= 1 or figure.start == month.end for month in months)


def _by_kind(sentence: Sentence) -> Mapping[str, set[Decimal | str]]:
    values: dict[str, set[Decimal | str]] = defaultdict(set)
    for figure in sentence.figures:
        kind = "date" if is_date(figure, sentence.figures) else figure.kind
        values[kind].add(_on_the_dial(str(figure.value)) if kind == "time" else figure.value)
    return values


def _on_the_dial(time: str) -> str:
    """A time as a dial shows it, 2:30 for "14:30": few texts say which half of the day they mean."""
    hour, minute = time.removesuffix(" am").split(":")
    return f"{int(hour) % 12}:{minute}"


def _contradicts_dual(one: Sentence, other: Sentence, language: str) -> bool:
    """Whether a sentence counts things of which the other has two, by the form of the noun alone."""
    counted = _counted(one) - _counted(other)
    if not counted:
        return False
    duals = (match.group(1) for match in _dual(language).finditer(other.folded) if match.group() not in one.words)
    return any(not counted.isdisjoint(content_roots(stem)) for stem in duals)


@functools.cache
def _dual(language: str) -> re.Pattern[str]:
    return re.compile(rf"\b(\w{{3,}}){any_of(merged(Duals, language).endings)}\b")


def _counted(sentence: Sentence) -> frozenset[str]:
    """The roots of the words behind the numbers."""
    behind = (figure.after[0] for figure in sentence.figures if figure.kind == "number" and figure.after)
    return frozenset(term for word in behind for term in content_roots(word))
