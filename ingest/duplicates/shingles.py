"""A text as it is compared with others: its sentences, their folded words, and its shingles."""

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
    """A sentence as it stands, and its folded words."""

    text: str
    words: tuple[str, ...]

    @cached_property
    def folded(self) -> str:
        """Its folded text."""
        return folded(self.text)

    @property
    def figures(self) -> Sequence[Figure]:
        """Its figures, in order."""
        return figures(self.text)

    @cached_property
    def non_figures(self) -> frozenset[str]:
        """Its words without those of figures."""
        return frozenset(word for word in self.words if not _is_figure(word))

    def similarity(self, other: "Sentence") -> tuple[float, int]:
        """How alike two sentences are.

        Returns:
            The share of the words of the shorter sentence, figures left out, that the other one has too; then, to
            tell equal shares apart, the number of words that both have, with figures.
        """
        fewest = min(len(self.non_figures), len(other.non_figures))
        share = len(self.non_figures & other.non_figures) / fewest if fewest >= SHINGLE_WORDS - 1 else 0.0
        return share, len({*self.words} & {*other.words})


@dataclass(frozen=True, eq=False)
class ComparableText:
    """A text without boilerplate, taken apart: all its folded words, its sentences and its shingles."""

    text: str
    words: Sequence[str]
    sentences: Sequence[Sentence]
    shingles: frozenset[tuple[str, ...]]

    @cached_property
    def language(self) -> str:
        """Its language, ISO 639-1."""
        return detect(self.text)

    @cached_property
    def distinct_words(self) -> frozenset[str]:
        """Its folded words, each once."""
        return frozenset(self.words)

    def sentences_missing_from(self, other: "ComparableText") -> list[int]:
        """The indexes of the sentences that another text does not have; very short ones are left out."""
        known = {sentence.words for sentence in other.sentences}
        long = (index for index, sentence in enumerate(self.sentences) if len(sentence.words) >= SHINGLE_WORDS)
        return [index for index in long if self.sentences[index].words not in known]

    def share_copied_from(self, other: "ComparableText") -> float:
        """The share of the words that lie in a shingle of another text."""
        copied = [False] * len(self.words)
        for index, shingle in enumerate(shingles(self.words)):
            if shingle in other.shingles:
                copied[index : index + len(shingle)] = [True] * len(shingle)
        return sum(copied) / len(copied)


@functools.lru_cache(maxsize=64)
def comparable(text: str) -> ComparableText:
    """Take a text apart."""
    text = without_boilerplate(text)
    split = [Sentence(text[start:end], tuple(words(text[start:end]))) for start, end in sentences(text)]
    all_words = [word for sentence in split for word in sentence.words]
    return ComparableText(text, all_words, split, frozenset(shingles(all_words)))


def shingles(words: Sequence[str]) -> list[tuple[str, ...]]:
    """Each run of `SHINGLE_WORDS` words; of a text with fewer, all its words as one."""
    return [tuple(words[at : at + SHINGLE_WORDS]) for at in range(max(1, len(words) - SHINGLE_WORDS + 1))]


def content_roots(text: str) -> list[str]:
    """The roots of a text's words in order, function words left out."""
    return [root(term) for term in terms(text)]


@functools.lru_cache(maxsize=50_000)
def _is_figure(word: str) -> bool:
    return bool(figures(word))
