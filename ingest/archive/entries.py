"""From articles to entries: cut, and embedded in large, even batches."""

from collections.abc import Sequence

import numpy as np

from ingest.archive.records import Entry
from ingest.article import Article
from ingest.embedding import Embedder
from ingest.passages import embedded_text, passages


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
    if not texts:
        vectors = np.empty((0, 0), dtype=np.float32)
    else:
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))  # texts of one length share a batch well
        vectors = embedder.passages([texts[place] for place in order])[np.argsort(order)]
    entries: list[Entry] = []
    start = 0
    for number, (article, found) in enumerate(zip(articles, cut, strict=True)):
        part = vectors[start : start + len(found)]
        entries.append(Entry(article, found, part, origins[number] if origins else ""))
        start += len(found)
    return entries
