# ruff: noqa: S608 - statements are joined from this module's constants, values are bound
"""Search passages with FTS5, and look up passages and their vectors."""

import json
from collections.abc import Iterable, Mapping, Sequence

from ingest.archive.sqlite.article_rows import ArticleReader
from ingest.archive.sqlite.database import Database
from ingest.archive.sqlite.filters import to_sql
from ingest.archive.sqlite.points import unpack
from ingest.archive.types import ALL, Filter, Hits, Stored
from ingest.embedding import Vectors

_PASSAGES = "FROM passages p JOIN articles a ON a.key = p.article WHERE a.state = 'ready'"


class PassageIndex:
    """See `catalogue.PassageIndex`."""

    def __init__(self, database: Database, reader: ArticleReader) -> None:
        self._database = database
        self._reader = reader
        self._change_counter = (-1, -1)
        self._revision = (0, 0)

    def revision(self) -> tuple[int, int]:
        """See `catalogue.PassageIndex.revision`."""
        counter = self._database.change_counter()
        if counter != self._change_counter:
            # Keys only grow, so these two numbers change whenever the articles change. The counter changes far more
            # often, for example with every message in Slack's queue.
            query = "SELECT count(*), coalesce(max(key), 0) FROM articles WHERE state = 'ready'"
            self._revision = self._database.rows(query)[0]
            self._change_counter = counter
        return self._revision

    def count(self) -> tuple[int, float]:
        """See `catalogue.PassageIndex.count`."""
        count, average = self._database.rows(f"SELECT count(*), coalesce(avg(p.size), 0.0) {_PASSAGES}")[0]
        return count, average

    def matching(self, terms: Sequence[str], limit: int, where: Filter, title_weight: float) -> Hits:
        """See `catalogue.PassageIndex.matching`."""
        query = " OR ".join('"{}"'.format(term.replace('"', '""')) for term in terms)
        clause, values = to_sql(where, "a")
        source = "terms"
        if where != ALL:
            source += " JOIN passages p ON p.key = terms.rowid JOIN articles a ON a.key = p.article"
        statement = (
            f"SELECT terms.rowid, -bm25(terms, {title_weight}, 1.0) AS score FROM {source} "
            f"WHERE terms MATCH ? {clause} ORDER BY score DESC LIMIT ?"
        )
        return self._database.rows(statement, query, *values, limit)

    def frequency(self, term: str) -> int:
        """See `catalogue.PassageIndex.frequency`."""
        rows = self._database.rows("SELECT doc FROM frequencies WHERE term = ?", term)
        return int(rows[0][0]) if rows else 0

    def get(self, keys: Iterable[int]) -> dict[int, Stored]:
        """See `catalogue.PassageIndex.get`."""
        query = (
            "SELECT p.key, p.article, p.start, p.end, t.title, t.body, coalesce(s.story, 0) "
            "FROM json_each(?) k JOIN passages p ON p.key = k.value JOIN articles a ON a.key = p.article "
            "JOIN terms t ON t.rowid = k.value LEFT JOIN signatures s ON s.article = p.article WHERE a.state = 'ready'"
        )
        with self._database.snapshot():
            rows = self._database.rows(query, json.dumps(list(keys)))
            articles = self._reader.by_keys({row[1] for row in rows})
        return {
            key: Stored(articles[version], start, end, key, *rest)
            for key, version, start, end, *rest in rows
            if version in articles
        }

    def vectors(self, keys: Iterable[int]) -> tuple[list[int], Vectors]:
        """See `catalogue.PassageIndex.vectors`."""
        rows = self._database.rows(
            "SELECT p.key, v.vector FROM passages p JOIN points v ON v.key = p.point "
            "WHERE p.key IN (SELECT value FROM json_each(?)) ORDER BY p.key",
            json.dumps(list(keys)),
        )
        return [row[0] for row in rows], unpack([row[1] for row in rows])

    def selected(self, where: Filter, limit: int) -> list[int]:
        """See `catalogue.PassageIndex.selected`."""
        clause, values = to_sql(where, "a")
        query = f"SELECT min(p.key) {_PASSAGES} {clause} GROUP BY p.article, p.point LIMIT ?"
        return [row[0] for row in self._database.rows(query, *values, limit)]

    def of_points(self, scores: Mapping[int, float], where: Filter) -> Hits:
        """See `catalogue.PassageIndex.of_points`."""
        clause, values = to_sql(where, "a")
        query = (
            f"SELECT p.point, min(p.key) {_PASSAGES} AND p.point IN (SELECT value FROM json_each(?)) {clause} "
            "GROUP BY p.point, p.article"
        )
        rows = self._database.rows(query, json.dumps(list(scores)), *values)
        return sorted(((key, scores[point]) for point, key in rows), key=lambda hit: (-hit[1], hit[0]))

    def sample(self, step: int) -> list[int]:
        """See `catalogue.PassageIndex.sample`."""
        return [row[0] for row in self._database.rows(f"SELECT p.key {_PASSAGES} AND p.key % ? = 0", step)]
