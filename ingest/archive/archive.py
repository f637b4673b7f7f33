"""The archive: the one door to the catalogue and the vector store.

What is added is stored completely or not at all, whenever the process dies. Any thread may call any method. A search
holds one consistent state for some milliseconds, and writers wait for it.
"""

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

import numpy as np

from ingest.archive import opening, planning
from ingest.archive.catalogue import Catalogue, FeedbackLog, NearDuplicates, Pending, Retractions, SourceState
from ingest.archive.digests import altered_message
from ingest.archive.lock import FolderLock
from ingest.archive.maintenance.check import check_vectors
from ingest.archive.passage_search import Passages
from ingest.archive.planning import Decision, Incoming
from ingest.archive.types import ALL, Entry, Filter, Outlet, Problem, Progress, Statistics, Version, quiet
from ingest.archive.vector_index import open_index
from ingest.archive.vectors import VectorStore
from ingest.article import Article
from ingest.embedding import Embedder, Vectors
from ingest.errors import ArchiveDamaged, UnknownArticle

log = logging.getLogger(__name__)

_TESTED = 8  # points tested when an archive is opened, the first and the last among them: about 1 ms
_SLOW = 500  # articles: finding the near-duplicates of more takes seconds
_WRITE_TIMEOUT = 60.0  # seconds to wait for another process's write, if several share a Chroma server
_ID_LENGTH = 16
_SHORTEST_PREFIX = 6  # digits


