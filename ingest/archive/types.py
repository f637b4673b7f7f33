"""The types of the values that an archive takes and returns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ingest.article import Article, Passage, Span
from ingest.embedding import Vectors

EPOCH = datetime.fromtimestamp(0, UTC)

Hits = list[tuple[int, float]]
"""Passage keys and scores, best first."""

Progress = Callable[[int, int], None]
"""Called with the number of articles or passages processed so far and the total."""


def quiet(done: int, total: int) -> None:
    """A `Progress` that shows nothing."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on articles; an empty field matches every article.

    Attributes:
        since: published at this moment or later. Excludes undated articles.
        until: published before this moment. Excludes undated articles.
        publishers: any of these names, compared folded: "Le Figaro" matches "le figaro".
        languages: any of these ISO 639-1 codes.
        without: ids of articles to exclude.
    """

    since: datetime | None = None
    until: datetime | None = None
    publishers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()

    @property
    def narrows(self) -> bool:
        """Whether the filter has a condition other than `without`."""
        return bool(self.since or self.until or self.publishers or self.languages)


ALL = Filter()


@dataclass(frozen=True, slots=True)
class Entry:
    """One article, ready to be stored.

    Attributes:
        passages: the article's passages, in order.
        vectors: shape (len(passages), dimension), unit length.
        origin: the file that holds this article and nothing else, or ""; see `Archive.add`.
        bands: MinHash bands from `duplicates.lookup_keys`; None to compute them when the article is stored.
        points: the name of each passage's point, see `digests.point_name`; empty to derive them from the passages.
    """

    article: Article
    passages: Sequence[Passage]
    vectors: Vectors
    origin: str = ""
    bands: Sequence[int] | None = None
    points: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Stored(Span):
    """A stored passage, with the version of its article that it was cut from.

    Attributes:
        key: identifies the passage and is never reused; storing an article again creates new keys.
        title_terms: the terms of the article's title, joined by spaces.
        terms: the terms of the passage, joined by spaces.
        story: identifies the article's group of near-duplicates; 0 if unknown.
    """

    key: int
    title_terms: str
    terms: str
    story: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier version of an article, which is no longer quoted.

    Attributes:
        fetched: when this version was fetched.
        replaced: when the next version was fetched.
    """

    title: str
    text: str
    published: datetime | None
    modified: datetime | None
    fetched: datetime
    replaced: datetime


@dataclass(frozen=True, slots=True)
class Retraction:
    """A retracted article without its text, and the reason and time of the retraction."""

    id: str
    title: str
    publisher: str
    published: datetime | None
    url: str
    reason: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Feedback:
    """One reader's verdict on one answer.

    Attributes:
        id: a later verdict with the same id replaces this one.
        at: aware, UTC.
        door: the interface that the reader used: "page" or "slack".
        good: whether the answer was right.
        reason: the reader's own words; may be empty.
        answer: plain text.
        writer: see `Answer.writer`.
        quotes: the article id, start and end of each quote in the answer.
    """

    id: str
    at: datetime
    door: str
    good: bool
    reason: str
    question: str
    answer: str
    writer: str
    quotes: tuple[tuple[str, int, int], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Statistics:
    """The contents of an archive in numbers.

    Attributes:
        first: the earliest publication date.
        last: the latest publication date.
        fetched: the latest time at which an article was fetched.
        languages: number of articles in each language, most frequent first.
        publishers: number of articles of each publisher, most frequent first.
        size: bytes on disk, without the vectors on a Chroma server.
        stories: number of articles, counting near-duplicates once.
        corrected: number of articles whose text was corrected after it was first stored.
        embargoed: number of articles under embargo.
        retracted: number of retracted articles.
    """

    articles: int
    passages: int
    first: datetime | None
    last: datetime | None
    fetched: datetime | None
    languages: dict[str, int] = field(default_factory=dict)
    publishers: dict[str, int] = field(default_factory=dict)
    size: int = 0
    embedder: str = ""
    stories: int = 0
    corrected: int = 0
    embargoed: int = 0
    retracted: int = 0


@dataclass(frozen=True, slots=True)
class Outlet:
    """A publisher in the archive.

    Attributes:
        dated: number of its articles with a publication date.
        first: the earliest of these dates.
        last: the latest of these dates.
    """

    publisher: str
    dated: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """Damage to an archive.

    Attributes:
        kind: "unreadable", "articles", "passages", "terms", "copies" or "vectors"; a repair may also report
            "catalogue".
        message: shown to people.
    """

    kind: str
    message: str


def to_microseconds(moment: datetime | None) -> int | None:
    """Convert to whole microseconds since 1970, which SQLite and Chroma both store exactly."""
    return None if moment is None else (moment - EPOCH) // timedelta(microseconds=1)


def to_datetime(microseconds: int | None) -> datetime | None:
    """Convert microseconds since 1970 to an aware time in UTC."""
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)
