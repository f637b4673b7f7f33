"""Values as sources write them: URLs, dates, language codes. What is not valid counts as not stated."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from ingest.language import direction, one_line
from ingest.language.data import languages_of
from ingest.language.dates import parse_date

KEPT_UNDATED = "; the article was kept without a date"
"""Added to the reason why a date cannot be read, where the article is read all the same."""

_MAX_URL = 4000  # characters; browsers stop at a few thousand more
_SHORT = 500  # characters; the language of a longer text is detected reliably
_RIGHT_TO_LEFT = frozenset("ar fa ur he yi ps ckb sd ug dv ku".split())


def valid_url(text: str) -> str:
    """Return a URL that a reader can open, http or https with a host; "" for any other text."""
    if len(text) > 2 * _MAX_URL:
        return ""
    url = one_line(text)
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_valid = parts.scheme.lower() in ("http", "https") and parts.hostname and not re.search(r"[\s<>\"]", url)
    return url if is_valid and len(url) <= _MAX_URL else ""


def read_date(text: str, language: str = "", *, keep_day: bool = False) -> datetime:
    """Read a date of a document: in English or Arabic, as formats and templates write it, else in its own language.

    Args:
        text: a date, on one line.
        language: of the document, ISO 639-1; "" if it is not known.
        keep_day: see `parse_date`.

    Returns:
        Aware, UTC; midnight where there is no time.

    Raises:
        ValueError: it is not understood.
    """
    try:
        return parse_date(text, keep_day=keep_day)
    except ValueError:
        if set(languages_of(language)) <= set(languages_of()):
            raise
        return parse_date(text, keep_day=keep_day, language=language)


def date_or_none(text: str, language: str = "", *, keep_day: bool = False) -> datetime | None:
    """Read a date as `read_date` does; None if there is none that can be read."""
    try:
        return read_date(text, language, keep_day=keep_day) if text.strip() else None
    except ValueError:
        return None


def date_or_reason(text: str, language: str = "") -> tuple[datetime | None, str]:
    """Read a date as `read_date` does, or say why it cannot be read; None and "" if the text is empty."""
    try:
        return (read_date(text, language), "") if text else (None, "")
    except ValueError as error:
        return None, str(error)


def language_code(text: str) -> str:
    """Return the ISO 639-1 code of a language tag: "en" for "en-GB"; "" if the text is not a tag."""
    match = re.match(r"([a-z]{2})(?:[-_]|$)", text.strip().lower())
    return match[1] if match else ""


def plausible_language(code: str, text: str) -> str:
    """Return the language that a page or a feed states, unless its text speaks against it; "" to detect it.

    Templates state "en" for pages in any language, so it counts only for a short text in ASCII letters.
    """
    if direction(text) != ("rtl" if code in _RIGHT_TO_LEFT else "ltr"):
        return ""
    return "" if code == "en" and (len(text) > _SHORT or not text.replace("’", "'").isascii()) else code
