"""The texts of the interface in Arabic or English: the messages whose names begin with `page_`."""

from assistant.messages import date, phrase
from ingest.archive import Statistics

LANGUAGES = ("en", "ar")
"""Languages of the interface."""

_SHARED = ("unnamed", "untitled", "undated", "not_in_archive")  # messages that other doors use too


def ui_text(name: str, language: str, **names: str) -> str:
    """Return a message of the interface in that language."""
    return phrase(name if name in _SHARED else f"page_{name}", language, **names)


def ui_language(language: object) -> str:
    """Return the language of the interface, "ar" or "en", for any value that a browser sends."""
    return "ar" if language == "ar" else "en"


def ui_direction(language: str) -> str:
    """Return the direction of the interface, "ltr" or "rtl"."""
    return "rtl" if language == "ar" else "ltr"


def language_name(code: str, language: str) -> str:
    """Return the name of a language in the interface's language; the code itself if it is unknown."""
    from babel import Locale, UnknownLocaleError  # 0.1 s

    try:
        return Locale.parse(code).get_display_name(language) or code
    except (UnknownLocaleError, ValueError, TypeError):
        return code


def archive_span(statistics: Statistics, language: str) -> str:
    """Say how many articles the archive holds, and the dates of the first and last one."""
    articles = f"{statistics.articles:,}"
    if not statistics.first or not statistics.last:
        return ui_text("span_undated", language, articles=articles)
    first, last = date(statistics.first, language), date(statistics.last, language)
    return ui_text("span", language, articles=articles, first=first, last=last)
