"""A page of the web: fetched, and its article read."""

import threading
from dataclasses import dataclass, replace

from ingest.errors import FetchError, SourceError
from ingest.fetching import Fetcher, FetchResult
from ingest.fetching.fetch_state import Notebook
from ingest.sources.html import MAX_PAGE_BYTES, read_html
from ingest.sources.item import Defaults, Item, Items
from ingest.sources.plain_text import read_plain

# Python runs one thread at a time: ten that read pages stop one another, and take half as long again (300 pages of ten
# feeds 4.2 s, one by one 2.8 s; python tests/bench/watching.py beside).
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Web:
    """The way to the web: what fetches, and what is remembered of it."""

    fetcher: Fetcher
    notebook: Notebook


@dataclass(frozen=True, slots=True)
class Page:
    """What a page of the web gave.

    Attributes:
        item: its article, or why there is none.
        fetched: how it came; None if it did not.
    """

    item: Item | SourceError
    fetched: FetchResult | None = None

    @property
    def passing(self) -> bool:
        """Whether it may be well another time."""
        return isinstance(self.item, FetchError) and self.item.transient


def read_page(url: str, defaults: Defaults, web: Web) -> Page:
    """Fetch a page and read its article; what goes wrong is in the result."""
    try:
        fetched = web.fetcher.fetch(url, limit=MAX_PAGE_BYTES)
    except FetchError as error:
        return Page(error)
    return Page(page_article(fetched, url, defaults), fetched)


def page_article(fetched: FetchResult, url: str, defaults: Defaults) -> Item | SourceError:
    """The article of a page that was fetched."""
    if fetched.media_type in ("text/plain", "text/markdown", "text/x-markdown"):
        found: Items = read_plain(fetched.content, url, defaults, markdown=fetched.media_type != "text/plain")
        first = next(found)
        if isinstance(first, Item):
            return replace(first, article=replace(first.article, url=first.article.url or fetched.url))
        return first
    if fetched.media_type and not fetched.media_type.endswith(("html", "xml", "octet-stream", "unknown")):
        return SourceError(url, f"it is no page but {fetched.media_type[:60]}")
    with _one_at_a_time:
        return next(iter(read_html(fetched.content, url, defaults, url=fetched.url, charset=fetched.charset)))
