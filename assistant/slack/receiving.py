"""What Slack sends becomes a task in the queue, or is answered at once; nothing here is slower than the queue.

Slack gets the returned response and wants it within 3 seconds. A question is acknowledged once it is safe in the queue;
if it cannot be enqueued it is not acknowledged, and Slack sends it again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from assistant.answer import LONGEST
from assistant.messages import phrase
from assistant.slack.blocks import AGAIN, JUDGE, SHOW, Page, line
from assistant.slack.commands import Command, read_command
from assistant.slack.events import Identity, overlong_job, plain_text, read_event
from assistant.slack.job import Job, encode
from assistant.slack.limits import TEXT, VALUE
from assistant.slack.manifest import CHECK, COMMAND
from assistant.slack.modals import REASON, Modals, read_reason
from assistant.slack.payload import UNKNOWN_ID, id_at, object_at, objects_at, text_at
from assistant.slack.permissions import Access
from assistant.slack.queue import Queue
from assistant.slack.rich_text import shortened

log = logging.getLogger(__name__)

DOOR = "slack"
"""The door under which feedback is recorded."""

RecordFeedback = Callable[[str, bool, str, str], None]
"""Records what a reader thinks of an answer: question, useful, reason, door."""

_MAX_WATCHES = 40  # that are listed
_MAX_KEY = 200  # characters of Slack's id of an event or a click
_MAX_DIGITS = 18  # of a watch's number: SQLite's integers hold them


@dataclass(frozen=True, slots=True)
class Response:
    """The response to a call of Slack; without a body it only acknowledges."""

    status: int = 200
    body: dict[str, Any] | None = None


class Receiving:
    """Receives payloads for one bot. Safe for several threads.

    Args:
        queue: where tasks are enqueued.
        bot: the bot's own ids.
        access: who may use it.
        modals: opens modals for those who click.
        wake: called after a task was enqueued.
        record_feedback: records judgements of answers.
        start: called when a user has opened the agent view.
    """

    def __init__(
        self, queue: Queue, bot: Identity, access: Access, modals: Modals, wake: Callable[[], None],
        record_feedback: RecordFeedback, start: Callable[[Job], object],
    ) -> None:  # fmt: skip
        self._queue, self._bot, self._access, self._modals = queue, bot, access, modals
        self._wake, self._record_feedback, self._start = wake, record_feedback, start

    def receive(self, body: dict[str, Any]) -> Response:
        """Receive one payload: an event, a command, a shortcut, a click or a form.

        Raises:
            ArchiveError: the queue does not answer; the payload must not be acknowledged.
        """
        kind = text_at(body, "type")
        if kind == "event_callback":
            return self._event(body)
        if "command" in body:
            return self._command(body)
        if kind == "message_action":
            return self._shortcut(body)
        if kind == "block_actions":
            return self._click(body)
        if kind == "view_submission":
            return self._form(body)
        log.debug("ignored a payload of type %s", kind)
        return Response()

    def _enqueue(self, job: Job, key: str, position: str, event: str = "", conversation: str = "") -> None:
        if self._queue.enqueue(key, conversation or job.conversation, position, encode(job), event):
            self._wake()

    def _is_allowed(self, job: Job) -> bool:
        return self._access.allows(job.team, job.channel, job.user, self._bot.team)

    def _event(self, body: dict[str, Any]) -> Response:
        job = read_event(body, self._bot, self._queue.has_conversation)
        if job is None or not self._is_allowed(job):
            return Response()
        if job.kind == "start":
            self._start(job)
            return Response()
        if job.kind == "add" and not self._access.may_add(job.user):
            job = replace(job, text="")  # the reply says that the user may not add
        self._enqueue(job, f"message:{job.channel}:{job.ts}", job.ts, _delivery_id(body, "event_id"))
        return Response()

    # -- commands and shortcuts ----------------------------------------------------------------------------------

    def _command(self, body: dict[str, Any]) -> Response:
        text = text_at(body, "text")
        command = read_command(text[:TEXT])
        language = command.language
        job = Job(
            "ask", id_at(body, "team_id"), id_at(body, "channel_id"), id_at(body, "user_id") or UNKNOWN_ID,
            command.argument, address=text_at(body, "response_url"), language=language,
        )  # fmt: skip
        if not self._is_allowed(job):
            return _private(phrase("slack_not_allowed", language))
        if len(text) > TEXT or len(command.argument) > LONGEST:
            return _private(phrase("slack_long_question", language, most=f"{LONGEST:,}"))
        match command.name:
            case "help":
                languages = ("ar", "en") if language == "ar" else ("en", "ar")
                return _private("\n\n".join(phrase("slack_help", one, command=COMMAND) for one in languages))
            case "watches":
                return self._list_watches(job)
            case "unwatch":
                return self._remove_watch(job, command)
        if command.name != "brief" and not any(character.isalnum() for character in command.argument):
            return _private(phrase("slack_no_question", language))
        kind: Any = {"ask": "slash", "watch": "watch", "brief": "brief"}[command.name]
        key = f"command:{_delivery_id(body, 'trigger_id')}"
        self._enqueue(replace(job, kind=kind), key, _delivery_id(body, "trigger_id"), conversation=key)
        return Response()

    def _list_watches(self, job: Job) -> Response:
        watches = self._queue.watches(job.channel)
        if not watches:
            return _private(phrase("slack_no_watches", job.language))
        lines = [f"{watch.number}. {watch.question}" for watch in watches[:_MAX_WATCHES]]
        return _private("\n".join([phrase("slack_watches", job.language), *lines]))

    def _remove_watch(self, job: Job, command: Command) -> Response:
        """Remove the watch that the command names by its number or its question."""
        name = command.argument.strip(" .#")
        number = int(name) if name.isdecimal() and len(name) <= _MAX_DIGITS else 0
        watches = self._queue.watches(job.channel)
        found = next((watch.number for watch in watches if watch.number == number or watch.question == name), 0)
        if found and self._queue.remove_watch(job.channel, found):
            return _private(phrase("slack_unwatched", job.language, number=str(found)))
        if found or name.isdecimal():
            return _private(phrase("slack_no_such_watch", job.language, number=shortened(name, _MAX_DIGITS)))
        return _private(phrase("slack_which_watch", job.language, command=COMMAND))

    def _shortcut(self, body: dict[str, Any]) -> Response:
        message = object_at(body, "message")
        ts, text = id_at(message, "ts"), text_at(message, "text")
        if body.get("callback_id") != CHECK or not ts:
            return Response()
        job = Job(
            "ask", _team(body), id_at(body, "channel", "id"), _user(body), plain_text(text),
            id_at(message, "thread_ts") or ts, ts, address=text_at(body, "response_url"),
        )  # fmt: skip
        if self._is_allowed(job):
            job = overlong_job(job, text) if len(text) > TEXT or len(job.text) > LONGEST else job
            self._enqueue(job, f"shortcut:{_delivery_id(body, 'trigger_id')}", ts)
        return Response()

    # -- buttons and forms ---------------------------------------------------------------------------------------

    def _click(self, body: dict[str, Any]) -> Response:
        channel = id_at(body, "channel", "id") or id_at(body, "container", "channel_id")
        message, trigger = object_at(body, "message"), _delivery_id(body, "trigger_id")
        ts = id_at(message, "ts")
        job = Job("ask", _team(body), channel, _user(body), thread=id_at(message, "thread_ts") or ts, ts=ts)
        if not self._is_allowed(job):
            return Response()
        for action in objects_at(body, "actions"):
            name, value = text_at(action, "action_id"), text_at(action, "value")[:VALUE]
            if name.startswith(SHOW):
                self._modals.show_article(trigger, value)
            elif name == AGAIN and ts:
                self._enqueue(replace(job, kind="again", text=value), f"again:{channel}:{ts}", ts)
            elif name == JUDGE and value.startswith("+"):
                self._record_feedback(value[1:], True, "", DOOR)
            elif name == JUDGE:
                self._modals.ask_reason(trigger, value[1:])
        return Response()

    def _form(self, body: dict[str, Any]) -> Response:
        view = object_at(body, "view")
        if view.get("callback_id") == REASON and self._access.allows(_team(body), "D", _user(body), self._bot.team):
            question, reason = read_reason(view)
            self._record_feedback(question, False, reason, DOOR)
        return Response()


def _delivery_id(body: dict[str, Any], name: str) -> str:
    """Slack's id of an event or a click, the same when it is sent again."""
    return text_at(body, name)[:_MAX_KEY]


def _team(body: dict[str, Any]) -> str:
    team = object_at(body, "user").get("team_id") or object_at(body, "team").get("id")
    return (id_at({"id": team}, "id") or UNKNOWN_ID) if team else ""


def _user(body: dict[str, Any]) -> str:
    return id_at(body, "user", "id") or UNKNOWN_ID


def _private(text: str) -> Response:
    """A reply that only the user who typed the command sees."""
    page = Page([line("note", text)])
    return Response(200, {"response_type": "ephemeral", "text": page.text, "blocks": page.blocks})
