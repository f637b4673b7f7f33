"""Find passages by a vector or by terms, and provide the statistics that ranking needs."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np

from ingest.archive.catalogue import Catalogue
from ingest.archive.types import ALL, Filter, Hits, Stored
from ingest.archive.vectors import VectorStore
from ingest.embedding import Vectors
from ingest.errors import WrongEmbedder

TITLE_WEIGHT = 1.0
"""The BM25 weight of a title's words in `matching`; a passage's own words weigh 1."""

_MEAN_SAMPLE = 1000  # passages, or all if there are fewer; gives the mean cosine of a question to within .001


class Passages:
    """The passages of one archive, identified by their keys.

    Attributes:
        max_scanned: if at most this many passages match a filter, all of them are compared with the question, which is
            exact and faster than the vector store's own filter.
        max_postings: a lexical search uses only the rarest terms, up to this many passages in total. FTS5 scores
            100,000 passages in 0.1 s; even with 2,000, the best ten stay the same.
    """

    def __init__(self, catalogue: Catalogue, store: VectorStore) -> None:
        self.max_scanned = 4000
        self.max_postings = 20_000
        self._catalogue = catalogue
        self._index = catalogue.passages
        self._store = store
        self._cache = _Cache(None)

    def nearest(self, vector: Vectors, limit: int, where: Filter = ALL) -> Hits:
        """Find the passages nearest to an embedded question.

        Args:
            vector: shape (dimension,), unit length, from the embedder that filled this archive.
            limit: at most this many hits, 1 or more.
            where: only articles that match.

        Returns:
            Passage keys and cosines (-1 to 1), best first.

        Raises:
            WrongEmbedder: the vector has another dimension than those stored.
            ArchiveError: the vector store does not answer.
        """
        if not self.count:
            return []
        self.check_dimension(len(vector))
        if where.narrows:
            selected = self._index.selected(where, self.max_scanned + 1)
            if len(selected) <= self.max_scanned:
                return self._scan(vector, selected, limit)
        with self._catalogue.snapshot():
            wanted = limit
            while True:
                points = dict(self._store.nearest(vector, wanted, where))
                hits = self._index.of_points(points, where)
                if len(hits) >= limit or len(points) < wanted:
                    return hits[:limit]
                wanted *= 4  # some points were pending, orphaned or excluded by the filter

    def _scan(self, vector: Vectors, selected: Sequence[int], limit: int) -> Hits:
        """Rank all of these passages by their cosine."""
        keys, vectors = self._index.vectors(selected)
        if not keys:
            return []
        cosines = vectors @ vector / np.linalg.norm(vectors, axis=1)
        return [(keys[index], float(cosines[index])) for index in np.argsort(-cosines, kind="stable")[:limit]]

    def matching(self, terms: Sequence[str], limit: int, where: Filter = ALL) -> Hits:
        """Find the passages that contain any of these terms; in a large archive, any of the rarest of them.

        Args:
            terms: from `ingest.language.terms`.
            limit: at most this many hits, 1 or more.
            where: only articles that match.

        Returns:
            Passage keys and BM25 scores (higher is better, above 0), best first.
        """
        printable = [term for term in dict.fromkeys(terms) if term.isprintable()]
        searched = self._rarest(printable) if where == ALL else printable
        return self._index.matching(searched, limit, where, TITLE_WEIGHT) if searched else []

    def _rarest(self, terms: Sequence[str]) -> Sequence[str]:
        """The rarest terms: passages with only the other terms never rank among the best."""
        frequencies = self.frequencies(terms)
        ordered = sorted(terms, key=frequencies.__getitem__)
        totals = accumulate(frequencies[term] for term in ordered)
        return [term for term, total in zip(ordered, totals, strict=True) if total <= self.max_postings] or ordered[:1]

    def get(self, keys: Iterable[int]) -> dict[int, Stored]:
        """The passages with these keys, each with the version of the article that it was cut from.

        Removed passages are left out, and so are those of altered articles, which must not be quoted.
        """
        return self._index.get(keys)

    def vectors(self, keys: Iterable[int]) -> dict[int, Vectors]:
        """The vectors of these passages, each of shape (dimension,); precise to 3 decimals."""
        existing, vectors = self._index.vectors(keys)
        return dict(zip(existing, vectors, strict=True))

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """The number of passages that contain each term, in their text or their article's title."""
        known = self._fresh_cache().frequencies
        for term in terms:
            if term not in known:
                known[term] = self._index.frequency(term)
        return {term: known[term] for term in terms}

    @property
    def count(self) -> int:
        """The number of passages."""
        return self._counts()[0]

    @property
    def average_length(self) -> float:
        """The mean number of terms in a passage; 0 in an empty archive."""
        return self._counts()[1]

    @property
    def mean_vector(self) -> Vectors:
        """The mean of the vectors, shape (dimension,); in a large archive the mean of a sample."""
        cache = self._fresh_cache()
        if cache.mean is None:
            with self._catalogue.snapshot():
                _, vectors = self._index.vectors(self._index.sample(1 + self.count // _MEAN_SAMPLE))
            if not len(vectors):
                return np.zeros(int(self._catalogue.get_meta("dimension") or 0), np.float32)
            cache.mean = vectors.mean(axis=0, dtype=np.float32)
        return cache.mean

    def check_dimension(self, dimension: int) -> None:
        """Raise `WrongEmbedder` if the archive holds vectors of another dimension."""
        stored = self._catalogue.get_meta("dimension")
        if stored and stored != str(dimension):
            raise WrongEmbedder(
                f"the archive at {self._catalogue.folder} holds vectors of dimension {stored}, the embedder "
                f"returns {dimension}: it serves another model than before; set KHABAR_EMBEDDER as it was, or run: "
                "khabar reembed"
            )

    def _counts(self) -> tuple[int, float]:
        cache = self._fresh_cache()
        if cache.counts is None:
            cache.counts = self._index.count()
        return cache.counts

    def _fresh_cache(self) -> "_Cache":
        """The current cache, emptied if articles were added or removed."""
        revision = self._index.revision()
        cache = self._cache
        if cache.revision != revision:
            cache = self._cache = _Cache(revision)  # a new object, because another thread may still fill the old one
        return cache


@dataclass(eq=False, slots=True)
class _Cache:
    """Statistics of one revision of the archive."""

    revision: Hashable
    frequencies: dict[str, int] = field(default_factory=dict)
    counts: tuple[int, float] | None = None
    mean: Vectors | None = None
