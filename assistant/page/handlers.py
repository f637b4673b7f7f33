"""The page's work, without Gradio: pass on to the assistant what a browser sends, and return markup.

The server keeps no conversation. A browser sends its own with each question and gets it back with the answer, so that
readers never see each other's.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from markupsafe import Markup

from assistant.answer import Done, Event, Found, Searching, Stated
from assistant.assistant import Assistant
from assistant.page.adding import Progress, add_address, add_files, add_samples
from assistant.page.archive_view import PAGE_SIZE, article_list_html, progress_html, report_html, summary_html
from assistant.page.article_view import article_html
from assistant.page.conversation import (
    Conversation,
    Exchange,
    Filters,
    StoredArticles,
    history,
    parse_conversation,
)
from assistant.page.examples import example_questions
from assistant.page.export import conversation_markdown
from assistant.page.failures import error_message
from assistant.page.localization import ui_language, ui_text
from assistant.page.templates import render
from assistant.page.transcript import log_html, turn_html, turns_html, welcome_html
from ingest.archive import Feedback
from ingest.errors import KhabarError

_MAX_REASON = 1000  # characters


@dataclass(frozen=True, slots=True)
class View:
    """What a reader sees of a conversation, and what the browser keeps of it.

    Attributes:
        past: the markup of the turns before the last one; None if it has not changed.
        live: the markup of the last turn, or of the welcome if there is none.
        status: the current step, as text; "" if no answer is running.
        kept: the conversation as JSON for the browser.
    """

    past: str | None
    live: str
    status: str
    kept: str


class Handlers:
    """Serves the readers of one assistant.

    Args:
        assistant: answers, and holds the archive.
        read_only: nothing can be added to the archive.
    """

    def __init__(self, assistant: Assistant, *, read_only: bool = False) -> None:
        self.assistant = assistant
        self.read_only = read_only

    # -- the conversation ------------------------------------------------------------------------------------------

    def show(self, kept: object, language: object) -> View:
        """Show a conversation that a browser has kept."""
        return self._view(parse_conversation(kept), ui_language(language))

    def ask(
        self, question: str, kept: object, language: object, filters: Filters, *, dated: bool = True
    ) -> Iterator[View]:
        """Answer a question; yield a view for each step. `dated`: see `Assistant.stream`."""
        code, before, archive = ui_language(language), parse_conversation(kept), self.assistant.archive
        turn = Exchange(question=question.strip()[:20_000], narrowed=filters)
        conversation = before.with_turn(turn)
        past = turns_html(before, StoredArticles(archive, before.turns), code, archive.statistics, finished=True)
        searching = ui_text("searching", code)
        yield View("".join(past), self._last_turn(conversation, code), searching, conversation.to_json())
        try:
            earlier = history(before, archive)
            for event in self.assistant.stream(turn.question, earlier, filters.archive_filter(), dated=dated):
                turn, status = self._apply(event, turn, code)
                conversation = conversation.replacing(turn)
                if not self._is_redundant(event, turn):
                    yield View(None, self._last_turn(conversation, code), status, conversation.to_json())
        except Exception as error:  # the reader sees a message, and can ask again
            conversation = conversation.replacing(turn.with_failure(error_message(error, code)))
            yield View(None, self._last_turn(conversation, code), "", conversation.to_json())

    def _apply(self, event: Event, turn: Exchange, language: str) -> tuple[Exchange, str]:
        """Apply an event to the turn; return the turn and the status to show."""
        match event:
            case Searching(question, dates, day):
                return turn.with_search(question, dates, day), ui_text("searching", language)
            case Found(hits):
                return turn, ui_text("reading", language, count=str(len(hits)), model=self.assistant.writer)
            case Stated(statement):
                return turn.with_statement(statement), ui_text("writing", language, count=str(len(turn.stated) + 1))
            case Done(answer):
                return turn.with_answer(answer), ""

    def _is_redundant(self, event: Event, turn: Exchange) -> bool:
        """Whether a view after the event would be replaced at once; sending one takes some 30 ms."""
        if isinstance(event, Searching):
            return turn.searched == turn.question
        return isinstance(event, Found) and not self.assistant.writer  # without a model the answer follows at once

    def judge(self, kept: object, language: object, index: int, verdict: str, reason: str = "") -> View:
        """Store a reader's verdict on an answer; any but "good" and "bad" leaves the earlier verdict unchanged."""
        conversation, code = parse_conversation(kept), ui_language(language)
        if not 0 <= index < len(conversation.turns):
            return self._view(conversation, code)
        turn = conversation.turns[index]
        good = turn.verdict == "good" if verdict not in ("good", "bad") else verdict == "good"
        reason = reason.strip()[:_MAX_REASON]
        identity = turn.feedback if len(turn.feedback) == 16 else secrets.token_hex(8)
        feedback = Feedback(
            identity, datetime.now(UTC), "page", good, reason, turn.question, turn.answer_text, turn.writer,
            tuple((cited.article, cited.start, cited.end) for cited in turn.cited),
        )  # fmt: skip
        self.assistant.archive.feedback.save(feedback)
        judged = {"verdict": "good" if good else "bad", "reason": reason, "feedback": identity}
        return self._view(conversation.replacing(turn.model_copy(update=judged), index), code)

    def take_back(self, kept: object, language: object) -> tuple[View, str]:
        """Remove the last turn; return its question too."""
        conversation = parse_conversation(kept)
        question = conversation.turns[-1].question if conversation.turns else ""
        return self._view(conversation.without_last(1), ui_language(language)), question

    def _view(self, conversation: Conversation, language: str) -> View:
        archive = self.assistant.archive
        turns = turns_html(conversation, StoredArticles(archive, conversation.turns), language, archive.statistics)
        if turns:
            live = log_html(turns[-1:], language)
        else:
            examples = example_questions(archive, language)
            live = welcome_html(language, examples, archive.statistics(), read_only=self.read_only)
        return View("".join(turns[:-1]), live, "", conversation.to_json())

    def _last_turn(self, conversation: Conversation, language: str) -> Markup:
        archive, turn = self.assistant.archive, conversation.turns[-1]
        stored, index = StoredArticles(archive, [turn]), len(conversation.turns) - 1
        return log_html([turn_html(turn, index, stored, language, archive.statistics, last=True)], language)

    def export(self, kept: object, language: object) -> str:
        """Return a conversation as Markdown."""
        conversation = parse_conversation(kept)
        stored = StoredArticles(self.assistant.archive, conversation.turns)
        return conversation_markdown(conversation, stored, ui_language(language))

    def article(self, identity: str, start: int, end: int, language: object) -> str:
        """Return the markup of a whole article, with a quotation marked."""
        code = ui_language(language)
        try:
            return article_html(self.assistant.archive.article(identity), start, end, code)
        except Exception as error:
            return _error_html(error, code)

    # -- the archive -----------------------------------------------------------------------------------------------

    def summary(self, language: object) -> str:
        """Return the markup of the archive's statistics."""
        archive = self.assistant.archive
        return summary_html(archive.statistics(), archive.outlets(), ui_language(language), datetime.now(UTC))

    def listing(self, words: str, language: object, offset: int = 0) -> str:
        """Return the markup of the articles nearest to some words, or without words a page of all, newest first."""
        code, now, archive = ui_language(language), datetime.now(UTC), self.assistant.archive
        offset = max(0, offset)
        try:
            if words.strip():
                hits = self.assistant.find(words[:500], limit=4 * PAGE_SIZE)
                nearest = list({hit.article.id: hit.article for hit in hits}.values())
                return article_list_html(nearest[:PAGE_SIZE], code, now)
            articles = list(archive.list(limit=PAGE_SIZE + 1, offset=offset))
            return article_list_html(articles[:PAGE_SIZE], code, now, offset, more=len(articles) > PAGE_SIZE)
        except Exception as error:
            return _error_html(error, code)

    def choices(self) -> tuple[list[str], list[str]]:
        """Return the publishers and the languages that a search can be limited to."""
        statistics = self.assistant.archive.statistics()
        return [name for name in statistics.publishers if name], [code for code in statistics.languages if code]

    def add(self, files: Sequence[tuple[Path, str]], address: str, publisher: str, language: object) -> Iterator[str]:
        """Add files, or the page or feed at an address; yield markup of the progress, and finally of the report.

        Args:
            files: the path and the name of each uploaded file.
            address: of a page or feed; used only if there are no files.
            publisher: for articles that do not name theirs.
            language: of the interface.
        """
        code, publisher = ui_language(language), publisher.strip()[:200]
        if files:
            yield from self._adding(add_files(self.assistant, files, publisher), code)
        elif address.strip():
            yield from self._adding(add_address(self.assistant, address[:2000], publisher), code)
        else:
            yield render("note", code, message=ui_text("nothing_to_add", code))

    def add_samples(self, language: object) -> Iterator[str]:
        """Add the sample articles; yield what `add` does."""
        yield from self._adding(add_samples(self.assistant), ui_language(language))

    def _adding(self, steps: Iterator[Progress], language: str) -> Iterator[str]:
        last: Progress | None = None
        try:
            if self.read_only:
                raise KhabarError(ui_text("read_only", language))
            for last in steps:
                yield progress_html(last.report, last.expected, language)
        except Exception as error:
            yield _error_html(error, language)
            return
        if last:
            yield report_html(last.report, language, last.names)


def _error_html(error: Exception, language: str) -> Markup:
    return render("error", language, message=error_message(error, language))
