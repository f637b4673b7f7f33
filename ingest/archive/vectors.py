"""The vector store of an archive, as a protocol: `chroma.py` implements it."""

from collections.abc import Sequence
from typing import Protocol

from ingest.archive.types import ALL, Filter
from ingest.article import Article
from ingest.embedding import Vectors


class VectorStore(Protocol):
    """Stores one vector per point and finds the nearest ones.

    A point is identified by a positive integer, its key. Passages with the same embedded text share a point, so a
    point may belong to several articles. Every method raises `ArchiveError` if the store does not answer, and
    `ArchiveDamaged` if its files are damaged.
    """

    location: str
    """The folder or the address of the store, for messages."""

    def upsert(self, keys: Sequence[int], vectors: Vectors, owners: Sequence[Article | None]) -> None:
        """Store vectors, replacing those with the same keys.

        Args:
            keys: the keys of the points.
            vectors: shape (len(keys), dimension), unit length.
            owners: the article that each point belongs to; None if it belongs to several. Filters test the owner's
                publisher, language and date; a point without an owner passes every filter.
        """

    def mark_shared(self, keys: Sequence[int]) -> None:
        """Mark these points as belonging to several articles."""

    def delete(self, keys: Sequence[int]) -> None:
        """Delete points; keys that do not exist are ignored."""

    def nearest(self, vector: Vectors, limit: int, where: Filter = ALL) -> list[tuple[int, float]]:
        """Find the points nearest to a vector.

        Args:
            vector: shape (dimension,), unit length.
            limit: at most this many points.
            where: conditions on the owners. `without` is ignored and shared points always match; the caller checks
                both in the catalogue.

        Returns:
            Point keys and cosines (-1 to 1), best first. The search is approximate.
        """

    def vectors(self, keys: Sequence[int]) -> dict[int, Vectors]:
        """The vectors of these points, each of shape (dimension,); keys that do not exist are left out."""

    def count(self) -> int:
        """The number of points."""

    def keys(self) -> set[int]:
        """The keys of all points."""

    def delete_other_generations(self) -> None:
        """Delete the vectors that the same archive had before: a new generation is filled beside the old one."""

    def close(self) -> None:
        """Release the store."""
