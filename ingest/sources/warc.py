"""WARC files, as news crawls keep pages: read one record after the other, whatever their size."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from ingest.errors import SourceError
from ingest.sources.html import MAX_PAGE_BYTES, read_html
from ingest.sources.item import Defaults, Item, Items


def read_warc(stream: BinaryIO, source: str, defaults: Defaults) -> Items:
    """Read the articles among the responses of a WARC file, packed or not.

    Pages that are no articles, which a crawl has many of, are one line of the report together.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    others = records = pages = 0
    broken = ""
    try:
        for record in ArchiveIterator(stream):
            records += 1
            if not _is_page(record):
                continue
            pages += 1
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            place = f"record {records}, {url[:200]}"
            found = _article(record, source, place, url, defaults)
            if isinstance(found, Item):
                yield found
            elif found.reason.startswith(("no article", "this page is", "this is the front")):
                others += 1
            else:
                yield SourceError(source, found.reason, place)
    except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
        broken = str(error) or type(error).__name__
    except Exception as error:  # what a library makes of a broken file costs the rest of that file
        broken = f"its record is damaged ({type(error).__name__})"
    if broken:
        yield SourceError(source, f"it cannot be read on: {broken}", f"record {records + 1}")
    if others:
        yield SourceError(source, f"{others:,} {'page is' if others == 1 else 'pages are'} no article")
    if not pages and not broken:
        yield SourceError(source, "it holds no page of a crawl")


def _is_page(record: Any) -> bool:  # noqa: ANN401 # warcio ships no types
    """Whether a record is a page that a server gave."""
    headers = record.http_headers
    if record.rec_type != "response" or headers is None or headers.get_statuscode() != "200":
        return False
    if urlsplit(record.rec_headers.get_header("WARC-Target-URI") or "").path.endswith("robots.txt"):
        return False
    return "html" in (headers.get_header("Content-Type") or "").lower()


def _article(record: Any, source: str, place: str, url: str, defaults: Defaults) -> Item | SourceError:  # noqa: ANN401
    data = record.content_stream().read(MAX_PAGE_BYTES + 1)
    if len(data) > MAX_PAGE_BYTES:
        return SourceError(source, f"a page of more than {MAX_PAGE_BYTES // 1_000_000} MB", place)
    kind = (record.http_headers.get_header("Content-Type") or "").lower()
    charset = kind.partition("charset=")[2].partition(";")[0].strip(" \"'")
    found = next(iter(read_html(data, source, defaults, url=url, charset=charset)))
    if isinstance(found, Item):
        with contextlib.suppress(ValueError, TypeError):
            crawled = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")).astimezone(UTC)
            return replace(found, article=replace(found.article, fetched=crawled.replace(microsecond=0)))
    return found
