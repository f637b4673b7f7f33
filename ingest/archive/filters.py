# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""A `Filter` in the words of SQLite and of Chroma, and what Chroma must know of an article for it."""

import json
from typing import Any

from ingest.archive.types import Filter, to_microseconds
from ingest.archive.vectors import Metadata
from ingest.article import Article
from ingest.language import folded


def in_sql(where: Filter, table: str) -> tuple[str, list[object]]:
    """Conditions on the columns of `articles`, each led by AND, and their values."""
    conditions: list[str] = []
    values: list[object] = []
    for test, moment in (("published >= ?", where.since), ("published < ?", where.until)):
        if moment is not None:
            conditions.append(test)
            values.append(to_microseconds(moment))
    for test, chosen in (
        ("publisher_folded IN", [folded(name) for name in where.publishers]),
        ("language IN", list(where.languages)),
        ("id NOT IN", sorted(where.without)),
    ):
        if chosen:
            conditions.append(f"{test} (SELECT value FROM json_each(?))")
            values.append(json.dumps(chosen))
    return "".join(f" AND {table}.{condition}" for condition in conditions), values


SHARED: Metadata = {"shared": True}
"""What Chroma keeps with a point of several articles: it passes every filter, and the catalogue decides."""


def in_chroma(where: Filter) -> dict[str, Any] | None:
    """Chroma's `where`, but for the articles that are left out; None if it lets everything through."""
    conditions: list[dict[str, Any]] = []
    if where.since is not None:
        conditions.append({"published": {"$gte": to_microseconds(where.since)}})
    if where.until is not None:
        conditions.append({"published": {"$lt": to_microseconds(where.until)}})
    if where.publishers:
        conditions.append({"publisher": {"$in": [folded(name) for name in where.publishers]}})
    if where.languages:
        conditions.append({"language": {"$in": list(where.languages)}})
    if not conditions:
        return None
    own = {"$and": conditions} if len(conditions) > 1 else conditions[0]
    return {"$or": [own, dict(SHARED)]}


def metadata(article: Article) -> Metadata:
    """What Chroma keeps with each vector of an article."""
    known: dict[str, str | int | float | bool | None] = {
        "article": article.id, "publisher": folded(article.publisher), "language": article.language,
    }  # fmt: skip
    if article.published is not None:
        known["published"] = to_microseconds(article.published)
    return known
