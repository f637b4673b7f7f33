"""Read files and folders."""

import contextlib
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import SourceError
from ingest.sources.item import Defaults, Items
from ingest.sources.reader import Document, Web, os_error_reason, read_document
from ingest.sources.registry import HEAD_BYTES, kind_of_file, kinds_with_suffix, readable_kinds

# Files that are never articles and go unreported: parts of saved pages, and what editors and systems leave.
_IGNORED = frozenset(
    ".jpg .jpeg .png .gif .webp .svg .ico .bmp .tif .tiff .avif .heic .psd "
    ".mp3 .mp4 .m4a .wav .ogg .oga .webm .mov .avi .mkv "
    ".css .js .mjs .map .woff .woff2 .ttf .otf .eot .py .pyc .sh .ini .cfg .toml .yaml .yml .lock .log .tmp .bak .swp "
    ".db .sqlite .sqlite-wal .sqlite-shm .part .crdownload".split()
)
_ARCHIVE = "catalogue.sqlite"  # a folder with this file is an archive of Khabar, not a source


def read_path(path: Path, defaults: Defaults, web: Web | None = None) -> Items:
    """Read a file, or every file in a folder and its subfolders, in the order of their names.

    Hidden files, archives, images and the like are ignored. Each kind of file that cannot be read is one error.

    Args:
        path: of the file or the folder.
        defaults: stand in for what an article does not state.
        web: to fetch the pages that a feed or a sitemap links to; None to leave them.
    """
    if path.is_dir():
        yield from _read_folder(path, defaults, web)
    elif path.is_file():
        suffix = _suffix(path)
        if kinds_with_suffix(suffix):
            yield from _read_file(path, defaults, web)
        else:
            yield SourceError(str(path), f"{suffix} files are not read; what can be read: {readable_kinds()}")
    elif path.exists():
        yield SourceError(str(path), "neither a file nor a folder")
    else:
        yield SourceError(str(path), "there is no such file or folder")


def count(path: Path) -> int:
    """Estimate how many articles a file or a folder contains, without parsing; 0 if nothing is read."""
    if path.is_dir():
        return sum(count(found) for found in _walk(path) if isinstance(found, Path))
    kinds = kinds_with_suffix(_suffix(path))
    if any(kind.is_one_per_line for kind in kinds):
        with contextlib.suppress(OSError), path.open("rb") as stream:
            return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
    return 1 if kinds else 0


def _read_folder(folder: Path, defaults: Defaults, web: Web | None) -> Items:
    unread: dict[str, list[Path]] = defaultdict(list)  # by suffix
    is_empty = True
    for path in _walk(folder):
        if isinstance(path, SourceError):
            yield path
            continue
        suffix = _suffix(path)
        if kinds_with_suffix(suffix):
            is_empty = False
            yield from _read_file(path, defaults, web)
        elif suffix not in _IGNORED:
            unread[suffix].append(path)
    for suffix, paths in sorted(unread.items()):
        files = f"{len(paths)} {suffix} files are" if len(paths) > 1 else f"one {suffix} file is"
        reason = f"{files} not read (first: {paths[0].name}); what can be read: {readable_kinds()}"
        yield SourceError(str(folder), reason)
    if is_empty and not unread:
        yield SourceError(str(folder), f"there is nothing to read in this folder; what can be read: {readable_kinds()}")


def _walk(folder: Path) -> Iterator[Path | SourceError]:
    """The files in a folder and its subfolders, in the order of their paths; an error for an unreadable folder."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield SourceError(str(folder), os_error_reason(error))
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
            yield SourceError(entry.path, "a broken link")


def _read_file(path: Path, defaults: Defaults, web: Web | None) -> Items:
    source = str(path)
    try:
        with path.open("rb") as stream:
            kind = kind_of_file(_suffix(path), stream.read(HEAD_BYTES))
            stream.seek(0)
            if kind:
                origin = os.path.abspath(path)  # symbolic links are not resolved: each is a file of its own
                yield from read_document(kind.read, Document(stream, source, origin), defaults, web)
    except OSError as error:
        yield SourceError(source, os_error_reason(error))


def _suffix(path: Path) -> str:
    """The end of a file name that tells its kind, in lower case: ".txt", ".warc.gz"."""
    double = "".join(path.suffixes[-2:]).lower()
    return double if kinds_with_suffix(double) else path.suffix.lower()
