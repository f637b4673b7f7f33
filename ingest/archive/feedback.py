# ruff: noqa: S608 - statements are joined from this module's constants, values are bound
"""What readers think of answers, kept beside the articles that these were made from."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingest.archive.catalogue import Catalogue
from ingest.archive.types import EPOCH, to_datetime, to_microseconds

_FIELDS = "id, at, door, good, reason, question, answer, writer, quotes"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One reader's word on one answer.

    Attributes:
        id: names it; a later word of the same id takes its place.
        at: aware, UTC.
        door: where it was given: "page", "slack".
        good: whether the answer was right.
        reason: in the reader's own words; may be empty.
        answer: as plain text.
        writer: see `Answer.writer`.
        quotes: of the answer: article id, start and end of each.
    """

    id: str
    at: datetime
    door: str
    good: bool
    reason: str
    question: str
    answer: str
    writer: str
    quotes: tuple[tuple[str, int, int], ...] = field(default=())


def keep(catalogue: Catalogue, given: Feedback) -> None:
    """Keep it, in place of an earlier word of the same id; inside a transaction."""
    catalogue.rows(
        f"INSERT OR REPLACE INTO feedback ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        given.id, to_microseconds(given.at), given.door, int(given.good), given.reason, given.question, given.answer,
        given.writer, json.dumps(given.quotes),
    )  # fmt: skip


def kept(catalogue: Catalogue) -> list[Feedback]:
    """All that is kept, the newest first."""
    return [_from_row(row) for row in catalogue.rows(f"SELECT {_FIELDS} FROM feedback ORDER BY at DESC, id")]


def _from_row(row: Sequence[Any]) -> Feedback:
    identity, at, door, good, reason, question, answer, writer, quotes = row
    places = tuple((str(article), int(start), int(end)) for article, start, end in json.loads(quotes))
    when = to_datetime(at) or EPOCH
    return Feedback(identity, when, door, bool(good), reason, question, answer, writer, places)