class Archive:
    """One folder with articles, their passages, terms and vectors. Use `open`.

    Attributes:
        path: the folder.
        passages: finds passages.
        near_duplicates: which articles tell the same story word for word.
        retractions: the articles that are retracted or under embargo.
        sources: what is known of the sources.
        feedback: what readers think of answers.
    """

    def __init__(self, path: Path, catalogue: Catalogue, store: VectorStore, lock: FolderLock, *, shared: bool) -> None:
        self.path = path
        self.passages = Passages(catalogue, store)
        self.near_duplicates: NearDuplicates = catalogue.near_duplicates
        self.retractions: Retractions = catalogue.retractions
        self.sources: SourceState = catalogue.sources
        self.feedback: FeedbackLog = catalogue.feedback
        self._catalogue = catalogue
        self._store = store
        self._lock = lock
        self._shared = shared  # with other processes: the folder is then locked for each write only
        self._writes = threading.RLock()

    @classmethod
    def open(cls, path: Path, embedder: Embedder, chroma: str = "", *, create: bool = False) -> Self:
        """Open the archive in a folder; finish or undo what a crash left.

        Args:
            path: the folder, which this process then holds alone until `close`.
            embedder: the one that fills and queries it.
            chroma: the address of a Chroma server for the vectors, as "http://host:8000". Then several processes may
                hold the archive, and each waits while another one writes.
            create: create an empty archive if there is none.

        Raises:
            ArchiveInUse: another process holds it.
            ArchiveDamaged: its files are not what was written.
            WrongEmbedder: it was filled with another embedder, folding or passage scheme.
            ArchiveError: there is none, the folder cannot be written, or the Chroma server does not answer.
        """
        with contextlib.ExitStack() as cleanup:
            timeout = _WRITE_TIMEOUT if chroma else 0
            lock, catalogue = opening.open_catalogue(path, cleanup, timeout, create=create)
            opening.check_embedder(catalogue, embedder)
            store = open_index(catalogue, chroma)
            cleanup.callback(store.close)
            archive = cls(path, catalogue, store, lock, shared=bool(chroma))
            archive._recover()
            archive._test_vectors()
            cleanup.pop_all()
        if chroma:
            lock.release()
        return archive

    def close(self) -> None:
        """Release everything; a second call does nothing."""
        self._store.close()
        self._catalogue.close()
        if not self._shared and self._lock.held:
            self._lock.release()

    def __enter__(self) -> Self:
        """Return the archive; it is closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    # -- writing -------------------------------------------------------------------------------------------------

    def plan(self, items: Sequence[Incoming], now: datetime) -> list[Decision]:
        """Decide what to do with each article of a batch; changes nothing.

        An article is looked up under its id, its aliases, its content and its origin. When it was fetched does not
        matter, nor does its address if its id or its content is known.

        Args:
            items: articles from sources.
            now: aware; embargoes that end later keep their articles back.

        Returns:
            A decision for each item, in the same order. Two items of the batch are not compared with each other.
        """
        return planning.plan(self._catalogue, items, now)

    def add(self, entries: Sequence[Entry]) -> None:
        """Store articles in place of their earlier versions; afterwards they are found, and safe from a crash.

        An article with an origin also replaces the article that this origin held before, unless another origin holds
        that one too.

        Raises:
            WrongEmbedder: the vectors have another dimension than those stored.
            ArchiveError: the disk is full, or the vector store does not answer; what was stored before is untouched.
        """
        if not entries:
            return
        with self._writing():
            for dimension in {entry.vectors.shape[1] for entry in entries if len(entry.passages)}:
                if not self._catalogue.get_meta("dimension"):
                    self._catalogue.set_meta("dimension", str(dimension))
                self.passages.check_dimension(dimension)
            pending = self._catalogue.write_pending(entries)
            shared = self._store_vectors(entries, pending)
            self._catalogue.make_ready(entries, pending, shared)
            self._delete_orphans()

    def _store_vectors(self, entries: Sequence[Entry], pending: Sequence[Pending]) -> list[int]:
        """Store the vectors of pending articles; returns the points that are now marked as shared by several."""
        owners: dict[int, tuple[Article, Vectors]] = {}
        for entry, written in zip(entries, pending, strict=True):
            for key, vector in zip(written.points, entry.vectors, strict=True):
                owners.setdefault(key, (entry.article, vector))
        points = self._catalogue.find_points(list(owners))
        new = [point for point in points if not point.stored]
        if new:
            vectors = np.stack([owners[point.key][1] for point in new])
            articles = [None if point.several else owners[point.key][0] for point in new]
            self._store.upsert([point.key for point in new], vectors, articles)
        shared = [point.key for point in points if point.stored and point.several and not point.shared]
        if shared:
            self._store.mark_shared(shared)
        return shared + [point.key for point in new if point.several]

    def set_origins(self, origins: Mapping[str, str]) -> set[str]:
        """Record which stored article each origin holds, and remove articles that no origin holds any more.

        Args:
            origins: article ids by origin, see `Entry`.

        Returns:
            The ids that are not in the archive: to be added.
        """
        known = self._catalogue.origins(origins)
        changed = {origin: identity for origin, identity in origins.items() if known.get(origin) != identity}
        if not changed:
            return set()
        with self._writing():
            missing = self._catalogue.set_origins(changed)
            self._delete_orphans()
        return missing

    def add_aliases(self, aliases: Mapping[str, str]) -> None:
        """Record other ids of articles, as an article has a second one under a second URL: alias to id."""
        if aliases:
            with self._writing():
                self._catalogue.add_aliases(aliases)

    def forget(self, ids: Sequence[str]) -> int:
        """Remove articles and all that is known of them: versions, vectors, retractions, embargoes.

        Returns:
            How many.

        Raises:
            UnknownArticle: one of the ids is not known; then none is removed.
        """
        stored = self._catalogue.stored_versions(ids)
        missing = {
            identity
            for identity in ids
            if identity not in stored
            and not self.retractions.retracted(identity)
            and not self.retractions.embargoed(identity)
        }
        if missing:
            raise _unknown(", ".join(sorted(missing)))
        with self._writing():
            self._catalogue.remove(ids)
            self._delete_orphans()
            return len(set(ids))

    def retract(self, ids: Sequence[str], reason: str, when: datetime) -> int:
        """Remove articles from answers at once, and keep them out until a newer version comes.

        Args:
            ids: of articles that are stored, under embargo or unknown; or aliases. A stored version that its source
                changed after `when` stays.
            reason: for a person.
            when: aware: the moment of the notice.

        Returns:
            How many of them were stored.
        """
        with self._writing():
            count = self._catalogue.retract(ids, reason, when)
            self._delete_orphans()
        return count

    def index_near_duplicates(self, progress: Progress = quiet) -> None:
        """Find the near-duplicates of articles that an older khabar stored; does nothing in a current archive."""
        with self._writing():
            count = self.near_duplicates.count_unindexed()
            if count > _SLOW:
                log.info("looking once for near-duplicates among the archive's %s articles", f"{count:,}")
            for done in self.near_duplicates.index_missing():
                progress(done, count)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, after what a failed one left is undone."""
        with self._writes:
            if self._shared:
                self._lock.acquire(_WRITE_TIMEOUT)
            try:
                self._recover()
                yield
            finally:
                if self._shared:
                    self._lock.release()

    def _recover(self) -> None:
        self._catalogue.undo_pending()
        self._delete_orphans()

    def _delete_orphans(self) -> None:
        orphans = self._catalogue.orphans()
        if orphans:
            self._store.delete(orphans)
            self._catalogue.forget_orphans(orphans)

    # -- checking ------------------------------------------------------------------------------------------------

    def check(self) -> list[Problem]:
        """Check everything that is stored, see `maintenance.check`.

        Returns:
            What is wrong; empty for an intact archive.
        """
        with self._writes:
            return [*self._catalogue.problems(), *check_vectors(self._catalogue, self._store)]

    def _test_vectors(self) -> None:
        """Notice lost vectors at almost no cost: compare their number, and test a few.

        Raises:
            ArchiveDamaged: some are missing, or are not those that were stored.
        """
        keys = self._catalogue.point_keys()
        missing = max(len(keys) - self._store.count(), 0)
        if self.passages.count and not missing:  # the first question counts anyway; a damaged table shows here
            sample = sorted({keys[index * (len(keys) - 1) // (_TESTED - 1)] for index in range(_TESTED)})
            missing = self._catalogue.count_different_vectors(sample, self._store.vectors(sample))
        if missing:
            raise ArchiveDamaged(
                f"vectors are missing at {self._store.location}: {missing:,} of {len(keys):,}; "
                "no article is lost: run khabar check --repair to make them again"
            )

    # -- reading -------------------------------------------------------------------------------------------------

    def snapshot(self) -> contextlib.AbstractContextManager[None]:
        """Read one consistent state in the block; writers of this process wait."""
        return self._catalogue.snapshot()

    def article(self, identity: str) -> Article:
        """The article with an id.

        Raises:
            UnknownArticle: there is none.
            ArchiveDamaged: the disk has altered it.
        """
        articles = self._catalogue.articles([identity])
        if not articles and self._catalogue.stored_versions([identity]):
            raise ArchiveDamaged(altered_message(self.path, identity))
        if not articles:
            raise _unknown(identity)
        return articles[identity]

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """The articles with these ids, without those that are not stored or that the disk has altered."""
        return self._catalogue.articles(ids)

    def aliases(self, ids: Iterable[str]) -> dict[str, str]:
        """Those of these ids that are aliases, and the id of the stored article."""
        return self._catalogue.aliases(ids)

    def versions(self, identity: str) -> Sequence[Version]:
        """The earlier versions of an article, newest first."""
        return self._catalogue.versions(identity)

    def resolve(self, prefix: str) -> str:
        """The id that starts with a prefix: of an article, also by its aliases, or of one that is kept out.

        Raises:
            UnknownArticle: there is none, or there are several, or the prefix has fewer than 6 digits.
        """
        prefix = prefix.strip().lower()
        if len(prefix) < _SHORTEST_PREFIX or set(prefix) - set("0123456789abcdef"):
            raise UnknownArticle(
                f"{prefix!r} is not an article id; give its {_ID_LENGTH} hexadecimal digits, or the first "
                f"{_SHORTEST_PREFIX} or more"
            )
        ids = self._catalogue.ids_with_prefix(prefix, limit=2)
        if not ids:
            raise _unknown(prefix)
        if len(ids) > 1:
            raise UnknownArticle(f"several articles have an id that starts with {prefix}; give more of its digits")
        return ids[0]

    def statistics(self) -> Statistics:
        """The contents in numbers."""
        return replace(self._catalogue.statistics(), size=_size(self.path))

    def outlets(self) -> Sequence[Outlet]:
        """The publishers with dated articles, ordered by name."""
        return self._catalogue.outlets()

    def list(self, where: Filter = ALL, limit: int = -1, offset: int = 0) -> Iterator[Article]:
        """The articles, newest first and undated last.

        Articles that come or go meanwhile may be missed or repeated.

        Args:
            where: only articles that match.
            limit: at most this many; all if negative.
            offset: skip this many.
        """
        return self._catalogue.list(where, limit, offset)


def _size(folder: Path) -> int:
    """The bytes of all files; SQLite's own come and go meanwhile."""
    size = 0
    for file in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            size += file.stat().st_size if file.is_file() else 0
    return size


def _unknown(ids: str) -> UnknownArticle:
    return UnknownArticle(f"the archive holds no article {ids}; khabar list shows the ids of those it holds")
