"""What goes into an archive and what comes out of it, as values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ingest.article import Article, Passage, Span
from ingest.embedding import Vectors

EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles count; an empty field lets everything through.

    Attributes:
        since: published at this moment or later; an undated article is then out.
        until: published before this moment; an undated article is then out.
        publishers: any of these names, compared folded: "Le Figaro" is "le figaro".
        languages: any of these ISO 639-1 codes.
        without: ids of articles that are left out.
    """

    since: datetime | None = None
    until: datetime | None = None
    publishers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()


ALL = Filter()


@dataclass(frozen=True, slots=True)
class Entry:
    """One article, ready to be stored.

    Attributes:
        passages: of this article, in order.
        vectors: shape (len(passages), dimension), unit length.
        origin: the file that holds this one article and nothing else, else "": see `Archive.add`.
        bands: from `duplicates.keys`; None: they are made when it is stored.
        points: of each passage the name of its vector's point, see `points.name`; none: that of its own text.
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
        key: names this passage for ever; the same article stored again gets new keys.
        title_terms: of its article's title, joined by spaces.
        terms: of its text, joined by spaces.
        story: names the story that its article tells, the same for all its near-copies; 0 where that is not known.
    """

    key: int
    title_terms: str
    terms: str
    story: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier version of an article, which is quoted no more.

    Attributes:
        fetched: when it was read.
        replaced: when the next one was read.
    """

    title: str
    text: str
    published: datetime | None
    modified: datetime | None
    fetched: datetime
    replaced: datetime


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An article that was taken back: who it was, why it is gone, and since when. Its text is not kept."""

    id: str
    title: str
    publisher: str
    published: datetime | None
    url: str
    reason: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an archive holds.

    Attributes:
        stories: how many stories the articles tell, near-copies counted once.
        corrected: articles with words that were changed after they came in.
        held: articles that wait for the end of their embargo.
        withdrawn: articles that were taken back.
        fetched: when the newest of its articles was read.
        languages: articles of each, the most first.
        publishers: articles of each, the most first.
        size: bytes on disk, without the vectors of a Chroma server.
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
    held: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class Outlet:
    """One publisher of an archive, by the dates of its articles.

    Attributes:
        dated: how many of its articles have a date; the other fields are of those.
    """

    publisher: str
    dated: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in an archive that is not as it was written.

    Attributes:
        kind: "unreadable", "passages", "terms", "copies" or "vectors"; of what a repair did, "catalogue".
        message: for a person.
    """

    kind: str
    message: str


def to_microseconds(moment: datetime | None) -> int | None:
    """Whole microseconds since 1970: exact, and one number for SQLite and Chroma."""
    return None if moment is None else (moment - EPOCH) // timedelta(microseconds=1)


def to_datetime(microseconds: int | None) -> datetime | None:
    """The moment, aware and in UTC."""
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)
