"""Plain text for a terminal or a pipe: answers, articles and their versions.

Between quotation marks are only the article's own characters, never wrapped, shortened or marked, so that piped output
can be found in the article. Text is in logical order, without direction marks. As far as possible, each line has one
direction, so that a terminal lays out Arabic correctly.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from assistant.answer import EXTRACT, Answer, Dates, Quote, Statement
from assistant.formats.json import time_data
from assistant.formats.versions import changes, successions
from assistant.messages import date, phrase
from ingest.archive import Version
from ingest.article import Article
from ingest.language import direction, one_line


def answer_text(answer: Answer) -> str:
    """Format an answer in the question's language: statements, quotations, and who published them when.

    If the archive does not answer, say so and name the nearest articles.
    """
    language = answer.language
    pieces = [_statement(statement, language) for statement in answer.statements]
    if not answer.answered:
        pieces = [phrase("not_in_archive", language)]
        if answer.related:
            articles = [f"  {attribution(article, language)}" for article in answer.related]
            pieces.append("\n".join([phrase("nearest", language), *articles]))
    if answer.dates:
        pieces.append(f"{answer.dates.words}: {searched_dates(answer.dates, language)}")
    if answer.notice:
        pieces.append(writer_notice(answer))
    return "\n\n".join(pieces)


def writer_notice(answer: Answer) -> str:
    """Say, in the reader's language, that the model did not write all of the answer, and why."""
    name = "without_model" if answer.writer == EXTRACT else "cut_short"
    return phrase(name, answer.language, reason=answer.notice)


def proof_note(statement: Statement, language: str) -> str:
    """Say how a statement in a model's words is proven; "" for a quotation, which needs no note."""
    if statement.proof == "quoted":
        return ""
    return phrase(f"proof_{statement.proof}", language, judge=statement.judge)


def searched_dates(dates: Dates, language: str) -> str:
    """Say that only the dates in the question were searched, and name the first and the last day."""
    first = date(dates.since, language)
    last = date(dates.until and dates.until - timedelta(days=1), language)
    name = "searched_since" if not dates.until else "searched_until" if not dates.since else "searched_between"
    return phrase("searched_on" if first == last else name, language, first=first, last=last)


def _statement(statement: Statement, language: str) -> str:
    """Format a statement and its quotations; consecutive quotations from one article share its attribution."""
    lines = [statement.text]
    for _, quotes in groupby(statement.quotes, key=lambda quote: quote.article):
        lines += [f"  {line}" for line in _quotations(list(quotes), language)]
    if note := proof_note(statement, language):
        lines.append(f"  {note}")
    return "\n".join(lines)


def _quotations(quotes: Sequence[Quote], language: str) -> list[str]:
    """Format quotations from one article and its attribution; outlets that all of them share follow once."""
    article = quotes[0].article
    same_outlets = len({quote.also for quote in quotes}) == 1
    lines: list[str] = []
    for quote in quotes:
        lines += [quoted(quote), *([] if same_outlets else _also(quote, language))]
    lines += filter(None, (attribution(article, language), _corrected(article, language)))
    return [*lines, *(_also(quotes[0], language) if same_outlets else [])]


def _also(quote: Quote, language: str) -> list[str]:
    """A line for each other article with the same words."""
    return [f"{phrase('also', language)} {attribution(other, language).removeprefix('— ')}" for other in quote.also]


def _corrected(article: Article, language: str) -> str:
    return phrase("corrected", language, date=date(article.corrected, language)) if article.corrected else ""


def quoted(quote: Quote) -> str:
    """Enclose a quotation in the quotation marks of its own script: «…» or “…”."""
    opening, closing = "«»" if direction(quote.text) == "rtl" else "“”"
    return f"{opening}{quote.text}{closing}"


def quote_text(quote: Quote, language: str) -> str:
    """Format a quotation with its attribution on one line, to be pasted as text."""
    return f"{quoted(quote)} {attribution(quote.article, language)}"


def attribution(article: Article, language: str) -> str:
    """Name an article in the reader's language: "— publisher — title — date — address"."""
    parts = [
        article.publisher or phrase("unnamed", language),
        article.title or phrase("untitled", language),
        date(article.published, language),
        article.url,
    ]
    return "".join(f"— {part} " for part in parts if part).rstrip()


def article_text(article: Article) -> str:
    """Format a whole article: title, source, text."""
    source = [
        *(article.publisher, article.author, date(article.published, article.language)),
        *(_corrected(article, article.language), article.url, article.id),
    ]
    return f"{article.title}\n{' — '.join(part for part in source if part)}\n\n{article.text}"


def versions_text(article: Article, versions: Sequence[Version]) -> str:
    """List what each version of an article changed, newest first: removed sentences, then added ones."""
    lines = [article.title, f"{article.id} — versions: {len(versions) + 1}"]
    for before, after in successions(article, versions):
        lines += ["", time_data(before.replaced)]
        lines += [f"{sign} {one_line(sentence)}" for sign, sentence in changes(before, after)] or ["(spacing only)"]
    return "\n".join(lines)
