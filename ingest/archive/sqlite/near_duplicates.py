# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""Group near-duplicates, articles with nearly the same text, into stories; search shows one article per story.

Candidates are found by shared MinHash bands; the few that share most bands are compared with the article. If an article
matches two reports that contradict each other, it joins the story of one of them, and the stories are not merged.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ingest.archive.digests import content_digest
from ingest.archive.sqlite.article_rows import ArticleReader
from ingest.archive.sqlite.database import Database
from ingest.archive.sqlite.filters import to_sql
from ingest.archive.types import ALL, Filter
from ingest.article import Article
from ingest.duplicates import KEYS_VERSION, Relation, lookup_keys, relation
from ingest.embedding import Vectors
from ingest.errors import KhabarError
from ingest.language import folded

log = logging.getLogger(__name__)

_NEWEST = 32  # candidates per band: a band with more comes from a publisher's boilerplate or a much-copied story
_COMPARED = 6  # articles compared with each article: those that share most bands with it
_BATCH = 50  # articles indexed in one transaction

UNINDEXED = "FROM articles a LEFT JOIN signatures s ON s.article = a.key WHERE a.state = 'ready' AND s.article IS NULL"


class NearDuplicates:
    """See `catalogue.NearDuplicates`."""

    def __init__(self, database: Database, reader: ArticleReader) -> None:
        self._database = database
        self._reader = reader

    # -- reading -------------------------------------------------------------------------------------------------

    def of(self, ids: Iterable[str], where: Filter = ALL) -> dict[str, list[Article]]:
        """See `catalogue.NearDuplicates.of`."""
        clause, values = to_sql(where, "a")
        query = (
            "SELECT m.id, a.key FROM articles m JOIN signatures s ON s.article = m.key "
            "JOIN signatures o ON o.story = s.story AND o.article != s.article JOIN articles a ON a.key = o.article "
            f"WHERE m.state = 'ready' AND m.id IN (SELECT value FROM json_each(?)) AND a.state = 'ready' {clause} "
            "ORDER BY a.published IS NULL, a.published, a.key"
        )
        wanted = list(ids)
        with self._database.snapshot():
            pairs = self._database.rows(query, json.dumps(wanted), *values)
            articles = self._reader.by_keys({key for _, key in pairs})
        return {
            identity: [articles[key] for owner, key in pairs if owner == identity and key in articles]
            for identity in wanted
        }

    def stories(self, ids: Iterable[str]) -> dict[str, int]:
        """See `catalogue.NearDuplicates.stories`."""
        query = (
            "SELECT a.id, s.story FROM articles a JOIN signatures s ON s.article = a.key "
            "WHERE a.state = 'ready' AND a.id IN (SELECT value FROM json_each(?))"
        )
        return dict(self._database.rows(query, json.dumps(list(ids))))

    def known_vectors(self, article: Article, bands: Sequence[int]) -> dict[str, tuple[bytes, Vectors]]:
        """See `catalogue.NearDuplicates.known_vectors`."""
        own = dict(self._database.rows("SELECT key, title FROM articles WHERE state = 'ready' AND id = ?", article.id))
        sources = [key for key, title in own.items() if title == article.title]
        sources += [key for key, kind in self.compare(article.text, bands) if kind == "copy" and key not in own]
        known: dict[str, tuple[bytes, Vectors]] = {}
        query = (
            "SELECT substr(a.text, p.start + 1, p.end - p.start), v.text, v.vector FROM passages p "
            "JOIN points v ON v.key = p.point JOIN articles a ON a.key = p.article WHERE p.article = ?"
        )
        for key in sources:
            for text, name, packed in self._database.rows(query, key):
                vector = np.frombuffer(packed, dtype=np.float16).astype(np.float32)
                known.setdefault(folded(text), (name, vector / np.linalg.norm(vector)))
        return known

    def compare(self, text: str, bands: Sequence[int]) -> list[tuple[int, Relation]]:
        """Compare a text with the articles that share most bands with it.

        Returns:
            The key of each article and its relation to the text; most shared bands first.
        """
        result: list[tuple[int, Relation]] = []
        for key in self.candidates(bands):
            for (other,) in self._database.rows("SELECT text FROM articles WHERE key = ? AND state = 'ready'", key):
                result.append((key, relation(text, other)))
        return result

    def candidates(self, bands: Sequence[int]) -> list[int]:
        """The keys of the articles that share most bands; takes the same time in an archive of any size."""
        query = (
            "SELECT (SELECT json_group_array(article) FROM (SELECT article FROM bands WHERE band = k.value "
            "ORDER BY article DESC LIMIT ?)) FROM json_each(?) k"
        )
        rows = self._database.rows(query, _NEWEST, json.dumps(list(bands)))
        shared = Counter(key for (keys,) in rows for key in json.loads(keys))
        return [key for key, _ in shared.most_common(_COMPARED)]

    # -- writing, inside a transaction -----------------------------------------------------------------------------

    def index(self, key: int, article: Article, bands: Sequence[int] | None) -> None:
        """Store the signature of an article and assign it to a story; inside a transaction."""
        bands = lookup_keys(article.text) if bands is None else bands
        copies = [other for other, kind in self.compare(article.text, bands) if kind == "copy" and other != key]
        story = self._merged_story(copies) or key
        row = (key, story, content_digest(article), np.array(sorted(bands), dtype="<i8").tobytes())
        self._database.rows("INSERT OR REPLACE INTO signatures VALUES (?, ?, ?, ?)", *row)
        self._database.many("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(band, key) for band in bands])

    def _merged_story(self, copies: Sequence[int]) -> int:
        """The story of the first of these articles; merges the others' stories into it unless they contradict it."""
        story = 0
        for key in copies:
            for other, text in self._database.rows(
                "SELECT s.story, a.text FROM signatures s JOIN articles a ON a.key = s.article WHERE s.article = ?", key
            ):
                if not story:
                    story, first = other, text
                elif other != story and relation(first, text) != "update":
                    self._database.rows("UPDATE signatures SET story = ? WHERE story = ?", story, other)
        return story

    def remove(self, key: int) -> None:
        """Delete the signature of an article; inside a transaction."""
        for (packed,) in self._database.rows("SELECT bands FROM signatures WHERE article = ?", key):
            bands = np.frombuffer(packed, dtype="<i8").tolist()
            self._database.many("DELETE FROM bands WHERE band = ? AND article = ?", [(band, key) for band in bands])
        self._database.rows("DELETE FROM signatures WHERE article = ?", key)

    # -- maintenance --------------------------------------------------------------------------------------------------

    def count_unindexed(self) -> int:
        """See `catalogue.NearDuplicates.count_unindexed`."""
        if self._database.get_meta("signature") != str(KEYS_VERSION):
            with self._database.transaction():
                self._clear()
                self._database.set_meta("signature", str(KEYS_VERSION))
        return self._database.number(f"SELECT count(*) {UNINDEXED}")

    def index_missing(self) -> Iterator[int]:
        """See `catalogue.NearDuplicates.index_missing`."""
        done = 0
        query = f"SELECT a.key, a.id, a.title, a.text, a.publisher {UNINDEXED} ORDER BY a.key LIMIT ?"
        while rows := self._database.rows(query, _BATCH):
            with self._database.transaction():
                for key, identity, title, text, publisher in rows:
                    try:
                        self.index(key, Article(identity, title, text, publisher=publisher), None)
                    except (KhabarError, OSError, MemoryError):
                        raise
                    except Exception as error:  # store it as an article without near-duplicates
                        reason = f"{type(error).__name__}: {error}"
                        log.warning("near-duplicates of the article %s could not be found (%s)", identity, reason)
                        self._database.rows("INSERT INTO signatures VALUES (?, ?, ?, ?)", key, key, b"", b"")
            done += len(rows)
            yield done

    def rebuild(self) -> None:
        """See `catalogue.NearDuplicates.rebuild`."""
        with self._database.transaction():
            self._clear()
        for _ in self.index_missing():
            pass

    def _clear(self) -> None:
        for table in ("bands", "signatures"):
            self._database.rows(f"DELETE FROM {table}")

    def count_faults(self) -> int:
        """The number of articles whose bands do not match their signature."""
        wrong = self._database.number(
            "SELECT (SELECT count(DISTINCT b.article) FROM bands b LEFT JOIN signatures s USING (article) "
            "WHERE s.article IS NULL)"
        )
        counts = dict(self._database.rows("SELECT article, count(*) FROM bands GROUP BY article"))
        for key, packed in self._database.rows("SELECT article, bands FROM signatures"):
            wrong += counts.get(key, 0) != len(packed) // 8
        return wrong
