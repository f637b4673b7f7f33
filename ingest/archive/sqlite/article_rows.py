# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""Read articles from rows. An altered article is left out and logged as a warning: it must not be quoted."""

import contextlib
import json
import logging
from collections.abc import Iterable, Sequence
from typing import Any

from ingest.archive.digests import altered_message, article_digest
from ingest.archive.sqlite.database import Database
from ingest.archive.types import EPOCH, to_datetime
from ingest.article import Article

log = logging.getLogger(__name__)

FIELDS = "id, title, text, url, publisher, author, published, language, fetched, modified, corrected"


class ArticleReader:
    """Reads ready articles."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._warned: set[object] = set()  # ids of altered articles, each logged once

    def where(self, clause: str, *values: object) -> list[Article]:
        """The articles that a SQL clause selects, in its order."""
        query = f"SELECT digest, {FIELDS} FROM articles WHERE state = 'ready' {clause}"
        return [article for row in self._database.rows(query, *values) if (article := self._verified(row))]

    def by_keys(self, keys: Iterable[int]) -> dict[int, Article]:
        """The articles with these keys; each version of an article has its own key."""
        rows = self._database.rows(
            f"SELECT key, digest, {FIELDS} FROM articles "
            "WHERE state = 'ready' AND key IN (SELECT value FROM json_each(?))",
            json.dumps(list(keys)),
        )
        return {key: article for key, *row in rows if (article := self._verified(row))}

    def _verified(self, row: Sequence[Any]) -> Article | None:
        """The article of a row of its digest and `FIELDS`; None, with a warning, if it was altered."""
        article = verified(row[1:], row[0])
        if article is None and row[1] not in self._warned:
            self._warned.add(row[1])
            log.warning("%s", altered_message(self._database.folder, row[1]))
        return article


def verified(row: Sequence[Any], digest: object) -> Article | None:
    """The article of a row of `FIELDS`; None if its digest differs from the given one."""
    with contextlib.suppress(ValueError, OverflowError, TypeError, AttributeError):  # values of the wrong type
        article = from_row(row)
        return article if article_digest(article) == digest else None
    return None


def from_row(row: Sequence[Any]) -> Article:
    """The article of a row of `FIELDS`."""
    identity, title, text, url, publisher, author, published, language, fetched, modified, corrected = row
    return Article(
        identity, title, text, url, publisher, author, to_datetime(published), language,
        to_datetime(fetched) or EPOCH, to_datetime(modified), to_datetime(corrected),
    )  # fmt: skip
