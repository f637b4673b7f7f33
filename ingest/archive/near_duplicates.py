# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""Which articles of a catalogue tell the same story word for word, and are one for search.

An article is looked up by its bands, then compared with the few that share most of them. Those that prove to be copies
are of its story; what only bridges two reports that contradict each other joins one of them.
"""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from ingest.archive.database import Database
from ingest.article import Article
from ingest.duplicates import KEYS_VERSION, Relation, lookup_keys, relation
from ingest.embedding import Vectors
from ingest.errors import KhabarError
from ingest.language import folded, words

log = logging.getLogger(__name__)

_NEWEST = 32  # articles looked at of one band: a band of more is a phrase of the house, or a story that is known well
_COMPARED = 6  # articles compared with one: those that share most bands with it

_BATCH = 50  # articles signed in one transaction

UNSIGNED = "FROM articles a LEFT JOIN signatures s ON s.article = a.key WHERE a.state = 'ready' AND s.article IS NULL"


def join(database: Database, key: int, article: Article, bands: Sequence[int] | None) -> None:
    """Sign a stored article and find the story that it tells; inside a transaction."""
    bands = lookup_keys(article.text) if bands is None else bands
    found = [other for other, kind in compared(database, article.text, bands) if kind == "copy" and other != key]
    story = _story(database, found) or key
    row = (key, story, content(article), np.array(sorted(bands), dtype="<i8").tobytes())
    database.rows("INSERT OR REPLACE INTO signatures VALUES (?, ?, ?, ?)", *row)
    database.many("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(band, key) for band in bands])


def leave(database: Database, key: int) -> None:
    """Take an article's signature away; inside a transaction."""
    for (packed,) in database.rows("SELECT bands FROM signatures WHERE article = ?", key):
        bands = np.frombuffer(packed, dtype="<i8").tolist()
        database.many("DELETE FROM bands WHERE band = ? AND article = ?", [(band, key) for band in bands])
    database.rows("DELETE FROM signatures WHERE article = ?", key)


def compared(database: Database, text: str, bands: Sequence[int]) -> list[tuple[int, Relation]]:
    """The stored articles that share most bands with a text, and what each is to it; those that share most first."""
    result: list[tuple[int, Relation]] = []
    for key in candidates(database, bands):
        for (other,) in database.rows("SELECT text FROM articles WHERE key = ? AND state = 'ready'", key):
            result.append((key, relation(text, other)))
    return result


def candidates(database: Database, bands: Sequence[int]) -> list[int]:
    """The keys of the articles that share most bands, at a cost that does not depend on how many articles there are."""
    query = (
        "SELECT (SELECT json_group_array(article) FROM (SELECT article FROM bands WHERE band = k.value "
        "ORDER BY article DESC LIMIT ?)) FROM json_each(?) k"
    )
    rows = database.rows(query, _NEWEST, json.dumps(list(bands)))
    shared = Counter(key for (listed,) in rows for key in json.loads(listed))
    return [key for key, _ in shared.most_common(_COMPARED)]


def _story(database: Database, copies: Sequence[int]) -> int:
    """The story of an article that has these copies, best first; their stories become one, unless they contradict."""
    story = 0
    for key in copies:
        for other, text in database.rows(
            "SELECT s.story, a.text FROM signatures s JOIN articles a ON a.key = s.article WHERE s.article = ?", key
        ):
            if not story:
                story, first = other, text
            elif other != story and relation(first, text) != "update":
                database.rows("UPDATE signatures SET story = ? WHERE story = ?", story, other)
    return story


def vectors(database: Database, article: Article, bands: Sequence[int]) -> dict[str, tuple[bytes, Vectors]]:
    """What need not be embedded again for an article: by the folded text of each passage of its copies, its point.

    A point is given by its name and its vector.

    Its own former version counts as a copy while the title is the same; the title is embedded too.
    """
    own = dict(database.rows("SELECT key, title FROM articles WHERE state = 'ready' AND id = ?", article.id))
    copies = [key for key, title in own.items() if title == article.title]
    copies += [key for key, kind in compared(database, article.text, bands) if kind == "copy" and key not in own]
    known: dict[str, tuple[bytes, Vectors]] = {}
    for key in copies:
        for passage, point in _stored(database, key):
            known.setdefault(passage, point)
    return known


def _stored(database: Database, key: int) -> Iterator[tuple[str, tuple[bytes, Vectors]]]:
    """The folded text and the point of each passage of an article."""
    rows = database.rows(
        "SELECT substr(a.text, p.start + 1, p.end - p.start), v.text, v.vector FROM passages p "
        "JOIN points v ON v.key = p.point JOIN articles a ON a.key = p.article WHERE p.article = ?",
        key,
    )
    for text, name, packed in rows:
        vector = np.frombuffer(packed, dtype=np.float16).astype(np.float32)
        yield folded(text), (name, vector / np.linalg.norm(vector))


def content(article: Article) -> bytes:
    """The same for articles of one publisher with the same folded title and words: one article, at two addresses."""
    said = (" ".join(words(article.publisher)), " ".join(words(article.title)), " ".join(words(article.text)))
    return hashlib.blake2b("\0".join(said).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def unsigned(database: Database) -> int:
    """How many articles have no signature, as those of an archive that an earlier khabar filled."""
    if database.get("signature") != str(KEYS_VERSION):
        with database.transaction():
            clear(database)
            database.set("signature", str(KEYS_VERSION))
    return database.number(f"SELECT count(*) {UNSIGNED}")


def sign(database: Database) -> Iterator[int]:
    """Sign the articles that have no signature, in batches; each is whole. Yields how many are signed."""
    done = 0
    while rows := database.rows(f"SELECT a.key {UNSIGNED} ORDER BY a.key LIMIT ?", _BATCH):
        with database.transaction():
            for (key,) in rows:
                fields = database.rows("SELECT id, title, text, publisher FROM articles WHERE key = ?", key)[0]
                identity, title, text, publisher = fields
                try:
                    join(database, key, Article(identity, title, text, publisher=publisher), None)
                except (KhabarError, OSError, MemoryError):
                    raise
                except Exception as error:  # it is known as an article without copies, and the others go on
                    log.warning("the copies of the article %s cannot be found (%s: %s)", identity, type(error).__name__,
                                error)  # fmt: skip
                    database.rows("INSERT INTO signatures VALUES (?, ?, ?, ?)", key, key, b"", b"")
        done += len(rows)
        yield done


def clear(database: Database) -> None:
    """Forget all signatures; inside a transaction."""
    for table in ("bands", "signatures"):
        database.rows(f"DELETE FROM {table}")


def faults(database: Database) -> int:
    """How many articles' bands are not those of their signature."""
    wrong = database.number(
        "SELECT (SELECT count(DISTINCT b.article) FROM bands b LEFT JOIN signatures s USING (article) "
        "WHERE s.article IS NULL)"
    )
    counts = dict(database.rows("SELECT article, count(*) FROM bands GROUP BY article"))
    for key, packed in database.rows("SELECT article, bands FROM signatures"):
        wrong += counts.get(key, 0) != len(packed) // 8
    return wrong
