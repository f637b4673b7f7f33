"""Store the articles that are retracted or under embargo.

The digests of a retracted article's texts are kept, so that an old copy is recognized and rejected.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime

from ingest.archive.catalogue import RetractedTexts
from ingest.archive.digests import text_digest
from ingest.archive.sqlite.database import Database
from ingest.archive.types import EPOCH, Retraction, to_datetime, to_microseconds
from ingest.article import Article

_MOMENTS = ("published", "fetched", "modified", "corrected")


class Retractions:
    """See `catalogue.Retractions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def retracted(self, identity: str = "") -> list[Retraction]:
        """See `catalogue.Retractions.retracted`."""
        clause, values = ("AND w.id = ?", [identity]) if identity else ("", [])
        query = (
            "SELECT article, reason, moment FROM withdrawn w WHERE NOT EXISTS "  # noqa: S608 - our own clauses
            f"(SELECT 1 FROM articles a WHERE a.id = w.id AND a.state = 'ready') {clause} ORDER BY moment DESC, id"
        )
        retractions: list[Retraction] = []
        for packed, reason, moment in self._database.rows(query, *values):
            article = _unpack(packed)
            when = to_datetime(moment) or EPOCH
            retractions.append(
                Retraction(
                    article.id, article.title, article.publisher, article.published, article.url, reason, when
                )
            )  # fmt: skip
        return retractions

    def embargoed(self, identity: str) -> tuple[Article, datetime] | None:
        """See `catalogue.Retractions.embargoed`."""
        rows = self._database.rows("SELECT article, until FROM held WHERE id = ?", identity)
        return (_unpack(rows[0][0]), to_datetime(rows[0][1]) or EPOCH) if rows else None

    def due(self, now: datetime) -> list[tuple[Article, str]]:
        """See `catalogue.Retractions.due`."""
        query = "SELECT article, origin FROM held WHERE until <= ? ORDER BY until, id"
        return [(_unpack(packed), origin) for packed, origin in self._database.rows(query, to_microseconds(now))]

    def texts(self, ids: Iterable[str]) -> dict[str, RetractedTexts]:
        """See `catalogue.Retractions.texts`."""
        query = "SELECT id, moment, texts FROM withdrawn WHERE id IN (SELECT value FROM json_each(?))"
        return {
            identity: RetractedTexts(to_datetime(moment) or EPOCH, frozenset(json.loads(texts)))
            for identity, moment, texts in self._database.rows(query, json.dumps(list(ids)))
        }

    def embargo(self, article: Article, until: datetime, origin: str = "") -> None:
        """See `catalogue.Retractions.embargo`."""
        row = (article.id, to_microseconds(until), _pack(article), origin)
        with self._database.transaction():
            self._database.rows("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?)", *row)

    def release(self, now: datetime) -> None:
        """See `catalogue.Retractions.release`."""
        if self.due(now):
            with self._database.transaction():
                self._database.rows("DELETE FROM held WHERE until <= ?", to_microseconds(now))

    def record(self, identity: str, article: Article | None, reason: str, when: datetime) -> None:
        """Record the retraction of an article; inside a transaction, before the article is removed.

        Args:
            identity: the id of the article.
            article: the version that is stored or under embargo; None if there is none.
            reason: shown to people; may be empty.
            when: aware.
        """
        texts = {
            text_digest(text) for (text,) in self._database.rows("SELECT text FROM versions WHERE id = ?", identity)
        }
        if article:
            texts.add(text_digest(article.text))
        for known, packed in self._database.rows("SELECT texts, article FROM withdrawn WHERE id = ?", identity):
            texts.update(json.loads(known))
            article = article or _unpack(packed)
        article = article or Article(identity, "", "")
        kept = Article(article.id, article.title, "", article.url, article.publisher, "", article.published)
        self._database.rows(
            "INSERT OR REPLACE INTO withdrawn VALUES (?, ?, ?, ?, ?)",
            identity, to_microseconds(when), reason, _pack(kept),
            json.dumps(sorted(texts)),
        )  # fmt: skip


def _pack(article: Article) -> str:
    """Convert an article to JSON, with times in microseconds."""
    values = asdict(article)
    return json.dumps(values | {name: to_microseconds(values[name]) for name in _MOMENTS}, ensure_ascii=False)


def _unpack(packed: str) -> Article:
    """Read an article from JSON, ignoring unknown fields, which another version of khabar wrote."""
    values = json.loads(packed)
    known = {field.name: values[field.name] for field in fields(Article) if field.name in values}
    moments = {name: to_datetime(known[name]) for name in _MOMENTS if name in known}
    return Article(**known | moments)
