"""What happens on the page, without Gradio: what a browser sends -> the core -> what is shown and kept.

The server keeps nothing of a reader. A browser sends its conversation with each question and gets it back, so ten
readers are ten conversations, and none is anybody else's.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assistant.answer import Done, Event, Found, Searching, Stated
from assistant.assistant import Assistant
from assistant.page import archive_view
from assistant.page.adding import Added, add_address, add_files, add_samples
from assistant.page.article_view import whole
from assistant.page.conversation import Conversation, Exchange, Narrowed, Resolved, history, narrowing, opened
from assistant.page.examples import examples
from assistant.page.export import exported
from assistant.page.failures import told
from assistant.page.html import escaped, run
from assistant.page.localization import said, spoken
from assistant.page.transcript import exchange, log, turns, welcome
from ingest.archive import Feedback
from ingest.errors import KhabarError

_LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class View:
    """What a reader sees of a conversation, and what the browser keeps of it.

    Attributes:
        past: the turns before the last one, in markup; None while they stay as they are.
        live: the last turn, or what stands where there is none.
        status: what is going on, as text; "" when nothing is.
        kept: the conversation for the browser.
    """

    past: str | None
    live: str
    status: str
    kept: str


class Handlers:
    """Serves the readers of one assistant.

    Args:
        read_only: nothing may be added to the archive.
    """

    def __init__(self, assistant: Assistant, *, read_only: bool = False) -> None:
        self.assistant = assistant
        self.read_only = read_only

    # -- the conversation ------------------------------------------------------------------------------------------

    def show(self, kept: object, language: object) -> View:
        """A conversation as a browser kept it."""
        return self._view(opened(kept), spoken(language))

    def ask(
        self, question: str, kept: object, language: object, narrowed: Narrowed, *, dated: bool = True
    ) -> Iterator[View]:
        """Answer a question; a view for each thing that becomes known. `dated`: see `Assistant.stream`."""
        tongue, before = spoken(language), opened(kept)
        turn = Exchange(question=question.strip()[:20_000], narrowed=narrowed)
        conversation = before.asking(turn)
        resolved = Resolved(self.assistant.archive, before.turns)
        rendered = turns(before, resolved, tongue, self.assistant.archive.statistics, finished=True)
        yield View("".join(rendered), self._live(conversation, tongue), said("searching", tongue), _json(conversation))
        try:
            where = narrowing(narrowed)
            earlier = history(before, self.assistant.archive)
            for event in self.assistant.stream(turn.question, earlier, where, dated=dated):
                turn, status = self._after(turn, event, tongue)
                conversation = conversation.ending(turn)
                if self._is_known(event, turn):
                    continue
                yield View(None, self._live(conversation, tongue), status, _json(conversation))
        except Exception as error:  # every reader is told something, and the next question is still answered
            failed = turn.model_copy(update={"state": "failed", "notice": told(error, tongue)[:4000]})
            conversation = conversation.ending(failed)
            yield View(None, self._live(conversation, tongue), "", _json(conversation))

    def _after(self, turn: Exchange, event: Event, language: str) -> tuple[Exchange, str]:
        """The turn after an event, and what goes on then."""
        model = self.assistant.writer
        match event:
            case Searching(question, dates, day):
                return turn.searching(question, dates, day), said("searching", language)
            case Found(hits):
                return turn, said("reading", language, count=str(len(hits)), model=model)
            case Stated(statement):
                count = str(len(turn.stated) + 1)
                return turn.stating(statement), said("writing", language, count=count)
            case Done(answer):
                return turn.answering(answer), ""

    def _is_known(self, event: Event, turn: Exchange) -> bool:
        """Whether an event changes nothing that is seen for long; each view takes the way to the browser some 30 ms."""
        if isinstance(event, Searching):
            return turn.searched == turn.question
        return isinstance(event, Found) and not self.assistant.writer  # without a model the answer follows at once

    def judge(self, kept: object, language: object, place: int, verdict: str, reason: str = "") -> View:
        """Keep a reader's word on an answer."""
        conversation, tongue = opened(kept), spoken(language)
        if not 0 <= place < len(conversation.turns):
            return self._view(conversation, tongue)
        turn = conversation.turns[place]
        good = turn.verdict == "good" if verdict not in ("good", "bad") else verdict == "good"
        words = reason.strip()[:_LONGEST_REASON]
        identity = turn.feedback if len(turn.feedback) == 16 else secrets.token_hex(8)
        given = Feedback(
            identity, datetime.now(UTC), "page", good, words, turn.question, turn.said, turn.writer,
            tuple((one.article, one.start, one.end) for one in turn.cited),
        )  # fmt: skip
        self.assistant.archive.feedback.save(given)
        judged = {"verdict": "good" if good else "bad", "reason": words, "feedback": identity}
        return self._view(conversation.ending(turn.model_copy(update=judged), place), tongue)

    def back(self, kept: object, language: object) -> tuple[View, str]:
        """Take the last turn back; with its question."""
        conversation = opened(kept)
        question = conversation.turns[-1].question if conversation.turns else ""
        return self._view(conversation.without(1), spoken(language)), question

    def _view(self, conversation: Conversation, language: str) -> View:
        resolved = Resolved(self.assistant.archive, conversation.turns)
        rendered = turns(conversation, resolved, language, self.assistant.archive.statistics)
        live = log(rendered[-1:], language) if rendered else self._welcome(language)
        return View("".join(rendered[:-1]), live, "", _json(conversation))

    def _live(self, conversation: Conversation, language: str) -> str:
        turn = conversation.turns[-1]
        resolved = Resolved(self.assistant.archive, [turn])
        place, holds = len(conversation.turns) - 1, self.assistant.archive.statistics
        return log([exchange(turn, place, resolved, language, holds, last=True)], language)

    def _welcome(self, language: str) -> str:
        archive = self.assistant.archive
        return welcome(language, examples(archive, language), archive.statistics(), read_only=self.read_only)

    def export(self, kept: object, language: object) -> str:
        """A conversation as Markdown."""
        conversation = opened(kept)
        return exported(conversation, Resolved(self.assistant.archive, conversation.turns), spoken(language))

    def article(self, identity: str, start: int, end: int, language: object) -> str:
        """A whole article in markup, opened at a quotation."""
        tongue = spoken(language)
        try:
            return whole(self.assistant.archive.article(identity), start, end, tongue)
        except Exception as error:
            return _error(error, tongue)

    # -- the archive -----------------------------------------------------------------------------------------------

    def summary(self, language: object) -> str:
        """What the archive holds."""
        archive = self.assistant.archive
        return archive_view.summary(archive.statistics(), archive.outlets(), spoken(language), datetime.now(UTC))

    def listing(self, words: str, language: object, offset: int = 0) -> str:
        """The articles that are about some words; without words all of them, the newest first."""
        tongue, now, archive = spoken(language), datetime.now(UTC), self.assistant.archive
        first = max(0, offset)
        try:
            if words.strip():
                hits = self.assistant.find(words[:500], limit=4 * archive_view.PAGE)
                found = list({hit.article.id: hit.article for hit in hits}.values())[: archive_view.PAGE]
                return archive_view.listing(found, tongue, now, 0, searched=True, more=False)
            page = list(archive.list(limit=archive_view.PAGE + 1, offset=first))
            more = len(page) > archive_view.PAGE
            return archive_view.listing(page[: archive_view.PAGE], tongue, now, first, searched=False, more=more)
        except Exception as error:
            return _error(error, tongue)

    def choices(self) -> tuple[list[str], list[str]]:
        """The publishers and the languages that questions can be narrowed to."""
        holds = self.assistant.archive.statistics()
        return [name for name in holds.publishers if name], [code for code in holds.languages if code]

    def add(self, files: Sequence[tuple[Path, str]], address: str, publisher: str, language: object) -> Iterator[str]:
        """Add files and what an address leads to; the progress in markup, last the report."""
        publisher = publisher.strip()[:200]
        if files:
            yield from self._adding(add_files(self.assistant, files, publisher), spoken(language))
        elif address.strip():
            yield from self._adding(add_address(self.assistant, address[:2000], publisher), spoken(language))
        else:
            yield f'<p class="k-note">{escaped(said("nothing_to_add", spoken(language)))}</p>'

    def add_samples(self, language: object) -> Iterator[str]:
        """Add the sample articles."""
        yield from self._adding(add_samples(self.assistant), spoken(language))

    def _adding(self, steps: Iterator[Added], language: str) -> Iterator[str]:
        last: Added | None = None
        try:
            if self.read_only:
                raise KhabarError(said("read_only", language))
            for last in steps:
                yield archive_view.progress(last.report, last.expected, language)
        except Exception as error:
            yield _error(error, language)
            return
        if last:
            yield archive_view.report_table(last.report, language, last.names)


def _error(error: Exception, language: str) -> str:
    return f'<p class="k-error" role="alert">{run(told(error, language), "bdi")}</p>'


def _json(conversation: Conversation) -> str:
    return conversation.model_dump_json(exclude_defaults=True)
