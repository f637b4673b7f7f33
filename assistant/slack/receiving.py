"""What Slack sends -> a task on the queue, or an answer at once. It reads and writes the queue, and nothing slower.

What comes back here is what Slack gets, within its 3 seconds. A question is acknowledged when it is safe on the desk;
if it cannot be put there, it is not acknowledged, and Slack sends it again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from assistant.answer import LONGEST
from assistant.messages import phrase
from assistant.slack.access import Access
from assistant.slack.blocks import AGAIN, JUDGE, SHOW, Page, line
from assistant.slack.commands import Command, read_command
from assistant.slack.events import NOBODY, Identity, name_of, part, parts, question, read_event, text, too_long
from assistant.slack.job import Job, written
from assistant.slack.limits import TEXT, VALUE
from assistant.slack.manifest import CHECK, COMMAND
from assistant.slack.modals import REASON, Windows, judged
from assistant.slack.queue import Queue
from assistant.slack.rich_text import cut

log = logging.getLogger(__name__)

DOOR = "slack"
"""What feedback is noted under."""

NoteFeedback = Callable[[str, bool, str, str], None]
"""Keeps what a reader thinks of an answer: question, useful, reason, door."""

_WATCHES = 40  # that are listed
_KEY = 200  # characters of Slack's name for an event or a click
_DIGITS = 18  # of a watch's number: what the catalogue holds


@dataclass(frozen=True, slots=True)
class Response:
    """What Slack gets at once; an empty body is a bare acknowledgement."""

    status: int = 200
    body: dict[str, Any] | None = None


class Receiving:
    """Receives for one bot. Any thread may call it.

    Args:
        queue: where tasks are put.
        me: the bot.
        access: who may use it.
        windows: opens what only a person who clicks can see.
        wake: called when there is a task.
        note_feedback: keeps judgements.
        start: called with a channel whose reader has opened the agent view.
    """

    def __init__(
        self, queue: Queue, me: Identity, access: Access, windows: Windows, wake: Callable[[], None],
        note_feedback: NoteFeedback, start: Callable[[Job], None],
    ) -> None:  # fmt: skip
        self._queue, self._me, self._access, self._windows = queue, me, access, windows
        self._wake, self._note_feedback, self._start = wake, note_feedback, start

    def receive(self, body: dict[str, Any]) -> Response:
        """Take one payload of Slack: an event, a command, a shortcut, a button, a form.

        Raises:
            ArchiveError: the queue does not answer: not to be acknowledged.
        """
        kind = text(body, "type")
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
        if self._queue.enqueue(key, conversation or job.conversation, place, written(job), event):
            self._wake()

    def _allowed(self, job: Job) -> bool:
        return self._access.allows(job.team, job.channel, job.user, self._me.team)

    def _event(self, body: dict[str, Any]) -> Response:
        job = read_event(body, self._me, self._queue.has_conversation)
        if job is None or not self._allowed(job):
            return Response()
        if job.kind == "start":
            self._start(job)
            return Response()
        if job.kind == "add" and not self._access.may_add(job.user):
            job = replace(job, text="")  # answered, and nothing is read
        self._put(job, f"message:{job.channel}:{job.ts}", job.ts, _key(body, "event_id"))
        return Response()

    # -- commands and shortcuts ----------------------------------------------------------------------------------

    def _command(self, body: dict[str, Any]) -> Response:
        said = text(body, "text")
        typed = read_command(said[:TEXT])
        job = Job(
            "ask", name_of(body, "team_id"), name_of(body, "channel_id"), name_of(body, "user_id") or NOBODY,
            typed.rest, address=text(body, "response_url"), language=typed.language,
        )  # fmt: skip
        if not self._allowed(job):
            return _aside(phrase("slack_not_allowed", typed.language))
        if len(said) > TEXT or len(typed.rest) > LONGEST:
            return _aside(phrase("slack_long_question", typed.language, most=f"{LONGEST:,}"))
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
        trigger = _key(body, "trigger_id")
        self._put(asked, f"command:{trigger}", trigger, conversation=f"command:{trigger}")
        return Response()

    def _watches(self, job: Job) -> Response:
        kept = self._queue.watches(job.channel)
        if not kept:
            return _aside(phrase("slack_no_watches", job.language))
        lines = [f"{watch.number}. {watch.question}" for watch in kept[:_WATCHES]]
        return _aside("\n".join([phrase("slack_watches", job.language), *lines]))

    def _unwatch(self, job: Job, typed: Command) -> Response:
        wanted = typed.rest.strip(" .#")
        number = int(wanted) if wanted.isdecimal() and len(wanted) <= _DIGITS else 0
        kept = self._queue.watches(job.channel)
        found = next((watch.number for watch in kept if watch.number == number or watch.question == wanted), 0)
        if found and self._queue.remove_watch(job.channel, found):
            return _aside(phrase("slack_unwatched", job.language, number=str(found)))
        if found or wanted.isdecimal():
            return _aside(phrase("slack_no_such_watch", job.language, number=cut(wanted, _DIGITS)))
        return _aside(phrase("slack_which_watch", job.language, command=COMMAND))

    def _shortcut(self, body: dict[str, Any]) -> Response:
        message = part(body, "message")
        ts, said = name_of(message, "ts"), text(message, "text")
        if body.get("callback_id") != CHECK or not ts:
            return Response()
        job = Job(
            "ask", _team(body), name_of(body, "channel", "id"), _user(body), question(said),
            name_of(message, "thread_ts") or ts, ts, address=text(body, "response_url"),
        )  # fmt: skip
        if self._allowed(job):
            job = too_long(job, said) if len(said) > TEXT or len(job.text) > LONGEST else job
            self._put(job, f"shortcut:{_key(body, 'trigger_id')}", ts)
        return Response()

    # -- buttons and forms ---------------------------------------------------------------------------------------

    def _clicked(self, body: dict[str, Any]) -> Response:
        channel = name_of(body, "channel", "id") or name_of(body, "container", "channel_id")
        message, trigger = part(body, "message"), _key(body, "trigger_id")
        ts = name_of(message, "ts")
        job = Job("ask", _team(body), channel, _user(body), thread=name_of(message, "thread_ts") or ts, ts=ts)
        if not self._allowed(job):
            return Response()
        for action in parts(body, "actions"):
            name, value = text(action, "action_id"), text(action, "value")[:VALUE]
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
        view = part(body, "view")
        if view.get("callback_id") == REASON and self._access.allows(_team(body), "D", _user(body), self._me.team):
            asked, reason = judged(view)
            self._note_feedback(asked, False, reason, DOOR)
        return Response()


def _key(body: dict[str, Any], name: str) -> str:
    """Slack's name for what it sends, by which a repetition is known."""
    return text(body, name)[:_KEY]


def _team(body: dict[str, Any]) -> str:
    team = part(body, "user").get("team_id") or part(body, "team").get("id")
    return (name_of({"id": team}, "id") or NOBODY) if team else ""


def _user(body: dict[str, Any]) -> str:
    return name_of(body, "user", "id") or NOBODY


def _both(typed: Command) -> tuple[str, str]:
    return ("ar", "en") if typed.language == "ar" else ("en", "ar")


def _aside(words: str) -> Response:
    """To the one who typed it, alone."""
    page = Page([line("note", words)])
    return Response(200, {"response_type": "ephemeral", "text": page.text, "blocks": page.blocks})
