"""Open the vector store of a catalogue, or rebuild it from the catalogue's copies of the vectors.

The catalogue records the current generation of vectors, so switching to a new generation is a single write. Opening the
index deletes generations that a crash left unfinished.
"""

import logging

from ingest.archive.chroma import Generations
from ingest.archive.sqlite import SQLiteCatalogue
from ingest.archive.types import Progress, quiet
from ingest.archive.vectors import VectorStore

log = logging.getLogger(__name__)

_BATCH = 1000  # vectors copied at once


def generations(catalogue: SQLiteCatalogue, server: str) -> Generations:
    """The generations of an archive's vectors, in its folder or on a Chroma server."""
    return Generations(catalogue.folder, catalogue.get_meta("archive"), server)


def current_generation(catalogue: SQLiteCatalogue) -> int:
    """The number of the current generation of vectors; 0 if there is none yet."""
    return int(catalogue.get_meta("generation") or 0)


def switch_to(catalogue: SQLiteCatalogue, generation: int) -> None:
    """Make a complete generation, whose points have names, the current one; inside a transaction."""
    catalogue.set_meta("generation", str(generation))
    catalogue.set_meta("points", "named")


def open_index(catalogue: SQLiteCatalogue, server: str) -> VectorStore:
    """Open the vectors of a catalogue and delete the other generations.

    Rebuilds the index if the archive is new, if a crash interrupted Chroma while it saved the index, or if an older
    version of khabar stored equal vectors several times.
    """
    catalogue.name_points()
    generation, stores = current_generation(catalogue), generations(catalogue, server)
    if catalogue.get_meta("points") == "merged":
        log.info("rebuilding the vector index, once: passages with the same words now share a vector")
        return rebuild_index(catalogue, server)
    if not generation or not stores.is_intact(generation):
        return rebuild_index(catalogue, server)
    store = stores.open(generation, create=not catalogue.point_keys())
    store.delete_other_generations()
    return store


def open_index_as_is(catalogue: SQLiteCatalogue, server: str) -> VectorStore | None:
    """Open the vectors of a catalogue and change nothing; None for a new archive, which needs none yet.

    Raises:
        ArchiveDamaged: the vectors are missing or damaged.
    """
    generation = current_generation(catalogue)
    if not generation and not catalogue.point_keys():
        return None
    return generations(catalogue, server).open(generation)


def rebuild_index(catalogue: SQLiteCatalogue, server: str, progress: Progress = quiet) -> VectorStore:
    """Build a new generation from the catalogue's copies of the vectors and switch to it: about 1.5 ms a passage."""
    generation, stores = current_generation(catalogue) + 1, generations(catalogue, server)
    store = stores.create_empty(generation)
    try:
        copy_points(catalogue, store, progress)
        with catalogue.transaction():
            switch_to(catalogue, generation)
        store.delete_other_generations()
    except BaseException:
        store.close()
        raise
    return store


def copy_points(catalogue: SQLiteCatalogue, store: VectorStore, progress: Progress = quiet) -> None:
    """Copy the points of all ready articles into a vector store."""
    total = len(catalogue.point_keys())
    done = 0
    batch = catalogue.points(0, _BATCH)
    while batch.read:
        store.upsert(batch.keys, batch.vectors, batch.owners)
        done += batch.read
        progress(done, total)
        batch = catalogue.points(batch.last, _BATCH)
