"""What is known of earlier visits to sources, so that what did not change is neither fetched nor read again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

_NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Visit:
    """The last visit to a source, or to one of its entries.

    Attributes:
        source: the address of a feed or a sitemap.
        entry: the id of the entry in its source; "" for the source itself.
        url: the page of the entry; "" if it was not fetched.
        article: the id of the article that it gave; "" for none.
        own_words: the article is the text of the source itself, not of the page.
        digest: of what the source says about the entry.
        etag: the ETag header of the source or the page.
        modified: its Last-Modified header.
        first: when it was first seen; aware, UTC.
        checked: when its page was last requested; aware, UTC.
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
    """The earlier visits, and those of this run, which are saved once their articles are stored.

    Args:
        known: returns the earlier visits to a source, by entry; none by default.
    """

    def __init__(self, known: Callable[[str], dict[str, Visit]] = lambda _: {}) -> None:
        self._known = known
        self._visits: list[Visit] = []

    def known(self, source: str) -> dict[str, Visit]:
        """The earlier visits to a source, by entry."""
        return self._known(source)

    def note(self, visit: Visit) -> None:
        """Note a visit."""
        self._visits.append(visit)

    def drain(self) -> list[Visit]:
        """Return and clear the visits noted so far."""
        visits, self._visits = self._visits, []
        return visits


ARRIVALS = 50
"""The number of arrivals kept per source; its usual pause is estimated from them."""
_MIN_ARRIVALS = 5  # with fewer the usual pause is unknown
_QUIET_FACTOR = 3.0  # times the usual pause: so that nights and weekends are not reported every time


@dataclass(frozen=True, slots=True)
class History:
    """The history of a watched source.

    Attributes:
        source: its address.
        interval: seconds between two checks.
        asked: when it was last checked; aware, UTC.
        problem: what went wrong then, or "".
        arrivals: the last 50 times when it brought articles, and how many; newest first.
    """

    source: str
    interval: float
    asked: datetime
    problem: str = ""
    arrivals: tuple[tuple[datetime, int], ...] = ()

    @property
    def usual_pause(self) -> float:
        """The 90th percentile of the seconds between arrivals, at least two intervals; 0 if it is not known."""
        if len(self.arrivals) < _MIN_ARRIVALS:
            return 0.0
        times = [when for when, _ in self.arrivals]
        pauses = sorted((later - earlier).total_seconds() for later, earlier in pairwise(times))
        return max(pauses[min(len(pauses) * 9 // 10, len(pauses) - 1)], 2 * self.interval)

    @property
    def silence(self) -> float:
        """Seconds from the last arrival to the last check; 0 if nothing ever arrived."""
        return (self.asked - self.arrivals[0][0]).total_seconds() if self.arrivals else 0.0

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has arrived for more than three times its usual pause."""
        return 0 < _QUIET_FACTOR * self.usual_pause < self.silence
