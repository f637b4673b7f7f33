"""From articles to entries: cut, and embedded in large, even batches.

What a copy of an article holds is not embedded again: its passages of the same words take the vectors of those.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from ingest.archive.points import name
from ingest.archive.types import Entry
from ingest.article import Article, Passage
from ingest.duplicates import lookup_keys, relation
from ingest.embedding import Embedder, Vectors
from ingest.language import folded
from ingest.passages import embedded_text, passages

Known = Callable[[Article, Sequence[int]], Mapping[str, tuple[bytes, Vectors]]]
"""Gives what need not be embedded for an article with these bands: points, by the folded text of a passage."""


def prepare(articles: Sequence[Article], embedder: Embedder, origins: Sequence[str] = ()) -> list[Entry]:
    """Cut articles into passages and embed them all at once.

    Args:
        articles: a group of them, as large as is well to embed at once.
        embedder: see `ingest.embedding`.
        origins: of each article; none for none.

    Raises:
        ModelError: the embedding failed or refused.
    """
    cut = [passages(article) for article in articles]
    texts = [embedded_text(article, passage) for article, found in zip(articles, cut, strict=True) for passage in found]
    vectors = _embedded(texts, embedder)
    entries: list[Entry] = []
    start = 0
    for number, (article, found) in enumerate(zip(articles, cut, strict=True)):
        part = vectors[start : start + len(found)]
        entries.append(Entry(article, found, part, origins[number] if origins else ""))
        start += len(found)
    return entries


class Preparer:
    """Prepares group after group of articles, and remembers the last ones: their copies may follow at once.

    Args:
        embedder: see `ingest.embedding`.
        known: looks at what is stored.
        groups: at most this many are prepared and not yet stored.
    """

    def __init__(self, embedder: Embedder, known: Known, groups: int) -> None:
        self._embedder = embedder
        self._known = known
        self._recent: deque[list[_Prepared]] = deque(maxlen=groups)

    def __call__(self, articles: Sequence[Article], origins: Sequence[str]) -> list[Entry]:
        """As `prepare`."""
        group: list[_Prepared] = []
        for article in articles:
            group.append(self._prepared(article, group))
        fresh = [slot for one in group for slot in one.slots if slot.vector is None]
        fresh = list(dict.fromkeys(fresh))
        for slot, vector in zip(fresh, _embedded([slot.text for slot in fresh], self._embedder), strict=True):
            slot.vector = vector
        self._recent.append(group)  # now that every slot is filled: a group that fails leaves nothing behind
        return [one.entry(origin) for one, origin in zip(group, origins, strict=True)]

    def _prepared(self, article: Article, group: Sequence["_Prepared"]) -> "_Prepared":
        bands = lookup_keys(article.text)
        known = {words: _Slot("", point, vector) for words, (point, vector) in self._known(article, bands).items()}
        for other in chain(chain.from_iterable(self._recent), group):
            if not other.bands.isdisjoint(bands) and relation(other.article.text, article.text) == "copy":
                known = {**dict(zip(other.words, other.slots, strict=True)), **known}
        cut = passages(article)
        words = [folded(article.text[passage.start : passage.end]) for passage in cut]
        texts = [embedded_text(article, passage) for passage in cut]
        slots = [known.get(said) or _Slot(text, name(text)) for said, text in zip(words, texts, strict=True)]
        return _Prepared(article, frozenset(bands), cut, words, slots)


@dataclass(eq=False, slots=True)
class _Slot:
    """Where the vector of a point is, or will be when its text is embedded; copies share it."""

    text: str
    point: bytes
    vector: Vectors | None = None


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An article on its way: its passages, their folded words and their slots."""

    article: Article
    bands: frozenset[int]
    cut: Sequence[Passage]
    words: Sequence[str]
    slots: Sequence[_Slot]

    def entry(self, origin: str) -> Entry:
        """The entry, when all slots are filled."""
        vectors = [slot.vector for slot in self.slots if slot.vector is not None]
        stacked = np.stack(vectors) if vectors else np.empty((0, 0), np.float32)
        return Entry(self.article, self.cut, stacked, origin, tuple(self.bands), [slot.point for slot in self.slots])


def _embedded(texts: Sequence[str], embedder: Embedder) -> Vectors:
    """The vectors of texts: shape (len(texts), dimension)."""
    if not texts:
        return np.empty((0, 0), dtype=np.float32)
    ordered = sorted(dict.fromkeys(texts), key=len)  # texts of one length share a batch well; the same ones a vector
    places = {text: place for place, text in enumerate(ordered)}
    return embedder.passages(ordered)[[places[text] for text in texts]]
