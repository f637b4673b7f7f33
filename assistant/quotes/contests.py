"""Who won and who lost, and what is more than what: "Norwick beat Harrow" is not "Harrow beat Norwick"."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.text import folded, terms

_WON = re.compile(
    r"wins?|won|winning|victory|[وف]?(?:فاز|[يت]فوز|[ايت]نتصر|[يت]?تغلب)(?:ت|وا|ون|ا)?|[وفب]?(?:ال)?(?:فوز|انتصار)"
)
_LOST = re.compile(r"los(?:e|es|t|ing)|[وف]?(?:خسر|[يت]خسر|انهزم|[يت]نهزم)(?:ت|وا|ون|ا)?|[وفب]?(?:ال)?(?:خساره|هزيمه)")
_BEAT = re.compile(r"beat(?:s|en|ing)?|defeat(?:s|ed|ing)?|[وف]?[يت]?هزم(?:ت|وا|ون)?")
_BE = frozenset("is are was were be been being".split())
_NOUN = frozenset("a an the his her its their this first second".split())
_AGAINST = frozenset(folded("to against over by على أمام ضد يد").split())
_ENDS = re.compile(r"\d.*|in|on|at|after|with|by|to|for|from|and|في|بعد|يوم|ب\w+|خلال|امام|علي|من")
_MORE = re.compile(r"[وف]?ا\w{3}")
"""An Arabic comparative: «أسرع من»."""
_NAME = 4
"""Words of a name and what stands with it, at most."""


@dataclass(frozen=True, slots=True)
class Contest:
    """The verb of a contest, and the words before and behind it that name whoever won and lost."""

    word: str
    won: bool
    winner: frozenset[str]
    loser: frozenset[str]

    def agrees(self, other: "Contest") -> bool:
        """Whether one and the same won or lost in both."""
        return bool(self.winner & other.winner or self.loser & other.loser)

    def turns(self, other: "Contest") -> bool:
        """Whether the one who won in one lost in the other; of one word both must have changed their places."""
        places = (self.winner & other.loser, self.loser & other.winner)
        return all(places) if self.won == other.won else any(places)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The word that compares, and the words on either side of "than"."""

    word: str
    more: frozenset[str]
    less: frozenset[str]


def reversed_roles(statement: Sequence[Sequence[str]], quotes: Sequence[Sequence[str]]) -> str:
    """How a statement exchanges who won and who lost; empty if it does not.

    Args:
        statement: the folded words of each of its clauses, in order, without those that deny.
        quotes: the same of the quotes.
    """
    own, there = list(_contests(statement)), list(_contests(quotes))
    if any(len({contest.won for contest in found}) != 1 for found in (own, there)):
        return ""  # one side has no contest, or tells both of winning and of losing
    for said in (said for said in own if not any(map(said.agrees, there))):
        turned = next((quoted for quoted in there if said.turns(quoted)), None)
        if turned or said.won != there[0].won:
            return f"it says {said.word!r} where its quotes say {(turned or there[0]).word!r}"
    return ""


def exchanged_sides(statement: Sequence[Sequence[str]], quotes: Sequence[Sequence[str]]) -> str:
    """How a statement turns a comparison around, "imports grew faster than exports"; empty if it does not."""
    there = [side for words in quotes for side in _compared(words)]
    for said in (side for words in statement for side in _compared(words)):
        for quoted in there:
            ours, theirs = said.less & quoted.more - quoted.less, said.more & quoted.less - quoted.more
            if said.word == quoted.word and ours and theirs:
                return f"it compares {', '.join(theirs)} with {', '.join(ours)} the other way round"
    return ""


def _compared(words: Sequence[str]) -> Iterator[Comparison]:
    for place, (word, than) in enumerate(itertools.pairwise(words)):
        if than == "than" or (than == "من" and _MORE.fullmatch(word)):
            sides = (words[:place], words[place + 2 : place + 2 + _NAME])
            more, less = (frozenset(term for one in side for term in terms(one)) for side in sides)
            yield Comparison(word, more, less)


def _contests(clauses: Sequence[Sequence[str]]) -> Iterator[Contest]:
    for words in clauses:
        for place, word in enumerate(words):
            if won := _outcome(words, place):
                first, second = _sides(words, place)
                winner, loser = (first, second) if won > 0 else (second, first)
                yield Contest(word, won > 0, winner, loser)


def _outcome(words: Sequence[str], place: int) -> int:
    """1 if whoever the word is said of won, -1 if they lost, 0 if it is no word of a contest."""
    word, before = words[place], words[max(place - 2, 0) : place]
    passive = _is_by(words[place + 1 :])
    if _WON.fullmatch(word):
        return -1 if passive else 1
    if _LOST.fullmatch(word):
        return 1 if passive and not _BE.isdisjoint(before) else -1
    if not _BEAT.fullmatch(word):
        return 0
    passive = passive or (not _BE.isdisjoint(before) and not word.endswith("ing"))
    noun = word == "defeat" and not _NOUN.isdisjoint(before)
    return -1 if passive or noun or (not word.isascii() and "امام" in words[place:]) else 1


def _is_by(behind: Sequence[str]) -> bool:
    return bool(behind) and behind[0] == "by"


def _sides(words: Sequence[str], place: int) -> tuple[frozenset[str], frozenset[str]]:
    """Of whom a word of a contest is said, and against whom; Arabic names the first behind the verb."""
    behind = words[place + 1 :]
    against = next((at + 1 for at, word in enumerate(behind) if word in _AGAINST), None)
    if not words[place].isascii() and behind and behind[0] not in _AGAINST:
        first, second = _name(behind[:1]), _name(behind[1:] if against is None else behind[against:])
    else:
        direct = _BEAT.fullmatch(words[place]) and not _is_by(behind)
        named = [word for word in words[:place] if not word.isdigit() and (terms(word) or word in _AGAINST)]
        first = frozenset(term for word in named[-_NAME:] for term in terms(word))
        second = _name(behind if direct else behind[against:] if against is not None else [])
    return first, second


def _name(words: Sequence[str]) -> frozenset[str]:
    """The terms of the words up to one that a name does not go on with."""
    ends = next((at for at, word in enumerate(words[:_NAME]) if _ENDS.fullmatch(word)), _NAME)
    return frozenset(term for word in words[:ends] for term in terms(word))
