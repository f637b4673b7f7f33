"""How a language builds words, where data cannot say it.

A language whose words change by more than their ends has a module `morphology.py` in its folder, with a subclass of
`Morphology` and an instance of it named `MORPHOLOGY`. All other languages use `Morphology` itself.
"""

from collections.abc import Container


class Morphology:
    """Leave every word as it is. All words are folded."""

    def without_clitics(self, word: str, known: Container[str], indefinite: Container[str]) -> str:
        """Remove the clitics in front of a word if a known word is left, else return it unchanged.

        Args:
            word: with or without clitics.
            known: the words to look for.
            indefinite: those of them that do not count with an article.
        """
        return word

    def without_prefixes(self, word: str) -> str:
        """Remove what a stemmer leaves in front of a word. Archives hold the result: it never changes."""
        return word

    def root(self, term: str) -> str:
        """The letters that related words share."""
        return term
