"""Refer to quotations by article id and offsets ("id:start:end"), so that Slack and the queue store no quoted words."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from assistant.answer import Quote, Statement
from ingest.article import Article

FindArticles = Callable[[Iterable[str]], dict[str, Article]]
"""Finds articles by id; those that are gone are left out."""

_OFFSET = re.compile("[0-9]{1,9}")


def encode_quotes(quotes: Iterable[Quote]) -> str:
    """References to quotations, separated by spaces."""
    return " ".join(f"{quote.article.id}:{quote.start}:{quote.end}" for quote in quotes)


def article_ids(references: Iterable[str]) -> set[str]:
    """The ids of the articles that several encoded lists of quotations refer to."""
    return {reference.split(":")[0] for encoded in references for reference in encoded.split()}


def decode_quotes(encoded: str, articles: Mapping[str, Article]) -> list[Quote]:
    """The quotations that are referred to, without those whose article is gone or too short now.

    Args:
        encoded: made by `encode_quotes`.
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
    """The quotation at offsets that Slack sent back; None if they are no offsets in this article."""
    if not (_OFFSET.fullmatch(start) and _OFFSET.fullmatch(end)):
        return None
    first, last = int(start), int(end)
    return Quote(article, first, last) if first < last <= len(article.text) else None


def quote_checksum(text: str) -> str:
    """A checksum by which a button knows whether the quoted words are still the same."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def encode_statements(statements: Sequence[Statement], language: str) -> str:
    """Encode statements, with references to their quotations, as the text of a job."""
    said = [{"text": statement.text, "quotes": encode_quotes(statement.quotes)} for statement in statements]
    return json.dumps({"language": language, "said": said}, ensure_ascii=False)


def decode_statements(encoded: str, find_articles: FindArticles) -> tuple[list[Statement], str]:
    """Decode statements and their language; without those whose quotations are all gone."""
    data = json.loads(encoded)
    articles = find_articles(article_ids(one["quotes"] for one in data["said"]))
    quoted = [(one["text"], tuple(decode_quotes(one["quotes"], articles))) for one in data["said"]]
    return [Statement(text, quotes) for text, quotes in quoted if quotes], data["language"]
