"""Turn file system errors into archive errors with advice."""

import contextlib
import errno
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import ArchiveError

DISK_FULL = (
    "there is no space left on its disk; everything stored so far is kept: make space and run the same command again"
)
_PROBE_SIZE = 1 << 20  # bytes written to test whether a disk is full: less may still fit after a larger write failed
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
READ_ONLY = "its folder cannot be written; make it writable for this user, or set KHABAR_ARCHIVE to another folder"


@contextlib.contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn file system errors into an `ArchiveError`."""
    try:
        yield
    except OSError as error:
        raise from_os_error(folder, error) from error


def is_full(folder: Path) -> bool:
    """Whether a folder's disk, or the user's quota on it, is full; tested by writing a temporary file."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_PROBE_SIZE))
    except OSError as error:
        return error.errno in _NO_SPACE
    return False


def from_os_error(folder: Path, error: OSError) -> ArchiveError:
    """The archive error for a file system error."""
    if error.errno in _NO_SPACE:
        return ArchiveError(f"the archive at {folder} cannot grow: {DISK_FULL}")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return ArchiveError(f"the archive at {folder} cannot be opened for writing ({error.strerror}): {READ_ONLY}")
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return ArchiveError(f"{folder} is not a folder; set KHABAR_ARCHIVE to a folder, which may be new")
    return ArchiveError(f"the archive at {folder} cannot be used: {error}")
