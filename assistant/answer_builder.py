"""What is known of an answer while it is being made."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from assistant.answer import EXTRACT, Answer, Dates, Dropped, Statement
from assistant.llm.errors import LanguageModelError
from assistant.llm.usage import UsageMeter
from assistant.question.reading import Question
from ingest.article import Article
from ingest.errors import ModelError


@dataclass(slots=True)
class AnswerBuilder:
    """Collects the parts of one answer, and measures what takes how long.

    Attributes:
        writer: the name of who writes.
        error: why the language model does not write, or not to the end; None where it did not fail.
        dates: see `Answer.dates`.
        event: see `Answer.event`.
        asked_at: aware, UTC.
    """

    writer: str
    usage: UsageMeter = field(default_factory=UsageMeter)
    dates: Dates | None = None
    event: datetime | None = None
    error: ModelError | None = None
    statements: list[Statement] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    _seconds: dict[str, float] = field(default_factory=dict, init=False)
    _started: float = field(default_factory=time.perf_counter, init=False)

    def lap(self, part: str) -> None:
        """End the measurement of a part, which began where the one before ended; repeated parts are added up."""
        elapsed = time.perf_counter() - self._started - sum(self._seconds.values())
        self._seconds[part] = self._seconds.get(part, 0.0) + elapsed

    def fail(self, error: ModelError) -> None:
        """Note that the language model failed. If it has written nothing yet, the extractive writer takes over."""
        self.error = error
        if not self.statements:
            self.writer = EXTRACT

    def answer(self, question: Question, related: tuple[Article, ...]) -> Answer:
        """The whole answer."""
        error = self.error
        return Answer(
            question=question.text,
            language=question.language,
            statements=tuple(self.statements),
            related=related,
            writer=self.writer,
            as_of=datetime.now(UTC),
            dropped=tuple(self.dropped),
            notice=error.reason(question.language) if isinstance(error, LanguageModelError) else str(error or ""),
            usage=self.usage.usage,
            dates=self.dates,
            event=self.event,
            seconds={**self._seconds, "total": time.perf_counter() - self._started},
        )
