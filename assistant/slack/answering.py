"""Do the queue's tasks: ask the assistant, and reply in the thread."""

import logging
import os
import secrets
import traceback
from collections.abc import Callable, Iterable
from dataclasses import replace

from assistant.answer import LONGEST, Answer, Dates, Done, Found, Searching, Stated, Turn
from assistant.assistant import Assistant
from assistant.messages import date, phrase
from assistant.question.reading import NoQuestion
from assistant.slack.alerts import fingerprint
from assistant.slack.blocks import Part, date_notice, line, metadata, paginate, refusal, statement_parts
from assistant.slack.brief import MAX_ARTICLES, brief, start_of_yesterday
from assistant.slack.events import Identity
from assistant.slack.job import Job, decode
from assistant.slack.payload import objects_at
from assistant.slack.queue import Queue, Task
from assistant.slack.references import decode_statements
from assistant.slack.reply import LeaseLost, Reply
from assistant.slack.rich_text import escaped, rich_text_block, section, text_elements
from assistant.slack.thread import bot_messages, read_thread, read_turns
from assistant.slack.web_api import OutcomeUnknown, RateLimited, SlackError, SlackRefused, WebApi, respond
from ingest.errors import ArchiveError, KhabarError, SourceError
from ingest.language import detect
from ingest.load import Report
from ingest.sources import Item, is_url

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
"""Attempts at a task before it is given up, if its process dies or Slack cannot be reached."""

CANNOT_POST = frozenset({"not_in_channel", "channel_not_found", "is_archived", "thread_not_found", "restricted_action"})
"""Slack's error codes for channels where the bot cannot post."""

_TOKEN_ERRORS = frozenset({"invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed"})
_MAX_PRIVATE_PAGES = 4  # Slack accepts five messages at a command's response_url
_MAX_ADDED = 100  # articles added by one message
_WATCH_DELAY = 60.0  # seconds until a new watch is first checked


class Stopped(Exception):
    """The bot is stopping; the task goes back to the queue."""


