"""Articles that are known and not in the archive: taken back by their publisher, or held until their time.

What was withdrawn does not come back with the old file that it once came from: its texts are known by their digests.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime

from ingest.archive.database import Database
from ingest.archive.types import EPOCH, Withdrawal, to_datetime, to_microseconds
from ingest.article import Article
from ingest.language import words

_MOMENTS = ("published", "fetched", "modified", "corrected")


def withdraw(database: Database, identity: str, article: Article | None, reason: str, when: datetime) -> None:
    """Remember that an article was taken back; inside a transaction, before it is removed.

    Args:
        database: which still holds its earlier versions.
        identity: its id.
        article: as it stands in the archive, or waits; None if it was never met.
        reason: for a person; may be empty.
        when: aware.
    """
    told = [row[0] for row in database.rows("SELECT text FROM versions WHERE id = ?", identity)]
    texts = {_digest(text) for text in [*told, *([article.text] if article else [])]}
    for known, packed in database.rows("SELECT texts, article FROM withdrawn WHERE id = ?", identity):
        texts.update(json.loads(known))
        article = article or unpack(packed)
    who = article or Article(identity, "", "")
    database.rows(
        "INSERT OR REPLACE INTO withdrawn VALUES (?, ?, ?, ?, ?)",
        identity, to_microseconds(when), reason, _bare(who), json.dumps(sorted(texts)),
    )  # fmt: skip


def stay_out(database: Database, articles: Sequence[Article]) -> set[str]:
    """The ids among these that were withdrawn and must not come back as they are.

    A text that was never here before does come back, as a newer version; where none was ever here, or the source
    says when it was changed, it must be newer than the withdrawal.
    """
    query = "SELECT id, moment, texts FROM withdrawn WHERE id IN (SELECT value FROM json_each(?))"
    known = {row[0]: row[1:] for row in database.rows(query, json.dumps([one.id for one in articles]))}
    return {one.id for one in articles if one.id in known and _is_old(one, *known[one.id])}


def _is_old(article: Article, moment: int, texts: str) -> bool:
    known = json.loads(texts)
    said = article.modified or (None if known else article.published or EPOCH)
    return _digest(article.text) in known or (said is not None and (to_microseconds(said) or 0) <= moment)


def withdrawals(database: Database, identity: str = "") -> list[Withdrawal]:
    """What was withdrawn and has not come back in a newer version, the newest first: all, or one."""
    clause, values = ("AND w.id = ?", [identity]) if identity else ("", [])
    query = (
        "SELECT article, reason, moment FROM withdrawn w WHERE NOT EXISTS "  # noqa: S608 - our own clauses
        f"(SELECT 1 FROM articles a WHERE a.id = w.id AND a.state = 'ready') {clause} ORDER BY moment DESC, id"
    )
    found: list[Withdrawal] = []
    for packed, reason, moment in database.rows(query, *values):
        one = unpack(packed)
        when = to_datetime(moment) or EPOCH
        found.append(Withdrawal(one.id, one.title, one.publisher, one.published, one.url, reason, when))
    return found


def hold(database: Database, article: Article, until: datetime, origin: str) -> None:
    """Keep an article back; one of the same id that waits already is replaced. Inside a transaction."""
    row = (article.id, to_microseconds(until), pack(article), origin)
    database.rows("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?)", *row)


def held(database: Database, identity: str) -> tuple[Article, datetime] | None:
    """An article that waits, and until when; None if none of this id does."""
    rows = database.rows("SELECT article, until FROM held WHERE id = ?", identity)
    return (unpack(rows[0][0]), to_datetime(rows[0][1]) or EPOCH) if rows else None


def due(database: Database, now: datetime) -> list[tuple[Article, str]]:
    """The articles whose time has come, and their origins, in the order of their times."""
    query = "SELECT article, origin FROM held WHERE until <= ? ORDER BY until, id"
    return [(unpack(packed), origin) for packed, origin in database.rows(query, to_microseconds(now))]


def pack(article: Article) -> str:
    """An article as JSON; moments in microseconds."""
    values = asdict(article)
    return json.dumps(values | {name: to_microseconds(values[name]) for name in _MOMENTS}, ensure_ascii=False)


def unpack(packed: str) -> Article:
    """The article again; what another version of khabar wrote beside it is left out."""
    values = json.loads(packed)
    known = {field.name: values[field.name] for field in fields(Article) if field.name in values}
    moments = {name: to_datetime(known[name]) for name in _MOMENTS if name in known}
    return Article(**known | moments)


def _bare(article: Article) -> str:
    """Who it was, without what it said."""
    return pack(Article(article.id, article.title, "", article.url, article.publisher, "", article.published))


def _digest(text: str) -> str:
    return hashlib.blake2b(" ".join(words(text)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
