"""Plain text and Markdown: one article per document.

The title is the one that the front matter states, else a first line that looks like a title (and is then not part of
the text), else one made from the first sentence.
"""

import itertools
import re
from dataclasses import replace

from ingest.errors import SourceError
from ingest.language import clean, folded
from ingest.language.data import of_all_languages
from ingest.sources.item import Defaults, Item, Items
from ingest.sources.parsing.encoding import decode
from ingest.sources.parsing.html_to_text import from_markdown
from ingest.sources.parsing.source_words import SourceWords
from ingest.sources.parsing.values import KEPT_UNDATED, date_or_reason
from ingest.sources.raw_article import RawArticle, build_article
from ingest.sources.reader import Document, Web

_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"([^\W\d][\w -]{0,20}?)\s*:\s*(.*)")
_MAX_TITLE = 150  # characters: about the longest of 1,000 headlines of the ANT corpus
# Of sentences, introductions and lists; the last three end a sentence that ends with its quotation.
_NOT_A_TITLE_END = (".", "۔", "。", ":", "،", ",", "؛", ";", "…", '."', ".»", ".”")
_UNDERLINE = re.compile(r"[=\-*_~]{3,}\n*")
_LIST_ITEM = re.compile(r"(?:[-*•–—]|\(?(?:\d{1,3}|[٠-٩]{1,3})[.)])\s")


def read_plain_text(document: Document, defaults: Defaults, web: Web | None = None) -> Items:
    """Read the article of a plain text.

    Args:
        document: the text.
        defaults: stand in for what it does not state.
        web: not used.

    Raises:
        ValueError: it is empty, too long, or not text.
    """
    raw, date_error, body = _split_front_matter(document, defaults)
    yield from _items(raw, date_error, "", _unwrapped(clean(body)), document, defaults)


def read_markdown(document: Document, defaults: Defaults, web: Web | None = None) -> Items:
    """Read the article of a Markdown document, reduced to the text that a reader sees.

    Args:
        document: the Markdown.
        defaults: stand in for what it does not state.
        web: not used.

    Raises:
        ValueError: it is empty, too long, or not text.
    """
    raw, date_error, body = _split_front_matter(document, defaults)
    heading, text = from_markdown(body)
    yield from _items(raw, date_error, heading, clean(text), document, defaults)


def _items(raw: RawArticle, date_error: str, heading: str, text: str, document: Document, defaults: Defaults) -> Items:
    if not heading and not raw.title:
        heading, text = _split_title(text)
    elif not raw.title or clean(raw.title) == text.partition("\n")[0]:
        text = text.removeprefix(raw.title)
    article = build_article(replace(raw, text=text, title=raw.title or heading), defaults, document.source)
    # Set afterwards: the id of a text without a URL of its own comes from its words, wherever it was fetched.
    yield Item(replace(article, url=article.url or document.url), document.origin)
    if date_error:
        yield SourceError(document.source, date_error + KEPT_UNDATED)


def _split_front_matter(document: Document, defaults: Defaults) -> tuple[RawArticle, str, str]:
    """Decode a document: what its front matter states, what is wrong with its date ("" for nothing), and the body."""
    text = decode(document.read()).lstrip("\ufeff")
    values, body = _front_matter(re.sub(r"\r\n?", "\n", text))
    language = values.get("language", "")[:2].lower()
    published, date_error = date_or_reason(values.get("published", ""), language or defaults.language)
    title, url, publisher, author = (values.get(name, "") for name in ("title", "url", "publisher", "author"))
    raw = RawArticle("", title, url, publisher, author, published, language if language.isascii() else "")
    return raw, date_error, body


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The values of the lines "key: value" at the beginning, and the text after them.

    These lines stand between two lines "---", or are a first paragraph that states a title. They are read line by line
    and not as YAML, which refuses headlines with a colon.
    """
    if match := _FRONT_MATTER.match(text):
        return _values(match[1].split("\n")), text[match.end() :]
    head, _, rest = text.lstrip().partition("\n\n")
    lines = head.split("\n")
    names = [_field_name(line) for line in lines]
    if rest.strip() and all(names) and "title" in names:
        return _values(lines), rest
    return {}, text


def _field_name(line: str) -> str:
    match = _FIELD.match(line)
    names = of_all_languages(SourceWords).front_matter
    return names.get(folded(match[1]).replace(" ", "_"), "") if match else ""


def _values(lines: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    name = ""
    for line in lines:
        match = _FIELD.match(line)
        if match:
            name = _field_name(line)
            value = match[2]
        elif re.match(r"\s*-\s+\S", line):  # an item of a list, appended to the value
            value = ", ".join(filter(None, (values.get(name, ""), _unquoted(line.strip()[1:]))))
            values.pop(name, None)
        else:
            continue
        if name and name not in values and value.strip():
            values[name] = _unquoted(value)
    return values


def _unquoted(value: str) -> str:
    value = value.strip()
    if value.startswith("[") and value.endswith("]"):
        return ", ".join(_unquoted(part) for part in value[1:-1].split(","))
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1].replace('\\"', '"').replace("''", "'")
    return value


def _split_title(text: str) -> tuple[str, str]:
    """The first line and the text after it if that line looks like a title; else "" and the whole text."""
    first, _, rest = text.partition("\n")
    is_separate = rest.startswith("\n") or bool(_UNDERLINE.match(rest))
    underline = _UNDERLINE.match(rest.lstrip("\n"))
    body = (rest.lstrip("\n")[underline.end() :] if underline else rest).strip()
    # A paragraph follows, not the next line of a verse.
    is_shorter = len(body.partition("\n")[0]) > max(120, 1.5 * len(first))
    is_title = 3 <= len(first) <= _MAX_TITLE and not first.endswith(_NOT_A_TITLE_END) and not _LIST_ITEM.match(first)
    if is_title and (is_separate or is_shorter) and sum(map(str.isalpha, body)) >= 20:
        if max(map(len, body.split("\n"))) > len(first) / 2:  # not one of many lines as short as itself
            return first, body
    return "", text


def _unwrapped(text: str) -> str:
    """The text with the lines of each paragraph joined, if it was wrapped to a width.

    Wrapped lines are full: the first word of the next line would not have fitted.
    """
    lines = text.split("\n")
    width = max(map(len, lines))
    pairs = [(line, following) for line, following in itertools.pairwise(lines) if line and following]
    full = [_is_full(line, following, width) for line, following in pairs]
    if not 50 <= width <= 120 or len(full) < 2 or sum(full) < len(full) * 0.8:
        return text
    pieces = [lines[0]]
    for line, following in itertools.pairwise(lines):
        joined = line and following and _is_full(line, following, width) and not _LIST_ITEM.match(following)
        pieces += [" " if joined else "\n", following]
    return "".join(pieces)


def _is_full(line: str, following: str, width: int) -> bool:
    """Whether the first word of the next line had no room on this one; editors leave up to 6 characters free."""
    return len(line) + 1 + len(following.split(None, 1)[0]) > width - 6
