"""Feeds: RSS 0.9 to 2.0, Atom and JSON Feed.

An entry with its full text is an article. Of one with a summary the linked page is the article, and where that is not
to be had the summary stands in for it, with a line that says so. What is ill-formed gives what it has.
"""

import hashlib
import io
import logging
import re
from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from ingest.errors import Gone, SourceError
from ingest.fetching.fetch_state import Visit
from ingest.language import one_line
from ingest.language.dates import parse_date
from ingest.sources.item import Defaults, Draft, Item, Reading, finish, stated_language, web_address
from ingest.sources.parsing.html_to_text import from_html
from ingest.sources.parsing.safe_xml import find, local, parse_xml, refuse_attributes, refuse_entities, words
from ingest.sources.web_page import Page, Web, read_page

_log = logging.getLogger(__name__)

_ENTRIES = 1000  # of one feed; feeds have 10 to 100
_TAGS = 100_000  # of one feed, ends too: 1,000 entries with 50 elements each; its parser needs 20 s for so many
_FULL = 200  # letters: content below it is a teaser, whatever the feed calls it
_WHOLE = 1500  # letters: a description above it is the article
_CUT = re.compile(
    r"(?:\[(?:…|\.\.\.|&hellip;)\]|…|\.\.\.|(?:continue reading|read more|read the full (?:story|article)|full story|"
    r"more)\W*|(?:اقر[أا]|للمزيد|المزيد|تابع القراءة|التفاصيل)[^.]{0,30})\s*\Z",
    re.IGNORECASE,
)
_BLOGS = re.compile(r"\n+The post .{1,300} (?:appeared|was) first (?:appeared )?on .{1,200}\Z")  # what WordPress adds


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of one article.

    Attributes:
        key: names it in its feed.
        text: the words, paragraphs apart.
        full: the text is the article, not a teaser for it.
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
        """Another one when the feed says something else of it."""
        said = (self.link, self.title, self.text, self.author, str(self.published), str(self.modified))
        return hashlib.sha256("\0".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed.

    Attributes:
        problem: what is wrong with it, though it could be read; "" for nothing.
    """

    title: str
    language: str
    entries: list[Entry]
    problem: str = ""


def parse_feed(text: str, url: str = "") -> Feed:
    """Read RSS or Atom.

    Args:
        text: the document.
        url: where it was; relative links are relative to it.

    Raises:
        ValueError: it is no feed, for a person to read why.
    """
    import feedparser

    refuse_entities(text)
    if text.count("<") > _TAGS:
        raise ValueError(f"{text.count('<'):,} tags; a feed has at most {_TAGS:,}")
    head = re.sub(r"\A\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"))
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url or "file:feed"}
    data = head.encode("utf-8", "replace")
    refuse_attributes(data)
    found = feedparser.parse(
        io.BytesIO(data), response_headers=headers, resolve_relative_uris=bool(url), sanitize_html=False
    )
    entries = [_entry(one, url, place) for place, one in enumerate(found.entries[:_ENTRIES], 1)]
    title, language = one_line(from_html(found.feed.get("title", ""))), found.feed.get("language", "")
    if not entries and re.search(r"<(?:\w+:)?(?:item|entry)[\s>]", text):
        title, entries = _rescued(text, url)
    if not entries and not found.version:
        raise ValueError("it is neither a feed nor another kind of news that is read")
    problem = f"it is ill-formed: {found.bozo_exception}" if found.bozo and not entries else ""
    return Feed(title, _code(language), entries, problem)


def parse_json_feed(value: dict[str, Any], url: str = "") -> Feed:
    """Read a JSON Feed, versions 1 and 1.1.

    Args:
        value: the document.
        url: where it was.
    """
    items = value.get("items")
    entries = [
        _json_entry(one, url, place)
        for place, one in enumerate(items[:_ENTRIES] if isinstance(items, list) else [], 1)
        if isinstance(one, dict)
    ]
    return Feed(one_line(_string(value.get("title"))), _code(_string(value.get("language"))), entries)


def read_feed(feed: Feed, source: str, defaults: Defaults, web: Web | None) -> Reading:
    """Read the articles of a feed that are not known from earlier visits.

    Args:
        feed: parsed.
        source: its address or file: its name in errors, and for what is remembered.
        defaults: what neither the feed nor the page says.
        web: to fetch linked pages; None to take what the feed has.

    Returns:
        By `yield from`: whether all entries were dealt with, so that nothing is left for another time.
    """
    if not feed.entries:
        yield SourceError(source, feed.problem or "a feed without entries")
        return True
    known = web.notebook.known(source) if web else {}
    done, same = True, 0
    for place, entry in enumerate(feed.entries, 1):
        before = known.get(entry.key)
        # The words of a file are read again: that costs nothing, and whoever names it again may say more of it.
        if before and before.digest == entry.digest and (web_address(source) or not before.own_words):
            same += 1
            continue
        page = yield from _read_entry(entry, feed, f"entry {place}", source, defaults, web)
        if web and page.passing:
            done = False
        elif web:
            web.notebook.note(_visit(source, entry, page, before))
    if same == len(feed.entries):
        _log.info("%s: nothing new", source)
    return done


def _visit(source: str, entry: Entry, page: Page, before: Visit | None) -> Visit:
    now, fetched = datetime.now(UTC), page.fetched
    article = page.item.article.id if isinstance(page.item, Item) else ""
    visit = Visit(source, entry.key, entry.link if article else "", article, True, entry.digest, first=now, checked=now)
    if fetched:
        visit = replace(visit, own_words=False, url=fetched.url, etag=fetched.etag, modified=fetched.last_modified)
    return replace(visit, first=before.first) if before else visit


def _read_entry(
    entry: Entry, feed: Feed, place: str, source: str, defaults: Defaults, web: Web | None
) -> Generator[Item | SourceError, None, Page]:
    """Read one entry; returns, by `yield from`, what became of it."""
    if entry.full or not entry.link or not web:
        page = Page(_own_words(entry, feed, place, source, defaults))
        yield page.item
        return page
    said = replace(
        defaults,
        published=entry.published or defaults.published,
        publisher=defaults.publisher or feed.title,
        language=defaults.language,
    )
    page = read_page(entry.link, said, web)
    if isinstance(page.item, Item):
        article = page.item.article
        page = replace(page, item=replace(page.item, article=replace(article, author=article.author or entry.author)))
        yield page.item
        return page
    summary = page.item if isinstance(page.item, Gone) else _own_words(entry, feed, place, source, defaults)
    if isinstance(summary, Item):
        yield summary
        yield SourceError(entry.link, f"{page.item.reason}; its summary in the feed was taken", f"{place} of {source}")
        return page if page.passing else Page(summary)
    yield page.item
    return page


def _own_words(entry: Entry, feed: Feed, place: str, source: str, defaults: Defaults) -> Item | SourceError:
    """The article that the feed itself holds."""
    if not entry.text.strip():
        return SourceError(source, f"it has no text{'' if entry.link else ' and no link'}: {entry.title!r}", place)
    draft = Draft(
        text=entry.text,
        title=entry.title,
        url=entry.link,
        publisher="" if defaults.publisher else feed.title,
        author=entry.author,
        published=entry.published,
        language=stated_language(entry.language or feed.language, entry.text),
        modified=entry.modified if entry.modified != entry.published else None,
        key=f"{source} {entry.key}",
    )
    try:
        return Item(finish(draft, defaults, source, place))
    except SourceError as error:
        return error


def _entry(one: Any, url: str, place: int) -> Entry:  # noqa: ANN401 # feedparser's
    """What feedparser read of one entry."""
    link = _link(one, url)
    title = one_line(from_html(one.get("title", "")))
    contents = [from_html(part.get("value", "")) for part in one.get("content", []) if _is_text(part)]
    content = max(contents, key=len, default="")
    summary = from_html(one.get("summary", ""))
    said_updated = dict.get(one, "updated")  # its own `get` falls back to what was published, with a warning
    published = _date(one.get("published") or one.get("created") or said_updated)
    authors = [author.get("name", "") for author in one.get("authors", []) if author]
    detail = one.get("summary_detail") or {}
    languages = [part.get("language") for part in [*one.get("content", []), detail, one.get("title_detail") or {}]]
    return Entry(
        key=one.get("id") or link or title or f"entry {place}",
        link=link,
        title=title,
        text=_BLOGS.sub("", content if len(content) >= len(summary) else summary),
        full=_is_full(content, summary),
        author=one_line(", ".join(filter(None, authors)) or one.get("author", "")),
        published=published,
        modified=_date(said_updated),
        language=_code(next(filter(None, languages), "") or ""),
    )


def _is_full(content: str, summary: str) -> bool:
    """Whether an entry's text is the article."""
    if _letters(content) >= _FULL and not _CUT.search(content[-200:]):
        return True
    return _letters(summary) >= _WHOLE and not _CUT.search(summary[-200:])


def _is_text(part: Any) -> bool:  # noqa: ANN401 # feedparser's
    return str(part.get("type", "")).startswith(("text/", "application/xhtml", "application/xml")) or not part.get(
        "type"
    )


def _link(one: Any, url: str) -> str:  # noqa: ANN401 # feedparser's
    """The address of the entry's page: the alternate link, else an id that is one."""
    named = [link.get("href", "") for link in one.get("links", []) if link.get("rel", "alternate") == "alternate"]
    for candidate in (*named, one.get("link", ""), one.get("id", "")):
        try:
            if address := web_address(urljoin(url, candidate)):
                return address
        except ValueError:
            continue
    return ""


def _json_entry(one: dict[str, Any], url: str, place: int) -> Entry:
    """An item of a JSON Feed."""
    raw = _string(one.get("content_text"))
    content = raw or from_html(_string(one.get("content_html")))
    summary = _string(one.get("summary"))
    named = one.get("authors")
    authors = named if isinstance(named, list) else [one.get("author")]
    link = web_address(_string(one.get("url"))) or web_address(_string(one.get("external_url")))
    return Entry(
        key=_string(one.get("id")) or link or f"item {place}",
        link=link,
        title=one_line(_string(one.get("title"))),
        text=content or summary,
        full=_is_full(content, ""),
        author=", ".join(
            one_line(_string(author.get("name")))
            for author in authors
            if isinstance(author, dict) and author.get("name")
        ),
        published=_date(_string(one.get("date_published"))),
        modified=_date(_string(one.get("date_modified"))),
        language=_code(_string(one.get("language"))),
    )


def _rescued(text: str, url: str) -> tuple[str, list[Entry]]:
    """What is left of a feed that feedparser gives up: its title, and what each item plainly says."""
    try:
        root = parse_xml(text, forgiving=True)
    except ValueError:
        return "", []
    entries = []
    for place, item in enumerate([one for one in root.iter("{*}item", "{*}entry")][:_ENTRIES], 1):
        plain = {local(child): child for child in reversed(item) if local(child)}
        said = {name: words(child) for name, child in plain.items()}
        href = plain["link"].get("href") or said["link"] if "link" in plain else ""
        content, summary = (
            from_html(said.get("encoded", "")),
            from_html(said.get("description") or said.get("summary", "")),
        )
        link = web_address(urljoin(url, href)) or web_address(said.get("guid", ""))
        entries.append(
            Entry(
                key=said.get("guid") or said.get("id") or link or f"entry {place}",
                link=link,
                title=one_line(from_html(said.get("title", ""))),
                text=content if len(content) >= len(summary) else summary,
                full=_is_full(content, summary),
                author=said.get("creator") or said.get("author", ""),
                published=_date(said.get("pubDate") or said.get("date") or said.get("published")),
            )
        )
    return one_line(words(find(root, "title"))), entries


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _date(text: Any) -> datetime | None:  # noqa: ANN401 # what a feed says
    try:
        return parse_date(text) if isinstance(text, str) and text.strip() else None
    except ValueError:
        return None


def _code(text: str) -> str:
    match = re.match(r"([a-z]{2})(?:[-_]|$)", text.strip().lower())
    return match[1] if match else ""


def _string(value: Any) -> str:  # noqa: ANN401 # what JSON holds
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
