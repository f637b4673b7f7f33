# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""Find what is not as it was written."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ingest.archive import generations, near_duplicates, points
from ingest.archive.catalogue import FIELDS, Catalogue, as_stored
from ingest.archive.types import Problem
from ingest.archive.vectors import VectorStore
from ingest.article import Article
from ingest.embedding import Vectors
from ingest.errors import ArchiveDamaged, ArchiveError

_LOOK = 500  # articles read at once
_NAMED = 10  # ids that are told
_SAMPLE = 50  # points that are searched by their own vector
_WIDE = 400  # vectors of a wider search: twice as many as Chroma keeps in mind by itself


def check(path: Path, chroma: str = "") -> list[Problem]:
    """Compare everything that an archive stores, also of one that doesn't open.

    Chroma's files are read by a process of their own, since damaged ones can crash it.

    Returns:
        What is wrong; empty for a sound archive.

    Raises:
        ArchiveInUse: another process holds it.
        ArchiveError: there is no archive, or the Chroma server does not answer.
    """
    with contextlib.ExitStack() as undo:
        generations.take_existing(path, undo)
        return check_taken(path, chroma)


def check_taken(path: Path, chroma: str) -> list[Problem]:
    """`check` for who holds the folder already."""
    try:
        with contextlib.closing(Catalogue(path)) as catalogue:
            catalogue.undo_pending()
            found = _of_catalogue(catalogue)
    except ArchiveDamaged as error:
        return [Problem("unreadable", str(error))]
    if any(problem.kind == "unreadable" for problem in found):
        return found
    return found + _of_vectors_apart(path, chroma)


def problems(catalogue: Catalogue, store: VectorStore) -> list[Problem]:
    """Compare everything that an open archive stores."""
    with catalogue.lock:
        return _of_catalogue(catalogue) + of_vectors(catalogue, store)


def _of_catalogue(catalogue: Catalogue) -> list[Problem]:
    found = [
        Problem("unreadable", f"the catalogue is damaged: {row[0]}")
        for row in catalogue.rows("PRAGMA integrity_check(5)")
        if row[0] != "ok"
    ]
    if found:
        return found
    if changed := altered(catalogue):
        found.append(Problem("articles", f"{len(changed):,} articles are not as they were stored: {named(changed)}"))
    cut = wrongly_cut(catalogue)
    if cut:
        found.append(
            Problem("passages", f"{len(cut):,} articles whose passages or vectors do not hold all of their text")
        )
    lost = _without_terms(catalogue)
    if lost:
        found.append(Problem("terms", f"{lost:,} passages whose words are not, or wrongly, in the index of words"))
    astray = near_duplicates.faults(catalogue)
    if astray:
        found.append(Problem("copies", f"{astray:,} articles whose near-copies are not, or wrongly, looked up"))
    return found


def altered(catalogue: Catalogue) -> list[str]:
    """The ids of articles that are not what was stored: SQLite does not notice a letter that the disk has changed."""
    found: list[str] = []
    last = 0
    while rows := catalogue.rows(
        f"SELECT key, digest, {FIELDS} FROM articles WHERE state = 'ready' AND key > ? ORDER BY key LIMIT {_LOOK}", last
    ):
        found += [row[2] for row in rows if as_stored(row[2:], row[1]) is None]
        last = rows[-1][0]
    return found


def named(ids: Sequence[str]) -> str:
    """The first ids of a list, for a message."""
    return ", ".join(ids[:_NAMED]) + (" ..." if len(ids) > _NAMED else "")


