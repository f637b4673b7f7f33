"""JSON Lines, JSON and CSV: many articles in a file, one a record, under the names that exports give their fields."""

import codecs
import csv
import functools
import io
import itertools
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from textwrap import shorten
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from ingest.errors import SourceError
from ingest.language.dates import parse_date
from ingest.sources.documents import is_json_feed
from ingest.sources.feeds import parse_json_feed, read_feed
from ingest.sources.item import LARGEST, Defaults, Draft, Found, Item, finish, web_address
from ingest.sources.newswire import is_ninjs, read_ninjs
from ingest.sources.parsing.encoding import decode, encoding
from ingest.sources.parsing.html_to_text import from_html
from ingest.sources.web_page import Web

_WHOLE = 512_000_000  # bytes of a JSON file that is one list: it is held in memory about five times over
_SNIFF = 65_536  # bytes
# Field names, the best first, without case, "_", "-" and space.
_TEXT = (
    "text fulltext articletext articlebody bodytext maintext content contenttext body contenthtml bodyhtml story "
    "storytext article html description summary abstract"
).split()
_TITLE = "title headline name heading articletitle".split()
_DATE = (
    "published publishedat publishedon datepublished publicationdate publishdate publisheddate pubdate date datetime "
    "publishedtime issued createdat created timestamp"
).split()
_PUBLISHER = "publisher publishername source sourcename site sitename outlet newspaper provider domain media".split()
_AUTHOR = "author authors byline creator writer".split()
_URL = "url link canonicalurl articleurl weburl permalink webpageurl sourceurl uri guid id".split()
_LANGUAGE = "language lang inlanguage languagecode".split()
_LANGUAGES = {"arabic": "ar", "ara": "ar", "العربية": "ar", "english": "en", "eng": "en", "french": "fr", "fra": "fr"}
_INSIDE = ("name", "rendered", "text", "value", "html", "plain", "title", "href", "url", "#text", "content")
_LISTS = "articles items results data entries docs documents hits news stories records response".split()


def read_records(stream: BinaryIO, source: str, defaults: Defaults, web: Web | None = None) -> Found:
    """Read JSON Lines, one line at a time, or a JSON document that is a list, holds one, or is one article.

    A JSON Feed and ninjs are known by what they say of themselves.

    Args:
        stream: the bytes; a mark or what is plausible tells UTF-16 and windows-1256 from UTF-8.
        source: its name, for errors.
        defaults: what a record does not say.
        web: to fetch the pages that a JSON Feed links to.
    """
    pieces = _pieces(stream)
    begun: list[bytes] = []
    for piece in pieces:
        begun.append(piece)
        if piece.strip():
            break
    else:
        yield SourceError(source, "it is empty")
        return
    everything = itertools.chain(begun, pieces)
    if _begins_document(begun[-1]):
        yield from _document(everything, source, defaults, web)
    else:
        for number, line in enumerate(_lines(everything), 1):
            if line.strip():
                yield from _line(line, number, source, defaults, web)


def _begins_document(line: bytes) -> bool:
    """Whether a first line is the first of a JSON document of many lines, not a record of its own."""
    if not re.match(rb"\s*(?:\[|\{\s*$)", line.removeprefix(codecs.BOM_UTF8)):
        return False
    try:
        _loads(line)
    except ValueError:
        return True
    return False


def read_csv(stream: BinaryIO, source: str, defaults: Defaults) -> Found:
    """Read a table whose first row names the fields; commas, semicolons, tabs or bars divide, as Excel saves it too."""
    try:
        head = stream.read(_SNIFF)
        name = encoding(head)
    except ValueError as error:
        yield SourceError(source, str(error))
        return
    if not head.strip():
        yield SourceError(source, "it is empty")
        return
    first = head.decode(name, "replace").partition("\n")[0].strip("\r")
    mark = re.fullmatch(r"sep=(.)", first.lstrip("\ufeff"), re.IGNORECASE)  # what Excel understands, and some write
    text = io.TextIOWrapper(io.BufferedReader(_Rejoined(head, stream)), name, "replace", newline="")
    csv.field_size_limit(LARGEST)  # of the whole process; its default, 128 KB, is below a long article
    if mark:
        text.readline()
    rows = csv.DictReader(text, delimiter=mark[1] if mark else max(",;\t|", key=first.count))
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield SourceError(source, f"no readable row: {error}", f"line {rows.line_num}")
            continue
        yield from _record({key: value for key, value in row.items() if key}, source, f"line {rows.line_num}", defaults)


