"""Remove boilerplate, the phrases that a page puts around every article: "subscribe to our newsletter"."""

import re
from dataclasses import dataclass
from typing import ClassVar

from ingest.language import folded
from ingest.language.data import of_all_languages

_MAX_WORDS = 60  # a longer paragraph is part of the article, even if it contains such a phrase


@dataclass(frozen=True)
class Boilerplate:
    """Phrases that occur in boilerplate only."""

    TOPIC: ClassVar[str] = "boilerplate"

    phrases: re.Pattern[str]


def without_boilerplate(text: str) -> str:
    """Remove the paragraphs of boilerplate from a text; if nothing else would be left, return it unchanged."""
    phrases = of_all_languages(Boilerplate).phrases
    lines = text.split("\n")
    kept = [line for line in lines if line.count(" ") >= _MAX_WORDS or not phrases.search(folded(line))]
    return "\n".join(kept) if len(kept) < len(lines) and any(map(str.strip, kept)) else text
