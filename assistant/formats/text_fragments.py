"""Link to a quotation in a page by a text fragment: https://wicg.github.io/scroll-to-text-fragment/."""

import re
from urllib.parse import quote, urlsplit

_MAX_WHOLE = 90  # characters of a quotation that the address contains as a whole
_END_WORDS = 5  # words at each end that identify a longer quotation


def web_address(text: str) -> str:
    """Return the address if it is safe to open, http or https with a host; else ""."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    safe = parts.scheme.lower() in ("http", "https") and parts.hostname and not re.search(r"[\s<>\"'`\\]", text)
    return text if safe else ""


def address_at(address: str, words: str) -> str:
    """Add a text fragment to the address of a page, so that a browser scrolls to the words and marks them.

    The fragment contains a short quotation of one line as a whole, and otherwise its first and last words, because
    browsers match a fragment across paragraphs only by its two ends.

    Returns:
        "" if the address is not safe to open.
    """
    address = web_address(address)
    lines = [line.split() for line in words.splitlines() if line.split()]
    if not address or not lines:
        return address
    whole = " ".join(lines[0])
    if len(lines) == 1 and len(whole) <= _MAX_WHOLE:
        fragment = _encoded(whole)
    else:
        first, last = lines[0][:_END_WORDS], lines[-1][-_END_WORDS:]
        if len(lines) == 1 and len(lines[0]) < 2 * _END_WORDS:  # few long words: the two ends must not overlap
            half = len(lines[0]) // 2
            first, last = lines[0][:half], lines[0][half:]
        fragment = ",".join(_encoded(" ".join(end)) for end in (first, last) if end)
    return f"{address}{'' if '#' in address else '#'}:~:text={fragment}"


def _encoded(words: str) -> str:
    """Percent-encode words, including hyphens, which would mark a prefix or suffix in a text fragment."""
    return quote(words, safe="").replace("-", "%2D")
