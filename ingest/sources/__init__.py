"""Read articles from the world: files, folders, streams, and addresses of the web.

A bad item costs one line: it comes out as a `SourceError` among the articles, and the rest goes on.
"""

import sys
from pathlib import Path
from typing import BinaryIO

from ingest.errors import SourceError
from ingest.sources.files import READABLE, read_path
from ingest.sources.files import count as count_path
from ingest.sources.item import Defaults, Item, Items, Reading
from ingest.sources.parallel import read_in_parallel
from ingest.sources.recheck import recheck
from ingest.sources.records import from_document, read_records
from ingest.sources.web import read_url
from ingest.sources.web_page import Web

__all__ = [
    "READABLE",
    "Defaults",
    "Item",
    "Items",
    "Reading",
    "Web",
    "count",
    "from_document",
    "is_url",
    "read",
    "read_in_parallel",
    "read_url",
    "recheck",
]


def read(
    source: str, defaults: Defaults | None = None, stream: BinaryIO | None = None, web: Web | None = None
) -> Items:
    """Read the articles of a source, in its order.

    Args:
        source: a file, a folder, an address, or "-" for JSON Lines from a stream.
        defaults: publisher, date and language where the source does not say them.
        stream: what "-" stands for; the standard input if not given.
        web: the way to the web; without it addresses, and what files link to, are not fetched.

    Yields:
        An `Item`, or a `SourceError` (not raised) for each part that is no article.
    """
    defaults = defaults or Defaults()
    if source == "-":
        return read_records(stream or sys.stdin.buffer, "standard input", defaults)
    if is_url(source):
        if web is None:
            return iter([SourceError(source, "an address, and there is no way to the web here; name a file")])
        return read_url(source, defaults, web)
    return read_path(Path(source).expanduser(), defaults, web)


def is_url(source: str) -> bool:
    """Whether a source is an address of the web, not a file."""
    return source.lower().startswith(("http://", "https://"))


def count(source: str) -> int:
    """About how many articles a source holds, for the time left; 0 where that can't be known beforehand."""
    return 0 if source == "-" or is_url(source) else count_path(Path(source).expanduser())
