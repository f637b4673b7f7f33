"""Feeds: RSS 0.9 to 2.0, Atom and JSON Feed.

An entry with the full text is an article. For an entry with a summary the linked page is the article; if it cannot be
fetched, the summary stands in for it and an error says so. An ill-formed feed yields the entries that can be read.
"""

import hashlib
import io
import logging
import re
from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from ingest.errors import Gone, SourceError
from ingest.language import folded, one_line
from ingest.language.data import of_all_languages
from ingest.language.patterns import alternation
from ingest.sources.fetched_page import Page, read_page
from ingest.sources.item import Defaults, Item, ResumableItems
from ingest.sources.parsing.html_to_text import from_html
from ingest.sources.parsing.safe_xml import (
    element_text,
    find,
    local_name,
    parse_xml,
    refuse_entities,
    refuse_many_attributes,
)
from ingest.sources.parsing.source_words import SourceWords
from ingest.sources.parsing.values import date_or_none, language_code, plausible_language, valid_url
from ingest.sources.raw_article import RawArticle, build_article
from ingest.sources.reader import Document, Web

_log = logging.getLogger(__name__)

_MAX_ENTRIES = 1000  # of one feed; feeds have 10 to 100
_MAX_TAGS = 100_000  # of one feed, end tags too: 1,000 entries of 50 elements, for which feedparser takes 20 s
_MIN_CONTENT = 200  # letters: shorter content is a teaser, whatever the feed calls it
_MIN_FULL_SUMMARY = 1500  # letters: a longer summary is the article


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed states about one article.

    Attributes:
        key: identifies the entry in its feed.
        text: with blank lines between paragraphs.
        full: the text is the article, not a teaser for it.
        published: aware, UTC.
        modified: aware, UTC.
        language: ISO 639-1 code.
    """

    key: str
    link: str = ""
    title: str = ""
    text: str = ""
    full: bool = False
    author: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    language: str = ""

    @property
    def digest(self) -> str:
        """Changes whenever the feed states something else."""
        fields = (self.link, self.title, self.text, self.author, str(self.published), str(self.modified))
        return hashlib.sha256("\0".join(fields).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Feed:
    """A parsed feed.

    Attributes:
        language: ISO 639-1 code; "" if the feed states none.
        problem: why there are no entries, if the feed is ill-formed; "" otherwise.
    """

    title: str
    language: str
    entries: list[Entry]
    problem: str = ""


def parse_feed(text: str, url: str = "", default_language: str = "") -> Feed:
    """Parse RSS or Atom.

    Args:
        text: the document.
        url: where it was fetched, the base of relative links.
        default_language: ISO 639-1; dates are read in it if the feed states no language.

    Raises:
        ValueError: it is not a feed, or not safe to parse; the message says why.
    """
    import feedparser

    refuse_entities(text)
    if text.count("<") > _MAX_TAGS:
        raise ValueError(f"{text.count('<'):,} tags; a feed may have at most {_MAX_TAGS:,}")
    data = re.sub(r"\A\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff")).encode("utf-8", "replace")
    refuse_many_attributes(data)
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url or "file:feed"}
    parsed = feedparser.parse(
        io.BytesIO(data), response_headers=headers, resolve_relative_uris=bool(url), sanitize_html=False
    )
    title, language = one_line(from_html(parsed.feed.get("title", ""))), language_code(parsed.feed.get("language", ""))
    date_language = language or default_language
    entries = [
        _entry(fields, url, number, date_language) for number, fields in enumerate(parsed.entries[:_MAX_ENTRIES], 1)
    ]
    if not entries and re.search(r"<(?:\w+:)?(?:item|entry)[\s>]", text):
        title, entries = _recover(text, url, date_language)
    if not entries and not parsed.version:
        raise ValueError("neither a feed nor another kind of XML that can be read")
    problem = f"it is ill-formed: {parsed.bozo_exception}" if parsed.bozo and not entries else ""
    return Feed(title, language, entries, problem)


def parse_json_feed(value: dict[str, Any], default_language: str = "") -> Feed:
    """Parse a JSON Feed, version 1 or 1.1; its dates are read in `default_language` if it states no language."""
    items, language = value.get("items"), language_code(_string(value.get("language")))
    entries = [
        _json_entry(item, number, language or default_language)
        for number, item in enumerate(items[:_MAX_ENTRIES] if isinstance(items, list) else [], 1)
        if isinstance(item, dict)
    ]
    return Feed(one_line(_string(value.get("title"))), language, entries)


def read_feed(document: Document, defaults: Defaults, web: Web | None = None) -> ResumableItems:
    """Read the articles of an RSS or Atom feed that are new or changed since earlier visits.

    Args:
        document: the feed.
        defaults: stand in for what neither the feed nor a page states.
        web: to fetch linked pages; None to take what the feed contains.

    Returns:
        By `yield from`: whether everything was read.
    """
    try:
        feed = parse_feed(document.read_markup(), document.url, defaults.language)
    except ValueError as error:
        yield SourceError(document.source, str(error))
        return True
    return (yield from _read_entries(feed, document.source, defaults, web))


def is_json_feed(value: dict[str, Any]) -> bool:
    """Return whether a JSON object is a JSON Feed."""
    return "jsonfeed.org/version" in str(value.get("version", ""))


def read_json_feed(
    value: dict[str, Any], source: str, location: str, defaults: Defaults, web: Web | None
) -> ResumableItems:
    """Read the articles of a JSON Feed that are new or changed since earlier visits.

    Args:
        value: the feed.
        source: its file or URL, for errors; earlier visits are remembered under it.
        location: in the source, for errors.
        defaults: stand in for what neither the feed nor a page states.
        web: to fetch linked pages; None to take what the feed contains.

    Returns:
        By `yield from`: whether everything was read.
    """
    try:
        feed = parse_json_feed(value, defaults.language)
    except (ValueError, RecursionError, AttributeError) as error:
        yield SourceError(source, f"not a readable JSON Feed: {error}", location)
        return True
    return (yield from _read_entries(feed, source, defaults, web))


def _read_entries(feed: Feed, source: str, defaults: Defaults, web: Web | None) -> ResumableItems:
    if not feed.entries:
        yield SourceError(source, feed.problem or "a feed without entries")
        return True
    visits = web.notebook.known(source) if web else {}
    complete, unchanged = True, 0
    for number, entry in enumerate(feed.entries, 1):
        visit = visits.get(entry.key)
        # A file's own text is read again: that costs nothing, and the defaults may have changed.
        if visit and visit.digest == entry.digest and (valid_url(source) or not visit.own_words):
            unchanged += 1
            continue
        page = yield from _read_entry(entry, feed, f"entry {number}", source, defaults, web)
        if web and page.failed_for_now:
            complete = False
        elif web:
            web.notebook.note(page.visit(source, entry.key, entry.link, entry.digest, visit))
    if unchanged == len(feed.entries):
        _log.info("%s: nothing new", source)
    return complete


def _read_entry(
    entry: Entry, feed: Feed, location: str, source: str, defaults: Defaults, web: Web | None
) -> Generator[Item | SourceError, None, Page]:
    """Read the article of one entry; returns the page that it came from, without a response for the feed's own text."""
    if entry.full or not entry.link or not web:
        page = Page(_feed_article(entry, feed, location, source, defaults))
        yield page.item
        return page
    stated = replace(
        defaults,
        published=entry.published or defaults.published,
        publisher=defaults.publisher or feed.title,
    )
    page = read_page(entry.link, stated, web)
    if isinstance(page.item, Item):
        article = page.item.article
        page = replace(page, item=replace(page.item, article=replace(article, author=article.author or entry.author)))
        yield page.item
        return page
    # The teaser of a page that is gone is not an article.
    summary = page.item if isinstance(page.item, Gone) else _feed_article(entry, feed, location, source, defaults)
    if isinstance(summary, Item):
        yield summary
        reason = f"{page.item.reason}; its summary in the feed was used instead"
        yield SourceError(entry.link, reason, f"{location} of {source}")
        return page if page.failed_for_now else Page(summary)
    yield page.item
    return page


