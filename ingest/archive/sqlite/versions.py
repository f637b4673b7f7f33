"""Store the earlier versions of articles."""

from ingest.archive.corrections import is_correction
from ingest.archive.sqlite.database import Database
from ingest.archive.types import EPOCH, Version, to_datetime, to_microseconds
from ingest.article import Article
from ingest.duplicates import relation

_FIELDS = "key, id, title, text, published, modified, fetched, corrected"


def replace_version(database: Database, key: int, article: Article, origin: str = "") -> None:
    """Keep the version that an article replaces, and date the correction if it is one; inside a transaction.

    Args:
        database: the catalogue, in which the earlier version is still ready.
        key: the key of the new version.
        article: the new version.
        origin: its file; the article that this file held before is an earlier version if it tells the same story.
    """
    former = database.rows(f"SELECT {_FIELDS} FROM articles WHERE state = 'ready' AND id = ?", article.id)  # noqa: S608
    if origin and not former:
        former = _former_of_file(database, article, origin)
    for _, identity, title, text, published, modified, fetched, corrected in former:
        if (title, text) != (article.title, article.text):
            database.rows("UPDATE versions SET id = ? WHERE id = ?", article.id, identity)
            database.rows(
                "INSERT INTO versions (id, replaced, published, modified, fetched, title, text) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                article.id, to_microseconds(article.fetched), published, modified, fetched, title, text,
            )  # fmt: skip
        if is_correction(text, article.text):
            # The source's own date counts only if it is later than the earlier version.
            earlier = to_datetime(modified) or to_datetime(published) or EPOCH
            is_dated = article.modified is not None and article.modified > earlier
            corrected = to_microseconds(article.modified if is_dated else article.fetched)
        database.rows("UPDATE articles SET corrected = ? WHERE key = ?", corrected, key)


def _former_of_file(database: Database, article: Article, origin: str) -> list[tuple]:  # type: ignore[type-arg]
    """The article that a file held before, if it tells the same story and no other file holds it."""
    rows = database.rows(
        f"SELECT {_FIELDS} FROM articles a WHERE state = 'ready' "  # noqa: S608 - our own columns
        "AND id = (SELECT id FROM origins WHERE origin = ?1) "
        "AND NOT EXISTS (SELECT 1 FROM origins o WHERE o.id = a.id AND o.origin != ?1)",
        origin,
    )
    return [row for row in rows if relation(row[3], article.text) != "other"]


def versions_of(database: Database, identity: str) -> list[Version]:
    """The earlier versions of an article, newest first."""
    rows = database.rows(
        "SELECT title, text, published, modified, fetched, replaced FROM versions WHERE id = ? ORDER BY key DESC",
        identity,
    )
    return [
        Version(
            title, text, to_datetime(published), to_datetime(modified), to_datetime(fetched) or EPOCH,
            to_datetime(replaced) or EPOCH,
        )
        for title, text, published, modified, fetched, replaced in rows
    ]  # fmt: skip
