"""Turn articles into entries: cut into passages, and embedded in large, even batches.

Passages that a near-duplicate has in the same words are not embedded again: they take its vectors.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from ingest.archive.digests import point_name
from ingest.archive.types import Entry
from ingest.article import Article, Passage
from ingest.duplicates import lookup_keys, relation
from ingest.embedding import Embedder, Vectors
from ingest.language import folded
from ingest.passages import embedded_text, passages

KnownVectors = Callable[[Article, Sequence[int]], Mapping[str, tuple[bytes, Vectors]]]
"""Looks up the stored vectors for an article with these bands, see `NearDuplicates.known_vectors`."""


def prepare(articles: Sequence[Article], embedder: Embedder, origins: Sequence[str] = ()) -> list[Entry]:
    """Cut articles into passages and embed them all at once.

    Args:
        articles: as many as the embedder should embed at once.
        embedder: see `ingest.embedding`.
        origins: the origin of each article, see `Entry`; empty for none.

    Raises:
        ModelError: the embedding failed or refused.
    """
    cut = [passages(article) for article in articles]
    texts = [embedded_text(article, passage) for article, parts in zip(articles, cut, strict=True) for passage in parts]
    vectors = _embed(texts, embedder)
    entries: list[Entry] = []
    start = 0
    for number, (article, parts) in enumerate(zip(articles, cut, strict=True)):
        own = vectors[start : start + len(parts)]
        entries.append(Entry(article, parts, own, origins[number] if origins else ""))
        start += len(parts)
    return entries


class Preparer:
    """Prepares group after group of articles, and remembers the last groups: their near-duplicates may follow at once.

    Args:
        embedder: see `ingest.embedding`.
        known: looks up stored vectors.
        groups: at most this many groups are prepared and not yet stored.
    """

    def __init__(self, embedder: Embedder, known: KnownVectors, groups: int) -> None:
        self._embedder = embedder
        self._known = known
        self._recent: deque[list[_Prepared]] = deque(maxlen=groups)

    def __call__(self, articles: Sequence[Article], origins: Sequence[str]) -> list[Entry]:
        """Prepare a group: see `prepare`."""
        group: list[_Prepared] = []
        for article in articles:
            group.append(self._prepare(article, group))
        slots = dict.fromkeys(slot for prepared in group for slot in prepared.slots if slot.vector is None)
        for slot, vector in zip(slots, _embed([slot.text for slot in slots], self._embedder), strict=True):
            slot.vector = vector
        self._recent.append(group)  # only now that every slot is filled: a group that fails leaves nothing behind
        return [prepared.entry(origin) for prepared, origin in zip(group, origins, strict=True)]

    def _prepare(self, article: Article, group: Sequence["_Prepared"]) -> "_Prepared":
        bands = lookup_keys(article.text)
        known = {words: _Slot("", point, vector) for words, (point, vector) in self._known(article, bands).items()}
        for other in chain(chain.from_iterable(self._recent), group):
            if not other.bands.isdisjoint(bands) and relation(other.article.text, article.text) == "copy":
                known = {**dict(zip(other.words, other.slots, strict=True)), **known}
        cut = passages(article)
        words = [folded(article.text[passage.start : passage.end]) for passage in cut]
        texts = [embedded_text(article, passage) for passage in cut]
        slots = [known.get(key) or _Slot(text, point_name(text)) for key, text in zip(words, texts, strict=True)]
        return _Prepared(article, frozenset(bands), cut, words, slots)


@dataclass(eq=False, slots=True)
class _Slot:
    """The vector of a point, once its text is embedded; near-duplicates share it."""

    text: str
    point: bytes
    vector: Vectors | None = None


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An article that is being prepared: its passages, their folded words and their slots."""

    article: Article
    bands: frozenset[int]
    passages: Sequence[Passage]
    words: Sequence[str]
    slots: Sequence[_Slot]

    def entry(self, origin: str) -> Entry:
        """The entry, once all slots are filled."""
        vectors = [slot.vector for slot in self.slots if slot.vector is not None]
        stacked = np.stack(vectors) if vectors else np.empty((0, 0), np.float32)
        points = [slot.point for slot in self.slots]
        return Entry(self.article, self.passages, stacked, origin, tuple(self.bands), points)


def _embed(texts: Sequence[str], embedder: Embedder) -> Vectors:
    """Embed texts: shape (len(texts), dimension)."""
    if not texts:
        return np.empty((0, 0), dtype=np.float32)
    ordered = sorted(dict.fromkeys(texts), key=len)  # texts of similar length batch well; equal texts share a vector
    index = {text: number for number, text in enumerate(ordered)}
    return embedder.passages(ordered)[[index[text] for text in texts]]
