"""From a source into the archive: what is new or changed is cut, embedded and stored; the rest costs a look.

A copy of an article that is stored or on its way is not embedded again. What waited for the end of an embargo comes
first; what is under one still waits; what a notice takes back goes at once and does not come back with an old file.

Embedding and storing overlap: the caller's thread reads and embeds, another one stores. At most a few groups of
articles are in memory. Whatever ends a run, what was stored stays, and the same run again goes on from there.

An article that makes any step fail costs one line of the report: a group that fails is done again one by one. Only an
archive, a disk or a model that fails for every article ends the run.
"""

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, groupby

from ingest.archive import Archive, Entry, Preparer, content
from ingest.article import Article
from ingest.embedding import Embedder
from ingest.errors import KhabarError, ModelError, SourceError
from ingest.sources import Item

log = logging.getLogger(__name__)

_LOOK = 256  # items looked up at once: a look costs 1 ms, an item's reading about 0.1 ms
_MOMENT = 0.25  # seconds that items are gathered for it
_GROUP = (
    32_000  # characters embedded and stored at once: about 64 passages, 1 s of the built-in model, what a crash costs
)
_FIRST = 0.25  # of such a group are enough for the first one: what is fetched comes while it is embedded
_WAITING = 2  # groups that may wait to be stored
_SYSTEM = (KhabarError, OSError, MemoryError)  # what fails so is not one article's fault
_ONE_DAY = timedelta(days=2)  # between two dates of one article, whatever the zone and the precision


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the items of a run, so far or in the end.

    Attributes:
        updated: stored in place of an earlier version.
        unchanged: or an older version than the one that is stored.
        duplicate: the same article as an earlier item of this run; the earlier one counts.
        held: kept out until the end of their embargo.
        withdrawn: notices that take articles back, and articles that were taken back before.
        failed: items that are no article; `errors` says why, of the first 1,000.
        passages: stored.
        stopped: what ended the run before the end of its items; None if it went through.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicate: int = 0
    failed: int = 0
    held: int = 0
    withdrawn: int = 0
    passages: int = 0
    seconds: float = 0.0
    errors: tuple[SourceError, ...] = ()
    stopped: KhabarError | KeyboardInterrupt | None = None

    @property
    def seen(self) -> int:
        """How many items were dealt with."""
        counted = (self.added, self.updated, self.unchanged, self.duplicate, self.failed, self.held, self.withdrawn)
        return sum(counted)


Progress = Callable[[Report], None]

_ERRORS = 1000  # kept of a run
_SAID = 300  # characters of an error that are reported: it may repeat the article
_HARMLESS = "News of the day"  # what any model can embed


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
        archive.sign()
        due = (Item(article, origin) for article, origin in archive.due(run.now))
        with run.storing:
            run.take(chain(due, items))
        archive.claim(run.copies)
        archive.release(run.now)
    except (KhabarError, KeyboardInterrupt) as error:
        stopped = error
    return replace(run.report(), stopped=stopped)


