"""What a reader's browser keeps of a conversation, and what is made of it when it comes back.

The browser holds the conversation, the server none: a restart loses nothing, and no reader can see another's. It keeps
the answer's own words, and of each quotation only its place and a digest: the words are taken from the archive again
whenever they are shown, and where they are no longer what was quoted, they are not shown. What comes from a browser is
untrusted like any input: checked, bounded, and shown escaped.
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

_TURNS = 100  # of one conversation
_LONGEST = 1_000_000  # characters of what a browser sends
_REMEMBERED = 6  # turns that the next question is understood by

Id = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
Short = Annotated[str, Field(max_length=4000)]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Cited(_Kept):
    """A quotation's place, and the digest of its words."""

    article: Id
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    digest: str = Field(max_length=16)
    also: tuple[Id, ...] = Field((), max_length=20)


class Stated(_Kept):
    """A statement: its words, which of the turn's quotations prove it, and how; see `assistant.answer.Statement`."""

    text: Short
    quotes: tuple[int, ...] = Field(max_length=20)
    proof: Proof = "quoted"
    judge: Short = ""


class Narrowed(_Kept):
    """The filters of a question, as they were chosen: days as "2024-03-12"."""

    since: str = Field("", max_length=10)
    until: str = Field("", max_length=10)
    publishers: tuple[Short, ...] = Field((), max_length=20)
    languages: tuple[Short, ...] = Field((), max_length=20)


class Named(_Kept):
    """The time that the question names and that was searched alone: see `assistant.answer.Dates`."""

    words: Short
    since: datetime | None = None
    until: datetime | None = None


class Exchange(_Kept):
    """One question and what became of it.

    Attributes:
        state: "asked" while it is being answered; "stopped" by the reader; "failed" with `notice` saying why.
        searched: the question as it was searched, where that differs.
        dates: the time that was read from it.
        event: the day that it names.
        verdict: the reader's word on the answer, and its id among the feedback.
    """

    question: str = Field(max_length=20_000)
    state: Literal["asked", "answered", "stopped", "failed"] = "asked"
    searched: Short = ""
    dates: Named | None = None
    event: datetime | None = None
    language: str = Field("", max_length=8)
    stated: tuple[Stated, ...] = Field((), max_length=50)
    cited: tuple[Cited, ...] = Field((), max_length=50)
    related: tuple[Id, ...] = Field((), max_length=10)
    writer: Short = ""
    notice: Short = ""
    narrowed: Narrowed = Narrowed()
    as_of: datetime = Field(default_factory=lambda: datetime.now(UTC))
    verdict: Literal["", "good", "bad"] = ""
    reason: Short = ""
    feedback: str = Field("", max_length=16)

    def searching(self, question: str, dates: Dates | None, event: datetime | None) -> "Exchange":
        """With how it is searched for."""
        named = Named(words=dates.words[:4000], since=dates.since, until=dates.until) if dates else None
        return self.model_copy(update={"searched": question[:4000], "dates": named, "event": event})

    def stating(self, statement: Statement) -> "Exchange":
        """With one more statement."""
        cited = list(self.cited)
        places = []
        for quote in statement.quotes:
            one = _cited(quote)
            if one not in cited:
                cited.append(one)
            places.append(cited.index(one))
        more = Stated(
            text=statement.text[:4000], quotes=tuple(places), proof=statement.proof, judge=statement.judge[:4000]
        )
        return self.model_copy(update={"stated": (*self.stated, more), "cited": tuple(cited)})

    def answering(self, answer: Answer) -> "Exchange":
        """With all that the whole answer says."""
        return self.model_copy(
            update={
                "state": "answered",
                "language": answer.language,
                "related": tuple(article.id for article in answer.related),
                "writer": answer.writer,
                "notice": answer.notice[:4000],
                "as_of": answer.as_of,
            }
        )

    @property
    def said(self) -> str:
        """The answer's own words as plain text."""
        return "\n".join(one.text for one in self.stated)


