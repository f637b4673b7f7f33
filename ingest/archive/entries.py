"""Turn articles into archive entries: cut them into passages and embed these in large batches.

A passage with the same words as a passage of a near-duplicate is not embedded again: it takes over that vector.
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
"""Finds the stored vectors that an article with these bands can take over, see `NearDuplicates.known_vectors`."""


def prepare(articles: Sequence[Article], embedder: Embedder, origins: Sequence[str] = ()) -> list[Entry]:
    """Cut articles into passages and embed them all at once.

    Args:
        articles: the articles to embed in one call.
        embedder: embeds the passages.
        origins: the origin of each article, see `Entry`; or empty.

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
    """Prepares groups of articles, reusing the vectors of near-duplicates that are stored or were just prepared.

    Args:
        embedder: embeds the passages.
        known: finds stored vectors.
        groups: the maximum number of groups that are prepared and not yet stored; these are remembered.
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
        self._recent.append(group)  # only after every slot is filled: a group that fails must not be reused
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
    """The text of a point and, once embedded, its vector; near-duplicates share a slot."""

    text: str
    point: bytes
    vector: Vectors | None = None


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An article in preparation: its passages, with the folded words and the slot of each."""

    article: Article
    bands: frozenset[int]
    passages: Sequence[Passage]
    words: Sequence[str]
    slots: Sequence[_Slot]

    def entry(self, origin: str) -> Entry:
        """Make the entry, after all slots are filled."""
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
