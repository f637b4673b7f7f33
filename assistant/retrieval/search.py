"""Find the passages that may answer a question, by meaning and by words, and fuse the two scores.

Meaning (the cosine of the embeddings) crosses languages; words (BM25 of folded, stemmed terms) do not. So every
candidate has both scores, not ranks, and one in another language is credited with the words that it cannot share.
Reciprocal rank fusion, the usual way, destroys search across languages: English questions on Arabic articles have a
recall@1 of .75 by meaning and of .21 by ranks.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from assistant.answer import Hit
from assistant.question.reading import Question
from ingest.archive import ALL, Archive, Filter, Stored
from ingest.article import Article
from ingest.duplicates import relation
from ingest.embedding import Vectors
from ingest.language import folded, root

CANDIDATES = 60
"""Passages taken by meaning, and as many by words. On the development sets (700 passages each) 15, 60 and all of them
differ by less than .004 of MRR; larger archives have more that is near."""
PER_ARTICLE = 4
"""Passages of one article among the hits."""
SHOWN = 12
"""Hits that a language model is shown, as far as its context window holds them, and that `Found` reports."""
RELATED = 3
"""Articles named where nothing answers."""

# Tuned together on the development sets by: python tests/bench/tune_search.py
_COSINE_SPREAD = 0.025  # of the cosines of one question's candidates: brings cosine and words to one scale
_WORDS_WEIGHT = 8.0
_MIN_WORDS_ABROAD = 3.0  # for a candidate in another language, which shares few words whatever it says
_K1, _B = 1.2, 0.75  # of BM25
_SAME_ROOT = 0.5  # of a word's weight for another of its root; 0 and .8 refuse up to .01 less of one set or another
_MIN_LEFT = 0.5  # of the candidates: if near-duplicates are more of them, other stories are searched for instead
_MAX_TIED_GAP = 0.5  # of score: the effect of another title and other neighbours on the same words
_NEVER = datetime.fromtimestamp(0, UTC)
_SMOOTHING = 60  # passages, see `_weight`; with 0 an archive of one article refuses 6 to 16 % of what it answers, not 1


@dataclass(frozen=True, slots=True)
class TermOverlap:
    """How many of a question's terms a passage has, its neighbours and its title counted in; shares from 0 to 1.

    Attributes:
        present: the share of the terms that are there, by weight (a rare term weighs more). Here and below an Arabic
            term counts half where only another word of its root is there.
        beyond_title: the same without the terms of the title: what the question asks beyond its topic.
        missing: the heaviest term that is not there, as a share of the weight of all.
        rarest: the same, as a share of the weight of a term that no passage of the archive has.
    """

    present: float = 0.0
    beyond_title: float = 0.0
    missing: float = 1.0
    rarest: float = 1.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored passage with its scores.

    Attributes:
        cosine: of question and passage, -1 to 1.
        lift: by how much the cosine exceeds the mean of all passages.
        bm25: of the question's terms, as a share of its limit, which every term in an endless passage would reach.
        score: meaning and words fused; higher is better, comparable within one search only.
        overlap: decides whether there is an answer; only the best candidate has it.
    """

    stored: Stored
    cosine: float
    lift: float
    bm25: float
    score: float
    overlap: TermOverlap | None = None


def search(archive: Archive, question: Question, vector: Vectors, where: Filter = ALL) -> list[Candidate]:
    """Find the passages that may answer.

    Args:
        archive: open.
        question: as it was read.
        vector: shape (dimension,), unit length: the embedded question.
        where: only articles that match.

    Returns:
        Best first.
    """
    with archive.snapshot():
        weights = _TermWeights(archive, question.terms)
        found = _candidates(archive, question, vector, where, weights)
        kept = _without_near_duplicates(found)
        if len(kept) < _MIN_LEFT * len(found):
            hidden = {one.stored.article.id for one in found} - {one.stored.article.id for one in kept}
            others = replace(where, without=where.without | hidden)
            kept = _without_near_duplicates(_candidates(archive, question, vector, others, weights))
    return [replace(one, overlap=weights.overlap(one.stored)) for one in kept[:1]] + kept[1:]


def _candidates(
    archive: Archive, question: Question, vector: Vectors, where: Filter, weights: "_TermWeights"
) -> list[Candidate]:
    """The passages nearest by meaning or by words, best first."""
    cosines = dict(archive.passages.nearest(vector, CANDIDATES, where))
    matching = [key for key, _ in archive.passages.matching(question.terms, CANDIDATES, where)]
    if by_words_alone := [key for key in matching if key not in cosines]:
        stored_vectors = archive.passages.vectors(by_words_alone)
        cosines.update((key, float(stored @ vector)) for key, stored in stored_vectors.items())
    passages = archive.passages.get(cosines)
    mean = float(archive.passages.mean_vector @ vector) if passages else 0.0
    candidates: list[Candidate] = []
    for key, passage in passages.items():
        cosine, bm25 = cosines[key], weights.bm25(passage)
        words = _WORDS_WEIGHT * bm25
        if passage.article.language != question.language:
            words = max(words, _MIN_WORDS_ABROAD)
        candidates.append(Candidate(passage, cosine, cosine - mean, bm25, cosine / _COSINE_SPREAD + words))
    return sorted(candidates, key=lambda candidate: (-candidate.score, candidate.stored.key))


