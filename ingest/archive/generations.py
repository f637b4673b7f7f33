# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""Opening an archive's two halves, and making one of them anew beside the old, which serves until the switch.

The catalogue names the generation of vectors that it goes with, so a switch is one write in the catalogue, or the
renaming of a whole new one. What a crash leaves of one that never came to serve goes at the next opening.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ingest.archive.catalogue import Catalogue, is_archive
from ingest.archive.database import NAME
from ingest.archive.entries import prepare
from ingest.archive.faults import told
from ingest.archive.filters import metadata
from ingest.archive.lock import FolderLock
from ingest.archive.vectors import VectorStore, whole
from ingest.embedding import Embedder
from ingest.errors import ArchiveError, WrongEmbedder
from ingest.passages import SCHEME
from ingest.text import FOLDING

Progress = Callable[[int, int], None]
"""Called with how many articles or passages are done, and of how many."""


def quiet(done: int, of: int) -> None:
    """A `Progress` that tells nobody."""


NEW = "catalogue.new.sqlite"
_GROUP = 16  # articles embedded at once, about 64 passages
_SLICE = 1000  # vectors moved at once


def open_catalogue(path: Path, undo: contextlib.ExitStack, patience: float) -> tuple[FolderLock, Catalogue]:
    """Lock a folder, made if there is none, and open its catalogue; `undo` closes both again."""
    lock = take(path, undo, patience)
    catalogue = Catalogue(path)
    undo.callback(catalogue.close)
    return lock, catalogue


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
    if not is_archive(path):
        raise ArchiveError(
            f"there is no archive at {path}; set KHABAR_ARCHIVE to its folder, or fill one: khabar ingest"
        )
    take(path, undo)


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

    A new archive gets its first generation; an index that was being saved when its process died is made again.
    """
    generation = int(catalogue.get("generation") or 0)
    if not generation:
        if catalogue.number("SELECT count(*) FROM articles WHERE state = 'ready'"):
            return reindex(catalogue, server)
        store = _store(catalogue, server, 1, create=True)
        catalogue.set("generation", "1")
        return store
    if not server and not whole(_folder(catalogue, generation)):
        return reindex(catalogue, server)
    store = _store(catalogue, server, generation, create=not catalogue.number("SELECT count(*) FROM passages"))
    _remove_others(catalogue, store, server, generation)
    return store


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
        catalogue.set("generation", str(generation))
        _remove_others(catalogue, store, server, generation)
    except BaseException:
        store.close()
        raise
    return store


def _fill(catalogue: Catalogue, store: VectorStore, progress: Progress) -> None:
    keys = [row[0] for row in catalogue.rows("SELECT key FROM vectors ORDER BY key")]
    for start in range(0, len(keys), _SLICE):
        part, vectors = catalogue.vectors(keys[start : start + _SLICE])
        owners = dict(
            catalogue.rows(
                "SELECT p.key, a.id FROM passages p JOIN articles a ON a.key = p.article WHERE p.key BETWEEN ? AND ?",
                min(part),
                max(part),
            )
        )
        articles = {
            one.id: one
            for one in catalogue.articles(
                "AND id IN (SELECT value FROM json_each(?))", json.dumps(sorted(set(owners.values())))
            )
        }
        facts = {identity: metadata(one) for identity, one in articles.items()}
        shown = [place for place, key in enumerate(part) if owners[key] in facts]
        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        store.upsert([part[place] for place in shown], units[shown], [facts[owners[part[place]]] for place in shown])
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
            _rebuild_group(new, store, embedder, keys[start : start + _GROUP])
            progress(min(start + _GROUP, len(keys)), len(keys))
    _set_kind(new, embedder)
    width = new.rows("SELECT length(vector) / 2 FROM vectors LIMIT 1")
    with new.transaction():
        new.set("dimension", str(width[0][0]) if width else "")
        new.set("generation", str(generation))


def _rebuild_group(new: Catalogue, store: VectorStore, embedder: Embedder, keys: list[int]) -> None:
    articles = [new.articles("AND key = ?", key)[0] for key in keys]
    entries = prepare(articles, embedder)
    for key, entry in zip(keys, entries, strict=True):
        with new.transaction():
            passages = new.write_passages(key, entry)
            new.write_terms(entry.article, entry.passages, passages)
        store.upsert(passages, entry.vectors, [metadata(entry.article)] * len(passages))


def copy_articles(old: Catalogue) -> Catalogue:
    """A copy of a catalogue, without what is made from articles: passages, terms, vectors."""
    old.undo_pending()
    with told(old.folder):
        discard(old.folder / NEW)
        old.rows("VACUUM INTO ?", str(old.folder / NEW))
    new = Catalogue(old.folder, NEW)
    with new.transaction():
        for table in ("terms", "vectors", "passages", "orphans"):
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
