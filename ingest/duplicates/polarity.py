"""Whether one of two sentences that are alike says the opposite: "sailed" and "did not sail".

A denial is compared by the words in its scope, with the neighbours of the sentence too, because copies join and split
sentences. What one text denies and the other does not mention is an addition.
"""

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ingest.duplicates.shingles import content_roots
from ingest.language import folded, words
from ingest.language.data import merged
from ingest.language.proclitics import Proclitics

_SCOPE = 3  # terms behind a denial that are in its scope; the first is what it denies, "sail" in "did not sail to Oran"
_MET = 2  # of them in a sentence without the first: it is about the same thing all the same
_CLAUSE = re.compile(r"[^,;:.!?]*")

Scope = tuple[str, ...]


@dataclass(frozen=True)
class Polarity:
    """Denials and opposites.

    Attributes:
        denials: words that deny what follows.
        not_denials: phrases with such a word that deny nothing.
        positive: a word -> what it decides: "won" -> "victory".
        negative: the same for its opposites: "lost" -> "victory".
    """

    TOPIC: ClassVar[str] = "polarity"

    denials: re.Pattern[str]
    not_denials: re.Pattern[str]
    positive: dict[str, str]
    negative: dict[str, str]


def are_opposite(one: Sequence[str], other: Sequence[str], language: str) -> bool:
    """Whether two sentences say the opposite of each other.

    Args:
        one: a sentence, then its neighbours.
        other: the sentence that is most like it, then its neighbours.
        language: of the sentences, ISO 639-1.
    """
    return _denies(one, other, language) or _denies(other, one, language) or _are_opposed(one[0], other[0], language)


def denied_outright(one: Sequence[str], other: Sequence[str], language: str) -> bool:
    """Whether a sentence of one text denies all that a sentence of the other says: "the cause is not known yet".

    The sentences need not be alike: short ones share little but what is denied.

    Args:
        one: sentences that only one text has.
        other: sentences that only the other has.
        language: of the texts, ISO 639-1.
    """
    return _denies_all(one, other, language) or _denies_all(other, one, language)


def _denies_all(one: Sequence[str], other: Sequence[str], language: str) -> bool:
    also_denied = _denied_terms(other, language)
    scopes = {scope for sentence in one for scope in _scopes(sentence, language) if len(scope) >= _MET}
    return any(
        also_denied.isdisjoint(scope) and _root_set(sentence).issuperset(scope)
        for scope in scopes
        for sentence in other
    )


def _denies(one: Sequence[str], other: Sequence[str], language: str) -> bool:
    """Whether the first sentence of one denies what the first sentence of the other says."""
    scopes = _scopes(one[0], language)
    if not scopes:
        return False
    also_denied, held = _denied_terms(other, language), _root_set(other[0])
    return any(also_denied.isdisjoint(scope) and _mentions(held, scope) for scope in scopes)


def _mentions(held: frozenset[str], scope: Scope) -> bool:
    return scope[0] in held or sum(term in held for term in scope) >= _MET


def _denied_terms(sentences: Iterable[str], language: str) -> set[str]:
    return {term for sentence in sentences for scope in _scopes(sentence, language) for term in scope}


@functools.lru_cache(maxsize=4_000)
def _scopes(sentence: str, language: str) -> tuple[Scope, ...]:
    """The terms in the scope of each denial of a sentence."""
    known = merged(Polarity, language)
    pieces = known.denials.split(known.not_denials.sub(" ", folded(sentence)))
    clauses = (_CLAUSE.match(piece).group() for piece in pieces[1:])  # type: ignore[union-attr] # it matches at least nothing
    scopes = (tuple(content_roots(clause)[:_SCOPE]) for clause in clauses)
    return tuple(scope for scope in scopes if scope)


@functools.lru_cache(maxsize=2_000)
def _root_set(sentence: str) -> frozenset[str]:
    return frozenset(content_roots(sentence))


def _are_opposed(one: str, other: str, language: str) -> bool:
    """Whether of some subject one sentence has only positive words and the other only negative ones."""
    known = merged(Polarity, language)
    forms = [_forms(words(sentence), language) for sentence in (one, other)]
    sides = [
        (
            {known.positive[word] for word in held & known.positive.keys()},
            {known.negative[word] for word in held & known.negative.keys()},
        )
        for held in forms
    ]
    (yes, no), (their_yes, their_no) = sides
    return bool((yes - no) & (their_no - their_yes) or (no - yes) & (their_yes - their_no))


def _forms(spoken: Sequence[str], language: str) -> frozenset[str]:
    """The words, and each without a conjunction that is written in one with it."""
    conjunctions = merged(Proclitics, language).conjunctions
    return frozenset(form for word in spoken for form in (word, *(word.removeprefix(one) for one in conjunctions)))
