"""Conversations as browsers keep them, and how the server reads them back.

Only the browser holds the conversation: a restart of the server loses nothing, and no reader can see another's. The
browser keeps the text of the statements, but only the span and a digest of each quotation: its words are read from the
archive whenever they are shown, and are not shown if they have changed. All data from a browser is untrusted: it is
validated, bounded, and escaped when shown.

The names of the fields are those of the stored JSON.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.answer import Answer, Dates, Proof, Quote, Statement, Turn
from ingest.archive import Archive, Filter
from ingest.article import Article
from ingest.errors import KhabarError
from ingest.language.dates import parse_date

_MAX_TURNS = 100  # of one conversation
_MAX_JSON = 1_000_000  # characters of a conversation from a browser
_MAX_TEXT = 4000  # characters of one stored text
_HISTORY = 6  # earlier turns by which a question is understood

ArticleId = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
Text = Annotated[str, Field(max_length=_MAX_TEXT)]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Cited(_Kept):
    """A quotation: its span, a digest of its words, and the other articles with the same words."""

    article: ArticleId
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    digest: str = Field(max_length=16)
    also: tuple[ArticleId, ...] = Field((), max_length=20)


class Stated(_Kept):
    """A statement, and the indexes of the turn's quotations that prove it; see `assistant.answer.Statement`."""

    text: Text
    quotes: tuple[int, ...] = Field(max_length=20)
    proof: Proof = "quoted"
    judge: Text = ""


class Filters(_Kept):
    """The filters of a question; days are written as "2024-03-12"."""

    since: str = Field("", max_length=10)
    until: str = Field("", max_length=10)
    publishers: tuple[Text, ...] = Field((), max_length=20)
    languages: tuple[Text, ...] = Field((), max_length=20)

    def archive_filter(self) -> Filter:
        """Convert to the archive's filter; both days are included.

        Raises:
            KhabarError: a day cannot be parsed.
        """
        since, until = _day(self.since), _day(self.until)
        return Filter(since, until and until + timedelta(days=1), self.publishers, self.languages)


class QuestionDates(_Kept):
    """The dates in a question that narrowed its search: see `assistant.answer.Dates`."""

    words: Text
    since: datetime | None = None
    until: datetime | None = None


class Exchange(_Kept):
    """One turn: a question and its answer.

    Attributes:
        state: "asked" while the question is being answered; "stopped" by the reader; "failed", with the reason in
            `notice`.
        searched: the question as it was searched, if it was completed from earlier turns.
        dates: the dates in the question.
        event: the day that the question names.
        verdict: the reader's verdict on the answer; `feedback` is its id in the catalogue.
    """

    question: str = Field(max_length=20_000)
    state: Literal["asked", "answered", "stopped", "failed"] = "asked"
    searched: Text = ""
    dates: QuestionDates | None = None
    event: datetime | None = None
    language: str = Field("", max_length=8)
    stated: tuple[Stated, ...] = Field((), max_length=50)
    cited: tuple[Cited, ...] = Field((), max_length=50)
    related: tuple[ArticleId, ...] = Field((), max_length=10)
    writer: Text = ""
    notice: Text = ""
    narrowed: Filters = Filters()
    as_of: datetime = Field(default_factory=lambda: datetime.now(UTC))
    verdict: Literal["", "good", "bad"] = ""
    reason: Text = ""
    feedback: str = Field("", max_length=16)

    def with_search(self, question: str, dates: Dates | None, event: datetime | None) -> "Exchange":
        """Add how the question is searched."""
        kept = QuestionDates(words=_short(dates.words), since=dates.since, until=dates.until) if dates else None
        return self.model_copy(update={"searched": _short(question), "dates": kept, "event": event})

    def with_statement(self, statement: Statement) -> "Exchange":
        """Add a statement and its quotations."""
        cited = list(self.cited)
        indexes = []
        for quote in statement.quotes:
            kept = Cited(
                article=quote.article.id,
                start=quote.start,
                end=quote.end,
                digest=_digest(quote.text),
                also=tuple(article.id for article in quote.also)[:20],
            )
            if kept not in cited:
                cited.append(kept)
            indexes.append(cited.index(kept))
        text, judge = _short(statement.text), _short(statement.judge)
        stated = Stated(text=text, quotes=tuple(indexes), proof=statement.proof, judge=judge)
        return self.model_copy(update={"stated": (*self.stated, stated), "cited": tuple(cited)})

    def with_answer(self, answer: Answer) -> "Exchange":
        """Mark the turn as answered, with what only the complete answer knows."""
        return self.model_copy(
            update={
                "state": "answered",
                "language": answer.language,
                "related": tuple(article.id for article in answer.related),
                "writer": answer.writer,
                "notice": _short(answer.notice),
                "as_of": answer.as_of,
            }
        )

    def with_failure(self, message: str) -> "Exchange":
        """Mark the turn as failed."""
        return self.model_copy(update={"state": "failed", "notice": _short(message)})

    @property
    def answer_text(self) -> str:
        """The text of the statements, without their quotations."""
        return "\n".join(statement.text for statement in self.stated)


