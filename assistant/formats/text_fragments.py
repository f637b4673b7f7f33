"""Addresses that open a page at a quotation, by a text fragment: https://wicg.github.io/scroll-to-text-fragment/."""

import re
from urllib.parse import quote, urlsplit

_LONGEST_WHOLE = 90  # characters of a quotation that stands in the address as a whole
_END_WORDS = 5  # words at either end that identify a longer quotation


def web_address(text: str) -> str:
    """Return an address that is safe to open, http or https with a host; "" for anything else."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    safe = parts.scheme.lower() in ("http", "https") and parts.hostname and not re.search(r"[\s<>\"'`\\]", text)
    return text if safe else ""


def address_at(address: str, words: str) -> str:
    """Return the address of a page with a text fragment, so that a browser scrolls to the words and marks them.

    A short quotation on one line is named whole, any other by its first and last words: browsers match a fragment
    across paragraphs only by its two ends.

    Returns:
        "" if the address is not safe to open.
    """
    address = web_address(address)
    lines = [line.split() for line in words.splitlines() if line.split()]
    if not address or not lines:
        return address
    whole = " ".join(lines[0])
    if len(lines) == 1 and len(whole) <= _LONGEST_WHOLE:
        fragment = _encoded(whole)
    else:
        first, last = lines[0][:_END_WORDS], lines[-1][-_END_WORDS:]
        if len(lines) == 1 and len(lines[0]) < 2 * _END_WORDS:  # few long words: the two ends must not overlap
            half = len(lines[0]) // 2
            first, last = lines[0][:half], lines[0][half:]
        fragment = ",".join(_encoded(" ".join(end)) for end in (first, last) if end)
    return f"{address}{'' if '#' in address else '#'}:~:text={fragment}"


def _encoded(words: str) -> str:
    """Percent-encode, hyphens too: in a text fragment they mark a prefix or suffix."""
    return quote(words, safe="").replace("-", "%2D")
