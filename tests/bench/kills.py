"""Kill an ingestion with SIGKILL, run it again, and see that every article is there, whole, once.

    python tests/bench/kills.py ARTICLES.jsonl [TIMES [SECONDS]]
    python tests/bench/kills.py ARTICLES.jsonl TIMES writes

The first kills at random moments; SECONDS are those until a kill, at most. The second kills at the 1st, 2nd, 4th, 8th
... write of a thread to its files, with strace, so that the first ones fall on the making of the archive.

An embedder that takes no time stands for the real one: the moments then fall on the storing, which a crash can hurt.
Meanwhile readers judge answers, Slack asks and sources are visited, each in a thread; what was written when the process
told of it must be there too.
"""

import contextlib
import hashlib
import itertools
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from assistant.slack.queue import Queue
from ingest.archive import Archive, Feedback, check, content_digest, is_archive
from ingest.embedding import Vectors
from ingest.fetching.fetch_state import Visit
from ingest.load import load
from ingest.sources import Item, read

LONGEST = 7.5  # seconds until a kill: a whole run on two cores
SEED = 7
WRITES = "write,pwrite64,ftruncate,rename,unlink,mkdir"
STRACE = ("strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={WRITES}", "-e")
FEED = "https://gazette.example/rss"


class Instant:
    """Unit vectors from a hash of the text."""

    name = "instant"

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Shape (n, 384)."""
        return np.array([self.query(text) for text in texts], np.float32).reshape(len(texts), 384)

    def query(self, text: str) -> Vectors:
        """Shape (384,)."""
        seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
        vector = np.random.default_rng(seed).standard_normal(384)
        return (vector / np.linalg.norm(vector)).astype(np.float32)  # type: ignore[no-any-return]


def main(source: str, times: int, longest: float | None) -> None:
    """Kill and look, so many times; at writes if no time is given."""
    articles = [item.article for item in read(source) if isinstance(item, Item)]
    known: dict[bytes, str] = {}  # an article at two addresses is stored once
    wanted = {one.id: one.text for one in articles if known.setdefault(content_digest(one), one.id) == one.id}
    moments, bad = random.Random(SEED), 0
    for number in range(times):
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "archive"
            moment = moments.uniform(0, longest) if longest is not None else 2**number
            held, told, good = once(source, archive, moment, wanted)
            bad += not good
            when = f"after {moment:.2f} s" if isinstance(moment, float) else f"at write {moment}"
            print(
                f"{number + 1}: killed {when} with {held} articles and {told} other rows stored: "
                f"{'whole' if good else 'BAD'}",
                flush=True,
            )
    print(f"{times} kills, {bad} bad")


def once(source: str, folder: Path, moment: float, wanted: dict[str, str]) -> tuple[int, int, bool]:
    """How many articles and other rows a killed run had stored, and whether all is well after the next run.

    `moment` is in seconds if it is a float, else the number of a write.
    """
    command = [sys.executable, __file__, source, "--ingest", str(folder)]
    if isinstance(moment, int):
        command = [*STRACE, f"inject={WRITES}:signal=SIGKILL:when={moment}", *command]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        lines: list[str] = []
        reader = threading.Thread(target=lines.extend, args=(process.stdout,))
        reader.start()
        if isinstance(moment, float):
            time.sleep(moment)
            process.kill()
        reader.join()
    embedder = Instant()
    left = check(folder) if is_archive(folder) else []
    with Archive.open(folder, embedder, create=True) as archive, contextlib.closing(Queue(folder)) as desk:
        before, held = archive.check(), archive.statistics().articles
        there = {f"feedback {one.question}" for one in archive.feedback.all()}
        there |= {f"visit {entry}" for entry in archive.sources.visits(FEED)}
        asked = {line for line in map(str.strip, lines) if line.startswith("question")}
        there |= {line for line in asked if not desk.enqueue(line, "", "", "")}
        kept = set(map(str.strip, lines)) <= there
        report = load(read(source), archive, embedder)
        texts = [(article.id, article.text) for article in archive.list()]
        after = archive.check()
    whole = kept and dict(texts) == wanted and len(texts) == len(wanted)
    sound = not (left or before or after or check(folder))
    if not sound:
        print(left, before, after)
    return held, len(lines), whole and sound and report.stopped is None


def ingest(source: str, folder: Path) -> None:
    """The run that is killed."""
    embedder, now = Instant(), datetime.now(UTC)
    with Archive.open(folder, embedder, create=True) as archive, contextlib.closing(Queue(folder)) as desk:
        writers: dict[str, Callable[[int], object]] = {
            "feedback": lambda n: archive.feedback.save(
                Feedback(f"{n:016x}", now, "page", True, "", str(n), "", "extract")
            ),
            "visit": lambda n: archive.sources.save_visits([Visit(FEED, str(n), first=now, checked=now)]),
            "question": lambda n: desk.enqueue(f"question {n}", "thread", str(n), "Who?"),
        }
        os.write(1, b"open\n")
        for name, write in writers.items():
            threading.Thread(target=go_on, args=(name, write), daemon=True).start()
        load(read(source), archive, embedder)


def go_on(name: str, write: Callable[[int], object]) -> None:
    """Write one row after the other, and tell of each that is written."""
    with contextlib.suppress(Exception):  # the archive is closed at the end of the run
        for number in itertools.count():
            write(number)
            os.write(1, f"{name} {number}\n".encode())
            time.sleep(0.01)


if __name__ == "__main__":
    if "--ingest" in sys.argv:
        ingest(sys.argv[1], Path(sys.argv[3]))
    else:
        until = (sys.argv[3:] or [str(LONGEST)])[0]
        main(sys.argv[1], int((sys.argv[2:] or ["20"])[0]), None if until == "writes" else float(until))
