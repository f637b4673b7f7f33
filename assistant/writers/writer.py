"""The interface of a writer: from a question and the passages that search found to proven statements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from assistant.answer import Dropped, Statement, Turn
from assistant.llm.usage import UsageMeter
from assistant.question.reading import Question
from assistant.retrieval.search import Candidate


@dataclass(frozen=True, slots=True)
class WritingTask:
    """One answer to be written.

    Attributes:
        candidates: the passages that search found, best first; none where it found nothing.
        limit: at most this many quotations.
        history: earlier turns, the oldest first.
        asked_at: aware, UTC.
        usage: counts the requests to a language model.
    """

    question: Question
    candidates: Sequence[Candidate]
    limit: int
    history: Sequence[Turn] = ()
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    usage: UsageMeter = field(default_factory=UsageMeter)


class Writer(Protocol):
    """Writes answers. Any thread may ask for one.

    Attributes:
        name: for the answer's `writer`.
    """

    name: str

    def write(self, task: WritingTask) -> Iterator[Statement | Dropped]:
        """Write an answer, best first, each statement as soon as its quotations prove it.

        Nothing is yielded where the candidates do not answer. What could not be proven is yielded as `Dropped`.

        Raises:
            ModelError: the language model failed, or nothing of what it wrote could be proven.
        """
