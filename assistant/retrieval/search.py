"""Find the passages that may answer a question: by meaning and by words, fused with the languages known.

Meaning (the cosine of the embeddings) crosses languages; words (BM25 of folded, stemmed terms) do not. So both are
taken for every candidate as they are, not by rank, and a candidate in another language is given the words that it
cannot share. Fusing by rank, as is usual, destroys search across languages: English questions on Arabic articles have a
recall@1 of .75 by meaning and of .21 by ranks.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from assistant.answer import Hit
from assistant.question.reading import Question
from ingest.archive import ALL, Archive, Filter, Stored
from ingest.article import Article
from ingest.duplicates import kinship
from ingest.embedding import Vectors
from ingest.language import folded, root

CANDIDATES = 60
"""Passages taken by meaning, and as many by words. On the development sets (700 passages each) 15, 60 and all of them
differ by less than .004 of MRR; larger archives have more that is near."""
PER_ARTICLE = 4
"""Passages of one article among the hits."""

# Tuned together on the development sets by: python tests/bench/tune_search.py
_COSINE_SPREAD = 0.025  # of the cosines of one question's candidates: what makes cosine and words comparable
_WORDS = 8.0
_ELSEWHERE = 3.0  # at least this for a candidate in another language, which shares few words whatever it says
_K1, _B = 1.2, 0.75
_KIN = 0.5  # of a word's weight for another of its root; 0 and .8 refuse up to .01 less of one set or another
_CROWDED = 0.5  # of the candidates: if fewer are left without copies, these take the places of other stories
_TIED = 0.5  # of score: what another title and other neighbours make of the same words
_NEVER = datetime.fromtimestamp(0, UTC)
_MORE = 60  # passages, see `_weight`; with 0 an archive of one article refuses 6 to 16 % of what it answers, not 1 %


@dataclass(frozen=True, slots=True)
class Shared:
    """How much of a question's words a passage has, its neighbours and its title counted in; 0 to 1 each.

    Attributes:
        present: the share of the words that are there, by weight (a rare word weighs more). Here and below an Arabic
            word is half there where only another of its root is.
        told: the same without the title's words on either side: what of the question is about more than the topic.
        missing: the heaviest word that is not there, as a share of the weight of all.
        rarest: the same as a share of the weight of a word that is in no passage of the archive.
    """

    present: float = 0.0
    told: float = 0.0
    missing: float = 1.0
    rarest: float = 1.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored passage with its scores.

    Attributes:
        cosine: of question and passage, -1 to 1.
        lift: how far that is above the mean of all passages.
        bm25: of the question's words, as a share of its limit, with every word in it without end.
        score: meaning and words fused.
        shared: what decides whether there is an answer; only the best candidate has it.
    """

    stored: Stored
    cosine: float
    lift: float
    bm25: float
    score: float
    shared: Shared | None = None


def search(archive: Archive, question: Question, vector: Vectors, where: Filter = ALL) -> list[Candidate]:
    """Find the passages that may answer.

    Args:
        archive: open.
        question: what is asked.
        vector: shape (dimension,), the embedded question.
        where: only articles that match.

    Returns:
        Best first.
    """
    with archive.snapshot():
        asked = _Words(archive, question.terms)
        found = _candidates(archive, question, vector, where, asked)
        kept = _told_once(found)
        if len(kept) < _CROWDED * len(found):
            copies = {one.stored.article.id for one in found} - {one.stored.article.id for one in kept}
            others = replace(where, without=where.without | copies)
            kept = _told_once(_candidates(archive, question, vector, others, asked))
    return [replace(one, shared=asked.shared(one.stored)) for one in kept[:1]] + kept[1:]


def _candidates(
    archive: Archive, question: Question, vector: Vectors, where: Filter, asked: "_Words"
) -> list[Candidate]:
    """What is found by meaning or by words, best first."""
    cosines = dict(archive.passages.nearest(vector, CANDIDATES, where))
    matching = [key for key, _ in archive.passages.matching(question.terms, CANDIDATES, where)]
    cosines.update(_cosines(archive, [key for key in matching if key not in cosines], vector))
    stored = archive.passages.get(cosines)
    mean = float(archive.passages.mean_vector @ vector) if stored else 0.0
    candidates = [_candidate(found, cosines[key], mean, asked, question.language) for key, found in stored.items()]
    return sorted(candidates, key=lambda candidate: (-candidate.score, candidate.stored.key))


