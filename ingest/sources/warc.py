"""WARC files, in which web crawls keep pages: read record by record, whatever their size."""

import contextlib
import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import SourceError
from ingest.sources.html import MAX_PAGE_BYTES, NotAnArticleError, read_html
from ingest.sources.item import Defaults, Item, Items
from ingest.sources.reader import Document, Web, read_document


def read_warc(document: Document, defaults: Defaults, web: Web | None = None) -> Items:
    """Read the articles among the responses of a WARC file, compressed or not.

    Pages that are not articles, of which a crawl has many, are reported together in one error.

    Args:
        document: the WARC file, without a limit of size.
        defaults: stand in for what a page does not state.
        web: not used.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    others = records = pages = 0
    damage = ""
    try:
        for record in ArchiveIterator(document.stream):
            records += 1
            if not _is_page(record):
                continue
            pages += 1
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            item = _read_page(record, document.source, url, defaults)
            if isinstance(item, Item):
                yield item
            elif isinstance(item, NotAnArticleError):
                others += 1
            else:
                yield SourceError(document.source, item.reason, f"record {records}, {url[:200]}")
    except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
        damage = str(error) or type(error).__name__
    except Exception as error:  # an unforeseen error of the library costs the rest of the file
        damage = f"its record is damaged ({type(error).__name__})"
    if damage:
        yield SourceError(document.source, f"the rest cannot be read: {damage}", f"record {records + 1}")
    if others:
        yield SourceError(
            document.source, f"{others:,} {'page is not an article' if others == 1 else 'pages are not articles'}"
        )
    if not pages and not damage:
        yield SourceError(document.source, "it contains no web page")


def _is_page(record: Any) -> bool:  # noqa: ANN401 # warcio ships no types
    """Whether a record is the successful response of a server with a web page."""
    headers = record.http_headers
    if record.rec_type != "response" or headers is None or headers.get_statuscode() != "200":
        return False
    if urlsplit(record.rec_headers.get_header("WARC-Target-URI") or "").path.endswith("robots.txt"):
        return False
    return "html" in (headers.get_header("Content-Type") or "").lower()


def _read_page(record: Any, source: str, url: str, defaults: Defaults) -> Item | SourceError:  # noqa: ANN401
    data = record.content_stream().read(MAX_PAGE_BYTES + 1)
    media_type = (record.http_headers.get_header("Content-Type") or "").lower()
    charset = media_type.partition("charset=")[2].partition(";")[0].strip(" \"'")
    page = Document(io.BytesIO(data), source, url=url, charset=charset)
    item = next(read_document(read_html, page, defaults, None))
    if isinstance(item, Item):
        with contextlib.suppress(ValueError, TypeError):
            crawled = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")).astimezone(UTC)
            return replace(item, article=replace(item.article, fetched=crawled.replace(microsecond=0)))
    return item
