"""What travels from a question to its answer: turns, hits, quotes, statements, the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ingest.article import Article


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a conversation: what was asked, and what was answered as plain text."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that search found: `article.text[start:end]`.

    Attributes:
        score: the fused score of search, higher is better; comparable within one search only.
        cosine: of question and passage, -1 to 1.
    """

    article: Article
    start: int
    end: int
    score: float
    cosine: float

    @property
    def text(self) -> str:
        """The passage's own words."""
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Quote:
    """An exact quotation: a span of a stored article, and nothing else."""

    article: Article
    start: int
    end: int

    def __post_init__(self) -> None:
        """Refuse what is no span of the article."""
        if not 0 <= self.start < self.end <= len(self.article.text):
            raise ValueError(f"no span of the article: {self.start}:{self.end} of {len(self.article.text)} characters")

    @property
    def text(self) -> str:
        """The article's own characters."""
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Statement:
    """Something the answer says, and the quotes that prove it, never none."""

    text: str
    quotes: tuple[Quote, ...]

    def __post_init__(self) -> None:
        """Refuse a statement that nothing proves."""
        if not self.quotes:
            raise ValueError("a statement without a quote is not said")


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer.

    Attributes:
        language: of the question, ISO 639-1; the answer's own words are Arabic for "ar", else English.
        statements: best first; none when the archive does not answer.
        related: the nearest articles, best first; shown as links where nothing is answered.
        dropped: what a writer said and could not prove; shown by no door as an answer.
        writer: who wrote it, "extract" for the writer without a model.
        as_of: aware UTC time of the answer.
        seconds: what took how long, by name ("search", "write", "total").
    """

    question: str
    language: str
    statements: tuple[Statement, ...]
    related: tuple[Article, ...]
    writer: str
    as_of: datetime
    dropped: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def answered(self) -> bool:
        """Whether anything is said."""
        return bool(self.statements)

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """Every quote once, in the order of the statements."""
        return tuple(dict.fromkeys(quote for statement in self.statements for quote in statement.quotes))
