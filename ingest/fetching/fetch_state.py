"""What is remembered of the addresses that were asked: so that what is the same is neither sent nor read again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

_NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Visit:
    """The last look at a source, or at one of its entries.

    Attributes:
        source: the address that was named: a feed, a sitemap.
        entry: what the source calls the entry; "" for the source itself.
        url: the page of the entry, "" if it was not fetched.
        article: the id of the article that it gave, "" for none.
        own_words: the article is what the source itself says, not what stands on the page.
        digest: of what the source said of the entry.
        etag: of the source or the page.
        modified: its Last-Modified header.
        first: when it was first met; aware, UTC.
        checked: when its page was last asked; aware, UTC.
    """

    source: str
    entry: str = ""
    url: str = ""
    article: str = ""
    own_words: bool = False
    digest: str = ""
    etag: str = ""
    modified: str = ""
    first: datetime = _NEVER
    checked: datetime = _NEVER


class Notebook:
    """What is known of earlier visits, and the notes of this run, which count once its articles are stored.

    Args:
        known: the visits to a source, by entry; none if not given.
    """

    def __init__(self, known: Callable[[str], dict[str, Visit]] = lambda _: {}) -> None:
        self._known = known
        self._notes: list[Visit] = []

    def known(self, source: str) -> dict[str, Visit]:
        """The earlier visits to a source, by entry."""
        return self._known(source)

    def note(self, visit: Visit) -> None:
        """Note a visit."""
        self._notes.append(visit)

    def taken(self) -> list[Visit]:
        """The notes so far; they are no longer here then."""
        notes, self._notes = self._notes, []
        return notes


ARRIVALS = 50
"""So many of a source are remembered: its usual pause is judged by them."""
_FEWEST = 5  # arrivals: with fewer nothing is usual yet
_LONG = 3.0  # times the usual pause: a feed that rests at night or over a weekend is not told every time


@dataclass(frozen=True, slots=True)
class History:
    """How a source that is watched has done.

    Attributes:
        source: its address.
        interval: seconds from one look to the next.
        asked: when it was last asked; aware, UTC.
        problem: what went wrong then, "" for nothing.
        arrivals: when it brought something, the newest first, and how many articles: the last 50.
    """

    source: str
    interval: float
    asked: datetime
    problem: str = ""
    arrivals: tuple[tuple[datetime, int], ...] = ()

    @property
    def usual_pause(self) -> float:
        """Seconds: nine of ten pauses between arrivals were no longer, nor are two intervals; 0 if it is not known."""
        if len(self.arrivals) < _FEWEST:
            return 0.0
        times = [when for when, _ in self.arrivals]
        pauses = sorted((later - earlier).total_seconds() for later, earlier in pairwise(times))
        return max(pauses[min(len(pauses) * 9 // 10, len(pauses) - 1)], 2 * self.interval)

    @property
    def silence(self) -> float:
        """Seconds from its last arrival to the last time it was asked; 0 if nothing ever came."""
        return (self.asked - self.arrivals[0][0]).total_seconds() if self.arrivals else 0.0

    @property
    def is_quiet(self) -> bool:
        """Whether it has brought nothing for more than three times its usual pause."""
        return 0 < _LONG * self.usual_pause < self.silence
