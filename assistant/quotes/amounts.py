"""Whether the figures of a statement are those of its quotes: the same values, bounds and places."""

import re
from collections.abc import Sequence
from decimal import Decimal

from assistant.quotes.bounds import unbounded
from assistant.quotes.places import misplaced
from ingest.text import Figure, figures, folded, quantities, unit_of, without_clitic

_TWO = re.compile(r"\b(?:both|pair|couple|twice|double|twins?)\b|\b\w{2,}ت(?:ين|ان)\b|\bكلتا\b")


def missing(statement: str, quotes: Sequence[str]) -> list[str]:
    """The figures of a statement that its quotes do not hold so, as they are written in it."""
    held = [figure for quote in quotes for figure in figures(quote)]
    own = figures(statement)
    flat = folded(" ".join(quotes))
    faults = [figure.words for figure in own if not _held(figure, held, flat)]
    if own and not faults:
        faults = [*unbounded(own, held, flat), *misplaced(statement, quotes)]
    return list(dict.fromkeys(faults))


def _held(figure: Figure, held: Sequence[Figure], flat: str) -> bool:
    """Whether the quotes hold this figure, in digits, words or another way of writing it."""
    if figure.kind == "time":
        return any(_same_time(figure, other) for other in held)
    if figure.kind == "vague":
        return any(_vaguely(figure.value, other) for other in held)
    same = [other for other in held if (other.kind, other.value) == (figure.kind, figure.value)]
    if figure.kind != "number":
        return bool(same)
    if (noun := _of_two(figure)) and same and all(_of_two(other) not in ("", noun) for other in same):
        return False
    if any(None in (figure.percent, other.percent) or figure.percent == other.percent for other in same):
        return True
    if figure.value == 2 and not figure.percent and _TWO.search(flat):
        return True
    return any(figure.is_part(other) or _same_time(other, figure) for other in held)


def _of_two(figure: Figure) -> str:
    """What an Arabic dual counts: «شهرين» is two of «شهر»; empty for other figures."""
    bare = without_clitic(figure.words)
    return (unit_of(bare) or re.sub("ت?(?:ين|ان)$", "", bare)) if bare in quantities.TWO else ""


def _same_time(one: Figure, other: Figure) -> bool:
    """Whether two times may be the same: without a word for the half of the day, "2:30" may be "14:30"."""
    values = [str(f.value) if f.kind == "time" else f"{f.value}:00" for f in (one, other)]
    if "time" not in (one.kind, other.kind) or not {one.kind, other.kind} <= {"time", "number"}:
        return False
    (first, early), (second, late) = ((value.removesuffix(" am"), value.endswith(" am")) for value in values)
    if first == second:
        return True
    if early or late or not all(re.fullmatch(r"\d+:\d\d", value) for value in (first, second)):
        return False
    hours = [int(value.split(":")[0]) for value in (first, second)]
    return abs(hours[0] - hours[1]) == 12 and first.split(":")[1] == second.split(":")[1]


def _vaguely(scale: Decimal | str, other: Figure) -> bool:
    if isinstance(scale, str) or isinstance(other.value, str):
        return False
    if other.kind == "vague":
        return other.value == scale
    return other.kind == "number" and 2 * scale <= other.value < 1000 * scale
