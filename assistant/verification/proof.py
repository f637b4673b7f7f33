"""What is shown of a statement that a model wrote: a quotation, a shortening of one, or what a judge found supported.

Everything else is not shown: the exact sentences that the model named stand in its place.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.answer import Proof, Quote
from assistant.verification.shortening import repeats, shortens
from assistant.verification.vetoes import changed_negation, missing_figures, missing_names
from ingest.article import merge
from ingest.language import detect, direction, figures, folded, sentences, terms

Supports = Callable[[str, Sequence[str]], bool]
"""Whether these sentences, and nothing else, support a statement; False where it cannot be told."""

_HEAD = 500  # characters of an article that tell its script
_PARAGRAPH = 10_000  # characters before a sentence in which a quotation may have begun
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.\w+|\b[\w-]+\.(?:com|org|net|info|io|example)\b", re.I)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a statement is not shown in its own words.

    Attributes:
        kind: "ids", "question", "language", "figures", "names", "negation", "judge" or "words".
        reason: the same in a sentence, for whoever looks at what was not shown.
    """

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check: how the statement is proven, and by which quotations; or the fault.

    Attributes:
        proof: "" where there is a fault.
        quotes: those that carry it; with a fault all that were cited.
    """

    proof: Proof | Literal[""]
    quotes: tuple[Quote, ...]
    fault: Fault | None = None


def check(statement: str, quotes: Sequence[Quote], question: str = "", supports: Supports | None = None) -> Checked:
    """Check a statement against the quotations that are said to carry it.

    Args:
        statement: its plain words.
        quotes: what it stands on, one or more.
        question: what was asked, if anything was.
        supports: a judge's verdict; asked where the statement is no shortening and no veto speaks against it.
    """
    cited = tuple(quotes)
    if question and (fault := _no_answer(statement, question)):
        return Checked("", cited, fault)
    carrying = [one for quote in cited for one in _each_sentence(quote)]
    said = [statement[start:end] for start, end in sentences(statement)]
    repeated = [next((one for one in carrying if repeats(words, one.text)), None) for words in said]
    if said and all(repeated):
        return Checked("quoted", _merged(repeated))
    shortened = [next((one for one in carrying if _is_shortening(words, one)), None) for words in said]
    if said and all(shortened):
        return Checked("shortened", _merged(shortened))
    if supports is None:
        return Checked("", cited, Fault("words", "it is no shortening of the cited sentences, and no judge was asked"))
    if fault := veto(statement, cited):
        return Checked("", cited, fault)
    if not supports(statement, [quote.text for quote in cited]):
        return Checked("", cited, Fault("judge", "the judge did not find it supported by the cited sentences"))
    return Checked("judged", cited)


def veto(statement: str, quotes: Sequence[Quote]) -> Fault | None:
    """What speaks against a statement, whatever a judge says."""
    spoken, languages = detect(statement), [spoken_in(quote) for quote in quotes]
    # Detection mistakes short statements for another language: it counts only if a quotation is in that language too.
    language = spoken if spoken in languages else ""
    words = [quote.text for quote in quotes]
    headings = [part for quote in quotes for part in (quote.article.title, quote.article.publisher)]
    cited = [figure for text, code in zip(words, languages, strict=True) for figure in figures(text, code)]
    if absent := missing_figures(figures(statement, language), cited):
        return Fault("figures", f"these figures are not in the cited sentences: {', '.join(absent)}")
    if absent := missing_names(statement, [*words, *headings], language):
        return Fault("names", f"these names are not in the cited sentences: {', '.join(absent)}")
    if all(code == spoken for code in languages) and (reason := changed_negation(statement, words, spoken)):
        return Fault("negation", reason)
    held = folded(" ".join(words))
    if any(folded(found) not in held for found in _ADDRESS.findall(statement)):
        return Fault("names", "it has an address that the cited sentences do not have")
    return None


def spoken_in(quote: Quote) -> str:
    """The language of a quotation: its article's, unless it stands there in another script.

    Of a single sentence one language is too easily taken for another of the same script.
    """
    own = quote.article
    same = direction(quote.text) == direction(own.text[:_HEAD])
    return own.language if own.language and same else detect(quote.text)


def _each_sentence(quote: Quote) -> Iterator[Quote]:
    """The whole sentences of the article that a quotation lies in."""
    text = quote.article.text
    first = max(text.rfind("\n", 0, quote.start) + 1, quote.start - _PARAGRAPH)
    last = text.find("\n", quote.end)
    last = min(last if last >= 0 else len(text), quote.end + _PARAGRAPH)
    for start, end in sentences(text[first:last], quote.article.language):
        if first + start < quote.end and quote.start < first + end:
            yield Quote(quote.article, first + start, first + end)


def _is_shortening(statement: str, sentence: Quote) -> bool:
    """Whether a statement is a shortening of this sentence, which is the article's own and has no address to follow."""
    return (
        shortens(statement, sentence.text, spoken_in(sentence))
        and not _ADDRESS.search(statement)
        and not _in_speech(sentence)
    )


def _in_speech(sentence: Quote) -> bool:
    """Whether a quotation that began before the sentence, in its paragraph, goes on in it."""
    text = sentence.article.text
    first = text.rfind("\n", max(0, sentence.start - _PARAGRAPH), sentence.start) + 1
    before = text[max(first, sentence.start - _PARAGRAPH) : sentence.start]
    opened = sum(map(before.count, "“«")) > sum(map(before.count, "”»"))
    return opened or before.count('"') % 2 == 1


def _no_answer(statement: str, question: str) -> Fault | None:
    """What is no answer to whoever asked: words in another script than theirs, or their own words said back."""
    if direction(statement) != direction(question):
        return Fault("language", "it is not in the language of the question")
    spoken = detect(question)
    if set(terms(statement, spoken)) <= set(terms(question, spoken)):
        return Fault("question", "it says no more than the question itself")
    return None


def _merged(quotes: Sequence[Quote | None]) -> tuple[Quote, ...]:
    """Quotations, those that follow each other in one paragraph as one, in the order of their first."""
    return tuple(merge(dict.fromkeys(filter(None, quotes)), lambda last, quote: quote.follows(last)))
