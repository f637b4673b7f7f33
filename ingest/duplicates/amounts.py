"""Compare the figures of two sentences by kind: numbers with numbers, weekdays with weekdays."""

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
    """Endings of nouns that mean two of something; most languages have none."""

    TOPIC: ClassVar[str] = "duals"

    endings: frozenset[str]


def contradict(one: Sentence, other: Sentence, language: str) -> bool:
    """Whether two sentences have different figures of one kind, each of which the other lacks."""
    mine, theirs = _by_kind(one), _by_kind(other)
    if any(mine[kind] - theirs[kind] and theirs[kind] - mine[kind] for kind in mine.keys() & theirs.keys()):
        return True
    return _contradicts_dual(one, other, language) or _contradicts_dual(other, one, language)


def is_date(figure: Figure, figures: Sequence[Figure]) -> bool:
    """Whether a number is the day of a month beside it: "7 June", "June 7", "the 7th of June".

    Args:
        figure: one of the sentence's figures.
        figures: all figures of the sentence, in order.
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
        values[kind].add(_twelve_hour_time(str(figure.value)) if kind == "time" else figure.value)
    return values


def _twelve_hour_time(time: str) -> str:
    """Write "14:30" as "2:30", because few texts say which half of the day they mean."""
    hour, minute = time.removesuffix(" am").split(":")
    return f"{int(hour) % 12}:{minute}"


def _contradicts_dual(one: Sentence, other: Sentence, language: str) -> bool:
    """Whether one sentence counts things of which the other has two, said by the ending of the noun alone."""
    counted = _counted(one, language) - _counted(other, language)
    if not counted:
        return False
    duals = (match.group(1) for match in _dual(language).finditer(other.folded) if match.group() not in one.words)
    return any(not counted.isdisjoint(content_roots(stem, language)) for stem in duals)


@functools.cache
def _dual(language: str) -> re.Pattern[str]:
    return re.compile(rf"\b(\w{{3,}}){any_of(merged(Duals, language).endings)}\b")


def _counted(sentence: Sentence, language: str) -> frozenset[str]:
    """The roots of the words directly behind numbers."""
    behind = (figure.after[0] for figure in sentence.figures if figure.kind == "number" and figure.after)
    return frozenset(term for word in behind for term in content_roots(word, language))
