"""The kinds of documents that can be read, and which of them a document is.

To add a kind, write its reader in a module of its own (see `reader`) and add an entry to `KINDS`. A kind is recognised

- as a file, by the suffix of its name;
- as a response, by its media type;
- where several kinds share these, as XML does, by the root element; JSON objects by their fields (`JSON_SHAPES`).
"""

import functools
from dataclasses import dataclass

from ingest.sources.csv_tables import read_csv
from ingest.sources.feeds import is_json_feed, read_feed, read_json_feed
from ingest.sources.html import read_html
from ingest.sources.json_records import Shape, read_json
from ingest.sources.newswire import is_ninjs, read_newsml, read_ninjs, read_nitf
from ingest.sources.parsing.encoding import decode
from ingest.sources.parsing.safe_xml import root_element
from ingest.sources.plain_text import read_markdown, read_plain_text
from ingest.sources.reader import BLANK, Reader
from ingest.sources.sitemaps import read_sitemap
from ingest.sources.warc import read_warc

HEAD_BYTES = 200_000
"""The beginning of a document that is enough to recognise its kind."""

_JSON, _XML, _HTML = "application/json", "application/xml", "text/html"
_MEDIA_TYPES = {"json": _JSON, "xml": _XML, "html": _HTML, "octet-stream": _HTML, "unknown": _HTML}  # by their endings
_XML_SUFFIXES = (".xml", ".rss", ".atom", ".rdf", ".nitf", "")
_HTML_ROOTS = "html head body title meta div p script link article main section".split()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document.

    Attributes:
        name: for people, as "web pages".
        read: its reader.
        suffixes: of file names, in lower case, the usual one first; "" for files without a suffix.
        media_types: of responses, in lower case.
        roots: local names of root elements, in lower case.
        is_one_per_line: each line holds one article, so that articles can be counted.
        is_self_contained: its documents neither link to articles, which are fetched, nor are compressed: a stranger's
            file costs no more time than its size suggests.
    """

    name: str
    read: Reader
    suffixes: tuple[str, ...] = ()
    media_types: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    is_one_per_line: bool = False
    is_self_contained: bool = True


JSON_SHAPES = (Shape(is_json_feed, read_json_feed), Shape(is_ninjs, read_ninjs))
"""JSON objects with a reader of their own; all others are records with common field names."""

_read_json = functools.partial(read_json, shapes=JSON_SHAPES)

JSON_LINES = Kind("JSON Lines", _read_json, (".jsonl", ".ndjson", ".jl"), is_one_per_line=True)
WEB_PAGES = Kind(
    "web pages",
    read_html,
    suffixes=(".html", ".htm", ".xhtml"),
    media_types=(_HTML, "application/xhtml+xml", "application/octet-stream", ""),
    roots=tuple(_HTML_ROOTS),
)
KINDS = [  # where several kinds share a suffix or a media type and the root element is of none, the first one reads it
    Kind("text", read_plain_text, (".txt", ".text", ""), ("text/plain",)),
    Kind("Markdown", read_markdown, (".md", ".markdown"), ("text/markdown", "text/x-markdown")),
    WEB_PAGES,
    JSON_LINES,
    Kind("JSON", _read_json, (".json",), (_JSON,)),
    Kind("tables", read_csv, (".csv", ".tsv"), ("text/csv", "text/tab-separated-values"), is_one_per_line=True),
    Kind("feeds", read_feed, _XML_SUFFIXES, (_XML,), ("rss", "feed", "rdf", "channel"), is_self_contained=False),
    Kind("sitemaps", read_sitemap, _XML_SUFFIXES, (_XML,), ("urlset", "sitemapindex"), is_self_contained=False),
    Kind("NITF", read_nitf, _XML_SUFFIXES, (_XML,), ("nitf",)),
    Kind("NewsML-G2", read_newsml, _XML_SUFFIXES, (_XML,), ("newsmessage", "newsitem", "newsml")),
    Kind("crawls", read_warc, (".warc.gz", ".warc"), is_self_contained=False),
]


def register(kind: Kind) -> None:
    """Add a kind: its documents are read from now on."""
    KINDS.append(kind)


def readable_kinds() -> str:
    """Return a list, for people, of the kinds that can be read."""
    suffixes: dict[str, list[str]] = {}  # and the names of their kinds
    for kind in KINDS:
        suffixes.setdefault(kind.suffixes[0] if kind.suffixes else "", []).append(kind.name)
    return ", ".join(f"{', '.join(names)} ({suffix})" if suffix else names[0] for suffix, names in suffixes.items())


def self_contained_suffixes() -> list[str]:
    """Return the suffixes that only files of self-contained kinds have."""
    others = {suffix for kind in KINDS if not kind.is_self_contained for suffix in kind.suffixes}
    return list(dict.fromkeys(suffix for kind in KINDS for suffix in kind.suffixes if suffix not in others))


def kinds_with_suffix(suffix: str) -> list[Kind]:
    """Return the kinds of files with a suffix, as ".txt", in lower case; "" for files without one."""
    return [kind for kind in KINDS if suffix in kind.suffixes]


def kind_of_file(suffix: str, head: bytes) -> Kind | None:
    """Return the kind of a file; None if it cannot be read.

    Args:
        suffix: of its name, in lower case; "" for none.
        head: its beginning, `HEAD_BYTES`.
    """
    kinds = kinds_with_suffix(suffix)
    if len(kinds) < 2:
        return kinds[0] if kinds else None
    try:
        return _kind_with_root(root_element(decode(head, markup=True))) or kinds[0]
    except ValueError:  # not a text: the reader says so
        return kinds[0]


def kind_of_response(media_type: str, content: bytes, charset: str = "") -> Kind | None:
    """Return the kind of a response; None if it cannot be read.

    Servers often send feeds as text or HTML, and JSON as text: there the content counts, not the media type.

    Args:
        media_type: in lower case; "" if the server states none.
        content: the content, or its beginning.
        charset: as the server stated it; "" if it did not.

    Raises:
        ValueError: the content is not text.
    """
    root = root_element(decode(content[:HEAD_BYTES], markup=True, charset=charset))
    by_root = _kind_with_root(root)
    if by_root and _XML in by_root.media_types:
        return by_root
    if content.lstrip(BLANK)[:1] in (b"{", b"["):
        media_type = _JSON
    kinds = [kind for kind in KINDS if media_type in kind.media_types]
    if not kinds:  # "application/rss+xml", "text/json", "application/x-unknown"
        usual = next((usual for ending, usual in _MEDIA_TYPES.items() if media_type.endswith(ending)), None)
        kinds = [kind for kind in KINDS if usual in kind.media_types]
    if len(kinds) > 1 and by_root:
        return by_root
    return kinds[0] if kinds else None


def _kind_with_root(root: str) -> Kind | None:
    return next((kind for kind in KINDS if root and root in kind.roots), None)
