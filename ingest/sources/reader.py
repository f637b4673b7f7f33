"""The contract of readers: a document, and the articles that a reader finds in it.

A reader handles one kind of document; `registry` lists the kinds. It is a generator function:

    def read_example(document: Document, defaults: Defaults, web: Web | None) -> Items:
        for number, text in enumerate(document.read().decode().split("----"), 1):
            try:
                yield Item(build_article(RawArticle(text), defaults, document.source))
            except SourceError as error:
                yield error

It yields a `SourceError` for each part that is not an article, and goes on. A document that cannot be read at all
raises a ValueError whose message says why.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import BinaryIO, Protocol, cast

from ingest.errors import SourceError
from ingest.fetching import Fetcher
from ingest.fetching.fetch_state import Notebook
from ingest.sources.item import Defaults, Item, Items
from ingest.sources.parsing.encoding import decode

MAX_DOCUMENT_BYTES = 20_000_000
"""Of a document that is read as a whole, and of one article: a hundred times the longest report of a news site."""

BLANK = b"\xef\xbb\xbf \t\r\n"
"""The bytes of an empty document: white space and the byte-order mark."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is about to be read: a file, a response, a stream.

    Attributes:
        stream: its bytes, from their beginning.
        source: the file or URL, for errors; earlier visits to a URL are remembered under it.
        origin: the absolute path of a file, see `Item`.
        url: where it was fetched, after redirects; empty for a file.
        charset: as the server stated it; empty if it did not.
    """

    stream: BinaryIO
    source: str
    origin: str = ""
    url: str = ""
    charset: str = ""

    def read(self, limit: int = MAX_DOCUMENT_BYTES) -> bytes:
        """Read the whole document, of at most `limit` bytes.

        Raises:
            ValueError: it is empty, or longer.
        """
        data = self.stream.read(limit + 1)
        if len(data) > limit:
            raise ValueError(f"more than {limit // 1_000_000} MB, the most that such a document may have")
        if not data.strip(BLANK):
            raise ValueError("it is empty")
        return data

    def read_markup(self, limit: int = MAX_DOCUMENT_BYTES) -> str:
        """Read the whole document as HTML or XML, which may declare its encoding.

        Raises:
            ValueError: it is empty, longer than `limit` bytes, or not text.
        """
        return decode(self.read(limit), markup=True, charset=self.charset)


@dataclass(frozen=True, slots=True)
class Web:
    """Access to the web: the fetcher, and what is remembered of earlier visits."""

    fetcher: Fetcher
    notebook: Notebook


class Reader(Protocol):
    """Reads the documents of one kind."""

    def __call__(self, document: Document, defaults: Defaults, web: Web | None) -> Items:
        """Read the articles of a document.

        Args:
            document: its stream is read once, from the beginning.
            defaults: stand in for what the document does not state.
            web: to fetch the pages that a feed or a sitemap links to; None to leave them.

        Raises:
            ValueError: the document cannot be read; the message says why.
        """
        ...


DocumentItems = Generator[Item | SourceError, None, bool | None]
"""The items of any document. The generator returns what `ResumableItems` do; None for other items."""


def read_document(read: Reader, document: Document, defaults: Defaults, web: Web | None) -> DocumentItems:
    """Read a document; an error that its reader raises becomes the last item."""
    try:
        return (yield from cast(DocumentItems, read(document, defaults, web)))
    except SourceError as error:
        yield error
    except OSError as error:
        yield SourceError(document.source, os_error_reason(error))
    except ValueError as error:
        yield SourceError(document.source, str(error))
    except RecursionError:
        yield SourceError(document.source, "it is nested too deeply")
    except Exception as error:  # an unforeseen error of a parser costs this document, not the ones after it
        yield SourceError(document.source, f"this document could not be read: {type(error).__name__}: {error}")
    return None


def os_error_reason(error: OSError) -> str:
    """Say that something could not be read, and why, for people."""
    return f"it could not be read: {error.strerror or error}"
