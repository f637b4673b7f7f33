"""Check an archive for damage."""

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
from ingest.errors import ArchiveDamaged, ArchiveError

_SAMPLE = 50  # points that are searched for by their own vector
_NARROW = 3  # results of a first search
_WIDE = 400  # results of a wider search: twice the index's `ef_search`


def check(path: Path, chroma: str = "") -> list[Problem]:
    """Check everything that an archive stores, even if the archive does not open.

    A separate process reads Chroma's files, because damaged ones can crash Chroma.

    Returns:
        The problems; none for an intact archive.

    Raises:
        ArchiveInUse: another process uses it.
        ArchiveError: there is no archive, or the Chroma server does not answer.
    """
    with contextlib.ExitStack() as cleanup:
        lock_existing(path, cleanup)
        return check_locked(path, chroma)


def check_locked(path: Path, chroma: str) -> list[Problem]:
    """Do the work of `check` for a caller that holds the lock."""
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
        unfound = sum(  # the index is approximate: a vector may only be found by the wider search
            not any(key == hit for limit in (_NARROW, _WIDE) for hit, _ in store.nearest(vector, limit))
            for key, vector in vectors.items()
        )
    except ArchiveError as error:
        return [Problem("vectors", str(error))]
    if missing or extra or different or unfound:
        message = (
            f"{len(missing):,} vectors are missing, {len(extra):,} belong to no passage; of {len(sample):,} tested, "
            f"{different:,} are not as they were stored and {unfound:,} are not found"
        )
        return [Problem("vectors", message)]
    return []


def _check_vectors_apart(path: Path, chroma: str) -> list[Problem]:
    """Run `check_vectors` in a separate process, see `probe`."""
    root = str(Path(__file__).parents[3])
    python_path = os.environ.get("PYTHONPATH")
    environment = os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{python_path}" if python_path else root}
    command = [sys.executable, "-m", "ingest.archive.maintenance.probe", str(path.resolve()), chroma]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - our module
    if result.returncode < 0:
        return [Problem("vectors", "the vector index is damaged: reading it crashes Chroma")]
    if result.returncode:
        last_line = result.stderr.strip().splitlines()[-1:] or ["no reason given"]
        return [Problem("vectors", f"the vector index cannot be read: {last_line[0]}")]
    return [Problem(**fields) for fields in json.loads(result.stdout)]
