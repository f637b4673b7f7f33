"""Split a text into the folded words, shingles and sentences that comparison needs."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ingest.duplicates.boilerplate import without_boilerplate
from ingest.language import Figure, detect, figures, folded, root, sentences, terms, words

SHINGLE_WORDS = 4
"""Words of a shingle: shorter ones match by chance, longer ones break at every edit."""


@dataclass(frozen=True, eq=False)
class Sentence:
    """A sentence of a text.

    Attributes:
        text: the sentence itself.
        words: its folded words.
        language: the language of the text, ISO 639-1.
    """

    text: str
    words: tuple[str, ...]
    language: str = ""

    @cached_property
    def folded(self) -> str:
        """The folded text."""
        return folded(self.text)

    @property
    def figures(self) -> Sequence[Figure]:
        """The figures, in order."""
        return figures(self.text, self.language)

    @cached_property
    def non_figures(self) -> frozenset[str]:
        """The folded words that are not figures."""
        return frozenset(word for word in self.words if not _is_figure(word, self.language))

    def similarity(self, other: "Sentence") -> tuple[float, int]:
        """How similar two sentences are.

        Returns:
            The share of the shorter sentence's words without figures that the other one has too; then, to order equal
            shares, the number of words that both have, figures included.
        """
        fewest = min(len(self.non_figures), len(other.non_figures))
        share = len(self.non_figures & other.non_figures) / fewest if fewest >= SHINGLE_WORDS - 1 else 0.0
        return share, len({*self.words} & {*other.words})


@dataclass(frozen=True, eq=False)
class ComparableText:
    """A text without boilerplate, its folded words and its shingles; its sentences once they are needed."""

    text: str
    words: Sequence[str]
    shingles: frozenset[tuple[str, ...]]

    @cached_property
    def language(self) -> str:
        """The detected language, ISO 639-1."""
        return detect(self.text)

    @cached_property
    def sentences(self) -> Sequence[Sentence]:
        """The sentences, in order."""
        pieces = (self.text[start:end] for start, end in sentences(self.text, self.language))
        return [Sentence(piece, tuple(words(piece)), self.language) for piece in pieces]

    @cached_property
    def distinct_words(self) -> frozenset[str]:
        """Each folded word once."""
        return frozenset(self.words)

    def sentences_missing_from(self, other: "ComparableText") -> list[int]:
        """The indexes of the sentences that another text does not have, apart from those of few words."""
        known = {sentence.words for sentence in other.sentences}
        return [
            index
            for index, sentence in enumerate(self.sentences)
            if len(sentence.words) >= SHINGLE_WORDS and sentence.words not in known
        ]

    def share_copied_from(self, other: "ComparableText") -> float:
        """The share of the words that are part of a shingle of another text."""
        copied = [False] * len(self.words)
        for index, shingle in enumerate(shingles(self.words)):
            if shingle in other.shingles:
                copied[index : index + len(shingle)] = [True] * len(shingle)
        return sum(copied) / len(copied)


@functools.lru_cache(maxsize=64)
def comparable(text: str) -> ComparableText:
    """Prepare a text for comparison."""
    text = without_boilerplate(text)
    all_words = words(text)
    return ComparableText(text, all_words, frozenset(shingles(all_words)))


def shingles(words: Sequence[str]) -> list[tuple[str, ...]]:
    """Every run of `SHINGLE_WORDS` words; a shorter text is one shingle."""
    return [tuple(words[start : start + SHINGLE_WORDS]) for start in range(max(1, len(words) - SHINGLE_WORDS + 1))]


def content_roots(text: str, language: str) -> list[str]:
    """The roots of a text's words in order, without function words."""
    return [root(term) for term in terms(text, language)]


@functools.lru_cache(maxsize=50_000)
def _is_figure(word: str, language: str) -> bool:
    return bool(figures(word, language))
