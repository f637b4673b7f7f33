# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""Make good what is not as it was written, from the articles: they are the one thing that cannot be made again."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ingest.archive import copies, feedback, generations, inspection
from ingest.archive.catalogue import FIELDS, Catalogue, from_row
from ingest.archive.database import NAME
from ingest.archive.entries import prepare
from ingest.archive.faults import told
from ingest.archive.generations import NEW, Progress, quiet
from ingest.archive.records import Entry, Problem
from ingest.article import Article, Passage
from ingest.embedding import Embedder
from ingest.errors import ArchiveDamaged

_GAP = 10_000  # keys in a row that hold no readable article: there are no more


def repair(path: Path, embedder: Embedder, chroma: str = "", progress: Progress = quiet) -> list[Problem]:
    """Make good what `check` finds.

    A catalogue that SQLite can't read whole is kept aside as `catalogue.damaged-TIME.sqlite`, and the articles that can
    still be read from it make a new one.

    Returns:
        What was wrong, and what came of it where articles were lost.

    Raises:
        ArchiveDamaged: no article could be read; nothing was changed.
        ArchiveInUse: another process holds it.
        WrongEmbedder: it was filled with another embedder.
    """
    with contextlib.ExitStack() as undo:
        generations.take_existing(path, undo)
        found = inspection.check_taken(path, chroma)
        kinds = {problem.kind for problem in found}
        if "unreadable" in kinds:
            return [*found, _salvage(path, embedder, chroma, progress)]
        if kinds:
            catalogue = Catalogue(path)
            undo.callback(catalogue.close)
            generations.adopt(catalogue, embedder)
            if "passages" in kinds:
                _cut_again(catalogue, embedder)
            if "terms" in kinds:
                _write_terms_again(catalogue)
            if "copies" in kinds:
                _sign_again(catalogue)
            if kinds - {"copies"}:
                generations.reindex(catalogue, chroma, progress).close()
                catalogue.forget_orphans(catalogue.orphans())
        return found


def _cut_again(catalogue: Catalogue, embedder: Embedder) -> None:
    for article in inspection.wrongly_cut(catalogue):
        entries = prepare([article], embedder)
        catalogue.make_ready(entries, catalogue.write_pending(entries))


def _write_terms_again(catalogue: Catalogue) -> None:
    with catalogue.transaction():
        catalogue.empty_terms()
        for (key,) in catalogue.rows("SELECT key FROM articles WHERE state = 'ready'"):
            article = catalogue.articles("AND key = ?", key)[0]
            rows = catalogue.rows(
                "SELECT key, ordinal, start, end FROM passages WHERE article = ? ORDER BY ordinal", key
            )
            passages = [Passage(article.id, *row[1:]) for row in rows]
            catalogue.write_terms(article, passages, [row[0] for row in rows])


def _sign_again(catalogue: Catalogue) -> None:
    with catalogue.transaction():
        copies.clear(catalogue)
    for _ in copies.sign(catalogue):
        pass


def _salvage(path: Path, embedder: Embedder, chroma: str, progress: Progress) -> Problem:
    """Put a new catalogue with every article that can still be read in the place of a damaged one."""
    articles = {article.id: article for article in _readable(path / NAME)}
    if not articles:
        raise ArchiveDamaged(
            f"no article can be read from {path / NAME}, and nothing was changed: put it back from a backup, or move "
            f"{path} away and ingest the sources again"
        )
    with contextlib.ExitStack() as undo:
        undo.callback(generations.discard, path / NEW)
        new = Catalogue(path, NEW)
        undo.callback(new.close)
        entries = [Entry(article, (), np.empty((0, 0), np.float32)) for article in articles.values()]
        new.make_ready(entries, new.write_pending(entries))
        _take_over(path / NAME, new)
        with contextlib.closing(sqlite3.connect(path / NAME)) as connection, new.transaction():
            for given in feedback.readable(connection):
                feedback.keep(new, given)
        used = [int(folder.name) for folder in path.glob("chroma/*") if folder.name.isdigit()]
        generations.rebuild(new, embedder, chroma, max(used, default=0) + 1, progress)
        generations.settle(new)
        aside = _set_aside(path)
        new.path.replace(path / NAME)
    return Problem(
        "catalogue", f"{len(articles):,} articles were read from the damaged catalogue, kept as {aside.name}"
    )


def _readable(database: Path) -> Iterator[Article]:
    """The ready articles whose rows SQLite can still read, one by one."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        key = missed = 0
        while missed < _GAP:
            key += 1
            missed += 1
            with contextlib.suppress(sqlite3.Error, ValueError, OverflowError, TypeError):
                query = f"SELECT {FIELDS} FROM articles WHERE key = ? AND state = 'ready'"
                row = connection.execute(query, (key,)).fetchone()
                if row:
                    missed = 0
                    yield from_row(row)


def _take_over(database: Path, new: Catalogue) -> None:
    """Copy what else is known of articles, as far as SQLite can still read it."""
    with contextlib.closing(sqlite3.connect(database)) as connection, new.transaction():
        for table in ("versions", "aliases", "withdrawn", "held", "origins"):
            with contextlib.suppress(sqlite3.Error):
                for row in connection.execute(f"SELECT * FROM {table}"):
                    new.rows(f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(row))})", *row)


def _set_aside(path: Path) -> Path:
    """Keep a copy of the damaged catalogue, with its log, which must not be taken for the new one's."""
    stem = f"catalogue.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.sqlite"
    with told(path):
        for suffix in ("", "-wal"):
            if (path / (NAME + suffix)).exists():
                shutil.copy2(path / (NAME + suffix), path / (stem + suffix))
        for suffix in ("-wal", "-shm"):
            (path / (NAME + suffix)).unlink(missing_ok=True)
    return path / stem
