# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""The catalogue, which is the truth: articles, passages, their terms and a copy of their vectors, in one SQLite file.

An article is written `pending`, and becomes `ready`, with its terms and in place of its earlier version, in one
transaction when Chroma has its vectors. Keys of points that are gone wait among the `orphans` until Chroma has
forgotten them too. One connection serves all threads, one at a time, under `lock`.

What leaves the catalogue as an `Article` is what was stored: one that the disk has changed is left out, with a warning.
"""

import contextlib
import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ingest.archive import near_duplicates, points, versions
from ingest.archive.database import NAME, Database
from ingest.archive.schema import TERMS
from ingest.archive.types import EPOCH, Entry, to_datetime, to_microseconds
from ingest.article import Article, Passage
from ingest.embedding import Vectors
from ingest.language import folded, terms
from ingest.passages import surroundings

log = logging.getLogger(__name__)

FIELDS = "id, title, text, url, publisher, author, published, language, fetched, modified, corrected"
_INSERT = (
    "INSERT INTO articles (id, state, published, language, publisher_folded, digest, fetched, publisher, author, url, "
    "title, text, modified, corrected) VALUES (?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Catalogue(Database):
    """Everything that writes the catalogue of one archive, and what reads single rows."""

    def __init__(self, folder: Path, name: str = NAME, *, create: bool = False) -> None:
        super().__init__(folder, name, create=create)
        self._warned: set[object] = set()  # ids of articles of which it was said that they are not as they were stored

    # -- writing -------------------------------------------------------------------------------------------------

    def write_pending(self, entries: Sequence[Entry]) -> list[tuple[int, list[int]]]:
        """Write articles that nobody sees yet.

        Returns:
            For each entry its article's key and the keys of its passages' points.
        """
        with self.transaction():
            return [self._write(entry) for entry in entries]

    def _write(self, entry: Entry) -> tuple[int, list[int]]:
        one = entry.article
        key = self.insert(
            _INSERT, one.id, to_microseconds(one.published), one.language, folded(one.publisher), digest(one),
            to_microseconds(one.fetched), one.publisher, one.author, one.url, one.title, one.text,
            to_microseconds(one.modified), to_microseconds(one.corrected),
        )  # fmt: skip
        return key, self.write_passages(key, entry)

    def write_passages(self, article: int, entry: Entry) -> list[int]:
        """Write the passages and the points of a written article: the points' keys; inside a transaction."""
        if not entry.passages:
            return []
        found = points.write(self, entry.points or points.names(entry.article, entry.passages), entry.vectors)
        query = "INSERT INTO passages (article, ordinal, start, end, point) VALUES (?, ?, ?, ?, ?)"
        for passage, point in zip(entry.passages, found, strict=True):
            self.insert(query, article, passage.ordinal, passage.start, passage.end, point)
        return found

    def make_ready(
        self, entries: Sequence[Entry], keys: Sequence[tuple[int, list[int]]], shared: Sequence[int] = ()
    ) -> None:
        """Show pending articles, with their terms, in place of what they replace: one transaction.

        Args:
            entries: the articles.
            keys: from `write_pending`.
            shared: the points that Chroma now knows to be of several articles.
        """
        with self.transaction():
            points.share(self, shared)
            for entry, (article, _) in zip(entries, keys, strict=True):
                versions.succeed(self, article, entry.article, entry.origin)
                self._remove([entry.article.id])
                if entry.origin:
                    self.claim(entry.origin, entry.article.id)
                self.rows("UPDATE articles SET state = 'ready' WHERE key = ?", article)
                self.rows("DELETE FROM held WHERE id = ?", entry.article.id)
                self.write_terms(article, entry.article, entry.passages)
                near_duplicates.join(self, article, entry.article, entry.bands)

    def empty_terms(self) -> None:
        """Throw the index of words away and begin an empty one; inside a transaction."""
        self.rows("DROP TABLE terms")
        self.rows(TERMS)

    def write_terms(self, key: int, article: Article, passages: Sequence[Passage]) -> None:
        """Write the terms of the passages of the article with this key; inside a transaction."""
        title = " ".join(terms(article.title, article.language))
        keys = self.rows("SELECT key FROM passages WHERE article = ? ORDER BY ordinal", key)
        for place, (key,) in enumerate(keys):
            body = terms(surroundings(article, passages, place), article.language)
            self.rows("INSERT INTO terms (rowid, title, body) VALUES (?, ?, ?)", key, title, " ".join(body))
            self.rows("UPDATE passages SET size = ? WHERE key = ?", len(body), key)

    def claim(self, origin: str, identity: str) -> None:
        """Note that a file gives this article; the one that only it gave before goes. Inside a transaction."""
        before = [row[0] for row in self.rows("SELECT id FROM origins WHERE origin = ?", origin)]
        self.rows("INSERT OR REPLACE INTO origins VALUES (?, ?)", origin, identity)
        if before and before != [identity] and not self.rows("SELECT 1 FROM origins WHERE id = ?", before[0]):
            self.take_away(before)

    def remove(self, ids: Sequence[str]) -> int:
        """Take articles away in one transaction: how many there were."""
        with self.transaction():
            return self.take_away(ids)

    def take_away(self, ids: Sequence[str], but: Sequence[str] = ()) -> int:
        """Take articles away with all that is known of them but in some tables; inside a transaction: how many."""
        for table in ("origins", "versions", "aliases", "withdrawn", "held"):
            if table not in but:
                self.rows(f"DELETE FROM {table} WHERE id IN (SELECT value FROM json_each(?))", json.dumps(list(ids)))
        return self._remove(ids)

    def _remove(self, ids: Sequence[str]) -> int:
        keys = self.rows(
            "SELECT key FROM articles WHERE state = 'ready' AND id IN (SELECT value FROM json_each(?))",
            json.dumps(list(ids)),
        )
        for (key,) in keys:
            self.drop(key)
        return len(keys)

    def drop(self, article: int) -> None:
        """Take one row of `articles` away with all that hangs on it; inside a transaction."""
        near_duplicates.leave(self, article)
        had = [row[0] for row in self.rows("SELECT DISTINCT point FROM passages WHERE article = ?", article)]
        self.rows("DELETE FROM terms WHERE rowid IN (SELECT key FROM passages WHERE article = ?)", article)
        self.rows("DELETE FROM articles WHERE key = ?", article)
        points.release(self, had)

    def undo_pending(self) -> None:
        """Take away what a crash left half written; its vectors, if any came to be, are orphans now."""
        pending = self.rows("SELECT key FROM articles WHERE state = 'pending'")
        if pending:
            with self.transaction():
                for (key,) in pending:
                    self.drop(key)

    def orphans(self) -> list[int]:
        """Keys of points that are gone but whose vectors may still be in Chroma."""
        return [row[0] for row in self.rows("SELECT key FROM orphans")]

    def forget_orphans(self, keys: Sequence[int]) -> None:
        """Note that Chroma has forgotten them."""
        with self.transaction():
            self.rows("DELETE FROM orphans WHERE key IN (SELECT value FROM json_each(?))", json.dumps(list(keys)))

    # -- reading -------------------------------------------------------------------------------------------------

    def articles(self, clause: str, *values: object) -> list[Article]:
        """The ready articles that a clause chooses, in its order, without those that the disk has changed."""
        query = f"SELECT digest, {FIELDS} FROM articles WHERE state = 'ready' {clause}"
        return [article for row in self.rows(query, *values) if (article := self.sound(row))]

    def versions(self, keys: Iterable[int]) -> dict[int, Article]:
        """The ready articles of these keys, of which each version of an article has its own; see `articles`."""
        rows = self.rows(
            f"SELECT key, digest, {FIELDS} FROM articles "
            "WHERE state = 'ready' AND key IN (SELECT value FROM json_each(?))",
            json.dumps(list(keys)),
        )
        return {key: article for key, *row in rows if (article := self.sound(row))}

    def sound(self, row: Sequence[Any]) -> Article | None:
        """The article of a row of its digest and `FIELDS`; None, with a warning, if the disk has changed it."""
        article = as_stored(row[1:], row[0])
        if article is None and row[1] not in self._warned:
            self._warned.add(row[1])
            log.warning("%s", altered(self.folder, row[1]))
        return article

    def digests(self, ids: Sequence[str]) -> dict[str, bytes]:
        """The digest of each of these articles that is stored."""
        return dict(
            self.rows(
                "SELECT id, digest FROM articles WHERE state = 'ready' AND id IN (SELECT value FROM json_each(?))",
                json.dumps(list(ids)),
            )
        )

    def vectors(self, keys: Sequence[int]) -> tuple[list[int], Vectors]:
        """The keys that are stored, and their vectors: shape (len(keys), dimension)."""
        rows = self.rows(
            "SELECT p.key, v.vector FROM passages p JOIN points v ON v.key = p.point "
            "WHERE p.key IN (SELECT value FROM json_each(?)) ORDER BY p.key",
            json.dumps(list(keys)),
        )
        vectors = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float16).astype(np.float32)
        return [row[0] for row in rows], vectors.reshape(len(rows), -1) if rows else np.empty((0, 0), np.float32)


