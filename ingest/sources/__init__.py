"""Read articles from the world: files, folders and streams.

A bad item costs one line: it comes out as a `SourceError` among the articles, and the rest goes on.
"""

import sys
from pathlib import Path
from typing import BinaryIO

from ingest.errors import SourceError
from ingest.sources.files import READABLE, read_path
from ingest.sources.files import count as count_path
from ingest.sources.item import Defaults, Found, Item
from ingest.sources.records import read_records

__all__ = ["READABLE", "Defaults", "Found", "Item", "count", "read"]


def read(source: str, defaults: Defaults | None = None, stream: BinaryIO | None = None) -> Found:
    """Read the articles of a source, in its order.

    Args:
        source: a file, a folder, or "-" for JSON Lines from a stream.
        defaults: publisher, date and language where the source does not say them.
        stream: what "-" stands for; the standard input if not given.

    Yields:
        An `Item`, or a `SourceError` (not raised) for each part that is no article.
    """
    defaults = defaults or Defaults()
    if source == "-":
        return read_records(stream or sys.stdin.buffer, "standard input", defaults)
    if source.lower().startswith(("http://", "https://")):
        return iter([SourceError(source, "an address, not a file; save the page and name the file")])
    return read_path(Path(source).expanduser(), defaults)


def count(source: str) -> int:
    """About how many articles a source holds, for the time left; 0 where that can't be known beforehand."""
    return 0 if source == "-" else count_path(Path(source).expanduser())
