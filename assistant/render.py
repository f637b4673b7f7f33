"""Show an answer: as plain text for a terminal or a pipe, and as data for a program.

A quotation stands between quotation marks as the article's own characters, on lines of its own, never wrapped,
shortened or marked: what a pipe receives can be found in the article. Text is in logical order and carries no
direction marks. Each line holds one direction as far as it can, so a terminal that lays out Arabic does it right.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby

from assistant.answer import EXTRACT, Answer, Hit, Quote, Statement
from ingest.article import Article
from ingest.text import direction
from prompts import date, phrase


def answer_text(answer: Answer) -> str:
    """The answer as plain text, in the question's language: statements, quotes, and who said them when.

    What the archive does not answer is said plainly, with the nearest articles.
    """
    if answer.answered:
        pieces = [_statement(statement, answer.language) for statement in answer.statements]
    else:
        pieces = [_not_in_archive(answer)]
    return "\n\n".join([*pieces, *([notice(answer)] if answer.notice else [])])


def notice(answer: Answer) -> str:
    """That the model did not write this, or not all of it, and why, in the reader's language."""
    name = "without_model" if answer.writer == EXTRACT else "cut_short"
    return phrase(name, answer.language, reason=answer.notice)


def _not_in_archive(answer: Answer) -> str:
    lines = [phrase("not_in_archive", answer.language)]
    if answer.related:
        lines += ["", phrase("nearest", answer.language)]
        lines += [f"  {attribution(article, answer.language)}" for article in answer.related]
    return "\n".join(lines)


def _statement(statement: Statement, language: str) -> str:
    """The statement, its quotations, and who said them: once after those that follow each other from one article."""
    lines = [statement.text]
    for article, quotes in groupby(statement.quotes, key=lambda quote: quote.article):
        lines += [*(f"  {quoted(quote)}" for quote in quotes), f"  {attribution(article, language)}"]
    if statement.unchecked:
        lines.append(f"  {phrase('unchecked', language, names=', '.join(statement.unchecked))}")
    return "\n".join(lines)


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
    who = [article.publisher, article.author, date(article.published, article.language), article.url, article.id]
    return f"{article.title}\n{' — '.join(part for part in who if part)}\n\n{article.text}"


def answer_data(answer: Answer) -> dict[str, object]:
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
                "unchecked": list(statement.unchecked),
            }
            for statement in answer.statements
        ],
        "quotes": [_quote_data(quote) for quote in quotes],
        "related": [_source_data(article) for article in answer.related],
        "writer": answer.writer,
        "notice": answer.notice,
        "dropped": [asdict(one) for one in answer.dropped],
        "usage": asdict(answer.usage) if answer.usage else None,
        "seconds": _seconds(answer.seconds),
    }


def _quote_data(quote: Quote) -> dict[str, object]:
    return {"text": quote.text, **_source_data(quote.article), "start": quote.start, "end": quote.end}


def hit_data(hit: Hit) -> dict[str, object]:
    """A passage for a program; its score is the cosine, -1 to 1."""
    place = {"start": hit.start, "end": hit.end, "score": round(hit.cosine, 4)}
    return {"text": hit.text, **_source_data(hit.article), **place}


def _source_data(article: Article) -> dict[str, object]:
    return {
        "article_id": article.id,
        "title": article.title,
        "publisher": article.publisher,
        "published": time_data(article.published) if article.published else None,
        "url": article.url,
    }


def article_data(article: Article) -> dict[str, object]:
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
    }


def time_data(when: datetime) -> str:
    """A time for a program: ISO 8601, UTC, "2019-03-03T18:30:00Z"."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _seconds(seconds: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in seconds.items()}  # tenths of a millisecond: the rest is noise