def _without_near_duplicates(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates of one article per story, and of those articles of the story that are no near-duplicate of it."""
    stories: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        stories.setdefault(candidate.stored.story, []).append(candidate)
    hidden: set[str] = set()
    for story, members in stories.items():
        articles = {one.stored.article.id: one.stored.article for one in members}
        if story and len(articles) > 1:
            chosen = _representative(members)
            hidden.update(
                one.id for one in articles.values() if one != chosen and relation(one.text, chosen.text) == "copy"
            )
    return [one for one in candidates if one.stored.article.id not in hidden]


def _representative(candidates: Sequence[Candidate]) -> Article:
    """The article that stands for a story: the earliest of those whose passage has the words of the best candidate.

    Args:
        candidates: of one story, best first.
    """
    best = candidates[0]
    words = folded(best.stored.text)
    tied = [one for one in candidates if best.score - one.score <= _MAX_TIED_GAP and folded(one.stored.text) == words]

    def earliest_first(candidate: Candidate) -> tuple[bool, datetime, float, int]:
        published = candidate.stored.article.published
        return published is None, published or _NEVER, -candidate.score, candidate.stored.key

    return min(tied, key=earliest_first).stored.article


def hits(candidates: Iterable[Candidate], limit: int) -> list[Hit]:
    """The first candidates as hits, at most `PER_ARTICLE` of one article."""
    chosen: list[Hit] = []
    taken: Counter[str] = Counter()
    for candidate in candidates:
        if len(chosen) == limit:
            break
        passage = candidate.stored
        if taken[passage.article.id] < PER_ARTICLE:
            taken[passage.article.id] += 1
            chosen.append(Hit(passage.article, passage.start, passage.end, candidate.score, candidate.cosine))
    return chosen


def nearest_articles(candidates: Iterable[Candidate]) -> tuple[Article, ...]:
    """The articles of the first candidates: what is named as related where nothing answers."""
    return tuple({one.stored.article.id: one.stored.article for one in candidates}.values())[:RELATED]


class _TermWeights:
    """A question's terms and what each weighs. SQLite's own BM25 scores only the passages that it found itself."""

    def __init__(self, archive: Archive, terms: Sequence[str]) -> None:
        count = archive.passages.count
        self._weight_of_unknown = _weight(count, 0)
        frequencies = archive.passages.frequencies(terms)
        self._weights = {term: _weight(count, frequency) for term, frequency in frequencies.items()}
        self._total = sum(self._weights.values()) or 1.0
        self._average_length = archive.passages.average_length or 1.0

    def bm25(self, passage: Stored) -> float:
        """See `Candidate.bm25`."""
        weights = self._weights
        terms = [*passage.title_terms.split(), *passage.terms.split()]
        norm = _K1 * (1 - _B + _B * len(terms) / self._average_length)
        counts = Counter(filter(weights.__contains__, terms))
        return sum(weights[term] * count / (count + norm) for term, count in counts.items()) / self._total

    def overlap(self, passage: Stored) -> TermOverlap:
        """See `TermOverlap`."""
        weights = self._weights
        if not weights:
            return TermOverlap()
        title, body = passage.title_terms.split(), passage.terms.split()
        anywhere, in_title, in_body = self._shares([*title, *body]), self._shares(title), self._shares(body)
        beyond = {term: weight * (1 - in_title[term]) for term, weight in weights.items()}
        beyond_total = sum(beyond.values())
        missing = max(weight * (1 - anywhere[term]) for term, weight in weights.items())
        return TermOverlap(
            present=sum(weights[term] * anywhere[term] for term in weights) / self._total,
            beyond_title=sum(beyond[term] * in_body[term] for term in weights) / beyond_total if beyond_total else 1.0,
            missing=missing / self._total,
            rarest=missing / self._weight_of_unknown,
        )

    def _shares(self, terms: Sequence[str]) -> dict[str, float]:
        """For each of the question's terms 1 if it is among these, a half if a word of its root is, else 0."""
        present = set(terms)
        roots = {root(term) for term in present}
        return {term: 1.0 if term in present else _SAME_ROOT if root(term) in roots else 0.0 for term in self._weights}


def _weight(passages: int, frequency: int) -> float:
    """BM25's weight of a term that so many of the passages hold.

    Smoothed as if there were 60 passages more, half of one holding the term. Else, in an archive of a few articles,
    the words of their topic would be everywhere and weigh nothing, and one missing word would be all that counts.
    """
    return math.log(1 + (passages + _SMOOTHING - frequency) / (frequency + 1))
