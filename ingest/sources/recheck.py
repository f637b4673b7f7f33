"""Fetch pages again that were read before: corrected articles are updated, deleted ones are withdrawn."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ingest.article import Article
from ingest.errors import FetchError, Gone, SourceError
from ingest.fetching.fetch_state import Visit
from ingest.sources.fetched_page import page_article
from ingest.sources.html import MAX_PAGE_BYTES
from ingest.sources.item import Defaults, Item
from ingest.sources.reader import Web

_MAX_AGE = timedelta(days=30)  # corrections of older articles are rare
_MAX_PAGES = 10  # of one source at a time


def recheck(source: str, defaults: Defaults, web: Web, interval: float) -> Iterator[Item | SourceError]:
    """Fetch the pages of a source that are due again: often while they are new, less and less often later.

    Args:
        source: its URL.
        defaults: stand in for what a page does not state.
        web: access to the web, and the earlier visits.
        interval: seconds between two requests for a page, at least; half of the page's age if that is longer.

    Yields:
        An article that may have changed, or a notice that withdraws one (404 or 410).
    """
    now = datetime.now(UTC)
    visits = web.notebook.known(source).values()
    due = []
    for visit in visits:
        age = now - visit.first
        is_due = age < _MAX_AGE and now - visit.checked >= max(timedelta(seconds=interval), age / 2)
        if visit.url and visit.article and is_due:
            due.append(visit)
    for visit in sorted(due, key=lambda visit: visit.checked)[:_MAX_PAGES]:
        yield from _recheck_page(visit, defaults, web, now)


def _recheck_page(visit: Visit, defaults: Defaults, web: Web, now: datetime) -> Iterator[Item | SourceError]:
    checked = replace(visit, checked=now)
    try:
        response = web.fetcher.fetch(visit.url, etag=visit.etag, last_modified=visit.modified, limit=MAX_PAGE_BYTES)
    except Gone as gone:
        notice = Article(visit.article, f"{visit.url}: {gone.reason}", "", visit.url, fetched=now)
        yield Item(notice, withdraws=(visit.article,))
        web.notebook.note(replace(checked, url="", article=""))
        return
    except FetchError as error:  # not reported: the article is in the archive, and the page may come back
        if not error.transient:
            web.notebook.note(checked)
        return
    if not response.not_modified:
        checked = replace(checked, etag=response.etag, modified=response.last_modified)
        # An article from the text of a feed is not replaced by that of its page.
        item = page_article(response, visit.url, defaults) if not visit.own_words else None
        if isinstance(item, Item) and item.article.id == visit.article:
            yield item
    web.notebook.note(checked)
