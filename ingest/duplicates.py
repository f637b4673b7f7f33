"""The same story on many wires: what an article is looked up by, and whether two articles tell it word for word.

An article is looked up by a few dozen keys: the bands of a MinHash over its shingles find one that was edited all over,
the hashes of its sentences one that was cut to a small part. What shares a key is only a candidate: `kinship` compares
the words themselves. The same wording with other figures is an update, or another day's report, and no copy.
"""

import functools
import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ingest.text import ARABIC_NUMBERS, DAYS, ENGLISH_NUMBERS, MONTHS, sentences, words

SIGNATURE = 1
"""The version of the keys: those of two versions don't meet."""

Kinship = Literal["copy", "update", "other"]

_SHINGLE = 4  # words: shorter ones meet by chance, longer ones break at every edit
_BANDS, _ROWS = 32, 3  # finds .986 of those whose shingles are half the same, .58 of .3, .03 of .1
_SENTENCE = 8  # words: shorter sentences are greetings, credits and captions
_SENTENCES = 64  # keys of one article; of a longer one those with the least hashes, so that its cuts choose alike

# Measured on the pairs of tests/data/near_copies.jsonl.
_COPIED = 0.6  # of the shorter one's words stand in the other, in runs of `_SHINGLE` or more
_ALIKE = 0.6  # of the shorter sentence's words: two sentences say the same thing, and their figures are compared

_NUMBERS = {**ENGLISH_NUMBERS, **ARABIC_NUMBERS, "hundred": 100, "واحد": 1, "واحده": 1}
_NAMED = {
    **{word: f"day{number}" for word, number in DAYS.items()},
    **{word: f"month{number}" for word, number in MONTHS.items()},
}
_NOT = frozenset("not no never without denied لا لم لن ليس ليست دون نفي نفت ينفي تنفي".split())


def keys(text: str) -> tuple[int, ...]:
    """What an article's text is looked up by: each a signed number of 64 bits, in no order.

    Texts that share no key are no copies of each other; those that do may be. About 1 ms for 300 words.
    """
    said = _said(text)
    spoken = [word for one in said for word in one]
    if not spoken:
        return ()
    shingles = {zlib.crc32(" ".join(run).encode("utf-8", "surrogatepass")) for run in _runs(spoken)}
    values = _minhash(shingles)
    bands = (_key(bytes([band]), values[band * _ROWS : (band + 1) * _ROWS].tobytes()) for band in range(_BANDS))
    told = {_key(b"s", " ".join(one).encode("utf-8", "surrogatepass")) for one in said if len(one) >= _SENTENCE}
    return tuple({*bands, *sorted(told)[:_SENTENCES]})


def kinship(one: str, other: str) -> Kinship:
    """Whether two articles tell the same story word for word.

    Args:
        one: the text of an article.
        other: that of another.

    Returns:
        "copy": the shorter one stands in the other, but for a lead of its own, cuts and small changes; "update": so it
        does, but with other figures, days or a "not" where they say the same thing; "other": it does not.
    """
    short, long = sorted((_told(one), _told(other)), key=lambda told: len(told.words))
    if not short.words or short.copied(long) < _COPIED:
        return "other"
    return "update" if _differ(short, long) else "copy"


@dataclass(frozen=True)
class _Told:
    """A text's folded words, all of them and by sentence, and its runs of `_SHINGLE` words."""

    words: Sequence[str]
    sentences: Sequence[Sequence[str]]
    runs: frozenset[tuple[str, ...]]

    def copied(self, other: "_Told") -> float:
        """The share of the words that stand in the other one too, in runs."""
        held = [False] * len(self.words)
        for place, run in enumerate(_runs(self.words)):
            if run in other.runs:
                held[place : place + len(run)] = [True] * len(run)
        return sum(held) / len(held)


@functools.lru_cache(maxsize=64)
def _told(text: str) -> _Told:
    said = _said(text)
    spoken = [word for one in said for word in one]
    return _Told(spoken, said, frozenset(_runs(spoken)))


def _said(text: str) -> list[list[str]]:
    """The folded words of each sentence."""
    return [words(text[start:end]) for start, end in sentences(text)]


def _runs(spoken: Sequence[str]) -> list[tuple[str, ...]]:
    """Each word with those that follow it; of fewer words all of them."""
    return [tuple(spoken[at : at + _SHINGLE]) for at in range(max(1, len(spoken) - _SHINGLE + 1))]


def _differ(one: _Told, other: _Told) -> bool:
    """Whether a sentence of one says with other figures what a sentence of the other says."""
    known = {tuple(said) for said in other.sentences}
    bags = [(frozenset(said), said) for said in other.sentences]
    for said in one.sentences:
        if tuple(said) in known or len(said) < _SHINGLE:
            continue
        mine = frozenset(said)
        alike, nearest = max(((_alike(mine, bag), theirs) for bag, theirs in bags), key=lambda pair: pair[0])
        if alike >= _ALIKE and _contradict(said, nearest):
            return True
    return False


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of the words of the shorter of two sentences that the other has, figures left out."""
    bare, others = ({word for word in bag if not _figure(word)} for bag in (one, other))
    fewest = min(len(bare), len(others))
    return len(bare & others) / fewest if fewest >= _SHINGLE - 1 else 0.0


def _contradict(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether each has a figure that the other has not, or only one of them a "not"."""
    mine, theirs = (set(filter(None, map(_figure, said))) for said in (one, other))
    return bool(mine - theirs and theirs - mine) or bool(_NOT & set(one)) != bool(_NOT & set(other))


@functools.lru_cache(maxsize=50_000)
def _figure(word: str) -> str:
    """What a word counts or which day it names: "14" of "fourteen"; "" for a word that does neither."""
    if word[0].isdigit():
        return word.replace(",", "")
    bare = word[1:] if word[0] == "و" and len(word) > 3 else word  # «وعشرين»
    for form in (word, bare):
        if form in _NUMBERS:
            return str(_NUMBERS[form])
        if form in _NAMED:
            return _NAMED[form]
    return ""


def _key(kind: bytes, value: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(value, digest_size=8, person=kind).digest(), "big", signed=True)


def _minhash(hashes: Iterable[int]) -> Any:  # noqa: ANN401 - the library has no types: uint32 of shape (_BANDS * _ROWS,)
    from datasketch import MinHash  # it brings scipy: 0.5 s

    sketch = MinHash(_BANDS * _ROWS, hashfunc=int, permutations=_permutations(), scheme="affine32")
    sketch.update_batch(hashes)
    return sketch.hashvalues


@functools.cache
def _permutations() -> Any:  # noqa: ANN401 - as above
    from datasketch import MinHash

    return MinHash(_BANDS * _ROWS).permutations
