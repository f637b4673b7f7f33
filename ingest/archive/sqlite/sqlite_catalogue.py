# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""The catalogue of an archive in one SQLite file. All threads share one connection and use it in turn."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from ingest.archive.catalogue import Pending, Point, PointRows, StoredVersion
from ingest.archive.digests import article_digest, point_name
from ingest.archive.sqlite import inspection, points, versions
from ingest.archive.sqlite.article_rows import ArticleReader
from ingest.archive.sqlite.database import NAME, Database
from ingest.archive.sqlite.feedback import FeedbackLog
from ingest.archive.sqlite.filters import to_sql
from ingest.archive.sqlite.near_duplicates import UNINDEXED, NearDuplicates
from ingest.archive.sqlite.passage_index import PassageIndex
from ingest.archive.sqlite.retractions import Retractions
from ingest.archive.sqlite.schema import TERMS
from ingest.archive.sqlite.source_state import SourceState
from ingest.archive.types import (
    ALL,
    EPOCH,
    Entry,
    Filter,
    Outlet,
    Problem,
    Statistics,
    Version,
    to_datetime,
    to_microseconds,
)
from ingest.article import Article, Passage
from ingest.embedding import Vectors
from ingest.language import folded, terms
from ingest.passages import embedded_text, surroundings

_INSERT = (
    "INSERT INTO articles (id, state, published, language, publisher_folded, digest, fetched, publisher, author, url, "
    "title, text, modified, corrected) VALUES (?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_PAGE = 500  # articles read at once
_TABLES_BY_ID = ("origins", "versions", "aliases", "withdrawn", "held")  # tables that refer to articles by id


class SQLiteCatalogue(Database):
    """Implements `Catalogue`. For the arguments see `Database`."""

    def __init__(self, folder: Path, name: str = NAME, *, create: bool = False) -> None:
        super().__init__(folder, name, create=create)
        self.reader = ArticleReader(self)
        self.passages = PassageIndex(self, self.reader)
        self.near_duplicates = NearDuplicates(self, self.reader)
        self.retractions = Retractions(self)
        self.sources = SourceState(self)
        self.feedback = FeedbackLog(self)

    # -- writing -------------------------------------------------------------------------------------------------

    def write_pending(self, entries: Sequence[Entry]) -> list[Pending]:
        """See `Catalogue.write_pending`."""
        pending: list[Pending] = []
        with self.transaction():
            for entry in entries:
                article = entry.article
                key = self.insert(
                    _INSERT, article.id, to_microseconds(article.published), article.language,
                    folded(article.publisher), article_digest(article), to_microseconds(article.fetched),
                    article.publisher, article.author, article.url, article.title, article.text,
                    to_microseconds(article.modified), to_microseconds(article.corrected),
                )  # fmt: skip
                pending.append(Pending(key, self._write_passages(key, entry)))
        return pending

    def _write_passages(self, article: int, entry: Entry) -> list[int]:
        """Write the passages of an article and their points, and return the points' keys."""
        if not entry.passages:
            return []
        names = entry.points or [point_name(embedded_text(entry.article, passage)) for passage in entry.passages]
        keys = points.write(self, names, entry.vectors)
        query = "INSERT INTO passages (article, ordinal, start, end, point) VALUES (?, ?, ?, ?, ?)"
        for passage, point in zip(entry.passages, keys, strict=True):
            self.insert(query, article, passage.ordinal, passage.start, passage.end, point)
        return keys

    def make_ready(self, entries: Sequence[Entry], pending: Sequence[Pending], shared: Sequence[int] = ()) -> None:
        """See `Catalogue.make_ready`."""
        with self.transaction():
            points.mark_shared(self, shared)
            for entry, written in zip(entries, pending, strict=True):
                versions.replace_version(self, written.key, entry.article, entry.origin)
                self._remove_ready([entry.article.id])
                if entry.origin:
                    before = self.origins([entry.origin])
                    self.rows("INSERT OR REPLACE INTO origins VALUES (?, ?)", entry.origin, entry.article.id)
                    self._remove_without_origin(before.values())
                self.rows("UPDATE articles SET state = 'ready' WHERE key = ?", written.key)
                self.rows("DELETE FROM held WHERE id = ?", entry.article.id)
                self._write_terms(written.key, entry.article, entry.passages)
                self.near_duplicates.index(written.key, entry.article, entry.bands)

    def _write_terms(self, key: int, article: Article, passages: Sequence[Passage]) -> None:
        title = " ".join(terms(article.title, article.language))
        keys = self.rows("SELECT key FROM passages WHERE article = ? ORDER BY ordinal", key)
        for index, (passage,) in enumerate(keys):
            body = terms(surroundings(article, passages, index), article.language)
            self.rows("INSERT INTO terms (rowid, title, body) VALUES (?, ?, ?)", passage, title, " ".join(body))
            self.rows("UPDATE passages SET size = ? WHERE key = ?", len(body), passage)

    def add_passages(self, key: int, entry: Entry) -> None:
        """Write the passages, points and terms of a ready article that has none."""
        with self.transaction():
            self._write_passages(key, entry)
            self._write_terms(key, entry.article, entry.passages)

    def rebuild_terms(self) -> None:
        """Rebuild the full-text index."""
        with self.transaction():
            self.rows("DROP TABLE terms")
            self.rows(TERMS)
            for (key,) in self.rows("SELECT key FROM articles WHERE state = 'ready'"):
                article = self.reader.where("AND key = ?", key)[0]
                rows = self.rows("SELECT ordinal, start, end FROM passages WHERE article = ? ORDER BY ordinal", key)
                self._write_terms(key, article, [Passage(article.id, *row) for row in rows])

    def set_origins(self, origins: Mapping[str, str]) -> set[str]:
        """See `Catalogue.set_origins`."""
        missing = set(origins.values()) - set(self.stored_versions(origins.values()))
        recorded = {origin: identity for origin, identity in origins.items() if identity not in missing}
        with self.transaction():
            before = self.origins(recorded)
            self.many("INSERT OR REPLACE INTO origins VALUES (?, ?)", recorded.items())
            self._remove_without_origin(before.values())
        return missing

    def _remove_without_origin(self, ids: Iterable[str]) -> None:
        """Remove the articles among these that no file holds any more; inside a transaction."""
        query = "SELECT 1 FROM origins WHERE id = ? LIMIT 1"
        self._remove_all([identity for identity in dict.fromkeys(ids) if not self.rows(query, identity)])

    def add_aliases(self, aliases: Mapping[str, str]) -> None:
        """See `Catalogue.add_aliases`."""
        with self.transaction():
            self.many("INSERT OR REPLACE INTO aliases VALUES (?, ?)", aliases.items())

    # -- removing ------------------------------------------------------------------------------------------------

    def remove(self, ids: Sequence[str]) -> int:
        """See `Catalogue.remove`."""
        with self.transaction():
            return self._remove_all(ids)

    def retract(self, ids: Sequence[str], reason: str, when: datetime) -> int:
        """See `Catalogue.retract`."""
        aliases = self.aliases(ids)
        resolved = list(dict.fromkeys(aliases.get(identity, identity) for identity in ids))
        stored = self.articles(resolved)
        later = {
            identity for identity, article in stored.items() if (article.modified or article.published or EPOCH) > when
        }
        with self.transaction():
            for identity in resolved:
                if identity not in later:
                    embargoed = self.retractions.embargoed(identity)
                    known = stored.get(identity) or (embargoed[0] if embargoed else None)
                    self.retractions.record(identity, known, reason, when)
                    self._remove_all([identity], ("origins", "versions", "held"))
        return len(stored.keys() - later)

    def _remove_all(self, ids: Sequence[str], tables: Sequence[str] = _TABLES_BY_ID) -> int:
        """Remove articles and their rows in some tables; inside a transaction. Returns the number of articles."""
        for table in tables:
            self.rows(f"DELETE FROM {table} WHERE id IN (SELECT value FROM json_each(?))", json.dumps(list(ids)))
        return self._remove_ready(ids)

    def _remove_ready(self, ids: Sequence[str]) -> int:
        keys = self.rows(
            "SELECT key FROM articles WHERE state = 'ready' AND id IN (SELECT value FROM json_each(?))",
            json.dumps(list(ids)),
        )
        for (key,) in keys:
            self._remove_version(key)
        return len(keys)

    def _remove_version(self, key: int) -> None:
        """Remove a row of `articles` with its passages, terms and signature; unused points become orphans."""
        self.near_duplicates.remove(key)
        used = [row[0] for row in self.rows("SELECT DISTINCT point FROM passages WHERE article = ?", key)]
        self.rows("DELETE FROM terms WHERE rowid IN (SELECT key FROM passages WHERE article = ?)", key)
        self.rows("DELETE FROM articles WHERE key = ?", key)
        points.release(self, used)

    def undo_pending(self) -> None:
        """See `Catalogue.undo_pending`."""
        pending = self.rows("SELECT key FROM articles WHERE state = 'pending'")
        if pending:
            with self.transaction():
                for (key,) in pending:
                    self._remove_version(key)

    # -- the file ------------------------------------------------------------------------------------------------

    def copy_to(self, path: Path) -> None:
        """Write a copy of the file."""
        self.rows("VACUUM INTO ?", str(path))

    def close_to_one_file(self) -> None:
        """Write everything to the main file and close it, so that no log remains that another catalogue could apply."""
        self.rows("PRAGMA journal_mode = DELETE")
        self.close()

    def remove_passages(self) -> None:
        """Remove all passages with their terms and points, but keep the articles."""
        with self.transaction():
            for table in ("terms", "passages", "points", "orphans"):
                self.rows(f"DELETE FROM {table}")

    def article_keys(self) -> list[int]:
        """The keys of all ready articles, in order."""
        return [row[0] for row in self.rows("SELECT key FROM articles WHERE state = 'ready' ORDER BY key")]

    # -- points --------------------------------------------------------------------------------------------------

    def find_points(self, keys: Sequence[int]) -> list[Point]:
        """See `Catalogue.find_points`."""
        return points.find(self, keys)

    def points(self, after: int, limit: int) -> PointRows:
        """See `Catalogue.points`."""
        return points.read(self, after, limit)

    def point_keys(self) -> list[int]:
        """See `Catalogue.point_keys`."""
        return [row[0] for row in self.rows("SELECT key FROM points ORDER BY key")]

    def count_different_vectors(self, keys: Sequence[int], vectors: Mapping[int, Vectors]) -> int:
        """See `Catalogue.count_different_vectors`."""
        return points.count_different(self, keys, vectors)

    def name_points(self) -> None:
        """Name the points of an archive of an older version, see `points.name_unnamed`."""
        points.name_unnamed(self)

    def orphans(self) -> list[int]:
        """See `Catalogue.orphans`."""
        return [row[0] for row in self.rows("SELECT key FROM orphans")]

    def forget_orphans(self, keys: Sequence[int]) -> None:
        """See `Catalogue.forget_orphans`."""
        with self.transaction():
            self.rows("DELETE FROM orphans WHERE key IN (SELECT value FROM json_each(?))", json.dumps(list(keys)))

    # -- articles ------------------------------------------------------------------------------------------------

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """See `Catalogue.articles`."""
        articles = self.reader.where("AND id IN (SELECT value FROM json_each(?))", json.dumps(list(ids)))
        return {article.id: article for article in articles}

    def stored_versions(self, ids: Iterable[str]) -> dict[str, StoredVersion]:
        """See `Catalogue.stored_versions`."""
        query = (
            "SELECT id, digest, modified, url FROM articles "
            "WHERE state = 'ready' AND id IN (SELECT value FROM json_each(?))"
        )
        rows = self.rows(query, json.dumps(list(ids)))
        return {identity: StoredVersion(digest, to_datetime(modified), url) for identity, digest, modified, url in rows}

    def with_content(self, digests: Iterable[bytes]) -> dict[bytes, Article]:
        """See `Catalogue.with_content`."""
        query = "SELECT content, article FROM signatures WHERE content = ? ORDER BY article LIMIT 1"
        keys = dict(row for digest in digests for row in self.rows(query, digest))
        articles = self.reader.by_keys(keys.values())
        return {digest: articles[key] for digest, key in keys.items() if key in articles}

    def origins(self, origins: Iterable[str]) -> dict[str, str]:
        """See `Catalogue.origins`."""
        query = "SELECT origin, id FROM origins WHERE origin IN (SELECT value FROM json_each(?))"
        return dict(self.rows(query, json.dumps(list(origins))))

    def aliases(self, ids: Iterable[str]) -> dict[str, str]:
        """See `Catalogue.aliases`."""
        query = "SELECT alias, id FROM aliases WHERE alias IN (SELECT value FROM json_each(?))"
        return dict(self.rows(query, json.dumps(list(ids))))

    def versions(self, identity: str) -> list[Version]:
        """See `Catalogue.versions`."""
        return versions.versions_of(self, identity)

    def ids_with_prefix(self, prefix: str, limit: int) -> list[str]:
        """See `Catalogue.ids_with_prefix`."""
        query = (
            "SELECT id FROM articles WHERE state = 'ready' AND id >= ?1 AND id < ?2 "
            "UNION SELECT id FROM aliases WHERE alias >= ?1 AND alias < ?2 "
            "UNION SELECT id FROM withdrawn WHERE id >= ?1 AND id < ?2 "
            "UNION SELECT id FROM held WHERE id >= ?1 AND id < ?2 LIMIT ?3"
        )
        return [row[0] for row in self.rows(query, prefix, prefix + "g", limit)]  # "g" follows the last digit

    def fetched_since(self, since: datetime, limit: int) -> list[Article]:
        """See `Catalogue.fetched_since`."""
        return self.reader.where("AND fetched >= ? ORDER BY fetched DESC, key LIMIT ?", to_microseconds(since), limit)

    def is_empty(self) -> bool:
        """See `Catalogue.is_empty`."""
        return not self.number("SELECT count(*) FROM articles WHERE state = 'ready'")

    def statistics(self) -> Statistics:
        """See `Catalogue.statistics`."""
        ready = "FROM articles WHERE state = 'ready'"
        count, first, last, fetched = self.rows(
            f"SELECT count(*), min(published), max(published), max(fetched) {ready}"
        )[0]
        return Statistics(
            articles=count,
            passages=self.passages.count()[0],
            first=to_datetime(first),
            last=to_datetime(last),
            fetched=to_datetime(fetched),
            languages=dict(self.rows(f"SELECT language, count(*) {ready} GROUP BY language ORDER BY 2 DESC, 1")),
            publishers=dict(
                self.rows(f"SELECT min(publisher), count(*) {ready} GROUP BY publisher_folded ORDER BY 2 DESC, 1")
            ),
            embedder=self.get_meta("embedder"),
            stories=self.number(
                "SELECT (SELECT count(DISTINCT story) FROM signatures s JOIN articles a ON a.key = s.article "
                f"WHERE a.state = 'ready') + (SELECT count(*) {UNINDEXED})"
            ),
            corrected=self.number(f"SELECT count(*) {ready} AND corrected IS NOT NULL"),
            embargoed=self.number("SELECT count(*) FROM held"),
            retracted=len(self.retractions.retracted()),
        )

    def outlets(self) -> list[Outlet]:
        """See `Catalogue.outlets`."""
        rows = self.rows(
            "SELECT min(publisher), count(*), min(published), max(published) FROM articles "
            "WHERE state = 'ready' AND published IS NOT NULL AND publisher <> '' GROUP BY publisher_folded ORDER BY 1"
        )
        return [
            Outlet(name, count, to_datetime(first) or EPOCH, to_datetime(last) or EPOCH)
            for name, count, first, last in rows
        ]

    def problems(self) -> list[Problem]:
        """See `Catalogue.problems`."""
        return inspection.find_problems(self, self.reader, self.near_duplicates)

    def altered_articles(self) -> list[str]:
        """See `inspection.altered_articles`."""
        return inspection.altered_articles(self)

    def incomplete_articles(self) -> list[Article]:
        """See `inspection.incomplete_articles`."""
        return inspection.incomplete_articles(self, self.reader)

    def list(self, where: Filter = ALL, limit: int = -1, offset: int = 0) -> Iterator[Article]:
        """See `Archive.list`."""
        clause, values = to_sql(where, "articles")
        end = offset + limit if limit >= 0 else None
        while end is None or offset < end:
            size = _PAGE if end is None else min(_PAGE, end - offset)
            keys = self.rows(
                f"SELECT key FROM articles WHERE state = 'ready' {clause} "
                "ORDER BY published DESC, key DESC LIMIT ? OFFSET ?",
                *(*values, size, offset),
            )
            page = self.reader.by_keys(row[0] for row in keys)
            yield from (page[key] for (key,) in keys if key in page)
            if len(keys) < size:
                return
            offset += size
