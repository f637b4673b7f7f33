"""A text as it is compared: its sentences, their folded words, and the runs of words that it may share with another."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ingest.duplicates.boilerplate import without_furniture
from ingest.language import Figure, figures, folded, root, sentences, terms, words

SHINGLE = 4  # words: shorter runs meet by chance, longer ones break at every edit


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
    def bare(self) -> frozenset[str]:
        """Its words without those of figures."""
        return frozenset(word for word in self.words if not _counts(word))

    def alike(self, other: "Sentence") -> tuple[float, int]:
        """The share of the words of the shorter of two sentences that the other has, figures left out.

        Behind it how many they share, figures too, which tells apart those that have the same share.
        """
        fewest = min(len(self.bare), len(other.bare))
        share = len(self.bare & other.bare) / fewest if fewest >= SHINGLE - 1 else 0.0
        return share, len({*self.words} & {*other.words})


@dataclass(frozen=True, eq=False)
class Told:
    """A text without its furniture: all its folded words, its sentences and its runs of `SHINGLE` words."""

    words: Sequence[str]
    sentences: Sequence[Sentence]
    runs: frozenset[tuple[str, ...]]

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Its folded words, each once."""
        return frozenset(self.words)

    def without(self, other: "Told") -> list[int]:
        """The places of the sentences that the other one does not have; very short ones are left out."""
        known = {sentence.words for sentence in other.sentences}
        long = (place for place, sentence in enumerate(self.sentences) if len(sentence.words) >= SHINGLE)
        return [place for place in long if self.sentences[place].words not in known]

    def copied(self, other: "Told") -> float:
        """The share of the words that stand in the other one too, in runs."""
        held = [False] * len(self.words)
        for place, run in enumerate(runs(self.words)):
            if run in other.runs:
                held[place : place + len(run)] = [True] * len(run)
        return sum(held) / len(held)


@functools.lru_cache(maxsize=64)
def told(text: str) -> Told:
    """Take a text apart."""
    text = without_furniture(text)
    said = [Sentence(text[start:end], tuple(words(text[start:end]))) for start, end in sentences(text)]
    spoken = [word for sentence in said for word in sentence.words]
    return Told(spoken, said, frozenset(runs(spoken)))


def runs(spoken: Sequence[str]) -> list[tuple[str, ...]]:
    """Each word with those that follow it, `SHINGLE` together; of fewer words all of them."""
    return [tuple(spoken[at : at + SHINGLE]) for at in range(max(1, len(spoken) - SHINGLE + 1))]


def roots(text: str) -> list[str]:
    """The roots of the words of a text that are no function words, in order."""
    return [root(term) for term in terms(text)]


@functools.lru_cache(maxsize=50_000)
def _counts(word: str) -> bool:
    return bool(figures(word))
