"""A list of sources, asked again and again: what they bring goes into the archive as it comes.

Threads fetch and read; the caller's thread embeds and stores, so that both go on side by side. What is noted of a visit
counts when its articles are stored: whatever ends a watch, the next one misses nothing.
"""

import heapq
import itertools
import logging
import queue
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ingest.archive import Archive
from ingest.embedding import Embedder
from ingest.errors import KhabarError, SettingsError, SourceError
from ingest.fetching import Fetcher
from ingest.fetching.fetch_state import History, Notebook, Visit
from ingest.load import Report, load
from ingest.sources import Defaults, Item, Web, is_url, read_url, recheck

_log = logging.getLogger(__name__)

_READERS = 32  # threads at most; one source occupies one while it is read
_CHUNK = 32  # items handed on at once: about a group of `load`
_WAITING = 8  # chunks that may wait to be stored
_SLOWEST = 8  # times its interval: how long a source that fails is left alone at most
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SHORTEST = 1.0  # seconds between two looks


class _Source(BaseModel):
    """A table [[source]] of the list, as it is written."""

    model_config = ConfigDict(extra="forbid")

    url: str
    interval: float = 900.0
    recheck: float = 1800.0
    publisher: str = ""
    language: str = Field("", pattern="^(?:[a-z]{2})?$")

    @field_validator("interval", "recheck", mode="before")
    @classmethod
    def _seconds(cls, value: object) -> object:
        """Seconds of a number, or of "15m", "2h"."""
        if isinstance(value, str) and value[-1:] in _UNITS and value[:-1].strip().replace(".", "", 1).isdecimal():
            return float(value[:-1]) * _UNITS[value[-1]]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        raise ValueError('write it as "15m", "2h", "1d" or a number of seconds')

    @field_validator("interval")
    @classmethod
    def _not_too_often(cls, value: float) -> float:
        if value < _SHORTEST:
            raise ValueError("at least a second")
        return value

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if not is_url(value):
            raise ValueError("an address begins with http:// or https://")
        return value


@dataclass(frozen=True, slots=True)
class Watched:
    """One source of the list.

    Attributes:
        interval: seconds from one look to the next.
        recheck: seconds between two looks at a page that it gave, at least; 0 for never.
    """

    url: str
    interval: float = 900.0
    recheck: float = 1800.0
    defaults: Defaults = field(default_factory=Defaults)


@dataclass(frozen=True, slots=True)
class News:
    """What one look at a source brought.

    Attributes:
        titles: of the articles that are new or changed, the first ten.
        withdrawn: how many articles were taken back.
        problems: what could not be read, the first ten.
        quiet: its history, if it has just gone quiet for longer than is usual for it.
    """

    source: str
    added: int = 0
    updated: int = 0
    withdrawn: int = 0
    titles: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    failed: int = 0
    quiet: History | None = None


def read_list(path: Path) -> list[Watched]:
    """Read a list of sources.

    Raises:
        SettingsError: it is not there, or something in it is not right.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"the list {path} could not be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the list {path} is not TOML: {error}") from error
    tables = data.get("source")
    if set(data) - {"source"} or not isinstance(tables, list) or not tables:
        raise SettingsError(
            f"the list {path} needs one table [[source]] for each source, with its url, and nothing else"
        )
    found = [_watched(path, number, table) for number, table in enumerate(tables, 1)]
    twice = [one.url for place, one in enumerate(found) if one.url in {other.url for other in found[:place]}]
    if twice:
        raise SettingsError(f"the list {path} names {twice[0]} twice")
    return found


def _watched(path: Path, number: int, table: object) -> Watched:
    try:
        one = _Source.model_validate(table)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise SettingsError(f"source {number} of the list {path} is not right: {problems}") from error
    return Watched(one.url, one.interval, one.recheck, Defaults(publisher=one.publisher, language=one.language))


def watch(
    sources: list[Watched],
    archive: Archive,
    embedder: Embedder,
    fetcher: Fetcher,
    tell: Callable[[News], None],
    stop: threading.Event | None = None,
) -> None:
    """Watch sources until `stop` is set, or Ctrl-C.

    Args:
        sources: see `read_list`.
        archive: open.
        embedder: the one that the archive was opened with.
        fetcher: closed by the caller.
        tell: called in this thread after each look at a source.
        stop: ends the watch, when the articles that are being embedded just then are stored: about a second.
    """
    _Watch(sources, archive, embedder, fetcher, tell, stop or threading.Event()).run()


@dataclass(slots=True)
class _Look:
    """One look at a source, from when it is asked to when all of it is stored."""

    watched: Watched
    began: float
    added: int = 0
    updated: int = 0
    withdrawn: int = 0
    failed: int = 0
    titles: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    broken: bool = False  # something of it was not stored: what follows must not be noted as seen
    unreached: bool = False


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A part of what a look gives; the last one says how it ended."""

    look: _Look
    items: list[Item | SourceError]
    notes: list[Visit]
    last: bool = False


