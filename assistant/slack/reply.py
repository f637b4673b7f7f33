"""The answer in its thread, as it grows: streamed; or where Slack does not stream, one message updated in place.

Before anything is posted the task must still be ours. What Slack broke off in is looked up in the thread before it is
posted again, and whoever takes a task over writes on in the messages that he finds, so a reader sees one answer.
"""

import logging
import time
from collections.abc import Callable, Sequence

from assistant.answer import Answer
from assistant.slack.blocks import Block, Page, Part, metadata, spans, tail
from assistant.slack.events import Identity
from assistant.slack.job import Job
from assistant.slack.thread import Own, own, read_thread
from assistant.slack.web import Refused, SlackError, Unsure, Web
from ingest.archive import Desk, Task

log = logging.getLogger(__name__)

PACE = 1.2  # seconds between two updates of one message; Slack allows about one a second
_OVER = frozenset({"message_not_in_streaming_state", "message_not_found", "msg_too_long", "streaming_mode_mismatch"})
_ATTEMPTS = 3


class LeaseLost(Exception):
    """Another process has taken the task over."""


class Reply:
    """The reply to one task.

    Args:
        web: Slack.
        desk: where the task is held.
        owner: who holds it.
        task: what is answered.
        job: what it asks; its thread is where the reply goes.
        me: the bot.
        clock: seconds that only grow.
    """

    def __init__(
        self, web: Web, desk: Desk, owner: str, task: Task, job: Job, me: Identity,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._web, self._desk, self._owner, self._task, self._job, self._me = web, desk, owner, task, job, me
        self._clock = clock
        self._page = Page()
        self._number = 0
        self._ts = ""  # of the page's message
        self._streams = True  # whether this page is streamed
        self._may_stream = True  # whether Slack streams here at all
        self._waits = False  # whether nothing is sent before the end
        self._shown = -PACE  # when the page was last sent, in update mode
        self._noted = task.reply
        self._old: list[str] = []  # messages of an earlier try, to be written on in
        self._status = ""

    # -- what was there before -----------------------------------------------------------------------------------

    def resume(self, messages: Sequence[dict[str, object]]) -> bool:
        """Find what an earlier try has posted.

        Args:
            messages: of the thread.

        Returns:
            Whether the task is answered already.
        """
        found = self._mine(messages)
        if any(one.done for one in found):
            return True
        self._old = [one.ts for one in found]
        for ts in self._old:  # a stream that nobody ends cannot be updated
            self._end_quietly(ts)
        return False

    def _mine(self, messages: Sequence[dict[str, object]]) -> list[Own]:
        """Messages of this task: those that say so, and streams broken off before they could."""
        others = self._desk.replies(self._job.conversation, self._task.key)
        found = own(messages, self._me)
        mine = [one for one in found if one.task == self._task.key]
        mine += [one for one in found if not one.task and one.ts > self._job.ts and one.ts not in others]
        return sorted(mine, key=lambda one: (one.ts, one.page))

    def _end_quietly(self, ts: str) -> None:
        try:
            self._web.call("chat.stopStream", channel=self._job.channel, ts=ts)
        except SlackError as error:
            log.debug("a stream was over: %s", error)

    # -- what is said --------------------------------------------------------------------------------------------

    def status(self, words: str) -> None:
        """Say what is being done; "" takes it away. Where Slack shows no status, nothing happens."""
        if words == self._status:
            return
        try:
            self._web.call(
                "assistant.threads.setStatus", channel_id=self._job.channel, thread_ts=self._job.thread, status=words
            )
            self._status = words
        except SlackError as error:
            log.debug("no status: %s", error)

    def add(self, part: Part, language: str) -> None:
        """Say one thing more.

        Args:
            part: what is said.
            language: of the question, for the word that the answer goes on below.

        Raises:
            SlackError: Slack does not take it.
            LeaseLost: another process answers.
        """
        if not self._page.fits(part):
            self._close(language, last=False)
            self._page, self._ts, self._number = Page(), "", self._number + 1
            self._streams = self._may_stream
        self._page.parts.append(part)
        self._send(part)

    def end(self, question: str, language: str, answer: Answer | None) -> None:
        """The answer is whole.

        Args:
            question: for the buttons.
            language: of the question.
            answer: the whole of it; None for what can't be judged.

        Raises:
            SlackError: Slack does not take it.
            LeaseLost: another process answers.
        """
        self._close(language, last=True, answer=answer, question=question)
        for ts in self._old:  # pages that this try has no words for
            try:
                self._web.call("chat.delete", channel=self._job.channel, ts=ts)
            except SlackError as error:
                log.debug("a page is left over: %s", error)
        self.status("")

    def whole(self, part: Part, question: str, language: str, answer: Answer | None) -> None:
        """Say all of it in one message."""
        self.in_one()
        self.add(part, language)
        self.end(question, language, answer)

    def in_one(self) -> None:
        """What is said from now on comes in one message, when it ends; unless something stands there already."""
        if not self._ts:
            self._streams = self._may_stream = False
            self._waits = True

    @property
    def begun(self) -> bool:
        """Whether a reader has seen anything of it."""
        return bool(self._ts)

    # -- how it gets there ---------------------------------------------------------------------------------------

    def _send(self, part: Part) -> None:
        """Show the page with its new part."""
        if self._waits:
            return
        self._reuse()
        if not self._streams:
            self._update_at_pace()
        elif not self._ts:
            self._start(part)
        else:
            self._append(part)

    def _start(self, part: Part) -> None:
        self._hold()
        arguments = {
            "channel": self._job.channel,
            "thread_ts": self._job.thread,
            "recipient_team_id": self._job.team or None,
            "recipient_user_id": self._job.user or None,
            "chunks": [_chunk(part.blocks)],
        }
        for _ in range(_ATTEMPTS):
            try:
                self._note(str(self._web.call("chat.startStream", **arguments)["ts"]))
                return
            except Refused as refused:
                log.debug("no stream: %s", refused)
                self._streams = self._may_stream = False
                return self._update_at_pace()
            except Unsure as unsure:
                log.debug("%s", unsure)
                if self._adopted():
                    return self._update_at_pace()
        raise SlackError("Slack did not take chat.startStream")

    def _append(self, part: Part) -> None:
        self._hold()
        try:
            self._web.call("chat.appendStream", channel=self._job.channel, ts=self._ts, chunks=[_chunk(part.blocks)])
        except (Refused, Unsure) as error:  # over, or perhaps appended already: the whole page is sent instead
            log.debug("the stream is over: %s", error)
            self._end_quietly(self._ts)
            self._streams = False
            self._update_at_pace()

    def _update_at_pace(self) -> None:
        """Send the page, unless it was sent a moment ago; what is left out comes with the next or at the end."""
        if not self._ts:
            self._post(self._page.blocks, done=False)
        elif self._clock() - self._shown >= PACE:
            self._update(self._page.blocks, done=False)

    def _close(self, language: str, last: bool, answer: Answer | None = None, question: str = "") -> None:
        """End the page's message, with what stands below it."""
        below = tail(self._page, language, last, answer, question)
        self._hold()
        self._reuse()
        if self._streams and self._ts:
            try:
                self._web.call(
                    "chat.stopStream", channel=self._job.channel, ts=self._ts, blocks=below or None,
                    metadata=self._metadata(last),
                )  # fmt: skip
                return
            except (Refused, Unsure) as error:
                log.debug("the stream is over: %s", error)
                self._end_quietly(self._ts)
        if self._ts:
            self._update([*self._page.blocks, *below], done=last)
        else:
            self._post([*self._page.blocks, *below], done=last)

    def _reuse(self) -> None:
        """Write a new page in a message of an earlier try, if there is one left."""
        if self._old and not self._ts:
            self._streams = False
            self._note(self._old.pop(0))

    def _post(self, blocks: list[Block], done: bool) -> None:
        self._hold()
        for _ in range(_ATTEMPTS):
            try:
                got = self._web.call(
                    "chat.postMessage", channel=self._job.channel, thread_ts=self._job.thread, text=self._page.text,
                    blocks=blocks, metadata=self._metadata(done), mrkdwn=False, unfurl_links=False, unfurl_media=False,
                )  # fmt: skip
                self._shown = self._clock()
                return self._note(str(got["ts"]))
            except Unsure as unsure:
                log.debug("%s", unsure)
                if self._adopted():
                    return self._update(blocks, done)
        raise SlackError("Slack did not take chat.postMessage")

    def _update(self, blocks: list[Block], done: bool) -> None:
        self._hold()
        self._shown = self._clock()
        self._web.call(
            "chat.update", channel=self._job.channel, ts=self._ts, text=self._page.text, blocks=blocks,
            metadata=self._metadata(done),
        )  # fmt: skip

    def _adopted(self) -> bool:
        """Whether a message that Slack broke off in is there after all; then it is written on in."""
        known = set(self._noted.split())
        messages = read_thread(self._web, self._job.channel, self._job.thread)
        new = [one.ts for one in self._mine(messages) if one.ts not in known]
        if not new:
            return False
        self._end_quietly(new[0])
        self._streams = False
        self._note(new[0])
        return True

    def _note(self, ts: str) -> None:
        self._ts = ts
        self._noted = " ".join(dict.fromkeys([*self._noted.split(), ts]))
        self._desk.note_reply(self._task.key, self._owner, self._noted)

    def _hold(self) -> None:
        if not self._desk.holds(self._task.key, self._owner):
            raise LeaseLost

    def _metadata(self, done: bool) -> dict[str, object]:
        return metadata(
            "answer",
            {
                "task": self._task.key, "question": self._job.ts, "page": self._number, "done": done,
                "quotes": spans(self._page.quotes),
            },
        )  # fmt: skip


def _chunk(blocks: Sequence[Block]) -> dict[str, object]:
    return {"type": "blocks", "blocks": list(blocks)}
