"""Slack's rich text: words shown exactly as they are, laid out in their own direction, never read as commands.

All text is shown as rich text, where Slack interprets no character: an article that says "<!channel>" shows just that
and notifies nobody. Only the `text` field that stands in for blocks in a notification must be escaped.

Slack lays a paragraph out by its first strong letter, or else left to right. A right-to-left line is therefore preceded
by a right-to-left mark and isolated; the marks are elements of their own, so the words between them stay unchanged.

Elements are dicts, not classes of slack_sdk.models: those validate nothing about rich text, and its size is measured,
and its text read back from Slack, as JSON.
"""

import unicodedata
from typing import Any

from assistant.slack.limits import ELEMENT
from ingest.language import direction

Element = dict[str, Any]

MARKS = frozenset("\u200e\u200f\u2066\u2067\u2068\u2069")
"""Bidirectional marks and isolates: an element of these alone is layout, not text. No cleaned text contains any."""

_RTL, _LTR, _END = "\u200f\u2067", "\u200e\u2066", "\u2069"


def escaped(text: str) -> str:
    """Escape text for a field where Slack interprets & < >."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def text_elements(text: str, **style: bool) -> list[Element]:
    """Elements that show a text as it is, each line in its own direction.

    Args:
        text: of any length; runs longer than `ELEMENT` become several elements.
        style: Slack's styles, as bold=True.
    """
    elements: list[Element] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            elements.append(_text("\n"))
        opening = _direction_opening(line)
        pieces = [_text(line[start : start + ELEMENT], style) for start in range(0, len(line), ELEMENT)]
        elements += [_text(opening), *pieces, _text(_END)] if opening else pieces
    return elements


def _direction_opening(line: str) -> str:
    """The marks before a line that Slack would lay out wrongly; "" for a line without right-to-left characters."""
    classes = {unicodedata.bidirectional(character) for character in line}
    if not classes & {"R", "AL", "AN"}:
        return ""
    return _RTL if direction(line) == "rtl" else _LTR


def isolated(text: str) -> str:
    """Isolate a name from the direction of the words around it; not for quotations."""
    return f"\u2068{text}\u2069" if text else text


def link(url: str, name: str) -> Element:
    """A link to an article."""
    return {"type": "link", "url": url, "text": isolated(name)}


def direction_mark(language: str) -> list[Element]:
    """What starts a line of punctuation and names in the reader's language, so that it is laid out in its direction."""
    return [_text("\u200f")] if language == "ar" else []


def _text(text: str, style: dict[str, bool] | None = None) -> Element:
    return {"type": "text", "text": text, "style": style} if style else {"type": "text", "text": text}


def section(*elements: Element) -> Element:
    """A paragraph."""
    return {"type": "rich_text_section", "elements": list(elements)}


def quotation(text: str) -> Element:
    """A quotation: its own words and the marks that lay them out, nothing else."""
    return {"type": "rich_text_quote", "elements": text_elements(text)}


def rich_text_block(block_id: str, *parts: Element) -> Element:
    """A block of paragraphs and quotations."""
    return {"type": "rich_text", "block_id": block_id, "elements": list(parts)}


def shortened(text: str, limit: int) -> str:
    """Shorten a name or title to at most `limit` characters, with an ellipsis; never for quotations."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def character_count(part: Any) -> int:  # noqa: ANN401 - any piece of a block
    """Count the characters of all texts and addresses in a block, as Slack's limits do."""
    if isinstance(part, dict):
        ignored = ("type", "block_id", "action_id", "value")
        return sum(character_count(value) for name, value in part.items() if name not in ignored)
    return sum(map(character_count, part)) if isinstance(part, list) else len(part) if isinstance(part, str) else 0
