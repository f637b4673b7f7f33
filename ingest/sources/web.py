"""An address of the web: fetched, known by its content, and read; a feed or a sitemap only where it has changed."""

import html
import io
import logging
import re
from collections.abc import Generator
from datetime import UTC, datetime
from urllib.parse import urljoin

from ingest.errors import FetchError, SourceError
from ingest.fetching import MAX_RESPONSE_BYTES, FetchResult, gunzip
from ingest.fetching.fetch_state import Visit
from ingest.sources.documents import ROOTS, is_json_feed, is_page, read_json_feed, read_xml, root_of
from ingest.sources.item import Defaults, Item, Reading
from ingest.sources.parsing.encoding import decode
from ingest.sources.records import read_csv, read_records
from ingest.sources.web_page import Web, page_article

_log = logging.getLogger(__name__)

_FEED_LINK = re.compile(r"<link\b[^>]{0,500}application/(?:rss|atom|feed)\+(?:xml|json)[^>]{0,500}>", re.IGNORECASE)
_HREF = re.compile(r"""href\s*=\s*["']([^"']{1,500})["']""", re.IGNORECASE)


def read_url(url: str, defaults: Defaults, web: Web) -> Reading:
    """Read the articles at an address: a feed, a sitemap, a page, or a document as files are.

    Args:
        url: http or https.
        defaults: what an article does not say.
        web: the way there, and what is known of earlier visits.

    Returns:
        By `yield from`: whether nothing is left for another time.
    """
    before = web.notebook.known(url).get("")
    try:
        fetched = web.fetcher.fetch(
            url, etag=before.etag if before else "", last_modified=before.modified if before else ""
        )
    except FetchError as error:
        yield error
        return False
    if fetched.not_modified:
        _log.info("%s: nothing new", url)
        return True
    try:
        if fetched.content.startswith(b"\x1f\x8b"):
            fetched = FetchResult(fetched.url, gunzip(fetched.content, MAX_RESPONSE_BYTES), "application/xml")
        done, is_list = yield from _read(fetched, url, defaults, web)
    except ValueError as error:
        yield SourceError(url, str(error))
        return True
    if done and is_list:
        now = datetime.now(UTC)
        web.notebook.note(
            Visit(
                url,
                etag=fetched.etag,
                modified=fetched.last_modified,
                first=before.first if before else now,
                checked=now,
            )
        )
    return done


def _read(
    fetched: FetchResult, url: str, defaults: Defaults, web: Web
) -> Generator[Item | SourceError, None, tuple[bool, bool]]:
    """Read what was fetched; by `yield from` whether nothing is left, and whether it is a list that comes again."""
    content = fetched.content
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        yield SourceError(url, "it is empty")
        return True, False
    if fetched.media_type.endswith("json") or content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        if is_json_feed(content):
            return (yield from read_json_feed(content, url, defaults, web, fetched.url)), True
        yield from read_records(io.BytesIO(content), url, defaults)
        return True, False
    if fetched.media_type in ("text/csv", "text/tab-separated-values"):
        yield from read_csv(io.BytesIO(content), url, defaults)
        return True, False
    root = root_of(decode(content[:200_000], page=True, charset=fetched.charset))
    if root in ROOTS or (fetched.media_type.endswith("xml") and not is_page(root)):
        done = yield from read_xml(content, url, defaults, web, fetched.url, fetched.charset)
        return done, True
    found = page_article(fetched, url, defaults)
    yield found if isinstance(found, Item) else _with_feeds(found, fetched)
    return True, False


def _with_feeds(error: SourceError, fetched: FetchResult) -> SourceError:
    """The error of a page that is no article, with the feeds that it names."""
    page = fetched.content[:200_000].decode("utf-8", "replace")
    links = [_HREF.search(link.group()) for link in _FEED_LINK.finditer(page)]
    feeds = [urljoin(fetched.url, html.unescape(link[1])) for link in links if link][:3]
    return (
        SourceError(error.source, f"{error.reason}; its feeds: {', '.join(feeds)}", error.location) if feeds else error
    )
