"""One process at a time: an operating system's lock on the archive's folder, which says who holds it."""

import os
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.archive.storage_errors import of_system
from ingest.errors import ArchiveError, ArchiveInUse


class FolderLock:
    """The lock of one archive; the system releases it when its process dies, however it dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / "lock", thread_local=False)
        self._holder = folder / "lock.holder"

    def acquire(self, timeout: float = 0) -> None:
        """Take the lock.

        Args:
            timeout: seconds to wait for another holder.

        Raises:
            ArchiveInUse: another process, or another part of this one, holds it.
            ArchiveError: the folder cannot be written.
        """
        try:
            self._lock.acquire(timeout=timeout)
        except Timeout:
            raise ArchiveInUse(
                f"the archive at {self._folder} is in use by {self._who()}; stop that, or wait for it, and try again; "
                "for several at once, run a Chroma server and set KHABAR_CHROMA (see the README)"
            ) from None
        except OSError as error:
            raise of_system(self._folder, error) from error
        except NotImplementedError as error:
            raise ArchiveError(
                f"the archive at {self._folder} cannot be locked: {error}; set KHABAR_ARCHIVE to a local folder"
            ) from error
        if self._lock.lock_counter == 1:
            self._sign()

    def release(self) -> None:
        """Give the lock back."""
        if self._lock.lock_counter == 1:
            self._holder.unlink(missing_ok=True)
        self._lock.release()

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return bool(self._lock.is_locked)

    def _sign(self) -> None:
        since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        try:
            self._holder.write_text(f"process {os.getpid()} since {since}", encoding="utf-8")
        except OSError:
            self._lock.release()
            raise

    def _who(self) -> str:
        try:
            return self._holder.read_text(encoding="utf-8") or "another process"
        except OSError:
            return "another process"
