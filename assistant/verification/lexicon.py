"""The words that the proof of a statement depends on."""

from dataclasses import dataclass
from typing import ClassVar

from ingest.language.data import language


@dataclass(frozen=True)
class Lexicon:
    """Sets of folded words.

    Attributes:
        optional: carry no meaning of their own; a shortening may leave them out or put them in, anywhere.
        prepositions: begin a phrase that a clause can do without.
        clauses: begin a clause that another can do without; what is denied, supposed or said in it is so in it alone.
        coordinators: "and", "or".
        factive: what stands behind one of them is so, and can stand alone.
        times: a phrase of these and numbers may be left out anywhere.
        titles: may be left out before a name.
        negations: without one of these something else is said.
        hedges: the same.
        limits: the same.
        saying: the same.
        attributions: the rest depends on them wherever they stand in what is left out.
        conditions: the same, except in a clause of their own.
        bounds: where one stands, leaving out a narrower phrase says more: "no one in the north was hurt".
        voices: somebody speaks for himself.
        percent: "per cent", however it is written.
        possessive: endings of a name that belongs with the next word: "Syria's | north".
        endings: what is written behind a word and an apostrophe -> the word that it stands for: "t" -> "not".
        attached: letters written in one with the next word: "and", the future.
    """

    TOPIC: ClassVar[str] = "proof"

    optional: frozenset[str]
    prepositions: frozenset[str]
    clauses: frozenset[str]
    coordinators: frozenset[str]
    factive: frozenset[str]
    times: frozenset[str]
    titles: frozenset[str]
    negations: frozenset[str]
    hedges: frozenset[str]
    limits: frozenset[str]
    saying: frozenset[str]
    attributions: frozenset[str]
    conditions: frozenset[str]
    bounds: frozenset[str]
    voices: frozenset[str]
    percent: frozenset[str]
    possessive: frozenset[str]
    endings: dict[str, str]
    attached: frozenset[str]

    def has(self, word: str, words: frozenset[str]) -> bool:
        """Whether a folded word is one of these, alone or with what is written in one with it."""
        if word in words:
            return True
        stem, apostrophe, ending = word.partition("'")
        if apostrophe:
            return stem in words or self.endings.get(ending) in words
        bare = word.lstrip("".join(self.attached))
        return bare != word and bare in words


def lexicon(code: str) -> Lexicon | None:
    """The lexicon of a language, by its ISO 639-1 code; None where its folder says nothing of proof."""
    known = language(code)
    words = known.topic(Lexicon) if known else None
    return words if words and words.negations else None
