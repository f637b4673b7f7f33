"""Find the figures of a text: numbers in digits and words, percentages, times, months, weekdays and currencies.

"640 million", «٦٤٠ مليون» and "640,000,000" are equal figures; "500,000" and "1,500,000" are not.
"""

import dataclasses
import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.language.calendar import Calendar, Clock
from ingest.language.data import merged
from ingest.language.digits import NUMBER
from ingest.language.fold import folded
from ingest.language.number_words import Currencies
from ingest.language.numbers import number_reader
from ingest.language.patterns import any_of
from ingest.language.phrases import first_of, split_entries

_SYMBOLS = {"$": "usd", "€": "eur", "£": "gbp", "¥": "jpy"}
_SPACED = re.compile(r"(?<=\d)[ \u00a0](?=\d{3}(?!\d))")  # 1 500 000
_DATE = re.compile(r"\b(?:(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{1,2})([-/.])(\d{1,2})\6(\d{4}))\b")
_WORDS_BEFORE = 8  # of a figure, enough to tell its meaning
_WORDS_AFTER = 2


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Attributes:
        kind: "number", "vague" ("thousands of"), "time", "month", "day" or "currency".
        value: the value of a number, a time as "14:30", or the name of a month, weekday or currency in the tables.
        percent: whether a percent sign follows; None for the first number of a range: "3 to 5 percent".
        words: the folded words of the figure.
        before: up to eight folded words in front of it.
        after: up to two folded words behind it and its percent sign.
        start: index of its first token; the tokens of a text are its words, numbers and signs.
        end: index behind its last token.
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
        """Whether one of two figures is the other as a percentage: half is 50 percent."""
        if isinstance(self.value, str) or isinstance(other.value, str) or bool(self.percent) == bool(other.percent):
            return False
        part, whole = (self.value, other.value) if other.percent else (other.value, self.value)
        return 0 < part < 1 and part * 100 == whole


@functools.lru_cache(maxsize=2048)  # sentences: several checks read the same one
def figures(text: str, language: str = "") -> tuple[Figure, ...]:
    """Find the figures of a text, in order. Words for 1 have too many other uses to be figures.

    Args:
        text: a sentence or more.
        language: ISO 639-1; words in other scripts are read in the default languages (see `data`).
    """
    return _figure_reader(language).read(text)


def scale_follows(after: str, language: str = "") -> bool:
    """Whether the folded text behind a number begins with a scale: " million"."""
    match = re.match(r"[ -]?([^\W\d_]+)", after)
    words = number_reader(language).words
    return match is not None and any(
        match[1] in scales for scales in (words.scales, words.dual_scales, words.glued_scales)
    )


