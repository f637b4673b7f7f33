# ruff: noqa: S608 - the words of an error message look like a statement
"""The SQLite file of an archive: its connection, transactions and metadata."""

import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ingest.archive.sqlite.schema import VERSION, statements
from ingest.archive.storage_errors import DISK_FULL, READ_ONLY, is_full, storage_errors
from ingest.errors import ArchiveDamaged, ArchiveError, ArchiveInUse

NAME = "catalogue.sqlite"


@contextmanager
def sqlite_errors(folder: Path) -> Iterator[None]:
    """Turn SQLite and file system errors into an `ArchiveError`."""
    with storage_errors(folder):
        try:
            yield
        except sqlite3.Error as error:
            raise _from_sqlite(folder, error) from error


def _from_sqlite(folder: Path, error: sqlite3.Error) -> ArchiveError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and is_full(folder)):
        return ArchiveError(f"the archive at {folder} cannot grow: {DISK_FULL}")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return ArchiveError(f"the archive at {folder} cannot be opened for writing ({error}): {READ_ONLY}")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ArchiveInUse(f"the catalogue of the archive at {folder} is locked by another process; try again later")
    if code == sqlite3.SQLITE_IOERR:
        return ArchiveError(f"the disk of the archive at {folder} fails ({error}): check it and try again")
    return ArchiveDamaged(
        f"the catalogue of the archive at {folder} is damaged ({error}); nothing was changed; run: khabar check "
        "--repair"
    )


class Database:
    """One SQLite file, migrated when opened. All threads share one connection and use it in turn.

    Args:
        folder: the folder of the archive.
        name: the name of the file.
        create: create the file; otherwise a missing file is an error, and an empty one counts as damaged.
    """

    def __init__(self, folder: Path, name: str = NAME, *, create: bool = False) -> None:
        self.folder = folder
        self.path = folder / name
        self.lock = threading.RLock()
        with sqlite_errors(folder):
            address = f"{self.path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
            self._connection = sqlite3.connect(
                address, uri=True, timeout=30, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(create=create)
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self, *, create: bool) -> None:
        """Configure the connection and run the migrations that the file lacks."""
        if not create and not self._connection.execute("PRAGMA user_version").fetchone()[0]:
            raise ArchiveDamaged(
                f"the catalogue of the archive at {self.folder} is damaged: it is empty "
                f"({self.path.stat().st_size:,} bytes); nothing was changed: put {self.path.name} back from a backup, "
                f"or move {self.folder} away and ingest the sources again"
            )
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise ArchiveError(
                f"the archive at {self.folder} was written by a newer khabar (format {version}, this one knows "
                f"{VERSION}): update khabar, or set KHABAR_ARCHIVE to another folder"
            )
        if version < VERSION:
            with self.transaction():
                version = self._connection.execute("PRAGMA user_version").fetchone()[0]
                for statement in statements(version):
                    self._connection.execute(statement)
                if not version:
                    self.set_meta("archive", secrets.token_hex(8))
                self._connection.execute(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        with self.lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make the writes in the block atomic."""
        with self.lock, sqlite_errors(self.folder):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk has rolled back by itself
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read one consistent state within the block; blocks may be nested."""
        with self.lock:
            if self._connection.in_transaction:
                yield
                return
            self.rows("BEGIN")
            try:
                yield
            finally:
                self.rows("ROLLBACK")

    def change_counter(self) -> tuple[int, int]:
        """A value that changes with each write by any process."""
        with self.lock, sqlite_errors(self.folder):
            return self._connection.execute("PRAGMA data_version").fetchone()[0], self._connection.total_changes

    def rows(self, query: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        """Run a statement and return all its rows."""
        with self.lock, sqlite_errors(self.folder):
            return self._connection.execute(query, values).fetchall()

    def number(self, query: str, *values: object) -> int:
        """Run a statement that returns one number; 0 for NULL."""
        return int(self.rows(query, *values)[0][0] or 0)

    def many(self, query: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement for many rows; inside a transaction."""
        self._connection.executemany(query, rows)

    def insert(self, query: str, *values: object) -> int:
        """Run a statement that inserts a row and return the key of that row."""
        return int(self._connection.execute(query, values).lastrowid or 0)

    def set_meta(self, name: str, value: str) -> None:
        """Set a value of the archive's metadata."""
        self.rows("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, value)

    def get_meta(self, name: str) -> str:
        """A value of the archive's metadata; "" if it is not set."""
        rows = self.rows("SELECT value FROM meta WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""
