"""CSV and TSV tables, one article per row, whose first row names the fields."""

import csv
import io
import re

from ingest.errors import SourceError
from ingest.sources.item import Defaults, Items
from ingest.sources.parsing.encoding import detect_encoding
from ingest.sources.parsing.rewound import Rewound
from ingest.sources.reader import MAX_DOCUMENT_BYTES, Document, Web
from ingest.sources.record_fields import read_record

_HEAD = 65_536  # bytes that the encoding and the delimiter are detected from
_DELIMITERS = ",;\t|"


def read_csv(document: Document, defaults: Defaults, web: Web | None = None) -> Items:
    """Read a table, row by row; Excel's "sep=;" line before it is understood.

    Args:
        document: the table.
        defaults: stand in for what a row does not state.
        web: not used.

    Raises:
        ValueError: the table is empty, or not text.
    """
    head = document.stream.read(_HEAD)
    name = detect_encoding(head)
    if not head.strip():
        raise ValueError("it is empty")
    first_line = head.decode(name, "replace").partition("\n")[0].strip("\r")
    stated = re.fullmatch(r"sep=(.)", first_line.lstrip("\ufeff"), re.IGNORECASE)
    stream = io.BufferedReader(Rewound(head, document.stream))
    text = io.TextIOWrapper(stream, name, "replace", newline="")
    csv.field_size_limit(MAX_DOCUMENT_BYTES)  # of the whole process; the default, 128 KB, is less than a long article
    if stated:
        text.readline()
    rows = csv.DictReader(text, delimiter=stated[1] if stated else max(_DELIMITERS, key=first_line.count))
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield SourceError(document.source, f"not a readable row: {error}", f"line {rows.line_num}")
            continue
        record = {key: value for key, value in row.items() if key}
        yield from read_record(record, document.source, f"line {rows.line_num}", defaults)
