"""Words as Slack shows them: text that is shown as it is, laid out in its own direction, with no power over Slack.

Everything that is shown stands in rich text, where Slack takes no character for a command: an article that says
"<!channel>" says so, and calls nobody. Only `text`, which stands in for it in a notification, must be escaped.
Slack lays a paragraph out from its first strong letter or from the left, so one that runs to the left is led by a
right-to-left mark and isolated; the marks are elements of their own, and the words between them stay what they were.
"""

import unicodedata
from typing import Any

from assistant.slack.limits import ELEMENT
from ingest.language import direction

Element = dict[str, Any]

MARKS = frozenset("\u200e\u200f\u2066\u2067\u2068\u2069")
"""Marks and isolates: what an element consists of that is not part of the words. No cleaned text holds any."""

_RTL, _LTR, _END = "\u200f\u2067", "\u200e\u2066", "\u2069"


def escaped(text: str) -> str:
    """Text for a field where Slack would take & < > for its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def runs(text: str, **style: bool) -> list[Element]:
    """Text elements that show a text as it is, each of its lines in its own direction."""
    elements: list[Element] = []
    for place, line in enumerate(text.split("\n")):
        if place:
            elements.append(_text("\n"))
        opening = _opening(line)
        pieces = [line[start : start + ELEMENT] for start in range(0, len(line), ELEMENT)]
        said = [_text(piece, style) for piece in pieces]
        elements += [_text(opening), *said, _text(_END)] if opening else said
    return elements


def _opening(line: str) -> str:
    """What leads a line that a left-to-right page would lay out wrongly; "" if it would not."""
    classes = {unicodedata.bidirectional(character) for character in line}
    if not classes & {"R", "AL", "AN"}:
        return ""
    return _RTL if direction(line) == "rtl" else _LTR


def isolated(text: str) -> str:
    """A name among other words, kept together in its own direction; for text that is no quotation."""
    return f"\u2068{text}\u2069" if text else text


def link(url: str, name: str) -> Element:
    """A link that is ours: to an article."""
    return {"type": "link", "url": url, "text": isolated(name)}


def lead(language: str) -> list[Element]:
    """What a line in the reader's language begins with, so that its marks and dashes stand on their side."""
    return [_text("\u200f")] if language == "ar" else []


def _text(text: str, style: dict[str, bool] | None = None) -> Element:
    return {"type": "text", "text": text, "style": style} if style else {"type": "text", "text": text}


def section(*elements: Element) -> Element:
    """A paragraph of rich text."""
    return {"type": "rich_text_section", "elements": list(elements)}


def quotation(text: str) -> Element:
    """A quotation, and nothing but its words and the marks that lay them out."""
    return {"type": "rich_text_quote", "elements": runs(text)}


def rich(block_id: str, *parts: Element) -> Element:
    """A block of rich text."""
    return {"type": "rich_text", "block_id": block_id, "elements": list(parts)}


def cut(text: str, most: int) -> str:
    """A name or title, shortened with an ellipsis; never for a quotation."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def shown(part: Element) -> str:
    """The words of a part of rich text, without the marks that lay it out."""
    if part.get("type") == "text":
        return "" if set(part["text"]) <= MARKS else str(part["text"])
    if part.get("type") == "link":
        return str(part.get("text") or part["url"])
    return "".join(shown(one) for one in part.get("elements", ()))


def weight(part: Any) -> int:  # noqa: ANN401 - any piece of a block
    """The characters of a block: of all its words and addresses."""
    if isinstance(part, dict):
        return sum(
            weight(value) for name, value in part.items() if name not in ("type", "block_id", "action_id", "value")
        )
    return sum(map(weight, part)) if isinstance(part, list) else len(part) if isinstance(part, str) else 0
