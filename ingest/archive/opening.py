"""Open or create an archive's folder: its lock, its catalogue, and whether it fits the embedder."""

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
"""The file of a catalogue that is being built; the next opening deletes what a crash left of it."""


def is_archive(folder: Path) -> bool:
    """Whether a folder holds an archive, intact or damaged."""
    return (folder / NAME).exists()


def open_catalogue(
    path: Path, cleanup: contextlib.ExitStack, timeout: float, *, create: bool
) -> tuple[FolderLock, SQLiteCatalogue]:
    """Lock a folder and open its catalogue.

    Args:
        path: the folder.
        cleanup: closes both again.
        timeout: seconds to wait while another process holds the lock.
        create: create the archive if there is none.

    Raises:
        ArchiveInUse: another process holds it.
        ArchiveError: there is no archive.
    """
    if not create:
        require_archive(path)
    lock = lock_folder(path, cleanup, timeout)
    if create and not is_archive(path):
        _create(path)
    catalogue = SQLiteCatalogue(path)
    cleanup.callback(catalogue.close)
    return lock, catalogue


def _create(path: Path) -> None:
    """Create an empty catalogue, whole or not at all: so a file without tables is damaged, not new."""
    new = SQLiteCatalogue(path, NEW, create=True)
    new.close_to_one_file()
    with storage_errors(path):
        os.replace(new.path, path / NAME)


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
        ArchiveInUse: another process holds it.
        ArchiveError: there is no archive.
    """
    require_archive(path)
    lock_folder(path, cleanup)


def require_archive(path: Path) -> None:
    """Raise an `ArchiveError` if there is no archive: only ingestion creates one."""
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
    """Make sure that an archive fits an embedder and this version of khabar; an empty archive takes on both.

    Args:
        catalogue: of the archive.
        embedder: the one that is to fill and query it.

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
            f"the archive at {catalogue.folder} was filled by another version of khabar, which cut and compared words "
            "differently; run: khabar reembed"
        )


def set_embedder(catalogue: SQLiteCatalogue, embedder: Embedder) -> None:
    """Record which embedder, folding and passage scheme an archive is filled with."""
    with catalogue.transaction():
        for name, value in _fingerprint(embedder).items():
            catalogue.set_meta(name, value)
        catalogue.set_meta("dimension", "")


def _fingerprint(embedder: Embedder) -> dict[str, str]:
    return {"embedder": embedder.name, "folding": str(FOLDING), "scheme": str(SCHEME)}
