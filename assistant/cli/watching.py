"""The command that watches a list of sources."""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from assistant.assistant import Assistant
from assistant.cli.archiving import quiet_text
from assistant.cli.options import AllowPrivate, Delay, Json, adding_settings, cli
from assistant.cli.terminal import print_json, print_text, say
from ingest.watch import CheckResult, WatchedSource, read_list
from ingest.watch import watch as watch_sources


@cli.command()
def watch(
    ctx: typer.Context,
    sources: Annotated[
        Path,
        typer.Argument(metavar="LIST", help="A TOML file with a table [[source]] for each source: url, interval ..."),
    ],
    once: Annotated[bool, typer.Option("--once", help="Check each source once, and stop.")] = False,
    allow_private: AllowPrivate = None,
    delay: Delay = None,
    as_json: Json = False,
) -> None:
    """Add what is new in the sources of a list, again and again, until it is stopped."""
    listed = read_list(sources)
    settings = adding_settings(ctx, allow_private=allow_private, delay=delay)
    stop = threading.Event()
    unchecked = {one.url for one in listed}

    def on_news(news: CheckResult) -> None:
        print_news(news, as_json=as_json)
        unchecked.discard(news.source)
        if once and not unchecked:
            stop.set()

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    with Assistant(settings, create=True) as assistant:
        if not once:
            say(f"khabar: watching {len(listed)} source{'' if len(listed) == 1 else 's'}; Ctrl-C ends it")
        watch_list(listed, assistant, on_news, stop)


def watch_list(
    listed: list[WatchedSource], assistant: Assistant, on_news: Callable[[CheckResult], None], stop: threading.Event
) -> None:
    """Watch sources, see `ingest.watch.watch`; most checks find nothing new, which is not logged."""
    logging.getLogger("ingest.sources").setLevel(logging.WARNING)
    watch_sources(listed, assistant.archive, assistant.embedder, assistant.fetcher, on_news, stop)


def print_news(news: CheckResult, *, as_json: bool = False) -> None:
    """Print what a check of a source has added and what went wrong, and nothing if there is neither."""
    now = datetime.now(UTC).replace(microsecond=0)
    for problem in news.problems:
        say(problem)
    if news.failed > len(news.problems):
        say(f"... and {news.failed - len(news.problems):,} more of {news.source}")
    if news.quiet:
        say(f"WARNING: {news.source} {quiet_text(news.quiet)}")
    if as_json:
        data = {
            "at": now.isoformat().replace("+00:00", "Z"), "source": news.source, "added": news.added,
            "updated": news.updated, "withdrawn": news.retracted, "titles": news.titles, "failed": news.failed,
            "problems": news.problems, "quiet": news.quiet is not None,
        }  # fmt: skip
        print_json(data, in_a_line=True)
        return
    counts = {"new": news.added, "changed": news.updated, "withdrawn": news.retracted}
    if changes := ", ".join(f"{count:,} {name}" for name, count in counts.items() if count):
        print_text(f"{now:%Y-%m-%d %H:%M}  {news.source}: {changes}")
    for title in news.titles:
        print_text(f"    {title}")
