"""The bot in a workspace: a double of Slack's Web API that checks what it gets, and signed calls over real HTTP."""

import json
import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from slack_bench import (
    answered,
    buttons,
    click,
    command,
    deliver,
    event,
    interact,
    payload,
    post,
    quoted,
    signed,
    wait,
    words,
)
from slack_web import BOT, ME, SECRET, TEAM, Clock, Slack

from assistant.answer import Turn
from assistant.assistant import Assistant
from assistant.settings import load_settings
from assistant.slack.bot import Bot
from assistant.slack.events import Identity
from assistant.slack.permissions import Tokens
from assistant.slack.thread import read_thread, read_turns
from assistant.slack.web_api import Clock as Time
from assistant.slack.web_api import WebApi, open_client
from ingest.archive.sqlite import SQLiteCatalogue
from ingest.article import Article
from ingest.errors import ModelError
from ingest.load import load
from ingest.sources import Item

FLOOD = "How many people were injured in the flood of Port Oskara?"
WATER = "كم بلغت كلفة محطة زهروان لتحلية المياه؟"
NOWHERE = "Who won the chess olympiad of the moon colony?"
CHANNEL, DIRECT = "C1NEWS", "D1ASKER"


class Bench(SimpleNamespace):
    slack: Slack
    bot: Bot
    port: int
    assistant: Assistant

    def ask(self, text: str, channel: str = CHANNEL, thread: str = "", kind: str = "message", **more: Any) -> dict:
        """Post a message, and deliver its event to the bot."""
        message = self.slack.say(channel, text, thread, **more)
        assert deliver(self.port, event(channel, message, kind)) == 200
        return message

    def mention(self, text: str, **more: Any) -> dict:
        return self.ask(f"<@{ME}> {text}", **more)

    def settle(self) -> None:
        """Wait until no task is pending."""
        wait(lambda: not self.bot.queue.pending_count())


def begin(assistant: Assistant, slack: Slack, **options: Any) -> Bench:
    """Start a bot that listens to a workspace."""
    bot = Bot(assistant, Tokens(BOT, "", SECRET), clock=Time(slack.clock.now, slack.clock.sleep), **options)
    bot.work()
    return Bench(slack=slack, bot=bot, port=bot.listen("127.0.0.1", 0), assistant=assistant)


@contextmanager
def catalogue(bench: Bench) -> Iterator[Callable[[str], list]]:
    """A function that runs SQL on the queue's file, over a connection of its own."""
    with closing(SQLiteCatalogue(bench.assistant.settings.archive)) as opened:
        yield opened.rows


def workspace(speed: float = 10.0) -> Slack:
    slack = Slack(Clock(speed))  # nobody waits as long as Slack says
    for name, kind in ((CHANNEL, "channel"), ("C2OTHER", "channel"), ("G3PRIVATE", "group"), (DIRECT, "im")):
        slack.channel(name, kind)
    slack.channel("C9AWAY", member=False)
    return slack


@pytest.fixture
def archive(sample_archive: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sample_archive, tmp_path / "archive")


@pytest.fixture
def start(archive: Path) -> Iterator[Callable[..., Bench]]:
    """Start bots over an archive of their own; they stop after the test."""
    running: list[Bench] = []

    def one(model: Any = None, settings: dict | None = None, speed: float = 10.0, **options: Any) -> Bench:
        slack = workspace(speed)
        chosen = load_settings(archive=archive, writer="extract", slack_url=slack.url, **(settings or {}))
        running.append(begin(Assistant(chosen, model), slack, **options))
        return running[-1]

    yield one
    for bench in running:
        bench.bot.stop(5)
        bench.assistant.close()
        bench.slack.__exit__()


