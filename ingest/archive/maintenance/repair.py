# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""Make good what is not as it was written, from the articles: they are the one thing that cannot be made again."""

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence, Set
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ingest.archive import generations, near_duplicates
from ingest.archive.catalogue import FIELDS, Catalogue, as_stored
from ingest.archive.database import NAME
from ingest.archive.entries import prepare
from ingest.archive.generations import NEW, Progress, quiet
from ingest.archive.maintenance import check
from ingest.archive.maintenance.salvage import Damaged
from ingest.archive.schema import MADE
from ingest.archive.storage_errors import told
from ingest.archive.types import Entry, Problem
from ingest.article import Passage
from ingest.embedding import Embedder
from ingest.errors import ArchiveDamaged

_GROUP = 200  # articles written at once
_ARTICLE = {*FIELDS.split(", "), "state", "digest"}


def repair(path: Path, embedder: Embedder, chroma: str = "", progress: Progress = quiet) -> list[Problem]:
    """Make good what `check` finds.

    A catalogue that SQLite can't read whole is kept aside as `catalogue.damaged-TIME.sqlite`, and what can still be
    read from it makes a new one: articles that are as they were stored, and every row that is not made from articles.

    Returns:
        What was wrong, and what came of it where articles were lost.

    Raises:
        ArchiveDamaged: no article could be read; nothing was changed.
        ArchiveInUse: another process holds it.
        WrongEmbedder: it was filled with another embedder.
    """
    with contextlib.ExitStack() as undo:
        generations.take_existing(path, undo)
        found = check.check_taken(path, chroma)
        kinds = {problem.kind for problem in found}
        if "unreadable" in kinds:
            return [*found, _salvage(path, embedder, chroma, progress)]
        if kinds:
            catalogue = Catalogue(path)
            undo.callback(catalogue.close)
            generations.adopt(catalogue, embedder)
            if "articles" in kinds:
                found.append(_without_altered(catalogue))
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


def _without_altered(catalogue: Catalogue) -> Problem:
    """Take away what can no longer be quoted as its source wrote it."""
    lost = check.altered(catalogue)
    catalogue.remove(lost)
    _let_come_again(catalogue, lost)
    return Problem("articles", f"{len(lost):,} articles were taken away; ingest their sources again")


def _cut_again(catalogue: Catalogue, embedder: Embedder) -> None:
    for article in check.wrongly_cut(catalogue):
        entries = prepare([article], embedder)
        catalogue.make_ready(entries, catalogue.write_pending(entries))


def _write_terms_again(catalogue: Catalogue) -> None:
    with catalogue.transaction():
        catalogue.empty_terms()
        for (key,) in catalogue.rows("SELECT key FROM articles WHERE state = 'ready'"):
            article = catalogue.articles("AND key = ?", key)[0]
            rows = catalogue.rows("SELECT ordinal, start, end FROM passages WHERE article = ? ORDER BY ordinal", key)
            catalogue.write_terms(key, article, [Passage(article.id, *row) for row in rows])


def _sign_again(catalogue: Catalogue) -> None:
    with catalogue.transaction():
        near_duplicates.clear(catalogue)
    for _ in near_duplicates.sign(catalogue):
        pass


def _salvage(path: Path, embedder: Embedder, chroma: str, progress: Progress) -> Problem:
    """Put a new catalogue with all that can still be read in the place of a damaged one."""
    with contextlib.ExitStack() as undo:
        undo.callback(generations.discard, path / NEW)
        new = Catalogue(path, NEW, create=True)
        undo.callback(new.close)
        with Damaged(path / NAME) as old:
            kept, lost = _save_articles(old, new)
            if not kept:
                raise ArchiveDamaged(
                    f"no article can be read from {path / NAME}, and nothing was changed: put it back from a backup, "
                    f"or move {path} away and ingest the sources again"
                )
            _save_others(old, new)
        _let_come_again(new, lost)
        used = [int(folder.name) for folder in path.glob("chroma/*") if folder.name.isdigit()]
        generations.rebuild(new, embedder, chroma, max(used, default=0) + 1, progress)
        generations.settle(new)
        aside = _set_aside(path)
        new.path.replace(path / NAME)
    return Problem("catalogue", "; ".join(_told(kept, lost, old.broken, aside)))


def _told(kept: int, lost: Sequence[str], broken: Set[str], aside: Path) -> Iterator[str]:
    yield f"{kept:,} articles were read from the damaged catalogue, kept as {aside.name}"
    if lost:
        yield f"{len(lost):,} could not be, ingest their sources again: {check.named(lost)}"
    elif "articles" in broken:
        yield "others could not be, ingest their sources again"
    others = sorted(broken - {"articles"})
    yield f"lost are rows of {', '.join(others)}" if others else "nothing else was lost"


def _save_articles(old: Damaged, new: Catalogue) -> tuple[int, list[str]]:
    """Write the articles that are as they were stored: how many, and the ids of those that an index alone tells of."""
    columns = [column for column in old.columns("articles") if column.name in _ARTICLE]
    seen: set[str] = set()
    group: list[Entry] = []
    for row in old.rows("articles", columns):
        values = {column.name: value for column, value in zip(columns, row, strict=True)}
        article = as_stored([values.get(name) for name in FIELDS.split(", ")], values["digest"])
        if article is None:
            old.broken.add("articles")
        elif values["state"] == "ready" and article.id not in seen:
            seen.add(article.id)
            group.append(Entry(article, (), np.empty((0, 0), np.float32)))
        if len(group) >= _GROUP:
            new.make_ready(group, new.write_pending(group))
            group = []
    new.make_ready(group, new.write_pending(group))
    named = old.indexed("SELECT id FROM articles INDEXED BY ready_articles WHERE state = 'ready'")
    return len(seen), [one for one in dict.fromkeys(named) if isinstance(one, str) and one not in seen]


def _save_others(old: Damaged, new: Catalogue) -> None:
    """Copy what else the catalogue alone knows: every table that is not made from articles, also one of tomorrow."""
    tables = [name for (name,) in new.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")]
    for table in tables:
        if table in MADE or table.startswith(("sqlite_", "terms_")):
            continue
        known = {name for (name,) in new.rows("SELECT name FROM pragma_table_info(?)", table)}
        columns = [column for column in old.columns(table) if column.name in known]
        if not columns:
            continue  # younger than the file
        names, marks = ", ".join(f'"{column.name}"' for column in columns), ", ".join("?" * len(columns))
        with new.transaction():
            for row in old.rows(table, columns):
                try:
                    new.insert(f"INSERT INTO {table} ({names}) VALUES ({marks})", *row)
                except sqlite3.IntegrityError:  # what it belongs to is lost, or it is not what was written
                    old.broken.add(table)


def _let_come_again(new: Catalogue, lost: Sequence[str]) -> None:
    """Forget that the articles that are lost were seen, so that their sources bring them again."""
    listed = json.dumps(lost)
    with new.transaction():
        new.rows(
            "DELETE FROM visits WHERE entry = '' AND source IN (SELECT source FROM visits WHERE article IN "
            "(SELECT value FROM json_each(?)))",
            listed,
        )
        new.rows("DELETE FROM visits WHERE article IN (SELECT value FROM json_each(?))", listed)


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
