"""Whether what was found answers the question: several signals, weighed together.

No single score separates answerable from unanswerable questions, and what one is worth depends on the others. So the
weights, in answerability.json, are those of a logistic regression with all squares and products. They were fitted on
question sets asked once with and once without the articles that answer, in archives of four sizes, by:

    python tests/bench/fit_answerability.py ARTICLES.jsonl QUESTIONS.jsonl ...
"""

import functools
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.question.reading import Question
from assistant.question.wording import gives_measures, subjects
from assistant.retrieval.search import Candidate, TermOverlap
from ingest.language import root

FILE = Path(__file__).with_suffix(".json")
"""Where the weights are."""
_ARRAYS = ("low", "high", "centre", "spread", "linear", "square")

_FIRST = 3  # candidates in which the words of a follow-up are looked for
_TELLING = 2  # words that it must have: one alone is often another word for what the article says
_LIKE = 0.6  # share of terms: another article with a passage so like the best one reports the same story
# A margin. With 1 an archive of one article refuses .006 (in another language .07) of what it answers and .97 (.945) of
# what it does not, with 1.5 .005 (.035) and .965 (.91), with 2 .002 (.015) and .955 (.87).
_ALONE = 1.75


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for the best candidate.

    Attributes:
        cosine: of question and passage.
        lift: how far that is above the mean of the archive's passages.
        present: the share of the question's terms, by weight, that the passage, its neighbours or the title have.
        beyond_title: the same without the terms of the title.
        missing: the heaviest term that they lack, as a share of all.
        rarest: the same as a share of the heaviest term possible.
        margin: of score above the next article with another story, 0 to 3; `_ALONE` where there is no other.
        terms: number of terms of the question, at most 10.
    """

    cosine: float
    lift: float
    present: float
    beyond_title: float
    missing: float
    rarest: float
    margin: float
    terms: float


@dataclass(frozen=True, slots=True)
class Weights:
    """A fit for n signals: `constant + linear @ z + z @ square @ z`, with z the signals, bounded and scaled.

    Attributes:
        low: shape (n,), lower bounds: no signal is trusted beyond what the fit has seen.
        high: shape (n,), upper bounds.
        centre: shape (n,), subtracted from the signals.
        spread: shape (n,), they are divided by it.
        linear: shape (n,).
        square: shape (n, n), upper triangular.
        constant: chosen so that a sum above 0 is an answer.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    linear: NDArray[np.float64]
    square: NDArray[np.float64]
    constant: float

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compute the confidence of signals, shape (..., n) to shape (...); above 0 the question is answered."""
        scaled = (np.clip(values, self.low, self.high) - self.centre) / self.spread
        weighed: NDArray[np.float64] = self.constant + scaled @ self.linear + ((scaled @ self.square) * scaled).sum(-1)
        return weighed


def answers(question: Question, candidates: Sequence[Candidate]) -> bool:
    """Whether the candidates (best first) answer the question."""
    if not candidates:
        return False
    if not _answers_what_was_asked(question, candidates):
        return False
    weights = _weights()[case(question, candidates)]
    return bool(weights(np.array(astuple(signals(question, candidates)))) > 0)


def _answers_what_was_asked(question: Question, candidates: Sequence[Candidate]) -> bool:
    """Whether the first candidates have what a follow-up itself asks for, not only what earlier questions did.

    They must have one of the subjects that it names; where it names none, the best one's article must give a figure of
    the kind that is asked for. A subject that is its only word, or is asked for in another language, is not checked.
    """
    if not question.leans:
        return True
    asked = set(question.asks)
    named = subjects(asked, question.language)
    if not named:
        article = candidates[0].stored.article
        return gives_measures(article.text, asked, question.language, article.language)
    first = [one.stored for one in candidates[:_FIRST] if one.stored.article.language == question.language]
    if len(asked) < _TELLING or not first:
        return True
    return any(_roots(named) & _roots((*one.terms.split(), *one.title_terms.split())) for one in first)


def _roots(terms: Iterable[str]) -> set[str]:
    return {root(term) for term in terms}


def case(question: Question, candidates: Sequence[Candidate]) -> str:
    """Name the weights that apply: across languages shared words say little."""
    return "same language" if candidates[0].stored.article.language == question.language else "other language"


def signals(question: Question, candidates: Sequence[Candidate]) -> Signals:
    """Compute what speaks for the first of the candidates, of which there must be one."""
    best = candidates[0]
    overlap = best.overlap or TermOverlap()
    return Signals(
        cosine=best.cosine,
        lift=best.lift,
        present=overlap.present,
        beyond_title=overlap.beyond_title,
        missing=overlap.missing,
        rarest=overlap.rarest,
        margin=_margin(candidates),
        terms=float(min(10, len(question.terms))),
    )


def _margin(candidates: Sequence[Candidate]) -> float:
    best = candidates[0]
    story = set(best.stored.terms.split())
    for one in candidates:
        if one.stored.article.id != best.stored.article.id:
            held = set(one.stored.terms.split())
            if len(held & story) < _LIKE * len(held):
                return min(3.0, best.score - one.score)
    return _ALONE


@functools.cache
def _weights() -> dict[str, Weights]:
    fits = json.loads(FILE.read_text("utf-8"))
    return {case: Weights(**fit | {name: np.array(fit[name]) for name in _ARRAYS}) for case, fit in fits.items()}
