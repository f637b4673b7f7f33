"""The answer in its thread, as it grows: streamed where Slack streams and its rates leave room, else in one message.

Before anything is posted the task must still be ours. What Slack broke off in is looked up in the thread before it is
posted again, and whoever takes a task over writes on in the messages that he finds, so a reader sees one answer.
"""

import logging
import threading
from collections.abc import Sequence

from assistant.answer import Answer
from assistant.slack.blocks import Block, Page, Part, metadata, spans, tail
from assistant.slack.events import Identity
from assistant.slack.job import Job
from assistant.slack.limits import RATES, STATUS
from assistant.slack.queue import Queue, Task
from assistant.slack.thread import Own, own, read_thread
from assistant.slack.web_api import Busy, Refused, SlackError, Unsure, Web

log = logging.getLogger(__name__)

PACE = 1.2  # seconds between two updates of one message; Slack allows about one a second
_SPARE = RATES["chat.update"] // 2  # updates a minute that are kept for what ends an answer
_RENEWED = STATUS / 2  # seconds after which a status is said again
_ATTEMPTS = 3
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_BLOCKS = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "invalid_arguments"}
)  # Slack does not say what it does not like


class LeaseLost(Exception):
    """Another process has taken the task over."""


class Reply:
    """The reply to one task.

    Args:
        web: Slack.
        queue: where the task is held.
        owner: who holds it.
        task: what is answered.
        job: what it asks; its thread is where the reply goes.
        me: the bot.
    """

    def __init__(self, web: Web, queue: Queue, owner: str, task: Task, job: Job, me: Identity) -> None:
        self._web, self._queue, self._owner, self._task, self._job, self._me = web, queue, owner, task, job, me
        self._page = Page()
        self._number = 0
        self._ts = ""  # of the page's message
        self._streams = True  # whether this page is streamed
        self._may_stream = True  # whether Slack streams here at all
        self._waits = False  # whether nothing is sent before the end
        self._plain = False  # whether it is said without blocks, because Slack does not take them
        self._streamed = 0  # parts of the page that its stream has shown
        self._shown = self._web.clock.now() - PACE  # when the page was last sent, in update mode
        self._noted = task.reply
        self._old: list[str] = []  # messages of an earlier try, to be written on in
        self._status, self._status_at = "", 0.0
        self._saying = threading.Lock()  # a status is renewed from another thread

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
        return False

    def _mine(self, messages: Sequence[dict[str, object]]) -> list[Own]:
        """Messages of this task: those that say so, and streams broken off before they could."""
        others = self._queue.reply_timestamps(self._job.conversation, self._task.key)
        found = own(messages, self._me)
        mine = [one for one in found if one.task == self._task.key]
        mine += [one for one in found if not one.task and one.ts > self._job.ts and one.ts not in others]
        return sorted(mine, key=lambda one: (one.ts, one.page))

    # -- what is said --------------------------------------------------------------------------------------------

    def status(self, words: str) -> None:
        """Say what is being done; "" takes it away. Where Slack shows no status, nothing happens."""
        with self._saying:
            if words != self._status:
                self._say_status(words)

    def renew_status(self) -> None:
        """Say again what is being done, before Slack takes it away by itself. Any thread may call it."""
        with self._saying:
            if self._status and self._web.clock.now() - self._status_at >= _RENEWED:
                self._say_status(self._status)

    def _say_status(self, words: str) -> None:
        asked = self._web.clock.now()
        try:
            self._web.call(
                "assistant.threads.setStatus", channel_id=self._job.channel, thread_ts=self._job.thread, status=words
            )
            self._status, self._status_at = words, asked
        except SlackError as error:
            log.debug("no status: %s", error)

    def _posting(self) -> None:
        """Slack takes the status away when the reply is posted: it must not be renewed after that."""
        with self._saying:
            self._hold()
            self._status = ""

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
            self._page, self._ts, self._number, self._streamed = Page(), "", self._number + 1, 0
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
                self._web.call("chat.delete", self._hold, channel=self._job.channel, ts=ts)
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
            self._append()

    def _start(self, part: Part) -> None:
        for _ in range(_ATTEMPTS):
            try:
                ts = self._web.start_stream(
                    self._posting, channel=self._job.channel, thread_ts=self._job.thread,
                    recipient_team_id=self._job.team or None, recipient_user_id=self._job.user or None,
                    chunks=[_chunk(part.blocks)],
                )  # fmt: skip
            except Busy:  # many are being answered: this answer comes in one message
                return self.in_one()
            except Refused as refused:
                log.debug("no stream: %s", refused)
                self._streams = self._may_stream = False
                return self._update_at_pace()
            except Unsure as unsure:
                log.debug("%s", unsure)
                if self._adopted():
                    return self._update_at_pace()
            else:
                self._streamed = len(self._page.parts)
                return self._note(ts)
        raise SlackError("Slack did not take chat.startStream")

    def _append(self) -> None:
        """Show what the stream does not show yet; where the rates leave no room, it comes with what follows."""
        try:
            self._web.call(
                "chat.appendStream", self._hold, channel=self._job.channel, ts=self._ts, chunks=self._unseen()
            )
            self._streamed = len(self._page.parts)
        except Busy as busy:
            log.debug("%s", busy)
        except (Refused, Unsure) as error:  # over, or perhaps appended already: the whole page is sent instead
            log.debug("the stream is over: %s", error)
            self._streams = False
            self._update_at_pace()

    def _unseen(self) -> list[dict[str, object]] | None:
        blocks = [block for part in self._page.parts[self._streamed :] for block in part.blocks]
        return [_chunk(blocks)] if blocks else None

    def _update_at_pace(self) -> None:
        """Send the page, unless it was sent a moment ago; what is left out comes with the next or at the end."""
        if not self._ts:
            self._post(self._page.blocks, done=False)
        elif self._web.clock.now() - self._shown >= PACE and self._web.left("chat.update") > _SPARE:
            self._update(self._page.blocks, done=False)

    def _close(self, language: str, last: bool, answer: Answer | None = None, question: str = "") -> None:
        """End the page's message, with what stands below it."""
        below = tail(self._page, language, last, answer, question)
        self._reuse()
        if self._streams and self._ts:
            try:
                return self._web.stop_stream(
                    self._hold, channel=self._job.channel, ts=self._ts, chunks=self._unseen(), blocks=below or None,
                    metadata=self._metadata(last),
                )  # fmt: skip
            except (Refused, Unsure) as error:
                log.debug("the stream is over: %s", error)
        self._show([*self._page.blocks, *below], last)

    def _reuse(self) -> None:
        """Write a new page in a message of an earlier try, if there is one left."""
        if self._old and not self._ts:
            self._streams = False
            self._note(self._old.pop(0))

    def _show(self, blocks: list[Block], done: bool) -> None:
        if self._ts:
            self._update(blocks, done)
        else:
            self._post(blocks, done)

    def _post(self, blocks: list[Block], done: bool) -> None:
        for _ in range(_ATTEMPTS):
            try:
                got = self._web.call(
                    "chat.postMessage", self._posting, channel=self._job.channel, thread_ts=self._job.thread,
                    mrkdwn=False, unfurl_links=False, unfurl_media=False, **self._content(blocks, done),
                )  # fmt: skip
            except Refused as refused:
                self._without_blocks(refused)
            except Unsure as unsure:
                log.debug("%s", unsure)
                if self._adopted():
                    return self._update(blocks, done)
            else:
                self._shown = self._web.clock.now()
                return self._note(str(got["ts"]))
        raise SlackError("Slack did not take chat.postMessage")

    def _update(self, blocks: list[Block], done: bool) -> None:
        for _ in range(_ATTEMPTS):
            try:
                self._web.call(
                    "chat.update", self._hold, channel=self._job.channel, ts=self._ts, **self._content(blocks, done)
                )
            except Refused as refused:
                if refused.code in _GONE:
                    self._ts = ""
                    return self._post(blocks, done)
                if refused.code == "streaming_state_conflict":
                    self._stop()
                else:
                    self._without_blocks(refused)
            else:
                self._shown = self._web.clock.now()
                return None
        raise SlackError("Slack did not take chat.update")

    def _stop(self) -> None:
        """End a stream that is to be written over."""
        try:
            self._web.stop_stream(self._hold, channel=self._job.channel, ts=self._ts)
        except (Refused, Unsure) as error:
            log.debug("a stream was over: %s", error)

    def _without_blocks(self, refused: Refused) -> None:
        """Say it in plain words from now on, where Slack does not take the blocks; it says no more than that."""
        if self._plain or refused.code not in _BLOCKS:
            raise refused
        log.error("said without blocks: %s", refused)
        self._plain = True

    def _content(self, blocks: list[Block], done: bool) -> dict[str, object]:
        return {
            "text": self._page.text, "blocks": None if self._plain else blocks, "metadata": self._metadata(done),
        }  # fmt: skip

    def _adopted(self) -> bool:
        """Whether a message that Slack broke off in is there after all; then it is written on in."""
        known = set(self._noted.split())
        messages = read_thread(self._web, self._job.channel, self._job.thread)
        new = [one.ts for one in self._mine(messages) if one.ts not in known]
        if not new:
            return False
        self._streams = False
        self._note(new[0])
        return True

    def _note(self, ts: str) -> None:
        self._ts = ts
        self._noted = " ".join(dict.fromkeys([*self._noted.split(), ts]))
        self._queue.record_reply(self._task.key, self._owner, self._noted)

    def _hold(self) -> None:
        if not self._queue.holds_lease(self._task.key, self._owner):
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
