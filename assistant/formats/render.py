"""Show an answer: as plain text for a terminal or a pipe, and as data for a program.

A quotation stands between quotation marks as the article's own characters, on lines of its own, never wrapped,
shortened or marked: what a pipe receives can be found in the article. Text is in logical order and carries no
direction marks. Each line holds one direction as far as it can, so a terminal that lays out Arabic does it right.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from itertools import groupby

from typing_extensions import TypedDict  # pydantic makes schemas of these, and takes Python's own from 3.12 on only

from assistant.answer import EXTRACT, Answer, Dates, Hit, Proof, Quote, Statement, Usage
from assistant.messages import date, phrase
from ingest.archive import Version
from ingest.article import Article
from ingest.language import direction, one_line, sentences

_COMPARED = 250_000  # pairs of sentences whose order is compared too: two texts of 500


class SourceData(TypedDict):
    """An article that is named; `published` is ISO 8601 or null."""

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
    """A passage that search found; `score` is the cosine, -1 to 1."""

    text: str
    start: int
    end: int
    score: float


class StatementData(TypedDict):
    """A statement, the quotations that prove it, by their index, and how: see `assistant.answer.Statement`."""

    text: str
    quotes: list[int]
    proof: Proof
    judge: str


class DroppedData(TypedDict):
    """What a model wrote and could not prove."""

    text: str
    kind: str
    reason: str


class UsageData(TypedDict):
    """What a model took for one answer."""

    requests: int
    sent: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float


class DatesData(TypedDict):
    """A time that the question names, which narrowed the search."""

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


def answer_text(answer: Answer) -> str:
    """The answer as plain text, in the question's language: statements, quotes, and who said them when.

    What the archive does not answer is said plainly, with the nearest articles.
    """
    if answer.answered:
        pieces = [_statement(statement, answer.language) for statement in answer.statements]
    else:
        pieces = [_not_in_archive(answer)]
    pieces += [f"{answer.dates.words}: {searched(answer.dates, answer.language)}"] if answer.dates else []
    return "\n\n".join([*pieces, *([notice(answer)] if answer.notice else [])])


def notice(answer: Answer) -> str:
    """That the model did not write this, or not all of it, and why, in the reader's language."""
    name = "without_model" if answer.writer == EXTRACT else "cut_short"
    return phrase(name, answer.language, reason=answer.notice)


def proof(statement: Statement, language: str) -> str:
    """How a statement in a model's words is proven; "" for a quotation, which needs no more."""
    if statement.proof == "quoted":
        return ""
    return phrase(f"proof_{statement.proof}", language, judge=statement.judge)


def searched(dates: Dates, language: str) -> str:
    """That only the time which the question names was searched: from which day to which, and both are in it."""
    first = date(dates.since, language)
    last = date(dates.until and dates.until - timedelta(days=1), language)
    name = "searched_since" if not dates.until else "searched_until" if not dates.since else "searched_between"
    return phrase("searched_on" if first == last else name, language, first=first, last=last)


def _not_in_archive(answer: Answer) -> str:
    lines = [phrase("not_in_archive", answer.language)]
    if answer.related:
        lines += ["", phrase("nearest", answer.language)]
        lines += [f"  {attribution(article, answer.language)}" for article in answer.related]
    return "\n".join(lines)


def _statement(statement: Statement, language: str) -> str:
    """The statement, its quotations, and who said them: once after those that follow each other from one article."""
    lines = [statement.text]
    for _, quotes in groupby(statement.quotes, key=lambda quote: quote.article):
        lines += [f"  {line}" for line in _quotations(list(quotes), language)]
    if how := proof(statement, language):
        lines.append(f"  {how}")
    return "\n".join(lines)


def _quotations(quotes: Sequence[Quote], language: str) -> list[str]:
    """Quotations from one article, who said them, and who else: once behind all, where that is the same for all."""
    article = quotes[0].article
    together = len({quote.also for quote in quotes}) == 1
    lines: list[str] = []
    for quote in quotes:
        lines += [quoted(quote), *([] if together else also(quote, language))]
    lines += filter(None, (attribution(article, language), corrected(article, language)))
    return [*lines, *(also(quotes[0], language) if together else [])]


def also(quote: Quote, language: str) -> list[str]:
    """Where else the words of a quotation were published, a line each; none where nowhere."""
    return [f"{phrase('also', language)} {attribution(one, language).removeprefix('— ')}" for one in quote.also]


def corrected(article: Article, language: str) -> str:
    """That an article's words were changed after they came in, and when; "" if they were not."""
    return "" if article.corrected is None else phrase("corrected", language, date=date(article.corrected, language))


def quoted(quote: Quote) -> str:
    """The quotation between the marks of its own script: «…» or “…”."""
    opening, closing = "«»" if direction(quote.text) == "rtl" else "“”"
    return f"{opening}{quote.text}{closing}"


def attribution(article: Article, language: str) -> str:
    """Who, what, when and where: "— publisher — title — date — address", in words of the reader's language."""
    parts = [
        article.publisher or phrase("unnamed", language),
        article.title or phrase("untitled", language),
        date(article.published, language),
        article.url,
    ]
    return "".join(f"— {part} " for part in parts if part).rstrip()


