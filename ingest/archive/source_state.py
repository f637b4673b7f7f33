"""What an archive remembers of its sources: what was asked and seen, and when something came."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from ingest.archive.catalogue import Catalogue
from ingest.archive.types import EPOCH, to_datetime, to_microseconds
from ingest.fetching.fetch_state import ARRIVALS, History, Visit

_KEPT = 100_000  # visits of one source: twice as many as a sitemap has addresses
# A page whose article is gone, forgotten or withdrawn, is not looked at again: then there is no url.
_FIELDS = """entry, CASE WHEN EXISTS (SELECT 1 FROM articles WHERE state = 'ready' AND id = coalesce(
    (SELECT id FROM aliases WHERE alias = visits.article), visits.article)) THEN url ELSE '' END,
    article, own_words, digest, etag, modified, first, checked"""


class Memory:
    """The part of a catalogue that knows of sources. Any thread may call any method."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def visits(self, source: str) -> dict[str, Visit]:
        """The visits to a source, by entry."""
        rows = self._catalogue.rows(f"SELECT {_FIELDS} FROM visits WHERE source = ?", source)  # noqa: S608
        return {row[0]: _visit(source, row) for row in rows}

    def remember(self, visits: Sequence[Visit]) -> None:
        """Remember visits, in place of earlier ones to the same entries; the oldest of very many are let go."""
        if not visits:
            return
        rows = [
            (
                one.source, one.entry, one.url, one.article, int(one.own_words), one.digest, one.etag, one.modified,
                to_microseconds(one.first), to_microseconds(one.checked),
            )
            for one in visits
        ]  # fmt: skip
        with self._catalogue.transaction():
            self._catalogue.many("INSERT OR REPLACE INTO visits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            for source in {one.source for one in visits}:
                self._catalogue.rows(
                    "DELETE FROM visits WHERE source = ? AND entry != '' AND entry IN (SELECT entry FROM visits "
                    "WHERE source = ? ORDER BY first DESC LIMIT -1 OFFSET ?)",
                    *(source, source, _KEPT),
                )

    def asked(self, source: str, interval: float, at: datetime, articles: int, problem: str = "") -> None:
        """Remember that a source was asked.

        Args:
            source: its address.
            interval: seconds from one look to the next.
            at: when; aware, UTC.
            articles: how many of those that came were new or changed.
            problem: what went wrong, "" for nothing.
        """
        when = to_microseconds(at)
        with self._catalogue.transaction():
            self._catalogue.rows("INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?)", source, interval, when, problem)
            if articles:
                self._catalogue.rows("INSERT OR REPLACE INTO arrivals VALUES (?, ?, ?)", source, when, articles)
                self._catalogue.rows(
                    "DELETE FROM arrivals WHERE source = ? AND at NOT IN "
                    "(SELECT at FROM arrivals WHERE source = ? ORDER BY at DESC LIMIT ?)",
                    *(source, source, ARRIVALS),
                )

    def histories(self) -> list[History]:
        """How each source that was ever watched has done, by its address."""
        with self._catalogue.snapshot():
            sources = self._catalogue.rows("SELECT source, interval, asked, problem FROM sources ORDER BY source")
            rows = self._catalogue.rows("SELECT source, at, articles FROM arrivals ORDER BY at DESC")
        arrivals: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
        for source, at, articles in rows:
            arrivals[source].append((to_datetime(at) or EPOCH, articles))
        return [
            History(source, interval, to_datetime(asked) or EPOCH, problem, tuple(arrivals[source]))
            for source, interval, asked, problem in sources
        ]

    def forget(self, source: str) -> None:
        """Forget a source: what it gave stays in the archive."""
        with self._catalogue.transaction():
            for table in ("visits", "sources", "arrivals"):
                self._catalogue.rows(f"DELETE FROM {table} WHERE source = ?", source)  # noqa: S608


def _visit(source: str, row: tuple[str, str, str, int, str, str, str, int, int]) -> Visit:
    entry, url, article, own_words, digest, etag, modified, first, checked = row
    return Visit(
        source, entry, url, article, bool(own_words), digest, etag, modified,
        to_datetime(first) or EPOCH, to_datetime(checked) or EPOCH,
    )  # fmt: skip
