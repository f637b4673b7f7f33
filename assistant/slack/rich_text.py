"""Build Slack's rich text: the exact words, each line in its own direction, with no markup interpreted.

All text is shown as rich text, in which Slack interprets nothing: an article that contains "<!channel>" shows these
characters and notifies nobody. Only the `text` field, which replaces the blocks in a notification, must be escaped.

Slack takes the direction of a paragraph from its first strong letter, or else left to right. A line with right-to-left
characters is therefore isolated, after a mark of its direction; the marks are separate elements, so the words between
them stay unchanged.

Elements are dicts, not classes of slack_sdk.models, because those do not validate rich text, and because its size is
measured, and its text read back from Slack, as JSON.
"""

import unicodedata
from typing import Any

from assistant.slack.limits import ELEMENT
from ingest.language import direction

Element = dict[str, Any]

MARKS = frozenset("\u200e\u200f\u2066\u2067\u2068\u2069")
"""Bidirectional marks and isolates: layout, not text. No cleaned text contains any."""

_RTL, _LTR, _END = "\u200f\u2067", "\u200e\u2066", "\u2069"


def escaped(text: str) -> str:
    """Escape text for a field where Slack interprets & < >."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def text_elements(text: str, **style: bool) -> list[Element]:
    """Return elements that show a text unchanged, each line in its own direction.

    Args:
        text: of any length; lines longer than `ELEMENT` become several elements.
        style: Slack's styles, such as bold=True.
    """
    elements: list[Element] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            elements.append(_text("\n"))
        opening = ""
        if any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in line):
            opening = _RTL if direction(line) == "rtl" else _LTR
        pieces = [_text(line[start : start + ELEMENT], style) for start in range(0, len(line), ELEMENT)]
        elements += [_text(opening), *pieces, _text(_END)] if opening else pieces
    return elements


def isolated(text: str) -> str:
    """Isolate a name from the direction of the text around it; not for quotations."""
    return f"\u2068{text}\u2069" if text else text


def link(url: str, name: str) -> Element:
    """Return a link to an article."""
    return {"type": "link", "url": url, "text": isolated(name)}


def direction_mark(language: str) -> list[Element]:
    """Return a mark that gives a line of names and punctuation the direction of the reader's language."""
    return [_text("\u200f")] if language == "ar" else []


def _text(text: str, style: dict[str, bool] | None = None) -> Element:
    return {"type": "text", "text": text, "style": style} if style else {"type": "text", "text": text}


def section(*elements: Element) -> Element:
    """Return a paragraph."""
    return {"type": "rich_text_section", "elements": list(elements)}


def quotation(text: str) -> Element:
    """Return a block quote with only the quotation's own words, and marks of their direction."""
    return {"type": "rich_text_quote", "elements": text_elements(text)}


def rich_text_block(block_id: str, *parts: Element) -> Element:
    """Return a block of paragraphs and quotations."""
    return {"type": "rich_text", "block_id": block_id, "elements": list(parts)}


def shortened(text: str, limit: int) -> str:
    """Shorten a name or title to at most `limit` characters, with an ellipsis; not for quotations."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def character_count(part: Any) -> int:  # noqa: ANN401 - any piece of a block
    """Count the characters of all texts and addresses in a block, like Slack."""
    if isinstance(part, dict):
        ignored = ("type", "block_id", "action_id", "value")
        return sum(character_count(value) for name, value in part.items() if name not in ignored)
    return sum(map(character_count, part)) if isinstance(part, list) else len(part) if isinstance(part, str) else 0
