"""Whether two sentences that tell the same thing tell it the other way round: "sailed" and "did not sail".

A denial is compared by the words that it bears on, with the neighbours of the sentence too, because copies join and
part sentences. What is denied in one text only, and not spoken of in the other, is an addition.
"""

import functools
import re
from collections.abc import Sequence

from ingest.duplicates.shingles import roots
from ingest.language import folded, words

_SCOPE = 3  # terms behind a denial that it bears on; the first is what it denies, "sail" of "did not sail to Melora"
_MET = 2  # of them in a sentence that lacks the first: it speaks of the same thing all the same
_DENIAL = re.compile(
    r"n't\b|\b(?:not|no|never|without|nobody|none|neither|nor|cannot|denied|denies|deny|denying)\b"
    r"|\b[وف]?(?:لم|لن|لا|ليست?|ليسوا|غير|دون|بدون|بلا|عدم|نفي|نفت|نفوا|ينفي|تنفي|ينفون)\b"
)
_NO_DENIAL = re.compile(  # they deny nothing, or deny what a word without a denial says: "at no charge", "free"
    r"\bno (?:fewer|less|more|later|earlier) than\b|\bno doubt\b|\bnot (?:only|just|merely|least)\b|\bwhether or not\b"
    r"|\b(?:at no|without) (?:\w+ )?(?:charge|cost|fee)\b|\bno\.? ?(?=\d)"
    r"|\b[وف]?(?:لا|لم) [يت]?(?:زال|زالت|زالوا|زل|زالون)\b|\b[وف]?لا (?:[يت]قل عن|سيما|بد|شك)\b|\bليس فقط\b"
    r"|\b(?:من )?(?:دون|بدون|بلا|غير) (?:اي )?مقابل\b|\bغير ان\w*"
)
_CLAUSE = re.compile(r"[^,;:.!?]*")
_OPPOSITES = tuple(
    tuple(frozenset(folded(side).split()) for side in pair)
    for pair in (
        ("approve approves approved", "reject rejects rejected"),
        ("win wins won beat beats", "lose loses lost"),
        ("rise rises rose risen climbed", "fall falls fell fallen dropped"),
        ("guilty convicted", "cleared acquitted"),
        ("وافق وافقت يوافق توافق أقر أقرت", "رفض رفضت يرفض ترفض"),
        ("فاز فازت يفوز تفوز", "خسر خسرت يخسر تخسر"),
        ("ارتفع ارتفعت يرتفع ترتفع", "انخفض انخفضت تراجع تراجعت هبط هبطت"),
        ("أدان أدانت", "برأ برأت"),
    )
)
"""The verbs of decisions, results and prices; the other one turns a report around."""


def turned(said: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether two sentences turn each other around.

    Args:
        said: a sentence, then its neighbours.
        theirs: the sentence that is most like it, then its neighbours.
    """
    return _denies(said, theirs) or _denies(theirs, said) or _opposed(said[0], theirs[0])


def outright(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether of two texts' own sentences, one denies all that one of the other says: "the cause is not known yet".

    These sentences need not be alike: in short ones little is, but for what is denied.
    """
    return _all_denied(one, other) or _all_denied(other, one)


def _all_denied(one: Sequence[str], other: Sequence[str]) -> bool:
    also = {term for sentence in other for scope in _denied(sentence) for term in scope}
    scopes = {scope for sentence in one for scope in _denied(sentence) if len(scope) >= _MET}
    return any(also.isdisjoint(scope) and _stems(sentence).issuperset(scope) for scope in scopes for sentence in other)


def _denies(said: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether a sentence denies what the other one says."""
    denied = _denied(said[0])
    if not denied:
        return False
    also = {term for sentence in theirs for scope in _denied(sentence) for term in scope}
    held = _stems(theirs[0])
    return any(also.isdisjoint(scope) and _meets(scope, held) for scope in denied)


def _meets(scope: Sequence[str], held: frozenset[str]) -> bool:
    return scope[0] in held or sum(term in held for term in scope) >= _MET


@functools.lru_cache(maxsize=4_000)
def _denied(sentence: str) -> tuple[tuple[str, ...], ...]:
    """What each denial of a sentence bears on."""
    pieces = _DENIAL.split(_NO_DENIAL.sub(" ", folded(sentence)))
    scopes = (tuple(roots(_CLAUSE.match(piece).group())[:_SCOPE]) for piece in pieces[1:])  # type: ignore[union-attr]
    return tuple(scope for scope in scopes if scope)


@functools.lru_cache(maxsize=2_000)
def _stems(sentence: str) -> frozenset[str]:
    return frozenset(roots(sentence))


def _opposed(one: str, other: str) -> bool:
    """Whether one sentence has only the one side of a pair of opposites, and the other sentence only the other side."""
    spoken = [_without_and(words(sentence)) for sentence in (one, other)]
    sides = ({(bool(up & held), bool(down & held)) for held in spoken} for up, down in _OPPOSITES)
    return {(True, False), (False, True)} in sides


def _without_and(spoken: Sequence[str]) -> frozenset[str]:
    """The words, and each without an «و» or «ف» before it."""
    return frozenset(form for word in spoken for form in (word, word.removeprefix("و"), word.removeprefix("ف")))
