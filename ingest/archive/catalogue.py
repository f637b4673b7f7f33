"""The catalogue of an archive, as protocols: `sqlite/` implements them.

The catalogue is the truth: articles, passages, their terms, a copy of their vectors, and what is known of sources and
readers. The vectors in the `VectorStore` can be made again from it. An article is written as pending; it becomes ready,
and replaces its former version, in one transaction once the vector store has its vectors. Points that no passage uses
any more wait as orphans until the vector store has deleted them too.

Every method raises `ArchiveError` if the catalogue does not answer, and `ArchiveDamaged` if its files are damaged.
An `Article` that comes out of the catalogue is the one that was stored: one that the disk has altered is left out, with
a warning in the log.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ingest.archive.types import (
    ALL,
    Entry,
    Feedback,
    Filter,
    Hits,
    Outlet,
    Problem,
    Retraction,
    Statistics,
    Stored,
    Version,
)
from ingest.article import Article
from ingest.embedding import Vectors
from ingest.fetching.fetch_state import History, Visit


@dataclass(frozen=True, slots=True)
class Pending:
    """An article that is written but not visible yet.

    Attributes:
        key: of this version of the article.
        points: the key of each passage's point.
    """

    key: int
    points: Sequence[int]


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the vector store; passages with the same embedded text share one.

    Attributes:
        stored: whether a ready article has it, so that the vector store has it too.
        several: whether several articles have it.
        shared: whether the vector store knows that several articles have it.
    """

    key: int
    stored: bool
    several: bool
    shared: bool


@dataclass(frozen=True, slots=True)
class PointRows:
    """A batch of points, see `VectorStore.upsert`.

    Attributes:
        vectors: shape (len(keys), dimension), unit length.
        owners: only the fields that filters look at are filled; None for a point of several articles.
        last: the key to continue after.
        read: how many points the batch covers, those without a ready article included; 0 at the end.
    """

    keys: Sequence[int]
    vectors: Vectors
    owners: Sequence[Article | None]
    last: int
    read: int


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """The version of an article that is stored.

    Attributes:
        digest: see `digests.article_digest`.
    """

    digest: bytes
    modified: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class RetractedTexts:
    """What keeps a retracted article out.

    Attributes:
        when: the moment of the retraction.
        digests: of all texts that the article ever had here, see `digests.text_digest`.
    """

    when: datetime
    digests: frozenset[str]


class PassageIndex(Protocol):
    """The passages of ready articles, and their terms."""

    def revision(self) -> Hashable:
        """A value that changes when articles come or go, in this or another process."""

    def count(self) -> tuple[int, float]:
        """The number of passages, and the mean number of terms in a passage (0 if there is none)."""

    def matching(self, terms: Sequence[str], limit: int, where: Filter, title_weight: float) -> Hits:
        """The passages that contain any of at least one term, with their BM25 scores (above 0), best first."""

    def frequency(self, term: str) -> int:
        """The number of passages that contain a term, in their text or their article's title."""

    def get(self, keys: Iterable[int]) -> dict[int, Stored]:
        """The passages with these keys, without those that are gone or whose article the disk has altered."""

    def vectors(self, keys: Iterable[int]) -> tuple[list[int], Vectors]:
        """The passages that exist and their vectors: shape (len(keys), dimension), precise to 3 decimals."""

    def selected(self, where: Filter, limit: int) -> list[int]:
        """At most `limit` passages of matching articles, in no order; one of several that share a point."""

    def of_points(self, scores: Mapping[int, float], where: Filter) -> Hits:
        """The passages of matching articles at these points, best first; one per article and point."""

    def sample(self, step: int) -> list[int]:
        """Every passage whose key is a multiple of `step`."""


