# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""Opening an archive's two halves, and making one of them anew beside the old, which serves until the switch.

The catalogue names the generation of vectors that it goes with, so a switch is one write in the catalogue, or the
renaming of a whole new one. What a crash leaves of one that never came to serve goes at the next opening.
"""

import contextlib
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ingest.archive import points
from ingest.archive.catalogue import Catalogue, is_archive
from ingest.archive.database import NAME
from ingest.archive.entries import prepare
from ingest.archive.filters import SHARED, metadata
from ingest.archive.lock import FolderLock
from ingest.archive.storage_errors import told
from ingest.archive.types import to_datetime
from ingest.archive.vectors import VectorStore, whole
from ingest.article import Article
from ingest.embedding import Embedder
from ingest.errors import ArchiveError, WrongEmbedder
from ingest.language import FOLDING
from ingest.passages import SCHEME

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called with how many articles or passages are done, and of how many."""


def quiet(done: int, of: int) -> None:
    """A `Progress` that tells nobody."""


NEW = "catalogue.new.sqlite"
_GROUP = 16  # articles embedded at once, about 64 passages
_SLICE = 1000  # vectors moved at once


def open_catalogue(
    path: Path, undo: contextlib.ExitStack, patience: float, *, create: bool
) -> tuple[FolderLock, Catalogue]:
    """Lock a folder and open its catalogue, made if there is none and `create` says so; `undo` closes both again.

    Raises:
        ArchiveError: there is none.
    """
    if not create:
        refuse_missing(path)
    lock = take(path, undo, patience)
    if create and not is_archive(path):
        _begin(path)
    catalogue = Catalogue(path)
    undo.callback(catalogue.close)
    return lock, catalogue


def _begin(path: Path) -> None:
    """Make an empty catalogue, whole or not at all: one without tables is then a damaged one, not a new one."""
    new = Catalogue(path, NEW, create=True)
    settle(new)
    with told(path):
        os.replace(new.path, path / NAME)


def take(path: Path, undo: contextlib.ExitStack, patience: float = 0) -> FolderLock:
    """Lock a folder, made if there is none, and remove a catalogue that never came to serve."""
    with told(path):
        path.mkdir(parents=True, exist_ok=True)
        lock = FolderLock(path)
        lock.acquire(patience)
        undo.callback(lock.release)
        discard(path / NEW)
    return lock


def take_existing(path: Path, undo: contextlib.ExitStack) -> None:
    """Lock the folder of an archive.

    Raises:
        ArchiveInUse: another process holds it.
        ArchiveError: there is no archive.
    """
    refuse_missing(path)
    take(path, undo)


def refuse_missing(path: Path) -> None:
    """Raise an `ArchiveError` where there is no archive: only filling makes one."""
    if path.is_file():
        raise ArchiveError(f"{path} is a file; an archive is a folder")
    if not is_archive(path):
        raise ArchiveError(
            f"there is no archive at {path} yet; set KHABAR_ARCHIVE to its folder, or fill one with: khabar ingest "
            "FOLDER (khabar demo shows how it works with sample articles)"
        )


def discard(database: Path) -> None:
    """Remove a SQLite file and those that belong to it."""
    for name in (database.name, f"{database.name}-wal", f"{database.name}-shm", f"{database.name}-journal"):
        database.with_name(name).unlink(missing_ok=True)


def kind(embedder: Embedder) -> dict[str, str]:
    """What the vectors and the terms of an archive depend on."""
    return {"embedder": embedder.name, "folding": str(FOLDING), "scheme": str(SCHEME)}


def adopt(catalogue: Catalogue, embedder: Embedder) -> None:
    """Make sure that an archive goes with an embedder; an archive without articles goes with any.

    Raises:
        WrongEmbedder: it does not.
    """
    asked = kind(embedder)
    stored = {name: catalogue.get(name) for name in asked}
    if stored == asked:
        return
    if catalogue.number("SELECT count(*) FROM articles WHERE state = 'ready'"):
        if stored["embedder"] != asked["embedder"]:
            raise WrongEmbedder(
                f"the archive at {catalogue.folder} was filled with {stored['embedder']!r} but the settings name "
                f"{embedder.name!r}; set KHABAR_EMBEDDER={stored['embedder']}, or run: khabar reembed"
            )
        raise WrongEmbedder(
            f"the archive at {catalogue.folder} was filled by another version of khabar, which cut and compared words "
            "differently; run: khabar reembed"
        )
    _set_kind(catalogue, embedder)