class Conversation(_Kept):
    """A conversation as a browser keeps it."""

    id: ArticleId = Field(default_factory=lambda: secrets.token_hex(8))
    turns: tuple[Exchange, ...] = ()

    def without_last(self, count: int) -> "Conversation":
        """Remove the last turns."""
        return self.model_copy(update={"turns": self.turns[: max(0, len(self.turns) - count)]})

    def with_turn(self, turn: Exchange) -> "Conversation":
        """Add a turn; beyond the limit, the oldest turn is dropped."""
        return self.model_copy(update={"turns": (*self.turns, turn)[-_MAX_TURNS:]})

    def replacing(self, turn: Exchange, index: int = -1) -> "Conversation":
        """Replace a turn, by default the last one."""
        turns = list(self.turns)
        turns[index] = turn
        return self.model_copy(update={"turns": tuple(turns)})

    def to_json(self) -> str:
        """Encode the conversation for the browser."""
        return self.model_dump_json(exclude_defaults=True)


def parse_conversation(text: object) -> Conversation:
    """Read the conversation that a browser sends; start a new one if it is not valid.

    A turn still marked as "asked" was interrupted: it becomes "stopped".
    """
    if not isinstance(text, str) or not text or len(text) > _MAX_JSON:
        return Conversation()
    try:
        parsed = Conversation.model_validate_json(text)
    except ValidationError:
        return Conversation()
    turns = [turn.model_copy(update={"state": "stopped"}) if turn.state == "asked" else turn for turn in parsed.turns]
    return parsed.model_copy(update={"turns": tuple(turns[-_MAX_TURNS:])})


class StoredArticles:
    """The stored articles that turns refer to, and the quotations that these articles still contain."""

    def __init__(self, archive: Archive, turns: Iterable[Exchange]) -> None:
        ids: set[str] = set()
        for turn in turns:
            ids.update(turn.related)
            ids.update(identity for cited in turn.cited for identity in (cited.article, *cited.also))
        self.articles: Mapping[str, Article] = archive.articles(ids) if ids else {}

    def quote(self, cited: Cited) -> Quote | None:
        """Return the quotation; None if the article is gone or has other words at its span."""
        article = self.articles.get(cited.article)
        if article is None or not cited.start < cited.end <= len(article.text):
            return None
        quote = Quote(article, cited.start, cited.end)
        return quote if _digest(quote.text) == cited.digest else None

    def also(self, cited: Cited) -> tuple[Article, ...]:
        """Return the other articles with the same words."""
        return tuple(self.articles[identity] for identity in cited.also if identity in self.articles)


def history(conversation: Conversation, archive: Archive) -> list[Turn]:
    """Return the last turns, by which the next question is understood."""
    recent = [turn for turn in conversation.turns if turn.state in ("answered", "stopped")][-_HISTORY:]
    stored = StoredArticles(archive, recent)
    turns: list[Turn] = []
    for turn in recent:
        quotes = [stored.quote(cited) for cited in turn.cited]
        texts: list[str] = []
        for statement in turn.stated:
            proving = [quotes[index] for index in statement.quotes if index < len(quotes)]
            texts += [statement.text] if statement.proof != "quoted" else [quote.text for quote in proving if quote]
        answer = "\n".join(dict.fromkeys(texts))
        turns.append(Turn(turn.question, answer, tuple(quote for quote in quotes if quote)))
    return turns


def _short(text: str) -> str:
    return text[:_MAX_TEXT]


def _day(text: str) -> datetime | None:
    try:
        return parse_date(text) if text.strip() else None
    except ValueError as error:
        raise KhabarError(f"{error}; write it as 2024-03-12") from error


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]
