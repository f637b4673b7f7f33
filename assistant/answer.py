"""The values of the path from a question to its answer: turns, hits, quotes, statements, events, the answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ingest.article import Article, Span

_WORDS = 4  # a fragment of fewer is a heading, a label or a signature
_STOP = re.compile(r"[.!?؟۔…。！？]\W*$")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")  # Thai to Han

LONGEST = 2000
"""Characters of a question at most; the embedder reads about 1,500."""


@dataclass(frozen=True, slots=True)
class Hit(Span):
    """A passage that search found.

    Attributes:
        score: the fused score of search, higher is better; comparable within one search only.
        cosine: of question and passage, -1 to 1.
    """

    score: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Quote(Span):
    """An exact quotation: a span of a stored article, and nothing else.

    Attributes:
        also: other articles with the same words, the earliest first; not compared when quotations are.
    """

    also: tuple[Article, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        """Refuse what is no span of the article."""
        if not 0 <= self.start < self.end <= len(self.article.text):
            raise ValueError(f"no span of the article: {self.start}:{self.end} of {len(self.article.text)} characters")

    @property
    def has_content(self) -> bool:
        """Whether it makes sense by itself: a heading ("NEVADA") or a fragment ("With the") does not.

        This needs no part-of-speech tagger: four words are enough, or two that end a sentence ("Minister resigns.") or
        are the title.
        """
        words = sum(any(map(str.isalnum, word)) for word in self.text.split()) + len(_UNSPACED.findall(self.text))
        ends = _STOP.search(self.text) is not None or self.text == self.article.title
        return words >= _WORDS or (words >= _WORDS // 2 and ends)


Proof = Literal["quoted", "shortened", "judged"]
"""How a statement is proven: its quotes say it themselves; it shortens one of them; a judge found it supported."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of the answer, and the quotes that prove it, one or more.

    Attributes:
        text: the statement as the model wrote it; if `proof` is "quoted", a line that says who is quoted and when.
        judge: the model that found it supported, as the settings name it; "" if `proof` is not "judged".
    """

    text: str
    quotes: tuple[Quote, ...]
    proof: Proof = "quoted"
    judge: str = ""

    def __post_init__(self) -> None:
        """Refuse a statement that nothing proves."""
        if not self.quotes:
            raise ValueError("a statement needs a quote that proves it")


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier turn of a conversation: the question, the answer as plain text, and its quotes."""

    question: str
    answer: str = ""
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """A statement that a model wrote and nothing proves. The sentences that it cites are quoted in its place.

    Attributes:
        kind: what is wrong with it, in one word; see `assistant.verification.Fault`.
        reason: the same in a sentence.
    """

    text: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What the language models took for one answer.

    Attributes:
        sent: characters of all prompts.
        prompt_tokens: as the model counts them; 0 where it does not say.
        completion_tokens: as the model counts them; 0 where it does not say.
        seconds: from the first request to the end of the last.
    """

    requests: int = 0
    sent: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Dates:
    """A period that the question names: only articles published in it were searched.

    Attributes:
        words: the question's words for it.
        since: its first moment, aware, UTC; None if it has no beginning.
        until: the first moment after it, aware, UTC; None if it has no end.
        exclusive: whether only articles of this time can answer ("last week"); else the search is narrowed only where
            they do ("in 2012": an article of 2019 may answer).
        day: the beginning of the day, where the question names a single one.
    """

    words: str
    since: datetime | None
    until: datetime | None
    exclusive: bool = False
    day: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer.

    Attributes:
        language: of the question, ISO 639-1. Our own words in the answer are Arabic for "ar", else English.
        statements: best first; none where the archive does not answer.
        related: the nearest articles, best first; shown as links where the archive does not answer.
        dropped: what a model wrote and nothing proves; no door shows it as part of the answer.
        writer: "extract" for the writer without a model, else the model as the settings name it.
        notice: why the language model did not write, or not to the end; for a person.
        usage: what the language models took; None where none was asked.
        as_of: when it was answered, aware, UTC.
        dates: the period that narrowed the search; None where none did.
        event: the beginning of the day that the question names, whether or not it narrowed the search.
        seconds: how long each part took, by its name: "search", "write", "total" ...
    """

    question: str
    language: str
    statements: tuple[Statement, ...]
    related: tuple[Article, ...]
    writer: str
    as_of: datetime
    dropped: tuple[Dropped, ...] = ()
    notice: str = ""
    usage: Usage | None = None
    dates: Dates | None = None
    event: datetime | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def answered(self) -> bool:
        """Whether the archive answers."""
        return bool(self.statements)

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """Every quote once, in the order of the statements."""
        return tuple(dict.fromkeys(quote for statement in self.statements for quote in statement.quotes))

    @property
    def turn(self) -> Turn:
        """This exchange, for the history of the next question."""
        lines: dict[str, None] = {}  # in order, each once
        for statement in self.statements:
            if statement.proof == "quoted":
                lines.update(dict.fromkeys(quote.text for quote in statement.quotes))
            else:
                lines[statement.text] = None
        return Turn(self.question, "\n".join(lines), self.quotes)


EXTRACT = "extract"
"""The name of the writer without a model."""


@dataclass(frozen=True, slots=True)
class Searching:
    """What was searched: the question as it stands alone. `dates` and `event` are those of the `Answer`."""

    question: str
    dates: Dates | None = None
    event: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The passages that search found, best first."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """One more statement, which is proven."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class Done:
    """The whole answer."""

    answer: Answer


Event = Searching | Found | Stated | Done
"""What `Assistant.stream` yields, in this order: one `Searching`, one `Found`, any number of `Stated`, one `Done`."""
