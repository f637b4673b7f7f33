"""Load articles from sources into the archive: cut, embed and store the new and changed ones.

An unchanged article costs one lookup, and the passages of a near-duplicate are not embedded again. Articles whose
embargo has ended are loaded first; those under embargo are kept back. A retraction removes its articles at once, and
old copies of them are rejected.

Embedding and storing overlap: the caller's thread reads and embeds, another thread stores. Only a few groups of
articles are in memory at a time. If a run is interrupted, stored articles stay, and the next run continues from there.

If a group fails, its articles are processed again one by one, and each article that fails is reported as an error. Only
an archive, a disk or a model that fails for every article ends the run.
"""

import contextlib
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain, groupby
from typing import Literal

from ingest.archive import Archive, Decision, Entry, Preparer, is_same_report
from ingest.article import Article
from ingest.embedding import Embedder
from ingest.errors import KhabarError, ModelError, SourceError
from ingest.sources import Item

log = logging.getLogger(__name__)

BATCH_SIZE = 256
"""Items looked up at once: a lookup takes 1 ms, reading an item about 0.1 ms."""

GROUP_SIZE = 32_000
"""Characters embedded and stored at once: about 64 passages, 1 s of the built-in model. A crash loses one group."""

_FIRST_GROUP = 0.25  # size of the first group, relative to the others: embedding starts early, while items are fetched
_BATCH_SECONDS = 0.25  # a batch is looked up after this time, even if it is not full
_MAX_WAITING = 2  # groups that may wait to be stored
_GENERAL_ERRORS = (KhabarError, OSError, MemoryError)  # errors that no single article causes
_MAX_ERRORS = 1000  # errors kept per run
_MAX_REASON = 300  # characters of an error message, which may repeat the article
_HARMLESS = "News of the day"  # a text that every working model can embed

Outcome = Literal["added", "updated", "unchanged", "duplicate", "embargoed", "retracted", "failed"]


