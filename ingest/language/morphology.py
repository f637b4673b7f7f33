"""How a language builds words, where that needs code.

A language whose words change by more than their endings has a module `morphology.py` in its folder: a subclass of
`Morphology`, and an instance of it named `MORPHOLOGY`. All other languages use `Morphology` itself.
"""

from collections.abc import Container


class Morphology:
    """Leave every word as it is. All words are folded."""

    def without_clitics(self, word: str, known: Container[str], indefinite: Container[str]) -> str:
        """Remove the clitics in front of a word if a known word is left, else return it unchanged.

        Args:
            word: with or without clitics.
            known: the words to look for.
            indefinite: the known words that do not count behind an article.
        """
        return word

    def without_prefixes(self, word: str) -> str:
        """Remove the prefixes that a stemmer leaves. Archives hold the result: it must never change."""
        return word

    def root(self, term: str) -> str:
        """The letters that related words share."""
        return term
