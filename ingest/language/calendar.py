"""The words for months, weekdays and times of day."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Calendar:
    """Months and weekdays.

    CLDR has these names too, but babel costs 80 ms of a cold question, and has neither the many names of Arabic months
    nor "Sept".

    Attributes:
        months: numbered from January, 1; some names are two words.
        capitalised: names of months that also are common words, and months only with a capital letter: "May".
        weekdays: numbered from Monday, 0.
        hijri_months: numbered from Muharram, 1.
        hijri_era: what may stand behind a year of that calendar.
        before_month: what may stand between a day and its month: the "of" of "3rd of March".
        before_year: what may stand between a month and its year.
    """

    TOPIC: ClassVar[str] = "calendar"
    months: dict[str, int]
    capitalised: frozenset[str]
    weekdays: dict[str, int]
    hijri_months: dict[str, int]
    hijri_era: frozenset[str]
    before_month: frozenset[str]
    before_year: frozenset[str]


@dataclass(frozen=True)
class Clock:
    """Times of day.

    Attributes:
        before_noon: behind a time, "am".
        after_noon: behind a time, "pm".
        dotted: those of both that are also written with points, "p.m."
        noon: after noon, in date lines only.
        night: before noon up to six, else after noon; in date lines only.
        before_noon_letters: before noon, in date lines only.
        after_noon_letters: after noon, in date lines only.
        hour_marks: between hours and minutes, the "h" of "14h30".
        hours: ordinals that name an hour where `parts_behind` follow.
        parts_before: the minutes of a part of an hour in front of `past` or `to` and the hour: "half past eight".
        past: see `parts_before`.
        to: see `parts_before`.
        parts_behind: the minutes of a part of an hour behind one of `hours`; negative for "to".
    """

    TOPIC: ClassVar[str] = "clock"
    before_noon: frozenset[str]
    after_noon: frozenset[str]
    dotted: frozenset[str]
    noon: frozenset[str]
    night: frozenset[str]
    before_noon_letters: frozenset[str]
    after_noon_letters: frozenset[str]
    hour_marks: frozenset[str]
    hours: frozenset[str]
    parts_before: dict[str, int]
    past: frozenset[str]
    to: frozenset[str]
    parts_behind: dict[str, int]
