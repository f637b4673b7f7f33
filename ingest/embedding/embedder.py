"""What an archive needs of an embedding."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Embeds passages and questions; may be called from any thread.

    Attributes:
        name: stored with the archive: the same name always stands for the same vectors.
    """

    name: str

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages: shape (len(texts), dimension), rows of unit length.

        Raises:
            ModelError: the model failed or refused.
        """
        ...

    def query(self, text: str) -> Vectors:
        """Embed a question: shape (dimension,), unit length.

        Raises:
            ModelError: the model failed or refused.
        """
        ...
