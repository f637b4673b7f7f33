"""Read values from the JSON that Slack sends; a value that is missing or has another type becomes empty."""

import re
from typing import Any

_ID = re.compile(r"[A-Z][A-Z0-9]{0,39}")
_TS = re.compile(r"[0-9]{1,10}\.[0-9]{1,6}")

UNKNOWN_ID = "?"
"""Stands for an id that Slack sent malformed; no list of allowed teams or users contains it."""


def object_at(value: object, *path: str) -> dict[str, Any]:
    """Return the object at a path; {} if there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def objects_at(value: object, name: str) -> list[dict[str, Any]]:
    """Return the objects in the list of that name; [] if there is no list."""
    values = object_at(value).get(name)
    return [element for element in values if isinstance(element, dict)] if isinstance(values, list) else []


def text_at(value: object, *path: str) -> str:
    """Return the string at a path; "" if there is none."""
    text = object_at(value, *path[:-1]).get(path[-1])
    return text if isinstance(text, str) else ""


def id_at(value: object, *path: str) -> str:
    """Return the id of a channel, user or team, or the `ts` of a message, at a path; "" for anything else."""
    text = text_at(value, *path)
    return text if _ID.fullmatch(text) or _TS.fullmatch(text) else ""