def article_text(article: Article) -> str:
    """A whole article for reading: title, attribution, text."""
    when = [date(article.published, article.language), corrected(article, article.language)]
    who = [article.publisher, article.author, *when, article.url, article.id]
    return f"{article.title}\n{' — '.join(part for part in who if part)}\n\n{article.text}"


def versions_text(article: Article, versions: Sequence[Version]) -> str:
    """What an article's versions changed, the newest change first: sentences that went, and those that came."""
    lines = [article.title, f"{article.id} — versions: {len(versions) + 1}"]
    for before, after in _successions(article, versions):
        lines += ["", f"{time_data(before.replaced)}"]
        lines += [f"{sign} {one_line(words)}" for sign, words in _changes(before, after)] or ["(spacing only)"]
    return "\n".join(lines)


def versions_data(article: Article, versions: Sequence[Version]) -> list[dict[str, object]]:
    """The earlier versions for a program, the newest first, each with what the next one took away and added."""
    return [
        {
            "title": before.title,
            "text": before.text,
            "published": time_data(before.published) if before.published else None,
            "modified": time_data(before.modified) if before.modified else None,
            "fetched": time_data(before.fetched),
            "replaced": time_data(before.replaced),
            "removed": [words for sign, words in _changes(before, after) if sign == "-"],
            "added": [words for sign, words in _changes(before, after) if sign == "+"],
        }
        for before, after in _successions(article, versions)
    ]


def _successions(article: Article, versions: Sequence[Version]) -> list[tuple[Version, Version | Article]]:
    """Each earlier version with the one that took its place, the newest first."""
    return list(zip(versions, [article, *versions], strict=False))


def _changes(before: Version, after: Version | Article) -> list[tuple[str, str]]:
    """The titles and sentences that differ: "-" and what went, "+" and what came, in the order of the texts."""
    old, new = ([one.title, *(one.text[a:b] for a, b in sentences(one.text))] for one in (before, after))
    if len(old) * len(new) > _COMPARED:
        return [*_without("-", old, new), *_without("+", new, old)]
    changes: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            changes += [*(("-", words) for words in old[a:b]), *(("+", words) for words in new[c:d])]
    return changes


def _without(sign: str, mine: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The sentences that one text has more often than the other, in its order."""
    left = Counter(theirs)
    for words in mine:
        left[words] -= 1
        if left[words] < 0:
            yield sign, words


def answer_data(answer: Answer) -> AnswerData:
    """The answer for a program: statements name their quotes by index; times are ISO 8601 or null."""
    quotes = answer.quotes
    place = {quote: index for index, quote in enumerate(quotes)}
    return {
        "question": answer.question,
        "language": answer.language,
        "answered": answer.answered,
        "statements": [
            {
                "text": statement.text,
                "quotes": [place[quote] for quote in statement.quotes],
                "proof": statement.proof,
                "judge": statement.judge,
            }
            for statement in answer.statements
        ],
        "quotes": [_quote_data(quote) for quote in quotes],
        "related": [_source_data(article) for article in answer.related],
        "dates": _dates_data(answer.dates) if answer.dates else None,
        "writer": answer.writer,
        "notice": answer.notice,
        "dropped": [{"text": one.text, "kind": one.kind, "reason": one.reason} for one in answer.dropped],
        "usage": _usage_data(answer.usage) if answer.usage else None,
        "seconds": _seconds(answer.seconds),
    }


def _usage_data(usage: Usage) -> UsageData:
    return {
        "requests": usage.requests, "sent": usage.sent, "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens, "seconds": usage.seconds,
    }  # fmt: skip


def _dates_data(dates: Dates) -> DatesData:
    since, until = (time_data(moment) if moment else None for moment in (dates.since, dates.until))
    return {"words": dates.words, "since": since, "until": until}


def _quote_data(quote: Quote) -> QuoteData:
    return {
        "text": quote.text,
        **_source_data(quote.article),
        "start": quote.start,
        "end": quote.end,
        "corrected": time_data(quote.article.corrected) if quote.article.corrected else None,
        "also": [_source_data(article) for article in quote.also],
    }


def hit_data(hit: Hit) -> HitData:
    """A passage for a program; its score is the cosine, -1 to 1."""
    score = round(hit.cosine, 4)
    return {"text": hit.text, **_source_data(hit.article), "start": hit.start, "end": hit.end, "score": score}


def _source_data(article: Article) -> SourceData:
    return {
        "article_id": article.id,
        "title": article.title,
        "publisher": article.publisher,
        "published": time_data(article.published) if article.published else None,
        "url": article.url,
    }


def article_data(article: Article) -> ArticleData:
    """A whole article for a program; `text[start:end]` of an answer's quote is the quote."""
    return {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        "url": article.url,
        "publisher": article.publisher,
        "author": article.author,
        "published": time_data(article.published) if article.published else None,
        "language": article.language,
        "fetched": time_data(article.fetched),
        "modified": time_data(article.modified) if article.modified else None,
        "corrected": time_data(article.corrected) if article.corrected else None,
    }


def time_data(when: datetime) -> str:
    """A time for a program: ISO 8601, UTC, "2019-03-03T18:30:00Z"."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _seconds(seconds: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in seconds.items()}  # tenths of a millisecond: the rest is noise
