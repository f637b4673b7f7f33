"""Whether what was found answers the question."""

from collections.abc import Sequence

from assistant.question import Question
from assistant.search import Candidate


def answers(question: Question, candidates: Sequence[Candidate]) -> bool:
    """Placeholder until the fit."""
    return bool(candidates)
