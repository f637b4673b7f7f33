"""What is remembered of the addresses that were asked: so that what is the same is neither sent nor read again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

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
