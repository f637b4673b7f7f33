"""Figures by kind: a number differs from a number, a weekday from a weekday, never one from the other."""

import bisect
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ingest.duplicates.shingles import Sentence, roots
from ingest.language import Figure

_LAST_DAY = 31  # of a month
_DUAL = re.compile(r"\b(\w{3,})(?:ان|ين)\b")


def contradict(one: Sentence, other: Sentence) -> bool:
    """Whether each of two sentences has a figure of one kind that the other has not."""
    mine, theirs = _by_kind(one), _by_kind(other)
    if any(mine[kind] - theirs[kind] and theirs[kind] - mine[kind] for kind in mine.keys() & theirs.keys()):
        return True
    return _outnumbers(one, other) or _outnumbers(other, one)


def is_date(figure: Figure, found: Sequence[Figure]) -> bool:
    """Whether a number is a day of the month that stands beside it: "7 June", "June 7", "the 7th of June"."""
    if figure.kind != "number" or not 1 <= Decimal(figure.value) <= _LAST_DAY:
        return False
    place = bisect.bisect_left(found, figure.start, key=lambda other: other.start)
    beside = found[max(0, place - 1) : place + 3]  # they stand in order
    months = (other for other in beside if other.kind == "month")
    return any(0 <= month.start - figure.end <= 1 or figure.start == month.end for month in months)


def _by_kind(sentence: Sentence) -> Mapping[str, set[Decimal | str]]:
    values: dict[str, set[Decimal | str]] = defaultdict(set)
    for figure in sentence.figures:
        kind = "date" if is_date(figure, sentence.figures) else figure.kind
        values[kind].add(_clock(str(figure.value)) if kind == "time" else figure.value)
    return values


def _clock(time: str) -> str:
    """A time as a clock shows it: 2:30 of "14:30", because few texts say which half of the day they mean."""
    hour, minute = time.removesuffix(" am").split(":")
    return f"{int(hour) % 12}:{minute}"


def _outnumbers(one: Sentence, other: Sentence) -> bool:
    """Whether a sentence counts things that in the other are two, by their form: «ثلاث عائلات», «عائلتان»."""
    counted = _counted(one) - _counted(other)
    if not counted:
        return False
    duals = (match.group(1) for match in _DUAL.finditer(other.folded) if match.group() not in one.words)
    return any(not counted.isdisjoint(roots(dual)) for dual in duals)


def _counted(sentence: Sentence) -> frozenset[str]:
    """The roots of the words behind the numbers."""
    behind = (figure.after[0] for figure in sentence.figures if figure.kind == "number" and figure.after)
    return frozenset(term for word in behind for term in roots(word))
