"""Read a publication date as news sources write it.

A date without a day ("March 2019", "yesterday") is not read. In 03/04/2019 the day comes first, as in the Arab world
and Europe.
"""

import functools
import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime

from ingest.language.calendar import Calendar, Clock
from ingest.language.data import merged
from ingest.language.fold import folded
from ingest.language.numbers import number_reader
from ingest.language.patterns import any_of

_MAX_LENGTH = 120  # characters: a line with a date, its weekday and "last updated at" has fewer than 80
_YEARS = range(1800, 2101)
_ZONES = {
    **{"z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6},
    **{"pst": -8, "pdt": -7, "wet": 0, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3},
}

_EPOCH = re.compile(
    r"(?P<seconds>-?\d{9,10})(?P<fraction>\.\d+)?|(?P<milliseconds>\d{12,13})|(?P<microseconds>\d{15,16})"
)
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?")
_RFC_822 = re.compile(r"\d{1,2} [a-z]{3} \d{2} \d{1,2}:\d{2}")


def parse_date(text: str, *, keep_day: bool = False, language: str = "") -> datetime:
    """Read a date, with its time where it has one.

    The formats are ISO 8601 (a time without a zone is UTC), "20160920", day/month/year (month/day/year if there is no
    such month), RFC 2822, seconds, milliseconds or microseconds since 1970, and names of months, in digits of any
    script. A few words such as a weekday may be around the date.

    Args:
        text: a date, on one line.
        keep_day: keep the written day if UTC has another one: 01:30 in Cairo becomes the first moment of its day.
        language: ISO 639-1; names of months in other scripts are read in the default languages (see `data`).

    Returns:
        Aware, UTC; midnight if there is no time.

    Raises:
        ValueError: the date is not understood, or its year is not between 1800 and 2100.
    """
    shown = f"the date {text[:80]!r}"
    try:
        local = _parse(text, _grammar(language))
        result = local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{shown} is not understood{': ' if str(error) else ''}{error}") from error
    if result.year not in _YEARS:
        raise ValueError(f"{shown} is not between {_YEARS[0]} and {_YEARS[-1]}")
    if keep_day and result.date() != local.date():
        return datetime.combine(local.date(), time() if result.date() < local.date() else time(23, 59, 59), UTC)
    return result


class _Grammar:
    """The patterns of dates and times in one language.

    Attributes:
        months: the number of each month, by its names.
        dates: match a date; tried in this order.
        hijri: matches a date in the Hijri calendar.
        time: matches a time of day.
    """

    def __init__(self, language: str) -> None:
        calendar, self._clock = merged(Calendar, language), merged(Clock, language)
        self.months = calendar.months
        name = any_of(calendar.months)
        # A month may have both of its names: "آذار/مارس", "آذار (مارس)".
        month = rf"(?<![^\W\d_])(?P<name>{name})(?![^\W\d_])\.?(?:\s*[/(-]\s*(?P<other>{name})(?![^\W\d_])\s*\)?)?"
        day = rf"(?<!\d)(?P<d>\d{{1,2}}){number_reader(language).suffixes}?"
        year, gap, clock = r"(?P<y>\d{4})(?!\d)", r"[\s,./-]*", r"\d{1,2}:\d{2}(?::\d{2})?(?:\s+[a-z]{2,5})?"
        before_month, before_year = any_of(calendar.before_month), any_of(calendar.before_year)
        self.dates = tuple(
            re.compile(pattern)
            for pattern in (
                r"(?<!\d)(?P<y>\d{4})\s?(?P<between>[-/.])\s?(?P<m>\d{1,2})\s?(?P=between)\s?(?P<d>\d{1,2})(?!\d)",
                r"(?<!\d)(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?=t|\s|$)",
                r"(?<![\d:])(?P<d>\d{1,2})\s?(?P<mark>[-/.])\s?(?P<m>\d{1,2})\s?(?P=mark)\s?(?P<y>\d{4})(?!\d)",
                rf"{day}(?:\s*{before_month}(?![^\W\d_]))?{gap}{month}{gap}{before_year}?\s*{year}",
                rf"{month}{gap}{day}{gap}{year}",
                rf"(?<!\d){year}{gap}{month}{gap}{day}(?!\d)",
                rf"{month}\s+{day}\s+(?P<clock>{clock})\s+{year}",  # as C's asctime and date(1)
            )
        )
        self.hijri = re.compile(
            rf"\d{{1,2}}[\s/-][^\d]{{0,20}}?(?:\d{{1,2}}[\s/-])?\s*1[34]\d\d\s*{any_of(calendar.hijri_era)}?\b"
        )
        words = self._clock
        half_days = [
            *map(re.escape, (words.before_noon | words.after_noon | words.noon | words.night) - words.dotted),
            *(rf"{letters}\b" for letters in words.before_noon_letters | words.after_noon_letters),
            *(r"\.?".join(mark) + r"\b\.?" for mark in words.dotted),
        ]
        self.time = re.compile(
            r"(?<!\d)(?:(?<=t)(?P<H>\d{2})(?:(?P<M>\d{2})(?P<S>\d{2})?)?(?![\d:])"
            r"|(?P<h>\d{1,2})[:h.](?P<m>\d{2})(?:[:.](?P<s>\d{2}))?)"
            rf"(?:[.,](?P<fraction>\d{{1,9}}))?\s*(?P<half_day>{any_of(half_days, are_patterns=True)})?"
            r"\s*\(?(?:(?P<zone>[a-z]{1,4})(?![a-z]))?\s*(?P<offset>[+-]\s?\d{1,2}(?::?\d{2})?(?!\d))?\)?"
        )

    def hour(self, hour: int, half_day: str) -> int:
        """The hour from 0 to 23 of a written hour and the half of the day behind it."""
        clock = self._clock
        if half_day in clock.before_noon | clock.before_noon_letters or (
            half_day in clock.night and (hour < 6 or hour == 12)
        ):
            return hour % 12
        return hour + 12 if half_day and hour < 12 else hour


_grammar = functools.lru_cache(maxsize=32)(_Grammar)


def _parse(text: str, grammar: _Grammar) -> datetime:
    line = folded(text[: 10 * _MAX_LENGTH])  # folding removes marks and spaces
    if len(text) > 10 * _MAX_LENGTH or len(line) > _MAX_LENGTH:
        raise ValueError("it is too long")
    if re.fullmatch(r"-?\d{9,}(?:\.\d+)?", line):
        return _number(line)
    for pattern in grammar.dates:
        if match := pattern.search(line):
            return _read(match, line, grammar)
    if grammar.hijri.search(line):
        raise ValueError("it names no day of the common calendar")
    if _RFC_822.search(line):  # years of two digits
        moment = parsedate_to_datetime(line)
    elif re.fullmatch(r"\d{4}-?w\d{2}-?\d", line):
        moment = datetime.fromisoformat(line.upper())
    elif re.fullmatch(r"\d{4}-\d{3}", line):
        moment = datetime.strptime(line, "%Y-%j")
    else:
        raise ValueError
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(line: str) -> datetime:
    """Read digits without anything else: 20160920101500, or the time since 1970."""
    if stamp := _STAMP.fullmatch(line):
        year, month, day, hour, minute, second = (int(part or 0) for part in stamp.groups())
        if year in _YEARS and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60:
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    if not (epoch := _EPOCH.fullmatch(line)):
        raise ValueError
    if epoch["seconds"]:
        seconds = float(line)
    else:
        seconds = int(line) / (1_000 if epoch["milliseconds"] else 1_000_000)
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)


