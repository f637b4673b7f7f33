"""Open or create an archive's folder: lock it, open its catalogue, and check that the embedder matches."""

import contextlib
import os
from pathlib import Path

from ingest.archive.lock import FolderLock
from ingest.archive.sqlite import SQLiteCatalogue
from ingest.archive.sqlite.database import NAME
from ingest.archive.storage_errors import storage_errors
from ingest.embedding import Embedder
from ingest.errors import ArchiveError, WrongEmbedder
from ingest.language import FOLDING
from ingest.passages import SCHEME

NEW = "catalogue.new.sqlite"
"""The file of a catalogue that is being built; the next process that locks the folder deletes what a crash left."""


def is_archive(folder: Path) -> bool:
    """Whether a folder holds an archive, intact or damaged."""
    return (folder / NAME).exists()


def open_catalogue(
    path: Path, cleanup: contextlib.ExitStack, timeout: float, *, create: bool
) -> tuple[FolderLock, SQLiteCatalogue]:
    """Lock a folder and open its catalogue.

    Args:
        path: the folder.
        cleanup: closes the catalogue and releases the lock.
        timeout: seconds to wait while another process holds the lock.
        create: create the archive if there is none.

    Raises:
        ArchiveInUse: another process uses it.
        ArchiveError: there is no archive.
    """
    if not create:
        require_archive(path)
    lock = lock_folder(path, cleanup, timeout)
    if create and not is_archive(path):
        # Build the file under another name: a catalogue without tables is then always a damaged one, not a new one.
        new = SQLiteCatalogue(path, NEW, create=True)
        new.close_to_one_file()
        with storage_errors(path):
            os.replace(new.path, path / NAME)
    catalogue = SQLiteCatalogue(path)
    cleanup.callback(catalogue.close)
    return lock, catalogue


def lock_folder(path: Path, cleanup: contextlib.ExitStack, timeout: float = 0) -> FolderLock:
    """Create a folder if necessary, lock it, and delete a half-built catalogue."""
    with storage_errors(path):
        path.mkdir(parents=True, exist_ok=True)
        lock = FolderLock(path)
        lock.acquire(timeout)
        cleanup.callback(lock.release)
        delete_database(path / NEW)
    return lock


def lock_existing(path: Path, cleanup: contextlib.ExitStack) -> None:
    """Lock the folder of an archive.

    Raises:
        ArchiveInUse: another process uses it.
        ArchiveError: there is no archive.
    """
    require_archive(path)
    lock_folder(path, cleanup)


def require_archive(path: Path) -> None:
    """Raise an `ArchiveError` if there is no archive."""
    if path.is_file():
        raise ArchiveError(f"{path} is a file; an archive is a folder")
    if not is_archive(path):
        raise ArchiveError(
            f"there is no archive at {path} yet; set KHABAR_ARCHIVE to its folder, or fill one with: khabar ingest "
            "FOLDER (khabar demo shows how it works with sample articles)"
        )


def delete_database(path: Path) -> None:
    """Delete a SQLite file and its journals."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
        path.with_name(name).unlink(missing_ok=True)


def check_embedder(catalogue: SQLiteCatalogue, embedder: Embedder) -> None:
    """Check that an archive matches an embedder and this version of khabar; an empty archive is set to both.

    Args:
        catalogue: the archive's catalogue.
        embedder: the embedder from the settings.

    Raises:
        WrongEmbedder: it was filled with another embedder, folding or passage scheme.
    """
    wanted = _fingerprint(embedder)
    stored = {name: catalogue.get_meta(name) for name in wanted}
    if stored == wanted:
        return
    if catalogue.is_empty():
        set_embedder(catalogue, embedder)
    elif stored["embedder"] != wanted["embedder"]:
        raise WrongEmbedder(
            f"the archive at {catalogue.folder} was filled with {stored['embedder']!r} but the settings name "
            f"{embedder.name!r}; set KHABAR_EMBEDDER={stored['embedder']}, or run: khabar reembed"
        )
    else:
        raise WrongEmbedder(
            f"the archive at {catalogue.folder} was filled by another version of khabar, which split and folded text "
            "differently; run: khabar reembed"
        )


def set_embedder(catalogue: SQLiteCatalogue, embedder: Embedder) -> None:
    """Record the embedder, folding and passage scheme that an archive is filled with."""
    with catalogue.transaction():
        for name, value in _fingerprint(embedder).items():
            catalogue.set_meta(name, value)
        catalogue.set_meta("dimension", "")


def _fingerprint(embedder: Embedder) -> dict[str, str]:
    return {"embedder": embedder.name, "folding": str(FOLDING), "scheme": str(SCHEME)}
