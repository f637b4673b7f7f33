"""Read articles from files, folders, streams and the web.

An input that cannot be read costs one `SourceError` among the items, and the rest goes on. `registry` lists the kinds
of documents, each with its reader.
"""

import sys
from pathlib import Path
from typing import BinaryIO

from ingest.errors import SourceError
from ingest.sources.files import count as count_path
from ingest.sources.files import read_path
from ingest.sources.item import Defaults, Item, Items, ResumableItems
from ingest.sources.parallel import read_in_parallel
from ingest.sources.reader import Document, Reader, Web, read_document
from ingest.sources.recheck import recheck
from ingest.sources.record_fields import from_document
from ingest.sources.registry import JSON_LINES, Kind, register
from ingest.sources.web import read_url

__all__ = [
    "Defaults",
    "Document",
    "Item",
    "Items",
    "Kind",
    "Reader",
    "ResumableItems",
    "Web",
    "count",
    "from_document",
    "is_url",
    "read",
    "read_in_parallel",
    "read_url",
    "recheck",
    "register",
]


def read(
    source: str, defaults: Defaults | None = None, stream: BinaryIO | None = None, web: Web | None = None
) -> Items:
    """Read the articles of a source, in its order.

    Args:
        source: a file, a folder, a URL, or "-" for JSON Lines from a stream.
        defaults: publisher, date and language of articles whose source states none.
        stream: what "-" reads; the standard input by default.
        web: access to the web; without it no URL is fetched, and no page that a file links to.

    Yields:
        An `Item`, or a `SourceError` (not raised) for each part that is not an article.
    """
    defaults = defaults or Defaults()
    if source == "-":
        document = Document(stream or sys.stdin.buffer, "standard input")
        return read_document(JSON_LINES.read, document, defaults, web)
    if is_url(source):
        if web is None:
            return iter([SourceError(source, "the web cannot be reached from here; name a file")])
        return read_url(source, defaults, web)
    return read_path(Path(source).expanduser(), defaults, web)


def is_url(source: str) -> bool:
    """Return whether a source is a URL, not a file."""
    return source.lower().startswith(("http://", "https://"))


def count(source: str) -> int:
    """Estimate how many articles a source contains, to tell the time left; 0 if that cannot be known beforehand."""
    return 0 if source == "-" or is_url(source) else count_path(Path(source).expanduser())
