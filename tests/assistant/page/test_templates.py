"""Whatever stands in articles, questions and answers is text on the page, never markup."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answer import Quote
from assistant.page.archive_view import article_list_html, report_html
from assistant.page.article_view import article_html
from assistant.page.cards import Card
from assistant.page.templates import render
from ingest.article import Article
from ingest.errors import SourceError
from ingest.load import Report

NOW = datetime(2024, 1, 1, tzinfo=UTC)
HOSTILE = [
    *("<script>x</script>", '"><svg onload=x>', "' onmouseover='x", "</mark></article><b>", "{{ 7 * 7 }}"),
    "&lt;b&gt;",
]


class Elements(HTMLParser):
    """The tags of some markup with the names of their attributes, and its text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[str]]] = []
        self.text = ""
        self.feed(str(markup))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "bdi":  # how many runs of the other direction there are depends on the text
            self.tags.append((tag, [name for name, _ in attrs]))

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(text: str) -> str:
    """Everything that shows articles and reports, with this text in every field."""
    article = Article("0" * 16, text, f"{text} and no more", publisher=text, author=text, language=text)
    card = Card(Quote(article, 0, len(text)), 1, "t0", "t0-s0", NOW, (article,))
    report = Report(failed=1, errors=(SourceError(text, text, text),))
    return (
        render("card", "en", card=card)
        + article_html(article, 0, len(text), "ar")
        + article_list_html([article], "en", NOW)
        + report_html(report, "ar", {})
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_in_an_article_adds_no_element_and_no_attribute(text: str) -> None:
    page, plain = Elements(shown(text)), Elements(shown("words"))
    assert page.tags == plain.tags
    assert page.text.count(text) == plain.text.count("words")


@settings(max_examples=50)
@given(st.text(alphabet="<>&\"'`{}%=/ab ش", min_size=1, max_size=30).map(lambda text: f"a{text}b"))
def test_no_text_changes_what_elements_there_are(text: str) -> None:
    assert Elements(shown(text)).tags == Elements(shown("words")).tags


def test_line_breaks_of_a_template_are_not_part_of_the_page() -> None:
    assert "\n" not in render("error", "en", message="one line")
