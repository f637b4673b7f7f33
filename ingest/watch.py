"""Check sources at intervals and load their new articles.

Threads fetch and read while the caller's thread embeds and stores. A visit is recorded only after its articles are
stored, so that an interrupted watch loses nothing.
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

_MAX_READERS = 32  # threads; reading a source occupies one
_CHUNK_SIZE = 32  # items loaded at once: about a group of `load`
_MAX_WAITING = 8  # chunks that may wait to be stored
_MAX_BACKOFF = 8  # the longest pause after failures, in multiples of the source's interval
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_MIN_INTERVAL = 1.0  # seconds
_MAX_IDLE = 0.5  # seconds until `stop` is noticed
_MAX_LISTED = 10  # maximum number of titles, and of problems, in a result


class _SourceTable(BaseModel):
    """A table [[source]] in the list of sources."""

    model_config = ConfigDict(extra="forbid")

    url: str
    interval: float = 900.0
    recheck: float = 1800.0
    publisher: str = ""
    language: str = Field("", pattern="^(?:[a-z]{2})?$")

    @field_validator("interval", "recheck", mode="before")
    @classmethod
    def _parse_seconds(cls, value: object) -> object:
        """Parse a number of seconds, or "15m", "2h"."""
        if isinstance(value, str) and value[-1:] in _SECONDS and value[:-1].strip().replace(".", "", 1).isdecimal():
            return float(value[:-1]) * _SECONDS[value[-1]]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        raise ValueError('write it as "15m", "2h", "1d" or a number of seconds')

    @field_validator("interval")
    @classmethod
    def _not_too_often(cls, value: float) -> float:
        if value < _MIN_INTERVAL:
            raise ValueError("at least a second")
        return value

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if not is_url(value):
            raise ValueError("an address begins with http:// or https://")
        return value


@dataclass(frozen=True, slots=True)
class WatchedSource:
    """A source to watch.

    Attributes:
        interval: seconds between two checks.
        recheck: minimum seconds between two checks of the same page; 0 to never check pages again.
    """

    url: str
    interval: float = 900.0
    recheck: float = 1800.0
    defaults: Defaults = field(default_factory=Defaults)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check of a source.

    Attributes:
        titles: the titles of the first ten new or changed articles.
        retracted: number of retraction notices.
        problems: the first ten error messages.
        quiet: the history of the source, if this check found that it has become unusually quiet.
    """

    source: str
    added: int = 0
    updated: int = 0
    retracted: int = 0
    titles: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    failed: int = 0
    quiet: History | None = None


def read_list(path: Path) -> list[WatchedSource]:
    """Read a list of sources.

    Raises:
        SettingsError: the list is missing or invalid.
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
    sources = [_parse_source(path, number, table) for number, table in enumerate(tables, 1)]
    urls = [source.url for source in sources]
    repeated = [url for number, url in enumerate(urls) if url in urls[:number]]
    if repeated:
        raise SettingsError(f"the list {path} names {repeated[0]} twice")
    return sources


def _parse_source(path: Path, number: int, table: object) -> WatchedSource:
    try:
        source = _SourceTable.model_validate(table)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}" for detail in error.errors())
        raise SettingsError(f"source {number} of the list {path} is invalid: {problems}") from error
    defaults = Defaults(publisher=source.publisher, language=source.language)
    return WatchedSource(source.url, source.interval, source.recheck, defaults)


def watch(
    sources: list[WatchedSource],
    archive: Archive,
    embedder: Embedder,
    fetcher: Fetcher,
    report: Callable[[CheckResult], None],
    stop: threading.Event | None = None,
) -> None:
    """Watch sources until `stop` is set or Ctrl-C is pressed.

    Args:
        sources: see `read_list`.
        archive: an open archive.
        embedder: the embedder that the archive was opened with.
        fetcher: fetches pages; the caller closes it.
        report: called in this thread after each check of a source.
        stop: set it to end the watch; articles that are being embedded are stored first, which takes about a second.
    """
    _Watch(sources, archive, embedder, fetcher, report, stop or threading.Event()).run()


@dataclass(slots=True)
class _Check:
    """One check of a source, from the first request until everything is stored.

    Attributes:
        broken: whether storing failed; visits must then not be recorded.
        unreachable: whether the source could not be read completely.
    """

    source: WatchedSource
    started: float
    added: int = 0
    updated: int = 0
    retracted: int = 0
    failed: int = 0
    titles: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    broken: bool = False
    unreachable: bool = False

    def add_problem(self, message: str) -> None:
        """Add a message, unless there are many already."""
        if len(self.problems) < _MAX_LISTED:
            self.problems.append(message)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some of the items and visits of a check."""

    check: _Check
    items: list[Item | SourceError]
    visits: list[Visit]
    last: bool = False


