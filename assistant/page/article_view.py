"""A whole stored article, opened at a quotation."""

from collections.abc import Iterator
from datetime import UTC, datetime

from markupsafe import Markup

from assistant.page.templates import render
from ingest.article import Article
from ingest.language import direction


def article_html(article: Article, start: int, end: int, language: str) -> Markup:
    """Render the article with `text[start:end]` marked; nothing is marked if the text has no such span."""
    if not 0 <= start < end <= len(article.text):
        start = end = 0
    return render(
        "article",
        language,
        article=article,
        words=article.text[start:end],
        base=direction(article.text),
        paragraphs=list(_paragraphs(article.text, start, end)),
        now=datetime.now(UTC),
    )


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[str, str, str]]:
    """Yield each line that is not empty, divided into the text before, inside and after the span."""
    line_start = 0
    for line in text.split("\n"):
        line_end = line_start + len(line)
        mark_start, mark_end = max(line_start, start), min(line_end, end)
        if mark_start >= mark_end:
            mark_start = mark_end = line_end
        if line:
            yield text[line_start:mark_start], text[mark_start:mark_end], text[mark_end:line_end]
        line_start = line_end + 1
