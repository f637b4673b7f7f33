"""What a document is, whatever it is called and wherever it comes from, and which reader it gets."""

import json
import re

from ingest.errors import SourceError
from ingest.sources.feeds import parse_feed, parse_json_feed, read_feed
from ingest.sources.item import Defaults, Reading
from ingest.sources.newswire import read_wire
from ingest.sources.parsing.encoding import decode
from ingest.sources.parsing.safe_xml import parse_xml
from ingest.sources.sitemaps import read_sitemap
from ingest.sources.web_page import Web

_ROOT = re.compile(r"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
# What may stand before it; what has no end hides all behind it.
_ASIDE = re.compile(
    r"<\?.*?(?:\?>|\Z)|<!--.*?(?:-->|\Z)|<!DOCTYPE[^\[>]*(?:\[.*?(?:\]\s*+(?=>)|\Z))?(?:>|\Z)|[\ufeff\s]+",
    re.DOTALL | re.IGNORECASE,
)
_HEAD = 100_000  # characters in which the root element stands
_FEEDS = ("rss", "feed", "rdf", "channel")
_MAPS = ("urlset", "sitemapindex")
_WIRES = ("nitf", "newsmessage", "newsitem")
ROOTS = (*_FEEDS, *_MAPS, *_WIRES)
"""The root elements of documents that `read_xml` reads."""


def root_of(text: str) -> str:
    """The name of a document's root element in lower case; "" where it is no markup."""
    head, place = text[:_HEAD], 0
    while aside := _ASIDE.match(head, place):
        place = aside.end()
    match = _ROOT.match(head, place)
    return match[1].lower() if match else ""


def is_page(root: str) -> bool:
    """Whether a document with that root is a web page, as far as its beginning tells."""
    return root in ("html", "head", "body", "title", "meta", "div", "p", "script", "link", "article", "main", "section")


def read_xml(
    data: bytes, source: str, defaults: Defaults, web: Web | None = None, url: str = "", charset: str = ""
) -> Reading:
    """Read a feed, a sitemap or a wire document.

    Args:
        data: the whole document.
        source: its address or file: its name in errors, and for what is remembered.
        defaults: what it does not say.
        web: to fetch what it links to.
        url: where it was fetched.
        charset: as the server said it.
    """
    try:
        text = decode(data, page=True, charset=charset)
        root = root_of(text)
        if root in _MAPS:
            return (yield from read_sitemap(text, source, defaults, web))
        if root in _WIRES:
            yield from read_wire(parse_xml(text), source, defaults)
            return True
        if root == "newsml":
            raise ValueError("NewsML 1 is not read; its successor NewsML-G2 is, and NITF")
        return (yield from read_feed(parse_feed(text, url), source, defaults, web))
    except ValueError as error:
        yield SourceError(source, str(error))
    except RecursionError:
        yield SourceError(source, "it is nested too deeply")
    except Exception as error:  # whatever a parser thinks of a document costs that document
        yield SourceError(source, f"this document could not be read: {type(error).__name__}: {error}")
    return True


def read_json_feed(data: bytes, source: str, defaults: Defaults, web: Web | None = None, url: str = "") -> Reading:
    """Read a JSON Feed."""
    try:
        feed = parse_json_feed(json.loads(decode(data)), url)
        return (yield from read_feed(feed, source, defaults, web))
    except (ValueError, RecursionError, AttributeError) as error:
        yield SourceError(source, f"it is no readable JSON Feed: {error}")
    return True


def is_json_feed(data: bytes) -> bool:
    """Whether JSON is a JSON Feed, by its beginning."""
    return b"jsonfeed.org/version" in data[:20_000].replace(b"\\/", b"/")
