"""Clitics, prefixes and roots of Arabic words."""

import re
from collections.abc import Container

from ingest.language.data import Language
from ingest.language.morphology import Morphology
from ingest.language.proclitics import Proclitics

# Not read from proclitics.toml, because archives hold terms without these prefixes: they must never change.
_STEMMED_PREFIXES = re.compile("^(?:(?:و|ف)?(?:ال|بال|كال|لل)|و(?=.{3}))(?=.{2})")
_FORM_PREFIXES = re.compile("^(?:است|مست|يست|تست|مت|يت|تت|ال|ان|ا|ت|ي|ن|م)(?=..)")  # of verb forms and nouns
_WEAK_LETTERS = re.compile("[اويءه]")
_MIN_LETTERS = 3  # of a word without its clitics


class ArabicMorphology(Morphology):
    """Arabic writes "and", "in", "to" and the article as prefixes of the next word, and builds words around a root."""

    def without_clitics(self, word: str, known: Container[str], indefinite: Container[str]) -> str:
        """Remove "and", "in", "to" and the article in front of a word if a known word is left."""
        if word in known or not "\u0600" <= word[:1] <= "\u06ff":
            return word
        proclitics = Language("ar").topic(Proclitics)
        [article] = proclitics.article
        for cluster in proclitics.clusters:
            rest = word.removeprefix(cluster)
            if rest == word or len(rest) < _MIN_LETTERS:
                continue
            if rest in known and not (rest in indefinite and article in cluster):
                return rest
            if cluster in proclitics.contracted_article and article + rest in known:
                return article + rest
        return word

    def without_prefixes(self, word: str) -> str:
        """Remove "and" and the article, with a preposition between them."""
        return _STEMMED_PREFIXES.sub("", word)

    def root(self, term: str) -> str:
        """Remove the letters that the forms of a root add: «تراس», «رياس» and «رييس» are «رس»."""
        root = _WEAK_LETTERS.sub("", _FORM_PREFIXES.sub("", term))
        return root if len(root) > 1 else term


MORPHOLOGY = ArabicMorphology()
