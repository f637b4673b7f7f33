"""What travels from a question to its answer: turns, hits, quotes, statements, events, the answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ingest.article import Article

_WORDS = 4  # a fragment of fewer is a heading, a label or a signature
_STOP = re.compile(r"[.!?؟۔…。！？]\W*$")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")  # Thai to Han

LONGEST = 2000
"""Characters of a question; the embedding reads about 1,500."""


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
    """An exact quotation: a span of a stored article, and nothing else.

    Attributes:
        also: the articles that hold the same words too, the earliest first; it makes no quotation another one.
    """

    article: Article
    start: int
    end: int
    also: tuple[Article, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        """Refuse what is no span of the article."""
        if not 0 <= self.start < self.end <= len(self.article.text):
            raise ValueError(f"no span of the article: {self.start}:{self.end} of {len(self.article.text)} characters")

    @property
    def text(self) -> str:
        """The article's own characters."""
        return self.article.text[self.start : self.end]

    def lies_in(self, other: "Quote") -> bool:
        """Whether another quotation holds this one."""
        return self.article.id == other.article.id and other.start <= self.start and self.end <= other.end

    @property
    def has_content(self) -> bool:
        """Whether it says something by itself; a heading ("NEVADA") or a fragment ("With the") does not.

        There is no tagger to find verbs. So what says something has four words, or two and a full stop ("Minister
        resigns."), or two and is the title.
        """
        words = sum(any(map(str.isalnum, word)) for word in self.text.split()) + len(_UNSPACED.findall(self.text))
        ends = _STOP.search(self.text) is not None or self.text == self.article.title
        return words >= _WORDS or (words >= _WORDS // 2 and ends)


Proof = Literal["quoted", "shortened", "judged"]
"""How a statement is proven: its quotes say it themselves; it is a shortening of one; a language model judged it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Something the answer says, and the quotes that prove it, never none.

    Attributes:
        text: "quoted": who says it and when, in our words; else the statement as the model wrote it.
        proof: how its quotes prove it.
        judge: the model that found it supported, as the settings name it; "" where none did.
    """

    text: str
    quotes: tuple[Quote, ...]
    proof: Proof = "quoted"
    judge: str = ""

    def __post_init__(self) -> None:
        """Refuse a statement that nothing proves."""
        if not self.quotes:
            raise ValueError("a statement without a quote is not said")


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a conversation: what was asked, what was answered as plain text, and its quotes."""

    question: str
    answer: str = ""
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """What a model wrote and could not prove; its sentences are quoted in its place, if it named any.

    Attributes:
        kind: what was wrong with it, one word: see `assistant.verification.Fault`.
        reason: the same in a sentence.
    """

    text: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a language model took for one answer.

    Attributes:
        requests: how many were made.
        sent: characters of all prompts.
        prompt_tokens: as the model counted them; 0 where it does not say.
        completion_tokens: the same of what it wrote.
        seconds: from the first request to the last word.
    """

    requests: int = 0
    sent: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Dates:
    """A time that the question names: only what was published then was searched.

    Attributes:
        words: the question's own for it.
        since: aware UTC, the first moment; None: it has no beginning.
        until: aware UTC, the moment that ends it and is not in it; None: it has no end.
        surely: whether nothing of another time is wanted; else it is searched where nothing of this time answers.
        day: the beginning of the day that is named, where it is a single one.
    """

    words: str
    since: datetime | None
    until: datetime | None
    surely: bool = False
    day: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer.

    Attributes:
        language: of the question, ISO 639-1; the answer's own words are Arabic for "ar", else English.
        statements: best first; none when the archive does not answer.
        related: the nearest articles, best first; shown as links where nothing is answered.
        dropped: what a model wrote and could not prove; no door shows it.
        writer: who wrote it, "extract" for the writer without a model, else the model as the settings name it.
        notice: why the model that should have written did not, or not all of it; for a person.
        usage: what the model took, None where none was asked.
        as_of: aware UTC time of the answer.
        dates: the time that was read from the question, and that the answer keeps to; None where none was.
        event: the day that the question names, whether or not the answer keeps to it: dates can be told from it.
        seconds: what took how long, by name ("search", "write", "total").
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
        """Whether anything is said."""
        return bool(self.statements)

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """Every quote once, in the order of the statements."""
        return tuple(dict.fromkeys(quote for statement in self.statements for quote in statement.quotes))

    @property
    def turn(self) -> Turn:
        """This exchange, for the history of the next question."""
        said = [
            words
            for one in self.statements
            for words in ([one.text] if one.proof != "quoted" else [quote.text for quote in one.quotes])
        ]
        return Turn(self.question, "\n".join(dict.fromkeys(said)), self.quotes)


EXTRACT = "extract"
"""The name of the writer without a model."""


@dataclass(frozen=True, slots=True)
class Searching:
    """The search begins, for the question as it stands alone; `dates` and `event` are those of the `Answer`."""

    question: str
    dates: Dates | None = None
    event: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The search is done; best first."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """One more statement is proven."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is whole."""

    answer: Answer


Event = Searching | Found | Stated | Done
"""What `Assistant.stream` yields, in this order: one `Searching`, one `Found`, any number of `Stated`, one `Done`."""
