# ruff: noqa: S608 - statements are joined from this module's constants, values are bound
"""Store the readers' verdicts on answers."""

import json

from ingest.archive.sqlite.database import Database
from ingest.archive.types import EPOCH, Feedback, to_datetime, to_microseconds

_FIELDS = "id, at, door, good, reason, question, answer, writer, quotes"


class FeedbackLog:
    """See `catalogue.FeedbackLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, feedback: Feedback) -> None:
        """See `catalogue.FeedbackLog.save`."""
        with self._database.transaction():
            self._database.rows(
                f"INSERT OR REPLACE INTO feedback ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                feedback.id, to_microseconds(feedback.at), feedback.door, int(feedback.good), feedback.reason,
                feedback.question, feedback.answer, feedback.writer, json.dumps(feedback.quotes),
            )  # fmt: skip

    def all(self) -> list[Feedback]:
        """See `catalogue.FeedbackLog.all`."""
        verdicts: list[Feedback] = []
        rows = self._database.rows(f"SELECT {_FIELDS} FROM feedback ORDER BY at DESC, id")
        for identity, at, door, good, reason, question, answer, writer, quotes in rows:
            spans = tuple((str(article), int(start), int(end)) for article, start, end in json.loads(quotes))
            moment = to_datetime(at) or EPOCH
            verdicts.append(Feedback(identity, moment, door, bool(good), reason, question, answer, writer, spans))
        return verdicts
