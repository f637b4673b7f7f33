"""The writer with a language model: the model drafts, and a statement is released once it is proven.

The model cites sentences by their ids and never retypes them, so a quotation is exact by construction. What is not
proven is never shown, not even for a moment: the sentences that the model cited are quoted in its place.
"""

import functools
from collections.abc import Iterator, Sequence

from assistant.answer import Dropped, Hit, Quote, Statement
from assistant.llm.client import Message, Model
from assistant.llm.context import conversation_text, language_name, neutralised, token_estimate
from assistant.llm.errors import LanguageModelError
from assistant.messages import date, lead, phrase
from assistant.question.reading import Question
from assistant.retrieval.search import SHOWN, hits
from assistant.verification import Checked, Fault, check, requoted, spoken_in, without_markup
from assistant.verification.judge import Judge
from assistant.verification.pending import PendingCheck, begin_check, next_decided
from assistant.writers.extractive import ExtractiveWriter
from assistant.writers.numbered_sentences import NumberedSentences
from assistant.writers.output_parser import NOTHING, DraftStatement, Parser
from assistant.writers.writer import WritingTask
from ingest.errors import ModelError
from ingest.language import folded, root, terms
from prompts import Prompt

_PASSAGES_SHARE = 0.5  # of the model's context window, at most
_ANSWER_SHARE = 0.25  # of the window: for the answer, and some reserve
_MAX_UNPROVEN = 12  # statements of a draft that are not proven: the rest of such a draft is no better
_MAX_REPEATS = 2  # a weak model that repeats itself so often writes nothing new any more


class GenerativeWriter:
    """Writes with a language model.

    Args:
        model: drafts the answer.
        prompt: `prompts/answer.md`.
        judge: decides on statements that are no shortenings; without one they are not shown.
    """

    def __init__(self, model: Model, prompt: Prompt, judge: Judge | None = None) -> None:
        self.name = model.name
        self._model, self._prompt, self._judge = model, prompt, judge

    def write(self, task: WritingTask) -> Iterator[Statement | Dropped]:
        """Write an answer; see `assistant.writers.writer.Writer`. A pending verdict of the judge holds up nothing."""
        if not task.candidates:
            return
        quoted_before = [quote for turn in task.history[-1:] for quote in turn.quotes]
        shown = hits(task.candidates, SHOWN)
        shown += [Hit(quote.article, quote.start, quote.end, score=0.0, cosine=0.0) for quote in quoted_before]
        messages, sentences = answer_prompt(self._prompt, task, shown, self._model.window)
        yield from _Draft(task, sentences, self._judge).write(self._model, messages)


def answer_prompt(
    prompt: Prompt, task: WritingTask, shown: Sequence[Hit], window: int
) -> tuple[list[Message], NumberedSentences]:
    """Fill the prompt for an answer with as many passages as the model's context window has room for.

    Args:
        prompt: `prompts/answer.md`.
        task: its candidates are not looked at.
        shown: the passages, best first.
        window: tokens that the model reads and writes.
    """
    language = task.question.language
    before = conversation_text(task.history, window)
    variables = {
        "today": date(task.asked_at, "en"),
        "language": language_name(language),
        "limit": str(task.limit),
        "nothing": NOTHING,
        "history": f"{phrase('before', language)}\n{before}\n\n" if before else "",
        "question": neutralised(task.question.text),
    }
    fixed = sum(token_estimate(text) for _, text in prompt.filled(passages="", **variables))
    budget = min((1 - _ANSWER_SHARE) * window - fixed, _PASSAGES_SHARE * window)
    sentences = NumberedSentences(shown, budget, language)
    return prompt.filled(passages=sentences.text, **variables), sentences


