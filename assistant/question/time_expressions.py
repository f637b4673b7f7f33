"""Find the time that a question names: "last week", «في مارس 2024». Articles of that time are searched first."""

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from assistant.answer import Dates
from assistant.question.time_words import TimeWords
from ingest.language import NumberWords, fold
from ingest.language.calendar import Calendar
from ingest.language.data import merged
from ingest.language.dates import parse_date
from ingest.language.patterns import any_of

_REPORTING_DELAY = timedelta(days=2)  # most news of a day is published within it
_DAY = timedelta(days=1)
_YEAR = r"(?:1[89]|20)\d\d"

_Days = tuple[date | None, date | None]  # from the first day, up to the second, which is not included
_Reader = Callable[[re.Match[str], date], _Days]


def read_dates(question: str, today: date, language: str = "") -> Dates | None:
    """Find the time that a question names, the last one of several; None if it names none.

    Times in the future do not count, nor do years that are part of a name ("the 2019 report").

    Args:
        question: the question in its own words.
        today: the current day where the reader is.
        language: the language of the question, ISO 639-1.
    """
    whole = fold(question)
    for match, reader, is_certain in reversed(list(_grammar(language).find(whole.text))):
        try:
            since, until = reader(match, today)
        except ValueError:  # 31 February
            continue
        if (since is None or since <= today) and (until is None or until <= today + _DAY or since):
            start, end = whole.span(*match.span())
            closed = until and since and min(until + _REPORTING_DELAY, max(until, today + _DAY))
            day = since if since and until == since + _DAY else None
            return Dates(question[start:end], _moment(since), _moment(closed or until), is_certain, _moment(day))
    return None


def undated(question: str, language: str = "") -> str:
    """Remove the times that a question names. If fewer than two words would be left, return it unchanged.

    Args:
        question: the question in its own words.
        language: the language of the question, ISO 639-1.
    """
    whole = fold(question)
    kept, offset = [], 0
    for match, _, _ in _grammar(language).find(whole.text):
        start, end = whole.span(*match.span())
        kept.append(question[offset:start])
        offset = end
    rest = re.sub(r"\s+([?؟!.,،])", r"\1", " ".join(" ".join([*kept, question[offset:]]).split()))
    return rest if len(re.findall(r"\w{2,}", rest)) > 1 else question


