"""Kill an ingestion with SIGKILL at random moments, run it again, and see that every article is there, whole, once.

    python tests/bench/kills.py ARTICLES.jsonl [TIMES]

An embedder that takes no time stands for the real one: the moments then fall on the storing, which a crash can hurt.
"""

import hashlib
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ingest.archive import Archive, check, content
from ingest.embedding import Vectors
from ingest.load import load
from ingest.sources import Item, read

LONGEST = 7.5  # seconds until a kill: a whole run on two cores
SEED = 7


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


def main(source: str, times: int) -> None:
    """Kill and look, so many times."""
    articles = [item.article for item in read(source) if isinstance(item, Item)]
    known: dict[bytes, str] = {}  # an article at two addresses is stored once
    wanted = {one.id: one.text for one in articles if known.setdefault(content(one), one.id) == one.id}
    moments, bad = random.Random(SEED), 0
    for number in range(times):
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "archive"
            moment = moments.uniform(0, LONGEST)
            held, good = once(source, archive, moment, wanted)
            bad += not good
            print(
                f"{number + 1}: killed after {moment:.2f} s with {held} articles stored: {'whole' if good else 'BAD'}"
            )
    print(f"{times} kills, {bad} bad")


def once(source: str, folder: Path, moment: float, wanted: dict[str, str]) -> tuple[int, bool]:
    """How many articles a killed run had stored, and whether all is well after the next run."""
    command = [sys.executable, __file__, source, "--ingest", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(moment)
        process.kill()
    embedder = Instant()
    with Archive.open(folder, embedder) as archive:
        before, held = archive.check(), archive.statistics().articles
        report = load(read(source), archive, embedder)
        texts = [(article.id, article.text) for article in archive.list()]
        after = archive.check()
    whole = dict(texts) == wanted and len(texts) == len(wanted)
    return held, whole and not before and not after and not check(folder) and report.stopped is None


def ingest(source: str, folder: Path) -> None:
    """The run that is killed."""
    embedder = Instant()
    with Archive.open(folder, embedder) as archive:
        print("open", flush=True)
        load(read(source), archive, embedder)


if __name__ == "__main__":
    if "--ingest" in sys.argv:
        ingest(sys.argv[1], Path(sys.argv[3]))
    else:
        main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20)
