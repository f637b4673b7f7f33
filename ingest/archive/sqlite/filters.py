# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""Convert a `Filter` to SQL."""

import json

from ingest.archive.types import Filter, to_microseconds
from ingest.language import folded


def to_sql(where: Filter, table: str) -> tuple[str, list[object]]:
    """Return conditions on the columns of `articles`, each preceded by AND, and their values."""
    conditions: list[str] = []
    values: list[object] = []
    for test, moment in (("published >= ?", where.since), ("published < ?", where.until)):
        if moment is not None:
            conditions.append(test)
            values.append(to_microseconds(moment))
    for test, options in (
        ("publisher_folded IN", [folded(name) for name in where.publishers]),
        ("language IN", list(where.languages)),
        ("id NOT IN", sorted(where.without)),
    ):
        if options:
            conditions.append(f"{test} (SELECT value FROM json_each(?))")
            values.append(json.dumps(options))
    return "".join(f" AND {table}.{condition}" for condition in conditions), values