def _moment(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


class _Grammar:
    """How times are named in questions of one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._words, self._calendar = merged(TimeWords, language), merged(Calendar, language)
        self._numbers = merged(NumberWords, language)
        self._month_name = any_of(self._calendar.months)
        # A pattern of times, its reader, and whether the question certainly asks about that time only.
        self._kinds: list[tuple[re.Pattern[str], _Reader, bool]] = [
            (re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-]|'s)"), reader, is_certain)
            for pattern, reader, is_certain in (*self._relative(), *self._absolute())
        ]

    def find(self, text: str) -> Iterator[tuple[re.Match[str], _Reader, bool]]:
        """Find the times in folded text, in order. Of overlapping ones, the first counts, then the longest."""
        matches = [
            (match, reader, is_certain)
            for pattern, reader, is_certain in self._kinds
            for match in pattern.finditer(text)
        ]
        end = 0
        for match, reader, is_certain in sorted(matches, key=lambda entry: (entry[0].start(), -entry[0].end())):
            if match.start() >= end:
                end = match.end()
                yield match, reader, is_certain

    # -- the patterns --------------------------------------------------------------------------------------------------

    def _relative(self) -> Iterator[tuple[str, _Reader, bool]]:
        """The patterns of times that are relative to today."""
        words = self._words
        count = rf"(?P<count>\d{{1,3}}|{any_of({*self._numbers.small, *words.one})})"
        length = f"(?P<unit>{any_of(words.lengths)})"
        over = rf"(?:{_before(words.over)})?(?:{_before(words.articles)})?"
        last_behind = any_of(words.last_behind)
        for days in sorted(set(words.days_ago.values()), reverse=True):
            yield any_of(name for name, ago in words.days_ago.items() if ago == days), _days_ago(days), True
        yield any_of(words.today), _days_ago(0), False
        yield rf"{any_of(words.today_at_end)}(?=\W*$)", _days_ago(0), False
        # "the budget of last year" is news of this year as well
        for units, is_certain in ((any_of(words.weeks), True), (any_of(words.periods), False)):
            unit = f"(?P<unit>{units})"
            yield rf"{over}{_before(words.this)}{unit}", self._this, is_certain
            yield rf"{over}{unit}\s+{any_of(words.this_behind)}", self._this, is_certain
            yield rf"{over}{_before(words.last)}{unit}", self._last, is_certain
            yield rf"{over}{unit}\s+{last_behind}", self._last, is_certain
        yield rf"{over}{_before(words.last_counted)}{count}\s+{length}", self._recent, True
        yield rf"{over}{count}\s+{_before(words.last_between)}{length}", self._recent, True
        unit = f"(?P<count>)(?P<unit>{any_of({*words.weeks, *words.periods})})"
        yield rf"{over}{_before(words.past)}{unit}", self._recent, True
        definite, duals = any_of(words.definite_lengths), any_of(words.definite_lengths & words.duals)
        yield (
            rf"{over}(?P<unit>{definite})\s+{any_of(words.article_prefixes)}?{count}\s+{last_behind}",
            self._recent,
            True,
        )
        yield rf"{over}(?P<count>)(?P<unit>{duals})\s+{last_behind}", self._recent, True
        span = rf"(?:{count}\s+)?{length}"
        yield rf"{span}\s+{any_of(words.ago_behind)}", self._ago, True
        yield rf"{_before(words.ago)}{span}", self._ago, True
        yield rf"{_before(words.since)}{span}", self._recent, True
        weekday, on_day = f"(?P<weekday>{any_of(self._calendar.weekdays)})", _before(words.on_day)
        yield rf"(?:{on_day})?{_before(words.last)}{weekday}", self._weekday, True
        yield rf"(?:{on_day})?{weekday}\s+{last_behind}", self._weekday, True
        yield rf"{on_day}{weekday}", self._weekday, False

    def _absolute(self) -> Iterator[tuple[str, _Reader, bool]]:
        """The patterns of dates."""
        words = self._words
        suffixes = any_of(self._numbers.ordinal_suffixes)
        month = rf"{self._month_name}\.?(?:\s*[/(-]\s*{self._month_name}\s*\)?)?"
        number = rf"\d{{1,2}}{suffixes}?"
        of_year = rf",?\s+(?:{_before(words.before_year)})?{_YEAR}"
        day_of = rf"{number}\s+(?:{_before(self._calendar.before_month)})?{month}"
        early = rf"(?:{any_of(words.early)}[\s-]+)*"
        full = (
            rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}/\d{{1,2}}/\d{{4}}|{day_of}{of_year}"
            rf"|{month}\s+{number}{of_year}|{month}{of_year}|{_before(words.year_words)}{_YEAR})"
        )
        any_date = rf"{early}(?:{full}|{day_of}|{month}\s+{number}|{month}|(?:{_before(words.year)})?{_YEAR})"
        and_ = rf"(?:{_before(words.conjunctions)}|{any_of(words.conjunction_prefixes)}\s?)"
        first, last = f"(?P<first>{any_date})", f"(?P<last>{any_date})"
        yield rf"{_before(words.between)}{first}\s+{and_}{last}", self._between, False
        yield rf"{_before(words.start)}{first}\s+{_before(words.end)}{last}", self._between, False
        named = f"(?P<date>{any_date})"
        yield _before(words.since) + named, lambda match, today: (self._date(match, today)[0], None), False
        yield _before(words.after) + named, lambda match, today: (self._date(match, today)[1], None), False
        yield _before(words.before) + named, lambda match, today: (None, self._date(match, today)[0]), False
        yield _before(words.until) + named, lambda match, today: (None, self._date(match, today)[1]), False
        yield _before(words.within) + named, self._date, False
        yield rf"(?P<date>{early}{full})", self._date, False

    # -- the readers ---------------------------------------------------------------------------------------------------

    def _this(self, match: re.Match[str], today: date) -> _Days:
        return self._beginning(match["unit"], today), today + _DAY

    def _last(self, match: re.Match[str], today: date) -> _Days:
        end = self._beginning(match["unit"], today)
        return self._beginning(match["unit"], end - _DAY), end

    def _beginning(self, unit: str, today: date) -> date:
        """The first day of the week, month or year of a day."""
        if unit in self._words.weeks:
            return today - (today.weekday() - self._words.weeks[unit]) % 7 * _DAY
        return today.replace(day=1) if self._words.lengths[unit] == 30 else today.replace(month=1, day=1)

    def _recent(self, match: re.Match[str], today: date) -> _Days:
        return today - self._days(match) * _DAY, today + _DAY

    def _ago(self, match: re.Match[str], today: date) -> _Days:
        """3 days ago is that day; 2 weeks ago is the week around that day."""
        wide = self._words.lengths[match["unit"]] // 2
        then = today - self._days(match) * _DAY
        return then - wide * _DAY, then + (wide + 1) * _DAY

    def _days(self, match: re.Match[str]) -> int:
        """The number of days in a counted length of time."""
        count, unit = match["count"] or "1", match["unit"]
        number = int(count) if count.isdecimal() else self._numbers.small.get(count, 1)
        return (2 if unit in self._words.duals else number) * self._words.lengths[unit]

    def _weekday(self, match: re.Match[str], today: date) -> _Days:
        back = (today.weekday() - self._calendar.weekdays[match["weekday"]] - 1) % 7 + 1
        return today - back * _DAY, today - (back - 1) * _DAY

    def _between(self, match: re.Match[str], today: date) -> _Days:
        first, last = match["first"], match["last"]
        year = re.search(_YEAR, last)
        if year and not re.search(_YEAR, first):  # "from March to May 2019"
            first = f"{first} {year.group()}"
        return self._named(first, today)[0], self._named(last, today)[1]

    def _date(self, match: re.Match[str], today: date) -> tuple[date, date]:
        return self._named(match["date"], today)

    def _named(self, words: str, today: date) -> tuple[date, date]:
        """The day, month or year of a folded date. Without a year, it is the latest one that has begun.

        Raises:
            ValueError: there is no such day.
        """
        name, year = re.search(rf"(?<!\w){self._month_name}", words), re.search(_YEAR, words)
        number = re.search(r"(?<!\d)\d{1,2}(?!\d)", words)
        month = self._calendar.months[name.group()] if name else 0
        if name and year and not number:
            return _month(int(year.group()), month)
        if name and number:
            day = date(int(year.group()) if year else today.year, month, int(number.group()))
            return _one_day(day if year or day <= today else day.replace(year=today.year - 1))
        if name:
            return _month(today.year - (month > today.month), month)
        if year and not number:
            return date(int(year.group()), 1, 1), date(int(year.group()) + 1, 1, 1)
        return _one_day(parse_date(words, language=self._language).date())


_grammar = functools.lru_cache(maxsize=32)(_Grammar)


def _before(words: Iterable[str]) -> str:
    """A regular expression for any of some words and a space, which is optional behind an apostrophe."""
    spaces = {word: r"\s*" if word.endswith("'") else r"\s+" for word in words}
    return any_of((re.escape(word) + space for word, space in spaces.items()), are_patterns=True)


def _days_ago(days: int) -> _Reader:
    return lambda match, today: (today - days * _DAY, today - (days - 1) * _DAY)


def _one_day(day: date) -> tuple[date, date]:
    return day, day + _DAY


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