def _feed_article(entry: Entry, feed: Feed, location: str, source: str, defaults: Defaults) -> Item | SourceError:
    """The article with the text that the feed itself contains."""
    if not entry.text.strip():
        return SourceError(source, f"it has no text{'' if entry.link else ' and no link'}: {entry.title!r}", location)
    raw = RawArticle(
        text=entry.text,
        title=entry.title,
        url=entry.link,
        publisher="" if defaults.publisher else feed.title,
        author=entry.author,
        published=entry.published,
        language=plausible_language(entry.language or feed.language, entry.text),
        modified=entry.modified if entry.modified != entry.published else None,
        key=f"{source} {entry.key}",
    )
    try:
        return Item(build_article(raw, defaults, source, location))
    except SourceError as error:
        return error


def _entry(fields: Any, url: str, number: int, feed_language: str) -> Entry:  # noqa: ANN401 # feedparser ships no types
    """Convert an entry as feedparser parsed it."""
    link = _link(fields, url)
    title = one_line(from_html(fields.get("title", "")))
    contents = [
        from_html(part.get("value", "")) for part in fields.get("content", [])
        if str(part.get("type") or "text/plain").startswith(("text/", "application/xhtml", "application/xml"))
    ]  # fmt: skip
    content = max(contents, key=len, default="")
    summary = from_html(fields.get("summary", ""))
    text = content if len(content) >= len(summary) else summary
    blog_footer = alternation(of_all_languages(SourceWords).blog_footer)
    updated = dict.get(fields, "updated")  # feedparser's `get` falls back to the date of publication, with a warning
    authors = [author.get("name", "") for author in fields.get("authors", []) if author]
    details = [fields.get("summary_detail") or {}, fields.get("title_detail") or {}]
    languages = [part.get("language") for part in [*fields.get("content", []), *details]]
    language = language_code(next(filter(None, languages), "") or "")
    published = fields.get("published") or fields.get("created") or updated
    return Entry(
        key=fields.get("id") or link or title or f"entry {number}",
        link=link,
        title=title,
        text=re.sub(rf"\n+{blog_footer}\Z", "", text),
        full=_is_full(content, summary),
        author=one_line(", ".join(filter(None, authors)) or fields.get("author", "")),
        published=_date(published, language or feed_language),
        modified=_date(updated, language or feed_language),
        language=language,
    )


