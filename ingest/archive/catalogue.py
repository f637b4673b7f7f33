"""The catalogue of an archive, as protocols: `sqlite/` implements them.

The catalogue is the source of truth: articles, passages, their terms, a copy of their vectors, the state of sources and
the readers' feedback. The `VectorStore` can be rebuilt from it. An article is first written as pending. Once the vector
store has its vectors, one transaction makes it ready and replaces its earlier version. Points that no passage uses any
more are kept as orphans until the vector store has deleted them too.

Every method raises `ArchiveError` if the catalogue does not answer, and `ArchiveDamaged` if its files are damaged.
Articles are verified when they are read: an altered one is left out and logged as a warning.
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
        key: identifies this version of the article.
        points: the key of each passage's point.
    """

    key: int
    points: Sequence[int]


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the vector store; passages with the same embedded text share one.

    Attributes:
        stored: whether a ready article uses it; the vector store then has it too.
        several: whether several articles use it.
        shared: whether it is marked as shared in the vector store.
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
        owners: articles with only the fields that filters use; None for a point of several articles.
        last: the next batch starts after this key.
        read: the number of points in the batch, including those without a ready article; 0 at the end.
    """

    keys: Sequence[int]
    vectors: Vectors
    owners: Sequence[Article | None]
    last: int
    read: int


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """The stored version of an article.

    Attributes:
        digest: see `digests.article_digest`.
    """

    digest: bytes
    modified: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class RetractedTexts:
    """The texts by which a retracted article is recognized when a source offers it again.

    Attributes:
        when: the time of the retraction; aware.
        digests: digests of all its versions that were ever stored, see `digests.text_digest`.
    """

    when: datetime
    digests: frozenset[str]


class PassageIndex(Protocol):
    """The passages of ready articles, and their terms."""

    def revision(self) -> Hashable:
        """A value that changes when any process adds or removes articles."""

    def count(self) -> tuple[int, float]:
        """The number of passages, and the mean number of terms in a passage (0 if there is none)."""

    def matching(self, terms: Sequence[str], limit: int, where: Filter, title_weight: float) -> Hits:
        """The passages that contain any of one or more terms and their BM25 scores (above 0), best first."""

    def frequency(self, term: str) -> int:
        """The number of passages that contain a term, in their text or their article's title."""

    def get(self, keys: Iterable[int]) -> dict[int, Stored]:
        """The passages with these keys, except removed ones and those of altered articles."""

    def vectors(self, keys: Iterable[int]) -> tuple[list[int], Vectors]:
        """The keys that exist and their vectors: shape (number of these keys, dimension), precise to 3 decimals."""

    def selected(self, where: Filter, limit: int) -> list[int]:
        """At most `limit` passages of matching articles, in no particular order; one per article and point."""

    def of_points(self, scores: Mapping[int, float], where: Filter) -> Hits:
        """The passages of matching articles with these points, best first; one per article and point."""

    def sample(self, step: int) -> list[int]:
        """Every passage whose key is a multiple of `step`."""


class NearDuplicates(Protocol):
    """Groups of articles with nearly the same text, called stories."""

    def of(self, ids: Iterable[str], where: Filter = ALL) -> dict[str, list[Article]]:
        """The near-duplicates of each article that match a filter, earliest first and undated last."""

    def stories(self, ids: Iterable[str]) -> dict[str, int]:
        """The story of each article, which its near-duplicates share; unknown articles are left out."""

    def known_vectors(self, article: Article, bands: Sequence[int]) -> dict[str, tuple[bytes, Vectors]]:
        """Find the vectors that a new article can take over from its near-duplicates.

        Args:
            article: a new article, or a new version.
            bands: its bands from `duplicates.lookup_keys`.

        Returns:
            The name and the vector, shape (dimension,), of the point of each folded passage of the near-duplicates. The
            article's earlier version is included if its title is the same, because the title is embedded too.
        """

    def count_unindexed(self) -> int:
        """The number of articles that are not indexed yet, as in the archive of an older version of khabar."""

    def index_missing(self) -> Iterator[int]:
        """Index the articles that are not indexed yet; yields the number done after each batch."""

    def rebuild(self) -> None:
        """Index all articles again."""


class Retractions(Protocol):
    """Articles that are known but not in the archive: retracted, or under embargo."""

    def retracted(self, identity: str = "") -> Sequence[Retraction]:
        """All retractions or that of one article, newest first; without articles that a newer version brought back."""

    def embargoed(self, identity: str) -> tuple[Article, datetime] | None:
        """An article under embargo and the end of the embargo; None if the article is not under embargo."""

    def due(self, now: datetime) -> Sequence[tuple[Article, str]]:
        """The articles whose embargo has ended, earliest end first, and their origins."""

    def texts(self, ids: Iterable[str]) -> dict[str, RetractedTexts]:
        """The retracted texts of those of these articles that were ever retracted."""

    def embargo(self, article: Article, until: datetime, origin: str = "") -> None:
        """Keep an article back until its embargo ends, when `due` returns it; replaces an earlier version kept back."""

    def release(self, now: datetime) -> None:
        """Remove the articles that are due from the embargoed ones, once they have been added."""


