"""Tell whether one of two similar sentences says the opposite of the other: "sailed" and "did not sail".

Denials are compared by the words in their scope. The neighbours of a sentence are compared too, because copies join and
split sentences. A denial of something that the other text does not mention is an addition, not a contradiction.
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

_SCOPE = 3  # terms behind a denial that are its scope; the first is the denied one: "sail" in "did not sail to Oran"
_SHARED = 2  # terms of a scope that a sentence about the same thing has, if it lacks the first one
_CLAUSE = re.compile(r"[^,;:.!?]*")

Scope = tuple[str, ...]


@dataclass(frozen=True)
class Polarity:
    """Denials and opposites.

    Attributes:
        denials: words that deny the words behind them.
        not_denials: phrases that contain such a word and deny nothing.
        positive: a word -> its subject: "won" -> "victory".
        negative: an opposite word -> the same subject: "lost" -> "victory".
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
        other: the sentence most similar to it, then its neighbours.
        language: of the sentences, ISO 639-1.
    """
    return _denies(one, other, language) or _denies(other, one, language) or _are_opposed(one[0], other[0], language)


def denied_outright(one: Sequence[str], other: Sequence[str], language: str) -> bool:
    """Whether a sentence of one text denies all that a sentence of the other says: "the cause is not known yet".

    The sentences need not be similar, because short ones may share only the denied words.

    Args:
        one: the sentences that only one text has.
        other: the sentences that only the other text has.
        language: of the texts, ISO 639-1.
    """
    return _denies_all(one, other, language) or _denies_all(other, one, language)


def _denies_all(one: Sequence[str], other: Sequence[str], language: str) -> bool:
    also_denied = _denied_terms(other, language)
    scopes = {scope for sentence in one for scope in _scopes(sentence, language) if len(scope) >= _SHARED}
    return any(
        also_denied.isdisjoint(scope) and _root_set(sentence, language).issuperset(scope)
        for scope in scopes
        for sentence in other
    )


def _denies(one: Sequence[str], other: Sequence[str], language: str) -> bool:
    """Whether the first of some sentences denies the first of some others."""
    scopes = _scopes(one[0], language)
    if not scopes:
        return False
    also_denied, roots = _denied_terms(other, language), _root_set(other[0], language)
    return any(
        also_denied.isdisjoint(scope) and (scope[0] in roots or sum(term in roots for term in scope) >= _SHARED)
        for scope in scopes
    )


def _denied_terms(sentences: Iterable[str], language: str) -> set[str]:
    return {term for sentence in sentences for scope in _scopes(sentence, language) for term in scope}


@functools.lru_cache(maxsize=4_000)
def _scopes(sentence: str, language: str) -> tuple[Scope, ...]:
    """The terms in the scope of each denial of a sentence."""
    known = merged(Polarity, language)
    pieces = known.denials.split(known.not_denials.sub(" ", folded(sentence)))
    clauses = (_CLAUSE.match(piece).group() for piece in pieces[1:])  # type: ignore[union-attr] # it always matches
    scopes = (tuple(content_roots(clause, language)[:_SCOPE]) for clause in clauses)
    return tuple(scope for scope in scopes if scope)


@functools.lru_cache(maxsize=2_000)
def _root_set(sentence: str, language: str) -> frozenset[str]:
    return frozenset(content_roots(sentence, language))


def _are_opposed(one: str, other: str, language: str) -> bool:
    """Whether one sentence has only positive words on some subject, and the other only negative ones."""
    (yes, no), (other_yes, other_no) = _subjects(one, language), _subjects(other, language)
    return bool((yes - no) & (other_no - other_yes) or (no - yes) & (other_yes - other_no))


def _subjects(sentence: str, language: str) -> tuple[set[str], set[str]]:
    """The subjects on which a sentence has a positive word, and those on which it has a negative one."""
    known, conjunctions = merged(Polarity, language), merged(Proclitics, language).conjunctions
    forms = [form for word in words(sentence) for form in (word, *map(word.removeprefix, conjunctions))]
    return (
        {known.positive[form] for form in forms if form in known.positive},
        {known.negative[form] for form in forms if form in known.negative},
    )