class NearDuplicates(Protocol):
    """Which articles tell the same story word for word."""

    def of(self, ids: Iterable[str], where: Filter = ALL) -> dict[str, list[Article]]:
        """For each article its near-duplicates that match a filter, earliest first and undated last."""

    def stories(self, ids: Iterable[str]) -> dict[str, int]:
        """The story of each article, equal for all its near-duplicates; unknown articles are left out."""

    def known_vectors(self, article: Article, bands: Sequence[int]) -> dict[str, tuple[bytes, Vectors]]:
        """The vectors of an article that need no embedding, because a near-duplicate has them.

        Args:
            article: new, or a new version.
            bands: from `duplicates.keys`.

        Returns:
            The name and the vector, shape (dimension,), of a point for each folded passage of the near-duplicates. The
            article's own former version counts as one if it has the same title: the title is embedded too.
        """

    def count_unindexed(self) -> int:
        """The number of articles whose near-duplicates were never looked for, as in an archive of an older khabar."""

    def index_missing(self) -> Iterator[int]:
        """Find the near-duplicates of the articles that were never indexed; yields how many are done."""

    def rebuild(self) -> None:
        """Find the near-duplicates of all articles again."""


class Retractions(Protocol):
    """Articles that are known but not in the archive: retracted, or under embargo."""

    def retracted(self, identity: str = "") -> Sequence[Retraction]:
        """The retractions, newest first, of all articles or of one; without articles that came back corrected."""

    def embargoed(self, identity: str) -> tuple[Article, datetime] | None:
        """An article under embargo and the end of the embargo; None if the article is not under embargo."""

    def due(self, now: datetime) -> Sequence[tuple[Article, str]]:
        """The articles whose embargo has ended, earliest end first, and their origins."""

    def texts(self, ids: Iterable[str]) -> dict[str, RetractedTexts]:
        """What keeps out those of these articles that were ever retracted."""

    def embargo(self, article: Article, until: datetime, origin: str = "") -> None:
        """Keep an article back until its embargo ends, replacing an earlier version; then `due` returns it."""

    def release(self, now: datetime) -> None:
        """Drop the articles that were due: they have been added."""


class SourceState(Protocol):
    """What is known of the sources."""

    def visits(self, source: str) -> dict[str, Visit]:
        """The last visits to a source, by entry."""

    def save_visits(self, visits: Sequence[Visit]) -> None:
        """Save visits, replacing earlier ones to the same entries; keeps the newest 100,000 entries of a source."""

    def record_check(self, source: str, interval: float, at: datetime, articles: int, problem: str = "") -> None:
        """Record that a source was checked.

        Args:
            source: its address.
            interval: seconds between two checks.
            at: aware, UTC.
            articles: the number of new or changed articles.
            problem: what went wrong, or "".
        """

    def histories(self) -> Sequence[History]:
        """The history of each source that was ever watched, ordered by address."""

    def forget(self, source: str) -> None:
        """Forget a source; its articles stay in the archive."""

    def forget_visits(self, ids: Sequence[str]) -> None:
        """Forget that these articles were seen, so that their sources bring them again."""


class FeedbackLog(Protocol):
    """What readers think of answers."""

    def save(self, feedback: Feedback) -> None:
        """Save a verdict, replacing an earlier one with the same id."""

    def all(self) -> Sequence[Feedback]:
        """All verdicts, newest first."""


