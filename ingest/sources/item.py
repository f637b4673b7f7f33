"""What reading a source yields: articles, and errors in place of what is not one."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime

from ingest.article import Article
from ingest.errors import SourceError


@dataclass(frozen=True, slots=True)
class Item:
    """One article of a source, or a notice that withdraws articles.

    Attributes:
        origin: the absolute path of a file that holds this one article: if the file changes, the article is replaced.
            Empty for an article among others in one file.
        embargo: aware, UTC: the article may not be used before; None if it is free.
        withdraws: ids of the articles that are withdrawn. If the article's own id is among them, the item is a mere
            notice and is not stored.
    """

    article: Article
    origin: str = ""
    embargo: datetime | None = None
    withdraws: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Defaults:
    """Values for articles whose source does not state them.

    Attributes:
        published: aware, UTC.
        language: ISO 639-1 code; empty to detect it from the text.
    """

    publisher: str = ""
    published: datetime | None = None
    language: str = ""


Items = Iterator[Item | SourceError]
"""Articles in the order of their source; an error takes the place of what could not be read."""

ResumableItems = Generator[Item | SourceError, None, bool]
"""The items of a source that is visited again and again.

The generator returns (the value of `yield from`) whether everything was read: then the source need not be read again
until it changes. False if something is left for the next visit.
"""
