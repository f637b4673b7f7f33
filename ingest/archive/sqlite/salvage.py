# ruff: noqa: S608 - statements are joined from names in the catalogue itself, values are bound
"""Copy everything readable in a damaged catalogue to a new one."""

import shutil
import sqlite3
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
    """The result of `salvage`.

    Attributes:
        articles: the number of articles that were saved.
        lost: ids of unreadable articles, as far as an index still lists them.
        damaged: the tables with unreadable rows.
    """

    articles: int
    lost: list[str]
    damaged: frozenset[str]

    def message(self, backup: Path) -> str:
        """Describe to a person which data was saved and lost.

        Args:
            backup: the copy of the damaged catalogue.
        """
        parts = [f"{self.articles:,} articles were read from the damaged catalogue, kept as {backup.name}"]
        if self.lost:
            parts.append(f"{len(self.lost):,} could not be read, ingest their sources again: {listed(self.lost)}")
        elif "articles" in self.damaged:
            parts.append("others could not be read, ingest their sources again")
        others = sorted(self.damaged - {"articles"})
        parts.append(f"some rows were lost in the tables {', '.join(others)}" if others else "nothing else was lost")
        return "; ".join(parts)


def salvage(path: Path, new: SQLiteCatalogue) -> Salvaged:
    """Copy the intact articles, and all readable rows that are not derived from articles.

    Args:
        path: the damaged file.
        new: an empty catalogue; the caller must add passages, terms and vectors afterwards.
    """
    with DamagedFile(path) as old:
        articles, lost = _save_articles(old, new)
        if articles:
            _save_other_tables(old, new)
        return Salvaged(articles, lost, frozenset(old.damaged_tables))


def _save_articles(old: DamagedFile, new: SQLiteCatalogue) -> tuple[int, list[str]]:
    """Copy the intact articles; returns their number, and the ids of articles that only an index still lists."""
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
    ids = old.index_values("SELECT id FROM articles INDEXED BY ready_articles WHERE state = 'ready'")
    return len(saved), [name for name in dict.fromkeys(ids) if isinstance(name, str) and name not in saved]


def _save_other_tables(old: DamagedFile, new: SQLiteCatalogue) -> None:
    """Copy every table that is not derived from articles, including tables that later versions add."""
    tables = [name for (name,) in new.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")]
    for table in tables:
        if table in DERIVED_TABLES or table.startswith(("sqlite_", "terms_")):
            continue
        known = {name for (name,) in new.rows("SELECT name FROM pragma_table_info(?)", table)}
        columns = [column for column in old.columns(table) if column.name in known]
        if not columns:
            continue  # the file is older than the table
        names, values = ", ".join(f'"{column.name}"' for column in columns), ", ".join("?" * len(columns))
        with new.transaction():
            for row in old.rows(table, columns):
                try:
                    new.insert(f"INSERT INTO {table} ({names}) VALUES ({values})", *row)
                except sqlite3.IntegrityError:  # the row is altered, or refers to a lost row
                    old.damaged_tables.add(table)


def set_aside(folder: Path) -> Path:
    """Copy a damaged catalogue and its log, and delete the log, which must not be applied to a new catalogue."""
    stem = f"catalogue.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.sqlite"
    with storage_errors(folder):
        for suffix in ("", "-wal"):
            if (folder / (NAME + suffix)).exists():
                shutil.copy2(folder / (NAME + suffix), folder / (stem + suffix))
        for suffix in ("-wal", "-shm"):
            (folder / (NAME + suffix)).unlink(missing_ok=True)
    return folder / stem
