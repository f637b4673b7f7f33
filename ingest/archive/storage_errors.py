"""Errors of SQLite and the file system, as archive errors that say what to do."""

import contextlib
import errno
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import ArchiveDamaged, ArchiveError, ArchiveInUse

DISK_FULL = (
    "there is no space left on its disk; everything stored so far is kept: make space and run the same command again"
)
_PROBE_SIZE = 1 << 20  # bytes written to see whether a disk is full: less may still fit when a larger write failed
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_READ_ONLY = "its folder cannot be written; make it writable for this user, or set KHABAR_ARCHIVE to another folder"
_REPAIR = "nothing was changed; run: khabar check --repair"


@contextlib.contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn the errors of SQLite and the file system into an `ArchiveError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise _from_sqlite(folder, error) from error
    except OSError as error:
        raise from_os_error(folder, error) from error


def _from_sqlite(folder: Path, error: sqlite3.Error) -> ArchiveError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and is_full(folder)):
        return ArchiveError(f"the archive at {folder} cannot grow: {DISK_FULL}")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return ArchiveError(f"the archive at {folder} cannot be opened for writing ({error}): {_READ_ONLY}")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ArchiveInUse(f"the catalogue of the archive at {folder} is locked by another process; try again later")
    if code == sqlite3.SQLITE_IOERR:
        return ArchiveError(f"the disk of the archive at {folder} fails ({error}): check it and try again")
    return ArchiveDamaged(f"the catalogue of the archive at {folder} is damaged ({error}); {_REPAIR}")


def is_full(folder: Path) -> bool:
    """Whether a folder's disk, or the user's quota on it, is full; tested by writing a temporary file."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_PROBE_SIZE))
    except OSError as error:
        return error.errno in _NO_SPACE
    return False


def from_os_error(folder: Path, error: OSError) -> ArchiveError:
    """The archive error to show for an error of the file system."""
    if error.errno in _NO_SPACE:
        return ArchiveError(f"the archive at {folder} cannot grow: {DISK_FULL}")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return ArchiveError(f"the archive at {folder} cannot be opened for writing ({error.strerror}): {_READ_ONLY}")
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return ArchiveError(f"{folder} is not a folder; set KHABAR_ARCHIVE to a folder, which may be new")
    return ArchiveError(f"the archive at {folder} cannot be used: {error}")