class Conversation(_Kept):
    """A conversation as a browser keeps it."""

    id: Id = Field(default_factory=lambda: secrets.token_hex(8))
    turns: tuple[Exchange, ...] = ()

    def without(self, count: int) -> "Conversation":
        """Without the last turns."""
        return self.model_copy(update={"turns": self.turns[: max(0, len(self.turns) - count)]})

    def asking(self, turn: Exchange) -> "Conversation":
        """With one more turn; the oldest go where there are too many."""
        return self.model_copy(update={"turns": (*self.turns, turn)[-_TURNS:]})

    def ending(self, turn: Exchange, place: int = -1) -> "Conversation":
        """With another turn in a place, the last one's if none is named."""
        turns = list(self.turns)
        turns[place] = turn
        return self.model_copy(update={"turns": tuple(turns)})


def opened(text: object) -> Conversation:
    """The conversation that a browser sends; a new one where that is none.

    What says of itself that it is still being answered was cut off: nobody is answering it any more.
    """
    if not isinstance(text, str) or not text or len(text) > _LONGEST:
        return Conversation()
    try:
        found = Conversation.model_validate_json(text)
    except ValidationError:
        return Conversation()
    turns = [turn.model_copy(update={"state": "stopped"}) if turn.state == "asked" else turn for turn in found.turns]
    return found.model_copy(update={"turns": tuple(turns[-_TURNS:])})


class Resolved:
    """The articles of some turns, and the quotations that still stand in them."""

    def __init__(self, archive: Archive, turns: Iterable[Exchange]) -> None:
        ids = {one for turn in turns for cited in turn.cited for one in (cited.article, *cited.also)}
        ids.update(one for turn in turns for one in turn.related)
        self.articles: Mapping[str, Article] = archive.articles(ids) if ids else {}

    def quote(self, cited: Cited) -> Quote | None:
        """The quotation, if the archive still has it there, character for character."""
        article = self.articles.get(cited.article)
        if article is None or not cited.start < cited.end <= len(article.text):
            return None
        found = Quote(article, cited.start, cited.end)
        return found if _digest(found.text) == cited.digest else None

    def also(self, cited: Cited) -> tuple[Article, ...]:
        """The other articles that carry it."""
        return tuple(self.articles[one] for one in cited.also if one in self.articles)


def history(conversation: Conversation, archive: Archive) -> list[Turn]:
    """The last turns, for the next question to be understood by."""
    turns = [turn for turn in conversation.turns if turn.state in ("answered", "stopped")][-_REMEMBERED:]
    resolved = Resolved(archive, turns)
    return [_turn(turn, resolved) for turn in turns]


def _turn(turn: Exchange, resolved: Resolved) -> Turn:
    quotes = tuple(quote for cited in turn.cited if (quote := resolved.quote(cited)))
    shown = [resolved.quote(cited) for cited in turn.cited]
    said: list[str] = []
    for one in turn.stated:
        carrying = [shown[place] for place in one.quotes if place < len(shown)]
        said += [one.text] if one.proof != "quoted" else [quote.text for quote in carrying if quote]
    return Turn(turn.question, "\n".join(dict.fromkeys(said)), quotes)


def narrowing(narrowed: Narrowed) -> Filter:
    """The filter of the archive for what was chosen; both days are in it.

    Raises:
        KhabarError: a date is not understood.
    """
    since, until = _day(narrowed.since), _day(narrowed.until)
    return Filter(since, until and until + timedelta(days=1), narrowed.publishers, narrowed.languages)


def _day(text: str) -> datetime | None:
    try:
        return parse_date(text) if text.strip() else None
    except ValueError as error:
        raise KhabarError(f"{error}; write it as 2024-03-12") from error


def _cited(quote: Quote) -> Cited:
    return Cited(
        article=quote.article.id,
        start=quote.start,
        end=quote.end,
        digest=_digest(quote.text),
        also=tuple(article.id for article in quote.also)[:20],
    )


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]