def _read(match: re.Match[str], line: str, grammar: _Grammar) -> datetime:
    """The date of a match, and the time behind it or else in front of it."""
    groups = match.groupdict()
    day = _day(groups, grammar)
    before, after = grammar.hijri.sub(" ", line[: match.start()]), grammar.hijri.sub(" ", line[match.end() :])
    after = f"{groups.get('clock') or ''} {after}".strip()
    clock = grammar.time.search(after) or grammar.time.search(before)
    rest = (after + before).replace(clock.group(), " ", 1) if clock else after + before
    if any(map(str.isdigit, rest)):
        raise ValueError("it has more numbers than a date and a time")
    return datetime.combine(day, *_time(clock, grammar)) if clock else datetime.combine(day, time(), UTC)


def _day(groups: dict[str, str | None], grammar: _Grammar) -> date:
    year, first = int(groups["y"] or 0), int(groups["d"] or 0)
    name, other = groups.get("name"), groups.get("other")
    if name is None:
        month = int(groups["m"] or 0)
        if groups.get("mark") and month > 12 >= first:  # day/month/year that can only be month/day/year
            month, first = first, month
        return date(year, month, first)
    if other is not None and grammar.months[other] != grammar.months[name]:
        raise ValueError(f"{name} and {other} are different months")
    return date(year, grammar.months[name], first)


def _time(match: re.Match[str], grammar: _Grammar) -> tuple[time, timezone]:
    minute, second = int(match["M"] or match["m"] or 0), int(match["S"] or match["s"] or 0)
    hour = grammar.hour(int(match["H"] or match["h"]), (match["half_day"] or "").replace(".", ""))
    microsecond = int((match["fraction"] or "0").ljust(6, "0")[:6])
    return time(hour, minute, min(second, 59), microsecond), _zone(match)  # 60: a leap second


def _zone(match: re.Match[str]) -> timezone:
    """The zone behind a time; UTC if its name is unknown."""
    if match["offset"]:
        sign, digits = match["offset"][0], re.sub(r"\D", "", match["offset"])
        hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if sign == "-" else offset)
    return timezone(timedelta(hours=_ZONES.get(match["zone"] or "z", 0)))
