# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""Points: the distinct vectors of an archive. Passages that were embedded from the same text share one.

Chroma's graph must not hold many equal vectors: their neighbours are then each other, and other vectors can't be
reached any more (500 paragraphs of the same words made 490 of 543 passages unreachable). A point is named by the digest
of its text, not by its numbers, which differ in the last digits from one batch of the embedder to another.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ingest.archive.database import Database
from ingest.article import Article, Passage
from ingest.embedding import Vectors
from ingest.passages import embedded_text

_SAME = 0.99  # cosine: the copies are rounded to 3 decimals
_BATCH = 1000  # points named in one look
_UNNAMED = (
    "SELECT p.point, a.title, substr(a.text, p.start + 1, p.end - p.start) FROM passages p "
    "JOIN articles a ON a.key = p.article JOIN points v ON v.key = p.point WHERE typeof(v.text) = 'integer' LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Point:
    """A point of articles that are being stored.

    Attributes:
        stored: whether an article that is ready has it, so that Chroma has it too.
        several: whether several articles have it.
        shared: whether Chroma knows that.
    """

    key: int
    stored: bool
    several: bool
    shared: bool


def names(article: Article, passages: Sequence[Passage]) -> list[bytes]:
    """The name of each passage's point."""
    return [name(embedded_text(article, passage)) for passage in passages]


def name(text: str) -> bytes:
    """The name of the point that a text is embedded to."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def write(database: Database, names: Sequence[bytes], vectors: Vectors) -> list[int]:
    """The key of each name's point, which is made where there is none; inside a transaction.

    Args:
        database: the catalogue.
        names: of the points; names may repeat.
        vectors: shape (len(names), dimension).
    """
    keys: list[int] = []
    for one, half in zip(names, np.asarray(vectors, dtype=np.float16), strict=True):
        found = database.rows("SELECT key FROM points WHERE text = ?", one)
        packed = half.tobytes()
        keys.append(
            found[0][0] if found else database.insert("INSERT INTO points (text, vector) VALUES (?, ?)", one, packed)
        )
    return keys


def described(database: Database, keys: Sequence[int]) -> list[Point]:
    """What is known of these points, some of whose articles are pending."""
    rows = database.rows(
        "SELECT v.key, EXISTS (SELECT 1 FROM passages p JOIN articles a ON a.key = p.article "
        "WHERE p.point = v.key AND a.state = 'ready'), "
        "(SELECT count(*) FROM (SELECT DISTINCT article FROM passages WHERE point = v.key LIMIT 2)) > 1, v.shared "
        "FROM points v WHERE v.key IN (SELECT value FROM json_each(?)) ORDER BY v.key",
        json.dumps(list(keys)),
    )
    return [Point(key, bool(stored), bool(several), bool(shared)) for key, stored, several, shared in rows]


def share(database: Database, keys: Sequence[int]) -> None:
    """Note that Chroma knows that these points belong to several articles; inside a transaction."""
    database.rows("UPDATE points SET shared = 1 WHERE key IN (SELECT value FROM json_each(?))", json.dumps(list(keys)))


def release(database: Database, keys: Sequence[int]) -> None:
    """Take away those of these points that no passage has any more: orphans now; inside a transaction."""
    listed = json.dumps(list(keys))
    unused = "key IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM passages WHERE point = points.key)"
    database.rows(f"INSERT OR IGNORE INTO orphans SELECT key FROM points WHERE {unused}", listed)
    database.rows(f"DELETE FROM points WHERE {unused}", listed)


def unlike(database: Database, keys: Sequence[int], found: Mapping[int, Vectors]) -> int:
    """How many of these points are not among the vectors found, or have another vector there."""
    return sum(not _same(database, key, found.get(key)) for key in keys)


def _same(database: Database, key: int, found: Vectors | None) -> bool:
    (packed,) = database.rows("SELECT vector FROM points WHERE key = ?", key)[0]
    vector = np.frombuffer(packed, dtype=np.float16).astype(np.float32)
    if found is None or found.shape != vector.shape:
        return False
    return float(found @ vector) > _SAME * float(np.linalg.norm(found) * np.linalg.norm(vector))


def merge(database: Database) -> None:
    """Name the points of an archive of an earlier version, where each passage has its own; equal ones become one.

    Whether any did stands in the archive's fact "points": "merged" asks for a new index, "named" does not.
    """
    if database.get("points") != "unnamed":
        return
    with database.transaction():
        merged = False
        while rows := database.rows(_UNNAMED, _BATCH):
            for key, title, text in rows:
                one = name(embedded_text(Article("", title, text), Passage("", 0, 0, len(text))))
                found = database.rows("SELECT key FROM points WHERE text = ?", one)
                if found:
                    database.rows("UPDATE passages SET point = ? WHERE point = ?", found[0][0], key)
                    release(database, [key])
                    merged = True
                else:
                    database.rows("UPDATE points SET text = ? WHERE key = ?", one, key)
        database.set("points", "merged" if merged else "named")