class _Rejoined(io.RawIOBase):
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        """It is for reading only."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 # any writable buffer
        """Fill the buffer."""
        size = len(buffer)
        data, self._head = (self._head[:size], self._head[size:]) if self._head else (self._rest.read(size), b"")
        buffer[: len(data)] = data
        return len(data)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream in UTF-8, or as they are where only one by one will tell; the longest in pieces."""
    head = stream.read(_SNIFF)
    raw = io.BufferedReader(_Rejoined(head, stream))
    try:
        name = encoding(head)
    except ValueError:
        name = ""
    if name.startswith(("utf-16", "utf-32")):
        for text in io.TextIOWrapper(raw, name, "replace", newline="\n"):
            yield text.encode("utf-8", "surrogatepass")
        return
    while line := raw.readline(LARGEST + 1):
        yield line


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The lines; of one that came in pieces only the first, which is too long for a record anyway."""
    inside = False
    for piece in pieces:
        if not inside:
            yield piece
        inside = not piece.endswith(b"\n")


def _loads(data: bytes) -> Any:  # noqa: ANN401 # what JSON holds
    """Parse JSON; NaN, which is none but which exports write for what is missing, is None.

    Raises:
        ValueError: it is no JSON, for a person to read why.
    """
    if len(data) > LARGEST and not data.endswith(b"\n"):
        raise ValueError(f"longer than {LARGEST // 1_000_000} MB")
    return _parse(decode(data))


def _parse(text: str) -> Any:  # noqa: ANN401 # what JSON holds
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, " if "\n" in text.strip() else ""
        raise ValueError(f"it is no JSON: {error.msg} at {where}character {error.colno}") from error
    except RecursionError as error:
        raise ValueError("it is no readable JSON: nested too deeply") from error


def _document(lines: Iterator[bytes], source: str, defaults: Defaults, web: Web | None) -> Found:
    data = bytearray()
    for line in lines:
        data += line
        if len(data) > _WHOLE:
            yield SourceError(source, f"one JSON list above {_WHOLE // 1_000_000} MB; make it JSON Lines: jq -c '.[]'")
            return
    try:
        value = _parse(decode(bytes(data)))
    except ValueError as error:
        yield SourceError(source, str(error))
        return
    yield from _values(value, source, "", "", defaults, web)


def _line(line: bytes, number: int, source: str, defaults: Defaults, web: Web | None) -> Found:
    place = f"line {number}"
    try:
        value = _loads(line)
    except ValueError as error:
        yield SourceError(source, str(error), place)
        return
    yield from _values(value, source, place, "" if number == 1 else f"{place}, ", defaults, web)


def _values(  # what JSON holds
    value: Any,  # noqa: ANN401
    source: str,
    place: str,
    before: str,
    defaults: Defaults,
    web: Web | None,
) -> Found:
    """The records of a JSON value: the list it is or holds, or itself."""
    if isinstance(value, dict) and is_json_feed(str(value.get("version", "")).encode()):
        yield from read_feed(parse_json_feed(value), source, defaults, web)
        return
    records = value if isinstance(value, list) else _nested(value) if isinstance(value, dict) else []
    if value == []:
        yield SourceError(source, "it is empty", place)
    elif not records:
        yield from _record(value, source, place, defaults)
    for number, record in enumerate(records, 1):
        yield from _record(record, source, f"{before}item {number}", defaults)


def _nested(value: dict[str, Any]) -> list[Any]:
    """The list of records that an answer of a web service wraps; empty where the object is a record itself."""
    if _field(value, _TEXT):
        return []
    for name in _LISTS:
        inside = _plain_keys(value).get(name)
        if isinstance(inside, list) and any(isinstance(record, dict) for record in inside):
            return inside
        if isinstance(inside, dict) and (found := _nested(inside)):
            return found
    return []


def _record(record: Any, source: str, place: str, defaults: Defaults) -> Found:  # noqa: ANN401 # what JSON holds
    if not isinstance(record, dict):
        yield SourceError(source, f"no record but {type(record).__name__}", place)
        return
    if is_ninjs(record):
        yield from read_ninjs(record, source, place, defaults)
        return
    if isinstance(inside := record.get("_source"), dict) and not _field(record, _TEXT):  # Elasticsearch
        record = inside
    try:
        draft, undated = _draft(record)
        if not draft.text.strip():
            names = shorten(", ".join(str(key) for key in record), 100, placeholder=" ...") or "no fields"
            raise SourceError(
                source, f"no text in it; looked for text, body, content, articleBody; it has {names}", place
            )
        article = finish(draft, defaults, source, place)
    except SourceError as error:
        yield error
        return
    except (ValueError, RecursionError) as error:
        yield SourceError(source, f"the record could not be read: {error}", place)
        return
    yield Item(article)
    if undated:
        yield SourceError(source, undated, place)


def from_document(document: Any, defaults: Defaults | None = None) -> Item:  # noqa: ANN401 # a llama-index Document
    """The article of a llama-index `Document`, so that any reader of LlamaHub is a source.

    Args:
        document: has `text`, `metadata` (whose fields are understood as those of JSON Lines) and perhaps `id_`.
        defaults: what it does not say.

    Raises:
        SourceError: it is no article, or its date cannot be read.
    """
    metadata = {str(key): value for key, value in dict(getattr(document, "metadata", None) or {}).items()}
    name = str(getattr(document, "id_", "") or metadata.get("url") or "a document")
    draft, undated = _draft({**metadata, "text": str(getattr(document, "text", "") or "")})
    if undated:
        raise SourceError(name, undated.removesuffix("; kept without it"))
    return Item(finish(draft, defaults or Defaults(), name))


def _draft(record: dict[str, Any]) -> tuple[Draft, str]:
    """What a record says, and what is wrong with its date."""
    language = _language(_field(record, _LANGUAGE))
    published, undated = _published(_field(record, _DATE), language)
    publisher, url = _field(record, _PUBLISHER), _field(record, _URL, web_address)
    if web_address(publisher):
        url, publisher = url or publisher, (urlsplit(publisher).hostname or "").removeprefix("www.")
    draft = Draft(
        text=from_html(_field(record, _TEXT, joint="\n\n")),
        title=from_html(_field(record, _TITLE)),
        url=url,
        publisher=from_html(publisher),
        author=from_html(_field(record, _AUTHOR)),
        published=published,
        language=language,
    )
    return draft, undated


def _published(text: str, language: str) -> tuple[datetime | None, str]:
    try:
        return (parse_date(text, language=language), "") if text else (None, "")
    except ValueError as error:
        return None, f"{error}; kept without it"


def _language(text: str) -> str:
    code = text.strip().lower()
    if code in _LANGUAGES:
        return _LANGUAGES[code]
    match = re.match(r"([a-z]{2})(?:[-_]|$)", code)
    return match[1] if match else ""


def _plain_keys(record: dict[str, Any]) -> dict[str, Any]:
    return {_plain_key(str(key)): value for key, value in reversed(record.items())}


@functools.lru_cache(maxsize=1_000)  # the records of a file share their keys
def _plain_key(key: str) -> str:
    return re.sub(r"[_\-\s]", "", key).casefold()


def _field(record: dict[str, Any], names: list[str], accept: Callable[[str], object] = bool, joint: str = ", ") -> str:
    """The first of these fields that says something acceptable; "" for none."""
    fields = _plain_keys(record)
    for name in names:
        if name in fields and accept(found := _string(fields[name], joint).strip()):
            return found
    return ""


def _string(value: Any, joint: str = ", ") -> str:  # noqa: ANN401 # what JSON holds
    """The words of a value: itself, its parts, or what it is called by."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return joint.join(filter(None, (_string(part, joint) for part in value)))
    if isinstance(value, dict):
        return next((words for name in _INSIDE if (words := _string(value.get(name), joint))), "")
    return ""
