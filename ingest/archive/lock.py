"""One process at a time: an operating system lock on the archive's folder, which says who holds it."""

import os
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.archive.storage_errors import from_os_error
from ingest.errors import ArchiveError, ArchiveInUse


class FolderLock:
    """The lock of one archive; the operating system releases it when the process dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / "lock", thread_local=False)
        self._holder = folder / "lock.holder"

    def acquire(self, timeout: float = 0) -> None:
        """Take the lock.

        Args:
            timeout: seconds to wait while another process holds it.

        Raises:
            ArchiveInUse: another process, or another part of this one, holds it.
            ArchiveError: the folder cannot be written.
        """
        try:
            self._lock.acquire(timeout=timeout)
        except Timeout:
            raise ArchiveInUse(
                f"the archive at {self._folder} is in use by {self._read_holder()}; stop that, or wait for it, and try "
                "again; for several at once, run a Chroma server and set KHABAR_CHROMA (see docs/storage.md)"
            ) from None
        except OSError as error:
            raise from_os_error(self._folder, error) from error
        except NotImplementedError as error:
            raise ArchiveError(
                f"the archive at {self._folder} cannot be locked: {error}; set KHABAR_ARCHIVE to a local folder"
            ) from error
        if self._lock.lock_counter == 1:
            self._write_holder()

    def release(self) -> None:
        """Release the lock."""
        if self._lock.lock_counter == 1:
            self._holder.unlink(missing_ok=True)
        self._lock.release()

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return bool(self._lock.is_locked)

    def _write_holder(self) -> None:
        since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        try:
            self._holder.write_text(f"process {os.getpid()} since {since}", encoding="utf-8")
        except OSError:
            self._lock.release()
            raise

    def _read_holder(self) -> str:
        try:
            return self._holder.read_text(encoding="utf-8") or "another process"
        except OSError:
            return "another process"
