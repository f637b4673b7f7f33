# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""Points: the distinct vectors of an archive. Passages with the same embedded text share one.

Chroma's graph must not hold many equal vectors: they become each other's neighbours and make other vectors unreachable
(500 identical paragraphs made 490 of 543 passages unreachable). A point is named by the digest of its text, not of its
vector, whose last digits depend on the batch in which it was embedded.
"""

import json
from collections.abc import Mapping, Sequence

import numpy as np

from ingest.archive.catalogue import Point, PointRows
from ingest.archive.digests import point_name
from ingest.archive.sqlite.database import Database
from ingest.archive.types import to_datetime
from ingest.article import Article, Passage
from ingest.embedding import Vectors
from ingest.passages import embedded_text

_MIN_COSINE = 0.99  # between a vector and its copy, whose numbers are rounded to 3 decimals
_BATCH = 1000  # points named at once
_UNNAMED = (
    "SELECT p.point, a.title, substr(a.text, p.start + 1, p.end - p.start) FROM passages p "
    "JOIN articles a ON a.key = p.article JOIN points v ON v.key = p.point WHERE typeof(v.text) = 'integer' LIMIT ?"
)


def write(database: Database, names: Sequence[bytes], vectors: Vectors) -> list[int]:
    """Insert the points that do not exist yet and return the key of each; inside a transaction.

    Args:
        database: the catalogue.
        names: the points' names, see `digests.point_name`; names may repeat.
        vectors: shape (len(names), dimension).
    """
    keys: list[int] = []
    for name, vector in zip(names, np.asarray(vectors, dtype=np.float16), strict=True):
        known = database.rows("SELECT key FROM points WHERE text = ?", name)
        if known:
            keys.append(known[0][0])
        else:
            keys.append(database.insert("INSERT INTO points (text, vector) VALUES (?, ?)", name, vector.tobytes()))
    return keys


def find(database: Database, keys: Sequence[int]) -> list[Point]:
    """The points with these keys, including those of pending articles; see `Catalogue.find_points`."""
    rows = database.rows(
        "SELECT v.key, EXISTS (SELECT 1 FROM passages p JOIN articles a ON a.key = p.article "
        "WHERE p.point = v.key AND a.state = 'ready'), "
        "(SELECT count(*) FROM (SELECT DISTINCT article FROM passages WHERE point = v.key LIMIT 2)) > 1, v.shared "
        "FROM points v WHERE v.key IN (SELECT value FROM json_each(?)) ORDER BY v.key",
        json.dumps(list(keys)),
    )
    return [Point(key, bool(stored), bool(several), bool(shared)) for key, stored, several, shared in rows]


def mark_shared(database: Database, keys: Sequence[int]) -> None:
    """Record that these points are marked as shared in the vector store; inside a transaction."""
    database.rows("UPDATE points SET shared = 1 WHERE key IN (SELECT value FROM json_each(?))", json.dumps(list(keys)))


def release(database: Database, keys: Sequence[int]) -> None:
    """Turn the points among these that no passage uses any more into orphans; inside a transaction."""
    listed = json.dumps(list(keys))
    unused = "key IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM passages WHERE point = points.key)"
    database.rows(f"INSERT OR IGNORE INTO orphans SELECT key FROM points WHERE {unused}", listed)
    database.rows(f"DELETE FROM points WHERE {unused}", listed)


def read(database: Database, after: int, limit: int) -> PointRows:
    """The next batch of points, see `Catalogue.points`."""
    keys = database.rows("SELECT key FROM points WHERE key > ? ORDER BY key LIMIT ?", after, limit)
    if not keys:
        return PointRows([], np.empty((0, 0), np.float32), [], after, 0)
    rows = database.rows(
        "SELECT v.key, v.vector, v.shared OR min(a.key) != max(a.key), a.id, a.publisher, a.language, a.published "
        "FROM points v JOIN passages p ON p.point = v.key JOIN articles a ON a.key = p.article "
        "WHERE a.state = 'ready' AND v.key BETWEEN ? AND ? GROUP BY v.key ORDER BY v.key",
        keys[0][0],
        keys[-1][0],
    )
    owners = [
        None if shared else Article(identity, "", "", "", publisher, "", to_datetime(published), language)
        for _, _, shared, identity, publisher, language, published in rows
    ]
    vectors = unpack([row[1] for row in rows])
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return PointRows([row[0] for row in rows], units, owners, keys[-1][0], len(keys))


def unpack(vectors: Sequence[bytes]) -> Vectors:
    """Convert stored vectors to one array of shape (len(vectors), dimension)."""
    numbers = np.frombuffer(b"".join(vectors), dtype=np.float16).astype(np.float32)
    return numbers.reshape(len(vectors), -1) if vectors else np.empty((0, 0), np.float32)


def count_different(database: Database, keys: Sequence[int], vectors: Mapping[int, Vectors]) -> int:
    """Count the points whose vector is missing from `vectors` or differs from the stored one."""
    different = 0
    for key in keys:
        stored = unpack(database.rows("SELECT vector FROM points WHERE key = ?", key)[0])[0]
        vector = vectors.get(key)
        if vector is None or vector.shape != stored.shape:
            different += 1
        else:
            norms = float(np.linalg.norm(vector) * np.linalg.norm(stored))
            different += not float(vector @ stored) > _MIN_COSINE * norms  # also true for NaN
    return different


def name_unnamed(database: Database) -> None:
    """Name the points of an archive of an older version, in which each passage has its own, and merge equal ones.

    Sets the metadata "points" to "merged" if any were merged, which requires rebuilding the index, otherwise "named".
    """
    if database.get_meta("points") != "unnamed":
        return
    with database.transaction():
        merged = False
        while rows := database.rows(_UNNAMED, _BATCH):
            for key, title, text in rows:
                name = point_name(embedded_text(Article("", title, text), Passage("", 0, 0, len(text))))
                same = database.rows("SELECT key FROM points WHERE text = ?", name)
                if same:
                    database.rows("UPDATE passages SET point = ? WHERE point = ?", same[0][0], key)
                    release(database, [key])
                    merged = True
                else:
                    database.rows("UPDATE points SET text = ? WHERE key = ?", name, key)
        database.set_meta("points", "merged" if merged else "named")
