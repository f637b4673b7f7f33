"""Send a reply to its thread as it grows: as a stream if Slack and its rate limits allow it, else as one message.

The task's lease is checked before anything is posted. If the outcome of a call is unknown, the thread is read before
posting again. A process that takes over a task continues in the messages that it finds there, so that readers see only
one answer.
"""

import logging
import threading
from collections.abc import Sequence

from assistant.answer import Answer
from assistant.slack.blocks import Block, Page, Part, footer, metadata
from assistant.slack.events import Identity
from assistant.slack.job import Job
from assistant.slack.limits import RATES, STATUS
from assistant.slack.queue import Queue, Task
from assistant.slack.references import encode_quotes
from assistant.slack.thread import BotMessage, bot_messages, read_thread
from assistant.slack.web_api import OutcomeUnknown, RateLimited, SlackError, SlackRefused, WebApi

log = logging.getLogger(__name__)

PACE = 1.2  # seconds between two updates of one message; Slack allows about one a second
_RESERVED_UPDATES = RATES["chat.update"] // 2  # updates per minute reserved for the ends of answers
_STATUS_RENEWAL = STATUS / 2  # seconds after which a status is renewed
_MAX_ATTEMPTS = 3
_MESSAGE_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_BLOCKS_REFUSED = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "invalid_arguments"}
)


class LeaseLost(Exception):
    """Another process has taken the task over."""


