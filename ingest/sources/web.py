"""Read a URL: a feed, a sitemap, a page, or any other kind of document that can be read as a file."""

import html
import io
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urljoin

from ingest.errors import FetchError, SourceError
from ingest.fetching import MAX_RESPONSE_BYTES, FetchResult, gunzip
from ingest.fetching.fetch_state import Visit
from ingest.sources.item import Defaults, ResumableItems
from ingest.sources.reader import BLANK, Document, Web, read_document
from ingest.sources.registry import WEB_PAGES, kind_of_response

_log = logging.getLogger(__name__)

_FEED_LINK = re.compile(r"<link\b[^>]{0,500}application/(?:rss|atom|feed)\+(?:xml|json)[^>]{0,500}>", re.IGNORECASE)
_HREF = re.compile(r"""href\s*=\s*["']([^"']{1,500})["']""", re.IGNORECASE)


def read_url(url: str, defaults: Defaults, web: Web) -> ResumableItems:
    """Read the articles at a URL, only the new and changed ones of a feed or a sitemap.

    Args:
        url: http or https.
        defaults: stand in for what an article does not state.
        web: access to the web, and the earlier visits.

    Returns:
        By `yield from`: whether everything was read.
    """
    now = datetime.now(UTC)
    before = web.notebook.known(url).get("") or Visit(url, first=now)
    try:
        response = web.fetcher.fetch(url, etag=before.etag, last_modified=before.modified)
    except FetchError as error:
        yield error
        return False
    if response.not_modified:
        _log.info("%s: nothing new", url)
        return True
    try:
        if response.content.startswith(b"\x1f\x8b"):  # of sitemaps
            response = FetchResult(response.url, gunzip(response.content, MAX_RESPONSE_BYTES), "application/xml")
        if not response.content.strip(BLANK):
            raise ValueError("it is empty")
        kind = kind_of_response(response.media_type, response.content, response.charset)
        if kind is None:
            raise ValueError(f"not a web page but {response.media_type[:60]}")
    except ValueError as error:
        yield SourceError(url, str(error))
        return True
    document = Document(io.BytesIO(response.content), url, url=response.url, charset=response.charset)
    if kind is WEB_PAGES:
        for item in read_document(kind.read, document, defaults, web):
            yield _with_feeds(item, response) if isinstance(item, SourceError) else item
        return True
    complete = yield from read_document(kind.read, document, defaults, web)
    if complete:  # a feed or a sitemap; other documents are fetched anew whenever they are named
        visit = replace(before, etag=response.etag, modified=response.last_modified, checked=now)
        web.notebook.note(visit)
    return complete is not False


def _with_feeds(error: SourceError, response: FetchResult) -> SourceError:
    """The error of a page that is not an article, with the feeds that the page links to."""
    page = response.content[:200_000].decode("utf-8", "replace")
    links = [_HREF.search(link.group()) for link in _FEED_LINK.finditer(page)]
    feeds = [urljoin(response.url, html.unescape(link[1])) for link in links if link][:3]
    return (
        SourceError(error.source, f"{error.reason}; its feeds: {', '.join(feeds)}", error.location) if feeds else error
    )
