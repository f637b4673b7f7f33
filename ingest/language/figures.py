"""The figures of a text: numbers in digits and words, per cents, times, months, days, currencies; Arabic and English.

"640 million", «٦٤٠ مليون» and "640,000,000" are one figure; "500,000" and "1,500,000" are two.
"""

import dataclasses
import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.language import quantities as known
from ingest.language.fold import folded
from ingest.language.numbers import NUMBER, and_a_half, number, percent, without_clitic
from ingest.language.numerals import DAYS, MONTHS

_TIME = r"\d{1,2}:\d\d(?!\d)"
_TOKEN = re.compile(rf"[$€£¥%]|{_TIME}|(?<![^ (])-(?=\d){NUMBER}|{NUMBER}(?:st|nd|rd|th)?|[^\W\d_]+")
_SPACED = re.compile(r"(?<=\d)[ \u00a0](?=\d{3}(?!\d))")  # 1 500 000
_POINTED = re.compile(r"\b(\d{1,2})\.(\d\d)(?= ?[ap]\.?m\b)")  # 2.30pm
_HALF_DAY = re.compile(r"(?<=\d) ?([ap])\.m\.?(?!\w)")  # p.m.
_GLUED = re.compile(r"(?<=\d)(m|k|bn|tn|mln)(?![^\W\d_])")  # $3.2m; "3.2 m" are metres
_DATE = re.compile(r"\b(?:(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{1,2})([-/.])(\d{1,2})\6(\d{4}))\b")
_MINUS = re.compile(r"\b(?:minus|ناقص) (?=\d)")
_NEAR = 8  # words before a figure that may say what it is of
_PARTS = {"half": 30, "quarter": 15}  # minutes
_ARABIC_PARTS = {"والنصف": 30, "ونصف": 30, "والربع": 15, "وربع": 15, "والثلث": 20, "وثلث": 20, "الا ربعا": -15,
                 "الا ربع": -15, "الا الربع": -15, "الا ثلثا": -20, "الا الثلث": -20}  # fmt: skip