class Reply:
    """The reply to one task.

    Args:
        web: Slack's Web API.
        queue: holds the task.
        owner: who holds the task's lease.
        task: the task to reply to.
        job: the job of the task; the reply goes to its thread.
        bot: the bot's own ids.
    """

    def __init__(self, web: WebApi, queue: Queue, owner: str, task: Task, job: Job, bot: Identity) -> None:
        self._web, self._queue, self._owner, self._task, self._job, self._bot = web, queue, owner, task, job, bot
        self._page = Page()
        self._number = 0  # of the page
        self._ts = ""  # of the page's message
        self._streaming = True  # whether this page is streamed
        self._may_stream = True  # whether later pages may be streamed
        self._deferred = False  # whether everything is sent at the end
        self._without_blocks = False  # whether only plain text is sent, because Slack refused the blocks
        self._streamed = 0  # parts of the page that its stream shows
        self._updated_at = self._web.clock.now() - PACE
        self._recorded = task.reply
        self._leftover: list[str] = []  # messages of an earlier attempt, to be reused
        self._status, self._status_at = "", 0.0
        self._status_lock = threading.Lock()  # a status is renewed from another thread

    # -- an earlier attempt --------------------------------------------------------------------------------------

    def resume(self, messages: Sequence[dict[str, object]]) -> bool:
        """Find the messages of an earlier attempt, to continue in them.

        Args:
            messages: of the thread.

        Returns:
            Whether the reply is complete already.
        """
        own = self._find_messages(messages)
        if any(message.done for message in own):
            return True
        self._leftover = [message.ts for message in own]
        return False

    def _find_messages(self, messages: Sequence[dict[str, object]]) -> list[BotMessage]:
        """Find this task's messages: by their metadata, or as interrupted streams, which have none."""
        of_other_tasks = self._queue.reply_timestamps(self._job.conversation, self._task.key)
        own = [
            message
            for message in bot_messages(messages, self._bot)
            if message.task == self._task.key
            or (not message.task and message.ts > self._job.ts and message.ts not in of_other_tasks)
        ]
        return sorted(own, key=lambda message: (message.ts, message.page))

    # -- the status ----------------------------------------------------------------------------------------------

    def set_status(self, text: str) -> None:
        """Show what the bot is doing; "" removes the status. Does nothing where Slack shows no status."""
        with self._status_lock:
            if text != self._status:
                self._send_status(text)

    def renew_status(self) -> None:
        """Renew the status before Slack removes it. Any thread may call this."""
        with self._status_lock:
            if self._status and self._web.clock.now() - self._status_at >= _STATUS_RENEWAL:
                self._send_status(self._status)

    def _send_status(self, text: str) -> None:
        sent_at = self._web.clock.now()
        try:
            self._web.call(
                "assistant.threads.setStatus", channel_id=self._job.channel, thread_ts=self._job.thread, status=text
            )
            self._status, self._status_at = text, sent_at
        except SlackError as error:
            log.debug("could not set the status: %s", error)

    # -- content -------------------------------------------------------------------------------------------------

    def add(self, part: Part, language: str) -> None:
        """Add a part to the reply.

        Args:
            part: the next part.
            language: of the question, for the note that the answer continues.

        Raises:
            SlackError: Slack does not accept it.
            LeaseLost: another process answers.
        """
        if not self._page.fits(part):
            self._close_page(language, last=False)
            self._page, self._ts, self._number, self._streamed = Page(), "", self._number + 1, 0
            self._streaming = self._may_stream
        self._page.parts.append(part)
        if self._deferred:
            return
        self._reuse_message()
        if not self._streaming:
            self._update_at_pace()
        elif not self._ts:
            self._start_stream(part)
        else:
            self._append_to_stream()

    def end(self, question: str, language: str, answer: Answer | None) -> None:
        """Complete the reply.

        Args:
            question: for the buttons.
            language: of the question.
            answer: the whole answer; None for a reply that readers cannot rate.

        Raises:
            SlackError: Slack does not accept it.
            LeaseLost: another process answers.
        """
        self._close_page(language, last=True, answer=answer, question=question)
        for ts in self._leftover:
            try:
                self._web.call("chat.delete", self._check_lease, channel=self._job.channel, ts=ts)
            except SlackError as error:
                log.debug("could not delete a leftover message: %s", error)
        self.set_status("")

    def post_whole(self, part: Part, language: str) -> None:
        """Complete the reply with one part, in one message without buttons to rate it."""
        self.defer()
        self.add(part, language)
        self.end("", language, None)

    def defer(self) -> None:
        """Send everything in one message at the end, unless the page has begun already."""
        if not self._ts:
            self._streaming = self._may_stream = False
            self._deferred = True

    # -- delivery ------------------------------------------------------------------------------------------------

    def _start_stream(self, part: Part) -> None:
        for _ in range(_MAX_ATTEMPTS):
            try:
                ts = self._web.start_stream(
                    self._before_posting, channel=self._job.channel, thread_ts=self._job.thread,
                    recipient_team_id=self._job.team or None, recipient_user_id=self._job.user or None,
                    chunks=[_chunk(part.blocks)],
                )  # fmt: skip
            except RateLimited:  # many answers are being streamed: send this one as one message
                return self.defer()
            except SlackRefused as refused:
                log.debug("could not stream: %s", refused)
                self._streaming = self._may_stream = False
                return self._update_at_pace()
            except OutcomeUnknown as unknown:
                log.debug("%s", unknown)
                if self._adopt_message():
                    return self._update_at_pace()
            else:
                self._streamed = len(self._page.parts)
                return self._record_message(ts)
        raise SlackError("Slack did not accept chat.startStream")

    def _append_to_stream(self) -> None:
        """Append what the stream does not show yet; if the rate limits forbid it, the next call appends it."""
        try:
            self._web.call(
                "chat.appendStream", self._check_lease, channel=self._job.channel, ts=self._ts,
                chunks=self._unseen_chunks(),
            )  # fmt: skip
            self._streamed = len(self._page.parts)
        except RateLimited as limited:
            log.debug("%s", limited)
        except (SlackRefused, OutcomeUnknown) as error:  # ended, or perhaps appended: send the whole page instead
            log.debug("the stream has ended: %s", error)
            self._streaming = False
            self._update_at_pace()

    def _unseen_chunks(self) -> list[dict[str, object]] | None:
        blocks = [block for part in self._page.parts[self._streamed :] for block in part.blocks]
        return [_chunk(blocks)] if blocks else None

    def _update_at_pace(self) -> None:
        """Send the page unless it was sent a moment ago; then a later call sends the new parts."""
        if not self._ts:
            self._post(self._page.blocks, done=False)
        elif (
            self._web.clock.now() - self._updated_at >= PACE and self._web.remaining("chat.update") > _RESERVED_UPDATES
        ):
            self._update(self._page.blocks, done=False)

    def _close_page(self, language: str, last: bool, answer: Answer | None = None, question: str = "") -> None:
        """Complete the page's message with its footer."""
        footer_blocks = footer(self._page, language, last, answer, question)
        self._reuse_message()
        if self._streaming and self._ts:
            try:
                return self._web.stop_stream(
                    self._check_lease, channel=self._job.channel, ts=self._ts, chunks=self._unseen_chunks(),
                    blocks=footer_blocks or None, metadata=self._metadata(last),
                )  # fmt: skip
            except (SlackRefused, OutcomeUnknown) as error:
                log.debug("the stream has ended: %s", error)
        blocks = [*self._page.blocks, *footer_blocks]
        return self._update(blocks, last) if self._ts else self._post(blocks, last)

    def _reuse_message(self) -> None:
        """Use a leftover message of an earlier attempt for a new page, if there is one."""
        if self._leftover and not self._ts:
            self._streaming = False
            self._record_message(self._leftover.pop(0))

    def _post(self, blocks: list[Block], done: bool) -> None:
        for _ in range(_MAX_ATTEMPTS):
            try:
                response = self._web.call(
                    "chat.postMessage", self._before_posting, channel=self._job.channel, thread_ts=self._job.thread,
                    mrkdwn=False, unfurl_links=False, unfurl_media=False, **self._content(blocks, done),
                )  # fmt: skip
            except SlackRefused as refused:
                self._fall_back_to_text(refused)
            except OutcomeUnknown as unknown:
                log.debug("%s", unknown)
                if self._adopt_message():
                    return self._update(blocks, done)
            else:
                self._updated_at = self._web.clock.now()
                return self._record_message(str(response["ts"]))
        raise SlackError("Slack did not accept chat.postMessage")

    def _update(self, blocks: list[Block], done: bool) -> None:
        for _ in range(_MAX_ATTEMPTS):
            try:
                self._web.call(
                    "chat.update", self._check_lease, channel=self._job.channel, ts=self._ts,
                    **self._content(blocks, done),
                )  # fmt: skip
            except SlackRefused as refused:
                if refused.code in _MESSAGE_GONE:
                    self._ts = ""
                    return self._post(blocks, done)
                if refused.code == "streaming_state_conflict":
                    self._stop_stream()
                else:
                    self._fall_back_to_text(refused)
            else:
                self._updated_at = self._web.clock.now()
                return None
        raise SlackError("Slack did not accept chat.update")

    def _stop_stream(self) -> None:
        """Stop a stream, so that its message can be updated."""
        try:
            self._web.stop_stream(self._check_lease, channel=self._job.channel, ts=self._ts)
        except (SlackRefused, OutcomeUnknown) as error:
            log.debug("the stream had ended: %s", error)

    def _fall_back_to_text(self, refused: SlackRefused) -> None:
        """Send only plain text from now on if Slack refused the blocks; it does not say what is wrong with them."""
        if self._without_blocks or refused.code not in _BLOCKS_REFUSED:
            raise refused
        log.error("sending plain text without blocks: %s", refused)
        self._without_blocks = True

    def _adopt_message(self) -> bool:
        """Look for the message of a call with an unknown outcome, and continue in it."""
        recorded = set(self._recorded.split())
        messages = read_thread(self._web, self._job.channel, self._job.thread)
        new = [message.ts for message in self._find_messages(messages) if message.ts not in recorded]
        if not new:
            return False
        self._streaming = False
        self._record_message(new[0])
        return True

    def _record_message(self, ts: str) -> None:
        self._ts = ts
        self._recorded = " ".join(dict.fromkeys([*self._recorded.split(), ts]))
        self._queue.record_reply(self._task.key, self._owner, self._recorded)

    def _before_posting(self) -> None:
        """Check the lease, and forget the status, because Slack removes it when a message is posted."""
        with self._status_lock:
            self._check_lease()
            self._status = ""

    def _check_lease(self) -> None:
        if not self._queue.holds_lease(self._task.key, self._owner):
            raise LeaseLost

    def _content(self, blocks: list[Block], done: bool) -> dict[str, object]:
        shown = None if self._without_blocks else blocks
        return {"text": self._page.text, "blocks": shown, "metadata": self._metadata(done)}

    def _metadata(self, done: bool) -> dict[str, object]:
        return metadata(
            "answer",
            {
                "task": self._task.key, "question": self._job.ts, "page": self._number, "done": done,
                "quotes": encode_quotes(self._page.quotes),
            },
        )  # fmt: skip


def _chunk(blocks: Sequence[Block]) -> dict[str, object]:
    return {"type": "blocks", "blocks": list(blocks)}