class SourceState(Protocol):
    """Past visits to the sources, and when they brought articles."""

    def visits(self, source: str) -> dict[str, Visit]:
        """The last visits to a source, by entry."""

    def save_visits(self, visits: Sequence[Visit]) -> None:
        """Save visits, replacing earlier ones of the same entries; keeps the newest 100,000 entries of a source."""

    def record_check(self, source: str, interval: float, at: datetime, articles: int, problem: str = "") -> None:
        """Record that a source was checked.

        Args:
            source: the address of the source.
            interval: seconds between two checks.
            at: aware, UTC.
            articles: the number of new or changed articles.
            problem: an error message, or "".
        """

    def histories(self) -> Sequence[History]:
        """The history of each source that was ever watched, ordered by address."""

    def forget(self, source: str) -> None:
        """Forget a source; its articles stay in the archive."""

    def forget_visits(self, ids: Sequence[str]) -> None:
        """Forget the visits to these articles, so that their sources are read again."""


class FeedbackLog(Protocol):
    """Readers' verdicts on answers."""

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
        """The groups of near-duplicates."""

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
        """Read one consistent state within the block; writers in this process wait."""

    def get_meta(self, name: str) -> str:
        """A value of the archive's metadata; "" if it is not set."""

    def set_meta(self, name: str, value: str) -> None:
        """Set a value of the archive's metadata."""

    # -- writing -------------------------------------------------------------------------------------------------

    def write_pending(self, entries: Sequence[Entry]) -> list[Pending]:
        """Write articles without making them visible."""

    def make_ready(self, entries: Sequence[Entry], pending: Sequence[Pending], shared: Sequence[int] = ()) -> None:
        """Make pending articles visible and remove their earlier versions, in one transaction.

        Args:
            entries: the articles.
            pending: from `write_pending`.
            shared: the points that the vector store has just marked as shared.
        """

    def undo_pending(self) -> None:
        """Remove the pending articles that a crash left; points that only they use become orphans."""

    def remove(self, ids: Sequence[str]) -> int:
        """Remove articles and everything recorded about them, and return the number of stored articles removed."""

    def retract(self, ids: Sequence[str], reason: str, when: datetime) -> int:
        """Remove articles and record their retraction, see `Archive.retract`."""

    def set_origins(self, origins: Mapping[str, str]) -> set[str]:
        """Record which article each origin holds, and remove articles that no origin holds any more.

        Returns:
            The ids that are not stored; their origins are not recorded.
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
        """Count the points whose vector is missing from `vectors` or differs from the stored one."""

    def orphans(self) -> Sequence[int]:
        """The points that no passage uses any more, but that may still be in the vector store."""

    def forget_orphans(self, keys: Sequence[int]) -> None:
        """Forget orphans that the vector store has deleted."""

    # -- articles ------------------------------------------------------------------------------------------------

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """The ready articles with these ids."""

    def stored_versions(self, ids: Iterable[str]) -> dict[str, StoredVersion]:
        """The stored version of each of these articles, including altered ones."""

    def with_content(self, digests: Iterable[bytes]) -> dict[bytes, Article]:
        """The first article with each content digest, see `digests.content_digest`."""

    def origins(self, origins: Iterable[str]) -> dict[str, str]:
        """The id of the article that each of these origins holds; unknown origins are left out."""

    def aliases(self, ids: Iterable[str]) -> dict[str, str]:
        """The id of the stored article for each of these ids that is an alias."""

    def versions(self, identity: str) -> Sequence[Version]:
        """The earlier versions of an article, newest first."""

    def ids_with_prefix(self, prefix: str, limit: int) -> Sequence[str]:
        """The ids of stored, retracted or embargoed articles whose id or alias starts with a prefix."""

    def fetched_since(self, since: datetime, limit: int) -> Sequence[Article]:
        """The articles fetched at this time or later, latest fetched first."""

    def is_empty(self) -> bool:
        """Whether no article is ready."""

    def statistics(self) -> Statistics:
        """The contents in numbers; `size` is left to the caller."""

    def outlets(self) -> Sequence[Outlet]:
        """The publishers with dated articles, ordered by name."""

    def problems(self) -> Sequence[Problem]:
        """Check everything that the catalogue stores."""

    def list(self, where: Filter = ALL, limit: int = -1, offset: int = 0) -> Iterator[Article]:
        """The articles, see `Archive.list`."""
