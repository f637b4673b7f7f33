"""The writer with a model: it drafts, and what its sentences carry is released, one verified statement at a time.

The model names sentences by their ids and never retypes them, so a quotation is exact by construction. Words that are
not verified are never released, not even for a moment.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from assistant.answer import Dropped, Hit, Quote, Statement, Turn
from assistant.conversation import fenced, tokens, told, tongue
from assistant.model import Message, Meter, Model, WriterError
from assistant.parser import LONGEST, NOTHING, Drafted, Parser, plain
from assistant.question import Question
from assistant.quotes import Fault, check, is_instruction, locate, quoted_words, spoken_in, unmarked, unquoted
from ingest.errors import ModelError
from ingest.text import direction, folded, one_line, sentences
from prompts import Prompt, date, phrase

_PASSAGES = 0.5  # of the model's context, at most
_WRITTEN = 0.25  # of it, for the answer and a little more
_MOST = 12  # statements of a draft that fail: more are no better
_LOOP = 2  # statements written twice: a weak model that goes round in circles writes nothing else any more

# Measured on the aligned sentences of XQuAD in Arabic and English, either way: below it are 0 to 1 % of true
# renderings, 2 to 5 % of those of half a sentence, and 90 % of what is about something else (in an archive of both
# languages 99 %).
_KIN = 0.03

Kinship = Callable[[str, Sequence[str]], float]
"""How much nearer a text is in meaning to the nearest of others than to the archive's passages on average."""


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
            spans = [(hit.start + start, hit.start + end) for start, end in sentences(hit.text)]
            source = " — ".join(filter(None, (article.publisher, article.title, date(article.published, language))))
            lines = [f"<article {number}> {fenced(one_line(source))}"]
            lines += [f"[{number}.{n}] {fenced(one_line(article.text[a:b]))}" for n, (a, b) in enumerate(spans, 1)]
            block = "\n".join([*lines, "</article>"])
            budget -= tokens(block)
            if budget < 0 and blocks:
                break
            blocks.append(block)
            self._quotes.update({(number, n): Quote(article, *span) for n, span in enumerate(spans, 1)})
        self.text = "\n\n".join(reversed(blocks))

    def quotes(self, ids: Sequence[tuple[int, int]]) -> list[Quote]:
        """The quotations of these ids without those that there are not; sentences that follow each other are one.

        A sentence that gives orders carries nothing, unless nothing else is named: then the check says so. A heading
        is quoted only with the sentence below it.
        """
        known = {id_ for id_ in ids if id_ in self._quotes}
        found = sorted({id_ for id_ in known if not is_instruction(self._quotes[id_].text)} or known)
        joined: list[Quote] = []
        for quote in (self._quotes[id_] for id_ in found):
            last = joined[-1] if joined else None
            if last and last.article.id == quote.article.id and last.start <= quote.start:
                between = quote.article.text[last.end : quote.start]
                if quote.start <= last.end or (not between.strip() and ("\n" not in between or not last.has_content)):
                    joined[-1] = Quote(last.article, last.start, max(last.end, quote.end))
                    continue
            joined.append(quote)
        return [quote for quote in dict.fromkeys(joined) if quote.has_content]


