"""What is asked -> the assistant -> the thread: the one place where the bot and the core meet."""

import json
import logging
import os
import secrets
import traceback
from collections.abc import Callable
from dataclasses import replace

from assistant.answer import LONGEST, Answer, Dates, Done, Found, Searching, Stated, Statement, Turn
from assistant.assistant import Assistant
from assistant.messages import date, phrase
from assistant.question.reading import NoQuestion
from assistant.slack.alerts import brief, came_in, print_of
from assistant.slack.blocks import Page, Part, dated, line, metadata, parts, refusal
from assistant.slack.events import Identity
from assistant.slack.job import Job, read
from assistant.slack.queue import Queue, Task
from assistant.slack.reply import LeaseLost, Reply
from assistant.slack.rich_text import escaped, rich, runs, section
from assistant.slack.thread import own, quotes_of, read_thread, turns
from assistant.slack.web_api import Busy, Refused, SlackError, Unsure, Web, asked_to_wait, quiet
from ingest.errors import ArchiveError, KhabarError, SourceError
from ingest.language import detect
from ingest.load import Report
from ingest.sources import Item, is_url

log = logging.getLogger(__name__)

TRIES = 5
"""How often a task is begun, each time after its process died or Slack was away, before it is given up."""

ABSENT = frozenset({"not_in_channel", "channel_not_found", "is_archived", "thread_not_found", "restricted_action"})
"""Slack's words for a channel where the bot cannot speak."""

_PASSING = frozenset({"invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed"})
_PAGES = 4  # Slack takes five messages at a command's address
_ITEMS = 100  # articles that one link may add


class Stopped(Exception):
    """The bot stops; the task goes back to the queue."""