_MONTH_NAMES = tuple("january february march april may june july august september october november december".split())
_AFTER_NOON = frozenset({"pm", "مساء"})
_BEFORE_NOON = frozenset({"am", "صباحا", "فجرا"})
_RANGE = frozenset({"to", "and", "or", "الي", "و", "او"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Attributes:
        kind: "number", "vague" ("thousands of"), "time", "month", "day" or "currency".
        value: of a number its value, of a time "14:30", of the others their name in the tables.
        percent: whether a mark of it follows; None for the first number of a range: "3 to 5 percent".
        words: as they stand in the folded text.
        before: up to eight folded words before it.
        after: up to two folded words behind it and its mark of percent.
        start: the place of its first folded word in the text, and `end` behind its last.
    """

    kind: str
    value: Decimal | str
    percent: bool | None = False
    words: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    start: int = 0
    end: int = 0

    def is_part(self, other: "Figure") -> bool:
        """Whether one is the other in per cent: half is 50 per cent."""
        if isinstance(self.value, str) or isinstance(other.value, str) or bool(self.percent) == bool(other.percent):
            return False
        part, whole = (self.value, other.value) if other.percent else (other.value, self.value)
        return 0 < part < 1 and part * 100 == whole


@functools.lru_cache(maxsize=2048)  # sentences: each is looked at by several checks
def figures(text: str) -> tuple[Figure, ...]:
    """The figures of a text, in order. "one" and «واحد» are words of too many uses to be figures."""
    tokens = _TOKEN.findall(_written_out(folded(text)))
    capital_may = re.search(r"\bMay\b", text) is not None
    found = list(_read(tokens, capital_may))
    for place, (first, second) in enumerate(itertools.pairwise(found)):
        if second.percent and first.kind == second.kind == "number" and not first.percent:
            if all(token in _RANGE for token in tokens[first.end : second.start]):
                found[place] = dataclasses.replace(first, percent=None)
    return tuple(found)


def goes_on(after: str) -> bool:
    """Whether a folded text that stands behind a number makes it larger: " million", « الف»."""
    match = re.match(r"[ -]?([^\W\d_]+)", after)
    word = match.group(1) if match else ""
    return word in known.SCALES or word == "m" or word in known.ARABIC_SCALES or word in known.ARABIC_DUALS


def _written_out(text: str) -> str:
    """A folded text whose dates, times and glued scales are written as the reader of tokens knows them."""
    text = _DATE.sub(_long_date, text)
    text = _HALF_DAY.sub(r" \1m", _POINTED.sub(r"\1:\2", text))
    text = _GLUED.sub(lambda match: " mln" if match.group() == "m" else f" {match.group()}", text)
    return _MINUS.sub("-", _SPACED.sub("", text))


def _long_date(match: re.Match[str]) -> str:
    """A date in digits with the name of its month; of two that may be a month it is the second, as most write it."""
    year, month, day = match.group(1), match.group(3), match.group(4)
    if year is None:
        day, month, year = match.group(5), match.group(7), match.group(8)
    if int(month) > 12:
        day, month = month, day
    if not 1 <= int(month) <= 12:
        return match.group()
    return f"{int(day)} {_MONTH_NAMES[int(month) - 1]} {year}"


def _read(tokens: Sequence[str], capital_may: bool) -> Iterator[Figure]:
    place = 0
    while place < len(tokens):
        figure, used = _next(tokens, place, capital_may)
        if figure:
            yield dataclasses.replace(
                figure,
                words=" ".join(tokens[place : place + used]),
                before=tuple(tokens[max(0, place - _NEAR) : place]),
                after=tuple(tokens[place + used : place + used + 2]),
                start=place,
                end=place + used,
            )
        place += used


def _next(tokens: Sequence[str], place: int, capital_may: bool) -> tuple[Figure | None, int]:
    """The figure that begins here, if one does, and how many tokens it is."""
    token = tokens[place]
    bare = without_clitic(token)
    pair = (bare.removeprefix("و"), tokens[place + 1]) if place + 1 < len(tokens) else ("", "")
    if pair in known.MONTH_PAIRS:
        return Figure("month", str(known.MONTH_PAIRS[pair])), 2
    if pair in known.HIJRI_PAIRS:
        return Figure("month", f"hijri {known.HIJRI_PAIRS[pair]}"), 2
    if ":" in token:
        return _time(tokens, place, token, 1)
    if clock := _clock(tokens, place):
        return clock
    value, used = number(tokens, place)
    if used:
        if used == 1 and re.fullmatch(r"\d{1,2}", token) and tokens[place + 1 : place + 2] and value <= 12:
            figure, taken = _time(tokens, place, f"{token}:00", 1)
            if taken > 1:
                return figure, taken
        marked = percent(tokens, place + used)
        return Figure("number", value, percent=marked > 0), used + marked
    if bare in known.VAGUE:
        return Figure("vague", Decimal(known.VAGUE[bare])), 1
    if bare in known.TWO:
        half = and_a_half(tokens, place + 1)
        return Figure("number", Decimal("2.5" if half else 2)), 1 + half
    if bare in MONTHS and (bare != "may" or capital_may):
        return Figure("month", str(MONTHS[bare])), 1
    if bare in known.HIJRI:
        return Figure("month", f"hijri {known.HIJRI[bare]}"), 1
    if bare in DAYS:
        return Figure("day", str(DAYS[bare])), 1
    if bare in known.CURRENCIES:
        return Figure("currency", known.CURRENCIES[bare]), 1
    return None, 1


def _time(tokens: Sequence[str], place: int, written: str, used: int) -> tuple[Figure, int]:
    """A time of day as "14:30", of 24 hours where the text says which half of the day."""
    hour, minute = (int(part) for part in written.split(":"))
    following = tokens[place + used : place + used + 2]
    if following[:1] and (following[0] in _AFTER_NOON or tuple(following) == ("بعد", "الظهر")):
        return Figure("time", f"{hour % 12 + 12}:{minute:02}"), used + (1 if following[0] in _AFTER_NOON else 2)
    if following[:1] and following[0] in _BEFORE_NOON:
        return Figure("time", f"{hour % 12}:{minute:02} am"), used + 1
    return Figure("time", f"{hour}:{minute:02}"), used


def _clock(tokens: Sequence[str], place: int) -> tuple[Figure, int] | None:
    """A time in words with a part of an hour: "half past eight", «الثامنة والنصف مساء», «التاسعة إلا ربعا»."""
    minutes, used = 0, 0
    first = place + (tokens[place] == "a")
    said = tokens[first : first + 3]
    if len(said) == 3 and said[0] in _PARTS and said[1] in ("past", "to"):
        hour, words = number(tokens, first + 2)
        minutes, used = _PARTS[said[0]] * (1 if said[1] == "past" else -1), first + 2 + words - place
    elif tokens[place] in known.ARABIC_ORDINALS and tokens[place].startswith("ال"):
        hour, words = number(tokens, place)
        behind = " ".join([*tokens[place + words : place + words + 2], ""])
        if part := next((part for part in _ARABIC_PARTS if behind.startswith(f"{part} ")), ""):
            minutes, used = _ARABIC_PARTS[part], words + len(part.split())
    if not minutes or not 1 <= hour <= 12:
        return None
    whole = int(hour) * 60 + minutes
    return _time(tokens, place, f"{whole // 60}:{whole % 60:02}", used)
