"""An answer as its reader sees it, and as a program reads it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from babel.dates import format_date

from assistant.answer import Answer, Dates, Quote, Statement
from assistant.formats.json import answer_data, article_data
from assistant.formats.text import answer_text, article_text, attribution, quoted, searched_dates
from assistant.messages import all_messages, date, lead, phrase
from ingest.article import Article

WIRE = Article(
    id="00000000000000a1",
    title="Storm surge floods the harbour",
    text="The sea rose.\nFourteen people were injured, [bold]he[/bold] said.",
    url="https://sample-wire.example/flood",
    publisher="Sample Wire",
    published=datetime(2019, 3, 3, 18, 30, tzinfo=UTC),
    language="en",
)
DIG = Article(
    id="00000000000000b2",
    title="العثور على مكتبة",
    text="عثرت البعثة على 1240 لوحًا. وقدّرت عمرها بنحو 3200 عام.",
    publisher="صحيفة العينة",
    language="ar",
)
NAMELESS = Article(id="00000000000000c3", title="", text="Text.", language="en")


def quote(article: Article, words: str) -> Quote:
    start = article.text.index(words)
    return Quote(article, start, start + len(words))


def answer(*statements: Statement, language: str = "en", related: tuple[Article, ...] = ()) -> Answer:
    return Answer(
        question="?",
        language=language,
        statements=statements,
        related=related,
        writer="extract",
        as_of=datetime(2024, 1, 1, tzinfo=UTC),
        seconds={"total": 0.012345678},
    )


FLOOD = quote(WIRE, "Fourteen people were injured, [bold]he[/bold] said.")
TABLETS = quote(DIG, "عثرت البعثة على 1240 لوحًا.")


def test_an_english_answer_reads_as_lead_quote_and_attribution() -> None:
    statement = Statement(lead(WIRE.publisher, WIRE.published, "en"), (FLOOD,))
    assert answer_text(answer(statement)) == (
        "According to Sample Wire, 3 March 2019:\n"
        "  “Fourteen people were injured, [bold]he[/bold] said.”\n"
        "  — Sample Wire — Storm surge floods the harbour — 3 March 2019 — https://sample-wire.example/flood"
    )


def test_an_arabic_answer_is_arabic_around_the_quote() -> None:
    statement = Statement(lead(DIG.publisher, DIG.published, "ar"), (TABLETS,))
    assert answer_text(answer(statement, language="ar")) == (
        "وفقًا لـصحيفة العينة، بلا تاريخ:\n"
        "  «عثرت البعثة على 1240 لوحًا.»\n"
        "  — صحيفة العينة — العثور على مكتبة — بلا تاريخ"
    )


def test_a_quote_keeps_its_language_and_marks_whatever_the_question_speaks() -> None:
    assert quoted(TABLETS) == "«عثرت البعثة على 1240 لوحًا.»"
    assert quoted(FLOOD).startswith("“")
    assert attribution(WIRE, "ar").startswith("— Sample Wire — Storm surge floods the harbour — 3 مارس 2019 — https:")


def test_who_said_it_stands_once_after_the_quotes_of_one_article() -> None:
    second = quote(DIG, "وقدّرت عمرها بنحو 3200 عام.")
    assert answer_text(answer(Statement("a:", (TABLETS, second, FLOOD)))).splitlines() == [
        "a:",
        f"  {quoted(TABLETS)}",
        f"  {quoted(second)}",
        f"  {attribution(DIG, 'en')}",
        f"  {quoted(FLOOD)}",
        f"  {attribution(WIRE, 'en')}",
    ]


def test_a_quote_of_several_lines_is_shown_as_the_article_has_it() -> None:
    both = Quote(WIRE, 0, len(WIRE.text))
    assert WIRE.text in answer_text(answer(Statement("Says the wire:", (both,))))


def test_no_direction_mark_is_added() -> None:
    shown = answer_text(answer(Statement("According to X:", (TABLETS, FLOOD)), language="ar"))
    assert not set(shown) & set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize(
    ("language", "plain"), [("en", "Not in the archive."), ("ar", "ليس في الأرشيف."), ("fr", "Not in the archive.")]
)
def test_what_is_not_in_the_archive_is_said_plainly(language: str, plain: str) -> None:
    assert answer_text(answer(language=language)) == plain


def test_the_nearest_articles_follow_a_refusal() -> None:
    lines = answer_text(answer(related=(WIRE, NAMELESS))).splitlines()
    assert lines == [
        "Not in the archive.",
        "",
        "The nearest articles:",
        "  — Sample Wire — Storm surge floods the harbour — 3 March 2019 — https://sample-wire.example/flood",
        "  — unnamed publisher — untitled — undated",
    ]


def test_dates_are_written_out_in_both_languages() -> None:
    when = datetime(2019, 3, 3, tzinfo=UTC)
    assert date(when, "en") == "3 March 2019"
    assert date(when, "ar") == "3 مارس 2019"
    assert (date(None, "en"), date(None, "ar")) == ("undated", "بلا تاريخ")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("month", range(1, 13))
def test_months_are_those_of_cldr(month: int, language: str) -> None:
    when = datetime(2019, month, 3, tzinfo=UTC)
    assert date(when, language) == format_date(when.date(), "d MMMM y", locale=language)


def test_a_lead_says_only_what_is_known() -> None:
    when = datetime(2024, 12, 31, tzinfo=UTC)
    assert lead("", when, "en") == "From an article of 31 December 2024:"
    assert lead("", None, "ar") == "من مقال بلا تاريخ:"
    assert lead("Sample Wire", None, "en") == "According to Sample Wire, undated:"


def test_braces_in_a_publishers_name_are_only_characters() -> None:
    assert lead("{date} {0} {publisher}", None, "en") == "According to {date} {0} {publisher}, undated:"


def test_every_phrase_stands_in_both_languages() -> None:
    english, arabic = all_messages("en"), all_messages("ar")
    assert english.keys() == arabic.keys()
    assert len(english["months"]) == len(arabic["months"]) == len(set(arabic["months"])) == 12
    assert phrase("nearest", "ar") != phrase("nearest", "en")


def test_the_data_of_an_answer_has_the_documented_shape() -> None:
    shape = answer_data(answer(Statement("a", (FLOOD, TABLETS)), Statement("b", (FLOOD,)), related=(NAMELESS,)))
    assert json.loads(json.dumps(shape)) == {
        "question": "?",
        "language": "en",
        "answered": True,
        "statements": [
            {"text": "a", "quotes": [0, 1], "proof": "quoted", "judge": ""},
            {"text": "b", "quotes": [0], "proof": "quoted", "judge": ""},
        ],
        "quotes": [
            {
                "text": FLOOD.text,
                "article_id": WIRE.id,
                "title": WIRE.title,
                "publisher": "Sample Wire",
                "published": "2019-03-03T18:30:00Z",
                "url": WIRE.url,
                "start": FLOOD.start,
                "end": FLOOD.end,
                "corrected": None,
                "also": [],
            },
            {
                "text": TABLETS.text,
                "article_id": DIG.id,
                "title": DIG.title,
                "publisher": "صحيفة العينة",
                "published": None,
                "url": "",
                "start": 0,
                "end": len(TABLETS.text),
                "corrected": None,
                "also": [],
            },
        ],
        "related": [{"article_id": NAMELESS.id, "title": "", "publisher": "", "published": None, "url": ""}],
        "dates": None,
        "writer": "extract",
        "notice": "",
        "dropped": [],
        "usage": None,
        "seconds": {"total": 0.0123},
    }


def test_the_time_that_was_read_from_a_question_is_said_with_its_first_and_its_last_day() -> None:
    since, until = datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)
    shown = replace(answer(), dates=Dates("last week", since, until))
    assert answer_text(shown).endswith(
        "\n\nlast week: only articles published from 16 November 2026 to 24 November 2026 were searched."
    )
    assert answer_data(shown)["dates"] == {
        "words": "last week", "since": "2026-11-16T00:00:00Z", "until": "2026-11-25T00:00:00Z",
    }  # fmt: skip
    assert searched_dates(Dates("منذ", since, None), "ar") == "بُحث فقط في المقالات المنشورة منذ 16 نوفمبر 2026."
    before = searched_dates(Dates("before", None, until), "en")
    assert before == "only articles published until 24 November 2026 were searched."
    assert searched_dates(Dates("today", since, since + timedelta(days=1)), "ar").endswith(" في 16 نوفمبر 2026.")


def test_an_article_is_shown_whole() -> None:
    assert article_text(DIG).endswith("\n\n" + DIG.text)
    assert article_text(DIG).startswith("العثور على مكتبة\nصحيفة العينة — بلا تاريخ — 00000000000000b2\n")
    assert article_data(WIRE)["text"] == WIRE.text