class Answering:
    """Does the tasks of a queue.

    Args:
        assistant: answers, and holds the archive.
        queue: the tasks.
        web: Slack.
        me: the bot.
        owner: as whom it holds tasks.
        stopping: whether to stop; asked between statements.
    """

    def __init__(
        self, assistant: Assistant, queue: Queue, web: Web, me: Identity, owner: str, stopping: Callable[[], bool]
    ) -> None:
        self._assistant, self._queue, self._web, self._me, self._owner = assistant, queue, web, me, owner
        self._stopping = stopping
        self._open: dict[str, Reply] = {}  # what is being answered, by the task's key

    def renew(self) -> None:
        """Say again, where it takes long, what is being done: Slack takes a status away after two minutes."""
        for reply in list(self._open.values()):
            reply.renew_status()

    def do(self, task: Task) -> None:
        """Do a task and take it from the desk; or give it back, to be tried again later."""
        try:
            self._finished(task, read(task.payload))
        except LeaseLost:
            log.debug("another process answers %s", task.key)
        except Stopped:
            self._queue.release(task.key, self._owner, 0)
        except Busy as busy:  # no failure: Slack has said when to come again
            log.warning("%s; it is done then", busy)
            self._queue.release(task.key, self._owner, busy.seconds, count_attempt=False)
        except SlackError as error:
            self._later(task, str(error))
        except Exception as error:
            log.debug("a task broke off", exc_info=error)
            self._later(task, f"a task broke off: {type(error).__name__}")
        finally:
            self._open.pop(task.key, None)

    def _finished(self, task: Task, job: Job) -> None:
        try:
            self._do(task, job)
        except Refused as refused:
            if refused.code in _PASSING:
                raise
            self._refused(task, job, refused)
        self._queue.complete(task.key, self._owner)

    def _do(self, task: Task, job: Job) -> None:
        match job.kind:
            case "ask" | "again":
                self._ask(task, job)
            case "slash" | "watch":
                self._command(task, job)
            case "brief":
                self._brief(job)
            case "add":
                self._add(task, job)
            case "alert":
                self._alert(task, job)
            case "long":
                self._long(task, job)
            case "start":
                pass  # never kept

    def _reply(self, task: Task, job: Job) -> Reply:
        self._open[task.key] = reply = Reply(self._web, self._queue, self._owner, task, job, self._me)
        return reply

    # -- when Slack does not take it -----------------------------------------------------------------------------

    def _later(self, task: Task, reason: str) -> None:
        if task.attempts >= TRIES:
            log.error("given up after %d attempts: %s", task.attempts, reason)
            self._queue.complete(task.key, self._owner)
        else:
            log.warning("%s; it is tried again", reason)
            self._queue.release(task.key, self._owner, 2.0**task.attempts)

    def _refused(self, task: Task, job: Job, refused: Refused) -> None:
        """Slack will not take it however often it is tried: say what can be said."""
        if refused.code in ABSENT and job.address and job.kind == "ask":
            return self._aside(job)
        log.error("not answered: %s", refused)
        if refused.code not in ABSENT and job.thread:
            try:
                self._say(task, job, phrase("slack_failed", detect(job.text), reference=refused.code))
            except (Refused, Unsure) as error:
                log.debug("nor could that be said: %s", error)
        return None

    def _say(self, task: Task, job: Job, words: str) -> None:
        self._web.call(
            "chat.postMessage", channel=job.channel, thread_ts=job.thread, text=escaped(words), mrkdwn=False,
            metadata=metadata("note", {"task": task.key, "done": True}),
        )  # fmt: skip

    # -- questions -----------------------------------------------------------------------------------------------

    def _ask(self, task: Task, job: Job, after: Callable[[Reply, Answer], None] | None = None) -> None:
        """Answer in the thread; `after` may add to the answer before it ends."""
        reply = self._reply(task, job)
        messages = []
        if task.attempts > 1 or job.thread != job.ts:
            messages = read_thread(self._web, job.channel, job.thread)
        if task.attempts > 1 and reply.resume(messages):
            return reply.status("")
        spoken = detect(job.text)
        try:
            if task.attempts > TRIES:
                raise KhabarError("tried too often")
            history = turns(messages, self._me, self._assistant.archive.articles, job.ts)
            answer = self._stream(job, reply, history, spoken)
        except (SlackError, LeaseLost, Stopped):
            raise
        except NoQuestion:
            return reply.whole(_unasked(job.text, spoken), "", spoken, None)
        except Exception as error:
            return self._fail(reply, spoken, error)
        if after:
            after(reply, answer)
        reply.end(answer.question, answer.language, answer)
        return None

    def _stream(self, job: Job, reply: Reply, history: list[Turn], spoken: str) -> Answer:
        reply.status(phrase("slack_searching", spoken))
        if job.kind == "again":
            asked = rich("asked", section(*runs(phrase("slack_asked_again", spoken) + "\n", italic=True)),
                         section(*runs(job.text)))  # fmt: skip
            reply.add(Part((asked,), (), (job.text,)), spoken)
        place = 0
        for event in self._assistant.stream(job.text, history, dated=job.kind != "again"):
            if self._stopping():
                raise Stopped
            match event:
                case Searching(_, Dates() as dates):
                    reply.add(dated(dates, spoken), spoken)
                case Found():
                    reply.status(phrase("slack_writing", spoken))
                case Stated(statement):
                    for part in parts(statement, place, spoken):
                        reply.add(part, spoken)
                    place += 1
                case Done(answer):
                    if not answer.answered:
                        reply.in_one()
                        reply.add(refusal(answer), spoken)
                    return answer
        raise AssertionError("a stream ends with its answer")

    def _fail(self, reply: Reply, spoken: str, error: Exception) -> None:
        """Say in the thread that it went wrong, with a reference that stands in the log too."""
        reference = secrets.token_hex(4)
        where = traceback.extract_tb(error.__traceback__)
        place = f"{os.path.basename(where[-1].filename)}:{where[-1].lineno}" if where else "?"
        told = f": {error}" if isinstance(error, ArchiveError) else ""
        log.error("reference %s: %s at %s%s", reference, type(error).__name__, place, told)
        log.debug("reference %s", reference, exc_info=error)
        reply.in_one()
        reply.add(line("failed", phrase("slack_failed", spoken, reference=reference), italic=True), spoken)
        reply.end("", spoken, None)

    def _long(self, task: Task, job: Job) -> None:
        """Say that a message was too long to be read."""
        if job.address:
            return self._respond(job, [_too_long(job.language)])
        reply = self._reply(task, job)
        if task.attempts > 1 and reply.resume(read_thread(self._web, job.channel, job.thread)):
            return None
        return reply.whole(_too_long(job.language), "", job.language, None)

    # -- commands ------------------------------------------------------------------------------------------------

    def _command(self, task: Task, job: Job) -> None:
        """Begin a thread with the question that was typed, and answer there; aside, where the bot is not in."""
        spoken = detect(job.text)
        try:
            root = task.reply.split()[0] if task.reply else self._root(task, job, spoken)
        except Refused as refused:
            if refused.code not in ABSENT:
                raise
            if job.kind == "watch":
                return self._respond(job, [line("note", phrase("slack_invite", job.language))])
            return self._aside(job)
        there = replace(job, thread=root, ts=root)
        if job.kind == "watch":
            return self._ask(task, there, lambda reply, answer: self._watch(there, reply, answer))
        return self._ask(task, there)

    def _root(self, task: Task, job: Job, spoken: str) -> str:
        """The message that repeats the question; the one that an earlier try has posted, if it has."""
        ts = self._posted_root(task, job) if task.attempts > 1 else ""
        said = phrase("slack_watches_this" if job.kind == "watch" else "slack_asks", spoken)
        head = section({"type": "user", "user_id": job.user}, *runs(f" {said}\n"))
        blocks = [rich("asked", head, section(*runs(job.text, bold=True)))]
        for _ in range(3):
            if ts:
                break
            try:
                ts = str(
                    self._web.call(
                        "chat.postMessage", channel=job.channel, text=escaped(job.text), blocks=blocks, mrkdwn=False,
                        metadata=metadata("question", {"task": task.key}), unfurl_links=False, unfurl_media=False,
                    )["ts"]
                )  # fmt: skip
            except Unsure:
                ts = self._posted_root(task, job)
        if not ts:
            raise SlackError("Slack did not take chat.postMessage")
        self._queue.record_reply(task.key, self._owner, ts, f"{job.channel}:{ts}")
        return ts

    def _posted_root(self, task: Task, job: Job) -> str:
        got = self._web.call("conversations.history", channel=job.channel, limit=100, include_all_metadata=True)
        return next((one.ts for one in own(got.get("messages", []), self._me) if one.task == task.key), "")

    def _watch(self, job: Job, reply: Reply, answer: Answer) -> None:
        watch = self._queue.add_watch(job.channel, job.thread, job.text, job.user, 60.0)
        self._queue.record_alert(watch, map(print_of, answer.quotes))
        said = phrase("slack_watching", answer.language, number=str(watch.number))
        reply.add(line("watching", said, italic=True), answer.language)

    def _aside(self, job: Job) -> None:
        """Answer to the one who asks alone, where the bot cannot speak to all."""
        spoken = detect(job.text)
        try:
            answer = self._assistant.ask(job.text)
        except NoQuestion:
            said = [_unasked(job.text, spoken)]
        else:
            said = [part for place, one in enumerate(answer.statements) for part in parts(one, place, spoken)]
            said = [*([dated(answer.dates, spoken)] if answer.dates else []), *(said or [refusal(answer)])]
        self._respond(job, said)

    def _respond(self, job: Job, said: list[Part]) -> None:
        """Say something at a command's address, to the one who typed it alone."""
        pages = [Page()]
        for part in said:
            if not pages[-1].fits(part):
                pages.append(Page())
            pages[-1].parts.append(part)
        for page in pages[:_PAGES]:
            respond(job.address, page)

    def _brief(self, job: Job) -> None:
        articles = came_in(self._queue)
        known = self._assistant.archive.near_duplicates.stories(article.id for article in articles)
        self._respond(job, brief(articles, job.language, known))

    # -- articles ------------------------------------------------------------------------------------------------

    def _add(self, task: Task, job: Job) -> None:
        """Read what is linked into the archive, and say what came of it."""
        reply = self._reply(task, job)
        if task.attempts > 1 and reply.resume(read_thread(self._web, job.channel, job.thread)):
            return None
        spoken = job.language
        if not job.text:
            return reply.whole(line("note", phrase("slack_may_not_add", spoken)), "", spoken, None)
        reply.status(phrase("slack_reading", spoken))
        items: list[Item | SourceError] = []
        links = [link for link in job.text.split("\n") if is_url(link)]
        report = self._assistant.add(links, limit=_ITEMS, on_item=items.append)
        if report.stopped:
            return self._fail(reply, spoken, Exception(type(report.stopped).__name__))
        lines = [_loaded(item, report, spoken) for item in items] or [
            phrase("slack_not_added", spoken, reason=phrase("slack_nothing_there", spoken))
        ]
        shown = [*lines[:10], *([f"… +{len(lines) - 10}"] if len(lines) > 10 else [])]
        reply.whole(line("added", "\n".join(shown)), "", spoken, None)
        return reply.status("")

    # -- alerts --------------------------------------------------------------------------------------------------

    def _alert(self, task: Task, job: Job) -> None:
        """Tell a thread what is new of the question that it watches."""
        reply = self._reply(task, job)
        if task.attempts > 1 and reply.resume(read_thread(self._web, job.channel, job.thread)):
            return
        told = json.loads(job.text)
        spoken, said = told["language"], told["said"]
        known = self._assistant.archive.articles({span.split(":")[0] for one in said for span in one["quotes"].split()})
        new = [Statement(one["text"], tuple(quotes_of(one["quotes"], known))) for one in said
               if quotes_of(one["quotes"], known)]  # fmt: skip
        if not new:
            return  # its articles are gone again
        reply.add(line("alert", phrase("slack_alert", spoken), bold=True), spoken)
        for place, statement in enumerate(new):
            for part in parts(statement, place, spoken):
                reply.add(part, spoken)
        reply.end("", spoken, None)


