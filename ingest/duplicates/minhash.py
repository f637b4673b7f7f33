"""Compute the keys by which near-duplicates are looked up: a few dozen numbers for each article.

There are two kinds of keys. The bands of a MinHash over the shingles find an article that was edited throughout. The
hashes of single sentences find an article that was cut to a small part. Keys do not depend on the language that a text
was detected to have, because a short copy of an article may be taken for another language.
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
"""The version of the keys. Keys of two versions never match: raise it if the same text would get other keys."""

_BANDS, _ROWS = 32, 3  # find .986 of the pairs that share .5 of their shingles, .58 of those at .3, .03 of those at .1
_SENTENCE_WORDS = 8  # shorter sentences are greetings, credits and captions
_SENTENCE_KEYS = 64  # at most, the smallest hashes: an article and a part of it choose the same ones
_SEED = 1


def lookup_keys(text: str) -> tuple[int, ...]:
    """Compute the keys of an article's text, about 1 ms for 300 words.

    Returns:
        Signed 64-bit numbers, in no order. Only texts that share a key can be near-duplicates.
    """
    words_of_sentences = [words(text[start:end]) for start, end in sentences(text)]
    all_words = [word for sentence in words_of_sentences for word in sentence]
    if not all_words:
        return ()
    hashes = {zlib.crc32(_utf_8(shingle)) for shingle in shingles(all_words)}
    signature = _minhash(hashes)
    bands = (_key(bytes([band]), signature[band * _ROWS : (band + 1) * _ROWS].tobytes()) for band in range(_BANDS))
    of_sentences = {_key(b"s", _utf_8(sentence)) for sentence in words_of_sentences if len(sentence) >= _SENTENCE_WORDS}
    return tuple({*bands, *sorted(of_sentences)[:_SENTENCE_KEYS]})


def _utf_8(words: Collection[str]) -> bytes:
    return " ".join(words).encode("utf-8", "surrogatepass")


def _key(kind: bytes, value: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(value, digest_size=8, person=kind).digest(), "big", signed=True)


def _minhash(hashes: Collection[int]) -> NDArray[np.uint32]:
    """The MinHash signature of a set of 32-bit hashes, shape (_BANDS * _ROWS,).

    It equals the scheme "affine32" of datasketch 2.0, whose keys archives store: the finalizer of MurmurHash3, then the
    smallest `a * h + b` modulo 2**32 for each permutation.
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
    """The odd factors and the summands of the permutations, each of shape (_BANDS * _ROWS,)."""
    generator = np.random.RandomState(_SEED)
    size = _BANDS * _ROWS
    factors = generator.randint(0, 1 << 31, size, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, generator.randint(0, 1 << 32, size, dtype=np.uint32)
