"""JSON Lines, read line by line, and JSON documents: a list of records, an object that holds one, or one record."""

import codecs
import io
import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, cast

from ingest.errors import SourceError
from ingest.sources.item import Defaults, Items
from ingest.sources.parsing.encoding import decode, detect_encoding
from ingest.sources.parsing.rewound import Rewound
from ingest.sources.reader import MAX_DOCUMENT_BYTES, Document, DocumentItems, Web
from ingest.sources.record_fields import has_text, normalize_keys, read_record

_MAX_LIST_BYTES = 512_000_000  # of a JSON document that is one list; parsing it takes about five times the memory
_HEAD = 65_536  # bytes that the encoding is detected from
_LIST_FIELDS = "articles items results data entries docs documents hits news stories records response".split()

Json = dict[str, Any]


class Shape(NamedTuple):
    """JSON objects that have a reader of their own; all others are records with common field names.

    Attributes:
        matches: recognises the objects.
        read: reads the articles of one, given it, its source, its location ("line 12"), the defaults, and the web.
    """

    matches: Callable[[Json], bool]
    read: Callable[[Json, str, str, Defaults, Web | None], Items]


def read_json(document: Document, defaults: Defaults, web: Web | None, shapes: tuple[Shape, ...] = ()) -> DocumentItems:
    """Read JSON Lines or a JSON document.

    Args:
        document: JSON Lines are read as they arrive, without a limit for the whole.
        defaults: stand in for what a record does not state.
        web: for the readers of `shapes`.
        shapes: the first that matches an object reads it.

    Returns:
        By `yield from`: what the readers of `shapes` return, if any does.

    Raises:
        ValueError: the document is empty, not JSON, or a list of more than 512 MB.
    """
    parts = _parts(document)
    begin: list[bytes] = []  # blank lines, and the first other one
    for part in parts:
        begin.append(part)
        if part.strip():
            break
    else:
        raise ValueError("it is empty")
    reader = _JsonReader(document.source, defaults, web, shapes)
    parts = itertools.chain(begin, parts)
    if _begins_document(begin[-1]):
        data = bytearray()
        for part in parts:
            data += part
            if len(data) > _MAX_LIST_BYTES:
                limit = _MAX_LIST_BYTES // 1_000_000
                raise ValueError(f"one JSON list of more than {limit} MB; convert it to JSON Lines: jq -c '.[]'")
        return (yield from reader.read(_parse(bytes(data))))
    complete: bool | None = None
    for number, line in enumerate(_lines(parts), 1):
        if line.strip():
            result = yield from reader.read_line(line, number)
            if result is not None:
                complete = result and complete is not False
    return complete


def _parts(document: Document) -> Iterator[bytes]:
    """The lines of a document, in UTF-8 if its encoding shows; a line longer than 20 MB comes in several parts."""
    head = document.stream.read(_HEAD)
    stream = io.BufferedReader(Rewound(head, document.stream))
    try:
        name = detect_encoding(head)
    except ValueError:
        name = ""
    if name.startswith(("utf-16", "utf-32")):  # a line ends with several bytes
        for text in io.TextIOWrapper(stream, name, "replace", newline="\n"):
            yield text.encode("utf-8", "surrogatepass")
        return
    while part := stream.readline(MAX_DOCUMENT_BYTES + 1):
        yield part


def _lines(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The lines; only the first part of a line that came in several, which is too long for a record anyway."""
    is_continued = False
    for part in parts:
        if not is_continued:
            yield part
        is_continued = not part.endswith(b"\n")


def _begins_document(line: bytes) -> bool:
    """Whether the first line begins a JSON document of many lines, and is not a record of its own."""
    if not re.match(rb"\s*(?:\[|\{\s*$)", line.removeprefix(codecs.BOM_UTF8)):
        return False
    try:
        _parse_line(line)
    except ValueError:
        return True
    return False


def _parse_line(line: bytes) -> Any:  # noqa: ANN401 # what JSON holds
    if len(line) > MAX_DOCUMENT_BYTES and not line.endswith(b"\n"):
        raise ValueError(f"longer than {MAX_DOCUMENT_BYTES // 1_000_000} MB")
    return _parse(line)


def _parse(data: bytes) -> Any:  # noqa: ANN401 # what JSON holds
    """Parse JSON; NaN, which is not JSON but which exports write for missing values, becomes None.

    Raises:
        ValueError: it is not JSON; the message says where.
    """
    text = decode(data)
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if "\n" in text.strip() else ""
        raise ValueError(f"not valid JSON: {error.msg} at {line}character {error.colno}") from error
    except RecursionError as error:
        raise ValueError("not readable JSON: nested too deeply") from error


class _JsonReader:
    """Reads the values of one document."""

    def __init__(self, source: str, defaults: Defaults, web: Web | None, shapes: tuple[Shape, ...]) -> None:
        self._source, self._defaults, self._web, self._shapes = source, defaults, web, shapes

    def read_line(self, line: bytes, number: int) -> DocumentItems:
        location = f"line {number}"
        try:
            value = _parse_line(line)
        except ValueError as error:
            yield SourceError(self._source, str(error), location)
            return None
        return (yield from self.read(value, location, "" if number == 1 else f"{location}, "))

    def read(self, value: Any, location: str = "", prefix: str = "") -> DocumentItems:  # noqa: ANN401 # what JSON holds
        """Read the records of a value: of the list that it is or holds, or the value itself.

        `location` is that of the value; `prefix` goes before the locations of records in it.
        """
        records = value if isinstance(value, list) else []
        if isinstance(value, dict) and not any(shape.matches(value) for shape in self._shapes):
            records = _nested_records(value)
        if value == []:
            yield SourceError(self._source, "it is empty", location)
        elif not records:
            return (yield from self._read_object(value, location))
        for number, record in enumerate(records, 1):
            yield from self._read_object(record, f"{prefix}item {number}")
        return None

    def _read_object(self, value: Any, location: str) -> DocumentItems:  # noqa: ANN401 # what JSON holds
        if not isinstance(value, dict):
            yield SourceError(self._source, f"not a record but {type(value).__name__}", location)
            return None
        for shape in self._shapes:
            if shape.matches(value):
                items = shape.read(value, self._source, location, self._defaults, self._web)
                return (yield from cast(DocumentItems, items))
        yield from read_record(value, self._source, location, self._defaults)
        return None


def _nested_records(value: Json) -> list[Any]:
    """The list of records inside the response of a web service; empty if the object is a record itself."""
    if has_text(value):
        return []
    fields = normalize_keys(value)
    for name in _LIST_FIELDS:
        inner = fields.get(name)
        if isinstance(inner, list) and any(isinstance(record, dict) for record in inner):
            return inner
        if isinstance(inner, dict) and (records := _nested_records(inner)):
            return records
    return []
