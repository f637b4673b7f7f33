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
        capitalised: names of months that are other words without a capital letter: "May".
        weekdays: numbered from Monday, 0.
        hijri_months: numbered from Muharram, 1.
        hijri_era: marks behind a year of the Hijri calendar.
        before_month: words between a day and its month: "of" in "3rd of March".
        before_year: words between a month and its year.
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
        before_noon: words behind a time: "am".
        after_noon: words behind a time: "pm".
        dotted: the words of both that are also written with points: "p.m."
        noon: words for after noon in publication dates only.
        night: words for before noon up to six, else for after noon, in publication dates only.
        before_noon_letters: abbreviations for before noon in publication dates only.
        after_noon_letters: abbreviations for after noon in publication dates only.
        hour_marks: letters between hours and minutes: "14h30".
        hours: ordinals that are an hour when one of `parts_behind` follows.
        parts_before: minutes in front of `past` or `to` and an hour: "half past eight".
        past: see `parts_before`.
        to: see `parts_before`.
        parts_behind: minutes behind one of `hours`; negative for "to".
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
