"""Pages that were read before are looked at again: what changed comes again, what is gone is taken back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ingest.article import Article
from ingest.errors import FetchError, Gone, SourceError
from ingest.fetching.fetch_state import Visit
from ingest.sources.html import MAX_PAGE_BYTES
from ingest.sources.item import Defaults, Item
from ingest.sources.web_page import Web, page_article

_OLDEST = timedelta(days=30)  # after that corrections are rare
_PAGES = 10  # of one source at a time


def recheck(source: str, defaults: Defaults, web: Web, pause: float) -> Iterator[Item | SourceError]:
    """Look again at pages of a source whose time has come: often while they are new, ever less often later.

    Args:
        source: its address.
        defaults: what a page does not say.
        web: the way there.
        pause: seconds between two looks, at least; half of a page's age, if that is more.

    Yields:
        An article that may have changed, or a notice that takes one back: 404 or 410.
    """
    now = datetime.now(UTC)
    due = [one for one in web.notebook.known(source).values() if one.url and one.article and _is_due(one, now, pause)]
    for visit in sorted(due, key=lambda one: one.checked)[:_PAGES]:
        yield from _look(visit, defaults, web, now)


def _is_due(visit: Visit, now: datetime, pause: float) -> bool:
    age = now - visit.first
    return age < _OLDEST and now - visit.checked >= max(timedelta(seconds=pause), age / 2)


def _look(visit: Visit, defaults: Defaults, web: Web, now: datetime) -> Iterator[Item | SourceError]:
    checked = replace(visit, checked=now)
    try:
        fetched = web.fetcher.fetch(visit.url, etag=visit.etag, last_modified=visit.modified, limit=MAX_PAGE_BYTES)
    except Gone as gone:
        notice = Article(visit.article, f"{visit.url}: {gone.reason}", "", visit.url, fetched=now)
        yield Item(notice, withdraws=(visit.article,))
        web.notebook.note(replace(checked, url="", article=""))
        return
    except FetchError as error:
        if not error.transient:
            web.notebook.note(checked)
        return  # the page may be well another time, and nothing was lost
    if not fetched.not_modified:
        checked = replace(checked, etag=fetched.etag, modified=fetched.last_modified)
        found = page_article(fetched, visit.url, defaults) if not visit.own_words else None
        if isinstance(found, Item) and found.article.id == visit.article:
            yield found
    web.notebook.note(checked)
