"""Which reading of a question is meant: alone, or with what it takes from the turns before."""

import math
from collections.abc import Sequence

from assistant.question.reading import Question
from assistant.retrieval.search import Candidate, TermOverlap


def meant(found: Sequence[tuple[Question, Sequence[Candidate]]]) -> int:
    """Which of a question's readings is meant: the place of the one that comes nearest to what is best for all of them.

    A change of subject finds its own article for itself, far from the rest, and hardly behind the questions before; a
    question that leans on them is the other way round. So an article's scores are added, each reading's by its weight.

    Args:
        found: one reading or more, the likeliest first, each with what it finds, best first.
    """
    short = [(one[0].weight, {} if _strays(*one) else _short(one[1])) for one in found]
    articles = dict.fromkeys(article for _, one in short for article in one)
    if not articles:
        return 0

    def falls_short(article: str) -> float:
        return sum(weight * one.get(article, max(one.values(), default=0.0)) for weight, one in short)

    best = min(articles, key=falls_short)
    return min(range(len(short)), key=lambda place: short[place][1].get(best, math.inf))


def _strays(question: Question, candidates: Sequence[Candidate]) -> bool:
    """Whether a question that needs what was said before found for itself only what is in another language.

    Some article is always nearest to "What did they say about it?"; no word that both have tells that it is meant.
    """
    return (
        question.bare
        and bool(candidates)
        and candidates[0].stored.article.language != question.language
        and not (candidates[0].overlap or TermOverlap()).present
    )


def _short(candidates: Sequence[Candidate]) -> dict[str, float]:
    """How far each article's best passage falls short of the best one, in points of score."""
    short: dict[str, float] = {}
    for one in candidates:
        short.setdefault(one.stored.article.id, candidates[0].score - one.score)
    return short
