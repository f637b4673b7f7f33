"""Sitemaps, those of news sites above all: the newest pages first, and each page once until its date says otherwise."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ingest.errors import FetchError, SourceError
from ingest.fetching import MAX_RESPONSE_BYTES, gunzip
from ingest.fetching.fetch_state import Visit
from ingest.language.dates import parse_date
from ingest.sources.item import Defaults, Item, Reading, web_address
from ingest.sources.parsing.encoding import decode
from ingest.sources.parsing.safe_xml import local, parse_xml, words
from ingest.sources.web_page import Web, read_page

_MAPS = 20  # sitemaps of an index that are read at a time, the newest first
_PAGES = 500  # pages that are fetched at a time; a news sitemap has at most 1,000
_ADDRESSES = 50_000  # of one sitemap, as the protocol has it
_SAID = frozenset({"loc", "lastmod", "publication_date", "name", "language", "title"})
_OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """An address of a sitemap.

    Attributes:
        date: when it was published or last changed.
        publisher: as a news sitemap names it.
        title: of the article.
    """

    url: str
    date: datetime | None = None
    published: datetime | None = None
    publisher: str = ""
    language: str = ""
    title: str = ""


def parse_sitemap(text: str) -> tuple[list[Place], bool]:
    """Read a sitemap: its addresses, the newest first, and whether they are those of other sitemaps.

    Raises:
        ValueError: it is no sitemap.
    """
    root = parse_xml(text, forgiving=True)
    if local(root) not in ("urlset", "sitemapindex"):
        raise ValueError("it is no sitemap")
    places = [place for one in root[:_ADDRESSES] if (place := _place(one)).url]
    return sorted(places, key=lambda place: place.date or _OLDEST, reverse=True), local(root) == "sitemapindex"


def _place(element: Any) -> Place:  # noqa: ANN401 # lxml ships no types
    said: dict[str, str] = {}
    for child in element.iter():
        name = local(child)
        if name in _SAID and name not in said:
            said[name] = words(child)
    published = _date(said.get("publication_date", ""))
    return Place(
        web_address(said.get("loc", "")),
        _date(said.get("lastmod", "")) or published,
        published,
        said.get("name", ""),
        said.get("language", "")[:2].lower(),
        said.get("title", ""),
    )


def _date(text: str) -> datetime | None:
    try:
        return parse_date(text) if text else None
    except ValueError:
        return None


def read_sitemap(text: str, source: str, defaults: Defaults, web: Web | None) -> Reading:
    """Read the articles of a sitemap that are not known from earlier visits.

    Args:
        text: the document; of an index the sitemaps are fetched, those of an index in an index are not.
        source: its address or file.
        defaults: what a page does not say.
        web: to fetch the pages.

    Returns:
        By `yield from`: whether nothing is left for another time.
    """
    try:
        places, is_index = parse_sitemap(text)
    except ValueError as error:
        yield SourceError(source, str(error))
        return True
    if web is None:
        yield SourceError(source, "a sitemap names pages of the web; khabar ingest fetches them")
        return True
    done = True
    if is_index:
        places, done = yield from _pages_of_index(places, web)
    if not places:
        yield SourceError(source, "a sitemap without addresses")
        return done
    known = web.notebook.known(source)
    fresh = [place for place in places if not _is_known(place, known)]
    for place in fresh[:_PAGES]:
        page = read_page(place.url, _said(defaults, place), web)
        yield page.item
        if page.passing:
            done = False
            continue
        now, fetched = datetime.now(UTC), page.fetched
        visit = Visit(source, place.url, digest=str(place.date), first=now, checked=now)
        if isinstance(page.item, Item) and fetched:
            article = page.item.article.id
            visit = replace(visit, url=fetched.url, article=article, etag=fetched.etag, modified=fetched.last_modified)
        before = known.get(place.url)
        web.notebook.note(replace(visit, first=before.first) if before else visit)
    if len(fresh) > _PAGES:
        yield SourceError(source, f"{len(fresh) - _PAGES:,} more pages are left for the next time, the older ones")
        done = False
    return done


def _is_known(place: Place, known: dict[str, Visit]) -> bool:
    before = known.get(place.url)
    return before is not None and before.digest == str(place.date)


def _said(defaults: Defaults, place: Place) -> Defaults:
    return Defaults(
        defaults.publisher or place.publisher,
        place.published or defaults.published,
        defaults.language or place.language,
    )


def _pages_of_index(maps: list[Place], web: Web) -> Generator[Item | SourceError, None, tuple[list[Place], bool]]:
    """The addresses of the newest sitemaps of an index, by `yield from`, and whether all of them were read."""
    places: dict[str, Place] = {}
    done = len(maps) <= _MAPS
    for one in maps[:_MAPS]:
        try:
            fetched = web.fetcher.fetch(one.url)
            found, is_index = parse_sitemap(sitemap_text(fetched.content))
        except FetchError as error:
            done = done and not error.transient
            yield error
            continue
        except ValueError as error:
            yield SourceError(one.url, str(error))
            continue
        if is_index:
            yield SourceError(one.url, "an index inside an index, which no sitemap may be; it is not followed")
            continue
        for place in found:
            places.setdefault(place.url, place)
    return sorted(places.values(), key=lambda place: place.date or _OLDEST, reverse=True), done


def sitemap_text(data: bytes) -> str:
    """The text of a sitemap, which may be a gzip file.

    Raises:
        ValueError: it is none, or too large.
    """
    if data.startswith(b"\x1f\x8b"):
        data = gunzip(data, MAX_RESPONSE_BYTES)
    return decode(data, page=True)
