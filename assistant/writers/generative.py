"""The writer with a model: it drafts, and what is proven is released, one statement at a time.

The model names sentences by their ids and never retypes them, so a quotation is exact by construction. Words that are
not proven are never released, not even for a moment: the sentences that the model named stand in their place.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.answer import Dropped, Hit, Quote, Statement, Turn
from assistant.llm.client import Message, Meter, Model, WriterError
from assistant.llm.context import fenced, tokens, told, tongue
from assistant.messages import date, lead, phrase
from assistant.question.reading import Question
from assistant.verification import Checked, Fault, check, locate, quoted_words, spoken_in, unmarked
from assistant.verification.judge import Judge, Verdict, next_decided
from assistant.writers.output_parser import NOTHING, Drafted, Parser, plain
from ingest.errors import ModelError
from ingest.language import direction, folded, one_line, root, sentences, terms
from prompts import Prompt

_PASSAGES = 0.5  # of the model's context, at most
_WRITTEN = 0.25  # of it, for the answer and a little more
_MOST = 12  # statements of a draft that are not proven: more are no better
_LOOP = 2  # statements written twice: a weak model that goes round in circles writes nothing else any more


class Sheet:
    """The passages as a model sees them, sentence by sentence, and the way back from an id to a quotation.

    The best is nearest to the question, where weak models look first, and keeps the number 1.

    Args:
        hits: best first; those that do not fit are left out, but for the first.
        budget: tokens that they may fill.
        language: of the reader, for dates.
    """

    def __init__(self, hits: Sequence[Hit], budget: float, language: str) -> None:
        self._quotes: dict[tuple[int, int], Quote] = {}
        blocks: list[str] = []
        for hit in hits:
            number = len(blocks) + 1
            article = hit.article
            spans = [(hit.start + start, hit.start + end) for start, end in sentences(hit.text, article.language)]
            source = " — ".join(filter(None, (article.publisher, article.title, date(article.published, language))))
            lines = [f"<article {number}> {fenced(one_line(source))}"]
            lines += [f"[{number}.{n}] {fenced(one_line(article.text[a:b]))}" for n, (a, b) in enumerate(spans, 1)]
            block = "\n".join([*lines, "</article>"])
            budget -= tokens(block) + 1  # for what stands between two
            if budget < 0 and blocks:
                break
            blocks.append(block)
            self._quotes.update({(number, n): Quote(article, *span) for n, span in enumerate(spans, 1)})
        self.text = "\n\n".join(reversed(blocks))

    def quotes(self, ids: Sequence[tuple[int, int]]) -> list[Quote]:
        """The quotations of these ids without those that there are not; sentences that follow each other are one.

        A heading is quoted only with the sentence below it.
        """
        joined: list[Quote] = []
        for quote in (self._quotes[id_] for id_ in sorted({id_ for id_ in ids if id_ in self._quotes})):
            last = joined[-1] if joined else None
            if last and last.article.id == quote.article.id and last.start <= quote.start:
                between = quote.article.text[last.end : quote.start]
                if quote.start <= last.end or (not between.strip() and ("\n" not in between or not last.has_content)):
                    joined[-1] = Quote(last.article, last.start, max(last.end, quote.end))
                    continue
            joined.append(quote)
        return [quote for quote in dict.fromkeys(joined) if quote.has_content]


class Draft:
    """One answer being written. `statements` gives what is proven; then the rest says what came of it.

    Args:
        own: what would be quoted without a model, best first: asked where a statement is not proven, so that an answer
            never has less than that one.

    Attributes:
        dropped: what was written and could not be proven.
        nothing: whether the model said that the articles do not answer, and wrote nothing else.
        replaced: whether sentences stand in the place of anything that was written.
    """

    def __init__(
        self,
        question: Question,
        hits: Sequence[Hit],
        history: Sequence[Turn],
        model: Model,
        prompts: dict[str, Prompt],
        limit: int,
        today: datetime,
        meter: Meter,
        judge: Judge | None = None,
        own: Callable[[], Sequence[Quote]] = tuple,
    ) -> None:
        self.dropped: list[Dropped] = []
        self.nothing = False
        self.replaced = False
        self._wrote = False
        self._question = question
        self._model, self._meter, self._judge, self._own = model, meter, judge, own
        self._limit = limit
        self._quoted: dict[Quote, None] = {}
        self._waiting: list[_Waiting] = []
        before = told(history, model.window)
        variables = {
            "today": date(today, "en"),
            "language": tongue(question.language),
            "limit": str(limit),
            "nothing": NOTHING,
            "history": f"{phrase('before', question.language)}\n{before}\n\n" if before else "",
            "question": fenced(question.text),
        }
        fixed = sum(tokens(words) for _, words in prompts["answer"].filled(passages="", **variables))
        left = (1 - _WRITTEN) * model.window - fixed
        self._sheet = Sheet(hits, min(left, _PASSAGES * model.window), question.language)
        self.messages: list[Message] = prompts["answer"].filled(passages=self._sheet.text, **variables)

    def statements(self) -> Iterator[Statement]:
        """Write; each statement is proven before it is given. One that waits for a judge holds up no other.

        Raises:
            ModelError: the model failed, wrote nothing, or nothing that names a sentence.
        """
        lost: ModelError | None = None
        try:
            yield from self._written()
        except ModelError as error:
            lost = error
        yield from self._judged(wait=True)
        if self.replaced:
            new = [quote for quote in self._own() if not any(other.lies_in(quote) for other in self._quoted)]
            yield from self._quotations(new, self._limit)
        if lost:
            raise lost
        if not self._wrote:
            raise WriterError("model_empty", model=self._model.name)
        if not self._quoted and not self.nothing:
            raise WriterError("model_unproven", model=self._model.name)

    def _written(self) -> Iterator[Statement]:
        """The request: what is shown of what the model writes, but for what a judge is asked about."""
        parser = Parser()
        met: set[str] = set()
        repeated = 0
        for drafted in self._drafted(parser):
            if drafted is None:
                yield from self._judged(wait=False)
                continue
            if (said := folded(plain(drafted.text))) in met:
                repeated += 1
                if repeated == _LOOP:
                    return
                continue
            met.add(said)
            yield from self._considered(drafted)
            if self._is_full or len(self.dropped) + len(self._waiting) >= _MOST:
                return
        self.nothing = parser.nothing and not (self._quoted or self._waiting or self.dropped)

    def _drafted(self, parser: Parser) -> Iterator[Drafted | None]:
        """What is drafted, as it comes; None after each piece of the stream, so that something else can be done."""
        for piece in self._model.stream(self.messages, self._meter):
            self._wrote = self._wrote or bool(piece.strip())
            yield from parser.feed(piece)
            yield None
        yield from parser.close()

    def _considered(self, drafted: Drafted) -> Iterator[Statement]:
        """What is shown of one statement at once; if a judge is to be asked, that comes later."""
        text = plain(drafted.text)
        quotes = self._sheet.quotes(drafted.ids)
        if not any(character.isalnum() for character in text):
            self._drop(text, Fault("words", "there are no words in it"))
        elif not quotes:
            which = "it names no sentence" if not drafted.ids else "there are no whole sentences with these ids"
            self._drop(text, Fault("ids", which))
        elif not self._is_about(quotes):
            self._drop(text, Fault("question", "the cited sentences are not about the question"))
        else:
            text, quotes = requoted(text, quotes)
            checked = check(text, quotes, self._question.standalone)
            if checked.fault and checked.fault.kind == "words" and self._judge:
                self._waiting.append(_Waiting(text, self._judge.ask(text, quotes)))
            else:
                yield from self._shown(text, checked)

    def _judged(self, wait: bool) -> Iterator[Statement]:
        """What is shown of the statements that a judge has decided on; those that it leaves waiting too, if `wait`."""
        while self._waiting and not self._is_full:
            done = next_decided([one.verdict for one in self._waiting], wait)
            if done is None:
                return
            one = self._waiting.pop(done)
            self._meter.add(one.verdict.meter)
            yield from self._shown(one.text, one.verdict.checked)

    def _shown(self, text: str, checked: Checked) -> Iterator[Statement]:
        """A statement that is proven, if there is room for its quotations; else its sentences."""
        quotes = list(checked.quotes)
        if checked.fault:
            self._drop(text, checked.fault)
            yield from self._replaced(quotes)
            return
        if checked.proof and checked.proof != "quoted" and len({*self._quoted, *quotes}) <= self._limit:
            self._quoted.update(dict.fromkeys(quotes))
            judge = self._judge.name if checked.proof == "judged" and self._judge else ""
            yield Statement(text, tuple(quotes), checked.proof, judge)
            return
        yield from self._quotations(quotes, self._limit)

    def _replaced(self, quotes: Sequence[Quote]) -> Iterator[Statement]:
        """The sentences of a statement that is not proven, as the program would quote them where it would.

        One place is left for what the program itself would quote first.
        """
        self.replaced = True
        own = self._own()
        wider = [next((other for other in own if quote.lies_in(other)), quote) for quote in quotes]
        first = not own or own[0] in {*wider, *self._quoted}
        yield from self._quotations(list(dict.fromkeys(wider)), self._limit if first else max(1, self._limit - 1))

    def _quotations(self, quotes: Sequence[Quote], limit: int) -> Iterator[Statement]:
        """Quotations for themselves, by article, as many as there is room for, without those that stand already."""
        for article in dict.fromkeys(quote.article for quote in quotes):
            new = [one for one in quotes if one.article == article and not any(map(one.lies_in, self._quoted))]
            if new := new[: max(0, limit - len(self._quoted))]:
                self._quoted.update(dict.fromkeys(new))
                yield Statement(lead(article.publisher, article.published, self._question.language), tuple(new))

    @property
    def _is_full(self) -> bool:
        return len(self._quoted) >= self._limit

    def _is_about(self, quotes: Sequence[Quote]) -> bool:
        """Whether quotations in the question's language, or their titles, have any of its words."""
        spoken = self._question.language
        asked = {root(term) for term in terms(self._question.standalone, spoken)}
        if not asked or any(spoken_in(quote) != spoken for quote in quotes):
            return True
        held = " ".join(part for quote in quotes for part in (quote.text, quote.article.title))
        return not asked.isdisjoint(map(root, terms(held, spoken)))

    def _drop(self, text: str, fault: Fault) -> None:
        self.dropped.append(Dropped(text, fault.kind, fault.reason))


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A statement that a judge is asked about."""

    text: str
    verdict: Verdict


def requoted(text: str, quotes: Sequence[Quote]) -> tuple[str, list[Quote]]:
    """The statement with the article's own characters between its quotation marks, and the quotations with those.

    What stands in none of the articles loses its marks, and marks without others are left out.
    """
    shown: dict[tuple[int, int], str] = {}
    proven = list(quotes)
    place = 0
    articles = list({quote.article.id: quote.article for quote in quotes}.values())
    for start, end, words in quoted_words(text):
        if start < place:  # inside what is proven
            continue
        found = next(filter(None, (locate(words, article, quotes) for article in articles)), None)
        if found is None:
            continue
        inside = any(map(found.lies_in, proven))
        if not inside and not found.has_content:
            continue
        shown[start, end] = _between_marks(found.text)
        place = end
        if not inside:
            proven.append(found)
    return unmarked(text, shown), proven


def _between_marks(words: str) -> str:
    """The words on one line between the marks of their script."""
    opening, closing = "«»" if direction(words) == "rtl" else "“”"
    return opening + (" ".join(words.split()) if "\n" in words else words) + closing
