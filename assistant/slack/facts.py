"""What an answer may know of an article beyond its own text: who else carried it, and that it was corrected."""

from datetime import datetime

from assistant.answer import Quote
from ingest.article import Article


def also_in(quote: Quote) -> tuple[Article, ...]:
    """Other articles that carry the same story."""
    return tuple(getattr(quote, "also", ()))


def corrected(article: Article) -> datetime | None:
    """When the source changed the article after it was published; None where it did not say so."""
    modified: datetime | None = getattr(article, "modified", None)
    if modified is None or article.published is None or modified.date() <= article.published.date():
        return None
    return modified