class _Watch:
    """The state of a watch."""

    def __init__(
        self,
        sources: list[WatchedSource],
        archive: Archive,
        embedder: Embedder,
        fetcher: Fetcher,
        report: Callable[[CheckResult], None],
        stop: threading.Event,
    ) -> None:
        self._sources, self._archive, self._embedder = sources, archive, embedder
        self._fetcher, self._report, self._stop = fetcher, report, stop
        self._tasks: queue.Queue[_Check | None] = queue.Queue()
        self._chunks: queue.Queue[_Chunk] = queue.Queue(_MAX_WAITING)
        self._due: list[tuple[float, int, WatchedSource]] = []
        self._order = itertools.count()  # breaks ties between sources due at the same time
        self._failures: dict[str, int] = {}
        self._quiet: set[str] = set()
        self._ended = threading.Event()

    def run(self) -> None:
        """Watch until `stop` is set."""
        for number in range(min(len(self._sources), _MAX_READERS)):
            threading.Thread(target=self._read, name=f"khabar-watching-{number}", daemon=True).start()
        for source in self._sources:
            self._schedule(source, time.monotonic())
        try:
            while not self._stop.is_set():
                now = time.monotonic()
                while self._due and self._due[0][0] <= now:
                    self._tasks.put(_Check(heapq.heappop(self._due)[2], now))
                next_due = self._due[0][0] - time.monotonic() if self._due else _MAX_IDLE
                try:
                    chunk = self._chunks.get(timeout=min(max(next_due, 0.0), _MAX_IDLE))
                except queue.Empty:
                    continue
                self._store(chunk)
        except KeyboardInterrupt:
            _log.debug("watch interrupted")
        finally:
            self._ended.set()
            for _ in self._sources:
                self._tasks.put(None)

    # -- scheduling ----------------------------------------------------------------------------------------------

    def _schedule(self, source: WatchedSource, when: float) -> None:
        heapq.heappush(self._due, (when, next(self._order), source))

    # -- reading, in threads -------------------------------------------------------------------------------------

    def _read(self) -> None:
        while (check := self._tasks.get()) is not None and not self._ended.is_set():
            notebook = Notebook(self._archive.sources.visits)
            items: list[Item | SourceError] = []
            for item in self._items(check, notebook):
                items.append(item)
                if len(items) >= _CHUNK_SIZE:
                    self._put(_Chunk(check, items, notebook.drain()))
                    items = []
            self._put(_Chunk(check, items, notebook.drain(), last=True))

    def _items(self, check: _Check, notebook: Notebook) -> Iterator[Item | SourceError]:
        """Yield the items of a source, and unexpected errors as problems: no error may end the thread."""
        source, web = check.source, Web(self._fetcher, notebook)
        try:
            complete = yield from read_url(source.url, source.defaults, web)
            check.unreachable = not complete
            if source.recheck and not self._ended.is_set():
                yield from recheck(source.url, source.defaults, web, source.recheck)
        except Exception as error:
            _log.debug("%s", source.url, exc_info=True)
            if not self._ended.is_set():  # otherwise the error comes from the closed archive
                yield SourceError(source.url, f"unexpected error: {type(error).__name__}: {error}")

    def _put(self, chunk: _Chunk) -> None:
        while not self._ended.is_set():
            try:
                return self._chunks.put(chunk, timeout=0.2)
            except queue.Full:
                continue

    # -- storing, in the caller's thread -------------------------------------------------------------------------

    def _store(self, chunk: _Chunk) -> None:
        check = chunk.check
        if chunk.items:
            self._load(chunk)
        if not check.broken:
            try:
                self._archive.sources.save_visits(chunk.visits)
            except KhabarError as error:
                check.broken = True
                check.add_problem(str(error))
        if chunk.last:
            self._finish(check)

    def _load(self, chunk: _Chunk) -> None:
        check = chunk.check
        try:
            report = load(chunk.items, self._archive, self._embedder, self._interrupt)
        except Exception as error:  # the other sources continue, and this one is checked again
            _log.debug("%s", check.source.url, exc_info=True)
            check.broken = True
            return check.add_problem(f"unexpected error: {type(error).__name__}: {error}")
        check.added += report.added
        check.updated += report.updated
        check.failed += report.failed
        for item in chunk.items:
            if isinstance(item, Item):
                check.retracted += bool(item.withdraws)
                if report.outcomes.get(item.article.id) in ("added", "updated") and len(check.titles) < _MAX_LISTED:
                    check.titles.append(item.article.title)
        for problem in report.errors:
            check.add_problem(str(problem))
        if isinstance(report.stopped, KeyboardInterrupt):
            raise report.stopped
        if report.stopped:
            check.broken = True
            check.add_problem(str(report.stopped))

    def _interrupt(self, _: Report) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt

    def _finish(self, check: _Check) -> None:
        """Record and report the result of a check, and schedule the next check."""
        source = check.source
        failed = check.broken or check.unreachable
        self._failures[source.url] = self._failures.get(source.url, 0) + 1 if failed else 0
        newly_quiet: History | None = None
        try:
            if self._archive.retractions.due(datetime.now(UTC)):  # an embargo has ended
                check.added += load([], self._archive, self._embedder).added
            state, articles = self._archive.sources, check.added + check.updated
            problem = check.problems[0] if check.problems and (failed or not articles) else ""
            state.record_check(source.url, source.interval, datetime.now(UTC), articles, problem)
            history = next(history for history in state.histories() if history.source == source.url)
            if not history.is_quiet:
                self._quiet.discard(source.url)
            elif source.url not in self._quiet:
                self._quiet.add(source.url)
                newly_quiet = history
        except KhabarError as error:
            check.add_problem(str(error))
        self._report(
            CheckResult(
                source.url, check.added, check.updated, check.retracted, tuple(check.titles), tuple(check.problems),
                check.failed, newly_quiet,
            )
        )  # fmt: skip
        wait = source.interval * min(2 ** self._failures[source.url], _MAX_BACKOFF)
        self._schedule(source, max(check.started + wait, time.monotonic()))
