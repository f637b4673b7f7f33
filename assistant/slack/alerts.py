"""What is new: statements for those who watch a question, and the brief of what came in."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from assistant.answer import Answer, Quote, Statement
from assistant.assistant import Assistant
from assistant.messages import phrase
from assistant.slack.blocks import Part, attribution, statements_data
from assistant.slack.job import Job, written
from assistant.slack.queue import Queue, Watch
from assistant.slack.rich_text import lead, quotation, rich, runs, section
from assistant.slack.stories import grouped
from ingest.article import Article
from ingest.language import folded, one_line, sentences

log = logging.getLogger(__name__)

HOUR = 3600.0
"""Seconds at least between two alerts of one watch."""

_PAUSE = 300.0  # seconds between two looks at one watch
_QUOTES = 10  # of an answer: what is new may stand below what is known
_READ = 500  # articles of a brief that are looked at
_STORIES = 12  # that are shown
_SHORT = 5  # words: a sentence with fewer is a dateline or a heading
_LONG = 600  # characters of a quoted line


def print_of(quote: Quote) -> str:
    """What makes two quotations the same news: their words, whoever prints them."""
    return hashlib.sha256(folded(one_line(quote.text)).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def news(answer: Answer, told: set[str], since: float) -> list[Statement]:
    """The statements of an answer that rest on quotations which are not told yet, of articles that came in since then.

    A statement that only leads to its quotations goes without those that are told.
    """
    new: list[Statement] = []
    for statement in answer.statements:
        fresh = tuple(
            quote
            for quote in statement.quotes
            if print_of(quote) not in told and quote.article.fetched.timestamp() + 1 > since
        )
        if fresh:
            told |= set(map(print_of, fresh))
            new.append(replace(statement, quotes=fresh) if statement.proof == "quoted" else statement)
    return new


class Alerts:
    """Looks after the watches of a queue: one thread, one watch after the other.

    Args:
        assistant: answers.
        queue: keeps the watches; what is to be told is put there as a task.
        wake: called when there is a task.
        pause: seconds between two looks at one watch.
        hour: seconds at least between two alerts of one watch.
    """

    def __init__(
        self, assistant: Assistant, queue: Queue, wake: Callable[[], None], pause: float = _PAUSE, hour: float = HOUR
    ) -> None:
        self._assistant, self._queue, self._wake, self._pause, self._hour = assistant, queue, wake, pause, hour
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="khabar-slack-alerts", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """End; wait at most so many seconds."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping.wait(min(self._pause / 10, 30.0)):
            try:
                while not self._stopping.is_set() and (watch := self._queue.claim_due_watch(self._pause)):
                    self.look(watch)
            except Exception as error:  # one watch, or the archive: the others and the next look go on
                if self._stopping.is_set():
                    return
                log.warning("the watches wait: %s", type(error).__name__)
                log.debug("the watches wait", exc_info=error)

    def look(self, watch: Watch) -> bool:
        """Ask a kept question again, and put what is new on the desk; whether there is any."""
        if not self._queue.articles_since(watch.created - 1, 1):
            return False
        answer = self._assistant.ask(watch.question, quotes=_QUOTES)
        new = news(answer, self._queue.alerted(watch.number), watch.created)
        if not new:
            return False
        prints = [print_of(quote) for statement in new for quote in statement.quotes]
        place = f"{time.time():017.6f}"
        job = Job("alert", "", watch.channel, "", statements_data(new, answer.language), watch.thread, place)
        key = f"alert:{watch.number}:{hashlib.sha256(''.join(sorted(prints)).encode()).hexdigest()[:24]}"
        put = self._queue.record_alert(watch, prints, key, written(job), self._hour)
        if put:
            self._wake()
        return put


def brief(articles: Sequence[Article], spoken: str, known: Mapping[str, int]) -> list[Part]:
    """What came in: a story is one quoted line, with who says it; the stories that most tell come first.

    Args:
        articles: that came in, the newest first.
        spoken: "ar" or "en", of the reader.
        known: the archive's stories by the articles' ids, see `NearDuplicates.stories`.
    """
    stories = sorted(grouped(articles, known), key=len, reverse=True)
    heading = phrase("slack_brief", spoken, articles=f"{len(articles):,}", stories=f"{len(stories):,}")
    if not stories:
        heading = phrase("slack_brief_empty", spoken)
    done = [Part((rich("brief", section(*runs(heading, bold=True))),), (), (heading,))]
    for place, story in enumerate(stories[:_STORIES]):
        quote = first_line(story[0])
        if quote is None:
            continue
        also = [] if len(story) == 1 else [
            *runs("\n"), *lead(spoken), *runs(phrase("slack_others", spoken, count=str(len(story) - 1)), italic=True)
        ]  # fmt: skip
        block = rich(f"story{place}", quotation(quote.text), section(*attribution(story[0], spoken), *also))
        done.append(Part((block,), (quote,), ()))
    if len(stories) > _STORIES:
        more = phrase("slack_brief_more", spoken, count=str(len(stories) - _STORIES))
        done.append(Part((rich("rest", section(*runs(more, italic=True))),), (), (more,)))
    return done


def first_line(article: Article) -> Quote | None:
    """The first sentence of an article that says something; None if none is short enough to be shown."""
    for start, end in sentences(article.text, article.language)[:8]:
        line = article.text[start:end]
        if len(line.split()) >= _SHORT and len(line) <= _LONG:
            return Quote(article, start, end)
    return None


def since_yesterday(now: datetime | None = None) -> float:
    """The beginning of yesterday, seconds since 1970; the day is that of UTC."""
    today = (now or datetime.now(UTC)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today - timedelta(days=1)).timestamp()


def came_in(queue: Queue) -> list[Article]:
    """The articles of the brief."""
    return queue.articles_since(since_yesterday(), _READ)
