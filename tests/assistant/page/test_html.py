"""What the page makes of texts: markup, directions, addresses of words, and a conversation from a browser."""

import html
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Quote
from assistant.page.cards import ago, card, from_event, markdown, plain, surroundings
from assistant.page.conversation import Conversation, Exchange, Narrowed, opened
from assistant.page.html import address_of_words, escaped, isolated, web_address
from ingest.article import Article

TEXT = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r"), max_size=80)


def article(text: str, **more: str) -> Article:
    return Article("0" * 16, "Title", text, url="https://x.example/a", publisher="Wire", **more)


@given(TEXT, st.sampled_from(["ltr", "rtl"]))
def test_isolating_changes_no_character_and_leaves_no_markup(text: str, base: str) -> None:
    shown = re.sub(r'</?bdi(?: dir="(?:rtl|ltr)")?>', "", isolated(text, base))
    assert "<" not in shown
    assert html.unescape(shown) == html.unescape(escaped(text))


def test_what_runs_the_other_way_is_isolated_as_a_whole() -> None:
    assert isolated("According to صحيفة العينة, 25 October", "ltr") == (
        'According to <bdi dir="rtl">صحيفة العينة</bdi>, 25 October'
    )
    assert isolated("يقدم OpenAI GPT 4 (beta) خدمات", "rtl") == 'يقدم <bdi dir="ltr">OpenAI GPT 4 (beta)</bdi> خدمات'


@pytest.mark.parametrize(
    "bad",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//x.example",
        "https://",
        "ftp://x.example",
        "https://x.example/<b>",
        "http://[",
        "https://x.example/' onclick='x",
        "vbscript:x",
    ],
)
def test_only_addresses_of_the_web_are_links(bad: str) -> None:
    assert web_address(bad) == ""
    assert address_of_words(bad, "words") == ""


def test_a_short_quotation_is_named_whole_in_the_address() -> None:
    found = address_of_words("https://x.example/a", "قال: «نعم، 50% - لا»، & عاد")
    assert found.startswith("https://x.example/a#:~:text=%D9%82")
    fragment = found.partition("#:~:text=")[2]
    assert not set(fragment) & set(" -,&#«»")
    assert unquote(fragment) == "قال: «نعم، 50% - لا»، & عاد"


def test_a_long_quotation_is_named_by_its_first_and_last_words() -> None:
    words = [f"word-{number}" for number in range(30)]
    fragment = address_of_words("https://x.example/a?b=1#part", " ".join(words)).partition("#part:~:text=")[2]
    first, last = map(unquote, fragment.split(","))
    assert first.split() == words[:5]
    assert last.split() == words[-5:]


def test_a_quotation_across_paragraphs_is_named_by_both_ends() -> None:
    fragment = address_of_words("https://x.example/a", "One.\n\nTwo three.").partition("text=")[2]
    assert list(map(unquote, fragment.split(","))) == ["One.", "Two three."]


@given(st.lists(st.text(alphabet="abcdefghij", min_size=1, max_size=40), min_size=1, max_size=14))
def test_the_two_ends_of_an_address_never_overlap(words: list[str]) -> None:
    told = address_of_words("https://x.example/a", " ".join(words)).partition("text=")[2].split(",")
    named = [word for part in told for word in unquote(part).split()]
    assert len(named) <= len(words)
    assert named[0] == words[0]
    assert named[-1] == words[-1]


def test_a_card_shows_the_exact_words_in_their_paragraph() -> None:
    text = "Before that.\nIt rained. <b>Fourteen</b> people left. It stopped.\nAfter that."
    start = text.index("<b>")
    quote = Quote(article(text), start, start + len("<b>Fourteen</b> people left."))
    assert text[slice(*surroundings(quote))] == "It rained. <b>Fourteen</b> people left. It stopped."
    shown = card(quote, "t0-s0", 1, "en", datetime(2024, 1, 1, tzinfo=UTC))
    assert "<b>" not in shown
    assert '<mark class="k-words">&lt;b&gt;Fourteen&lt;/b&gt; people left.</mark>' in shown