class _Watch:
    """The state of a watch."""

    def __init__(
        self,
        sources: list[Watched],
        archive: Archive,
        embedder: Embedder,
        fetcher: Fetcher,
        tell: Callable[[News], None],
        stop: threading.Event,
    ) -> None:
        self._sources, self._archive, self._embedder = sources, archive, embedder
        self._fetcher, self._tell, self._stop = fetcher, tell, stop
        self._tasks: queue.Queue[_Look | None] = queue.Queue()
        self._chunks: queue.Queue[_Chunk] = queue.Queue(_WAITING)
        self._due: list[tuple[float, int, Watched]] = []
        self._number = itertools.count()
        self._failures: dict[str, int] = {}
        self._quiet: set[str] = set()
        self._over = threading.Event()

    def run(self) -> None:
        """Watch until it is to stop."""
        for number in range(min(len(self._sources), _READERS)):
            threading.Thread(target=self._read, name=f"khabar-watching-{number}", daemon=True).start()
        for source in self._sources:
            self._plan(source, time.monotonic())
        try:
            while not self._stop.is_set():
                self._begin_due()
                try:
                    chunk = self._chunks.get(timeout=self._idle())
                except queue.Empty:
                    continue
                self._store(chunk)
        except KeyboardInterrupt:
            _log.debug("stopped")
        finally:
            self._over.set()
            for _ in self._sources:
                self._tasks.put(None)

    # -- when ----------------------------------------------------------------------------------------------------

    def _plan(self, source: Watched, when: float) -> None:
        heapq.heappush(self._due, (when, next(self._number), source))

    def _begin_due(self) -> None:
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            self._tasks.put(_Look(heapq.heappop(self._due)[2], now))

    def _idle(self) -> float:
        """Seconds until something is due, but not so many that a stop goes unnoticed."""
        return min(max(self._due[0][0] - time.monotonic(), 0.0), 0.5) if self._due else 0.5

    # -- reading, in threads -------------------------------------------------------------------------------------

    def _read(self) -> None:
        while (look := self._tasks.get()) is not None and not self._over.is_set():
            notebook = Notebook(self._archive.memory.visits)
            items: list[Item | SourceError] = []
            for found in self._found(look, notebook):
                items.append(found)
                if len(items) >= _CHUNK:
                    self._hand_on(_Chunk(look, items, notebook.taken()))
                    items = []
            self._hand_on(_Chunk(look, items, notebook.taken(), last=True))

    def _found(self, look: _Look, notebook: Notebook) -> Iterator[Item | SourceError]:
        """What a look gives; nothing that goes wrong in it ends the thread."""
        watched, web = look.watched, Web(self._fetcher, notebook)
        try:
            done = yield from read_url(watched.url, watched.defaults, web)
            look.unreached = not done
            if watched.recheck and not self._over.is_set():
                yield from recheck(watched.url, watched.defaults, web, watched.recheck)
        except Exception as error:
            _log.debug("%s", watched.url, exc_info=True)
            if not self._over.is_set():  # else the archive was closed meanwhile
                yield SourceError(watched.url, f"unexpected error: {type(error).__name__}: {error}")

    def _hand_on(self, chunk: _Chunk) -> None:
        while not self._over.is_set():
            try:
                return self._chunks.put(chunk, timeout=0.2)
            except queue.Full:
                continue

    # -- storing, in the caller's thread -------------------------------------------------------------------------

    def _store(self, chunk: _Chunk) -> None:
        look = chunk.look
        if chunk.items:
            self._load(chunk)
        if not look.broken:
            try:
                self._archive.memory.remember(chunk.notes)
            except KhabarError as error:
                look.broken = True
                self._problem(look, str(error))
        if chunk.last:
            self._end(look)

    def _load(self, chunk: _Chunk) -> None:
        look = chunk.look
        articles = [item.article for item in chunk.items if isinstance(item, Item) and not item.withdraws]
        states = self._archive.states(articles)
        try:
            report = load(chunk.items, self._archive, self._embedder, self._go_on)
        except Exception as unexpected:  # the other sources go on, and this one is asked again
            _log.debug("%s", look.watched.url, exc_info=True)
            look.broken = True
            return self._problem(look, f"unexpected error: {type(unexpected).__name__}: {unexpected}")
        look.added += report.added
        look.updated += report.updated
        look.withdrawn += sum(bool(item.withdraws) for item in chunk.items if isinstance(item, Item))
        for article, state in zip(articles, states, strict=True):
            if state != "unchanged" and len(look.titles) < 10:
                look.titles.append(article.title)
        look.failed += report.failed
        for error in report.errors:
            self._problem(look, str(error))
        if isinstance(report.stopped, KeyboardInterrupt):
            raise report.stopped
        if report.stopped:
            look.broken = True
            self._problem(look, str(report.stopped))

    def _go_on(self, _: Report) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt

    def _problem(self, look: _Look, text: str) -> None:
        if len(look.problems) < 10:
            look.problems.append(text)

    def _end(self, look: _Look) -> None:
        """Remember how a look went, tell it, and plan the next."""
        source = look.watched
        failed = look.broken or look.unreached
        self._failures[source.url] = self._failures.get(source.url, 0) + 1 if failed else 0
        history: History | None = None
        try:
            if self._archive.due(datetime.now(UTC)):  # an embargo ended
                look.added += load([], self._archive, self._embedder).added
            memory, brought = self._archive.memory, look.added + look.updated
            problem = look.problems[0] if look.problems and (failed or not brought) else ""
            memory.asked(source.url, source.interval, datetime.now(UTC), brought, problem)
            history = self._gone_quiet(next(one for one in memory.histories() if one.source == source.url))
        except KhabarError as error:
            self._problem(look, str(error))
        self._tell(
            News(
                source.url, look.added, look.updated, look.withdrawn, tuple(look.titles), tuple(look.problems),
                look.failed, history,
            )
        )  # fmt: skip
        wait = source.interval * min(2 ** self._failures[source.url], _SLOWEST)
        self._plan(source, max(look.began + wait, time.monotonic()))

    def _gone_quiet(self, history: History) -> History | None:
        """The history, the first time that it is quiet."""
        if not history.is_quiet:
            self._quiet.discard(history.source)
            return None
        if history.source in self._quiet:
            return None
        self._quiet.add(history.source)
        return history
