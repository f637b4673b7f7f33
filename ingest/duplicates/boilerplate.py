"""What a page puts around its articles: calls to subscribe and to follow, notices of rights."""

import re
from dataclasses import dataclass
from typing import ClassVar

from ingest.language import folded
from ingest.language.data import of_all_languages

_LONGEST = 60  # words: a longer paragraph is a text of its own, whatever phrase stands in it


@dataclass(frozen=True)
class Boilerplate:
    """Phrases that only boilerplate has."""

    TOPIC: ClassVar[str] = "boilerplate"

    phrases: re.Pattern[str]


def without_boilerplate(text: str) -> str:
    """A text without its paragraphs of boilerplate; all of it, if nothing else is in it."""
    lines = text.split("\n")
    kept = [line for line in lines if not _is_boilerplate(line)]
    return "\n".join(kept) if len(kept) < len(lines) and any(map(str.strip, kept)) else text


def _is_boilerplate(line: str) -> bool:
    return line.count(" ") < _LONGEST and of_all_languages(Boilerplate).phrases.search(folded(line)) is not None
