"""How long after its last token the first proven statement leaves, with a model that streams at a steady rate.

    PYTHONPATH=tests/doubles python tests/bench/first_statement.py [MILLISECONDS_A_TOKEN]

The model is a script; the archive that of the samples. A statement is over when the token behind its ids is there, so
"late" is the time from that token to the statement.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from scripted import Scripted

from assistant import Assistant, Stated
from assistant.demo import SAMPLES
from assistant.llm.client import Model
from assistant.settings import load_settings
from ingest.load import load
from ingest.sources import Defaults, read

QUESTION = "How many people were injured in the flood of Port Oskara?"
WRITTEN = (
    "Nineteen people were injured in the flood of Port Oskara, the city hospital said. [1.1] \n "
    "Fourteen people were injured . [2.1] \n"
)


class Steady(Scripted):
    """Streams at a steady rate, and notes when each token left."""

    pause: float
    left: list[float]

    def write(self, prompt: str) -> Iterator[str]:
        """A token, a pause."""
        self.left.clear()
        for token in WRITTEN.split(" "):
            time.sleep(self.pause)
            self.left.append(time.perf_counter())
            yield f"{token} "


def main(milliseconds: float) -> None:
    """Ask ten times, print."""
    llm = Steady(pause=milliseconds / 1_000, left=[])
    over = WRITTEN.split(" ").index("\n")
    late: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        with Assistant(
            load_settings(archive=Path(folder) / "archive", judge="none"), Model(llm, "steady"), create=True
        ) as assistant:
            load(read(str(SAMPLES), Defaults(publisher="Sample Gazette")), assistant.archive, assistant.embedder)
            for _ in range(10):
                for event in assistant.stream(QUESTION):
                    if isinstance(event, Stated):
                        late.append(1_000 * (time.perf_counter() - llm.left[over]))
                        break
    print(
        f"first statement, ms after the token that ends it: median {statistics.median(late):.1f}, most {max(late):.1f}"
    )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0)
