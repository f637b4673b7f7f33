"""Sitemaps, above all those of news sites: the newest pages first, and each page again only when its date changes."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ingest.errors import FetchError, SourceError
from ingest.fetching import MAX_RESPONSE_BYTES, gunzip
from ingest.sources.fetched_page import read_page
from ingest.sources.item import Defaults, Item, ResumableItems
from ingest.sources.parsing.encoding import decode
from ingest.sources.parsing.safe_xml import element_text, local_name, parse_xml
from ingest.sources.parsing.values import date_or_none, valid_url
from ingest.sources.reader import Document, Web

_MAX_SITEMAPS = 20  # of an index that are read in one visit, the newest first
_MAX_PAGES = 500  # that are fetched in one visit; a news sitemap has at most 1,000
_MAX_ENTRIES = 50_000  # of one sitemap, as the protocol allows
_FIELDS = frozenset({"loc", "lastmod", "publication_date", "name", "language"})
_OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """A URL in a sitemap: of a page, or of another sitemap.

    Attributes:
        date: when the page was last modified or published; aware, UTC.
        published: as a news sitemap states it; aware, UTC.
        publisher: as a news sitemap names it.
        language: ISO 639-1 code.
    """

    url: str
    date: datetime | None = None
    published: datetime | None = None
    publisher: str = ""
    language: str = ""


def parse_sitemap(text: str) -> tuple[list[SitemapEntry], bool]:
    """Parse a sitemap or an index of sitemaps.

    Returns:
        Its entries, the newest first, and whether they are those of other sitemaps.

    Raises:
        ValueError: it is not a sitemap.
    """
    root = parse_xml(text, recover=True)
    if local_name(root) not in ("urlset", "sitemapindex"):
        raise ValueError("not a sitemap")
    entries = [entry for element in root[:_MAX_ENTRIES] if (entry := _entry(element)).url]
    return _newest_first(entries), local_name(root) == "sitemapindex"


def _entry(element: Any) -> SitemapEntry:  # noqa: ANN401 # lxml ships no types
    fields: dict[str, str] = {}
    for child in element.iter():
        name = local_name(child)
        if name in _FIELDS and name not in fields:
            fields[name] = element_text(child)
    published = date_or_none(fields.get("publication_date", ""))
    return SitemapEntry(
        valid_url(fields.get("loc", "")),
        date_or_none(fields.get("lastmod", "")) or published,
        published,
        fields.get("name", ""),
        fields.get("language", "")[:2].lower(),
    )


def _newest_first(entries: Iterable[SitemapEntry]) -> list[SitemapEntry]:
    return sorted(entries, key=lambda entry: entry.date or _OLDEST, reverse=True)


def read_sitemap(document: Document, defaults: Defaults, web: Web | None = None) -> ResumableItems:
    """Read the articles of a sitemap that are new since earlier visits, or whose date has changed.

    Args:
        document: the sitemap. The sitemaps of an index are fetched, but not those of an index inside it.
        defaults: stand in for what neither the sitemap nor a page states.
        web: to fetch the pages.

    Returns:
        By `yield from`: whether everything was read.
    """
    source = document.source
    try:
        entries, is_index = parse_sitemap(document.read_markup())
    except ValueError as error:
        yield SourceError(source, str(error))
        return True
    if web is None:
        yield SourceError(source, "a sitemap names pages of the web; khabar ingest fetches them")
        return True
    complete = True
    if is_index:
        entries, complete = yield from _entries_of_index(entries, web)
    if not entries:
        yield SourceError(source, "a sitemap without addresses")
        return complete
    visits = web.notebook.known(source)
    new = [entry for entry in entries if entry.url not in visits or visits[entry.url].digest != str(entry.date)]
    for entry in new[:_MAX_PAGES]:
        stated = Defaults(
            defaults.publisher or entry.publisher,
            entry.published or defaults.published,
            defaults.language or entry.language,
        )
        page = read_page(entry.url, stated, web)
        yield page.item
        if page.failed_for_now:
            complete = False
            continue
        web.notebook.note(page.visit(source, entry.url, entry.url, str(entry.date), visits.get(entry.url)))
    if len(new) > _MAX_PAGES:
        yield SourceError(source, f"{len(new) - _MAX_PAGES:,} older pages are left for the next visit")
        complete = False
    return complete


def _entries_of_index(
    sitemaps: list[SitemapEntry], web: Web
) -> Generator[Item | SourceError, None, tuple[list[SitemapEntry], bool]]:
    """Fetch the newest sitemaps of an index; returns their entries, and whether all sitemaps were read."""
    entries: dict[str, SitemapEntry] = {}
    complete = len(sitemaps) <= _MAX_SITEMAPS
    for sitemap in sitemaps[:_MAX_SITEMAPS]:
        try:
            content = web.fetcher.fetch(sitemap.url).content
            if content.startswith(b"\x1f\x8b"):
                content = gunzip(content, MAX_RESPONSE_BYTES)
            inner, is_index = parse_sitemap(decode(content, markup=True))
        except FetchError as error:
            complete = complete and not error.transient
            yield error
            continue
        except ValueError as error:
            yield SourceError(sitemap.url, str(error))
            continue
        if is_index:
            yield SourceError(sitemap.url, "an index inside an index, which sitemaps may not have; it is not followed")
            continue
        for entry in inner:
            entries.setdefault(entry.url, entry)
    return _newest_first(entries.values()), complete