class Draft:
    """One answer being written. `statements` gives what is verified; then the rest says what came of it.

    Attributes:
        dropped: what was written and could not be proven, twice.
        nothing: whether the model said that the articles do not answer.
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
        kinship: Kinship,
    ) -> None:
        self.dropped: list[Dropped] = []
        self.nothing = False
        self._question = question
        self._model, self._prompts, self._meter = model, prompts, meter
        self._limit = limit
        self._kinship = kinship
        self._released: dict[str, Statement] = {}
        self._quoted: dict[Quote, None] = {}
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
        """Write; each statement is verified before it is given.

        Raises:
            ModelError: the model failed, wrote nothing, or nothing that its sentences carry.
        """
        failed: list[tuple[Drafted, Fault]] = []
        written: list[str] = []
        yield from self._written(self.messages, failed, written)
        if not "".join(written).strip():
            raise WriterError("model_empty", model=self._model.name)
        if failed and len(self._quoted) < self._limit:
            yield from self._again("".join(written), failed)
        else:
            self._drop(failed)
        if not self._released and not self.nothing:
            raise WriterError("model_unproven", model=self._model.name)

    def _again(self, written: str, failed: Sequence[tuple[Drafted, Fault]]) -> Iterator[Statement]:
        """Ask once more for what failed, with the reasons."""
        faults = "\n".join(f"- {fenced(one_line(one.text))[:LONGEST]} ({fault.reason})" for one, fault in failed)
        still: list[tuple[Drafted, Fault]] = []
        again = self._prompts["again"].filled(faults=faults, nothing=NOTHING)
        try:
            yield from self._written([*self.messages, ("assistant", written), *again], still, [])
        except ModelError:
            if not self._released:
                raise
            still = list(failed)  # what was released stands; the rest was not proven
        self._drop(still or failed)

    def _written(
        self, messages: Sequence[Message], failed: list[tuple[Drafted, Fault]], written: list[str]
    ) -> Iterator[Statement]:
        """One request: the statements that pass; what does not is added to `failed`."""
        parser = Parser()
        met: set[str] = set()
        repeated = 0
        for drafted in self._drafted(parser, messages, written):
            if (said := folded(plain(drafted.text))) in met:
                repeated += 1
                if repeated == _LOOP:
                    return
                continue
            met.add(said)
            checked = self._verified(drafted)
            if isinstance(checked, Fault):
                failed.append((drafted, checked))
            elif checked is not None:
                self._released[folded(checked.text)] = checked
                self._quoted.update(dict.fromkeys(checked.quotes))
                yield checked
            if len(self._quoted) >= self._limit or len(failed) >= _MOST:
                return
        self.nothing = self.nothing or (parser.nothing and not self._released)

    def _drafted(self, parser: Parser, messages: Sequence[Message], written: list[str]) -> Iterator[Drafted]:
        for piece in self._model.stream(messages, self._meter):
            drafted = parser.feed(piece)
            written[:] = [parser.said]
            yield from drafted
        yield from parser.close()

    def _verified(self, drafted: Drafted) -> Statement | Fault | None:
        """The statement that may be shown, or why not; None for one that was already said."""
        text = plain(drafted.text)
        if folded(text) in self._released:
            return None
        if not any(character.isalnum() for character in text):
            return Fault("words", "there are no words in it")
        quotes = self._sheet.quotes(drafted.ids)
        if not quotes:
            which = "it names no sentence" if not drafted.ids else "there are no whole sentences with these ids"
            return Fault("ids", which)
        cited, (text, quotes) = quotes, requoted(text, quotes)
        if len(quotes) > len(cited) and (said := unquoted(text)):  # quoted from elsewhere: that carries only itself
            if fault := check(said, cited, self._question.standalone).fault:
                return fault
        if len({*self._quoted, *quotes}) > self._limit:
            quotes = [quote for quote in quotes if quote in self._quoted] or quotes[: self._limit - len(self._quoted)]
        checked = check(text, quotes, self._question.standalone)
        if checked.fault is None and (fault := self._elsewhere(text, quotes)):
            return fault
        return checked.fault or Statement(text, tuple(quotes), checked.unchecked)

    def _elsewhere(self, text: str, quotes: Sequence[Quote]) -> Fault | None:
        """Words cannot be compared across languages, so a statement on quotations of another one is by its meaning."""
        if any(spoken_in(quote) == self._question.language for quote in quotes):
            return None
        if self._kinship(text, [quote.text for quote in quotes]) >= _KIN:
            return None
        return Fault("meaning", "the cited sentences, in another language, do not say this")

    def _drop(self, failed: Sequence[tuple[Drafted, Fault]]) -> None:
        self.dropped += [Dropped(plain(one.text), fault.kind, fault.reason) for one, fault in failed]


def around(quote: Quote) -> Iterator[str]:
    """The sentences of the article that a quotation lies in."""
    text = quote.article.text
    return (text[start:end] for start, end in sentences(text) if start < quote.end and quote.start < end)


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
        if found is None or any(is_instruction(sentence) for sentence in around(found)):
            continue
        inside = any(
            one.article.id == found.article.id and one.start <= found.start and found.end <= one.end for one in proven
        )
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
