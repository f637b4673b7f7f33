# ruff: noqa: S608 - statements are joined from this module's constants, values are bound
"""What is read from an archive: its articles, and the passages that a question's vector or terms find."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ingest.archive import near_duplicates, retractions, versions
from ingest.archive.catalogue import Catalogue, altered, digest
from ingest.archive.filters import in_chroma, in_sql
from ingest.archive.types import (
    ALL,
    EPOCH,
    Filter,
    Outlet,
    Statistics,
    Stored,
    Version,
    Withdrawal,
    to_datetime,
    to_microseconds,
)
from ingest.archive.vectors import VectorStore
from ingest.article import Article
from ingest.embedding import Vectors
from ingest.errors import ArchiveDamaged, UnknownArticle, WrongEmbedder

TITLE_WEIGHT = 1.0
"""Of a title's words in `matching`, where a passage's own words weigh 1. To be tuned with the search."""

State = Literal["new", "changed", "unchanged"]
States = list[State]
Hits = list[tuple[int, float]]
Outlets = list[Outlet]

_SCANNED = 4000  # passages: up to here comparing all that match a filter is exact and faster than Chroma's own filter
_AVERAGED = 1000  # passages, at least, if there are so many: their mean cosine with a question is right to .001
_POSTINGS = 20_000  # see `_rarest`: FTS5 weighs 100,000 in 0.1 s; the first ten of an answer stayed the same at 2,000
_NEWEST = "ORDER BY published DESC, key DESC"
_PASSAGES = "FROM passages p JOIN articles a ON a.key = p.article WHERE a.state = 'ready'"


class Reader:
    """The reading half of an `Archive`."""

    def __init__(self, path: Path, catalogue: Catalogue, store: VectorStore) -> None:
        self.path = path
        self._catalogue = catalogue
        self._store = store
        self._counts: dict[str, Any] = {}
        self._counted = (-1, -1)
        self._counted_articles = (-1, -1)

    def states(self, articles: Sequence[Article]) -> States:
        """For each article, whether storing it would change anything.

        When it was fetched or touched doesn't count, nor does its address, which its id names; and a version that its
        source last changed before the stored one was changes nothing.
        """
        listed = json.dumps([article.id for article in articles])
        chosen = "state = 'ready' AND id IN (SELECT value FROM json_each(?))"
        rows = self._catalogue.rows(f"SELECT id, digest, modified, url FROM articles WHERE {chosen}", listed)
        known = {row[0]: row[1:] for row in rows}
        return [_state(article, *known[article.id]) if article.id in known else "new" for article in articles]

    def origins(self, origins: Sequence[str]) -> dict[str, str]:
        """The id of the article that each of these origins gave."""
        query = "SELECT origin, id FROM origins WHERE origin IN (SELECT value FROM json_each(?))"
        return dict(self._catalogue.rows(query, json.dumps(list(origins))))

    def article(self, identity: str) -> Article:
        """The article of an id.

        Raises:
            UnknownArticle: there is none.
            ArchiveDamaged: the disk has changed it.
        """
        found = self._catalogue.articles("AND id = ?", identity)
        if not found and self._catalogue.digests([identity]):
            raise ArchiveDamaged(altered(self.path, identity))
        if not found:
            raise unknown(identity)
        return found[0]

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """The articles of these ids, without those that are not there, or not as they were stored."""
        listed = json.dumps(list(ids))
        return {one.id: one for one in self._catalogue.articles("AND id IN (SELECT value FROM json_each(?))", listed)}

    # -- copies, versions, and what is kept out --------------------------------------------------------------------

    def copies(self, ids: Iterable[str], where: Filter = ALL) -> dict[str, list[Article]]:
        """For each article the others that tell the same story, the earliest first and the undated last."""
        clause, values = in_sql(where, "a")
        query = (
            "SELECT m.id, a.key FROM articles m JOIN signatures s ON s.article = m.key "
            "JOIN signatures o ON o.story = s.story AND o.article != s.article JOIN articles a ON a.key = o.article "
            f"WHERE m.state = 'ready' AND m.id IN (SELECT value FROM json_each(?)) AND a.state = 'ready' {clause} "
            "ORDER BY a.published IS NULL, a.published, a.key"
        )
        wanted = list(ids)
        with self.snapshot():
            pairs = self._catalogue.rows(query, json.dumps(wanted), *values)
            articles = self._catalogue.versions({key for _, key in pairs})
        return {one: [articles[key] for owner, key in pairs if owner == one and key in articles] for one in wanted}

    def stories(self, ids: Iterable[str]) -> dict[str, int]:
        """What names the story of each of these articles, the same for all its near-copies; without those not known."""
        query = (
            "SELECT a.id, s.story FROM articles a JOIN signatures s ON s.article = a.key "
            "WHERE a.state = 'ready' AND a.id IN (SELECT value FROM json_each(?))"
        )
        return dict(self._catalogue.rows(query, json.dumps(list(ids))))

    def versions(self, identity: str) -> Sequence[Version]:
        """The earlier versions of an article, the newest first."""
        return versions.of(self._catalogue, identity)

    def known_vectors(self, article: Article, bands: Sequence[int]) -> dict[str, tuple[bytes, Vectors]]:
        """What need not be embedded again for an article: see `copies.vectors`."""
        return near_duplicates.vectors(self._catalogue, article, bands)

    def aliases(self, ids: Iterable[str]) -> dict[str, str]:
        """The ids among these that are another address of a stored article: alias and id."""
        query = "SELECT alias, id FROM aliases WHERE alias IN (SELECT value FROM json_each(?))"
        return dict(self._catalogue.rows(query, json.dumps(list(ids))))

    def contents(self, contents: Iterable[bytes]) -> dict[bytes, Article]:
        """The first article with each of these contents: see `copies.content`."""
        query = "SELECT content, article FROM signatures WHERE content = ? ORDER BY article LIMIT 1"
        keys = dict(row for one in contents for row in self._catalogue.rows(query, one))
        articles = self._catalogue.versions(keys.values())
        return {one: articles[key] for one, key in keys.items() if key in articles}

    def stay_out(self, articles: Sequence[Article]) -> set[str]:
        """The ids among these that were withdrawn and must not come back as they are: see `absent.stay_out`."""
        return retractions.stay_out(self._catalogue, articles)

    def withdrawals(self, identity: str = "") -> Sequence[Withdrawal]:
        """What was withdrawn, the newest first: all, or the one of an id."""
        return retractions.withdrawals(self._catalogue, identity)

    def held(self, identity: str) -> tuple[Article, datetime] | None:
        """An article that waits for the end of its embargo, and until when; None if none of this id does."""
        return retractions.held(self._catalogue, identity)

    def due(self, now: datetime) -> Sequence[tuple[Article, str]]:
        """The articles whose embargo is over, which are not in the archive yet, and their origins."""
        return retractions.due(self._catalogue, now)

    # -- finding by id, listing ------------------------------------------------------------------------------------

    def resolve(self, prefix: str) -> str:
        """The id that begins so: of an article, also by another of its addresses, or of one that is kept out.

        Raises:
            UnknownArticle: none does, or several do, or the beginning has less than 6 digits.
        """
        prefix = prefix.strip().lower()
        if len(prefix) < 6 or set(prefix) - set("0123456789abcdef"):
            raise UnknownArticle(f"{prefix!r} is no article id; give its 16 hexadecimal digits, or the first 6 or more")
        query = (
            "SELECT id FROM articles WHERE state = 'ready' AND id >= ?1 AND id < ?2 "
            "UNION SELECT id FROM aliases WHERE alias >= ?1 AND alias < ?2 "
            "UNION SELECT id FROM withdrawn WHERE id >= ?1 AND id < ?2 "
            "UNION SELECT id FROM held WHERE id >= ?1 AND id < ?2 LIMIT 2"
        )
        found = [row[0] for row in self._catalogue.rows(query, prefix, prefix + "g")]
        if not found:
            raise unknown(prefix)
        if len(found) > 1:
            raise UnknownArticle(f"several articles have an id that begins with {prefix}; give more of its digits")
        return str(found[0])

    def list(self, where: Filter = ALL, limit: int = -1, offset: int = 0) -> Iterator[Article]:
        """The articles, newest first, the undated last; from `offset`, at most `limit` unless that is negative.

        Articles that come or go meanwhile may be missed or met twice.
        """
        clause, values = in_sql(where, "articles")
        end = offset + limit if limit >= 0 else None
        while end is None or offset < end:
            size = 500 if end is None else min(500, end - offset)
            keys = self._catalogue.rows(
                f"SELECT key FROM articles WHERE state = 'ready' {clause} {_NEWEST} LIMIT ? OFFSET ?",
                *(*values, size, offset),
            )
            page = self._catalogue.versions(row[0] for row in keys)
            yield from (page[key] for (key,) in keys if key in page)
            if len(keys) < size:
                return
            offset += size

    def statistics(self) -> Statistics:
        """What the archive holds."""
        read = self._catalogue.rows
        ready = "FROM articles WHERE state = 'ready'"
        count, first, last, fetched = read(f"SELECT count(*), min(published), max(published), max(fetched) {ready}")[0]
        return Statistics(
            articles=count,
            passages=self.passage_count,
            first=to_datetime(first),
            last=to_datetime(last),
            fetched=to_datetime(fetched),
            languages=dict(read(f"SELECT language, count(*) {ready} GROUP BY language ORDER BY 2 DESC, 1")),
            publishers=dict(
                read(f"SELECT min(publisher), count(*) {ready} GROUP BY publisher_folded ORDER BY 2 DESC, 1")
            ),
            size=_size(self.path),
            embedder=self._catalogue.get("embedder"),
            stories=self._catalogue.number(
                "SELECT (SELECT count(DISTINCT story) FROM signatures s JOIN articles a ON a.key = s.article "
                f"WHERE a.state = 'ready') + (SELECT count(*) {near_duplicates.UNSIGNED})"
            ),
            corrected=self._catalogue.number(f"SELECT count(*) {ready} AND corrected IS NOT NULL"),
            held=self._catalogue.number("SELECT count(*) FROM held"),
            withdrawn=len(self.withdrawals()),
        )

    def outlets(self) -> Outlets:
        """The publishers with dated articles, by name."""
        rows = self._catalogue.rows(
            "SELECT min(publisher), count(*), min(published), max(published) FROM articles "
            "WHERE state = 'ready' AND published IS NOT NULL AND publisher <> '' GROUP BY publisher_folded ORDER BY 1"
        )
        return [
            Outlet(name, count, to_datetime(first) or EPOCH, to_datetime(last) or EPOCH)
            for name, count, first, last in rows
        ]

    def snapshot(self) -> contextlib.AbstractContextManager[None]:
        """All that is read within is of one moment, whatever is written; writers of this process wait."""
        return self._catalogue.snapshot()

    # -- searching -----------------------------------------------------------------------------------------------

    def nearest(self, vector: Vectors, limit: int, where: Filter = ALL) -> Hits:
        """Find the passages nearest to an embedded question.

        Args:
            vector: shape (dimension,), unit length, from the embedder that filled this archive.
            limit: at most this many, 1 or more.
            where: only articles that match.

        Returns:
            Passage keys and cosines (-1 to 1), best first.

        Raises:
            WrongEmbedder: the vector has another dimension than those stored.
            ArchiveError: Chroma does not answer.
        """
        if not self.passage_count:
            return []
        self._refuse_width(len(vector), self._catalogue.get("dimension"))
        clause, values = in_sql(where, "a")
        narrow = in_chroma(where)
        if narrow:
            chosen = self._catalogue.rows(
                f"SELECT min(p.key) {_PASSAGES} {clause} GROUP BY p.article, p.point LIMIT ?",
                *values,
                _SCANNED + 1,
            )
            if len(chosen) <= _SCANNED:
                return self._scan(vector, [row[0] for row in chosen], limit)
        with self.snapshot():
            asked = limit
            while True:
                points = dict(self._store.nearest(vector, asked, narrow))
                hits = self._visible(points, clause, values)
                if len(hits) >= limit or len(points) < asked:
                    return hits[:limit]
                asked *= 4  # points that are half written, gone, or hidden by the filter took the places of others

    def _scan(self, vector: Vectors, chosen: Sequence[int], limit: int) -> Hits:
        """The nearest of few passages, by comparing all of them."""
        keys, vectors = self._catalogue.vectors(chosen)
        if not keys:
            return []
        cosines = vectors @ vector / np.linalg.norm(vectors, axis=1)
        return [(keys[place], float(cosines[place])) for place in np.argsort(-cosines, kind="stable")[:limit]]

    def _visible(self, points: Mapping[int, float], clause: str, values: Sequence[object]) -> Hits:
        """The passages of these points that may be shown, best first; of an article's identical ones the first."""
        query = (
            f"SELECT p.point, min(p.key) {_PASSAGES} AND p.point IN (SELECT value FROM json_each(?)) {clause} "
            "GROUP BY p.point, p.article"
        )
        rows = self._catalogue.rows(query, json.dumps(list(points)), *values)
        return sorted(((key, points[point]) for point, key in rows), key=lambda hit: (-hit[1], hit[0]))

    def matching(self, terms: Sequence[str], limit: int, where: Filter = ALL) -> Hits:
        """Find the passages that hold any of these terms, in a large archive any of the rarer ones.

        Args:
            terms: from `ingest.language.terms`.
            limit: at most this many, 1 or more.
            where: only articles that match.

        Returns:
            Passage keys and BM25 scores (higher is better, above 0), best first.
        """
        known = [term for term in dict.fromkeys(terms) if term.isprintable()]
        chosen = self._rarest(known) if where == ALL else known
        if not chosen:
            return []
        query = " OR ".join('"{}"'.format(term.replace('"', '""')) for term in chosen)
        clause, values = in_sql(where, "a")
        source = (
            "terms"
            if where == ALL
            else ("terms JOIN passages p ON p.key = terms.rowid JOIN articles a ON a.key = p.article")
        )
        statement = (
            f"SELECT terms.rowid, -bm25(terms, {TITLE_WEIGHT}, 1.0) AS score FROM {source} "
            f"WHERE terms MATCH ? {clause} ORDER BY score DESC LIMIT ?"
        )
        return self._catalogue.rows(statement, query, *values, limit)

    def _rarest(self, terms: Sequence[str]) -> Sequence[str]:
        """The rarest terms, as many as few enough passages hold: what holds only the others is never among the best."""
        held = self.frequencies(terms)
        rarest = sorted(terms, key=held.__getitem__)
        sums = list(accumulate(held[term] for term in rarest))
        return [term for term, total in zip(rarest, sums, strict=True) if total <= _POSTINGS] or rarest[:1]

    def stored(self, keys: Iterable[int]) -> dict[int, Stored]:
        """The passages of these keys, each with the very article that it was cut from.

        Without those that are gone, and those of articles that are not as they were stored: they can't be quoted.
        """
        query = (
            "SELECT p.key, p.article, p.start, p.end, t.title, t.body, coalesce(s.story, 0) "
            "FROM json_each(?) k JOIN passages p ON p.key = k.value JOIN articles a ON a.key = p.article "
            "JOIN terms t ON t.rowid = k.value LEFT JOIN signatures s ON s.article = p.article WHERE a.state = 'ready'"
        )
        with self.snapshot():
            rows = self._catalogue.rows(query, json.dumps(list(keys)))
            articles = self._catalogue.versions({row[1] for row in rows})
        return {
            key: Stored(articles[version], start, end, key, *rest)
            for key, version, start, end, *rest in rows
            if version in articles
        }

    def vectors(self, keys: Iterable[int]) -> dict[int, Vectors]:
        """The vectors of these passages, each of shape (dimension,); precise to 3 decimals, see the catalogue."""
        found, vectors = self._catalogue.vectors(list(keys))
        return dict(zip(found, vectors, strict=True))

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """How many passages hold each term, in their text or their article's title; every term has a number."""
        counts = self._fresh()
        for term in terms:
            if (name := "term " + term) not in counts:
                rows = self._catalogue.rows("SELECT doc FROM frequencies WHERE term = ?", term)
                counts[name] = rows[0][0] if rows else 0
        return {term: counts["term " + term] for term in terms}

    @property
    def passage_count(self) -> int:
        """How many passages can be found."""
        return int(self._measure()[0])

    @property
    def average_length(self) -> float:
        """Terms in a passage's text, on average; 0 in an empty archive."""
        return float(self._measure()[1])

    @property
    def centre(self) -> Vectors:
        """The mean of the vectors, shape (dimension,): of all, or of some thousand spread over a large archive."""
        counts = self._fresh()
        if "centre" not in counts:
            step = 1 + self.passage_count // _AVERAGED
            with self.snapshot():
                keys = [row[0] for row in self._catalogue.rows(f"SELECT p.key {_PASSAGES} AND p.key % ? = 0", step)]
                _, vectors = self._catalogue.vectors(keys)
            counts["centre"] = vectors.mean(axis=0, dtype=np.float32) if keys else None
        if counts["centre"] is None:
            return np.zeros(int(self._catalogue.get("dimension") or 0), np.float32)
        return counts["centre"]  # type: ignore[no-any-return]

    def _measure(self) -> tuple[int, float]:
        counts = self._fresh()
        if "passages" not in counts:
            query = f"SELECT count(*), coalesce(avg(p.size), 0.0) {_PASSAGES}"
            counts["passages"] = self._catalogue.rows(query)[0]
        return counts["passages"]  # type: ignore[no-any-return]

    def _fresh(self) -> dict[str, Any]:
        """The numbers that hold until articles come or go, by this or another process."""
        version = self._catalogue.version()
        if version != self._counted:
            # Keys only grow, so these two tell every change of the articles; a desk writes far more often.
            articles = self._catalogue.rows(
                "SELECT count(*), coalesce(max(key), 0) FROM articles WHERE state = 'ready'"
            )[0]
            if articles != self._counted_articles:
                self._counts, self._counted_articles = {}, articles
            self._counted = version
        return self._counts

    def _refuse_width(self, width: int, known: str) -> None:
        if known and str(width) != known:
            raise WrongEmbedder(
                f"the archive at {self.path} holds vectors of {known} numbers, the embedder gives {width}: "
                "it serves another model than before; set KHABAR_EMBEDDER as it was, or run: khabar reembed"
            )


def _state(article: Article, known: bytes, modified: int | None, url: str) -> State:
    """Of an article that is stored with this digest and address, and was last changed then."""
    said = to_microseconds(article.modified)
    older = said is not None and modified is not None and said < modified
    same = known == digest(article) or (article.url != url and known == digest(replace(article, url=url)))
    return "unchanged" if older or same else "changed"


def _size(folder: Path) -> int:
    """Bytes of all files; SQLite's own come and go meanwhile."""
    size = 0
    for file in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            size += file.stat().st_size if file.is_file() else 0
    return size


def unknown(ids: str) -> UnknownArticle:
    """The error for ids that are not there."""
    return UnknownArticle(f"the archive holds no article {ids}; khabar list shows the ids of those it holds")
