"""Repair an archive from its articles, the only part that cannot be rebuilt from others."""

import contextlib
from pathlib import Path

from ingest.archive.entries import prepare
from ingest.archive.maintenance.check import check_locked
from ingest.archive.maintenance.rebuild import rebuild
from ingest.archive.opening import NEW, check_embedder, delete_database, lock_existing
from ingest.archive.sqlite import SQLiteCatalogue
from ingest.archive.sqlite.database import NAME
from ingest.archive.sqlite.salvage import salvage, set_aside
from ingest.archive.types import Problem, Progress, quiet
from ingest.archive.vector_index import rebuild_index
from ingest.embedding import Embedder
from ingest.errors import ArchiveDamaged


def repair(path: Path, embedder: Embedder, chroma: str = "", progress: Progress = quiet) -> list[Problem]:
    """Repair the problems that `check` finds, and return them, with a message about any lost articles.

    A catalogue that SQLite cannot read completely is kept as `catalogue.damaged-TIME.sqlite`. All intact articles, and
    all readable rows that are not derived from articles, are copied to a new catalogue.

    Raises:
        ArchiveDamaged: no article could be read; nothing was changed.
        ArchiveInUse: another process uses it.
        WrongEmbedder: it was filled with another embedder.
    """
    with contextlib.ExitStack() as cleanup:
        lock_existing(path, cleanup)
        problems = check_locked(path, chroma)
        kinds = {problem.kind for problem in problems}
        if "unreadable" in kinds:
            return [*problems, _salvage(path, embedder, chroma, progress)]
        if kinds:
            catalogue = SQLiteCatalogue(path)
            cleanup.callback(catalogue.close)
            check_embedder(catalogue, embedder)
            if "articles" in kinds:
                altered = catalogue.altered_articles()
                catalogue.remove(altered)
                catalogue.sources.forget_visits(altered)
                message = f"{len(altered):,} articles were removed; ingest their sources again"
                problems.append(Problem("articles", message))
            if "passages" in kinds:
                for article in catalogue.incomplete_articles():
                    entries = prepare([article], embedder)
                    catalogue.make_ready(entries, catalogue.write_pending(entries))
            if "terms" in kinds:
                catalogue.rebuild_terms()
            if "copies" in kinds:
                catalogue.near_duplicates.rebuild()
            if kinds - {"copies"}:
                rebuild_index(catalogue, chroma, progress).close()
                catalogue.forget_orphans(catalogue.orphans())
        return problems


def _salvage(path: Path, embedder: Embedder, chroma: str, progress: Progress) -> Problem:
    """Replace a damaged catalogue by a new one with everything that is still readable."""
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(delete_database, path / NEW)
        new = SQLiteCatalogue(path, NEW, create=True)
        cleanup.callback(new.close)
        salvaged = salvage(path / NAME, new)
        if not salvaged.articles:
            raise ArchiveDamaged(
                f"no article can be read from {path / NAME}, and nothing was changed: put it back from a backup, "
                f"or move {path} away and ingest the sources again"
            )
        new.sources.forget_visits(salvaged.lost)
        used = [int(folder.name) for folder in path.glob("chroma/*") if folder.name.isdigit()]
        rebuild(new, embedder, chroma, max(used, default=0) + 1, progress)
        new.close_to_one_file()
        backup = set_aside(path)
        new.path.replace(path / NAME)
    return Problem("catalogue", salvaged.message(backup))
