"""Text from anywhere into HTML: escaped, with its direction, and with what runs the other way isolated.

Nothing reaches the page but through here. A browser orders a line by its first strong letter and lets a number run into
the Arabic word before it; so every text says its direction, by the script of most of its letters, and a stretch of the
other script stands in a `bdi` of its own.
"""

import html
import re
from urllib.parse import quote, urlsplit

from ingest.language import direction

_RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"  # letters and marks of scripts that run right to left
_LEFT = "A-Za-z\u00c0-\u024f\u0370-\u052f"
_FOREIGN = {
    # From a letter of the other script to the last one before the text's own goes on; a number belongs to the Latin
    # words that it follows ("GPT 4"), and a bracket to what it closes.
    "ltr": re.compile(rf"[{_RIGHT}](?:[^{_LEFT}\n]*[{_RIGHT}])?"),
    "rtl": re.compile(rf"[{_LEFT}](?:[^{_RIGHT}\n]*[{_LEFT}0-9%])?"),
}
_CLOSING = {")": "(", "]": "["}
_WHOLE = 90  # characters of a quotation that an address carries as it is
_ENDS = 5  # words of a longer one at its beginning, and at its end


def escaped(text: str) -> str:
    """Text that no browser takes for markup, in content and between quotation marks of an attribute."""
    return html.escape(text, quote=True)


def isolated(text: str, base: str) -> str:
    """Escaped text of that direction; what runs the other way is isolated. Its characters stay what they are."""
    pieces: list[str] = []
    place = 0
    other = "rtl" if base == "ltr" else "ltr"
    for found in _FOREIGN[base].finditer(text):
        start, end = found.span()
        if start < place:
            continue
        if text[end : end + 1] in _CLOSING and _CLOSING[text[end]] in text[start:end]:
            end += 1
        pieces += [escaped(text[place:start]), f'<bdi dir="{other}">{escaped(text[start:end])}</bdi>']
        place = end
    return "".join([*pieces, escaped(text[place:])])


def run(text: str, tag: str = "span", classes: str = "") -> str:
    """Text in an element of its own direction."""
    way = direction(text)
    named = f' class="{classes}"' if classes else ""
    return f'<{tag}{named} dir="{way}">{isolated(text, way)}</{tag}>'


def web_address(text: str) -> str:
    """The address if it is one that may be opened, http or https with a host; else ""."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    good = parts.scheme.lower() in ("http", "https") and parts.hostname and not re.search(r"[\s<>\"'`\\]", text)
    return text if good else ""


def address_of_words(address: str, words: str) -> str:
    """The address of a page with the words on it that a browser is to jump to and mark (a text fragment).

    Words of one line are named whole if they are few, else by their first and their last: a fragment that spans
    paragraphs is found only so.
    """
    address = web_address(address)
    if not address or not words.split():
        return address
    lines = [line.split() for line in words.splitlines() if line.split()]
    line = " ".join(lines[0])
    if len(lines) == 1 and len(line) <= _WHOLE:
        told = _encoded(line)
    else:
        first, last = lines[0][:_ENDS], lines[-1][-_ENDS:]
        if len(lines) == 1 and len(lines[0]) < 2 * _ENDS:  # few long words: the two ends must not overlap
            half = len(lines[0]) // 2
            first, last = lines[0][:half], lines[0][half:]
        told = f"{_encoded(' '.join(first))},{_encoded(' '.join(last))}" if first else _encoded(" ".join(last))
    return f"{address}{'' if '#' in address else '#'}:~:text={told}"


def _encoded(words: str) -> str:
    """Percent-encoded, the hyphen too: in a text fragment it marks a prefix or suffix."""
    return quote(words, safe="").replace("-", "%2D")


def link(address: str, inside: str, classes: str = "") -> str:
    """A link to another site, which is told nothing of this page.

    Args:
        address: checked by `web_address`.
        inside: markup.
        classes: of its element.
    """
    return (
        f'<a class="{classes}" href="{escaped(address)}" target="_blank" rel="noopener noreferrer nofollow external" '
        f'referrerpolicy="no-referrer">{inside}</a>'
    )


def button(act: str, label: str, classes: str = "", **data: str | int) -> str:
    """A button of the page's own script: `act` says what it does, `data` with what."""
    carried = "".join(f' data-{name}="{escaped(str(value))}"' for name, value in data.items())
    return f'<button type="button" class="k-button {classes}" data-act="{act}"{carried}>{escaped(label)}</button>'
