"""A stream that can be read again from its beginning after a look at it, even where it cannot seek."""

import io
from typing import Any, BinaryIO


class Rewound(io.RawIOBase):
    """A stream whose beginning was already read.

    Args:
        head: the bytes that were read.
        rest: the stream behind them.
    """

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 # any writable buffer
        """Fill the buffer; return the number of bytes."""
        size = len(buffer)
        data, self._head = (self._head[:size], self._head[size:]) if self._head else (self._rest.read(size), b"")
        buffer[: len(data)] = data
        return len(data)
