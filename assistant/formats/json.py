"""JSON for programs: answers, passages, articles and their versions. Times are ISO 8601 in UTC, or null."""

from collections.abc import Sequence
from datetime import UTC, datetime

from typing_extensions import TypedDict  # for pydantic's schemas, which need Python 3.12 for `typing.TypedDict`

from assistant.answer import Answer, Hit, Proof, Quote
from assistant.formats.versions import changes, successions
from ingest.archive import Version
from ingest.article import Article


class SourceData(TypedDict):
    """The source of a text: an article, without its own text; `published` is ISO 8601 or null."""

    article_id: str
    title: str
    publisher: str
    published: str | None
    url: str


class QuoteData(SourceData):
    """A quotation: `text` is the article's text from `start` to `end`; `also` names articles with the same words."""

    text: str
    start: int
    end: int
    corrected: str | None
    also: list[SourceData]


class HitData(SourceData):
    """A passage found by search; `score` is the cosine, -1 to 1."""

    text: str
    start: int
    end: int
    score: float


class StatementData(TypedDict):
    """A statement, and the indexes of the quotations that prove it; see `assistant.answer.Statement`."""

    text: str
    quotes: list[int]
    proof: Proof
    judge: str


class DroppedData(TypedDict):
    """A text that a model wrote but the quotations do not prove."""

    text: str
    kind: str
    reason: str


class UsageData(TypedDict):
    """A model's requests and tokens for one answer."""

    requests: int
    sent: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float


class DatesData(TypedDict):
    """The dates in the question that narrowed the search."""

    words: str
    since: str | None
    until: str | None


class AnswerData(TypedDict):
    """An answer for a program."""

    question: str
    language: str
    answered: bool
    statements: list[StatementData]
    quotes: list[QuoteData]
    related: list[SourceData]
    dates: DatesData | None
    writer: str
    notice: str
    dropped: list[DroppedData]
    usage: UsageData | None
    seconds: dict[str, float]


class ArticleData(TypedDict):
    """A whole article for a program; times are ISO 8601 or null."""

    id: str
    title: str
    text: str
    url: str
    publisher: str
    author: str
    published: str | None
    language: str
    fetched: str
    modified: str | None
    corrected: str | None


def answer_data(answer: Answer) -> AnswerData:
    """Convert an answer; statements refer to their quotations by index."""
    quotes, dates, usage = answer.quotes, answer.dates, answer.usage
    index = {quote: position for position, quote in enumerate(quotes)}
    return {
        "question": answer.question,
        "language": answer.language,
        "answered": answer.answered,
        "statements": [
            {
                "text": statement.text,
                "quotes": [index[quote] for quote in statement.quotes],
                "proof": statement.proof,
                "judge": statement.judge,
            }
            for statement in answer.statements
        ],
        "quotes": [_quote_data(quote) for quote in quotes],
        "related": [_source_data(article) for article in answer.related],
        "dates": {"words": dates.words, "since": _optional_time(dates.since), "until": _optional_time(dates.until)}
        if dates
        else None,
        "writer": answer.writer,
        "notice": answer.notice,
        "dropped": [{"text": claim.text, "kind": claim.kind, "reason": claim.reason} for claim in answer.dropped],
        "usage": {
            "requests": usage.requests,
            "sent": usage.sent,
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "seconds": usage.seconds,
        }
        if usage
        else None,
        "seconds": {name: round(value, 4) for name, value in answer.seconds.items()},  # to a tenth of a millisecond
    }


def _quote_data(quote: Quote) -> QuoteData:
    return {
        "text": quote.text,
        **_source_data(quote.article),
        "start": quote.start,
        "end": quote.end,
        "corrected": _optional_time(quote.article.corrected),
        "also": [_source_data(article) for article in quote.also],
    }


def hit_data(hit: Hit) -> HitData:
    """Convert a passage; its score is the cosine, -1 to 1."""
    score = round(hit.cosine, 4)
    return {"text": hit.text, **_source_data(hit.article), "start": hit.start, "end": hit.end, "score": score}


def _source_data(article: Article) -> SourceData:
    return {
        "article_id": article.id,
        "title": article.title,
        "publisher": article.publisher,
        "published": _optional_time(article.published),
        "url": article.url,
    }


def article_data(article: Article) -> ArticleData:
    """Convert a whole article; its `text[start:end]` is a quotation with these offsets."""
    return {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        "url": article.url,
        "publisher": article.publisher,
        "author": article.author,
        "published": _optional_time(article.published),
        "language": article.language,
        "fetched": time_data(article.fetched),
        "modified": _optional_time(article.modified),
        "corrected": _optional_time(article.corrected),
    }


def versions_data(article: Article, versions: Sequence[Version]) -> list[dict[str, object]]:
    """Convert earlier versions, newest first, each with the sentences that the next version removed and added."""
    return [
        {
            "title": before.title,
            "text": before.text,
            "published": _optional_time(before.published),
            "modified": _optional_time(before.modified),
            "fetched": time_data(before.fetched),
            "replaced": time_data(before.replaced),
            "removed": [sentence for sign, sentence in changes(before, after) if sign == "-"],
            "added": [sentence for sign, sentence in changes(before, after) if sign == "+"],
        }
        for before, after in successions(article, versions)
    ]


def time_data(moment: datetime) -> str:
    """Format a time as ISO 8601 in UTC: "2019-03-03T18:30:00Z"."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _optional_time(moment: datetime | None) -> str | None:
    return time_data(moment) if moment else None
