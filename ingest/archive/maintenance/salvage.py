# ruff: noqa: S608 - statements are joined from names that the catalogue itself gives, values are bound
"""Read what can still be read of a damaged SQLite file: table by table, row by row, around what is unreadable.

A table is a tree of pages in the order of its key. Where reading it upwards breaks off, a key beyond the damage is
looked for, further and further away; from the row found there it is read downwards to the damage, then on upwards.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

Row = tuple[Any, ...]

_LEAST: dict[str, object] = {"INTEGER": 0, "TEXT": ""}
_TYPES: dict[str, type | tuple[type, ...]] = {"INTEGER": int, "TEXT": str, "BLOB": bytes, "REAL": (int, float)}
_HIGHEST = 0x10FFFF  # of the characters
_SURROGATES = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `place` is its place in the key, from 1, or 0."""

    name: str
    type: str
    place: int


class Damaged:
    """A damaged file, open for reading.

    Attributes:
        broken: the tables of which something could not be read, so far.
    """

    def __init__(self, path: Path) -> None:
        self.broken: set[str] = set()
        self._connection = sqlite3.connect(path)

    def __enter__(self) -> Self:
        """The file, closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._connection.close()

    def columns(self, table: str) -> list[Column]:
        """The columns of a table; none where there is no such table."""
        with contextlib.suppress(sqlite3.Error):
            found = self._connection.execute(f"PRAGMA table_info({table})").fetchall()
            return [Column(name, kind.upper(), place) for _, name, kind, _, _, place in found]
        return []

    def rows(self, table: str, columns: Sequence[Column]) -> Iterator[Row]:
        """The rows that can be read, each once: the values of these columns."""
        reading = _Reading(self._connection, table, columns, self.columns(table))
        for row in reading.rows():
            if all(_fits(value, column) for value, column in zip(row, columns, strict=True)):
                yield row
            else:
                self.broken.add(table)
        if reading.broken:
            self.broken.add(table)

    def indexed(self, query: str) -> list[Any]:
        """What a query of one column reads from an index alone, where that is whole; else nothing."""
        with contextlib.suppress(sqlite3.Error):
            return [row[0] for row in self._connection.execute(query)]
        return []


def _fits(value: object, column: Column) -> bool:
    """Whether a value is of its column's kind; in a page that was overwritten it may be anything."""
    return value is None or isinstance(value, _TYPES.get(column.type, object))


class _Reading:
    """One table's rows, in several stretches."""

    def __init__(
        self, connection: sqlite3.Connection, table: str, wanted: Sequence[Column], columns: Sequence[Column]
    ) -> None:
        self._connection, self._width = connection, len(wanted)
        keys = sorted((column for column in columns if column.place), key=lambda column: column.place)
        self._keys = keys or [Column("rowid", "INTEGER", 1)]
        names = [f'"{column.name}"' for column in (*wanted, *self._keys)]
        self._select = f"SELECT {', '.join(names)} FROM {table}"
        self.broken = False

    def rows(self) -> Iterator[Row]:
        """Every row that can be reached."""
        last: Row | None = None
        first = ""
        while True:
            self._failed = False
            for row, key in self._stretch(last, first or ">", "ASC"):
                yield row
                last = key
            if not self._failed:
                return
            self.broken = True
            beyond = self._beyond(last)
            for row, _ in self._stretch(beyond, "<", "DESC", last):
                yield row
            if beyond is None:
                return
            last, first = beyond, ">="

    def _stretch(self, start: Row | None, sign: str, order: str, until: Row | None = None) -> Iterator[tuple[Row, Row]]:
        """Rows and keys from a key on, or from the end, until one cannot be read."""
        key = start
        try:
            for row, key in self._select_from(start, sign, order, until):
                yield row, key
        except sqlite3.Error:
            self._failed = True
            sign = sign if key is start else sign[0]
            with contextlib.suppress(sqlite3.Error):  # Python reads one row ahead, and drops the last before an error
                yield from self._select_from(key, sign, order, until, "LIMIT 1")

    def _select_from(
        self, start: Row | None, sign: str, order: str, until: Row | None, limit: str = ""
    ) -> Iterator[tuple[Row, Row]]:
        bounds = [(sign, start)] if start is not None else []
        if until is not None:
            bounds.append((">", until))
        where = " AND ".join(f"{self._key(len(key))} {sign} ({self._marks(key)})" for sign, key in bounds)
        by = ", ".join(f'"{column.name}" {order}' for column in self._keys)
        query = f"{self._select} {'WHERE ' + where if where else ''} ORDER BY {by} {limit}"
        for row in self._connection.execute(query, [value for _, key in bounds for value in key]):
            yield row[: self._width], row[self._width :]

    def _beyond(self, last: Row | None) -> Row | None:
        """A key that can be read, beyond the damage that begins after `last`; None if none is found."""
        base = last or tuple(_LEAST.get(column.type, "") for column in self._keys)
        for length in range(len(base), 0, -1):
            for value in _beyond(base[length - 1]):
                key = (*base[: length - 1], value)
                query = f"{self._select} WHERE {self._key(length)} >= ({self._marks(key)}) ORDER BY {self._key(0)}"
                with contextlib.suppress(sqlite3.Error):
                    row = self._connection.execute(f"{query} LIMIT 1", key).fetchone()
                    if row is not None:
                        return tuple(row[self._width :])
        return None

    def _key(self, length: int) -> str:
        """The first columns of the key: for a comparison, or all of them for an order."""
        names = ", ".join(f'"{column.name}"' for column in self._keys[: length or None])
        return f"({names})" if length else names

    @staticmethod
    def _marks(key: Row) -> str:
        return ", ".join("?" * len(key))


def _beyond(value: object) -> Iterator[object]:
    """Values that follow one in its order, further and further away."""
    if isinstance(value, int):
        yield from (value + 2**power for power in range(64) if value + 2**power < 2**63)
    elif isinstance(value, str):
        for place in range(len(value), -1, -1):
            code = ord(value[place]) if place < len(value) else 0
            for step in (2**power for power in range(21)):
                if code + step <= _HIGHEST and code + step not in _SURROGATES:
                    yield value[:place] + chr(code + step)