class Answering:
    """Does tasks of the queue.

    Args:
        assistant: answers, and holds the archive.
        queue: holds the tasks.
        web: Slack's Web API.
        bot: the bot's own ids.
        owner: the name under which tasks are claimed.
        stopping: called between statements; returns whether to stop.
    """

    def __init__(
        self, assistant: Assistant, queue: Queue, web: WebApi, bot: Identity, owner: str, stopping: Callable[[], bool]
    ) -> None:
        self._assistant, self._queue, self._web, self._bot, self._owner = assistant, queue, web, bot, owner
        self._stopping = stopping
        self._open: dict[str, Reply] = {}  # replies in progress, by task key

    def renew_statuses(self) -> None:
        """Renew the status of every reply in progress, before Slack removes it."""
        for reply in list(self._open.values()):
            reply.renew_status()

    def handle(self, task: Task) -> None:
        """Do a task and complete it, or release it to be tried again later."""
        try:
            self._do(task, decode(task.payload))
            self._queue.complete(task.key, self._owner)
        except LeaseLost:
            log.debug("another process answers %s", task.key)
        except Stopped:
            self._queue.release(task.key, self._owner, 0)
        except RateLimited as limited:  # not a failure: Slack says when to try again
            log.warning("%s; the task waits until then", limited)
            self._queue.release(task.key, self._owner, limited.seconds, count_attempt=False)
        except SlackError as error:
            self._retry(task, str(error))
        except Exception as error:
            log.debug("a task failed", exc_info=error)
            self._retry(task, f"a task failed: {type(error).__name__}")
        finally:
            self._open.pop(task.key, None)

    def _do(self, task: Task, job: Job) -> None:
        try:
            match job.kind:
                case "ask" | "again":
                    self._answer(task, job)
                case "slash" | "watch":
                    self._answer_command(task, job)
                case "brief":
                    articles = self._queue.articles_since(start_of_yesterday(), MAX_ARTICLES)
                    stories = self._assistant.archive.near_duplicates.stories(article.id for article in articles)
                    self._respond(job, brief(articles, job.language, stories))
                case "add":
                    self._add_articles(task, job)
                case "alert":
                    self._alert(task, job)
                case "long":
                    self._reject_long_text(task, job)
                case "start":
                    pass  # never enqueued
        except SlackRefused as refused:
            if refused.code in _TOKEN_ERRORS:
                raise
            self._report_refusal(task, job, refused)

    def _open_reply(self, task: Task, job: Job) -> Reply:
        self._open[task.key] = reply = Reply(self._web, self._queue, self._owner, task, job, self._bot)
        return reply

    def _is_replied(self, task: Task, job: Job, reply: Reply) -> bool:
        """Whether an earlier attempt completed the reply; if it only began, the reply continues there."""
        return task.attempts > 1 and reply.resume(read_thread(self._web, job.channel, job.thread))

    # -- failures ------------------------------------------------------------------------------------------------

    def _retry(self, task: Task, reason: str) -> None:
        if task.attempts >= MAX_ATTEMPTS:
            log.error("gave up after %d attempts: %s", task.attempts, reason)
            self._queue.complete(task.key, self._owner)
        else:
            log.warning("%s; the task will be tried again", reason)
            self._queue.release(task.key, self._owner, 2.0**task.attempts)

    def _report_refusal(self, task: Task, job: Job, refused: SlackRefused) -> None:
        """Report in the thread that Slack refused the reply, or answer privately where the bot cannot post."""
        if refused.code in CANNOT_POST and job.address and job.kind == "ask":
            return self._answer_privately(job)
        log.error("could not reply: %s", refused)
        if refused.code not in CANNOT_POST and job.thread:
            failed = phrase("slack_failed", detect(job.text), reference=refused.code)
            try:
                self._web.call(
                    "chat.postMessage", channel=job.channel, thread_ts=job.thread, text=escaped(failed), mrkdwn=False,
                    metadata=metadata("note", {"task": task.key, "done": True}),
                )  # fmt: skip
            except (SlackRefused, OutcomeUnknown) as error:
                log.debug("could not report the refusal: %s", error)
        return None

    def _report_failure(self, reply: Reply, language: str, error: Exception) -> None:
        """Report in the thread that the task failed, with a reference to the error in the log."""
        reference = secrets.token_hex(4)
        frames = traceback.extract_tb(error.__traceback__)
        location = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "?"
        details = f": {error}" if isinstance(error, ArchiveError) else ""  # other messages may repeat the question
        log.error("reference %s: %s at %s%s", reference, type(error).__name__, location, details)
        log.debug("reference %s", reference, exc_info=error)
        reply.defer()
        reply.add(line("failed", phrase("slack_failed", language, reference=reference), italic=True), language)
        reply.end("", language, None)

    def _reject_long_text(self, task: Task, job: Job) -> None:
        """Reply that a text is too long."""
        if job.address:
            return self._respond(job, [_too_long(job.language)])
        reply = self._open_reply(task, job)
        if self._is_replied(task, job, reply):
            return None
        return reply.post_whole(_too_long(job.language), job.language)

    # -- questions -----------------------------------------------------------------------------------------------

    def _answer(self, task: Task, job: Job, add_note: Callable[[Reply, Answer], None] | None = None) -> None:
        """Answer in the thread; `add_note` may add to the reply before it ends."""
        reply = self._open_reply(task, job)
        messages = []
        if task.attempts > 1 or job.thread != job.ts:
            messages = read_thread(self._web, job.channel, job.thread)
        if task.attempts > 1 and reply.resume(messages):
            return reply.set_status("")
        language = detect(job.text)
        try:
            if task.attempts > MAX_ATTEMPTS:
                raise KhabarError("too many attempts")
            history = read_turns(messages, self._bot, self._assistant.archive.articles, job.ts)
            answer = self._stream_answer(job, reply, history, language)
        except (SlackError, LeaseLost, Stopped):
            raise
        except NoQuestion:
            return reply.post_whole(_not_a_question(job.text, language), language)
        except Exception as error:
            return self._report_failure(reply, language, error)
        if add_note:
            add_note(reply, answer)
        return reply.end(answer.question, answer.language, answer)

    def _stream_answer(self, job: Job, reply: Reply, history: list[Turn], language: str) -> Answer:
        reply.set_status(phrase("slack_searching", language))
        if job.kind == "again":
            asked_again = text_elements(phrase("slack_asked_again", language) + "\n", italic=True)
            block = rich_text_block("asked", section(*asked_again), section(*text_elements(job.text)))
            reply.add(Part((block,), (), (job.text,)), language)
        index = 0
        for event in self._assistant.stream(job.text, history, dated=job.kind != "again"):
            if self._stopping():
                raise Stopped
            match event:
                case Searching(_, Dates() as dates):
                    reply.add(date_notice(dates, language), language)
                case Found():
                    reply.set_status(phrase("slack_writing", language))
                case Stated(statement):
                    for part in statement_parts(statement, index, language):
                        reply.add(part, language)
                    index += 1
                case Done(answer):
                    if not answer.answered:
                        reply.defer()
                        reply.add(refusal(answer), language)
                    return answer
        raise AssertionError("a stream ends with its answer")

    # -- commands ------------------------------------------------------------------------------------------------

    def _answer_command(self, task: Task, job: Job) -> None:
        """Start a thread with the typed question and answer there; privately, where the bot cannot post."""
        try:
            root = task.reply.split()[0] if task.reply else self._post_question(task, job)
        except SlackRefused as refused:
            if refused.code not in CANNOT_POST:
                raise
            if job.kind == "watch":
                return self._respond(job, [line("note", phrase("slack_invite", job.language))])
            return self._answer_privately(job)
        job = replace(job, thread=root, ts=root)

        def watch(reply: Reply, answer: Answer) -> None:
            watch = self._queue.add_watch(job.channel, job.thread, job.text, job.user, _WATCH_DELAY)
            self._queue.record_alert(watch, map(fingerprint, answer.quotes))
            watching = phrase("slack_watching", answer.language, number=str(watch.number))
            reply.add(line("watching", watching, italic=True), answer.language)

        return self._answer(task, job, watch if job.kind == "watch" else None)

    def _post_question(self, task: Task, job: Job) -> str:
        """Post the message that repeats the question, unless an earlier attempt did; return its `ts`."""
        ts = self._find_question(task, job) if task.attempts > 1 else ""
        asks = phrase("slack_watches_this" if job.kind == "watch" else "slack_asks", detect(job.text))
        heading = section({"type": "user", "user_id": job.user}, *text_elements(f" {asks}\n"))
        blocks = [rich_text_block("asked", heading, section(*text_elements(job.text, bold=True)))]
        for _ in range(3):
            if ts:
                break
            try:
                response = self._web.call(
                    "chat.postMessage", channel=job.channel, text=escaped(job.text), blocks=blocks, mrkdwn=False,
                    metadata=metadata("question", {"task": task.key}), unfurl_links=False, unfurl_media=False,
                )  # fmt: skip
                ts = str(response["ts"])
            except OutcomeUnknown:
                ts = self._find_question(task, job)
        if not ts:
            raise SlackError("Slack did not accept chat.postMessage")
        self._queue.record_reply(task.key, self._owner, ts, f"{job.channel}:{ts}")
        return ts

    def _find_question(self, task: Task, job: Job) -> str:
        response = self._web.call("conversations.history", channel=job.channel, limit=100, include_all_metadata=True)
        messages = bot_messages(objects_at(response, "messages"), self._bot)
        return next((message.ts for message in messages if message.task == task.key), "")

    def _answer_privately(self, job: Job) -> None:
        """Answer visibly only to the user who asks, where the bot cannot post."""
        language = detect(job.text)
        try:
            answer = self._assistant.ask(job.text)
        except NoQuestion:
            return self._respond(job, [_not_a_question(job.text, language)])
        parts: list[Part] = []
        for index, statement in enumerate(answer.statements):
            parts += statement_parts(statement, index, language)
        notices = [date_notice(answer.dates, language)] if answer.dates else []
        return self._respond(job, [*notices, *(parts or [refusal(answer)])])

    def _respond(self, job: Job, parts: Iterable[Part]) -> None:
        """Reply at a command's `response_url`, to the user who typed it."""
        for page in paginate(parts)[:_MAX_PRIVATE_PAGES]:
            respond(job.address, page.text, page.blocks)

    # -- articles ------------------------------------------------------------------------------------------------

    def _add_articles(self, task: Task, job: Job) -> None:
        """Add the linked articles to the archive, and reply with the outcome of each."""
        reply = self._open_reply(task, job)
        if self._is_replied(task, job, reply):
            return None
        language = job.language
        if not job.text:
            return reply.post_whole(line("note", phrase("slack_may_not_add", language)), language)
        reply.set_status(phrase("slack_reading", language))
        items: list[Item | SourceError] = []
        links = [link for link in job.text.split("\n") if is_url(link)]
        report = self._assistant.add(links, limit=_MAX_ADDED, on_item=items.append)
        if report.stopped:
            return self._report_failure(reply, language, Exception(type(report.stopped).__name__))
        results = [_outcome_text(item, report, language) for item in items] or [
            phrase("slack_not_added", language, reason=phrase("slack_nothing_there", language))
        ]
        shown = [*results[:10], *([f"… +{len(results) - 10}"] if len(results) > 10 else [])]
        reply.post_whole(line("added", "\n".join(shown)), language)
        return reply.set_status("")

    def _alert(self, task: Task, job: Job) -> None:
        """Post the new statements about a watched question in its thread."""
        reply = self._open_reply(task, job)
        if self._is_replied(task, job, reply):
            return
        statements, language = decode_statements(job.text, self._assistant.archive.articles)
        if not statements:
            return  # the articles have been removed meanwhile
        reply.add(line("alert", phrase("slack_alert", language), bold=True), language)
        for index, statement in enumerate(statements):
            for part in statement_parts(statement, index, language):
                reply.add(part, language)
        reply.end("", language, None)


def _not_a_question(text: str, language: str) -> Part:
    """The reply to a text that is not a question: why it is not one."""
    return _too_long(language) if len(text) > LONGEST else line("note", phrase("slack_no_question", language))


def _too_long(language: str) -> Part:
    return line("note", phrase("slack_long_question", language, most=f"{LONGEST:,}"))


def _outcome_text(item: Item | SourceError, report: Report, language: str) -> str:
    """Say whether an item was added, was in the archive already, or why it was not added."""
    if not isinstance(item, Item):
        return phrase("slack_not_added", language, reason=str(item)[:300])
    article = item.article
    name = "slack_known" if report.outcomes.get(article.id) == "unchanged" else "slack_added"
    publisher = article.publisher or phrase("unnamed", language)
    title = article.title or phrase("untitled", language)
    published = date(article.published, language)
    return phrase(name, language, title=title[:200], publisher=publisher[:100], date=published)
