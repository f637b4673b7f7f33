"""Clitics, prefixes and roots of Arabic words."""

import re
from collections.abc import Container

from ingest.language.morphology import Morphology

_CLITICS = ("و", "ف", "ب", "ل", "ال", "وال", "بال", "وب", "ول", "لل")
_ARTICLE = "ال"
_TO_THE = "لل"  # "to" and the article in one
_PREFIXES = re.compile("^(?:(?:و|ف)?(?:ال|بال|كال|لل)|و(?=.{3}))(?=.{2})")
_FORMS = re.compile("^(?:است|مست|يست|تست|مت|يت|تت|ال|ان|ا|ت|ي|ن|م)(?=..)")  # what verb forms and nouns put in front
_WEAK_LETTERS = re.compile("[اويءه]")


class ArabicMorphology(Morphology):
    """Arabic writes "and", "in", "to" and the article as part of the next word, and builds words around a root."""

    def without_clitics(self, word: str, known: Container[str], indefinite: Container[str]) -> str:
        """Remove "and", "in", "to" and the article in front of a word if a known word is left."""
        if word in known or not "\u0600" <= word[:1] <= "\u06ff":
            return word
        for clitic in _CLITICS:
            rest = word.removeprefix(clitic)
            if rest == word or len(rest) < 3:
                continue
            if rest in known and not (rest in indefinite and _ARTICLE in clitic):
                return rest
            if clitic == _TO_THE and _ARTICLE + rest in known:
                return _ARTICLE + rest
        return word

    def without_prefixes(self, word: str) -> str:
        """Remove "and" and the article, with a preposition between them."""
        return _PREFIXES.sub("", word)

    def root(self, term: str) -> str:
        """Remove the letters that the forms of a root add: «تراس», «رياس» and «رييس» are «رس»."""
        root = _WEAK_LETTERS.sub("", _FORMS.sub("", term))
        return root if len(root) > 1 else term


MORPHOLOGY = ArabicMorphology()