@pytest.fixture(scope="module")
def shared(sample_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An assistant over an archive that no test changes."""
    folder = shutil.copytree(sample_archive, tmp_path_factory.mktemp("shared") / "archive")
    with Assistant(load_settings(archive=folder, writer="extract")) as assistant:
        yield assistant


@pytest.fixture
def bench(shared: Assistant) -> Iterator[Bench]:
    with workspace() as slack:
        assistant = copy(shared)
        assistant.settings = load_settings(archive=shared.settings.archive, writer="extract", slack_url=slack.url)
        bench = begin(assistant, slack)
        yield bench
        bench.bot.stop(5)


class Scripted:
    """A model that writes what a function returns."""

    name, window, timeout = "scripted", 4096, 60.0

    def __init__(self, write: Callable[[], str]) -> None:
        self.write = write

    def stream(self, messages: Any, meter: Any) -> Iterator[str]:
        yield self.write()


# -- questions and where they are asked ------------------------------------------------------------------------------


def test_a_mention_is_answered_in_its_thread_with_the_articles_own_words(bench: Bench) -> None:
    asked = bench.mention(FLOOD)
    (reply,) = answered(bench.slack, CHANNEL, asked["ts"])
    quotes = quoted(reply["blocks"])
    assert any("Nineteen people were injured" in quote for quote in quotes)
    texts = [one.text for one in bench.assistant.archive.list()]
    assert all(any(quote in text for text in texts) for quote in quotes)
    assert "Sample Gazette" in words(reply["blocks"])
    assert "5 March 2019" in words(reply["blocks"])


def test_an_arabic_question_is_answered_in_arabic(bench: Bench) -> None:
    asked = bench.mention(WATER)
    (reply,) = answered(bench.slack, CHANNEL, asked["ts"])
    assert any("وبلغت كلفتها 640 مليون لوم" in quote for quote in quoted(reply["blocks"]))
    assert "12 سبتمبر 2021" in words(reply["blocks"])
    assert "اعرض المقال" in buttons(reply)[0]["text"]["text"]


def test_what_the_archive_does_not_answer_is_said_once_with_the_nearest_articles(bench: Bench) -> None:
    asked = bench.mention(NOWHERE)
    (reply,) = answered(bench.slack, CHANNEL, asked["ts"])
    assert "Not in the archive." in words(reply["blocks"])
    assert reply["text"] == "Not in the archive."
    assert any(block["type"] == "rich_text" and len(block["elements"]) == 3 for block in reply["blocks"])
    assert quoted(reply["blocks"]) == []


def test_a_mention_that_comes_as_two_events_is_answered_once(bench: Bench) -> None:
    message = bench.slack.say(CHANNEL, f"<@{ME}> {FLOOD}")
    for kind in ("message", "app_mention", "app_mention", "message"):
        assert deliver(bench.port, event(CHANNEL, message, kind)) == 200
    bench.settle()
    assert len(bench.slack.replies(CHANNEL, message["ts"])) == 1


def test_an_event_that_slack_repeats_is_answered_once_even_after_a_restart(start: Callable[..., Bench]) -> None:
    bench = start()
    message = bench.slack.say(CHANNEL, f"<@{ME}> {FLOOD}")
    sent = event(CHANNEL, message, name="Ev1")
    deliver(bench.port, sent)
    bench.settle()
    bench.bot.stop(5)
    again = Bot(bench.assistant, Tokens(BOT, "", SECRET))
    again.work()
    assert deliver(again.listen("127.0.0.1", 0), sent) == 200
    wait(lambda: not again.queue.pending_count())
    again.stop(5)
    assert len(bench.slack.replies(CHANNEL, message["ts"])) == 1


def test_a_direct_message_needs_no_mention(bench: Bench) -> None:
    asked = bench.ask(FLOOD, DIRECT)
    (reply,) = answered(bench.slack, DIRECT, asked["ts"])
    assert reply["thread_ts"] == asked["ts"]


def test_talk_in_a_channel_is_not_answered(bench: Bench) -> None:
    message = bench.ask(FLOOD)
    thread = bench.ask("And another thing?", thread=message["ts"])
    bench.settle()
    assert bench.slack.replies(CHANNEL, message["ts"]) == []
    assert thread["thread_ts"] == message["ts"]


def test_a_follow_up_in_a_thread_of_the_bot_needs_no_mention_and_is_understood(bench: Bench) -> None:
    root = bench.mention("Who led the excavation at Tell Hirwan?")["ts"]
    answered(bench.slack, CHANNEL, root)
    follow = bench.ask("And when did they begin there?", thread=root)
    (reply,) = answered(bench.slack, CHANNEL, root, follow["ts"])
    assert any(
        "بعثة أثرية" in quote for quote in quoted(reply["blocks"])
    )  # the dig of Tell Hirwan, from an Arabic article


@pytest.mark.parametrize("text", ["Thanks!", "شكرا لك", "<@U7SOMEONE> did you see this?", ":tada:"])
def test_thanks_and_words_to_somebody_else_are_no_follow_up(bench: Bench, text: str) -> None:
    root = bench.mention(FLOOD)["ts"]
    answered(bench.slack, CHANNEL, root)
    bench.ask(text, thread=root)
    bench.settle()
    assert len(bench.slack.replies(CHANNEL, root)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"subtype": "message_changed", "message": {"text": FLOOD}},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"subtype": "bot_message", "bot_id": "B9OTHER"},
        {"bot_id": "B9OTHER"},
        {"user": ME},
        {"edited": {"user": "U1ASKER", "ts": "1.0"}},
        {"hidden": True},
    ],
)
def test_edits_deletions_joins_bots_and_itself_ask_nothing(bench: Bench, change: dict) -> None:
    message = bench.slack.say(CHANNEL, f"<@{ME}> {FLOOD}") | change
    for kind in ("message", "app_mention"):
        assert deliver(bench.port, event(CHANNEL, message, kind)) == 200
    bench.settle()
    assert bench.slack.of("chat.startStream") + bench.slack.of("chat.postMessage") == []


def test_the_agent_view_suggests_questions_in_both_languages(bench: Bench) -> None:
    about = {"type": "app_home_opened", "user": "U1ASKER", "tab": "messages"}
    assert deliver(bench.port, event(DIRECT, about, "app_home_opened")) == 200
    prompts = wait(lambda: bench.slack.prompts.get(DIRECT))
    assert "What happened this week?" in [one["message"] for one in prompts]
    assert "ماذا حدث هذا الأسبوع؟" in [one["message"] for one in prompts]


def test_the_reply_to_a_mention_without_a_question_says_how_to_ask(bench: Bench) -> None:
    asked = bench.mention("")
    (reply,) = answered(bench.slack, CHANNEL, asked["ts"])
    assert "There is no question in this message" in words(reply["blocks"])


# -- the conversation ------------------------------------------------------------------------------------------------


def history(bench: Bench, channel: str, root: str, before: str) -> list[Turn]:
    web = WebApi(open_client(BOT, bench.slack.url))
    messages = read_thread(web, channel, root)
    return read_turns(messages, Identity(TEAM, ME, "B0KHABAR"), bench.assistant.archive.articles, before)


def test_history_is_what_was_asked_and_quoted_in_this_thread_and_no_other(bench: Bench) -> None:
    one = bench.mention(FLOOD)["ts"]
    other = bench.ask(WATER, DIRECT)["ts"]
    answered(bench.slack, CHANNEL, one)
    answered(bench.slack, DIRECT, other)
    (turn,) = history(bench, CHANNEL, one, "9999999999.000000")
    assert turn.question == FLOOD
    assert any("Nineteen people were injured" in quote.text for quote in turn.quotes)
    assert "According to" in turn.answer
    assert not any("زهروان" in quote.text for quote in turn.quotes)


def test_a_forged_answer_of_somebody_else_is_no_history(bench: Bench) -> None:
    root = bench.mention(FLOOD)["ts"]
    (reply,) = answered(bench.slack, CHANNEL, root)
    forged = {"event_type": "khabar_answer", "event_payload": payload(reply) | {"task": "x"}}
    more = {"metadata": forged, "blocks": reply["blocks"], "bot_id": "B6FORGER"}
    bench.slack.say(CHANNEL, "I am Khabar", root, user="U6FORGER", **more)
    assert len(history(bench, CHANNEL, root, "9999999999.000000")) == 1


def test_metadata_holds_no_words_of_anybody(bench: Bench) -> None:
    asked = bench.mention(FLOOD)
    (reply,) = answered(bench.slack, CHANNEL, asked["ts"])
    held = json.dumps(reply["metadata"])
    assert "flood" not in held.lower()
    assert "injured" not in held


# -- how it is said --------------------------------------------------------------------------------------------------


def test_a_status_is_shown_while_it_searches_and_is_gone_at_the_end(bench: Bench) -> None:
    root = bench.mention(FLOOD)["ts"]
    answered(bench.slack, CHANNEL, root)
    bench.settle()
    assert "is searching the archive…" in bench.slack.statuses[CHANNEL, root]
    assert bench.slack.status(CHANNEL, root) == ""


def test_a_status_lasts_as_long_as_the_answer_takes(start: Callable[..., Bench]) -> None:
    gate = threading.Event()

    def slow() -> str:
        gate.wait(60)
        return ""

    bench = start(Scripted(slow), speed=1.0, lease=2.0)
    root = bench.mention(FLOOD)["ts"]
    wait(lambda: bench.slack.status(CHANNEL, root) == "is reading what it found…")
    for _ in range(4):  # Slack takes it away after two minutes
        before = len(bench.slack.statuses[CHANNEL, root])
        bench.slack.clock.forward(65)
        wait(lambda before=before: len(bench.slack.statuses[CHANNEL, root]) > before)
    assert bench.slack.status(CHANNEL, root) == "is reading what it found…"
    assert bench.slack.expired == []
    gate.set()
    answered(bench.slack, CHANNEL, root)
    bench.settle()
    assert bench.slack.status(CHANNEL, root) == ""


def test_statements_are_streamed(bench: Bench) -> None:
    root = bench.mention(FLOOD)["ts"]
    answered(bench.slack, CHANNEL, root)
    assert len(bench.slack.of("chat.startStream")) == 1
    assert len(bench.slack.of("chat.stopStream")) == 1
    assert bench.slack.of("chat.update") == []


def test_without_streams_one_message_is_updated_in_place(bench: Bench) -> None:
    bench.slack.streams = False
    root = bench.mention(FLOOD)["ts"]
    (reply,) = answered(bench.slack, CHANNEL, root)
    assert len(bench.slack.of("chat.postMessage")) == 1
    assert len(bench.slack.of("chat.update")) >= 1
    assert any("Nineteen people were injured" in quote for quote in quoted(reply["blocks"]))
    assert "Nineteen people were injured" in reply["text"]


def test_a_stream_that_slack_ends_by_its_own_clock_is_finished_in_the_same_message(bench: Bench) -> None:
    bench.slack.stream_life = 0.0
    root = bench.mention(FLOOD)["ts"]
    (reply,) = answered(bench.slack, CHANNEL, root)
    assert quoted(reply["blocks"]) == [quote.text for quote in bench.assistant.ask(FLOOD).quotes]


# -- when Slack has trouble ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["chat.startStream", "chat.stopStream", "assistant.threads.setStatus"])
def test_a_rate_limit_is_waited_for(bench: Bench, method: str) -> None:
    bench.slack.fail(method, ("rate", 0), ("rate", 1))
    root = bench.mention(FLOOD)["ts"]
    assert len(answered(bench.slack, CHANNEL, root)) == 1


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("fault", [("lost", 502), ("status", 503)])
def test_what_slack_breaks_off_in_is_not_posted_twice(bench: Bench, fault: tuple, streams: bool) -> None:
    bench.slack.streams = streams
    bench.slack.fail("chat.startStream" if streams else "chat.postMessage", fault)
    root = bench.mention(FLOOD)["ts"]
    answered(bench.slack, CHANNEL, root)
    bench.settle()
    assert len(bench.slack.replies(CHANNEL, root)) == 1


def test_a_stream_that_was_begun_twice_is_not(bench: Bench) -> None:
    bench.slack.fail("chat.stopStream", ("lost", 500))
    root = bench.mention(FLOOD)["ts"]
    (reply,) = answered(bench.slack, CHANNEL, root)
    bench.settle()
    assert len(quoted(reply["blocks"])) == len(bench.assistant.ask(FLOOD).quotes)
    assert len(buttons(bench.slack.replies(CHANNEL, root)[0])) == len(quoted(reply["blocks"]))


def test_where_slack_streams_no_more_for_now_the_answer_comes_in_one_message(bench: Bench) -> None:
    bench.slack.fail("chat.startStream", ("rate", 100))
    root = bench.mention(FLOOD)["ts"]
    (reply,) = answered(bench.slack, CHANNEL, root)
    assert quoted(reply["blocks"]) == [quote.text for quote in bench.assistant.ask(FLOOD).quotes]
    assert len(bench.slack.of("chat.postMessage")) == 1
    assert bench.slack.of("chat.update") == []


def test_what_slack_takes_only_much_later_is_done_then_however_often_it_says_so(bench: Bench) -> None:
    bench.slack.streams = False
    bench.slack.fail("chat.postMessage", *[("rate", 3600)] * 7)  # more than the tries after which a task is given up
    root = bench.mention(FLOOD)["ts"]

    with catalogue(bench) as rows:

        def hurry() -> bool:
            """Nobody waits for an hour."""
            bench.slack.clock.forward(3600)
            rows("UPDATE slack_tasks SET until = 0 WHERE owner = ''")
            return not bench.bot.queue.pending_count()

        wait(hurry, 60)
    (reply,) = bench.slack.replies(CHANNEL, root)
    assert payload(reply)["done"]
    assert quoted(reply["blocks"])


@pytest.mark.parametrize("junk", ["²", "soon", "9" * 5000])
def test_a_retry_after_that_is_no_number_of_seconds_is_waited_for_a_little(
    bench: Bench, junk: str, caplog: pytest.LogCaptureFixture
) -> None:
    bench.slack.streams = False
    bench.slack.fail("chat.postMessage", ("rate", junk))
    root = bench.mention(FLOOD)["ts"]
    assert quoted(answered(bench.slack, CHANNEL, root)[0]["blocks"])
    assert caplog.text == ""


@pytest.mark.parametrize("body", ["[]", "<html>", '{"ok": "yes"}'])
@pytest.mark.parametrize("method", ["chat.startStream", "chat.stopStream"])
def test_what_slack_answers_without_sense_costs_no_answer(bench: Bench, method: str, body: str) -> None:
    bench.slack.fail(method, ("body", body))
    root = bench.mention(FLOOD)["ts"]
    (reply,) = answered(bench.slack, CHANNEL, root)
    bench.settle()
    assert len(bench.slack.replies(CHANNEL, root)) == 1
    assert quoted(reply["blocks"])


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
@pytest.mark.parametrize("code", ["message_not_in_streaming_state", "invalid_blocks", "msg_too_long", "ratelimited"])
def test_whatever_ends_a_stream_the_answer_stands_there_whole(bench: Bench, method: str, code: str) -> None:
    bench.slack.fail(method, ("error", code))
    root = bench.mention(FLOOD)["ts"]
    (reply,) = answered(bench.slack, CHANNEL, root)
    bench.settle()
    assert quoted(reply["blocks"]) == [quote.text for quote in bench.assistant.ask(FLOOD).quotes]
    assert len(bench.slack.replies(CHANNEL, root)) == 1
    assert "streaming" not in reply


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_too_long"])
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
def test_where_slack_takes_no_blocks_the_quotations_are_said_in_plain_words(
    bench: Bench, method: str, code: str
) -> None:
    bench.slack.streams = False
    bench.slack.fail(method, ("error", code))
    root = bench.mention(FLOOD)["ts"]
    (reply,) = answered(bench.slack, CHANNEL, root)
    assert "blocks" not in reply
    assert "Nineteen people were injured" in reply["text"]
    assert "Sample Gazette" in reply["text"]


def test_a_message_that_can_no_longer_be_changed_is_said_anew(bench: Bench) -> None:
    bench.slack.streams = False
    bench.slack.fail("chat.update", ("error", "edit_window_closed"))
    root = bench.mention(FLOOD)["ts"]
    assert quoted(answered(bench.slack, CHANNEL, root)[-1]["blocks"])


def test_an_error_in_the_middle_is_said_in_the_thread_with_a_reference_that_the_log_has(
    start: Callable[..., Bench], caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str:
        raise RuntimeError("the secret word is swordfish")

    bench = start(Scripted(broken))
    with caplog.at_level(logging.INFO):
        root = bench.mention(FLOOD)["ts"]
        (reply,) = answered(bench.slack, CHANNEL, root)
    said = words(reply["blocks"])
    reference = said.partition("Reference: ")[2].strip()
    assert len(reference) == 8
    assert reference in caplog.text
    assert "swordfish" not in said + caplog.text
    bench.settle()
    assert bench.slack.status(CHANNEL, root) == ""


def test_a_model_that_fails_leaves_the_answer_and_says_so(start: Callable[..., Bench]) -> None:
    def failing() -> str:
        raise ModelError("the model 'scripted' has too much to do")

    bench = start(Scripted(failing))
    root = bench.mention(FLOOD)["ts"]
    (reply,) = answered(bench.slack, CHANNEL, root)
    assert "Quoted without the language model" in words(reply["blocks"])
    assert quoted(reply["blocks"])


def test_a_channel_that_is_gone_costs_no_other_question(bench: Bench) -> None:
    bench.mention(FLOOD)
    bench.slack.channels[CHANNEL]["member"] = False
    asked = bench.ask(FLOOD, DIRECT)
    answered(bench.slack, DIRECT, asked["ts"])
    bench.settle()


def test_what_cannot_be_done_is_given_up_after_a_few_attempts(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    queue = bench.bot.queue
    queue.enqueue("broken", "broken", "1", "no job of this version")
    with catalogue(bench) as rows:

        def hurry() -> bool:
            """Nobody waits for the next attempt."""
            rows("UPDATE slack_tasks SET until = 0 WHERE owner = ''")
            return not queue.pending_count()

        wait(hurry)
    assert "given up after 5 attempts" in caplog.text


# -- commands, shortcuts, buttons ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "first"), [("", "/khabar QUESTION"), ("help", "/khabar QUESTION"), ("مساعدة", "/khabar سؤال")]
)
def test_help_comes_at_once_in_both_languages(bench: Bench, typed: str, first: str) -> None:
    said = command(bench.slack, bench.port, typed)[1]
    assert said["response_type"] == "ephemeral"
    assert said["text"].startswith(first)
    assert "/khabar موجز" in said["text"]
    assert "/khabar brief" in said["text"]


def test_a_command_begins_a_thread_with_its_question(bench: Bench) -> None:
    command(bench.slack, bench.port, FLOOD)
    root = wait(lambda: [one for one in bench.slack.channels[CHANNEL]["messages"] if not one.get("thread_ts")])[0]
    assert FLOOD in words(root["blocks"])
    (reply,) = answered(bench.slack, CHANNEL, root["ts"])
    assert quoted(reply["blocks"])
    follow = bench.ask("And who said so?", thread=root["ts"])
    answered(bench.slack, CHANNEL, root["ts"], follow["ts"])
    assert [turn.question for turn in history(bench, CHANNEL, root["ts"], follow["ts"])] == [FLOOD]


def test_a_command_where_the_bot_is_not_in_is_answered_to_its_asker_alone(bench: Bench) -> None:
    address, _ = command(bench.slack, bench.port, FLOOD, "C9AWAY")
    (said,) = wait(lambda: bench.slack.responses[address])
    assert said["response_type"] == "ephemeral"
    assert any("Nineteen people were injured" in quote for quote in quoted(said["blocks"]))
    assert bench.slack.channels["C9AWAY"]["messages"] == []


def test_the_message_shortcut_asks_a_messages_text(bench: Bench) -> None:
    message = bench.slack.say(CHANNEL, f"{FLOOD} &lt;important&gt;")
    shortcut = {
        "type": "message_action", "callback_id": "khabar_check", "channel": {"id": CHANNEL}, "message": message,
        "response_url": f"{bench.slack.address}/response/s1",
    }  # fmt: skip
    assert interact(bench.slack, bench.port, shortcut) == 200
    (reply,) = answered(bench.slack, CHANNEL, message["ts"])
    assert quoted(reply["blocks"])
    assert interact(bench.slack, bench.port, shortcut | {"channel": {"id": "C9AWAY"}}) == 200
    assert quoted(wait(lambda: bench.slack.responses["s1"])[0]["blocks"])


def test_an_article_is_shown_at_its_quotation(bench: Bench) -> None:
    root = bench.mention(FLOOD)["ts"]
    (reply,) = answered(bench.slack, CHANNEL, root)
    assert click(bench.slack, bench.port, CHANNEL, reply, buttons(reply)[0]) == 200
    view = wait(lambda: bench.slack.views)[0]
    assert quoted(view["blocks"]) == quoted(reply["blocks"])[:1]
    assert {block["block_id"] for block in view["blocks"]} >= {"source", "quote"}


def test_an_article_that_has_changed_since_is_not_shown_as_if_it_had_not(start: Callable[..., Bench]) -> None:
    bench = start()
    root = bench.mention(FLOOD)["ts"]
    (reply,) = answered(bench.slack, CHANNEL, root)
    button = buttons(reply)[0]
    identity = button["value"].split(":")[0]
    old = bench.assistant.archive.article(identity)
    changed = replace(old, text="Corrected. " + old.text)
    load([Item(changed)], bench.assistant.archive, bench.assistant.embedder)
    click(bench.slack, bench.port, CHANNEL, reply, button)
    view = wait(lambda: bench.slack.views)[0]
    assert quoted(view["blocks"]) == []
    assert "has changed" in words(view["blocks"])


def test_a_date_in_the_question_narrows_it_and_a_button_asks_once_of_every_date(bench: Bench) -> None:
    asked = "How many people were injured in the flood of Port Oskara last week?"
    root = bench.mention(asked)["ts"]
    (reply,) = answered(bench.slack, CHANNEL, root)
    assert "last week" in words(reply["blocks"])
    assert "Not in the archive." in words(reply["blocks"])
    again = next(one for one in buttons(reply) if one["action_id"] == "khabar_again")
    for _ in range(3):
        assert click(bench.slack, bench.port, CHANNEL, reply, again) == 200
    second = answered(bench.slack, CHANNEL, root, reply["ts"])
    bench.settle()
    assert len(bench.slack.replies(CHANNEL, root)) == 2
    assert asked in words(second[0]["blocks"])
    assert "Nineteen people were injured" in words(second[0]["blocks"])
    assert not [one for one in buttons(second[0]) if one["action_id"] == "khabar_again"]
    assert [turn.question for turn in history(bench, CHANNEL, root, "9999999999.000000")][1] == asked


def judged(bench: Bench) -> list[tuple[str, bool, str, str]]:
    """The recorded feedback."""
    given = bench.assistant.archive.feedback.all()
    return [(one.question, one.good, one.reason, one.door) for one in given]


def test_a_useful_answer_is_noted(start: Callable[..., Bench]) -> None:
    bench = start()
    root = bench.mention(FLOOD)["ts"]
    (reply,) = answered(bench.slack, CHANNEL, root)
    judging = reply["blocks"][-1]["elements"][0]
    value = judging["positive_button"]["value"]
    click(bench.slack, bench.port, CHANNEL, reply, {"action_id": judging["action_id"], "value": value})
    assert judged(bench) == [(FLOOD, True, "", "slack")]


def test_an_answer_that_did_not_help_is_noted_with_its_reason(start: Callable[..., Bench]) -> None:
    bench = start()
    root = bench.mention(WATER)["ts"]
    (reply,) = answered(bench.slack, CHANNEL, root)
    judging = reply["blocks"][-1]["elements"][0]
    value = judging["negative_button"]["value"]
    click(bench.slack, bench.port, CHANNEL, reply, {"action_id": judging["action_id"], "value": value})
    view = wait(lambda: bench.slack.views)[0]
    assert view["blocks"][0]["label"]["text"] == "ما الخطأ؟"
    state = {"why": {"why": {"selected_option": {"value": "missing"}}}, "words": {"words": {"value": "السنة"}}}
    sent = {"type": "view_submission", "view": {**view, "state": {"values": state}}}
    assert interact(bench.slack, bench.port, sent) == 200
    assert judged(bench) == [(WATER, False, "missing: السنة", "slack")]


# -- articles, watches, the brief ------------------------------------------------------------------------------------


ADDERS = {"slack_adders": "U1ASKER", "allow_private": True, "delay": 0}


def test_a_link_is_added_for_whom_it_is_allowed(start: Callable[..., Bench], outlet: Any) -> None:
    bench = start(settings=ADDERS)
    asked = bench.mention(f"<{outlet.url('/moved')}> add this <{outlet.url('/feed')}> <{outlet.url('/missing')}>")
    (reply,) = answered(bench.slack, CHANNEL, asked["ts"])
    said = words(reply["blocks"])
    assert "Added: Bridge of Marn reopens" in said
    assert "Added: Market of Marn opens" in said
    assert f"Not added: {outlet.url('/missing')}: " in said
    assert "404" in said
    then = bench.mention("How much did the repairs of the bridge of Marn cost?")
    (reply,) = answered(bench.slack, CHANNEL, then["ts"])
    assert "The repairs cost 4 million crowns." in quoted(reply["blocks"])[0]
    for path, said in (
        ("/bridge", "Already in the archive: Bridge of Marn reopens"),
        ("/feed", "no new article"),
    ):
        again = bench.mention(f"add this <{outlet.url(path)}>")
        (reply,) = answered(bench.slack, CHANNEL, again["ts"])
        assert said in words(reply["blocks"])


def test_a_link_is_not_read_for_others(start: Callable[..., Bench], outlet: Any) -> None:
    bench = start(settings={**ADDERS, "slack_adders": "U2OTHER"})
    asked = bench.mention(f"أضف هذا <{outlet.url('/bridge')}>")
    (reply,) = answered(bench.slack, CHANNEL, asked["ts"])
    assert "لا يُسمح لك بإضافة المقالات" in words(reply["blocks"])
    assert outlet.asked == []


def test_a_link_into_the_own_network_is_refused_with_the_reason(start: Callable[..., Bench], outlet: Any) -> None:
    bench = start(settings={"slack_adders": "U1ASKER"})
    asked = bench.mention(f"please add this <{outlet.url('/bridge')}>")
    (reply,) = answered(bench.slack, CHANNEL, asked["ts"])
    assert f"Not added: {outlet.url('/bridge')}: " in words(reply["blocks"])
    assert "--allow-private" in words(reply["blocks"])
    assert outlet.asked == []


def grow(bench: Bench, name: str, text: str, **more: Any) -> Article:
    """Add a new article."""
    article = Article(
        name * 16, f"News {name}", text, publisher="Late Wire", language="en", fetched=datetime.now(UTC), **more
    )
    load([Item(article)], bench.assistant.archive, bench.assistant.embedder)
    return article


def watching(bench: Bench, question: str = FLOOD) -> str:
    """Watch a question; return the `ts` of its thread."""
    command(bench.slack, bench.port, f"watch {question}")
    root = wait(lambda: [one for one in bench.slack.channels[CHANNEL]["messages"] if not one.get("thread_ts")])[0]
    answered(bench.slack, CHANNEL, root["ts"])
    bench.settle()
    return root["ts"]


def test_a_watch_alerts_of_what_is_new_once_and_at_most_once_an_hour(start: Callable[..., Bench]) -> None:
    bench = start(pause=3600, hour=3600)
    root = watching(bench)
    (watch,) = bench.bot.queue.watches(CHANNEL)
    assert not bench.bot.alerts.check(watch)
    said = "Twenty-three people were injured in the flood of Port Oskara, the ministry now says."
    grow(bench, "a", said)
    assert bench.bot.alerts.check(watch)
    bench.settle()
    (alert,) = [one for one in bench.slack.replies(CHANNEL, root) if "change the answer" in words(one["blocks"])]
    assert quoted(alert["blocks"]) == [said]
    grow(bench, "b", said)  # another publisher, the same words
    assert not bench.bot.alerts.check(watch)
    assert bench.bot.queue.claim_due_watch(60) is None  # within the hour it is not looked at
    bench.settle()
    assert len(bench.slack.replies(CHANNEL, root)) == 2


def test_watches_are_listed_and_ended_in_their_own_channel_only(start: Callable[..., Bench]) -> None:
    bench = start()
    watching(bench)
    assert FLOOD in command(bench.slack, bench.port, "watches")[1]["text"]
    assert "No question is watched" in command(bench.slack, bench.port, "watches", "G3PRIVATE")[1]["text"]
    assert "no question with the number 1" in command(bench.slack, bench.port, "unwatch 1", "G3PRIVATE")[1]["text"]
    for far in ("99999999999999999999", "9" * 1900, "٩" * 30):  # more than the catalogue counts
        assert "no question with the number" in command(bench.slack, bench.port, f"unwatch {far}")[1]["text"]
    assert "by its number" in command(bench.slack, bench.port, "unwatch ²")[1]["text"]
    assert "no longer watched" in command(bench.slack, bench.port, "unwatch ١")[1]["text"]
    assert "لا سؤال يُتابع" in command(bench.slack, bench.port, "المتابعات")[1]["text"]


def test_a_watch_where_the_bot_is_not_in_says_how_to_invite_it(bench: Bench) -> None:
    address, _ = command(bench.slack, bench.port, f"watch {FLOOD}", "C9AWAY")
    assert "/invite @khabar" in wait(lambda: bench.slack.responses[address])[0]["text"]


def test_the_brief_quotes_one_line_a_story(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.assistant.archive.forget([article.id for article in bench.assistant.archive.list()])
    storm = "A storm hit the harbour of Marn and sank four boats, the harbour master said. Nobody was hurt."
    reports = [
        ("Storm hits Marn harbour", "Marn. " + storm),
        ("Four boats lost", f"Our reporter in Marn. {storm} The ferry will sail again when the wind has fallen."),
        ("News in brief", "The parliament of Marn votes on the price of water on Monday."),
        ("News in brief", "A parrot that flew away in Lindquay was found on the roof of the station."),
    ]
    articles = [
        Article(f"{number}" * 16, title, text, "https://w.example/x", "Late Wire", language="en",
                fetched=datetime.now(UTC))
        for number, (title, text) in enumerate(reports)
    ]  # fmt: skip
    load(map(Item, articles), bench.assistant.archive, bench.assistant.embedder)
    address, _ = command(bench.slack, bench.port, "brief")
    (said,) = wait(lambda: bench.slack.responses[address])
    assert len(quoted(said["blocks"])) == 3
    assert "and 1 more with the same story" in words(said["blocks"])
    assert "4 articles, 3 stories" in words(said["blocks"])
    address, _ = command(bench.slack, bench.port, "موجز")
    assert "منذ الأمس" in words(wait(lambda: bench.slack.responses[address])[0]["blocks"])


# -- who may, and what is kept ---------------------------------------------------------------------------------------


def test_only_allowed_teams_channels_and_users_are_answered(start: Callable[..., Bench]) -> None:
    bench = start(settings={"slack_channels": "C2OTHER", "slack_users": "U1ASKER, U2SECOND"})
    bench.mention(FLOOD, channel=CHANNEL)
    bench.mention(FLOOD, channel="C2OTHER", user="U3STRANGER")
    bench.mention(FLOOD, channel="C2OTHER", user_team="T9GUEST")
    asked = bench.mention(FLOOD, channel="C2OTHER", user="U2SECOND")
    answered(bench.slack, "C2OTHER", asked["ts"])
    bench.settle()
    assert [one["channel"] for one in bench.slack.of("chat.startStream")] == ["C2OTHER"]
    assert "may not ask here" in command(bench.slack, bench.port, FLOOD)[1]["text"]


@pytest.mark.parametrize(("secret", "age"), [("wrong", 0), (SECRET, 301), (SECRET, -301)])
def test_a_wrong_or_old_signature_is_refused(bench: Bench, secret: str, age: float) -> None:
    message = bench.slack.say(CHANNEL, f"<@{ME}> {FLOOD}")
    body = json.dumps(event(CHANNEL, message))
    assert post(bench.port, body, signed(body, secret, age))[0] == 401
    bench.settle()
    assert bench.slack.replies(CHANNEL, message["ts"]) == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "now", "X-Slack-Signature": "v0=1"},
        {"X-Slack-Request-Timestamp": "9" * 5000},
        {"X-Slack-Request-Timestamp": "²"},
        {"X-Slack-Signature": "v0=é"},
        {"X-Slack-Signature": "v0=" + "é" * 64},
    ],
)
def test_a_call_without_a_signature_is_refused(bench: Bench, headers: dict) -> None:
    right = signed("{}") if headers else {}
    assert post(bench.port, "{}", right | headers)[0] == 401


@pytest.mark.parametrize("body", ["not JSON", "[]"])
def test_a_call_that_is_no_payload_is_refused(bench: Bench, body: str) -> None:
    assert post(bench.port, body, signed(body))[0] == 400
    assert post(bench.port, body, {})[0] == 401


def test_a_call_that_is_too_long_is_not_read(bench: Bench) -> None:
    assert post(bench.port, "", {**signed(""), "Content-Length": str(1 << 21)})[0] == 413


@pytest.mark.parametrize("length", ["-1", "many", "", "²", "9" * 5000])
def test_a_call_of_no_proper_length_is_not_read(bench: Bench, length: str) -> None:
    assert post(bench.port, "", {**signed(""), "Content-Length": length})[0] == 400


JUNK: list[Any] = [None, 7, 1e300, True, "", "\ud800", "x" * 50, "²", [], [[]], {}, {"ts": []}]


def with_junk(payload: Any) -> Iterator[Any]:
    """A payload, with each of its values replaced by each piece of junk."""
    for name in payload if isinstance(payload, dict) else ():
        yield from (payload | {name: junk} for junk in JUNK)
        yield from (payload | {name: one} for one in with_junk(payload[name]))


def test_whatever_stands_where_slack_should_say_something_is_taken_or_refused_and_never_fails(bench: Bench) -> None:
    """A signed call that is answered with 500, or not at all, is sent again and again."""
    message = {"type": "message", "user": "U1ASKER", "text": f"<@{ME}>", "ts": "5.000001", "thread_ts": "5.000001"}
    view = {"callback_id": "khabar_reason", "private_metadata": "{}", "state": {"values": {"why": {"why": {}}}}}
    near = {"type": "block_actions", "channel": {"id": "C9AWAY"}, "message": {"ts": "5.000001"}}
    payloads = [
        event("C9AWAY", {**message, "text": "hello"}),
        {"type": "message_action", "callback_id": "khabar_check", "channel": {"id": "C9AWAY"}, "message": {"ts": ""}},
        {**near, "actions": [{"action_id": "khabar_other"}], "user": {"id": "U1ASKER", "team_id": TEAM}},
        {"type": "view_submission", "view": view, "user": {"id": "U1ASKER"}, "team": {"id": TEAM}},
    ]
    for one in chain.from_iterable(map(with_junk, payloads)):
        body = json.dumps(one)
        assert post(bench.port, body, signed(body))[0] in (200, 400), body
    assert quoted(answered(bench.slack, CHANNEL, bench.mention(FLOOD)["ts"])[0]["blocks"])


@pytest.mark.parametrize(
    ("letter", "said"), [("\u0301\u0316", "at most 2,000"), ("x", "at most 2,000"), ("م", "2,000 حرف")]
)
def test_a_text_that_is_too_long_is_not_read_and_the_reply_says_so(bench: Bench, letter: str, said: str) -> None:
    """The marks took 15 seconds to be put in order, several times over; meanwhile nobody was answered."""
    words_of = letter * ((900_000 if letter == "x" else 120_000) // len(letter))
    talk = bench.ask(words_of)
    asked = bench.mention(words_of)
    (reply,) = answered(bench.slack, CHANNEL, asked["ts"])
    assert said in words(reply["blocks"])
    assert said in command(bench.slack, bench.port, words_of[:100_000])[1]["text"]
    shortcut = {
        "type": "message_action", "callback_id": "khabar_check", "channel": {"id": CHANNEL},
        "message": {"ts": talk["ts"], "text": words_of[:100_000]}, "response_url": f"{bench.slack.address}/response/l1",
    }  # fmt: skip
    assert interact(bench.slack, bench.port, shortcut) == 200
    assert said in wait(lambda: bench.slack.responses["l1"])[0]["text"]
    assert bench.slack.replies(CHANNEL, talk["ts"]) == []
    with catalogue(bench) as rows:
        assert rows("SELECT max(length(payload)) FROM slack_tasks")[0][0] < 1000


def test_the_reply_to_a_question_of_more_than_2000_characters_says_that_it_is_too_long(bench: Bench) -> None:
    asked = bench.mention("who " * 600)
    assert "at most 2,000" in words(answered(bench.slack, CHANNEL, asked["ts"])[0]["blocks"])
    assert "at most 2,000" in command(bench.slack, bench.port, "watch " + "who " * 600)[1]["text"]


def test_slacks_first_call_is_answered_with_its_challenge(bench: Bench) -> None:
    body = json.dumps({"type": "url_verification", "token": "t", "challenge": "c-123"})
    status, said = post(bench.port, body, signed(body))
    assert status == 200
    assert b"c-123" in said


def test_nothing_of_messages_and_no_token_is_logged_above_debug(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        asked = bench.mention(f"{FLOOD} swordfish")
        answered(bench.slack, CHANNEL, asked["ts"])
        body = json.dumps(event(CHANNEL, bench.slack.say(CHANNEL, f"<@{ME}> swordfish?")))
        post(bench.port, body, signed(body, "wrong"))
        command(bench.slack, bench.port, "swordfish?", "C9AWAY")
        bench.settle()
    said = "\n".join(record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG)
    for secret in ("swordfish", BOT, SECRET):
        assert secret not in said
    assert BOT not in repr(Tokens(BOT, "", SECRET))


def test_the_words_of_a_question_are_gone_when_it_is_answered(bench: Bench) -> None:
    asked = bench.mention(FLOOD)
    answered(bench.slack, CHANNEL, asked["ts"])
    bench.settle()
    with catalogue(bench) as rows:
        assert rows("SELECT DISTINCT payload FROM slack_tasks") == [("",)]


def test_a_bot_that_stops_leaves_what_it_did_not_answer_to_the_next(start: Callable[..., Bench]) -> None:
    gate = threading.Event()

    def slow() -> str:
        gate.wait(60)
        return ""

    bench = start(Scripted(slow))
    root = bench.mention(FLOOD)["ts"]
    wait(lambda: bench.slack.statuses[CHANNEL, root])
    bench.bot.stop(0.1)
    again = Bot(bench.assistant, Tokens(BOT, "", SECRET))
    assert again.queue.pending_count() == 1
    gate.set()
    again.work()
    try:
        assert len(answered(bench.slack, CHANNEL, root)) == 1
    finally:
        again.stop(5)