def wrongly_cut(catalogue: Catalogue) -> list[Article]:
    """Articles whose passages overstep the text, leave some of it out, or have no vector."""
    found: list[Article] = []
    dimension = int(catalogue.get("dimension") or 0)
    for (key,) in catalogue.rows("SELECT key FROM articles WHERE state = 'ready'"):
        article = catalogue.versions([key]).get(key)
        if article is None:
            continue  # not as it was stored: `altered` tells
        places = catalogue.rows("SELECT start, end FROM passages WHERE article = ? ORDER BY ordinal", key)
        vectors = catalogue.number(
            "SELECT count(*) FROM passages p JOIN points v ON v.key = p.point "
            "WHERE p.article = ? AND length(v.vector) = ?",
            key, 2 * dimension,
        )  # fmt: skip
        if vectors != len(places) or not _covers(article.text, places):
            found.append(article)
    return found


def _covers(text: str, places: list[tuple[int, int]]) -> bool:
    reached = 0
    for start, end in places:
        if not 0 <= start < end <= len(text) or text[reached:start].strip():
            return False
        reached = max(reached, end)
    return not text[reached:].strip()


def _without_terms(catalogue: Catalogue) -> int:
    ready = "SELECT p.key FROM passages p JOIN articles a ON a.key = p.article WHERE a.state = 'ready'"
    try:
        catalogue.rows("INSERT INTO terms (terms) VALUES ('integrity-check')")
    except ArchiveDamaged:
        return catalogue.number(f"SELECT count(*) FROM ({ready})")
    return catalogue.number(
        f"SELECT (SELECT count(*) FROM ({ready} EXCEPT SELECT rowid FROM terms)) "
        f"+ (SELECT count(*) FROM (SELECT rowid FROM terms EXCEPT {ready}))"
    )


def of_vectors(catalogue: Catalogue, store: VectorStore) -> list[Problem]:
    """Compare the index with the catalogue's points, and search for some of them by their own vectors."""
    ready = (
        "SELECT DISTINCT p.point FROM passages p JOIN articles a ON a.key = p.article "
        "WHERE a.state = 'ready' AND p.point IS NOT NULL ORDER BY p.point"
    )
    wanted = [row[0] for row in catalogue.rows(ready)]
    try:
        stored = store.keys()
        known = {row[0] for row in catalogue.rows("SELECT key FROM points UNION SELECT key FROM orphans")}
        missing, extra = set(wanted) - stored, stored - known
        sample = [key for key in wanted[:: max(1, len(wanted) // _SAMPLE)] if key not in missing]
        vectors = store.vectors(sample)
        wrong = points.unlike(catalogue, sample, vectors)
        lost = sum(not _is_found(store, key, vector) for key, vector in vectors.items())
    except ArchiveError as error:
        return [Problem("vectors", str(error))]
    if missing or extra or wrong or lost:
        message = (
            f"{len(missing):,} vectors are missing, {len(extra):,} belong to no passage, "
            f"{wrong:,} of {len(sample):,} tried are not as they were stored, {lost:,} are not found"
        )
        return [Problem("vectors", message)]
    return []


def _is_found(store: VectorStore, key: int, vector: Vectors) -> bool:
    """Whether the index, which is approximate, finds a vector: at once, or by a wider search."""
    return any(key == found for limit in (3, _WIDE) for found, _ in store.nearest(vector, limit, None))


def _of_vectors_apart(path: Path, chroma: str) -> list[Problem]:
    """`of_vectors` in a process of its own (`probe`): damaged index files can crash Chroma."""
    here = str(Path(__file__).parents[2])
    known = os.environ.get("PYTHONPATH")
    environment = os.environ | {"PYTHONPATH": f"{here}{os.pathsep}{known}" if known else here}
    command = [sys.executable, "-m", "ingest.archive.maintenance.probe", str(path.resolve()), chroma]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - our module
    if ran.returncode < 0:
        return [Problem("vectors", "the index of vectors is damaged: reading it crashes Chroma")]
    if ran.returncode:
        last = ran.stderr.strip().splitlines()[-1:] or ["no reason given"]
        return [Problem("vectors", f"the index of vectors cannot be read: {last[0]}")]
    return [Problem(**found) for found in json.loads(ran.stdout)]
