"""The archive: the only interface to the catalogue and the vector store.

Each write is atomic, also if the process dies. Any thread may call any method. A search reads one consistent state,
which makes writers wait for some milliseconds.
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

_TESTED = 8  # points tested when an archive is opened, including the first and the last: about 1 ms
_SLOW = 500  # finding the near-duplicates of more articles than this takes seconds
_WRITE_TIMEOUT = 60.0  # seconds to wait for another process's write, if several share a Chroma server
_ID_LENGTH = 16
_SHORTEST_PREFIX = 6  # digits


class Archive:
    """One folder with articles, their passages, terms and vectors. Create it with `open`.

    Attributes:
        path: the folder.
        passages: searches passages.
        near_duplicates: groups of articles with nearly the same text.
        retractions: articles that are retracted or under embargo.
        sources: past visits to the sources.
        feedback: readers' verdicts on answers.
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
        """Open the archive in a folder, and undo writes that a crash interrupted.

        Args:
            path: the folder; this process locks it until `close`.
            embedder: embeds the archive's passages and the questions.
            chroma: the address of a Chroma server for the vectors, such as "http://host:8000". Several processes can
                then share the archive; each waits while another one writes.
            create: create an empty archive if there is none.

        Raises:
            ArchiveInUse: another process uses it.
            ArchiveDamaged: its files are corrupt.
            WrongEmbedder: it was filled with another embedder, folding or passage scheme.
            ArchiveError: there is no archive, the folder is not writable, or the Chroma server does not answer.
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
        """Close the files and release the lock; a second call does nothing."""
        self._store.close()
        self._catalogue.close()
        if not self._shared and self._lock.held:
            self._lock.release()

    def __enter__(self) -> Self:
        """Return the archive, which is closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the archive."""
        self.close()

    # -- writing -------------------------------------------------------------------------------------------------

    def plan(self, items: Sequence[Incoming], now: datetime) -> list[Decision]:
        """Decide what to do with each article of a batch, without changing anything.

        Articles are looked up by id, alias, content and origin. A different fetch time never counts as a change, nor
        does a different URL if the id or the content is known.

        Args:
            items: articles from sources.
            now: aware; an article whose embargo ends later is kept back.

        Returns:
            A decision for each item, in the same order. The items are not compared with each other.
        """
        return planning.plan(self._catalogue, items, now)

    def add(self, entries: Sequence[Entry]) -> None:
        """Store articles, replacing their earlier versions. When this returns, they are searchable and durable.

        An article with an origin also replaces the article that the origin held before, unless another origin still
        holds that article.

        Raises:
            WrongEmbedder: the dimension of the vectors differs from that of the stored ones.
            ArchiveError: the disk is full, or the vector store does not answer; nothing has changed.
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
        """Store the vectors of pending articles, and return the points newly marked as shared by several articles."""
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
            The ids that are not in the archive; the caller should add these articles.
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
        """Record further ids of stored articles, such as that of a second URL: a mapping of alias to id."""
        if aliases:
            with self._writing():
                self._catalogue.add_aliases(aliases)

    def forget(self, ids: Sequence[str]) -> int:
        """Remove articles with their versions, vectors, retractions and embargoes.

        Returns:
            The number of articles removed.

        Raises:
            UnknownArticle: an id is unknown; no article was removed.
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
        """Remove articles at once, and reject them until a newer version arrives.

        Args:
            ids: ids or aliases of articles, which may be stored, under embargo or unknown. A stored version that its
                source changed after `when` is kept.
            reason: shown to people.
            when: the time of the notice; aware.

        Returns:
            The number of stored articles removed.
        """
        with self._writing():
            count = self._catalogue.retract(ids, reason, when)
            self._delete_orphans()
        return count

    def index_near_duplicates(self, progress: Progress = quiet) -> None:
        """Index articles that an older version of khabar stored without looking for their near-duplicates."""
        with self._writing():
            count = self.near_duplicates.count_unindexed()
            if count > _SLOW:
                log.info("indexing near-duplicates among the archive's %s articles, once", f"{count:,}")
            for done in self.near_duplicates.index_missing():
                progress(done, count)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Lock out other writers, and first undo a write that failed."""
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
        """Check everything that is stored; an intact archive has no problems. See also `maintenance.check`."""
        with self._writes:
            return [*self._catalogue.problems(), *check_vectors(self._catalogue, self._store)]

    def _test_vectors(self) -> None:
        """Detect lost vectors cheaply: compare their number, and test a few.

        Raises:
            ArchiveDamaged: vectors are missing or altered.
        """
        keys = self._catalogue.point_keys()
        missing = max(len(keys) - self._store.count(), 0)
        if self.passages.count and not missing:  # counting also detects a damaged table
            sample = sorted({keys[index * (len(keys) - 1) // (_TESTED - 1)] for index in range(_TESTED)})
            missing = self._catalogue.count_different_vectors(sample, self._store.vectors(sample))
        if missing:
            raise ArchiveDamaged(
                f"vectors are missing at {self._store.location}: {missing:,} of {len(keys):,}; "
                "no article is lost: run khabar check --repair to restore them"
            )

    # -- reading -------------------------------------------------------------------------------------------------

    def snapshot(self) -> contextlib.AbstractContextManager[None]:
        """Read one consistent state within the block; writers in this process wait."""
        return self._catalogue.snapshot()

    def article(self, identity: str) -> Article:
        """The article with an id.

        Raises:
            UnknownArticle: there is none.
            ArchiveDamaged: its stored text was altered.
        """
        articles = self._catalogue.articles([identity])
        if not articles and self._catalogue.stored_versions([identity]):
            raise ArchiveDamaged(altered_message(self.path, identity))
        if not articles:
            raise _unknown(identity)
        return articles[identity]

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """The articles with these ids; unknown and altered ones are left out."""
        return self._catalogue.articles(ids)

    def aliases(self, ids: Iterable[str]) -> dict[str, str]:
        """The id of the stored article for each of these ids that is an alias."""
        return self._catalogue.aliases(ids)

    def versions(self, identity: str) -> Sequence[Version]:
        """The earlier versions of an article, newest first."""
        return self._catalogue.versions(identity)

    def resolve(self, prefix: str) -> str:
        """The id of the article whose id or alias starts with a prefix; it may be retracted or under embargo.

        Raises:
            UnknownArticle: none or several match, or the prefix has fewer than 6 digits.
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
        size = 0
        for file in self.path.rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # SQLite creates and deletes files meanwhile
                size += file.stat().st_size if file.is_file() else 0
        return replace(self._catalogue.statistics(), size=size)

    def outlets(self) -> Sequence[Outlet]:
        """The publishers with dated articles, ordered by name."""
        return self._catalogue.outlets()

    def list(self, where: Filter = ALL, limit: int = -1, offset: int = 0) -> Iterator[Article]:
        """The articles, newest first and undated last.

        Articles that are added or removed during the iteration may be missed or repeated.

        Args:
            where: only articles that match.
            limit: at most this many articles; no limit if negative.
            offset: skip this many articles first.
        """
        return self._catalogue.list(where, limit, offset)


def _unknown(ids: str) -> UnknownArticle:
    return UnknownArticle(f"the archive holds no article {ids}; khabar list shows the ids of its articles")