def is_archive(folder: Path) -> bool:
    """Whether a folder holds an archive, whole or damaged."""
    return (folder / NAME).exists()


def altered(folder: Path, identity: object) -> str:
    """What to say of an article that the disk has changed."""
    return (
        f"the article {identity} of the archive at {folder} is not as it was stored: the disk has changed it. It is "
        "not quoted; run: khabar check --repair"
    )


def digest(article: Article) -> bytes:
    """What tells one version of an article from another: everything but when it was fetched."""
    fields = (
        article.title, article.text, article.url, article.publisher, article.author, article.language,
        str(to_microseconds(article.published)),
    )  # fmt: skip
    return hashlib.sha256("\0".join(fields).encode("utf-8", "surrogatepass")).digest()[:16]


def as_stored(row: Sequence[Any], stored: object) -> Article | None:
    """The article of a row of `FIELDS`; None where it is not the one that was stored with this digest."""
    with contextlib.suppress(ValueError, OverflowError, TypeError, AttributeError):  # not even values of their kind
        article = from_row(row)
        return article if digest(article) == stored else None
    return None


def from_row(row: Sequence[Any]) -> Article:
    """The article of a row of `FIELDS`."""
    identity, title, text, url, publisher, author, published, language, fetched, modified, corrected = row
    when, read = to_datetime(published), to_datetime(fetched) or EPOCH
    changed = to_datetime(modified), to_datetime(corrected)
    return Article(identity, title, text, url, publisher, author, when, language, read, *changed)
