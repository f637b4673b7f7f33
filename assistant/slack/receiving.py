"""What Slack sends -> a task on the desk, or an answer at once. It reads and writes the desk, and nothing slower.

What comes back here is what Slack gets, within its 3 seconds. A question is acknowledged when it is safe on the desk;
if it cannot be put there, it is not acknowledged, and Slack sends it again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from assistant.slack.access import Access
from assistant.slack.blocks import AGAIN, JUDGE, SHOW, Page, line
from assistant.slack.commands import Command, read_command
from assistant.slack.events import Identity, question, read_event
from assistant.slack.job import Job, written
from assistant.slack.manifest import CHECK, COMMAND
from assistant.slack.windows import REASON, Windows, judged
from ingest.archive import Desk
from prompts import phrase

log = logging.getLogger(__name__)

DOOR = "slack"
"""What feedback is noted under."""

NoteFeedback = Callable[[str, bool, str, str], None]
"""Keeps what a reader thinks of an answer: question, useful, reason, door."""

_WATCHES = 40  # that are listed


@dataclass(frozen=True, slots=True)
class Response:
    """What Slack gets at once; an empty body is a bare acknowledgement."""

    status: int = 200
    body: dict[str, Any] | None = None


class Receiving:
    """Receives for one bot. Any thread may call it.

    Args:
        desk: where tasks are put.
        me: the bot.
        access: who may use it.
        windows: opens what only a person who clicks can see.
        wake: called when there is a task.
        note_feedback: keeps judgements.
        start: called with a channel whose reader has opened the agent view.
    """

    def __init__(
        self, desk: Desk, me: Identity, access: Access, windows: Windows, wake: Callable[[], None],
        note_feedback: NoteFeedback, start: Callable[[Job], None],
    ) -> None:  # fmt: skip
        self._desk, self._me, self._access, self._windows = desk, me, access, windows
        self._wake, self._note_feedback, self._start = wake, note_feedback, start

    def receive(self, body: dict[str, Any]) -> Response:
        """Take one payload of Slack: an event, a command, a shortcut, a button, a form.

        Raises:
            ArchiveError: the desk does not answer: not to be acknowledged.
        """
        kind = str(body.get("type") or "")
        if kind == "event_callback":
            return self._event(body)
        if "command" in body:
            return self._command(body)
        if kind == "message_action":
            return self._shortcut(body)
        if kind == "block_actions":
            return self._clicked(body)
        if kind == "view_submission":
            return self._submitted(body)
        log.debug("not for us: %s", kind)
        return Response()

    def _put(self, job: Job, key: str, place: str, event: str = "", conversation: str = "") -> None:
        if self._desk.put(key, conversation or job.conversation, place, written(job), event):
            self._wake()

    def _allowed(self, job: Job) -> bool:
        return self._access.allows(job.team, job.channel, job.user, self._me.team)

    def _event(self, body: dict[str, Any]) -> Response:
        job = read_event(body, self._me, self._desk.takes_part)
        if job is None or not self._allowed(job):
            return Response()
        if job.kind == "start":
            self._start(job)
            return Response()
        if job.kind == "add" and not self._access.may_add(job.user):
            job = replace(job, text="")  # answered, and nothing is read
        self._put(job, f"message:{job.channel}:{job.ts}", job.ts, str(body.get("event_id") or ""))
        return Response()

    # -- commands and shortcuts ----------------------------------------------------------------------------------

    def _command(self, body: dict[str, Any]) -> Response:
        typed = read_command(str(body.get("text") or ""))
        job = Job(
            "ask", str(body.get("team_id") or ""), str(body.get("channel_id") or ""), str(body.get("user_id") or ""),
            typed.rest, address=str(body.get("response_url") or ""), language=typed.language,
        )  # fmt: skip
        if not self._allowed(job):
            return _aside(phrase("slack_not_allowed", typed.language))
        match typed.name:
            case "help":
                return _aside("\n\n".join(phrase("slack_help", spoken, command=COMMAND) for spoken in _both(typed)))
            case "watches":
                return self._watches(job)
            case "unwatch":
                return self._unwatch(job, typed)
        if typed.name != "brief" and not any(character.isalnum() for character in typed.rest):
            return _aside(phrase("slack_no_question", typed.language))
        kind: Any = {"ask": "slash", "watch": "watch", "brief": "brief"}[typed.name]
        asked = Job(kind, job.team, job.channel, job.user, job.text, address=job.address, language=job.language)
        trigger = str(body.get("trigger_id") or "")
        self._put(asked, f"command:{trigger}", trigger, conversation=f"command:{trigger}")
        return Response()

    def _watches(self, job: Job) -> Response:
        kept = self._desk.watches(job.channel)
        if not kept:
            return _aside(phrase("slack_no_watches", job.language))
        lines = [f"{watch.number}. {watch.question}" for watch in kept[:_WATCHES]]
        return _aside("\n".join([phrase("slack_watches", job.language), *lines]))

    def _unwatch(self, job: Job, typed: Command) -> Response:
        wanted = typed.rest.strip(" .#")
        kept = self._desk.watches(job.channel)
        found = [watch for watch in kept if wanted in (str(watch.number), watch.question)]
        if not wanted.isdecimal() and not found:
            return _aside(phrase("slack_which_watch", job.language, command=COMMAND))
        number = found[0].number if found else int(wanted)
        done = self._desk.unwatch(job.channel, number)
        name = "slack_unwatched" if done else "slack_no_such_watch"
        return _aside(phrase(name, job.language, number=str(number)))

    def _shortcut(self, body: dict[str, Any]) -> Response:
        message, channel = body.get("message") or {}, str((body.get("channel") or {}).get("id") or "")
        if body.get("callback_id") != CHECK or not message.get("ts"):
            return Response()
        ts = str(message["ts"])
        job = Job(
            "ask", _team(body), channel, _user(body), question(str(message.get("text") or "")),
            str(message.get("thread_ts") or ts), ts, address=str(body.get("response_url") or ""),
        )  # fmt: skip
        if self._allowed(job):
            self._put(job, f"shortcut:{body.get('trigger_id')}", ts)
        return Response()

    # -- buttons and forms ---------------------------------------------------------------------------------------

    def _clicked(self, body: dict[str, Any]) -> Response:
        channel = str((body.get("channel") or {}).get("id") or (body.get("container") or {}).get("channel_id") or "")
        message = body.get("message") or {}
        ts = str(message.get("ts") or "")
        job = Job("ask", _team(body), channel, _user(body), thread=str(message.get("thread_ts") or ts), ts=ts)
        if not self._allowed(job):
            return Response()
        for action in body.get("actions") or ():
            name, value = str(action.get("action_id") or ""), str(action.get("value") or "")
            trigger = str(body.get("trigger_id") or "")
            if name.startswith(SHOW):
                self._windows.show(trigger, value)
            elif name == AGAIN and ts:
                again = Job("again", job.team, channel, job.user, value, job.thread, ts)
                self._put(again, f"again:{channel}:{ts}", ts)
            elif name == JUDGE and value.startswith("+"):
                self._note_feedback(value[1:], True, "", DOOR)
            elif name == JUDGE:
                self._windows.ask_why(trigger, value[1:])
        return Response()

    def _submitted(self, body: dict[str, Any]) -> Response:
        view = body.get("view") or {}
        if view.get("callback_id") == REASON and self._access.allows(_team(body), "D", _user(body), self._me.team):
            asked, reason = judged(view)
            self._note_feedback(asked, False, reason, DOOR)
        return Response()


def _team(body: dict[str, Any]) -> str:
    user = body.get("user") or {}
    return str(user.get("team_id") or (body.get("team") or {}).get("id") or "")


def _user(body: dict[str, Any]) -> str:
    return str((body.get("user") or {}).get("id") or "")


def _both(typed: Command) -> tuple[str, str]:
    return ("ar", "en") if typed.language == "ar" else ("en", "ar")


def _aside(words: str) -> Response:
    """To the one who typed it, alone."""
    page = Page([line("note", words)])
    return Response(200, {"response_type": "ephemeral", "text": page.text, "blocks": page.blocks})
