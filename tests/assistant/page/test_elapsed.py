"""How long one date is before or after another, in words."""

from datetime import UTC, datetime, timedelta

import pytest

from assistant.page.elapsed import time_ago, time_from_event


@pytest.mark.parametrize(
    ("days", "english", "arabic"),
    [(0, "today", "اليوم"), (1, "1 day ago", "قبل يوم واحد"), (2, "2 days ago", "قبل يومين"),
     (44, "44 days ago", "قبل 44 يومًا"), (80, "2 months ago", "قبل شهرين"),
     (364, "11 months ago", "قبل 11 شهرًا"),
     (365, "1 year ago", "قبل سنة واحدة"),
     (2800, "7 years ago", "قبل 7 سنوات")],
)  # fmt: skip
def test_how_long_ago_is_given_in_whole_units(days: int, english: str, arabic: str) -> None:
    now = datetime(2024, 6, 1, tzinfo=UTC)
    assert time_ago(now - timedelta(days=days), now, "en") == english
    assert time_ago(now - timedelta(days=days), now, "ar") == arabic


@pytest.mark.parametrize(
    ("days", "english", "arabic"),
    [
        (0, "on that day", "في اليوم نفسه"),
        (1, "1 day after 3 March 2019", "بعد 3 مارس 2019: يوم"),
        (-3, "3 days before 3 March 2019", "قبل 3 مارس 2019: 3 أيام"),
        (-2800, "7 years before 3 March 2019", "قبل 3 مارس 2019: 7 سنوات"),
    ],
)
def test_a_date_is_given_relative_to_the_day_that_the_question_names(days: int, english: str, arabic: str) -> None:
    event = datetime(2019, 3, 3, tzinfo=UTC)
    assert time_from_event(event + timedelta(days=days), event, "en") == english
    assert time_from_event(event + timedelta(days=days), event, "ar") == arabic
