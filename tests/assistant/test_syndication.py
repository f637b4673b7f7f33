"""A story of several wires is quoted once; the answer names who else has the words, and what was corrected."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.answer import Answer, Done
from assistant.assistant import Assistant
from assistant.evaluation.question_set import with_copies
from assistant.formats.json import answer_data
from assistant.formats.text import answer_text
from assistant.retrieval.search import CANDIDATES
from assistant.settings import load_settings
from ingest.archive import ALL, Filter
from ingest.article import Article, article_id
from ingest.load import load
from ingest.sources import Item

DAY = datetime(2031, 5, 3, 9, tzinfo=UTC)
BODY = (
    "The governor Adira Quillmont opened the tidal mill of Oskara on Sunday after six years of work.\n\n"
    "The mill has 24 turbines and cost 310 million lumes, which the harbour will pay back over thirty years.\n\n"
    "Fishermen had protested against it, and the ministry promised them a new quay on the southern shore."
)
LEAD = "Children threw flowers into the water when the gates rose for the first time.\n\n"
BANK = "The central bank of Melora cut its main interest rate to 3.25 per cent on Wednesday, its governor said."
ASKED = "How many turbines does the mill have, and how many million lumes did it cost?"
BEFORE = Filter(until=DAY + timedelta(days=1))  # without the update


def article(text: str, publisher: str, hours: int, title: str = "Tidal mill opened", **fields: object) -> Article:
    url = f"https://{publisher.lower()}.example/{title.replace(' ', '-').lower()}"
    published = DAY + timedelta(hours=hours)
    plain = Article(article_id(url, text), title, text, url, publisher, "", published, "en", published)
    return replace(plain, **fields)  # type: ignore[arg-type]


WIRE = article(BODY, "Wire", 0)
HERALD = article(LEAD + BODY, "Herald", 2)
BRIEF = article(BODY.rpartition("\n\n")[0], "Post", 5)
UPDATE = article(BODY.replace("310 million", "345 million"), "Gazette", 30, "Tidal mill costs more")


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    settings = load_settings(archive=tmp_path_factory.mktemp("syndication") / "archive")
    with Assistant(settings, create=True) as opened:
        report = load(
            [Item(one) for one in (HERALD, BRIEF, WIRE, UPDATE, article(BANK, "Wire", 9, "Rate cut"))],
            opened.archive,
            opened.embedder,
        )
        assert (report.added, report.stopped) == (5, None)
        yield opened


def asked(assistant: Assistant, where: Filter = ALL) -> Answer:
    return assistant.ask(ASKED, where=where, quotes=5)


def test_the_earliest_of_several_wires_is_quoted_and_the_others_are_named(assistant: Assistant) -> None:
    quotes = [quote for quote in asked(assistant).quotes if "310 million" in quote.text]
    assert [quote.article for quote in quotes] == [WIRE]
    assert quotes[0].also == (HERALD, BRIEF)


def test_an_update_with_another_figure_is_quoted_beside_it(assistant: Assistant) -> None:
    texts = {quote.article.publisher: quote.text for quote in asked(assistant).quotes if "million" in quote.text}
    assert set(texts) == {"Wire", "Gazette"}
    assert "345 million" in texts["Gazette"]
    assert {quote.also for quote in asked(assistant).quotes if quote.article == UPDATE} == {()}


def test_only_who_holds_the_very_words_is_named(assistant: Assistant) -> None:
    pairs = [(quote, other) for quote in asked(assistant).quotes for other in quote.also]
    assert pairs
    for quote, other in pairs:
        assert " ".join(quote.text.split()) in " ".join(other.text.split())


def test_under_a_filter_each_wire_is_found_and_no_other_is_named(assistant: Assistant) -> None:
    answer = asked(assistant, Filter(publishers=("Herald",)))
    assert {quote.article.id for quote in answer.quotes} == {HERALD.id}
    assert {quote.also for quote in answer.quotes} == {()}


def test_every_event_of_a_stream_names_the_others_too(assistant: Assistant) -> None:
    *_, stated, done = assistant.stream(ASKED, where=BEFORE, quotes=1)
    assert isinstance(done, Done)
    assert stated.statement.quotes[0].also == done.answer.quotes[0].also != ()  # type: ignore[union-attr]


def test_the_text_and_the_data_of_an_answer_say_who_else(assistant: Assistant) -> None:
    answer = assistant.ask(ASKED, where=BEFORE, quotes=1)
    assert f"  also in: Herald — Tidal mill opened — 3 May 2031 — {HERALD.url}" in answer_text(answer).splitlines()
    (quote,) = answer_data(answer)["quotes"]  # type: ignore[misc, assignment]
    assert [one["article_id"] for one in quote["also"]] == [HERALD.id, BRIEF.id]  # type: ignore[index]
    assert quote["corrected"] is None  # type: ignore[index]


def test_hiding_an_article_hides_its_copies(assistant: Assistant) -> None:
    assert with_copies(assistant.archive, {WIRE.id}) == {WIRE.id, HERALD.id, BRIEF.id}
    assert with_copies(assistant.archive, {UPDATE.id}) == {UPDATE.id}


def test_an_answer_says_that_its_article_was_corrected(tmp_path: Path) -> None:
    with Assistant(load_settings(archive=tmp_path / "archive"), create=True) as assistant:
        newer = replace(WIRE, text=BODY.replace("310", "318"), fetched=DAY + timedelta(days=2))
        for version in (WIRE, newer):
            load([Item(version)], assistant.archive, assistant.embedder)
        answer = assistant.ask(ASKED)
        assert "318 million" in answer.quotes[0].text
        assert "  corrected on 5 May 2031" in answer_text(answer).splitlines()
        assert answer_data(answer)["quotes"][0]["corrected"] == "2031-05-05T09:00:00Z"  # type: ignore[index]
        arabic = assistant.ask("كم بلغت كلفة طاحونة المد في أوسكارا؟")
        assert arabic.answered
        assert "  صُحّح في 5 مايو 2031" in answer_text(arabic).splitlines()


def test_many_copies_do_not_crowd_other_stories_out(tmp_path: Path) -> None:
    with Assistant(load_settings(archive=tmp_path / "archive"), create=True) as assistant:
        copies = [article(BODY, f"Wire{number}", number % 20) for number in range(CANDIDATES + 10)]
        other = article("The old tidal mill of Tarn had 11 turbines and cost 40 million lumes.", "Post", 9, "Tarn")
        load([Item(one) for one in (*copies, other)], assistant.archive, assistant.embedder)
        publishers = {hit.article.publisher for hit in assistant.find(ASKED, limit=20)}
        assert "Post" in publishers
        assert len(publishers) == 2
