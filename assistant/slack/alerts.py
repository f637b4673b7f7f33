"""Alerts: ask watched questions again, and enqueue what new articles add to their answers."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from assistant.answer import Answer, Quote, Statement
from assistant.assistant import Assistant
from assistant.slack.job import Job, encode
from assistant.slack.queue import Queue, Watch
from assistant.slack.references import encode_statements
from ingest.language import folded, one_line

log = logging.getLogger(__name__)

HOUR = 3600.0
"""The least time between two alerts of one watch, in seconds."""

_PAUSE = 300.0  # seconds between two checks of one watch
_QUOTES = 10  # quotations of an answer: new ones may rank below known ones


def fingerprint(quote: Quote) -> str:
    """Hash a quotation's folded words: the same words are the same news, whoever publishes them."""
    return hashlib.sha256(folded(one_line(quote.text)).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def new_statements(answer: Answer, seen: set[str], since: float) -> list[Statement]:
    """Return the statements that new quotations prove.

    Args:
        answer: the answer to a watched question.
        seen: fingerprints of quotations that are not new; those of the result are added.
        since: seconds since 1970; quotations from articles fetched earlier are not new.

    Returns:
        Quoted statements have only their new quotations; other statements keep all of theirs.
    """
    statements: list[Statement] = []
    for statement in answer.statements:
        new = tuple(
            quote
            for quote in statement.quotes
            if fingerprint(quote) not in seen and quote.article.fetched.timestamp() + 1 > since
        )
        if new:
            seen |= set(map(fingerprint, new))
            statements.append(replace(statement, quotes=new) if statement.proof == "quoted" else statement)
    return statements


class Alerts:
    """Checks the watches of a queue in one thread, one after the other.

    Args:
        assistant: answers.
        queue: holds the watches, and receives the alerts as tasks.
        wake: called after an alert was enqueued.
        pause: seconds between two checks of one watch.
        hour: the least time between two alerts of one watch, in seconds.
    """

    def __init__(
        self, assistant: Assistant, queue: Queue, wake: Callable[[], None], pause: float = _PAUSE, hour: float = HOUR
    ) -> None:
        self._assistant, self._queue, self._wake, self._pause, self._hour = assistant, queue, wake, pause, hour
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="khabar-slack-alerts", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Stop the thread, and wait for it at most the given seconds."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping.wait(min(self._pause / 10, 30.0)):
            try:
                while not self._stopping.is_set() and (watch := self._queue.claim_due_watch(self._pause)):
                    self.check(watch)
            except Exception as error:  # from one watch or the archive: try again after the pause
                if self._stopping.is_set():
                    return
                log.warning("could not check the watches: %s", type(error).__name__)
                log.debug("could not check the watches", exc_info=error)

    def check(self, watch: Watch) -> bool:
        """Ask a watched question again, and enqueue an alert if the answer has new quotations.

        Returns:
            Whether an alert was enqueued.
        """
        if not self._queue.articles_since(watch.created - 1, 1):
            return False
        answer = self._assistant.ask(watch.question, quotes=_QUOTES)
        statements = new_statements(answer, self._queue.alerted(watch.number), watch.created)
        if not statements:
            return False
        fingerprints = [fingerprint(quote) for statement in statements for quote in statement.quotes]
        text = encode_statements(statements, answer.language)
        job = Job("alert", "", watch.channel, "", text, watch.thread, f"{time.time():017.6f}")
        key = f"alert:{watch.number}:{hashlib.sha256(''.join(sorted(fingerprints)).encode()).hexdigest()[:24]}"
        enqueued = self._queue.record_alert(watch, fingerprints, key, encode(job), self._hour)
        if enqueued:
            self._wake()
        return enqueued
