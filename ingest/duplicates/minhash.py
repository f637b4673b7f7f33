"""The keys that near-duplicates are looked up by: a few dozen numbers for each article.

Keys come from two sources. The bands of a MinHash over the shingles find an article that was edited throughout; the
hashes of single sentences find one that was cut to a small part.
"""

import functools
import hashlib
import zlib
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from ingest.duplicates.shingles import shingles
from ingest.language import sentences, words

KEYS_VERSION = 1
"""Keys of two versions never match: raise it when the same text would get other keys."""

_BANDS, _ROWS = 32, 3  # finds .986 of the pairs that share half of their shingles, .58 of those with .3, .03 with .1
_SENTENCE_WORDS = 8  # shorter sentences are greetings, credits and captions
_SENTENCE_KEYS = 64  # of one article; the smallest hashes, so that an article and its cuts choose the same ones
_SEED = 1


def lookup_keys(text: str) -> tuple[int, ...]:
    """Compute the keys of an article's text, about 1 ms for 300 words.

    Returns:
        Signed numbers of 64 bits, in no order. Two texts that share a key may be near-duplicates; those that share
        none are not.
    """
    split = [words(text[start:end]) for start, end in sentences(text)]
    all_words = [word for sentence in split for word in sentence]
    if not all_words:
        return ()
    hashes = {zlib.crc32(_utf_8(shingle)) for shingle in shingles(all_words)}
    signature = _minhash(hashes)
    bands = (_key(bytes([band]), signature[band * _ROWS : (band + 1) * _ROWS].tobytes()) for band in range(_BANDS))
    of_sentences = {_key(b"s", _utf_8(sentence)) for sentence in split if len(sentence) >= _SENTENCE_WORDS}
    return tuple({*bands, *sorted(of_sentences)[:_SENTENCE_KEYS]})


def _utf_8(words: Collection[str]) -> bytes:
    return " ".join(words).encode("utf-8", "surrogatepass")


def _key(kind: bytes, value: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(value, digest_size=8, person=kind).digest(), "big", signed=True)


def _minhash(hashes: Collection[int]) -> NDArray[np.uint32]:
    """The MinHash signature of a set of 32-bit hashes, shape (_BANDS * _ROWS,).

    Archives store keys that datasketch 2.0 computed with its scheme "affine32"; this computes the same: the finalizer
    of MurmurHash3, then `a * h + b` modulo 2**32 for each permutation, of which the smallest value counts.
    """
    mixed = np.fromiter(hashes, np.uint32, len(hashes))
    mixed ^= mixed >> 16
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> 13
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> 16
    factors, summands = _permutations()
    signature: NDArray[np.uint32] = (mixed[:, np.newaxis] * factors + summands).min(axis=0)
    return signature


@functools.cache
def _permutations() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The factors, which are odd, and the summands of the permutations; each of shape (_BANDS * _ROWS,)."""
    generator = np.random.RandomState(_SEED)
    size = _BANDS * _ROWS
    factors = generator.randint(0, 1 << 31, size, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, generator.randint(0, 1 << 32, size, dtype=np.uint32)
