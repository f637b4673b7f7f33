"""The card of a quotation, and what is copied from it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from assistant.answer import Quote
from assistant.formats.markdown import quote_markdown
from assistant.formats.text import quote_text
from assistant.page.cards import Card
from assistant.page.templates import render
from ingest.article import Article


def article(text: str, corrected: datetime | None = None) -> Article:
    return Article("0" * 16, "Title", text, url="https://x.example/a", publisher="Wire", corrected=corrected)


def card(quote: Quote, also: Sequence[Article] = ()) -> Card:
    return Card(quote, 1, "t0", "t0-s0", datetime(2024, 1, 1, tzinfo=UTC), also)


def test_a_card_shows_the_exact_words_in_their_paragraph() -> None:
    text = "Before that.\nIt rained. <b>Fourteen</b> people left. It stopped.\nAfter that."
    start = text.index("<b>")
    quote = Quote(article(text), start, start + len("<b>Fourteen</b> people left."))
    assert text[slice(*card(quote).shown)] == "It rained. <b>Fourteen</b> people left. It stopped."
    shown = render("card", "en", card=card(quote))
    assert "<b>" not in shown
    assert '<mark class="k-words">&lt;b&gt;Fourteen&lt;/b&gt; people left.</mark>' in shown


def test_of_a_long_paragraph_whole_sentences_are_shown() -> None:
    sentence = "The weather over the gulf stayed calm for the third day in a row. "
    text = sentence * 30 + "Fourteen people left. " + sentence * 30
    start = text.index("Fourteen")
    before, after = card(Quote(article(text.strip()), start, start + 21)).shown
    assert text[before:after].startswith("The weather")
    assert text[before:after].rstrip().endswith("row.")
    assert 1000 < after - before < 1300


def test_another_outlet_and_a_correction_are_shown_where_they_are_known() -> None:
    quote = Quote(article("Fourteen people left.", datetime(2019, 3, 5, tzinfo=UTC)), 0, 8)
    other = Article("1" * 16, "Other", "Text.", publisher="Sample <Gazette>")
    shown = render("card", "en", card=card(quote, (other,)))
    assert 'data-article="1111111111111111"' in shown
    assert "Sample &lt;Gazette&gt;" in shown
    assert "Corrected on 5 March 2019" in shown


def test_a_quotation_is_pasted_with_who_said_it() -> None:
    quote = Quote(article("A *bold* claim.\nAnother."), 0, 24)
    assert quote_text(quote, "en") == "“A *bold* claim.\nAnother.” — Wire — Title — undated — https://x.example/a"
    assert quote_markdown(quote, "en").splitlines()[0] == "> “A \\*bold\\* claim."
    assert "[Title](https://x.example/a#:~:text=" in quote_markdown(quote, "en")
