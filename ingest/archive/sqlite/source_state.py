"""Store the last visits to the sources' entries, and when the sources brought articles."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from ingest.archive.sqlite.database import Database
from ingest.archive.types import EPOCH, to_datetime, to_microseconds
from ingest.fetching.fetch_state import ARRIVALS, History, Visit

_MAX_VISITS = 100_000  # kept per source: twice the maximum number of addresses in a sitemap
# A page is not visited again if its article was removed or retracted: its url is then returned empty.
_FIELDS = """entry, CASE WHEN EXISTS (SELECT 1 FROM articles WHERE state = 'ready' AND id = coalesce(
    (SELECT id FROM aliases WHERE alias = visits.article), visits.article)) THEN url ELSE '' END,
    article, own_words, digest, etag, modified, first, checked"""


class SourceState:
    """See `catalogue.SourceState`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def visits(self, source: str) -> dict[str, Visit]:
        """See `catalogue.SourceState.visits`."""
        rows = self._database.rows(f"SELECT {_FIELDS} FROM visits WHERE source = ?", source)  # noqa: S608 - our columns
        return {
            entry: Visit(
                source, entry, url, article, bool(own_words), digest, etag, modified,
                to_datetime(first) or EPOCH, to_datetime(checked) or EPOCH,
            )
            for entry, url, article, own_words, digest, etag, modified, first, checked in rows
        }  # fmt: skip

    def save_visits(self, visits: Sequence[Visit]) -> None:
        """See `catalogue.SourceState.save_visits`."""
        if not visits:
            return
        rows = [
            (
                visit.source, visit.entry, visit.url, visit.article, int(visit.own_words), visit.digest, visit.etag,
                visit.modified, to_microseconds(visit.first), to_microseconds(visit.checked),
            )
            for visit in visits
        ]  # fmt: skip
        with self._database.transaction():
            self._database.many("INSERT OR REPLACE INTO visits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            for source in {visit.source for visit in visits}:
                self._database.rows(
                    "DELETE FROM visits WHERE source = ? AND entry != '' AND entry IN (SELECT entry FROM visits "
                    "WHERE source = ? ORDER BY first DESC LIMIT -1 OFFSET ?)",
                    *(source, source, _MAX_VISITS),
                )

    def record_check(self, source: str, interval: float, at: datetime, articles: int, problem: str = "") -> None:
        """See `catalogue.SourceState.record_check`."""
        when = to_microseconds(at)
        with self._database.transaction():
            self._database.rows("INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?)", source, interval, when, problem)
            if articles:
                self._database.rows("INSERT OR REPLACE INTO arrivals VALUES (?, ?, ?)", source, when, articles)
                self._database.rows(
                    "DELETE FROM arrivals WHERE source = ? AND at NOT IN "
                    "(SELECT at FROM arrivals WHERE source = ? ORDER BY at DESC LIMIT ?)",
                    *(source, source, ARRIVALS),
                )

    def histories(self) -> list[History]:
        """See `catalogue.SourceState.histories`."""
        with self._database.snapshot():
            sources = self._database.rows("SELECT source, interval, asked, problem FROM sources ORDER BY source")
            rows = self._database.rows("SELECT source, at, articles FROM arrivals ORDER BY at DESC")
        arrivals: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
        for source, at, articles in rows:
            arrivals[source].append((to_datetime(at) or EPOCH, articles))
        return [
            History(source, interval, to_datetime(asked) or EPOCH, problem, tuple(arrivals[source]))
            for source, interval, asked, problem in sources
        ]

    def forget(self, source: str) -> None:
        """See `catalogue.SourceState.forget`."""
        with self._database.transaction():
            for table in ("visits", "sources", "arrivals"):
                self._database.rows(f"DELETE FROM {table} WHERE source = ?", source)  # noqa: S608 - our tables

    def forget_visits(self, ids: Sequence[str]) -> None:
        """See `catalogue.SourceState.forget_visits`."""
        listed = json.dumps(list(ids))
        with self._database.transaction():
            self._database.rows(
                "DELETE FROM visits WHERE entry = '' AND source IN (SELECT source FROM visits WHERE article IN "
                "(SELECT value FROM json_each(?)))",
                listed,
            )
            self._database.rows("DELETE FROM visits WHERE article IN (SELECT value FROM json_each(?))", listed)