@dataclass(frozen=True, slots=True)
class Report:
    """The outcomes of the items of a run, so far or at its end.

    Attributes:
        added: number of new articles.
        updated: number of articles that replaced an earlier version.
        unchanged: number of articles already stored, in this or a newer version.
        duplicate: number of articles that repeat an earlier item of this run.
        embargoed: number of articles kept back until the end of their embargo.
        retracted: number of retraction notices, and of articles that were retracted earlier.
        failed: number of items that are not articles or could not be stored.
        passages: number of passages stored.
        errors: the reasons for the first 1,000 failures.
        stopped: the error or Ctrl-C that ended the run early; None if the run finished.
        outcomes: the outcome of each article, by the id from its source; only at the end of a run.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicate: int = 0
    failed: int = 0
    embargoed: int = 0
    retracted: int = 0
    passages: int = 0
    seconds: float = 0.0
    errors: tuple[SourceError, ...] = ()
    stopped: KhabarError | KeyboardInterrupt | None = None
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    @property
    def seen(self) -> int:
        """The number of items processed."""
        return sum((
            self.added, self.updated, self.unchanged, self.duplicate, self.failed, self.embargoed, self.retracted,
        ))  # fmt: skip


Progress = Callable[[Report], None]


def quiet(report: Report) -> None:
    """A `Progress` that shows nothing."""


def load(
    items: Iterable[Item | SourceError],
    archive: Archive,
    embedder: Embedder,
    progress: Progress = quiet,
    *,
    batch_size: int = BATCH_SIZE,
    group_size: int = GROUP_SIZE,
) -> Report:
    """Load items into an archive.

    Args:
        items: items from `ingest.sources`; read lazily.
        archive: an open archive.
        embedder: the embedder that the archive was opened with.
        progress: called in this thread with the report so far, after each batch and each group.
        batch_size: items looked up at once.
        group_size: characters embedded and stored at once.

    Returns:
        The final report. An archive or model that fails, or Ctrl-C, ends the run and is reported in `stopped`.
    """
    run = _Run(archive, embedder, progress, batch_size, group_size)
    stopped: KhabarError | KeyboardInterrupt | None = None
    try:
        archive.index_near_duplicates()
        due = (Item(article, origin) for article, origin in archive.retractions.due(run.now))
        with run.storage:
            run.process(chain(due, items))
        archive.set_origins(run.other_origins)
        archive.retractions.release(run.now)
    except (KhabarError, KeyboardInterrupt) as error:
        stopped = error
    return replace(run.report(), stopped=stopped, outcomes=run.outcomes)


@dataclass(frozen=True, slots=True)
class _Pending:
    """An article to embed and store.

    Attributes:
        item: the item from the source.
        article: the item's article, with its id in the archive.
    """

    item: Item
    article: Article
    outcome: Literal["added", "updated"]


_Group = list[tuple[_Pending, Entry]]


class _Run:
    """One run: the articles seen so far, and the group being gathered."""

    def __init__(
        self, archive: Archive, embedder: Embedder, progress: Progress, batch_size: int, group_size: int
    ) -> None:
        self.now = datetime.now(UTC)
        self.outcomes: dict[str, Outcome] = {}
        self.other_origins: dict[str, str] = {}  # more origins of articles, recorded once these are stored
        self.storage = _Storage(archive, self._stored, self._fail)
        self._archive = archive
        self._embedder = embedder
        # Groups that are prepared but not stored: the waiting ones, one being stored, one in `put`, one being prepared.
        self._prepare = Preparer(embedder, archive.near_duplicates.known_vectors, _MAX_WAITING + 3)
        self._progress = progress
        self._batch_size = batch_size
        self._group_size = group_size
        self._started = time.monotonic()
        self._seen: set[str] = set()
        self._contents: dict[bytes, Article] = {}  # the first new article with each content
        self._group: list[_Pending] = []
        self._characters = 0  # in the group
        self._full = _FIRST_GROUP * group_size
        self._lock = threading.Lock()  # guards the outcomes, counts and errors, which both threads write
        self._counts: Counter[Outcome] = Counter()
        self._passages = 0
        self._errors: list[SourceError] = []

    def report(self) -> Report:
        """Report on the items processed so far."""
        with self._lock:
            count = self._counts
            return Report(
                count["added"], count["updated"], count["unchanged"], count["duplicate"], count["failed"],
                count["embargoed"], count["retracted"], self._passages, time.monotonic() - self._started,
                tuple(self._errors),
            )  # fmt: skip

    def process(self, items: Iterable[Item | SourceError]) -> None:
        """Process all items; a retraction applies only to articles that precede it."""
        for batch in _batches(items, self._batch_size):
            for _, part in groupby(batch, key=lambda item: isinstance(item, Item) and bool(item.withdraws)):
                members = list(part)
                notices = [item for item in members if isinstance(item, Item) and item.withdraws]
                for notice in notices:
                    self._retract(notice)
                if not notices:
                    self._load(members)
            self._progress(self.report())
        self._embed()
        self._progress(self.report())

    def _retract(self, notice: Item) -> None:
        """Retract the articles named in a notice, and load the notice itself unless it names itself."""
        article = notice.article
        with self._isolated(notice):
            self._embed()
            self.storage.wait()  # preceding articles must be stored before they can be retracted
            self._archive.retract(notice.withdraws, article.title, article.modified or article.published or self.now)
            self._seen.difference_update(notice.withdraws)
            if article.id in notice.withdraws:
                self._note(notice, "retracted")
            else:
                self._load([notice])

    def _load(self, batch: Sequence[Item | SourceError]) -> None:
        """Look up a batch of articles; embed a group whenever it is full."""
        items = [item for item in batch if isinstance(item, Item)]
        for error in batch:
            if isinstance(error, SourceError):
                self._add_error(error)
        unchanged: list[tuple[Item, Article]] = []
        aliases: dict[str, str] = {}
        for item, decision in zip(items, self._archive.plan(items, self.now), strict=True):
            article = decision.article
            if decision.action == "embargoed":
                self._embargo(item, article)
            elif article.id in self._seen:
                self._note_duplicate(item, article.id)
            else:
                self._seen.add(article.id)
                if decision.action == "retracted":
                    self._note(item, "retracted")
                elif decision.error is not None:
                    self._fail(item, decision.error)
                elif decision.action == "unchanged":
                    unchanged.append((item, article))
                elif other_id := self._other_id(decision):
                    aliases[article.id] = other_id
                    self._note_duplicate(item, other_id, "unchanged" if decision.action == "moved" else "duplicate")
                else:
                    self._gather(item, article, "updated" if decision.action == "update" else "added")
        missing = self._archive.set_origins({item.origin: article.id for item, article in unchanged if item.origin})
        for item, article in unchanged:
            if article.id in missing:  # removed since the lookup, because its only other origin changed
                self._gather(item, article, "added")
            else:
                self._note(item, "unchanged")
        self._archive.add_aliases(aliases)

    def _embargo(self, item: Item, article: Article) -> None:
        """Keep an article back until its embargo ends."""
        with self._isolated(item):
            if article.id in self._seen:  # an earlier version may be waiting; storing it later would end the embargo
                self._embed()
                self.storage.wait()
            if item.embargo:
                self._archive.retractions.embargo(article, item.embargo, item.origin)
            self._note(item, "embargoed")

    def _other_id(self, decision: Decision) -> str:
        """The id under which this content is stored, or was seen in this run at another URL; "" if it is new."""
        if decision.stored_id or not decision.content:
            return decision.stored_id
        first = self._contents.setdefault(decision.content, decision.article)
        return first.id if first.id != decision.article.id and is_same_report(first, decision.article) else ""

    def _gather(self, item: Item, article: Article, outcome: Literal["added", "updated"]) -> None:
        self._group.append(_Pending(item, article, outcome))
        self._characters += len(article.text)
        if self._characters >= self._full:
            self._embed()

    def _embed(self) -> None:
        """Embed the gathered group and hand it to the storage thread."""
        if not self._group:
            return
        group, self._group, self._characters, self._full = self._group, [], 0, self._group_size
        self.storage.put(self._entries(group))
        self._progress(self.report())

    def _entries(self, group: Sequence[_Pending], *, retry: bool = False) -> _Group:
        """Prepare a group; articles that fail are left out and reported.

        Even a group of one article is retried once, with `retry`, because a model may fail only temporarily.
        """
        try:
            entries = self._prepare([pending.article for pending in group], [pending.item.origin for pending in group])
        except Exception as error:
            if isinstance(error, ModelError):
                self._embedder.passages([_HARMLESS])  # raises if the model fails for every text
            elif isinstance(error, _GENERAL_ERRORS):
                raise
            if not retry:
                return [entry for pending in group for entry in self._entries([pending], retry=True)]
            self._fail(group[0].item, error)
            return []
        return list(zip(group, entries, strict=True))

    # -- outcomes ------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _isolated(self, item: Item) -> Iterator[None]:
        """Report an error in the block as the failure of this item only."""
        try:
            yield
        except _GENERAL_ERRORS:
            raise
        except Exception as error:
            self._fail(item, error)

    def _note(self, item: Item, outcome: Outcome) -> None:
        with self._lock:
            self._counts[outcome] += 1
            self.outcomes[item.article.id] = outcome

    def _note_duplicate(
        self, item: Item, identity: str, outcome: Literal["duplicate", "unchanged"] = "duplicate"
    ) -> None:
        """Note that an item repeats an article from another item, or one with another id."""
        if item.origin:
            self.other_origins[item.origin] = identity
        with self._lock:
            self._counts[outcome] += 1
            self.outcomes.setdefault(item.article.id, outcome)

    def _stored(self, pending: _Pending, entry: Entry) -> None:
        with self._lock:
            self._passages += len(entry.passages)
        self._note(pending.item, pending.outcome)

    def _fail(self, item: Item, error: Exception) -> None:
        article = item.article
        log.debug("%s", article.id, exc_info=error)
        reason = f"{type(error).__name__}: {error}"[:_MAX_REASON]
        source = item.origin or article.url or article.title
        with self._lock:
            self.outcomes[article.id] = "failed"
        self._add_error(
            SourceError(source, f"the article {article.id} could not be loaded and was left out ({reason})")
        )

    def _add_error(self, error: SourceError) -> None:
        with self._lock:
            self._counts["failed"] += 1
            if len(self._errors) < _MAX_ERRORS:
                self._errors.append(error)


class _Storage:
    """The thread that stores entries. Leaving the block waits until all are stored, and raises any failure."""

    def __init__(
        self,
        archive: Archive,
        stored: Callable[[_Pending, Entry], None],
        failed: Callable[[Item, Exception], None],
    ) -> None:
        self._archive = archive
        self._stored = stored
        self._failed = failed
        self._queue: queue.Queue[_Group | threading.Event | None] = queue.Queue(_MAX_WAITING)
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="khabar-storing", daemon=True)

    def __enter__(self) -> "_Storage":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.put(None)
        self._thread.join()
        self._raise_failure()

    def put(self, group: _Group) -> None:
        """Queue a group to be stored; blocks while the queue is full."""
        self._raise_failure()
        self._queue.put(group)

    def wait(self) -> None:
        """Wait until all queued groups are stored."""
        done = threading.Event()
        self._queue.put(done)
        done.wait()
        self._raise_failure()

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure:
            raise failure

    def _run(self) -> None:
        while (group := self._queue.get()) is not None:
            if isinstance(group, threading.Event):
                group.set()
            elif self._failure is None:
                try:
                    self._store(group)
                except BaseException as failure:  # raised again in the caller's thread
                    self._failure = failure

    def _store(self, group: _Group) -> None:
        """Store a group; articles that fail are left out."""
        try:
            self._archive.add([entry for _, entry in group])
        except _GENERAL_ERRORS:
            raise
        except Exception as error:
            if len(group) == 1:
                self._failed(group[0][0].item, error)
            else:
                for member in group:
                    self._store([member])
        else:
            for pending, entry in group:
                self._stored(pending, entry)


def _batches(items: Iterable[Item | SourceError], size: int) -> Iterator[list[Item | SourceError]]:
    """Yield full batches of items, or smaller ones if fetching is slow."""
    batch: list[Item | SourceError] = []
    started = time.monotonic()
    for item in items:
        batch.append(item)
        if len(batch) == size or time.monotonic() - started > _BATCH_SECONDS:
            yield batch
            batch, started = [], time.monotonic()
    if batch:
        yield batch
