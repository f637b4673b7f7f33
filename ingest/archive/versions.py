"""What an article said before: its earlier versions are kept, quoted no more, and tell when it was corrected."""

from datetime import datetime

from ingest.archive.database import Database
from ingest.archive.types import EPOCH, Version, to_datetime, to_microseconds
from ingest.article import Article
from ingest.duplicates import relation
from ingest.language import sentences, words

_SEARCHED = 1_000_000_000  # characters that are looked through for sentences that are not as they were: about 1 s
_OLD = "key, id, title, text, published, modified, fetched, corrected"


def succeed(database: Database, key: int, article: Article, origin: str = "") -> None:
    """Keep what a new version takes the place of, and note when its words were corrected; inside a transaction.

    Args:
        database: which still shows the former version.
        key: of the new version.
        article: the new version.
        origin: the file that it comes from; what that file said before of the same story is a former version too.
    """
    former = database.rows(f"SELECT {_OLD} FROM articles WHERE state = 'ready' AND id = ?", article.id)  # noqa: S608
    if origin and not former:
        former = _of_file(database, article, origin)
    for _, identity, title, text, published, modified, fetched, corrected in former:
        if (title, text) != (article.title, article.text):
            database.rows("UPDATE versions SET id = ? WHERE id = ?", article.id, identity)
            database.rows(
                "INSERT INTO versions (id, replaced, published, modified, fetched, title, text) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                article.id, to_microseconds(article.fetched), published, modified, fetched, title, text,
            )  # fmt: skip
        if is_correction(text, article.text):
            corrected = to_microseconds(_moment(article, to_datetime(modified) or to_datetime(published)))
        database.rows("UPDATE articles SET corrected = ? WHERE key = ?", corrected, key)


def _of_file(database: Database, article: Article, origin: str) -> list[tuple]:  # type: ignore[type-arg]
    """What a file gave before, if it told the same story and no other file gives it."""
    rows = database.rows(
        f"SELECT {_OLD} FROM articles a WHERE state = 'ready' "  # noqa: S608 - our own columns
        "AND id = (SELECT id FROM origins WHERE origin = ?1) "
        "AND NOT EXISTS (SELECT 1 FROM origins o WHERE o.id = a.id AND o.origin != ?1)",
        origin,
    )
    return [row for row in rows if relation(row[3], article.text) != "other"]


def _moment(article: Article, before: datetime | None) -> datetime:
    """When the words were changed: as the source says, if that can be, else when it was noticed."""
    said = article.modified
    return said if said and said > (before or EPOCH) else article.fetched


def is_correction(old: str, new: str) -> bool:
    """Whether words that were said are said no more, or otherwise.

    Other spacing, punctuation, spelling of alef, or sentences that were added, are none; a "not" within a sentence is.
    """
    kept = {" ".join(words(new[start:end])) for start, end in sentences(new)}
    told = [" ".join(words(old[start:end])) for start, end in sentences(old)]
    changed = [sentence for sentence in told if sentence not in kept]  # or parted otherwise
    said = f" {' '.join(words(new))} "
    too_many = len(changed) * len(said) > _SEARCHED
    return too_many or any(f" {sentence} " not in said for sentence in changed)


def of(database: Database, identity: str) -> list[Version]:
    """The earlier versions of an article, the newest first."""
    rows = database.rows(
        "SELECT title, text, published, modified, fetched, replaced FROM versions WHERE id = ? ORDER BY key DESC",
        identity,
    )
    return [
        Version(title, text, to_datetime(published), to_datetime(modified), *map(_known, (fetched, replaced)))
        for title, text, published, modified, fetched, replaced in rows
    ]


def _known(microseconds: int) -> datetime:
    return to_datetime(microseconds) or EPOCH
