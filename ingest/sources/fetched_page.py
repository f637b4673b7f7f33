"""Fetch the page that a feed or a sitemap links to, and read its article."""

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ingest.errors import FetchError, SourceError
from ingest.fetching import FetchResult
from ingest.fetching.fetch_state import Visit
from ingest.sources.html import MAX_PAGE_BYTES, read_html
from ingest.sources.item import Defaults, Item
from ingest.sources.plain_text import read_markdown, read_plain_text
from ingest.sources.reader import Document, Reader, Web, read_document

_READERS: dict[str, Reader] = {
    "text/plain": read_plain_text,
    "text/markdown": read_markdown,
    "text/x-markdown": read_markdown,
}
_PAGE_TYPES = ("html", "xml", "octet-stream", "unknown")  # how the media types end that pages are served with


@dataclass(frozen=True, slots=True)
class Page:
    """A linked page.

    Attributes:
        item: its article, or why there is none.
        response: None if fetching failed, or if the article is the feed's own text.
    """

    item: Item | SourceError
    response: FetchResult | None = None

    @property
    def failed_for_now(self) -> bool:
        """Whether a later attempt may succeed."""
        return isinstance(self.item, FetchError) and self.item.transient

    def visit(self, source: str, entry: str, link: str, digest: str, before: Visit | None) -> Visit:
        """Return what to remember of this visit to an entry of a source; `before` is the visit before this one."""
        now = datetime.now(UTC)
        first = before.first if before else now
        visit = Visit(source, entry, own_words=self.response is None, digest=digest, first=first, checked=now)
        if not isinstance(self.item, Item):
            return visit
        visit = replace(visit, url=link, article=self.item.article.id)
        if self.response is None:
            return visit
        return replace(visit, url=self.response.url, etag=self.response.etag, modified=self.response.last_modified)


def read_page(url: str, defaults: Defaults, web: Web) -> Page:
    """Fetch a page and read its article; errors are part of the result."""
    try:
        response = web.fetcher.fetch(url, limit=MAX_PAGE_BYTES)
    except FetchError as error:
        return Page(error)
    return Page(page_article(response, url, defaults), response)


def page_article(response: FetchResult, url: str, defaults: Defaults) -> Item | SourceError:
    """Read the article of a page that was fetched; `url` is the one that was asked for, for errors."""
    read = _READERS.get(response.media_type, read_html)
    if read is read_html and response.media_type and not response.media_type.endswith(_PAGE_TYPES):
        return SourceError(url, f"not a web page but {response.media_type[:60]}")
    document = Document(io.BytesIO(response.content), url, url=response.url, charset=response.charset)
    return next(read_document(read, document, defaults, None))