def _told_once(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates without those of copies: one article speaks for its story.

    It is the one that was found first, or the earliest of those whose same words were found as well. Compared is with
    that very article: what is of its story by way of others only is not hidden.
    """
    stories: dict[int, list[Candidate]] = {}
    for one in candidates:
        stories.setdefault(one.stored.story, []).append(one)
    hidden: set[str] = set()
    for story, told in stories.items():
        others = {one.stored.article.id: one.stored.article for one in told}
        if story and len(others) > 1:
            speaker = _speaker(told)
            hidden.update(
                one.id for one in others.values() if one != speaker and kinship(one.text, speaker.text) == "copy"
            )
    return [one for one in candidates if one.stored.article.id not in hidden]


def _speaker(told: Sequence[Candidate]) -> Article:
    """The article that speaks for a story, of its candidates, best first."""
    best = told[0]
    same = folded(_text(best))
    tied = [one for one in told if best.score - one.score <= _TIED and folded(_text(one)) == same]
    return min(tied, key=lambda one: (one.stored.article.published is None, one.stored.article.published or _NEVER,
                                      -one.score, one.stored.key)).stored.article  # fmt: skip


def _text(candidate: Candidate) -> str:
    stored = candidate.stored
    return stored.article.text[stored.start : stored.end]


def hits(candidates: Iterable[Candidate], limit: int) -> list[Hit]:
    """The first candidates, at most a few of one article."""
    chosen: list[Candidate] = []
    taken: Counter[str] = Counter()
    for candidate in candidates:
        if len(chosen) == limit:
            break
        if taken[candidate.stored.article.id] < PER_ARTICLE:
            taken[candidate.stored.article.id] += 1
            chosen.append(candidate)
    return [Hit(one.stored.article, one.stored.start, one.stored.end, one.score, one.cosine) for one in chosen]


def _cosines(archive: Archive, keys: Sequence[int], vector: Vectors) -> Mapping[int, float]:
    return {key: float(found @ vector) for key, found in archive.passages.vectors(keys).items()} if keys else {}


def _candidate(stored: Stored, cosine: float, mean: float, asked: "_Words", language: str) -> Candidate:
    bm25 = asked.bm25(stored)
    worth = _WORDS * bm25
    if stored.article.language != language:
        worth = max(worth, _ELSEWHERE)
    return Candidate(stored, cosine, cosine - mean, bm25, cosine / _COSINE_SPREAD + worth)


class _Words:
    """A question's terms and what each weighs; SQLite's own BM25 scores only the passages that it found itself."""

    def __init__(self, archive: Archive, terms: Sequence[str]) -> None:
        count = archive.passages.count
        self._heaviest = _weight(count, 0)
        self._weights = {term: _weight(count, held) for term, held in archive.passages.frequencies(terms).items()}
        self._total = sum(self._weights.values()) or 1.0
        self._length = archive.passages.average_length or 1.0

    def bm25(self, stored: Stored) -> float:
        """See `Candidate`."""
        weights = self._weights
        terms = [*stored.title_terms.split(), *stored.terms.split()]
        norm = _K1 * (1 - _B + _B * len(terms) / self._length)
        counts = Counter(filter(weights.__contains__, terms))
        return sum(weights[term] * count / (count + norm) for term, count in counts.items()) / self._total

    def shared(self, stored: Stored) -> Shared:
        """See `Shared`."""
        weights = self._weights
        if not weights:
            return Shared()
        title, body = stored.title_terms.split(), stored.terms.split()
        held, in_title, in_body = self._held([*title, *body]), self._held(title), self._held(body)
        beyond = {term: weight * (1 - in_title[term]) for term, weight in weights.items()}
        about = sum(beyond.values())
        missing = max(weight * (1 - held[term]) for term, weight in weights.items())
        return Shared(
            present=sum(weights[term] * held[term] for term in weights) / self._total,
            told=sum(beyond[term] * in_body[term] for term in weights) / about if about else 1.0,
            missing=missing / self._total,
            rarest=missing / self._heaviest,
        )

    def _held(self, terms: Sequence[str]) -> dict[str, float]:
        """For each of the question's terms 1 if it is there, a half if only a word of its root is, else 0."""
        there = set(terms)
        roots = {root(term) for term in there}
        return {term: 1.0 if term in there else _KIN if root(term) in roots else 0.0 for term in self._weights}


def _weight(passages: int, held: int) -> float:
    """BM25's weight of a term that so many of the passages hold.

    As if there were 60 passages more, half of one holding the term: in an archive of a few articles, where the words
    of their topic are everywhere, those would weigh nothing, and one missing word would be all that counts.
    """
    return math.log(1 + (passages + _MORE - held) / (held + 1))
