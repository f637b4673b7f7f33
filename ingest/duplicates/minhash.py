"""What an article is looked up by: a few dozen keys.

The bands of a MinHash over its shingles find one that was edited all over, the hashes of its sentences one that was cut
to a small part.
"""

import functools
import hashlib
import zlib
from collections.abc import Iterable
from typing import Any

from ingest.duplicates.shingles import runs
from ingest.language import sentences, words

KEYS_VERSION = 1
"""The version of the keys: those of two versions don't meet."""

_BANDS, _ROWS = 32, 3  # finds .986 of those whose shingles are half the same, .58 of .3, .03 of .1
_SENTENCE = 8  # words: shorter sentences are greetings, credits and captions
_SENTENCES = 64  # keys of one article; of a longer one those with the least hashes, so that its cuts choose alike


def lookup_keys(text: str) -> tuple[int, ...]:
    """What an article's text is looked up by: each a signed number of 64 bits, in no order.

    Texts that share no key are no copies of each other; those that do may be. About 1 ms for 300 words.
    """
    said = [words(text[start:end]) for start, end in sentences(text)]
    spoken = [word for one in said for word in one]
    if not spoken:
        return ()
    shingles = {zlib.crc32(" ".join(run).encode("utf-8", "surrogatepass")) for run in runs(spoken)}
    values = _minhash(shingles)
    bands = (_key(bytes([band]), values[band * _ROWS : (band + 1) * _ROWS].tobytes()) for band in range(_BANDS))
    told = {_key(b"s", " ".join(one).encode("utf-8", "surrogatepass")) for one in said if len(one) >= _SENTENCE}
    return tuple({*bands, *sorted(told)[:_SENTENCES]})


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