class _Draft:
    """One answer being written."""

    def __init__(self, task: WritingTask, sentences: NumberedSentences, judge: Judge | None) -> None:
        self._task, self._sentences, self._judge = task, sentences, judge
        self._quoted: dict[Quote, None] = {}  # in order, each once
        self._pending: list[PendingCheck] = []
        self._dropped = 0
        self._has_text = False
        self._has_replaced = False  # cited sentences stand in the place of a statement
        self._finds_nothing = False  # the model said that the articles do not answer, and wrote nothing else

    def write(self, model: Model, messages: Sequence[Message]) -> Iterator[Statement | Dropped]:
        """Ask the model, and yield what is proven."""
        failure: ModelError | None = None
        try:
            yield from self._read(model.stream(messages, self._task.usage))
        except ModelError as error:
            failure = error
        yield from self._decided(waiting=True)
        if self._has_replaced:  # then the answer has at least what the program alone would quote
            missing = [quote for quote in self._extractive if not any(other.lies_in(quote) for other in self._quoted)]
            yield from self._quotations(missing, self._task.limit)
        if failure:
            raise failure
        if not self._has_text:
            raise LanguageModelError("model_empty", model=model.name)
        if not self._quoted and not self._finds_nothing:
            raise LanguageModelError("model_unproven", model=model.name)

    def _read(self, stream: Iterator[str]) -> Iterator[Statement | Dropped]:
        """Read the model's output up to its end, or as far as it is of use."""
        parser = Parser()
        seen: set[str] = set()
        repeats = 0
        for draft in self._parsed(stream, parser):
            if draft is None:
                yield from self._decided(waiting=False)
                continue
            text = without_markup(draft.text)
            if folded(text) in seen:
                repeats += 1
                if repeats == _MAX_REPEATS:
                    return
                continue
            seen.add(folded(text))
            yield from self._considered(text, self._sentences.quotes(draft.ids), has_ids=bool(draft.ids))
            if self._is_full or self._dropped + len(self._pending) >= _MAX_UNPROVEN:
                return
        self._finds_nothing = parser.nothing and not (self._quoted or self._pending or self._dropped)

    def _parsed(self, stream: Iterator[str], parser: Parser) -> Iterator[DraftStatement | None]:
        """The statements in the model's output; None after each piece, when verdicts may be looked at."""
        for piece in stream:
            self._has_text = self._has_text or bool(piece.strip())
            yield from parser.feed(piece)
            yield None
        yield from parser.close()

    def _considered(self, text: str, quotes: list[Quote], *, has_ids: bool) -> Iterator[Statement | Dropped]:
        """What is shown of a statement at once; nothing yet if a judge has to be asked."""
        if not any(character.isalnum() for character in text):
            yield self._drop(text, Fault("words", "there are no words in it"))
        elif not quotes:
            reason = "there are no whole sentences with these ids" if has_ids else "it names no sentence"
            yield self._drop(text, Fault("ids", reason))
        elif not _are_about(quotes, self._task.question):
            yield self._drop(text, Fault("question", "the cited sentences are not about the question"))
        else:
            text, quotes = requoted(text, quotes)
            checked = check(text, quotes, self._task.question.standalone)
            if checked.fault and checked.fault.kind == "words" and self._judge:
                self._pending.append(begin_check(self._judge, text, quotes))
            else:
                yield from self._shown(text, checked)

    def _decided(self, *, waiting: bool) -> Iterator[Statement | Dropped]:
        """What is shown of the statements that the judge has decided on; of all that are pending, if `waiting`."""
        while self._pending and not self._is_full:
            index = next_decided(self._pending, waiting=waiting)
            if index is None:
                return
            pending = self._pending.pop(index)
            self._task.usage.add(pending.usage)
            yield from self._shown(pending.statement, pending.checked)

    def _shown(self, text: str, checked: Checked) -> Iterator[Statement | Dropped]:
        """A statement, if it is proven and there is room for its quotations; else the sentences that it cites."""
        quotes = list(checked.quotes)
        if checked.fault:
            yield self._drop(text, checked.fault)
            yield from self._replacements(quotes)
            return
        if checked.proof and checked.proof != "quoted" and len({*self._quoted, *quotes}) <= self._task.limit:
            self._quoted.update(dict.fromkeys(quotes))
            judge = self._judge.name if checked.proof == "judged" and self._judge else ""
            yield Statement(text, tuple(quotes), checked.proof, judge)
            return
        yield from self._quotations(quotes, self._task.limit)

    def _replacements(self, quotes: Sequence[Quote]) -> Iterator[Statement]:
        """Quote the sentences of a statement that is not proven, as long as the extractive writer would quote them.

        Room for one quotation is kept for the extractive writer's best.
        """
        self._has_replaced = True
        own = self._extractive
        wider = [next((other for other in own if quote.lies_in(other)), quote) for quote in quotes]
        has_best = not own or own[0] in {*wider, *self._quoted}
        limit = self._task.limit
        yield from self._quotations(list(dict.fromkeys(wider)), limit if has_best else max(1, limit - 1))

    def _quotations(self, quotes: Sequence[Quote], limit: int) -> Iterator[Statement]:
        """Quotations without a statement, by article, as many as there is room for, without those shown already."""
        for article in dict.fromkeys(quote.article for quote in quotes):
            new = [one for one in quotes if one.article == article and not any(map(one.lies_in, self._quoted))]
            if new := new[: max(0, limit - len(self._quoted))]:
                self._quoted.update(dict.fromkeys(new))
                source = lead(article.publisher, article.published, self._task.question.language)
                yield Statement(source, tuple(new))

    @functools.cached_property
    def _extractive(self) -> list[Quote]:
        """What the extractive writer would quote, best first."""
        return [quote for statement in ExtractiveWriter().write(self._task) for quote in statement.quotes]

    @property
    def _is_full(self) -> bool:
        return len(self._quoted) >= self._task.limit

    def _drop(self, text: str, fault: Fault) -> Dropped:
        self._dropped += 1
        return Dropped(text, fault.kind, fault.reason)


def _are_about(quotes: Sequence[Quote], question: Question) -> bool:
    """Whether quotations, or their titles, have a word of the question; true where one is in another language."""
    asked = {root(term) for term in terms(question.standalone, question.language)}
    if not asked or any(spoken_in(quote) != question.language for quote in quotes):
        return True
    text = " ".join(part for quote in quotes for part in (quote.text, quote.article.title))
    return not asked.isdisjoint(map(root, terms(text, question.language)))