def _set_kind(catalogue: Catalogue, embedder: Embedder) -> None:
    with catalogue.transaction():
        for name, value in kind(embedder).items():
            catalogue.set(name, value)
        catalogue.set("dimension", "")


def open_store(catalogue: Catalogue, server: str) -> VectorStore:
    """Open the vectors that a catalogue goes with, and remove the other generations.

    A new archive gets its first generation; an index that was being saved when its process died is made again, and so
    is one of an earlier version with equal vectors.
    """
    points.merge(catalogue)
    generation = int(catalogue.get("generation") or 0)
    if catalogue.get("points") == "merged":
        log.info("the index of vectors is made again, this once: passages of the same words now share a vector")
        return reindex(catalogue, server)
    if not generation or (not server and not whole(_folder(catalogue, generation))):
        return reindex(catalogue, server)
    store = _store(catalogue, server, generation, create=not catalogue.number("SELECT count(*) FROM passages"))
    _remove_others(catalogue, store, server, generation)
    return store


def is_new(catalogue: Catalogue) -> bool:
    """Whether an archive has no vectors yet, and needs none: its process died before it made their collection."""
    return not catalogue.get("generation") and not catalogue.number("SELECT count(*) FROM points")


def open_store_as_is(catalogue: Catalogue, server: str) -> VectorStore:
    """Open the vectors that a catalogue goes with, and change nothing.

    Raises:
        ArchiveDamaged: they are missing or torn.
    """
    return _store(catalogue, server, int(catalogue.get("generation") or 0), create=False)


def reindex(catalogue: Catalogue, server: str, progress: Progress = quiet) -> VectorStore:
    """Make the vectors' index again from the catalogue's copies, and switch to it: about 1.5 ms a passage."""
    generation = int(catalogue.get("generation") or 0) + 1
    store = _fresh_store(catalogue, server, generation)
    try:
        _fill(catalogue, store, progress)
        with catalogue.transaction():
            catalogue.set("generation", str(generation))
            catalogue.set("points", "named")
        _remove_others(catalogue, store, server, generation)
    except BaseException:
        store.close()
        raise
    return store


def _fill(catalogue: Catalogue, store: VectorStore, progress: Progress) -> None:
    """Store the points of ready articles, with what Chroma must know of the one article or that there are several."""
    keys = [row[0] for row in catalogue.rows("SELECT key FROM points ORDER BY key")]
    for start in range(0, len(keys), _SLICE):
        part = keys[start : start + _SLICE]
        rows = catalogue.rows(
            "SELECT v.key, v.vector, v.shared OR min(a.key) != max(a.key), a.id, a.publisher, a.language, a.published "
            "FROM points v JOIN passages p ON p.point = v.key JOIN articles a ON a.key = p.article "
            "WHERE a.state = 'ready' AND v.key BETWEEN ? AND ? GROUP BY v.key ORDER BY v.key",
            part[0],
            part[-1],
        )
        halves = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float16).astype(np.float32)
        vectors = halves.reshape(len(rows), -1) if rows else np.empty((0, 0), np.float32)
        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        facts = [
            SHARED if shared else metadata(Article(identity, "", "", "", publisher, "", to_datetime(at), language))
            for _, _, shared, identity, publisher, language, at in rows
        ]
        store.upsert([row[0] for row in rows], units, facts)
        progress(start + len(part), len(keys))


