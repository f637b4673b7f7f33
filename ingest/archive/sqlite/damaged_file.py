# ruff: noqa: S608 - statements are joined from names in the file itself, values are bound
"""Read a damaged SQLite file table by table, skipping unreadable pages.

A table is a tree of pages, ordered by its key. Where reading in ascending order fails, increasingly distant keys are
tried until one beyond the damage is readable. From that key the table is read down to the damage, and then upwards.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

Row = tuple[Any, ...]

_LOWEST: dict[str, object] = {"INTEGER": 0, "TEXT": ""}
_TYPES: dict[str, type | tuple[type, ...]] = {"INTEGER": int, "TEXT": str, "BLOB": bytes, "REAL": (int, float)}
_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        key_position: from 1; 0 for a column outside the primary key.
    """

    name: str
    type: str
    key_position: int


class DamagedFile:
    """A damaged file, open for reading.

    Attributes:
        damaged_tables: the tables in which an unreadable row was encountered so far.
    """

    def __init__(self, path: Path) -> None:
        self.damaged_tables: set[str] = set()
        self._connection = sqlite3.connect(path)

    def __enter__(self) -> Self:
        """Return the file, which is closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._connection.close()

    def columns(self, table: str) -> list[Column]:
        """The columns of a table; empty if there is no such table."""
        with contextlib.suppress(sqlite3.Error):
            rows = self._connection.execute(f"PRAGMA table_info({table})").fetchall()
            return [Column(name, kind.upper(), position) for _, name, kind, _, _, position in rows]
        return []

    def rows(self, table: str, columns: Sequence[Column]) -> Iterator[Row]:
        """The values of these columns in each readable row; each row once."""
        reading = _Reading(self._connection, table, columns, self.columns(table))
        for row in reading.rows():
            # A value in an overwritten page may have any type.
            if all(
                value is None or isinstance(value, _TYPES.get(column.type, object))
                for value, column in zip(row, columns, strict=True)
            ):
                yield row
            else:
                self.damaged_tables.add(table)
        if reading.damaged:
            self.damaged_tables.add(table)

    def index_values(self, query: str) -> list[Any]:
        """The values of a query that SQLite answers from an index alone; empty if the index is damaged."""
        with contextlib.suppress(sqlite3.Error):
            return [row[0] for row in self._connection.execute(query)]
        return []


class _Reading:
    """Reads one table, range by range."""

    def __init__(
        self, connection: sqlite3.Connection, table: str, wanted: Sequence[Column], columns: Sequence[Column]
    ) -> None:
        self._connection, self._width = connection, len(wanted)
        keys = sorted((column for column in columns if column.key_position), key=lambda column: column.key_position)
        self._keys = keys or [Column("rowid", "INTEGER", 1)]
        names = [f'"{column.name}"' for column in (*wanted, *self._keys)]
        self._select = f"SELECT {', '.join(names)} FROM {table}"
        self.damaged = False

    def rows(self) -> Iterator[Row]:
        """Every readable row."""
        last: Row | None = None
        first = ""
        while True:
            self._failed = False
            for row, key in self._range(last, first or ">", "ASC"):
                yield row
                last = key
            if not self._failed:
                return
            self.damaged = True
            beyond = self._key_beyond(last)
            for row, _ in self._range(beyond, "<", "DESC", last):
                yield row
            if beyond is None:
                return
            last, first = beyond, ">="

    def _range(
        self, start: Row | None, operator: str, order: str, until: Row | None = None
    ) -> Iterator[tuple[Row, Row]]:
        """Rows and their keys from a start key, or from the end of the table, up to an unreadable row."""
        key = start
        try:
            for row, key in self._select_from(start, operator, order, until):
                yield row, key
        except sqlite3.Error:
            self._failed = True
            operator = operator if key is start else operator[0]
            with contextlib.suppress(sqlite3.Error):  # Python reads one row ahead and drops it when an error follows
                yield from self._select_from(key, operator, order, until, "LIMIT 1")

    def _select_from(
        self, start: Row | None, operator: str, order: str, until: Row | None, limit: str = ""
    ) -> Iterator[tuple[Row, Row]]:
        bounds = [(operator, start)] if start is not None else []
        if until is not None:
            bounds.append((">", until))
        where = " AND ".join(f"{self._key(len(key))} {operator} {self._values(key)}" for operator, key in bounds)
        by = ", ".join(f'"{column.name}" {order}' for column in self._keys)
        query = f"{self._select} {'WHERE ' + where if where else ''} ORDER BY {by} {limit}"
        for row in self._connection.execute(query, [value for _, key in bounds for value in key]):
            yield row[: self._width], row[self._width :]

    def _key_beyond(self, last: Row | None) -> Row | None:
        """A readable key beyond the damage that begins after `last`; None if there is none."""
        base = last or tuple(_LOWEST.get(column.type, "") for column in self._keys)
        for length in range(len(base), 0, -1):
            for value in _larger_values(base[length - 1]):
                key = (*base[: length - 1], value)
                query = f"{self._select} WHERE {self._key(length)} >= {self._values(key)} ORDER BY {self._key(0)}"
                with contextlib.suppress(sqlite3.Error):
                    row = self._connection.execute(f"{query} LIMIT 1", key).fetchone()
                    if row is not None:
                        return tuple(row[self._width :])
        return None

    def _key(self, length: int) -> str:
        """The first `length` columns of the key, for a comparison; for 0, all its columns, for ORDER BY."""
        names = ", ".join(f'"{column.name}"' for column in self._keys[: length or None])
        return f"({names})" if length else names

    @staticmethod
    def _values(key: Row) -> str:
        return f"({', '.join('?' * len(key))})"


def _larger_values(value: object) -> Iterator[object]:
    """Yield larger values, at increasing distances."""
    if isinstance(value, int):
        yield from (value + 2**power for power in range(64) if value + 2**power < 2**63)
    elif isinstance(value, str):
        for index in range(len(value), -1, -1):
            code = ord(value[index]) if index < len(value) else 0
            for step in (2**power for power in range(21)):
                if code + step <= _LAST_CHARACTER and code + step not in _SURROGATES:
                    yield value[:index] + chr(code + step)
