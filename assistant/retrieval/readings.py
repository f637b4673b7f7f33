"""Choose a reading of a follow-up question: alone, or with the questions before it."""

import math
from collections.abc import Sequence

from assistant.question.reading import Question
from assistant.retrieval.search import Candidate, TermOverlap


def choose_reading(found: Sequence[tuple[Question, Sequence[Candidate]]]) -> int:
    """Choose the reading that ranks the article best that is best for all of them.

    A question with a new subject finds its own article when it is read alone, far ahead of the rest, and hardly finds
    it together with earlier questions; with a true follow-up it is the other way round. So the articles' score gaps
    are added up over the readings, by weight.

    Args:
        found: one reading or more, the likeliest first, each with its candidates, best first.

    Returns:
        The index of the reading.
    """
    gaps = [(question.weight, {} if _strays(question, some) else _score_gaps(some)) for question, some in found]
    articles = dict.fromkeys(article for _, of_reading in gaps for article in of_reading)
    if not articles:
        return 0

    def total_gap(article: str) -> float:
        return sum(
            weight * of_reading.get(article, max(of_reading.values(), default=0.0)) for weight, of_reading in gaps
        )

    best = min(articles, key=total_gap)
    return min(range(len(gaps)), key=lambda index: gaps[index][1].get(best, math.inf))


def _strays(question: Question, candidates: Sequence[Candidate]) -> bool:
    """Whether a question that needs earlier turns, read alone, found an article by nothing but its meaning.

    Some article in another language is always nearest to "What did they say about it?".
    """
    return (
        question.bare
        and bool(candidates)
        and candidates[0].stored.article.language != question.language
        and not (candidates[0].overlap or TermOverlap()).present
    )


def _score_gaps(candidates: Sequence[Candidate]) -> dict[str, float]:
    """How far the score of each article's best passage is below that of the best passage of all."""
    gaps: dict[str, float] = {}
    for one in candidates:
        gaps.setdefault(one.stored.article.id, candidates[0].score - one.score)
    return gaps