def _unasked(text: str, language: str) -> Part:
    """Why a text is no question."""
    return _too_long(language) if len(text) > LONGEST else line("note", phrase("slack_no_question", language))


def _too_long(language: str) -> Part:
    return line("note", phrase("slack_long_question", language, most=f"{LONGEST:,}"))


def respond(address: str, page: Page) -> None:
    """Post at the address that came with a command.

    Raises:
        Busy: Slack takes it later.
        SlackError: Slack does not take it.
    """
    from slack_sdk.webhook import WebhookClient

    body = {"response_type": "ephemeral", "replace_original": False, "text": page.text, "blocks": page.blocks}
    try:
        done = WebhookClient(address, timeout=15, retry_handlers=[], logger=quiet("sdk")).send_dict(body)
    except OSError as error:
        raise SlackError(f"Slack cannot be reached at a command's address ({type(error).__name__})") from None
    if done.status_code in (404, 410):
        raise Refused("a command's address", "expired_url")
    if done.status_code == 429:
        raise Busy("a command's address", asked_to_wait(dict(done.headers)))
    if done.status_code != 200:
        raise SlackError(f"Slack did not take what was posted at a command's address: status {done.status_code}")


def _loaded(item: Item | SourceError, report: Report, spoken: str) -> str:
    """What became of an item that a link leads to."""
    if not isinstance(item, Item):
        return phrase("slack_not_added", spoken, reason=str(item)[:300])
    one = item.article
    name = "slack_known" if report.outcomes.get(one.id) == "unchanged" else "slack_added"
    who, title = one.publisher or phrase("unnamed", spoken), one.title or phrase("untitled", spoken)
    return phrase(name, spoken, title=title[:200], publisher=who[:100], date=date(one.published, spoken))
