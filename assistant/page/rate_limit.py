"""Limit how much each client may do in a period of time."""

import math
import time
from collections import OrderedDict

_MAX_CLIENTS = 10_000  # remembered at once; the least recently seen is forgotten first


class RateLimit:
    """A leaky bucket for each client, in bounded memory.

    Args:
        capacity: the amount that a client may use at once.
        seconds: the time in which a full bucket drains.
    """

    def __init__(self, capacity: float, seconds: float) -> None:
        self._capacity, self._rate = capacity, capacity / seconds
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # client -> (level, when it was measured)

    def __len__(self) -> int:
        """The number of clients that are remembered."""
        return len(self._levels)

    def take(self, client: str, amount: float = 1.0) -> None:
        """Count an amount against a client."""
        self._levels[client] = (self._level(client) + amount, time.monotonic())
        self._levels.move_to_end(client)
        while len(self._levels) > _MAX_CLIENTS:
            self._levels.popitem(last=False)

    def wait(self, client: str) -> int:
        """Return the seconds, rounded up, until a client may act again; 0 if it may act now."""
        excess = self._level(client) - self._capacity + min(1.0, self._capacity)
        return max(0, math.ceil(excess / self._rate))

    def _level(self, client: str) -> float:
        level, measured = self._levels.get(client, (0.0, 0.0))
        return max(0.0, level - (time.monotonic() - measured) * self._rate)
