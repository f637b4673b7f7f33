"""Build a new archive beside the old one, then replace the old one."""

import contextlib
import os
from pathlib import Path

from ingest.archive.entries import prepare
from ingest.archive.opening import NEW, delete_database, lock_existing, set_embedder
from ingest.archive.sqlite import SQLiteCatalogue
from ingest.archive.sqlite.database import NAME
from ingest.archive.storage_errors import storage_errors
from ingest.archive.types import Progress, quiet
from ingest.archive.vector_index import copy_points, current_generation, generations, switch_to
from ingest.embedding import Embedder

_GROUP = 16  # articles embedded at once, about 64 passages


def reembed(path: Path, embedder: Embedder, chroma: str = "", progress: Progress = quiet) -> None:
    """Cut, fold and embed every article of an archive again, for another embedder or version of khabar.

    The old archive stays intact until the new one is complete, also if the process dies.

    Args:
        path: the folder of the archive.
        embedder: the new embedder.
        chroma: the address of a Chroma server, or "".
        progress: called with the number of articles processed so far and the total.

    Raises:
        ArchiveInUse: another process uses it.
        ArchiveError: there is no archive, or its disk is full.
        ModelError: the embedding failed or refused.
    """
    with contextlib.ExitStack() as cleanup:
        lock_existing(path, cleanup)
        old = SQLiteCatalogue(path)
        cleanup.callback(old.close)
        cleanup.callback(delete_database, path / NEW)
        old.undo_pending()
        with storage_errors(path):
            delete_database(path / NEW)
            old.copy_to(path / NEW)
        new = SQLiteCatalogue(path, NEW)
        cleanup.callback(new.close)
        new.remove_passages()
        rebuild(new, embedder, chroma, current_generation(old) + 1, progress)
        old.close_to_one_file()
        new.close_to_one_file()
        with storage_errors(path):
            os.replace(new.path, path / NAME)


def rebuild(catalogue: SQLiteCatalogue, embedder: Embedder, server: str, generation: int, progress: Progress) -> None:
    """Create the passages, terms and vectors of every article in a catalogue that is not in use yet."""
    with contextlib.closing(generations(catalogue, server).create_empty(generation)) as store:
        keys = catalogue.article_keys()
        for start in range(0, len(keys), _GROUP):
            articles = catalogue.reader.by_keys(keys[start : start + _GROUP])
            entries = prepare(list(articles.values()), embedder)
            for key, entry in zip(articles, entries, strict=True):
                catalogue.add_passages(key, entry)
            progress(min(start + _GROUP, len(keys)), len(keys))
        copy_points(catalogue, store)
    set_embedder(catalogue, embedder)
    first = catalogue.points(0, 1)
    with catalogue.transaction():
        catalogue.set_meta("dimension", str(first.vectors.shape[1]) if first.read else "")
        switch_to(catalogue, generation)
