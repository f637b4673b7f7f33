# ruff: noqa: S608 - statements are joined from names that the catalogue itself gives, values are bound
"""Save what can still be read of a damaged catalogue into a new one."""

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ingest.archive.sqlite.article_rows import FIELDS, verified
from ingest.archive.sqlite.damaged_file import DamagedFile
from ingest.archive.sqlite.database import NAME
from ingest.archive.sqlite.inspection import listed
from ingest.archive.sqlite.schema import DERIVED_TABLES
from ingest.archive.sqlite.sqlite_catalogue import SQLiteCatalogue
from ingest.archive.storage_errors import storage_errors
from ingest.archive.types import Entry

_GROUP = 200  # articles written at once
_ARTICLE_COLUMNS = {*FIELDS.split(", "), "state", "digest"}


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was saved.

    Attributes:
        articles: the number of articles that were saved.
        lost: ids of articles that could not be read, as far as an index still names them.
        damaged: the tables of which some rows could not be read.
    """

    articles: int
    lost: list[str]
    damaged: frozenset[str]

    def message(self, backup: Path) -> str:
        """What was saved and what was lost, for a person.

        Args:
            backup: the copy of the damaged catalogue.
        """
        return "; ".join(self._parts(backup))

    def _parts(self, backup: Path) -> Iterator[str]:
        yield f"{self.articles:,} articles were read from the damaged catalogue, kept as {backup.name}"
        if self.lost:
            yield f"{len(self.lost):,} could not be read, ingest their sources again: {listed(self.lost)}"
        elif "articles" in self.damaged:
            yield "others could not be read, ingest their sources again"
        others = sorted(self.damaged - {"articles"})
        yield f"some rows were lost in the tables {', '.join(others)}" if others else "nothing else was lost"


def salvage(path: Path, new: SQLiteCatalogue) -> Salvaged:
    """Copy the articles that are as they were stored, and all rows that are not derived from articles.

    Args:
        path: the damaged file.
        new: an empty catalogue; what is derived from articles is still missing from it afterwards.
    """
    with DamagedFile(path) as old:
        articles, lost = _save_articles(old, new)
        if articles:
            _save_other_tables(old, new)
        return Salvaged(articles, lost, frozenset(old.damaged_tables))


def _save_articles(old: DamagedFile, new: SQLiteCatalogue) -> tuple[int, list[str]]:
    """Save the articles; returns how many, and the ids of those that only an index still names."""
    columns = [column for column in old.columns("articles") if column.name in _ARTICLE_COLUMNS]
    saved: set[str] = set()
    group: list[Entry] = []
    for row in old.rows("articles", columns):
        values = {column.name: value for column, value in zip(columns, row, strict=True)}
        article = verified([values.get(name) for name in FIELDS.split(", ")], values["digest"])
        if article is None:
            old.damaged_tables.add("articles")
        elif values["state"] == "ready" and article.id not in saved:
            saved.add(article.id)
            group.append(Entry(article, (), np.empty((0, 0), np.float32)))
        if len(group) >= _GROUP:
            new.make_ready(group, new.write_pending(group))
            group = []
    new.make_ready(group, new.write_pending(group))
    named = old.index_values("SELECT id FROM articles INDEXED BY ready_articles WHERE state = 'ready'")
    return len(saved), [name for name in dict.fromkeys(named) if isinstance(name, str) and name not in saved]


def _save_other_tables(old: DamagedFile, new: SQLiteCatalogue) -> None:
    """Copy every table that is not derived from articles, also one that a later version adds."""
    tables = [name for (name,) in new.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")]
    for table in tables:
        if table in DERIVED_TABLES or table.startswith(("sqlite_", "terms_")):
            continue
        known = {name for (name,) in new.rows("SELECT name FROM pragma_table_info(?)", table)}
        columns = [column for column in old.columns(table) if column.name in known]
        if not columns:
            continue  # the file is older than the table
        names, marks = ", ".join(f'"{column.name}"' for column in columns), ", ".join("?" * len(columns))
        with new.transaction():
            for row in old.rows(table, columns):
                try:
                    new.insert(f"INSERT INTO {table} ({names}) VALUES ({marks})", *row)
                except sqlite3.IntegrityError:  # the row that it refers to is lost, or it is not what was written
                    old.damaged_tables.add(table)


def set_aside(folder: Path) -> Path:
    """Keep a copy of a damaged catalogue and its log, and delete the log, which must not be applied to a new one."""
    stem = f"catalogue.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.sqlite"
    with storage_errors(folder):
        for suffix in ("", "-wal"):
            if (folder / (NAME + suffix)).exists():
                shutil.copy2(folder / (NAME + suffix), folder / (stem + suffix))
        for suffix in ("-wal", "-shm"):
            (folder / (NAME + suffix)).unlink(missing_ok=True)
    return folder / stem