class _FigureReader:
    """Read the figures of texts in one language."""

    def __init__(self, language: str) -> None:
        self._numbers = number_reader(language)
        self._words = words = self._numbers.words
        self._calendar, self._clock = calendar, clock = merged(Calendar, language), merged(Clock, language)
        self._currencies = {**merged(Currencies, language).words, **_SYMBOLS}
        self._months = {
            **{name: str(month) for name, month in calendar.months.items()},
            **{name: f"hijri {month}" for name, month in calendar.hijri_months.items()},
        }
        self._long_months = {name.split()[0] for name in self._months if " " in name}
        self._capitalised = {word: re.compile(rf"\b{word.capitalize()}\b") for word in calendar.capitalised}
        # Dates in digits are rewritten with the name of their month, any name of one word.
        names = sorted((name for name in calendar.months if name.isascii()), key=len)
        self._month_names = {calendar.months[name]: name for name in names}
        self._before_noon, self._after_noon = split_entries(clock.before_noon), split_entries(clock.after_noon)
        self._parts_behind = split_entries(clock.parts_behind)
        self._first_words = frozenset[str]().union(
            *(self._numbers.known, words.one, words.articles, clock.parts_before, self._long_months)
        )
        self._token = re.compile(
            rf"[{''.join(_SYMBOLS)}%]|\d{{1,2}}:\d\d(?!\d)|(?<![^ (])-(?=\d){NUMBER}"
            rf"|{NUMBER}{self._numbers.suffixes}?|[^\W\d_]+"
        )
        dotted = [re.escape(".".join(mark)) for mark in clock.dotted]
        self._dotted = re.compile(rf"(?<=\d) ?({any_of(dotted, are_patterns=True)})\.?(?!\w)")  # p.m.
        pointed = any_of((mark.replace(r"\.", r"\.?") for mark in dotted), are_patterns=True)
        self._pointed = re.compile(rf"\b(\d{{1,2}})\.(\d\d)(?= ?{pointed}\b)")  # 2.30pm
        self._hour = re.compile(rf"\b(\d{{1,2}}) ?{any_of(clock.hour_marks)} ?([0-5]\d)\b")  # 14h30
        # "$3.2m"; "3.2 m" is a length
        self._glued = re.compile(rf"(?<=\d){any_of([*words.scale_abbreviations, *words.glued_scales])}(?![^\W\d_])")
        self._minus = re.compile(rf"\b{any_of(words.minus)} (?=\d)")

    def read(self, text: str) -> tuple[Figure, ...]:
        """Find the figures of a text, in order."""
        tokens = self._token.findall(self._rewritten(folded(text)))
        lowercase = {word for word, capitalised in self._capitalised.items() if not capitalised.search(text)}
        result = list(self._read(tokens, lowercase))
        for index, (first, second) in enumerate(itertools.pairwise(result)):
            if second.percent and first.kind == second.kind == "number" and not first.percent:
                if self._words.ranges.issuperset(tokens[first.end : second.start]):
                    result[index] = dataclasses.replace(first, percent=None)
        return tuple(result)

    def _rewritten(self, text: str) -> str:
        """Rewrite the dates, times and glued scales of a folded text in the form in which tokens are read."""
        text = _DATE.sub(self._long_date, text)
        text = self._dotted.sub(lambda mark: f" {mark[1].replace('.', '')}", self._pointed.sub(r"\1:\2", text))
        text = self._glued.sub(lambda scale: f" {self._words.glued_scales.get(scale.group(), scale.group())}", text)
        return self._minus.sub("-", _SPACED.sub("", self._hour.sub(r"\1:\2", text)))

    def _long_date(self, match: re.Match[str]) -> str:
        """Name the month of a date in digits. If two numbers may be the month, it is the second one."""
        year, month, day = match.group(1), match.group(3), match.group(4)
        if year is None:
            day, month, year = match.group(5), match.group(7), match.group(8)
        if int(month) > 12:
            day, month = month, day
        if int(month) not in self._month_names:
            return match.group()
        return f"{int(day)} {self._month_names[int(month)]} {year}"

    def _read(self, tokens: Sequence[str], lowercase: set[str]) -> Iterator[Figure]:
        position = 0
        while position < len(tokens):
            figure, used = self._figure_at(tokens, position, lowercase)
            if figure:
                end = position + used
                yield dataclasses.replace(
                    figure,
                    words=" ".join(tokens[position:end]),
                    before=tuple(tokens[max(0, position - _WORDS_BEFORE) : position]),
                    after=tuple(tokens[end : end + _WORDS_AFTER]),
                    start=position,
                    end=end,
                )
            position += used

    def _figure_at(self, tokens: Sequence[str], position: int, lowercase: set[str]) -> tuple[Figure | None, int]:
        """The figure that begins at a token, or None, and how many tokens to go on.

        Args:
            tokens: the tokens of the text.
            position: index of the token.
            lowercase: names of months that the text has without the capital letter that they need.
        """
        token = tokens[position]
        bare = self._numbers.bare(token)
        first = self._numbers.without_conjunction(bare)
        if token[0].isalpha() and bare not in self._first_words and first not in self._long_months:
            return None, 1
        if first in self._long_months and (
            month := self._months.get(" ".join([first, *tokens[position + 1 : position + 2]]))
        ):
            return Figure("month", month), 2
        if ":" in token:
            return self._time(tokens, position + 1, token, position)
        if clock := self._clock_time(tokens, position):
            return clock
        if number := self._number(tokens, position):
            return number
        if bare in self._words.vague:
            return Figure("vague", Decimal(self._words.vague[bare])), 1
        if bare in self._words.dual_nouns:
            half = self._numbers.and_a_half(tokens, position + 1)
            return Figure("number", Decimal("2.5" if half else 2)), 1 + half
        if bare in self._months and bare not in lowercase:
            return Figure("month", self._months[bare]), 1
        if bare in self._calendar.weekdays:
            return Figure("day", str(self._calendar.weekdays[bare])), 1
        if bare in self._currencies:
            return Figure("currency", self._currencies[bare]), 1
        return None, 1

    def _number(self, tokens: Sequence[str], position: int) -> tuple[Figure, int] | None:
        value, used = self._numbers.number(tokens, position)
        if not used:
            return None
        token, end = tokens[position], position + used
        if used == 1 and re.fullmatch(r"\d{1,2}", token) and value <= 12:
            figure, taken = self._time(tokens, end, f"{token}:00", position)
            if taken > 1:  # "9 pm"
                return figure, taken
        percent = self._numbers.percent(tokens, end)
        return Figure("number", value, percent=percent > 0), used + percent

    def _time(self, tokens: Sequence[str], end: int, time: str, start: int) -> tuple[Figure, int]:
        """A time of day, of 24 hours if the half of the day follows, and how many tokens it takes.

        Args:
            tokens: the tokens of the text.
            end: index behind the hours and minutes.
            time: the hours and minutes, "2:30".
            start: index of the first token.
        """
        hour, minute = (int(part) for part in time.split(":"))
        if half_day := first_of(self._after_noon, tokens, end):
            return Figure("time", f"{hour % 12 + 12}:{minute:02}"), end + len(half_day) - start
        if half_day := first_of(self._before_noon, tokens, end):
            return Figure("time", f"{hour % 12}:{minute:02} am"), end + len(half_day) - start
        return Figure("time", f"{hour}:{minute:02}"), end - start

    def _clock_time(self, tokens: Sequence[str], position: int) -> tuple[Figure, int] | None:
        """Read a time with a part of an hour: "half past eight", «الثامنة والنصف مساء», «التاسعة إلا ربعا»."""
        clock = self._clock
        part = position + (tokens[position] in self._words.articles)
        if tokens[position] in clock.hours:
            hour, used = self._numbers.number(tokens, position)
            end = position + used
            behind = first_of(self._parts_behind, tokens, end)
            minutes, end = clock.parts_behind.get(" ".join(behind), 0), end + len(behind)
        elif (
            part + 2 < len(tokens) and tokens[part] in clock.parts_before and tokens[part + 1] in clock.past | clock.to
        ):
            hour, used = self._numbers.number(tokens, part + 2)
            minutes, end = clock.parts_before[tokens[part]], part + 2 + used
            if tokens[part + 1] in clock.to:
                minutes = -minutes
        else:
            return None
        if not minutes or not 1 <= hour <= 12:
            return None
        whole = int(hour) * 60 + minutes
        return self._time(tokens, end, f"{whole // 60}:{whole % 60:02}", position)


_figure_reader = functools.lru_cache(maxsize=32)(_FigureReader)
