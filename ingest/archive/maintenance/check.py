"""Find what in an archive is not as it was written."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

from ingest.archive.catalogue import Catalogue
from ingest.archive.opening import lock_existing
from ingest.archive.sqlite import SQLiteCatalogue
from ingest.archive.types import Problem
from ingest.archive.vectors import VectorStore
from ingest.embedding import Vectors
from ingest.errors import ArchiveDamaged, ArchiveError

_SAMPLE = 50  # points that are searched by their own vector
_WIDE = 400  # vectors of a wider search: twice as many as Chroma looks at by default


def check(path: Path, chroma: str = "") -> list[Problem]:
    """Check everything that an archive stores, also of an archive that does not open.

    A process of its own reads Chroma's files, since damaged ones can crash it.

    Returns:
        What is wrong; empty for an intact archive.

    Raises:
        ArchiveInUse: another process holds it.
        ArchiveError: there is no archive, or the Chroma server does not answer.
    """
    with contextlib.ExitStack() as cleanup:
        lock_existing(path, cleanup)
        return check_locked(path, chroma)


def check_locked(path: Path, chroma: str) -> list[Problem]:
    """`check` for a caller that holds the lock."""
    try:
        with contextlib.closing(SQLiteCatalogue(path)) as catalogue:
            catalogue.undo_pending()
            problems = catalogue.problems()
    except ArchiveDamaged as error:
        return [Problem("unreadable", str(error))]
    if any(problem.kind == "unreadable" for problem in problems):
        return problems
    return problems + _check_vectors_apart(path, chroma)


def check_vectors(catalogue: Catalogue, store: VectorStore) -> list[Problem]:
    """Compare the vector store with the catalogue's points, and search for some points by their own vectors."""
    try:
        keys = catalogue.point_keys()
        stored = store.keys()
        missing, extra = set(keys) - stored, stored - set(keys) - set(catalogue.orphans())
        sample = [key for key in keys[:: max(1, len(keys) // _SAMPLE)] if key not in missing]
        vectors = store.vectors(sample)
        different = catalogue.count_different_vectors(sample, vectors)
        unfound = sum(not _is_found(store, key, vector) for key, vector in vectors.items())
    except ArchiveError as error:
        return [Problem("vectors", str(error))]
    if missing or extra or different or unfound:
        message = (
            f"{len(missing):,} vectors are missing, {len(extra):,} belong to no passage; of {len(sample):,} tested, "
            f"{different:,} are not as they were stored and {unfound:,} are not found"
        )
        return [Problem("vectors", message)]
    return []


def _is_found(store: VectorStore, key: int, vector: Vectors) -> bool:
    """Whether the index, which is approximate, finds a vector at once or by a wider search."""
    return any(key == found for limit in (3, _WIDE) for found, _ in store.nearest(vector, limit))


def _check_vectors_apart(path: Path, chroma: str) -> list[Problem]:
    """Run `check_vectors` in a process of its own (see `probe`): damaged index files can crash Chroma."""
    root = str(Path(__file__).parents[3])
    python_path = os.environ.get("PYTHONPATH")
    environment = os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{python_path}" if python_path else root}
    command = [sys.executable, "-m", "ingest.archive.maintenance.probe", str(path.resolve()), chroma]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - our module
    if result.returncode < 0:
        return [Problem("vectors", "the vector index is damaged: reading it crashes Chroma")]
    if result.returncode:
        last = result.stderr.strip().splitlines()[-1:] or ["no reason given"]
        return [Problem("vectors", f"the vector index cannot be read: {last[0]}")]
    return [Problem(**found) for found in json.loads(result.stdout)]
