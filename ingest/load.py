"""From a source into the archive: what is new or changed is cut, embedded and stored; the rest costs a look.

Embedding and storing overlap: the caller's thread reads and embeds, another one stores. At most a few groups of
articles are in memory. Whatever ends a run, what was stored stays, and the same run again goes on from there.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from ingest.archive import Archive, Entry, prepare
from ingest.embedding import Embedder
from ingest.errors import KhabarError, SourceError
from ingest.sources import Item

_LOOK = 256  # items looked up at once: a look costs 1 ms, an item's reading about 0.1 ms
_GROUP = (
    32_000  # characters embedded and stored at once: about 64 passages, 1 s of the built-in model, what a crash costs
)
_WAITING = 2  # groups that may wait to be stored


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the items of a run, so far or in the end.

    Attributes:
        updated: stored in place of an earlier version.
        duplicate: the same article as an earlier item of this run; the earlier one counts.
        failed: items that are no article; `errors` says why, of the first 1,000.
        passages: stored.
        stopped: what ended the run before the end of its items; None if it went through.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicate: int = 0
    failed: int = 0
    passages: int = 0
    seconds: float = 0.0
    errors: tuple[SourceError, ...] = ()
    stopped: KhabarError | KeyboardInterrupt | None = None

    @property
    def seen(self) -> int:
        """How many items were dealt with."""
        return self.added + self.updated + self.unchanged + self.duplicate + self.failed


Progress = Callable[[Report], None]

_ERRORS = 1000  # kept of a run


def quiet(report: Report) -> None:
    """A `Progress` that tells nobody."""


def load(
    items: Iterable[Item | SourceError], archive: Archive, embedder: Embedder, progress: Progress = quiet
) -> Report:
    """Bring items into an archive.

    Args:
        items: from `ingest.sources`; read as they are needed.
        archive: open.
        embedder: the one that the archive was opened with.
        progress: called in this thread with the report so far, after each group that was looked up or embedded.

    Returns:
        The report. A model or an archive that fails, and Ctrl-C, end the run and stand in its `stopped`.
    """
    run = _Run(archive, embedder, progress)
    stopped: KhabarError | KeyboardInterrupt | None = None
    try:
        with run.storing:
            run.take(items)
        archive.claim(run.copies)
    except (KhabarError, KeyboardInterrupt) as error:
        stopped = error
    return replace(run.report(), stopped=stopped)


class _Run:
    """One run: what it has seen, and the group of articles that it gathers."""

    def __init__(self, archive: Archive, embedder: Embedder, progress: Progress) -> None:
        self._archive = archive
        self._embedder = embedder
        self._progress = progress
        self._began = time.monotonic()
        self._seen: set[str] = set()
        self._unchanged = self._duplicate = self._failed = 0
        self._errors: list[SourceError] = []
        self._group: list[tuple[Item, bool]] = []
        self._gathered = 0  # characters in it
        self.copies: list[tuple[str, str]] = []  # origins of articles that another item of this run gave
        self.storing = _Storing(archive)

    def report(self) -> Report:
        """What became of the items so far."""
        added, updated, passages = self.storing.counts
        seconds = time.monotonic() - self._began
        return Report(
            added, updated, self._unchanged, self._duplicate, self._failed, passages, seconds, tuple(self._errors)
        )

    def take(self, items: Iterable[Item | SourceError]) -> None:
        """Deal with all items."""
        for part in _parts(items, _LOOK):
            self._look(self._fresh(part))
            self._progress(self.report())
        self._embed()
        self._progress(self.report())

    def _fresh(self, part: Sequence[Item | SourceError]) -> list[Item]:
        """The articles among the items that this run has not met before."""
        fresh: list[Item] = []
        for item in part:
            if isinstance(item, SourceError):
                self._failed += 1
                if len(self._errors) < _ERRORS:
                    self._errors.append(item)
            elif item.article.id in self._seen:
                self._duplicate += 1
                self.copies.append((item.origin, item.article.id))
            else:
                self._seen.add(item.article.id)
                fresh.append(item)
        return fresh

    def _look(self, items: Sequence[Item]) -> None:
        """Set the unchanged aside and gather the others; embed whenever a group is full."""
        states = self._archive.states([item.article for item in items])
        known = [item for item, state in zip(items, states, strict=True) if state == "unchanged"]
        gone = self._archive.claim((item.origin, item.article.id) for item in known)
        given = self._archive.origins([item.origin for item in items if item.origin])
        for item, state in zip(items, states, strict=True):
            if state == "unchanged" and item.article.id not in gone:
                self._unchanged += 1
                continue
            self._group.append((item, state == "changed" or item.origin in given))
            self._gathered += len(item.article.text)
            if self._gathered >= _GROUP:
                self._embed()

    def _embed(self) -> None:
        """Embed the gathered group and hand it on."""
        if not self._group:
            return
        items = [item for item, _ in self._group]
        entries = prepare([item.article for item in items], self._embedder, [item.origin for item in items])
        self.storing.put(entries, sum(known for _, known in self._group))
        self._group, self._gathered = [], 0
        self._progress(self.report())


class _Storing:
    """The thread that stores. Leaving the block waits until all that was handed to it is stored, or raises why not."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._waiting: queue.Queue[tuple[list[Entry], int] | None] = queue.Queue(_WAITING)
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._store, name="khabar-storing", daemon=True)
        self.counts = (0, 0, 0)  # added, updated, passages

    def __enter__(self) -> "_Storing":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.put(None)
        self._thread.join()
        self._raise()

    def put(self, entries: list[Entry], known: int) -> None:
        """Hand a group on, of which `known` articles are stored already in another version."""
        self._raise()
        self._waiting.put((entries, known))

    def _raise(self) -> None:
        failure, self._failure = self._failure, None
        if failure:
            raise failure

    def _store(self) -> None:
        while (group := self._waiting.get()) is not None:
            entries, known = group
            if self._failure is None:
                try:
                    self._archive.add(entries)
                except BaseException as failure:  # told to the thread that waits
                    self._failure = failure
                    continue
                added, updated, passages = self.counts
                new = sum(len(entry.passages) for entry in entries)
                self.counts = (added + len(entries) - known, updated + known, passages + new)


def _parts(items: Iterable[Item | SourceError], size: int) -> Iterator[list[Item | SourceError]]:
    iterator = iter(items)
    while part := list(islice(iterator, size)):
        yield part
