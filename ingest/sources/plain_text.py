"""Plain text and Markdown files: one article each.

The title is what the front matter says, else the first line where it looks like one (it is then no part of the text),
else made from the first sentence.
"""

import itertools
import re
from dataclasses import replace

from ingest.errors import SourceError
from ingest.language import clean
from ingest.language.dates import parse_date
from ingest.sources.item import Defaults, Draft, Found, Item, finish
from ingest.sources.parsing.encoding import decode
from ingest.sources.parsing.html_to_text import from_markdown

_FIELDS = {
    **dict.fromkeys(("title", "headline", "العنوان", "عنوان"), "title"),
    **dict.fromkeys(
        ("date", "published", "published_at", "pubdate", "publication_date", "التاريخ", "تاريخ"), "published"
    ),
    **dict.fromkeys(("publisher", "source", "site", "outlet", "newspaper", "المصدر", "الناشر"), "publisher"),
    **dict.fromkeys(("author", "authors", "byline", "by", "الكاتب"), "author"),
    **dict.fromkeys(("url", "link", "canonical_url", "permalink", "الرابط"), "url"),
    **dict.fromkeys(("language", "lang", "اللغة"), "language"),
}
_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"([^\W\d][\w -]{0,20}?)\s*:\s*(.*)")
_TITLE = 150  # characters; the longest of 1,000 headlines of the ANT corpus have about that
_NO_TITLE_END = (".", "۔", "。", ":", "،", ",", "؛", ";", "…")
_UNDERLINE = re.compile(r"[=\-*_~]{3,}\n*")
_LIST_ITEM = re.compile(r"(?:[-*•–—]|\(?(?:\d{1,3}|[٠-٩]{1,3})[.)])\s")


def read_plain(data: bytes, source: str, defaults: Defaults, origin: str = "", *, markdown: bool = False) -> Found:
    """Read one article from the bytes of a text or Markdown file.

    Args:
        data: the whole file.
        source: its name, for errors.
        defaults: what the file does not say.
        origin: see `Item`.
        markdown: it is Markdown.
    """
    try:
        raw = decode(data)
    except ValueError as error:
        yield SourceError(source, str(error))
        return
    said, body = _front_matter(re.sub(r"\r\n?", "\n", raw.lstrip("\ufeff")))
    draft, undated = _draft(said)
    if markdown:
        heading, text = from_markdown(body)
        text = clean(text)
    else:
        heading, text = "", _unwrapped(clean(body))
    if not heading and not draft.title:
        heading, text = _first_line(text)
    elif not draft.title or clean(draft.title) == text.partition("\n")[0]:
        text = text.removeprefix(draft.title)
    try:
        article = finish(replace(draft, text=text, title=draft.title or heading), defaults, source)
    except SourceError as error:
        yield error
        return
    yield Item(article, origin)
    if undated:
        yield SourceError(source, undated)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """What the lines "key: value" at the beginning say, and the rest.

    They stand between two lines "---", as YAML, or are the first paragraph and begin with the title. They are read line
    by line, not as YAML: a headline with a colon, which YAML refuses, is common.
    """
    if match := _FRONT_MATTER.match(text):
        return _fields(match[1].split("\n")), text[match.end() :]
    head, _, rest = text.lstrip().partition("\n\n")
    lines = head.split("\n")
    names = [_field_name(line) for line in lines]
    if rest.strip() and all(names) and "title" in names:
        return _fields(lines), rest
    return {}, text


def _field_name(line: str) -> str:
    match = _FIELD.match(line)
    return _FIELDS.get(match[1].strip().casefold().replace(" ", "_"), "") if match else ""


def _fields(lines: list[str]) -> dict[str, str]:
    said: dict[str, str] = {}
    name = ""
    for line in lines:
        match = _FIELD.match(line)
        if match:
            name = _field_name(line)
            value = match[2]
        elif re.match(r"\s*-\s+\S", line):  # one more of a list
            value = ", ".join(filter(None, (said.get(name, ""), _unquoted(line.strip()[1:]))))
            said.pop(name, None)
        else:
            continue
        if name and name not in said and value.strip():
            said[name] = _unquoted(value)
    return said


def _unquoted(value: str) -> str:
    value = value.strip()
    if value.startswith("[") and value.endswith("]"):
        return ", ".join(_unquoted(part) for part in value[1:-1].split(","))
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1].replace('\\"', '"').replace("''", "'")
    return value


def _draft(said: dict[str, str]) -> tuple[Draft, str]:
    """What is said, without the text, and what is wrong with the date."""
    language = said.get("language", "")[:2].lower()
    published, undated = None, ""
    if date := said.get("published"):
        try:
            published = parse_date(date, language=language)
        except ValueError as error:
            undated = f"{error}; kept without it"
    title, url, publisher, author = (said.get(name, "") for name in ("title", "url", "publisher", "author"))
    return Draft("", title, url, publisher, author, published, language if language.isascii() else ""), undated


def _first_line(text: str) -> tuple[str, str]:
    """The title and the text behind it, where the first line looks like a title; else no title and the whole text."""
    first, _, rest = text.partition("\n")
    apart = rest.startswith("\n") or bool(_UNDERLINE.match(rest))
    underline = _UNDERLINE.match(rest.lstrip("\n"))
    body = (rest.lstrip("\n")[underline.end() :] if underline else rest).strip()
    longer = len(body.partition("\n")[0]) > max(120, 1.5 * len(first))  # a paragraph, not the next line of a verse
    looks = 3 <= len(first) <= _TITLE and not first.endswith(_NO_TITLE_END) and not _LIST_ITEM.match(first)
    if looks and (apart or longer) and sum(map(str.isalpha, body)) >= 20 and _is_heading(first, body):
        return first, body
    return "", text


def _is_heading(first: str, body: str) -> bool:
    """Not a sentence before its quotation, nor one of many lines as short as itself."""
    paragraphs = [part for part in body.split("\n") if part]
    return not first.endswith(('."', ".»", ".”")) and max(map(len, paragraphs)) > len(first) / 2


def _unwrapped(text: str) -> str:
    """The text with each paragraph on one line, where its lines were broken to a width.

    Lines that were broken are full: the first word of the next would not have fitted any more.
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
    """Whether the first word of the next line had no room on this one, give or take 6 characters that editors leave."""
    return len(line) + 1 + len(following.split(None, 1)[0]) > width - 6