class _Run:
    """One run: what it has seen, and the group of articles that it gathers."""

    def __init__(self, archive: Archive, embedder: Embedder, progress: Progress) -> None:
        self.now = datetime.now(UTC)
        self._archive = archive
        self._embedder = embedder
        self._prepare = Preparer(embedder, archive.known_vectors, _WAITING + 3)  # those that wait, and three at work
        self._progress = progress
        self._began = time.monotonic()
        self._seen: set[str] = set()
        self._contents: dict[bytes, Article] = {}  # the first new article of this run with each
        self._unchanged = self._duplicate = self._failed = self._held = self._withdrawn = 0
        self._errors: list[SourceError] = []
        self._lock = threading.Lock()  # of the two above: both threads report
        self._group: list[tuple[Item, bool]] = []
        self._gathered = 0  # characters in it
        self._full = _FIRST * _GROUP
        self.copies: list[tuple[str, str]] = []  # origins of articles that another item of this run gave
        self.storing = _Storing(archive, self._fail)

    def report(self) -> Report:
        """What became of the items so far."""
        added, updated, passages = self.storing.counts
        seconds = time.monotonic() - self._began
        return Report(
            added, updated, self._unchanged, self._duplicate, self._failed, self._held, self._withdrawn, passages,
            seconds, tuple(self._errors),
        )  # fmt: skip

    def take(self, items: Iterable[Item | SourceError]) -> None:
        """Deal with all items, in their order as far as it matters: a notice acts on what came before it."""
        for part in _parts(items):
            for _, stretch in groupby(part, key=_is_notice):
                together = list(stretch)
                notices = [item for item in together if isinstance(item, Item) and item.withdraws]
                for notice in notices:
                    with self._costing(notice):
                        self._obey(notice)
                if not notices:
                    self._look(self._fresh(together))
            self._progress(self.report())
        self._embed()
        self._progress(self.report())

    def _fresh(self, part: Sequence[Item | SourceError]) -> list[Item]:
        """The articles among the items that this run has not met before, under the ids that they have here."""
        known = self._archive.aliases(item.article.id for item in part if isinstance(item, Item))
        fresh: list[Item] = []
        for item in part:
            if isinstance(item, SourceError):
                self._note(item)
                continue
            identity = known.get(item.article.id, item.article.id)
            if item.embargo and item.embargo > self.now:
                with self._costing(item):
                    self._hold(_under(item, identity), item.embargo)
            elif identity in self._seen:
                self._duplicate += 1
                self.copies.append((item.origin, identity))
            else:
                self._seen.add(identity)
                fresh.append(_under(item, identity))
        return fresh

    def _obey(self, notice: Item) -> None:
        """Take back what a notice takes back, and go on with it if it is an article itself."""
        self._embed()
        self.storing.settle()  # what came before the notice is there to be taken back
        article = notice.article
        self._archive.withdraw(notice.withdraws, article.title, article.modified or article.published or self.now)
        self._seen.difference_update(notice.withdraws)
        if article.id in notice.withdraws:
            self._withdrawn += 1
        else:
            self._look(self._fresh([notice]))

    def _hold(self, item: Item, until: datetime) -> None:
        """Keep an article back until its time."""
        if self._archive.stay_out([item.article]):
            self._withdrawn += 1
            return
        if item.article.id in self._seen:  # an earlier version is on its way, and would end the waiting of this one
            self._embed()
            self.storing.settle()
        self._archive.hold(item.article, until, item.origin)
        self._held += 1

    def _look(self, items: Sequence[Item]) -> None:
        """Set the unchanged aside and gather the others; embed whenever a group is full."""
        items = self._admitted(items)
        states = self._archive.states([item.article for item in items])
        known = [item for item, state in zip(items, states, strict=True) if state == "unchanged"]
        gone = self._archive.claim((item.origin, item.article.id) for item in known)
        given = self._archive.origins([item.origin for item in items if item.origin])
        moved = self._moved([item for item, state in zip(items, states, strict=True) if state == "new"])
        for item, state in zip(items, states, strict=True):
            if item.article.id in moved:
                continue
            if state == "unchanged" and item.article.id not in gone:
                self._unchanged += 1
                continue
            self._group.append((item, state == "changed" or item.origin in given))
            self._gathered += len(item.article.text)
            if self._gathered >= self._full:
                self._embed()

    def _admitted(self, items: Sequence[Item]) -> list[Item]:
        """The items without those that were withdrawn."""
        try:
            out = self._archive.stay_out([item.article for item in items])
        except _SYSTEM:
            raise
        except Exception as error:
            if len(items) > 1:
                return [one for item in items for one in self._admitted([item])]
            self._fail(items[0].article, items[0].origin, error)
            return []
        self._withdrawn += len(out)
        return [item for item in items if item.article.id not in out]

    def _moved(self, items: Sequence[Item]) -> set[str]:
        """The ids of new articles that are known under another address, which is noted, or that fail."""
        contents: dict[str, bytes] = {}
        failed: set[str] = set()
        for item in items:
            if item.article.url:
                failed.add(item.article.id)
                with self._costing(item):
                    contents[item.article.id] = content(item.article)
                    failed.remove(item.article.id)
        stored = self._archive.contents(contents.values())
        aliases: dict[str, str] = {}
        for item in items:
            article = item.article
            if article.id not in contents:
                continue
            of_run = self._contents.setdefault(contents[article.id], article)
            former = stored.get(contents[article.id], of_run)
            if former.id == article.id or not _same_days(former, article):
                continue
            aliases[article.id] = former.id
            self.copies.append((item.origin, former.id))
            if former is of_run:
                self._duplicate += 1
            else:
                self._unchanged += 1
        self._archive.rename(aliases)
        return failed | set(aliases)

    def _embed(self) -> None:
        """Embed the gathered group and hand it on."""
        if not self._group:
            return
        group, self._group, self._gathered, self._full = self._group, [], 0, _GROUP
        self.storing.put(self._prepared(group))
        self._progress(self.report())

    def _prepared(self, group: Sequence[tuple[Item, bool]], *, again: bool = False) -> "_Group":
        """The entries of a group, without the articles that fail, and whether each is stored in another version.

        `again` is for one article of a group that failed: a model may fail once without being gone.
        """
        items = [item for item, _ in group]
        try:
            entries = self._prepare([item.article for item in items], [item.origin for item in items])
        except Exception as error:
            if isinstance(error, ModelError):
                self._embedder.passages([_HARMLESS])  # raises where the model fails whatever it is given
            elif isinstance(error, _SYSTEM):
                raise
            if not again:
                return [one for member in group for one in self._prepared([member], again=True)]
            self._fail(items[0].article, items[0].origin, error)
            return []
        return list(zip(entries, [known for _, known in group], strict=True))

    @contextlib.contextmanager
    def _costing(self, item: Item) -> Iterator[None]:
        """What fails within costs this item, and no more."""
        try:
            yield
        except _SYSTEM:
            raise
        except Exception as error:
            self._fail(item.article, item.origin, error)

    def _fail(self, article: Article, origin: str, error: Exception) -> None:
        """Report an article that cannot be taken in, whatever the reason."""
        log.debug("%s", article.id, exc_info=error)
        said = f"{type(error).__name__}: {error}"[:_SAID]
        where = origin or article.url or article.title
        self._note(SourceError(where, f"the article {article.id} could not be taken in and was left out ({said})"))

    def _note(self, error: SourceError) -> None:
        with self._lock:
            self._failed += 1
            if len(self._errors) < _ERRORS:
                self._errors.append(error)


