"""Files and folders: which reader a file gets, and which files of a folder are articles."""

import contextlib
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import SourceError
from ingest.sources.documents import ROOTS, is_page, read_xml, root_of
from ingest.sources.html import read_html
from ingest.sources.item import LARGEST, Defaults, Items
from ingest.sources.parsing.encoding import decode
from ingest.sources.plain_text import read_plain
from ingest.sources.records import read_csv, read_records
from ingest.sources.warc import read_warc
from ingest.sources.web_page import Web

READABLE = (
    "text (.txt), Markdown (.md), web pages (.html), JSON Lines (.jsonl), JSON (.json), tables (.csv), "
    "feeds and wires (.xml, .rss, .atom) and crawls (.warc, .warc.gz)"
)
_TEXT = (".txt", ".text")
_MARKDOWN = (".md", ".markdown")
_PAGES = (".html", ".htm", ".xhtml")
_RECORDS = (".jsonl", ".ndjson", ".jl", ".json")
_TABLES = (".csv", ".tsv")
_DOCUMENTS = (".xml", ".rss", ".atom", ".rdf", ".nitf")
_CRAWLS = (".warc", ".warc.gz")
_LINES = (".jsonl", ".ndjson", ".jl", *_TABLES)  # an article a line
_KNOWN = frozenset(_TEXT + _MARKDOWN + _PAGES + _RECORDS + _TABLES + _DOCUMENTS + _CRAWLS)
# What lies beside articles without being one: saved pages bring it along, editors and systems leave it.
_NO_ARTICLES = frozenset(
    ".jpg .jpeg .png .gif .webp .svg .ico .bmp .tif .tiff .avif .heic .psd "
    ".mp3 .mp4 .m4a .wav .ogg .oga .webm .mov .avi .mkv "
    ".css .js .mjs .map .woff .woff2 .ttf .otf .eot .py .pyc .sh .ini .cfg .toml .yaml .yml .lock .log .tmp .bak .swp "
    ".db .sqlite .sqlite-wal .sqlite-shm .part .crdownload".split()
)

_ARCHIVE = "catalogue.sqlite"  # what a folder holds that is an archive of khabar, not a source


def read_path(path: Path, defaults: Defaults, web: Web | None = None) -> Items:
    """Read a file, or every file below a folder in the order of their names.

    Args:
        path: of the file or the folder.
        defaults: what an article does not say.
        web: to fetch the pages that a feed or a sitemap links to; None to leave them.

    In a folder hidden files, archives, pictures and the like are passed over; each kind that is not read is one error.
    """
    if path.is_dir():
        yield from _folder(path, defaults, web)
    elif path.is_file():
        suffix = _suffix(path)
        if suffix and suffix not in _KNOWN:
            yield SourceError(str(path), f"{suffix} files are not read; what can be: {READABLE}")
        else:
            yield from _file(path, defaults, web)
    elif path.exists():
        yield SourceError(str(path), "it is neither a file nor a folder")
    else:
        yield SourceError(str(path), "there is no such file or folder")


def count(path: Path) -> int:
    """About how many articles a file or a folder holds, at the cost of a look; 0 where nothing is read."""
    if path.is_dir():
        return sum(count(found) for found in _walk(path) if isinstance(found, Path))
    suffix = _suffix(path)
    if suffix in _LINES:
        with contextlib.suppress(OSError), path.open("rb") as stream:
            return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
    return int(suffix in _KNOWN or not suffix)


def _folder(folder: Path, defaults: Defaults, web: Web | None) -> Items:
    unread: dict[str, list[Path]] = defaultdict(list)
    empty = True
    for found in _walk(folder):
        if isinstance(found, SourceError):
            yield found
            continue
        suffix = _suffix(found)
        if suffix in _KNOWN or not suffix:
            empty = False
            yield from _file(found, defaults, web)
        elif suffix not in _NO_ARTICLES:
            unread[suffix].append(found)
    for suffix, paths in sorted(unread.items()):
        count = f"{len(paths)} {suffix} files are" if len(paths) > 1 else f"one {suffix} file is"
        yield SourceError(str(folder), f"{count} not read (first: {paths[0].name}); what can be: {READABLE}")
    if empty and not unread:
        yield SourceError(str(folder), f"there is nothing to read in this folder; what can be: {READABLE}")


def _walk(folder: Path) -> Iterator[Path | SourceError]:
    """The files below a folder, without hidden ones, in the order of their paths; a closed folder is an error."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield SourceError(str(folder), _why(error))
        return
    for entry in entries:
        if entry.name.startswith((".", "~$", "__MACOSX")):
            continue
        if entry.is_dir(follow_symlinks=False):
            if not os.path.exists(os.path.join(entry.path, _ARCHIVE)):
                yield from _walk(Path(entry.path))
        elif entry.is_file():
            yield Path(entry.path)
        elif entry.is_symlink() and not entry.is_dir():
            yield SourceError(entry.path, "a link to nowhere")


def _file(path: Path, defaults: Defaults, web: Web | None) -> Items:
    suffix, source = _suffix(path), str(path)
    try:
        if suffix in _RECORDS or suffix in _TABLES or suffix in _CRAWLS:
            with path.open("rb") as stream:
                if suffix in _RECORDS:
                    yield from read_records(stream, source, defaults, web)
                else:
                    yield from (read_csv if suffix in _TABLES else read_warc)(stream, source, defaults)
            return
        size = path.stat().st_size
        if size > LARGEST:
            yield SourceError(source, f"{size / 1e6:.0f} MB; one article has at most {LARGEST // 1_000_000} MB")
            return
        data = path.read_bytes()
    except OSError as error:
        yield SourceError(source, _why(error))
        return
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        yield SourceError(source, "it is empty")
        return
    origin = os.path.abspath(path)  # not resolved: a link is a place of its own
    root = _root(data) if suffix in _DOCUMENTS or not suffix else ""
    if suffix in _PAGES or is_page(root):
        yield from read_html(data, source, defaults, origin)
    elif suffix in _DOCUMENTS or root in ROOTS:
        yield from read_xml(data, source, defaults, web)
    else:
        yield from read_plain(data, source, defaults, origin, markdown=suffix in _MARKDOWN)


def _suffix(path: Path) -> str:
    """What the name ends with, in lower case: ".txt", ".warc.gz"."""
    name = path.name.lower()
    return ".warc.gz" if name.endswith(".warc.gz") else path.suffix.lower()


def _root(data: bytes) -> str:
    """The root element of a document, "" for other files."""
    try:
        return root_of(decode(data, page=True))
    except ValueError:
        return ""


def _why(error: OSError) -> str:
    return f"it could not be read: {error.strerror or error}"
