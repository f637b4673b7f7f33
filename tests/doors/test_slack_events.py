"""What an event, a command or a setting means, before anything is done; the manifest, the check, the command line."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_bench import event
from slack_blocks import Invalid, manifest_is_valid
from slack_socket import Sockets
from slack_web import ALL_SCOPES, APP, BOT, ME, SECRET, TEAM, Slack

from assistant.settings import load_settings
from assistant.slack import check, manifest, read_tokens
from assistant.slack.commands import read_command
from assistant.slack.events import Identity, plain_text, read_event
from assistant.slack.job import Job, decode, encode
from assistant.slack.manifest import SCOPES
from assistant.slack.permissions import Access, read_access
from ingest.errors import SettingsError

IDENTITY = Identity(TEAM, ME, "B0KHABAR")


def job(
    text: str, channel: str = "C1NEWS", takes_part: bool = False, kind: str = "message", **more: object
) -> Job | None:
    message = {"type": "message", "user": "U1", "text": text, "ts": "2.000000", **more}
    return read_event(event(channel, message, kind), IDENTITY, lambda conversation: takes_part)


def test_a_question_is_a_messages_words_without_slacks_marks() -> None:
    typed = f"<@{ME}|khabar> what &lt;did&gt; <https://x.example/a|the page> &amp; <#C1|news> say, <!here>?"
    assert plain_text(typed) == "what <did> the page & #news say, ?"


def test_a_mention_asks_in_the_thread_of_its_message() -> None:
    asked = job(f"<@{ME}> Who spoke?")
    assert asked == Job("ask", TEAM, "C1NEWS", "U1", "Who spoke?", "2.000000", "2.000000")
    assert asked == job(f"<@{ME}> Who spoke?", kind="app_mention")
    assert job(f"<@{ME}> Who spoke?", thread_ts="1.000000").thread == "1.000000"


@pytest.mark.parametrize(
    ("text", "takes_part", "asks"),
    [
        ("and when?", True, True),
        ("ومتى؟", True, True),
        ("and when?", False, False),
        ("thank you so much", True, False),
        ("شكرا جزيلا", True, False),
        ("<@U5> and you?", True, False),
        (":+1::skin-tone-2:", True, False),
        ("", True, False),
    ],
)
def test_a_follow_up_without_a_mention(text: str, takes_part: bool, asks: bool) -> None:
    assert (job(text, takes_part=takes_part, thread_ts="1.000000") is not None) is asks


def test_a_reply_that_is_sent_to_the_channel_too_and_a_file_with_words_are_questions() -> None:
    for subtype in ("thread_broadcast", "file_share"):
        assert job(f"<@{ME}> Who spoke?", subtype=subtype) is not None


@pytest.mark.parametrize(
    "text",
    [
        "<https://x.example/a> add this",
        "Please add this to the archive: <https://x.example/a|x.example/a>",
        "أضف هذا الخبر <https://x.example/a>",
        "اضفه من فضلك <https://x.example/a>",
    ],
)
def test_a_link_with_add_this_adds(text: str) -> None:
    added = job(f"<@{ME}> {text}")
    assert (added.kind, added.text) == ("add", "https://x.example/a")
    assert added.language == ("ar" if "ض" in text else "en")


@pytest.mark.parametrize("text", ["What does <https://x.example/a> add to this?", "add this", "<https://x.example/a>"])
def test_other_words_with_a_link_ask(text: str) -> None:
    assert job(f"<@{ME}> {text}").kind == "ask"


def test_the_team_of_a_guest_is_the_guests() -> None:
    assert job(f"<@{ME}> Who?", user_team="T9").team == "T9"


@pytest.mark.parametrize(
    ("typed", "name", "argument", "language"),
    [
        ("", "help", "", "en"),
        ("help", "help", "", "en"),
        ("مساعدة", "help", "", "ar"),
        ("Who spoke?", "ask", "Who spoke?", "en"),
        ("help for refugees in Marn", "ask", "help for refugees in Marn", "en"),
        ("watch Who spoke?", "watch", "Who spoke?", "en"),
        ("تابع من تحدث؟", "watch", "من تحدث؟", "ar"),
        ("unwatch 3", "unwatch", "3", "en"),
        ("brief", "brief", "", "en"),
        ("الموجز", "brief", "", "ar"),
    ],
)
def test_what_is_typed_behind_the_command(typed: str, name: str, argument: str, language: str) -> None:
    command = read_command(typed)
    assert (command.name, command.argument, command.language) == (name, argument, language)


def test_a_job_is_the_same_after_it_was_stored() -> None:
    asked = Job("ask", TEAM, "C1", "U1", "من تحدث؟\n", "1.0", "2.0", "https://x", "ar")
    assert decode(encode(asked)) == asked


def test_lists_are_ids_and_anything_else_is_an_error() -> None:
    access = read_access(
        load_settings(slack_teams="T1, T2", slack_channels="C1 G2", slack_users="U1;W2", slack_adders="U1")
    )
    assert access == Access(
        frozenset({"T1", "T2"}), frozenset({"C1", "G2"}), frozenset({"U1", "W2"}), frozenset({"U1"})
    )
    with pytest.raises(SettingsError, match="KHABAR_SLACK_USERS: @sam is no id"):
        read_access(load_settings(slack_users="@sam"))


def test_who_may_ask() -> None:
    assert Access().allows("T1", "C1", "U1", "T1")
    assert not Access().allows("T9", "C1", "U1", "T1")
    assert Access(teams=frozenset({"T9"})).allows("T9", "C1", "U1", "T1")
    assert Access(channels=frozenset({"C1"})).allows("T1", "D5", "U1", "T1")
    assert not Access(channels=frozenset({"C1"})).allows("T1", "C2", "U1", "T1")
    assert not Access(users=frozenset({"U1"})).allows("T1", "D5", "U2", "T1")
    assert not Access().may_add("U1")


def test_tokens_are_read_from_the_environment_and_a_wrong_one_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN is not set"):
        read_tokens(http=False)
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT)
    with pytest.raises(SettingsError, match="SLACK_APP_TOKEN is not set"):
        read_tokens(http=False)
    with pytest.raises(SettingsError, match="SLACK_SIGNING_SECRET is not set"):
        read_tokens(http=True)
    monkeypatch.setenv("SLACK_APP_TOKEN", "xoxp-swordfish")
    with pytest.raises(SettingsError, match="it begins with xapp-") as raised:
        read_tokens(http=False)
    assert "swordfish" not in str(raised.value)


@pytest.mark.parametrize("url", ["", "https://news.example/"])
def test_the_manifest_is_in_slacks_schema_and_asks_for_no_more_than_it_explains(url: str) -> None:
    made = json.loads(json.dumps(manifest(url)))
    manifest_is_valid(made)
    assert made["oauth_config"]["scopes"]["bot"] == sorted(SCOPES)
    assert set(SCOPES) == set(ALL_SCOPES.split(","))
    assert made["settings"]["socket_mode_enabled"] is not bool(url)


def test_a_manifest_that_slack_would_refuse_is_refused() -> None:
    made = json.loads(json.dumps(manifest()))
    for change in (
        {"unknown": 1},
        {"display_information": {"name": "x" * 36}},
        {"oauth_config": {"scopes": {"bot": ["chat:write", "everything"]}}},
        {"settings": made["settings"] | {"socket_mode_enabled": False}},
    ):
        with pytest.raises(Invalid):
            manifest_is_valid(made | change)
    with pytest.raises(SettingsError, match="https"):
        manifest("http://news.example")


# -- the command line ------------------------------------------------------------------------------------------------


def khabar(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "assistant.cli", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=120, env={**os.environ, **environment}
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[tuple[Slack, dict[str, str]]]:
    with Slack() as slack, Sockets() as sockets:
        slack.sockets = sockets.address
        yield slack, {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP, "KHABAR_SLACK_URL": slack.url}


def test_the_manifest_is_printed_without_tokens_or_archive() -> None:
    done = khabar("slack", "--manifest")
    assert done.returncode == 0
    manifest_is_valid(json.loads(done.stdout))
    done = khabar("slack", "--manifest", "--http", "--url", "https://news.example")
    assert json.loads(done.stdout)["settings"]["interactivity"]["request_url"] == "https://news.example/slack/events"
    done = khabar("slack", "--manifest", "--http")
    assert (done.returncode, "--url" in done.stderr) == (1, True)


def test_the_check_is_content_with_what_is_there(workspace: tuple[Slack, dict[str, str]], sample_archive: Path) -> None:
    done = khabar("--archive", str(sample_archive), "slack", "--check", **workspace[1])
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line[:4] for line in done.stdout.splitlines()] == ["ok  "] * 4
    assert "Newsroom" in done.stdout


def test_the_check_says_what_is_missing(workspace: tuple[Slack, dict[str, str]], tmp_path: Path) -> None:
    slack, environment = workspace
    slack.scopes = "chat:write,commands"
    done = khabar("--archive", str(tmp_path / "none"), "slack", "--check", **(environment | {"SLACK_APP_TOKEN": ""}))
    assert done.returncode == 1
    assert "no archive" in done.stdout
    assert "SLACK_APP_TOKEN is not set" in done.stdout
    assert "channels:history (read the thread" in done.stdout
    assert "chat:write (" not in done.stdout


def test_the_check_says_that_slack_does_not_take_a_token(workspace: tuple[Slack, dict[str, str]]) -> None:
    _, environment = workspace
    chosen = {"SLACK_BOT_TOKEN": "xoxb-swordfish", "SLACK_APP_TOKEN": "xapp-swordfish"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (environment | chosen).items():
            patch.setenv(name, value)
        found = [one for one in check(load_settings(), http=False) if not one.good]
    assert any("invalid_auth" in one.message for one in found)
    assert any("connections:write" in one.message for one in found)
    assert "swordfish" not in " ".join(one.message for one in found)


def test_a_bot_without_tokens_or_archive_does_not_start(tmp_path: Path) -> None:
    done = khabar("--archive", str(tmp_path / "none"), "slack")
    assert (done.returncode, "SLACK_BOT_TOKEN is not set" in done.stderr) == (1, True)
    tokens = {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP}
    done = khabar("--archive", str(tmp_path / "none"), "slack", **tokens)
    assert (done.returncode, "there is no archive" in done.stderr) == (1, True)


def test_the_command_answers_over_http_until_it_is_stopped(
    workspace: tuple[Slack, dict[str, str]], sample_archive: Path, tmp_path: Path
) -> None:
    import shutil
    import signal
    import socket

    from slack_bench import answered, deliver, wait

    slack, environment = workspace
    slack.channel("C1NEWS")
    folder = shutil.copytree(sample_archive, tmp_path / "archive")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "assistant.cli", "--archive", str(folder), "slack", "--http", "--port", str(port)]
    chosen = {**os.environ, **environment, "SLACK_SIGNING_SECRET": SECRET}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=chosen)
    try:
        assert "answering in Slack" in process.stderr.readline()
        message = slack.say("C1NEWS", f"<@{ME}> How many people were injured in the flood of Port Oskara?")
        assert wait(lambda: deliver(port, event("C1NEWS", message))) == 200
        answered(slack, "C1NEWS", message["ts"])
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(30)
        said = process.stderr.read()
        process.stderr.close()
    assert status == 0, said
    assert "Traceback" not in said