class Catalogue(Protocol):
    """The catalogue of one archive. Any thread may call any method."""

    @property
    def passages(self) -> PassageIndex:
        """The passages and their terms."""

    @property
    def near_duplicates(self) -> NearDuplicates:
        """The stories."""

    @property
    def retractions(self) -> Retractions:
        """The retracted and embargoed articles."""

    @property
    def sources(self) -> SourceState:
        """The state of the sources."""

    @property
    def feedback(self) -> FeedbackLog:
        """The readers' verdicts."""

    @property
    def folder(self) -> Path:
        """The folder of the archive, for messages."""

    def close(self) -> None:
        """Release the catalogue; a second call does nothing."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Read one consistent state in the block; writers of this process wait."""

    def get_meta(self, name: str) -> str:
        """A value of the archive's metadata; "" if it is not set."""

    def set_meta(self, name: str, value: str) -> None:
        """Set a value of the archive's metadata."""

    # -- writing -------------------------------------------------------------------------------------------------

    def write_pending(self, entries: Sequence[Entry]) -> list[Pending]:
        """Write articles that are not visible yet."""

    def make_ready(self, entries: Sequence[Entry], pending: Sequence[Pending], shared: Sequence[int] = ()) -> None:
        """Make pending articles visible, with their terms, in place of their former versions: one transaction.

        Args:
            entries: the articles.
            pending: from `write_pending`.
            shared: the points that the vector store now knows to belong to several articles.
        """

    def undo_pending(self) -> None:
        """Remove the pending articles that a crash left; their points become orphans."""

    def remove(self, ids: Sequence[str]) -> int:
        """Remove articles and all that is known of them, and return how many were stored."""

    def retract(self, ids: Sequence[str], reason: str, when: datetime) -> int:
        """Remove articles and remember their retraction, see `Archive.retract`."""

    def set_origins(self, origins: Mapping[str, str]) -> set[str]:
        """Record which article each origin holds, and remove articles that no origin holds any more.

        Returns:
            The ids that are not stored, whose origins were not recorded.
        """

    def add_aliases(self, aliases: Mapping[str, str]) -> None:
        """Record other ids of stored articles: alias to id."""

    # -- points --------------------------------------------------------------------------------------------------

    def find_points(self, keys: Sequence[int]) -> Sequence[Point]:
        """These points, ordered by key."""

    def points(self, after: int, limit: int) -> PointRows:
        """The next points of ready articles, in the order of their keys."""

    def point_keys(self) -> Sequence[int]:
        """The keys of all points, in order."""

    def count_different_vectors(self, keys: Sequence[int], vectors: Mapping[int, Vectors]) -> int:
        """The number of these points that are missing from `vectors`, or have another vector there."""

    def orphans(self) -> Sequence[int]:
        """The points that no passage uses any more but that may still be in the vector store."""

    def forget_orphans(self, keys: Sequence[int]) -> None:
        """Note that the vector store has deleted these points."""

    # -- articles ------------------------------------------------------------------------------------------------

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """The ready articles with these ids."""

    def stored_versions(self, ids: Iterable[str]) -> dict[str, StoredVersion]:
        """The stored version of each of these articles, also of altered ones."""

    def with_content(self, digests: Iterable[bytes]) -> dict[bytes, Article]:
        """The first article with each content digest, see `digests.content_digest`."""

    def origins(self, origins: Iterable[str]) -> dict[str, str]:
        """The id of the article that each of these origins holds."""

    def aliases(self, ids: Iterable[str]) -> dict[str, str]:
        """Those of these ids that are aliases, and the id of the stored article."""

    def versions(self, identity: str) -> Sequence[Version]:
        """The earlier versions of an article, newest first."""

    def ids_with_prefix(self, prefix: str, limit: int) -> Sequence[str]:
        """Ids of stored, retracted or embargoed articles that start with a prefix, or whose alias does."""

    def fetched_since(self, since: datetime, limit: int) -> Sequence[Article]:
        """The articles that were fetched since a moment, newest first."""

    def is_empty(self) -> bool:
        """Whether there is no ready article."""

    def statistics(self) -> Statistics:
        """The contents in numbers; `passages`, `size` and `embedder` are left for the caller."""

    def outlets(self) -> Sequence[Outlet]:
        """The publishers with dated articles, ordered by name."""

    def problems(self) -> Sequence[Problem]:
        """Check everything that the catalogue stores."""

    def list(self, where: Filter = ALL, limit: int = -1, offset: int = 0) -> Iterator[Article]:
        """The articles, see `Archive.list`."""