def test_of_a_long_paragraph_whole_sentences_are_shown() -> None:
    sentence = "The weather over the gulf stayed calm for the third day in a row. "
    text = sentence * 30 + "Fourteen people left. " + sentence * 30
    start = text.index("Fourteen")
    before, after = surroundings(Quote(article(text.strip()), start, start + 21))
    assert text[before:after].startswith("The weather")
    assert text[before:after].rstrip().endswith("row.")
    assert 1000 < after - before < 1300


def test_another_outlet_and_a_correction_are_shown_where_they_are_known() -> None:
    quote = Quote(article("Fourteen people left."), 0, 8)
    other = Article("1" * 16, "Other", "Text.", publisher="Sample <Gazette>")
    shown = card(quote, "t0-s0", 1, "en", datetime(2024, 1, 1, tzinfo=UTC), (other,))
    assert 'data-article="1111111111111111"' in shown
    assert "Sample &lt;Gazette&gt;" in shown


def test_a_quotation_is_pasted_with_who_said_it() -> None:
    quote = Quote(article("A *bold* claim.\nAnother."), 0, 24)
    assert plain(quote, "en") == "“A *bold* claim.\nAnother.” — Wire — Title — undated — https://x.example/a"
    assert markdown(quote, "en").splitlines()[0] == "> “A \\*bold\\* claim."
    assert "[Title](https://x.example/a#:~:text=" in markdown(quote, "en")


@pytest.mark.parametrize(
    ("days", "english", "arabic"),
    [(0, "today", "اليوم"), (1, "1 day ago", "قبل يوم واحد"), (2, "2 days ago", "قبل يومين"),
     (44, "44 days ago", "قبل 44 يومًا"), (80, "2 months ago", "قبل شهرين"),
     (364, "11 months ago", "قبل 11 شهرًا"),
     (365, "1 year ago", "قبل سنة واحدة"),
     (2800, "7 years ago", "قبل 7 سنوات")],
)  # fmt: skip
def test_how_long_ago_is_told_in_whole_units(days: int, english: str, arabic: str) -> None:
    now = datetime(2024, 6, 1, tzinfo=UTC)
    assert ago(now - timedelta(days=days), now, "en") == english
    assert ago(now - timedelta(days=days), now, "ar") == arabic


@pytest.mark.parametrize(
    ("days", "english", "arabic"),
    [
        (0, "on that day", "في اليوم نفسه"),
        (1, "1 day after 3 March 2019", "بعد 3 مارس 2019: يوم"),
        (-3, "3 days before 3 March 2019", "قبل 3 مارس 2019: 3 أيام"),
        (-2800, "7 years before 3 March 2019", "قبل 3 مارس 2019: 7 سنوات"),
    ],
)
def test_a_date_is_told_from_the_day_that_the_question_names(days: int, english: str, arabic: str) -> None:
    event = datetime(2019, 3, 3, tzinfo=UTC)
    assert from_event(event + timedelta(days=days), event, "en") == english
    assert from_event(event + timedelta(days=days), event, "ar") == arabic


@given(st.text(max_size=200) | st.none() | st.integers())
def test_whatever_a_browser_sends_makes_a_conversation(sent: object) -> None:
    assert isinstance(opened(sent), Conversation)


def test_a_kept_conversation_comes_back_as_it_was() -> None:
    turn = Exchange(question="من؟", state="answered", narrowed=Narrowed(publishers=("Wire",)), writer="extract")
    kept = Conversation().asking(turn)
    assert opened(kept.model_dump_json(exclude_defaults=True)) == kept
    assert len(Conversation().asking(turn).asking(turn).without(1).turns) == 1
    assert opened('{"id": "../../etc", "turns": []}').id != "../../etc"
