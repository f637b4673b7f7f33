"""Express in words how long one date is before or after another."""

from datetime import UTC, datetime, timedelta

from assistant.messages import date
from assistant.page.localization import ui_text

_DAYS_ONLY = 45  # days: shorter spans are given in days, longer ones in whole months or years


def elapsed(moment: datetime, as_of: datetime, event: datetime | None, language: str) -> str:
    """Say how long before or after the event a moment was; without an event, how long ago it was."""
    return time_from_event(moment, event, language) if event else time_ago(moment, as_of, language)


def time_ago(moment: datetime, as_of: datetime, language: str) -> str:
    """Say how long before (or after) `as_of` a moment was: "3 days ago"."""
    days = _days_after(moment, as_of)
    return _length(days, language, directed=True) if days else ui_text("today", language)


def time_from_event(moment: datetime, event: datetime, language: str) -> str:
    """Say how long before or after an event a moment was: "3 days before 5 May 2023"."""
    days = _days_after(moment, event)
    if not days:
        return ui_text("same_day", language)
    length = _length(abs(days), language, directed=False)
    return ui_text("after" if days > 0 else "before", language, length=length, date=date(event, language))


def _days_after(moment: datetime, other: datetime) -> int:
    return (moment.astimezone(UTC).date() - other.astimezone(UTC).date()).days


def _length(days: int, language: str, *, directed: bool) -> str:
    """Format a number of days; `directed` adds "ago" or "in". Babel uses the largest unit above its threshold."""
    from babel.dates import format_timedelta  # 0.1 s

    in_days = abs(days) < _DAYS_ONLY
    if not in_days:  # round down to whole months or years, because Babel rounds 7.6 years to 8
        months, years = int(abs(days) / 30.44), int(abs(days) / 365.25 + 0.003)
        days = (years * 365 if years else min(months, 11) * 30) * (1 if days > 0 else -1)
    threshold, locale = (1000.0 if in_days else 0.999), ("ar" if language == "ar" else "en")
    return str(format_timedelta(timedelta(days=days), "day", threshold, add_direction=directed, locale=locale))
