"""The words with which questions name times."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class TimeWords:
    """The words for times, relative to today or not.

    Attributes:
        days_ago: days and how long ago they were: "yesterday" is 1.
        today: "this morning".
        today_at_end: words for today at the end of a question only: elsewhere «اليوم» may be "the day of".
        this: "this", in front of one of `weeks` or `periods`.
        this_behind: "this", behind one of `weeks` or `periods`.
        last: "last", in front of one of `weeks` or `periods`, or of a weekday.
        last_behind: "last", behind one of them.
        last_counted: "past", in front of a number of `lengths`: "the past 3 days".
        last_between: "past", between a number and one of `lengths`: "les 3 derniers jours".
        past: "past", in front of one of `weeks` or `periods`, counted back from today: "the past month".
        weeks: words for a calendar week, and the weekday on which it begins; Monday is 0.
        periods: words for a calendar month or year.
        lengths: words for a length of time, and its days.
        definite_lengths: the words of `lengths` with an article.
        duals: the words of `lengths` that mean two: «يومين».
        article_prefixes: articles that are prefixes of a number.
        over: words in front of a length: "over the last week".
        articles: "the".
        one: "a", in front of one of `lengths`.
        ago: "ago", in front of a length.
        ago_behind: "ago", behind a length.
        since: "since", in front of a length or a date.
        on_day: "on", in front of a weekday.
        between: "between", in front of two dates.
        conjunctions: "and", between two dates.
        conjunction_prefixes: conjunctions that are prefixes of the second date.
        start: "from", in front of two dates with one of `end` between them.
        end: "to", see `start`.
        after: "after", in front of a date.
        before: "before", in front of a date.
        until: "until", in front of a date.
        within: words in front of a date: "in March".
        early: words of a date that are ignored: "early March".
        before_year: words between a month and its year.
        year_words: words in front of a year that make it a time without other words: "the year 2019".
        year: words in front of a year behind a word such as "since".
    """

    TOPIC: ClassVar[str] = "times"
    days_ago: dict[str, int]
    today: frozenset[str]
    today_at_end: frozenset[str]
    this: frozenset[str]
    this_behind: frozenset[str]
    last: frozenset[str]
    last_behind: frozenset[str]
    last_counted: frozenset[str]
    last_between: frozenset[str]
    past: frozenset[str]
    weeks: dict[str, int]
    periods: frozenset[str]
    lengths: dict[str, int]
    definite_lengths: frozenset[str]
    duals: frozenset[str]
    article_prefixes: frozenset[str]
    over: frozenset[str]
    articles: frozenset[str]
    one: frozenset[str]
    ago: frozenset[str]
    ago_behind: frozenset[str]
    since: frozenset[str]
    on_day: frozenset[str]
    between: frozenset[str]
    conjunctions: frozenset[str]
    conjunction_prefixes: frozenset[str]
    start: frozenset[str]
    end: frozenset[str]
    after: frozenset[str]
    before: frozenset[str]
    until: frozenset[str]
    within: frozenset[str]
    early: frozenset[str]
    before_year: frozenset[str]
    year_words: frozenset[str]
    year: frozenset[str]