_Group = list[tuple[Entry, bool]]
"""Entries, each with whether its article is stored already in another version."""


class _Storing:
    """The thread that stores. Leaving the block waits until all that was handed to it is stored, or raises why not."""

    def __init__(self, archive: Archive, fail: Callable[[Article, str, Exception], None]) -> None:
        self._archive = archive
        self._fail = fail
        self._waiting: queue.Queue[_Group | threading.Event | None] = queue.Queue(_WAITING)
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

    def put(self, group: "_Group") -> None:
        """Hand a group on."""
        self._raise()
        self._waiting.put(group)

    def settle(self) -> None:
        """Wait until all that was handed on is stored."""
        stored = threading.Event()
        self._waiting.put(stored)
        stored.wait()
        self._raise()

    def _raise(self) -> None:
        failure, self._failure = self._failure, None
        if failure:
            raise failure

    def _store(self) -> None:
        while (group := self._waiting.get()) is not None:
            if isinstance(group, threading.Event):
                group.set()
                continue
            if self._failure is None:
                try:
                    self._add(group)
                except BaseException as failure:  # told to the thread that waits
                    self._failure = failure

    def _add(self, group: "_Group") -> None:
        """Store a group, without the articles that fail."""
        try:
            self._archive.add([entry for entry, _ in group])
        except _SYSTEM:
            raise
        except Exception as error:
            if len(group) > 1:
                for one in group:
                    self._add([one])
            else:
                self._fail(group[0][0].article, group[0][0].origin, error)
            return
        added, updated, passages = self.counts
        known = sum(known for _, known in group)
        new = sum(len(entry.passages) for entry, _ in group)
        self.counts = (added + len(group) - known, updated + known, passages + new)


def _parts(items: Iterable[Item | SourceError]) -> Iterator[list[Item | SourceError]]:
    """The items, as many together as are worth a look, or have come within a moment: fetching takes its time."""
    part: list[Item | SourceError] = []
    began = time.monotonic()
    for item in items:
        part.append(item)
        if len(part) == _LOOK or time.monotonic() - began > _MOMENT:
            yield part
            part, began = [], time.monotonic()
    if part:
        yield part


def _is_notice(item: Item | SourceError) -> bool:
    return isinstance(item, Item) and bool(item.withdraws)


def _under(item: Item, identity: str) -> Item:
    """The item under the id that its article has in the archive."""
    return item if item.article.id == identity else replace(item, article=replace(item.article, id=identity))


def _same_days(one: Article, other: Article) -> bool:
    """Whether both may be of one day, wherever: the same words of another week are another day's report."""
    return not (one.published and other.published) or abs(one.published - other.published) <= _ONE_DAY
