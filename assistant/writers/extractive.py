"""The writer without a model: the passages that answer, quoted, with who said them and when.

A passage is whole sentences of an article (see `ingest.passages`), so what was found is what is quoted.
"""

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from assistant.answer import Quote, Statement
from assistant.messages import lead
from assistant.question.reading import Question
from assistant.retrieval.answerability import answers
from assistant.retrieval.search import Candidate
from ingest.article import Article
from ingest.language import folded, root, sentences, terms
from ingest.language.data import merged
from ingest.language.patterns import alternation

RELATED = 3
"""Articles named where nothing answers."""

# Tuned on the development sets for answer_in_quotes@1 and @3 by: python tests/bench/tune_search.py
_ARTICLE = 0.5  # of the score of an article's best passage counts for each of its passages
_OWN = 1.0  # for a passage that has all of the question's terms itself, not in its neighbours
_NEAR = 4.0  # of score below the best: a quote farther off is about something else
_NEAR_ELSEWHERE = 1.5  # the same in another language, where no words set scores apart; 3: half a quote more, .01 right
_JOINED = 500  # characters: sentences that follow each other are one quotation up to here
_WEIGHED = 20  # candidates looked at for that
_CONTEXT = 400  # characters before a quote in which the sentence before it is looked for


@dataclass(frozen=True)
class Continuations:
    """How sentences begin that cannot be understood without the one before: "He", "and"."""

    TOPIC: ClassVar[str] = "continuations"

    beginnings: re.Pattern[str]


def nearest(candidates: Sequence[Candidate]) -> tuple[Article, ...]:
    """The articles of the first candidates: what is named where nothing answers."""
    return tuple({one.stored.article.id: one.stored.article for one in candidates}.values())[:RELATED]


def write(question: Question, candidates: Sequence[Candidate], quotes: int) -> tuple[Statement, ...]:
    """Quote the passages that answer, best first, grouped by article; nothing where none does."""
    if not answers(question, candidates):
        return ()
    groups: dict[str, list[Quote]] = {}
    for quote in _choose(question, candidates, quotes):
        groups.setdefault(quote.article.id, []).append(quote)
    return tuple(_statement(group, question.language) for group in groups.values())


def _choose(question: Question, candidates: Sequence[Candidate], quotes: int) -> list[Quote]:
    """What to quote, best first: by a passage's score, that of its article, and the terms that are its own."""
    best: dict[str, float] = {}
    for one in candidates:  # best first
        best.setdefault(one.stored.article.id, one.score)
    found = [(one, Quote(one.stored.article, one.stored.start, one.stored.end)) for one in candidates]
    quotable = [(one, quote) for one, quote in found if quote.has_content]
    ranked = sorted(quotable, key=lambda pair: -pair[0].score - _ARTICLE * best[pair[1].article.id])[:_WEIGHED]
    asked = set(question.terms)
    weighed: list[tuple[float, Quote]] = []
    for one, quote in ranked:
        article = quote.article
        own = len(asked.intersection(terms(quote.text, article.language))) / max(1, len(asked))
        weighed.append((one.score + _ARTICLE * best[article.id] + _OWN * own, quote))
    weighed.sort(key=lambda pair: -pair[0])
    chosen: list[Quote] = []
    for score, quote in weighed:
        near = _NEAR if quote.article.language == question.language else _NEAR_ELSEWHERE
        joined = _joined(chosen, _in_context(quote))
        if score <= weighed[0][0] - near or len(joined) > quotes:
            break
        chosen = joined
    if chosen and _misses(question, chosen):
        return _filled(chosen, [quote for _, quote in weighed if quote.article.id == chosen[0].article.id], quotes)
    return chosen


def _misses(question: Question, chosen: Sequence[Quote]) -> bool:
    """Whether what a follow-up leans on found the quotes alone: "why?" has no word of its own, "who is he?" neither."""
    asked = {root(term) for term in question.asks}
    told = {root(term) for one in chosen for term in terms(one.text, one.article.language)}
    return question.leans and not asked & told


def _filled(chosen: Sequence[Quote], others: Iterable[Quote], quotes: int) -> list[Quote]:
    """The quotes and as many of the others, best first, as there is room for."""
    filled = list(chosen)
    for quote in others:
        joined = _joined(filled, _in_context(quote))
        if len(joined) > quotes:
            break
        filled = joined
    return filled


def _joined(chosen: Sequence[Quote], quote: Quote) -> list[Quote]:
    """The quotes with one more, which is joined to those that it overlaps or continues, in the place of the first."""
    joined, place = list(chosen), len(chosen)
    while (touching := next((at for at, other in enumerate(joined) if _touch(other, quote)), None)) is not None:
        other = joined.pop(touching)
        quote = Quote(quote.article, min(quote.start, other.start), max(quote.end, other.end))
        place = min(place, touching)
    joined.insert(place, quote)
    return joined


def _touch(one: Quote, other: Quote) -> bool:
    """Whether two quotes overlap, or follow each other in one paragraph and are not too long together."""
    if one.article.id != other.article.id:
        return False
    first, last = sorted((one, other), key=lambda quote: quote.start)
    between = one.article.text[first.end : last.start]
    follow = not between.strip() and "\n" not in between and last.end - first.start <= _JOINED
    return last.start < first.end or follow


def _statement(quotes: Sequence[Quote], language: str) -> Statement:
    article = quotes[0].article
    return Statement(lead(article.publisher, article.published, language), tuple(quotes))


def _in_context(quote: Quote) -> Quote:
    """The quote, with the sentence before it if it cannot be understood without: "He ...", "And ..."."""
    text = quote.article.text
    if not _continuation(quote.article.language).match(folded(text[quote.start : quote.start + 40])):
        return quote
    before = text[max(0, quote.start - _CONTEXT) : quote.start]
    starts = [place for place, end in sentences(before) if place or quote.start <= _CONTEXT]
    return Quote(quote.article, max(0, quote.start - _CONTEXT) + starts[-1], quote.end) if starts else quote


@functools.cache
def _continuation(language: str) -> re.Pattern[str]:
    return re.compile(rf"\W*{alternation(merged(Continuations, language).beginnings)}\b")
