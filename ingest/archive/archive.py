"""The archive: the one place that knows SQLite and Chroma.

What is added is there whole or not at all, whenever the process dies. Any thread may call any method: a search sees
one moment of it all, which it holds for some milliseconds, and writing waits its turn.
"""

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

import numpy as np

from ingest.archive import feedback, generations, near_duplicates, points, retractions
from ingest.archive.catalogue import Catalogue
from ingest.archive.feedback import Feedback
from ingest.archive.filters import SHARED, metadata
from ingest.archive.lock import FolderLock
from ingest.archive.maintenance import check
from ingest.archive.queries import Reader, unknown
from ingest.archive.source_state import Memory
from ingest.archive.types import EPOCH, Entry, Problem, to_microseconds
from ingest.archive.vectors import VectorStore
from ingest.article import Article
from ingest.embedding import Embedder, Vectors
from ingest.errors import ArchiveDamaged

log = logging.getLogger(__name__)

_TRIED = 8  # points asked for when an archive is opened, the first and the last among them: about 1 ms
_MANY = 500  # articles: comparing more of them takes seconds
_PATIENCE = 60.0  # seconds to wait for another process's write, where several share a Chroma server


class Archive(Reader):
    """One folder with the articles, their passages, their terms and their vectors. Made by `open`."""

    def __init__(self, path: Path, server: str, lock: FolderLock, catalogue: Catalogue, store: VectorStore) -> None:
        super().__init__(path, catalogue, store)
        self._server = server
        self._lock = lock
        self._writes = threading.RLock()

    @classmethod
    def open(cls, path: Path, embedder: Embedder, chroma: str = "", *, create: bool = False) -> Self:
        """Open the archive of a folder; finish or undo what a crash left.

        Args:
            path: the folder, which this process then holds alone until `close`.
            embedder: the one that fills and asks it.
            chroma: the address of a Chroma server for the vectors, as "http://host:8000"; then several processes may
                hold the archive, and each waits for the others' writing.
            create: make an empty archive where there is none; for those who fill it.

        Raises:
            ArchiveInUse: another process holds it.
            ArchiveDamaged: its files are not what was written.
            WrongEmbedder: it was filled with another embedding, folding or cutting.
            ArchiveError: there is none, the folder cannot be written, or the Chroma server does not answer.
        """
        with contextlib.ExitStack() as undo:
            lock, catalogue = generations.open_catalogue(path, undo, _PATIENCE if chroma else 0, create=create)
            generations.adopt(catalogue, embedder)
            store = generations.open_store(catalogue, chroma)
            undo.callback(store.close)
            archive = cls(path, chroma, lock, catalogue, store)
            archive._recover()
            archive._verify()
            undo.pop_all()
        if chroma:
            lock.release()  # taken again for each write
        return archive

    def close(self) -> None:
        """Let everything go; a second time does nothing."""
        self._store.close()
        self._catalogue.close()
        if not self._server and self._lock.held:
            self._lock.release()

    def __enter__(self) -> Self:
        """The archive, closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    @property
    def memory(self) -> Memory:
        """What it remembers of the sources that it is filled from."""
        return Memory(self._catalogue)

    # -- writing -------------------------------------------------------------------------------------------------

    def add(self, entries: Sequence[Entry]) -> None:
        """Store articles in place of their earlier versions; when it returns they are found, and safe from a crash.

        An article with an origin also takes the place of the one that its origin gave before, unless another origin
        gives that one too.

        Raises:
            WrongEmbedder: the vectors have another dimension than those stored.
            ArchiveError: the disk is full, or Chroma does not answer; what was stored before is untouched.
        """
        if not entries:
            return
        with self._writing():
            self._check_dimension(entries)
            keys = self._catalogue.write_pending(entries)
            shared = self._store_points(entries, keys)
            self._catalogue.make_ready(entries, keys, shared)
            self._forget_orphans()

    def _store_points(self, entries: Sequence[Entry], keys: Sequence[tuple[int, list[int]]]) -> list[int]:
        """Bring the points of pending articles into Chroma: those that Chroma now knows to be of several articles."""
        owners: dict[int, tuple[Article, Vectors]] = {}
        for entry, (_, found) in zip(entries, keys, strict=True):
            for key, vector in zip(found, entry.vectors, strict=True):
                owners.setdefault(key, (entry.article, vector))
        known = points.described(self._catalogue, list(owners))
        new = [point for point in known if not point.stored]
        if new:
            vectors = np.stack([owners[point.key][1] for point in new])
            facts = [SHARED if point.several else metadata(owners[point.key][0]) for point in new]
            self._store.upsert([point.key for point in new], vectors, facts)
        told = [point.key for point in known if point.stored and point.several and not point.shared]
        if told:
            self._store.describe(told, SHARED)
        return told + [point.key for point in new if point.several]

    def claim(self, origins: Iterable[tuple[str, str]]) -> set[str]:
        """Note the origins of articles that are stored and unchanged: (origin, article id). See `add`.

        Returns:
            The ids that are not in the archive, because another origin has just let go of them: to be added.
        """
        pairs = [(origin, identity) for origin, identity in origins if origin]
        known = self.origins([origin for origin, _ in pairs])
        changed = [(origin, identity) for origin, identity in pairs if known.get(origin) != identity]
        if not changed:
            return set()
        with self._writing():
            missing = {identity for _, identity in changed} - set(
                self._catalogue.digests([pair[1] for pair in changed])
            )
            with self._catalogue.transaction():
                for origin, identity in changed:
                    if identity not in missing:
                        self._catalogue.claim(origin, identity)
            self._forget_orphans()
        return missing

    def forget(self, ids: Sequence[str]) -> int:
        """Remove articles and all that is known of them: versions, vectors, that they were withdrawn or are held.

        Returns:
            How many.

        Raises:
            UnknownArticle: one of the ids is not in the archive; then none is removed.
        """
        missing = [one for one in ids if not self._knows(one)]
        if missing:
            raise unknown(", ".join(sorted(missing)))
        with self._writing():
            self._catalogue.remove(ids)
            self._forget_orphans()
            return len(set(ids))

    def _knows(self, identity: str) -> bool:
        stored = self._catalogue.digests([identity])
        return bool(stored or self.withdrawals(identity) or self.held(identity))

    def withdraw(self, ids: Sequence[str], reason: str, when: datetime) -> int:
        """Take articles back: gone from answers at once, remembered, and kept out until a newer version comes.

        Args:
            ids: of articles that are stored, wait, or were never met; or other addresses of such. What is stored in a
                version that its source last changed later than that stays.
            reason: for a person.
            when: aware: of the notice.

        Returns:
            How many of them were stored.
        """
        known = self.aliases(ids)
        named = list(dict.fromkeys(known.get(one, one) for one in ids))
        with self._writing():
            stored = self.articles(named)
            named = [one for one in named if one not in stored or _last_changed(stored[one]) <= when]
            stored = {one: stored[one] for one in named if one in stored}
            with self._catalogue.transaction():
                for one in named:
                    waiting = self.held(one)
                    retractions.withdraw(
                        self._catalogue, one, stored.get(one) or (waiting and waiting[0]), reason, when
                    )
                    self._catalogue.take_away([one], but=("withdrawn", "aliases"))
            self._forget_orphans()
        return len(stored)

    def hold(self, article: Article, until: datetime, origin: str = "") -> None:
        """Keep an article out of the archive until its time; then `due` gives it."""
        with self._writing(), self._catalogue.transaction():
            retractions.hold(self._catalogue, article, until, origin)

    def release(self, now: datetime) -> None:
        """The articles that were due are dealt with: they wait no more."""
        if self.due(now):
            with self._writing(), self._catalogue.transaction():
                self._catalogue.rows("DELETE FROM held WHERE until <= ?", to_microseconds(now))

    def rename(self, aliases: Mapping[str, str]) -> None:
        """Note other addresses of stored articles: alias and id."""
        if aliases:
            with self._writing(), self._catalogue.transaction():
                self._catalogue.many("INSERT OR REPLACE INTO aliases VALUES (?, ?)", aliases.items())

    def sign(self, progress: generations.Progress = generations.quiet) -> None:
        """Find the near-copies among articles that an earlier khabar stored; see `copies.sign`."""
        with self._writing():
            count = near_duplicates.unsigned(self._catalogue)
            if count > _MANY:
                log.info("the archive's %s articles are compared with each other, this once", f"{count:,}")
            for done in near_duplicates.sign(self._catalogue):
                progress(done, count)

    def judge(self, given: Feedback) -> None:
        """Keep a reader's word on an answer, in place of an earlier one of the same id."""
        with self._writing(), self._catalogue.transaction():
            feedback.keep(self._catalogue, given)

    def feedback(self) -> list[Feedback]:
        """What readers thought of answers, the newest first."""
        return feedback.kept(self._catalogue)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, with nothing left over from an earlier one that failed."""
        with self._writes:
            if self._server:
                self._lock.acquire(_PATIENCE)
            try:
                self._recover()
                yield
            finally:
                if self._server:
                    self._lock.release()

    def _recover(self) -> None:
        self._catalogue.undo_pending()
        self._forget_orphans()

    def _forget_orphans(self) -> None:
        orphans = self._catalogue.orphans()
        if orphans:
            self._store.delete(orphans)
            self._catalogue.forget_orphans(orphans)

    def _check_dimension(self, entries: Sequence[Entry]) -> None:
        widths = {entry.vectors.shape[1] for entry in entries if len(entry.passages)}
        known = self._catalogue.get("dimension")
        for width in widths:
            if not known:
                known = str(width)
                self._catalogue.set("dimension", known)
            self._refuse_width(width, known)

    def _verify(self) -> None:
        """Notice lost vectors as far as it costs next to nothing: by their number, and by asking for a few.

        Raises:
            ArchiveDamaged: some are missing, or not those that were stored.
        """
        keys = [row[0] for row in self._catalogue.rows("SELECT key FROM points ORDER BY key")]
        missing = max(len(keys) - self._store.count(), 0)
        if self.passage_count and not missing:  # counted anyway with the first question: a damaged table shows here
            few = sorted({keys[place * (len(keys) - 1) // (_TRIED - 1)] for place in range(_TRIED)})
            missing = points.unlike(self._catalogue, few, self._store.vectors(few))
        if missing:
            raise ArchiveDamaged(
                f"vectors are missing at {self._store.place}: {missing:,} of {len(keys):,}; "
                "no article is lost: run khabar check --repair to make them again"
            )

    def check(self) -> list[Problem]:
        """Compare everything that is stored: see `inspection.check`."""
        return check.problems(self._catalogue, self._store)


def _last_changed(article: Article) -> datetime:
    return article.modified or article.published or EPOCH
