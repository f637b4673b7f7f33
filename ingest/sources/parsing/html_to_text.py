"""HTML and Markdown reduced to the words that a reader sees, paragraphs apart."""

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

_BLOCKS = frozenset(
    "address article aside blockquote center dd details div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol p pre section table tbody td th thead tr ul".split()
)
_UNSEEN = frozenset("head iframe noscript object script style svg template title".split())
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|br|code|em|figure|font|i|img|mark|q|s|script|small|span|strong|style|sub|sup|u|wbr|"
    + "|".join(sorted(_BLOCKS))
    + r")(?:\s[^<>]*)?/?>|<!--",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,6});", re.IGNORECASE)


# A tag with its attributes, or an edge of a comment. Nothing in it runs past the next "<": hostile input stays linear.
_TOKEN = re.compile(
    r"<!--|-->|<(?P<close>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9:-]*+)"
    r"(?:[\s/](?:[^<>\"'=]++|=\s*+(?:\"[^\"<]*+\"|'[^'<]*+')?+|[\"'])*+)?+>|<![^<>]*>|<\?[^<>]*>"
)


def from_html(text: str) -> str:
    """A fragment of HTML as text, paragraphs apart by a blank line; a text without markup stays as it is."""
    if _TAG.search(text):
        return _seen(text)
    return html.unescape(text) if _ENTITY.search(text) else text


def _seen(text: str) -> str:
    """What a browser shows: no comments and scripts; line ends are spaces, but in <pre>."""
    pieces: list[str] = []
    hidden = ""  # what ends the stretch that is not seen
    kept_lines = 0
    start = 0
    for token in _TOKEN.finditer(text):
        tag = (token["tag"] or "").lower()
        mark = (token["close"] or "") + tag if tag else token.group()
        if not hidden:
            words = html.unescape(text[start : token.start()])
            pieces.append(words if kept_lines else re.sub(r"\s+", " ", words))
            if mark == "<!--":
                hidden = "-->"
            elif mark in _UNSEEN and not token.group().endswith("/>"):
                hidden = f"/{mark}"
        elif mark == hidden:
            hidden = ""
        if tag == "pre":
            kept_lines = 0 if token["close"] else 1
        if tag == "br" or tag in ("li", "tr"):
            pieces.append("\n")
        elif tag in ("td", "th"):
            pieces.append(" ")
        elif tag in _BLOCKS:
            pieces.append("\n\n")
        start = token.end()
    if not hidden:
        pieces.append(html.unescape(text[start:]))
    return "".join(pieces)


def from_markdown(text: str) -> tuple[str, str]:
    """Reduce Markdown to (title, text): the title is its first heading where nothing stands before it, else ""."""
    from markdown_it import MarkdownIt  # 50 ms

    title, blocks = "", list[str]()
    row: list[str] | None = None  # the cells of a table's row, until it ends
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
                words = _inline(token.children or [])
                if row is not None:
                    row.append(words)
                elif heading in ("h1", "h2") and not title and not blocks:
                    title = words
                else:
                    blocks.append(number + words)
                heading = number = ""
    return title, "\n\n".join(block for block in blocks if block.strip())


def _inline(tokens: "list[Token]") -> str:
    """The words of a paragraph; of a picture its description is no part of the report."""
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