def _is_full(content: str, summary: str) -> bool:
    """Whether an entry contains the article, not a teaser for it."""
    if _letters(content) >= _MIN_CONTENT and not _is_cut(content):
        return True
    return _letters(summary) >= _MIN_FULL_SUMMARY and not _is_cut(summary)


def _is_cut(text: str) -> bool:
    """Whether a text ends as teasers do."""
    teaser_ends = alternation(of_all_languages(SourceWords).teaser_ends)
    return re.search(rf"(?:\[(?:\.\.\.|&hellip;)\]|\.\.\.|{teaser_ends})\s*\Z", folded(text[-200:])) is not None


def _link(fields: Any, url: str) -> str:  # noqa: ANN401 # feedparser ships no types
    """The URL of the entry's page: the alternate link, else an id that is a URL."""
    alternates = [
        link.get("href", "") for link in fields.get("links", []) if link.get("rel", "alternate") == "alternate"
    ]
    for candidate in (*alternates, fields.get("link", ""), fields.get("id", "")):
        try:
            if link := valid_url(urljoin(url, candidate)):
                return link
        except ValueError:
            continue
    return ""


def _json_entry(item: dict[str, Any], number: int, feed_language: str) -> Entry:
    """Convert an item of a JSON Feed."""
    content = _string(item.get("content_text")) or from_html(_string(item.get("content_html")))
    authors = item.get("authors")
    if not isinstance(authors, list):
        authors = [item.get("author")]  # version 1
    link = valid_url(_string(item.get("url"))) or valid_url(_string(item.get("external_url")))
    language = language_code(_string(item.get("language")))
    return Entry(
        key=_string(item.get("id")) or link or f"item {number}",
        link=link,
        title=one_line(_string(item.get("title"))),
        text=content or _string(item.get("summary")),
        full=_is_full(content, ""),
        author=", ".join(
            one_line(_string(author.get("name")))
            for author in authors
            if isinstance(author, dict) and author.get("name")
        ),
        published=_date(item.get("date_published"), language or feed_language),
        modified=_date(item.get("date_modified"), language or feed_language),
        language=language,
    )


def _recover(text: str, url: str, language: str) -> tuple[str, list[Entry]]:
    """The title and the entries of a feed that is too ill-formed for feedparser."""
    try:
        root = parse_xml(text, recover=True)
    except ValueError:
        return "", []
    entries = []
    for number, item in enumerate(islice(root.iter("{*}item", "{*}entry"), _MAX_ENTRIES), 1):
        children = {local_name(child): child for child in reversed(item) if local_name(child)}
        fields = {name: element_text(child) for name, child in children.items()}
        href = children["link"].get("href") or fields["link"] if "link" in children else ""
        content = from_html(fields.get("encoded", ""))
        summary = from_html(fields.get("description") or fields.get("summary", ""))
        link = valid_url(urljoin(url, href)) or valid_url(fields.get("guid", ""))
        entries.append(
            Entry(
                key=fields.get("guid") or fields.get("id") or link or f"entry {number}",
                link=link,
                title=one_line(from_html(fields.get("title", ""))),
                text=content if len(content) >= len(summary) else summary,
                full=_is_full(content, summary),
                author=fields.get("creator") or fields.get("author", ""),
                published=_date(fields.get("pubDate") or fields.get("date") or fields.get("published"), language),
            )
        )
    return one_line(element_text(find(root, "title"))), entries


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _date(value: Any, language: str) -> datetime | None:  # noqa: ANN401 # what feedparser or JSON holds
    return date_or_none(_string(value), language)


def _string(value: Any) -> str:  # noqa: ANN401 # what JSON holds
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
