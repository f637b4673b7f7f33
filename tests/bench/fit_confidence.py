"""Fit the weights of assistant/confidence.py on question sets, and print them.

    python tests/bench/fit_confidence.py ARTICLES.jsonl QUESTIONS.jsonl [ARTICLES QUESTIONS]...

Each set is asked as it is and without its gold articles. Sets whose questions and articles are in one language give the
row _SAME_LANGUAGE, the others _OTHER_LANGUAGE. The constant is such that LOST of the answerable are refused, on the
average of the sets. Printed beside: what each set would then refuse, and lose, with weights fitted on the other sets.
"""

import sys
import tempfile
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant import evaluation, question
from assistant.confidence import Signals, signals
from assistant.core import Assistant
from assistant.search import search
from assistant.settings import load_settings
from ingest.archive import Filter

LOST = 0.04  # of the answerable questions: 5 % is the limit, on sets that are not these
RIDGE = 1.0


def main(files: list[Path]) -> None:
    """Ask, fit, print."""
    cases: dict[str, list[tuple[str, NDArray[np.float64], NDArray[np.bool_]]]] = {}
    for articles, questions in zip(files[::2], files[1::2], strict=True):
        case, values, answerable = observe(articles, questions)
        cases.setdefault(case, []).append((f"{questions.stem} on {articles.stem}", values, answerable))
    print("signals:", ", ".join(field.name for field in fields(Signals)), ", constant")
    for case, sets in cases.items():
        weights = fit([(values, answerable) for _, values, answerable in sets])
        print(f"{case} = ({', '.join(f'{weight:.3f}' for weight in weights)})")
        for name, values, answerable in sets:
            others = [(v, a) for n, v, a in sets if n != name] or [(values, answerable)]
            for tag, row in (("all sets", weights), ("other sets", fit(others))):
                said = values @ row[:-1] + row[-1] > 0
                print(f"  {name}, weights of {tag}: refused {1 - said[~answerable].mean():.3f}, "
                      f"lost {1 - said[answerable].mean():.3f}")  # fmt: skip


def observe(articles: Path, questions: Path) -> tuple[str, NDArray[np.float64], NDArray[np.bool_]]:
    """The case, the signals of each search, shape (2 n, 6), and whether its question could be answered."""
    rows, answerable, same = [], [], 0
    with tempfile.TemporaryDirectory() as folder, Assistant(load_settings(archive=Path(folder))) as assistant:
        ids = evaluation._fill(assistant, articles)
        for known in evaluation._questions(questions):
            asked = question.read(known.question)
            vector = assistant.embedder.query(asked.standalone)
            gold = frozenset(ids[str(name)] for name in known.gold)
            for hidden in (frozenset[str](), gold):
                found = search(assistant.archive, asked, vector, Filter(without=hidden))
                rows.append(astuple(signals(found)))
                answerable.append(not hidden)
                same += found[0].stored.language == asked.language
    case = "_SAME_LANGUAGE" if same * 2 > len(rows) else "_OTHER_LANGUAGE"
    return case, np.array(rows), np.array(answerable)


def fit(sets: list[tuple[NDArray[np.float64], NDArray[np.bool_]]]) -> NDArray[np.float64]:
    """Logistic regression by Newton's method, each set weighing the same; the last number is the constant."""
    values = np.concatenate([value for value, _ in sets])
    wanted = np.concatenate([answerable for _, answerable in sets]).astype(float)
    share = np.concatenate([np.full(len(value), len(values) / len(sets) / len(value)) for value, _ in sets])
    centre, spread = values.mean(0), values.std(0) + 1e-9
    scaled = np.hstack([(values - centre) / spread, np.ones((len(values), 1))])
    penalty = np.diag([RIDGE] * values.shape[1] + [0.0])
    weights = np.zeros(scaled.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (share * (wanted - chance)) - penalty @ weights
        curve = (scaled * (share * chance * (1 - chance))[:, None]).T @ scaled + penalty
        weights += np.linalg.solve(curve, slope)
    row = weights[:-1] / spread
    limits = [np.quantile(value[answerable] @ row, LOST) for value, answerable in sets]
    return np.append(row, -np.mean(limits))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
