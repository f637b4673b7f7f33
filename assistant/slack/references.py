"""Refer to quotations by article id and offsets ("id:start:end"), so that Slack and the queue store no quoted words."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from assistant.answer import Quote, Statement
from ingest.article import Article

FindArticles = Callable[[Iterable[str]], dict[str, Article]]
"""Finds articles by id; the result omits those that are gone."""

_OFFSET = re.compile("[0-9]{1,9}")


def encode_quotes(quotes: Iterable[Quote]) -> str:
    """Return references to quotations, separated by spaces."""
    return " ".join(f"{quote.article.id}:{quote.start}:{quote.end}" for quote in quotes)


def article_ids(references: Iterable[str]) -> set[str]:
    """Return the ids of the articles in several encoded lists of references."""
    return {reference.split(":")[0] for encoded in references for reference in encoded.split()}


def decode_quotes(encoded: str, articles: Mapping[str, Article]) -> list[Quote]:
    """Resolve references to quotations; omit those whose article is gone or too short now.

    Args:
        encoded: the result of `encode_quotes`.
        articles: by id.
    """
    quotes: list[Quote] = []
    for reference in encoded.split():
        article_id, start, end = [*reference.split(":", 2), "", ""][:3]
        article = articles.get(article_id)
        quote = quote_at(article, start, end) if article else None
        quotes += [quote] if quote else []
    return quotes


def quote_at(article: Article, start: str, end: str) -> Quote | None:
    """Return the quotation at offsets that Slack sent back; None if the article has no such span."""
    if not (_OFFSET.fullmatch(start) and _OFFSET.fullmatch(end)):
        return None
    first, last = int(start), int(end)
    return Quote(article, first, last) if first < last <= len(article.text) else None


def quote_checksum(text: str) -> str:
    """Return a short checksum, by which a button detects that the quoted words have changed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def encode_statements(statements: Sequence[Statement], language: str) -> str:
    """Encode statements, with references to their quotations, as the text of a job."""
    data = [{"text": statement.text, "quotes": encode_quotes(statement.quotes)} for statement in statements]
    return json.dumps({"language": language, "said": data}, ensure_ascii=False)


def decode_statements(encoded: str, find_articles: FindArticles) -> tuple[list[Statement], str]:
    """Decode statements and their language; omit statements whose quotations are all gone."""
    data = json.loads(encoded)
    articles = find_articles(article_ids(item["quotes"] for item in data["said"]))
    quoted = [(item["text"], tuple(decode_quotes(item["quotes"], articles))) for item in data["said"]]
    return [Statement(text, quotes) for text, quotes in quoted if quotes], data["language"]
