"""Reduce HTML and Markdown to the text that a reader sees, with blank lines between paragraphs."""

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

_BLOCKS = frozenset(
    "address article aside blockquote center dd details div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol p pre section table tbody td th thead tr ul".split()
)
_HIDDEN = frozenset("head iframe noscript object script style svg template title".split())
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|br|code|em|figure|font|i|img|mark|q|s|script|small|span|strong|style|sub|sup|u|wbr|"
    + "|".join(sorted(_BLOCKS))
    + r")(?:\s[^<>]*)?/?>|<!--",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,6});", re.IGNORECASE)
# A tag with its attributes, or an edge of a comment. No part of it goes past the next "<", so that time stays linear
# for hostile input.
_TOKEN = re.compile(
    r"<!--|-->|<(?P<close>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9:-]*+)"
    r"(?:[\s/](?:[^<>\"'=]++|=\s*+(?:\"[^\"<]*+\"|'[^'<]*+')?+|[\"'])*+)?+>|<![^<>]*>|<\?[^<>]*>"
)


def from_html(text: str) -> str:
    """Convert a fragment of HTML to text, with a blank line between paragraphs; text without markup stays as it is."""
    if _TAG.search(text):
        return _visible_text(text)
    return html.unescape(text) if _ENTITY.search(text) else text


def _visible_text(text: str) -> str:
    """The text that a browser shows: without comments and scripts; line ends are spaces, except in <pre>."""
    pieces: list[str] = []
    hidden_until = ""  # the token that ends a hidden stretch; "" outside of one
    is_preformatted = False
    start = 0
    for token in _TOKEN.finditer(text):
        tag = (token["tag"] or "").lower()
        mark = (token["close"] or "") + tag if tag else token.group()
        if not hidden_until:
            visible = html.unescape(text[start : token.start()])
            pieces.append(visible if is_preformatted else re.sub(r"\s+", " ", visible))
            if mark == "<!--":
                hidden_until = "-->"
            elif mark in _HIDDEN and not token.group().endswith("/>"):
                hidden_until = f"/{mark}"
        elif mark == hidden_until:
            hidden_until = ""
        if tag == "pre":
            is_preformatted = not token["close"]
        if tag == "br" or tag in ("li", "tr"):
            pieces.append("\n")
        elif tag in ("td", "th"):
            pieces.append(" ")
        elif tag in _BLOCKS:
            pieces.append("\n\n")
        start = token.end()
    if not hidden_until:
        pieces.append(html.unescape(text[start:]))
    return "".join(pieces)


def from_markdown(text: str) -> tuple[str, str]:
    """Reduce Markdown to (title, text). The title is a first heading that nothing precedes, else ""."""
    from markdown_it import MarkdownIt  # 50 ms

    title, blocks = "", list[str]()
    row: list[str] | None = None  # the cells of the current row of a table
    heading = number = ""
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text):
        match token.type:
            case "heading_open":
                heading = token.tag
            case "list_item_open":
                number = f"{token.info}. " if token.info else ""
            case "tr_open":
                row = []
            case "tr_close":
                blocks.append(" | ".join(row or []))
                row = None
            case "fence" | "code_block":
                blocks.append(token.content)
            case "html_block":
                blocks.append(from_html(token.content))
            case "inline":
                inline = _inline_text(token.children or [])
                if row is not None:
                    row.append(inline)
                elif heading in ("h1", "h2") and not title and not blocks:
                    title = inline
                else:
                    blocks.append(number + inline)
                heading = number = ""
    return title, "\n\n".join(block for block in blocks if block.strip())


def _inline_text(tokens: "list[Token]") -> str:
    """The text of a paragraph, without the descriptions of its images, which are not part of the report."""
    pieces = []
    for token in tokens:
        match token.type:
            case "text" | "code_inline":
                pieces.append(token.content)
            case "softbreak":
                pieces.append(" ")
            case "hardbreak":
                pieces.append("\n")
            case "html_inline" if token.content.lower().startswith("<br"):
                pieces.append("\n")
    return "".join(pieces).strip()
