"""What a language writes in one with the word that follows: Arabic "and", "in", "the"."""

import re
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Proclitics:
    """Folded letters or syllables that stand at the start of another word.

    Attributes:
        conjunctions: "and", "so".
        prepositions: "in", "to".
        future: marks of the future tense.
        article: "the".
        alone: matches what may be written before a name in quotation marks and still belong to its word.
    """

    TOPIC: ClassVar[str] = "proclitics"

    conjunctions: frozenset[str]
    prepositions: frozenset[str]
    future: frozenset[str]
    article: frozenset[str]
    alone: re.Pattern[str]

    def without_article(self, word: str) -> str:
        """The word without "the"."""
        return next((word.removeprefix(article) for article in self.article if word.startswith(article)), word)

    def without_conjunction(self, word: str) -> str:
        """The word without "and" or "so"."""
        return next((word.removeprefix(one) for one in self.conjunctions if word.startswith(one)), word)
