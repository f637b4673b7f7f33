"""The writer without a language model: it quotes the passages that answer, and says who is quoted and when.

A passage is whole sentences of an article (see `ingest.passages`), so a passage that was found is quoted as it is.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from assistant.answer import EXTRACT, Quote, Statement
from assistant.messages import lead
from assistant.question.reading import Question
from assistant.retrieval.answerability import answers
from assistant.retrieval.search import Candidate
from assistant.writers.writer import WritingTask
from ingest.article import merge
from ingest.language import folded, root, sentences, terms
from ingest.language.data import merged
from ingest.language.patterns import alternation

# Tuned on the development sets for answer_in_quotes@1 and @3 by: python tests/bench/tune_search.py
_ARTICLE_WEIGHT = 0.5  # of the score of an article's best passage, for each of its passages
_OWN_TERMS_WEIGHT = 1.0  # for a passage that has all of the question's terms in its own text
_MAX_GAP = 4.0  # of score below the best: a passage with a larger one is about something else
_MAX_GAP_ABROAD = 1.5  # in another language, where no words set scores apart; 3 quotes .5 more, and .01 more are right
_LONGEST = 500  # characters of a quotation to which adjacent sentences are joined
_RERANKED = 20  # candidates
_CONTEXT = 400  # characters before a quotation in which the sentence before it is looked for


@dataclass(frozen=True)
class Continuations:
    """How sentences begin that cannot be understood without the one before: "He", "and"."""

    TOPIC: ClassVar[str] = "continuations"

    beginnings: re.Pattern[str]


class ExtractiveWriter:
    """Quotes the passages that answer, without a language model."""

    name = EXTRACT

    def write(self, task: WritingTask) -> Iterator[Statement]:
        """Yield the quotations of one article after the other, the best first; nothing where no passage answers."""
        if not answers(task.question, task.candidates):
            return
        groups: dict[str, list[Quote]] = {}
        for quote in choose_quotes(task.question, task.candidates, task.limit):
            groups.setdefault(quote.article.id, []).append(quote)
        for quotes in groups.values():
            article = quotes[0].article
            yield Statement(lead(article.publisher, article.published, task.question.language), tuple(quotes))


def choose_quotes(
    question: Question,
    candidates: Sequence[Candidate],
    limit: int,
    max_gap: float = _MAX_GAP,
    longest: int = _LONGEST,
) -> list[Quote]:
    """Choose quotations from the candidates.

    Args:
        question: its language and terms weigh the candidates.
        candidates: best first.
        limit: quotations at most.
        max_gap: score gap to the best passage from which a passage in the question's language is not quoted.
        longest: characters of a quotation to which adjacent sentences are joined.

    Returns:
        Best first.
    """
    ranked = _ranked(question, candidates)
    chosen: list[Quote] = []
    for score, quote in ranked:
        gap = max_gap if quote.article.language == question.language else _MAX_GAP_ABROAD
        more = _with(chosen, _in_context(quote), longest)
        if score <= ranked[0][0] - gap or len(more) > limit:
            break
        chosen = more
    if chosen and question.leans and not _have_own_terms(chosen, question):
        for _, quote in ranked:  # the answer to a follow-up may be anywhere in the best article
            if quote.article.id == chosen[0].article.id:
                more = _with(chosen, _in_context(quote), longest)
                if len(more) > limit:
                    break
                chosen = more
    return chosen


def _ranked(question: Question, candidates: Sequence[Candidate]) -> list[tuple[float, Quote]]:
    """Rerank the best candidates by their own score, their article's, and the terms in their own text."""
    best_of: dict[str, float] = {}
    for candidate in candidates:  # best first
        best_of.setdefault(candidate.stored.article.id, candidate.score)
    scored: list[tuple[float, Quote]] = []
    for candidate in candidates:
        passage = candidate.stored
        quote = Quote(passage.article, passage.start, passage.end)
        if quote.has_content:
            scored.append((candidate.score + _ARTICLE_WEIGHT * best_of[passage.article.id], quote))
    asked = set(question.terms)
    reranked: list[tuple[float, Quote]] = []
    for score, quote in sorted(scored, key=lambda pair: -pair[0])[:_RERANKED]:
        own = len(asked.intersection(terms(quote.text, quote.article.language))) / max(1, len(asked))
        reranked.append((score + _OWN_TERMS_WEIGHT * own, quote))
    return sorted(reranked, key=lambda pair: -pair[0])


def _have_own_terms(quotes: Sequence[Quote], question: Question) -> bool:
    """Whether quotes have a word that the follow-up itself asks for; "why?" and "who is he?" have no such word."""
    asked = {root(term) for term in question.asks}
    return any(root(term) in asked for quote in quotes for term in terms(quote.text, quote.article.language))


def _with(chosen: Sequence[Quote], quote: Quote, longest: int) -> list[Quote]:
    """Add a quotation, joined to those that it overlaps, or that it continues in one paragraph if both are short."""

    def touch(one: Quote, other: Quote) -> bool:
        first, last = sorted((one, other), key=lambda quote: quote.start)
        if last.start < first.end:
            return one.article.id == other.article.id
        return last.follows(first) and last.end - first.start <= longest

    return merge([*chosen, quote], touch, with_any_before=True)


def _in_context(quote: Quote) -> Quote:
    """Extend a quotation that cannot be understood alone ("He ...", "And ...") by the sentence before it."""
    text = quote.article.text
    if not _continuation(quote.article.language).match(folded(text[quote.start : quote.start + 40])):
        return quote
    first = max(0, quote.start - _CONTEXT)
    starts = [start for start, _ in sentences(text[first : quote.start], quote.article.language) if start or not first]
    return Quote(quote.article, first + starts[-1], quote.end) if starts else quote


@functools.cache
def _continuation(language: str) -> re.Pattern[str]:
    return re.compile(rf"\W*{alternation(merged(Continuations, language).beginnings)}\b")