def reembed(path: Path, embedder: Embedder, chroma: str = "", progress: Progress = quiet) -> None:
    """Cut, fold and embed every article of an archive again, with another embedder or another version of khabar.

    The archive serves as it was until all is made; a crash leaves it so.

    Raises:
        ArchiveInUse: another process holds it.
        ArchiveError: there is no archive, or its disk is full.
        ModelError: the embedding failed or refused.
    """
    with contextlib.ExitStack() as undo:
        take_existing(path, undo)
        old = Catalogue(path)
        undo.callback(old.close)
        undo.callback(discard, path / NEW)
        new = copy_articles(old)
        undo.callback(new.close)
        rebuild(new, embedder, chroma, int(old.get("generation") or 0) + 1, progress)
        switch(old, new)


def rebuild(new: Catalogue, embedder: Embedder, server: str, generation: int, progress: Progress) -> None:
    """Make passages, terms and vectors for every article of a catalogue that does not serve yet."""
    with contextlib.closing(_fresh_store(new, server, generation)) as store:
        keys = [row[0] for row in new.rows("SELECT key FROM articles WHERE state = 'ready' ORDER BY key")]
        for start in range(0, len(keys), _GROUP):
            _rebuild_group(new, embedder, keys[start : start + _GROUP])
            progress(min(start + _GROUP, len(keys)), len(keys))
        _fill(new, store, quiet)
    _set_kind(new, embedder)
    width = new.rows("SELECT length(vector) / 2 FROM points LIMIT 1")
    with new.transaction():
        new.set("dimension", str(width[0][0]) if width else "")
        new.set("generation", str(generation))
        new.set("points", "named")


def _rebuild_group(new: Catalogue, embedder: Embedder, keys: list[int]) -> None:
    articles = new.versions(keys)
    entries = prepare(list(articles.values()), embedder)
    for key, entry in zip(articles, entries, strict=True):
        with new.transaction():
            new.write_passages(key, entry)
            new.write_terms(key, entry.article, entry.passages)


def copy_articles(old: Catalogue) -> Catalogue:
    """A copy of a catalogue, without what is made from articles: passages, terms, vectors."""
    old.undo_pending()
    with told(old.folder):
        discard(old.folder / NEW)
        old.rows("VACUUM INTO ?", str(old.folder / NEW))
    new = Catalogue(old.folder, NEW)
    with new.transaction():
        for table in ("terms", "passages", "points", "orphans"):
            new.rows(f"DELETE FROM {table}")
    return new


def switch(old: Catalogue, new: Catalogue) -> None:
    """Put the new catalogue in the old one's place, in one renaming; both are closed."""
    settle(old)
    settle(new)
    with told(old.folder):
        os.replace(new.path, old.folder / NAME)


def settle(catalogue: Catalogue) -> None:
    """Bring everything into the one file and close it: no log may be left for another catalogue to find."""
    catalogue.rows("PRAGMA journal_mode = DELETE")
    catalogue.close()


def _fresh_store(catalogue: Catalogue, server: str, generation: int) -> VectorStore:
    """An empty store, whatever a crash left in its place."""
    with told(catalogue.folder):
        folder = _folder(catalogue, generation)
        if folder.exists():
            shutil.rmtree(folder)
    store = _store(catalogue, server, generation, create=True)
    if server and store.count():
        store.delete(sorted(store.keys()))
    return store


def _store(catalogue: Catalogue, server: str, generation: int, *, create: bool) -> VectorStore:
    folder = _folder(catalogue, generation)
    if create and not server:
        with told(catalogue.folder):
            folder.mkdir(parents=True, exist_ok=True)
    return VectorStore(folder, server, f"{_prefix(catalogue)}{generation}", create=create)


def _folder(catalogue: Catalogue, generation: int) -> Path:
    return catalogue.folder / "chroma" / str(generation)


def _prefix(catalogue: Catalogue) -> str:
    return f"khabar-{catalogue.get('archive')}-"


def _remove_others(catalogue: Catalogue, store: VectorStore, server: str, generation: int) -> None:
    if server:
        store.drop_others(_prefix(catalogue))
        return
    with told(catalogue.folder):
        for other in _folder(catalogue, generation).parent.iterdir():
            if other.name.isdigit() and other.name != str(generation):
                shutil.rmtree(other)
