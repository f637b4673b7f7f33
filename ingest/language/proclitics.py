"""Short words that a language writes as a prefix of the next word: Arabic "and", "in", "the"."""

import re
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Proclitics:
    """Folded prefixes that are words of their own.

    Attributes:
        conjunctions: "and", "so".
        prepositions: "in", "to".
        future: marks of the future tense.
        article: "the".
        contracted_article: a preposition and the article in one: "to the".
        clusters: all that may stand before the words of numbers and dates, in the order in which they are tried.
        alone: matches proclitics that are apart from their word because it is in quotation marks.
    """

    TOPIC: ClassVar[str] = "proclitics"

    conjunctions: frozenset[str]
    prepositions: frozenset[str]
    future: frozenset[str]
    article: frozenset[str]
    contracted_article: frozenset[str]
    clusters: tuple[str, ...]
    alone: re.Pattern[str]

    def without_article(self, word: str) -> str:
        """Remove "the" in front of a word."""
        return next((word.removeprefix(article) for article in self.article if word.startswith(article)), word)

    def without_conjunction(self, word: str) -> str:
        """Remove "and" or "so" in front of a word."""
        return next((word.removeprefix(prefix) for prefix in self.conjunctions if word.startswith(prefix)), word)
