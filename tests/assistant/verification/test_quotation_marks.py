"""Quotation marks: every one that Unicode knows, and none around words that nobody has proven."""

import re
import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Quote
from assistant.verification import requoted
from assistant.verification.quotation_marks import MARKS
from assistant.writers.output_parser import Parser
from ingest.article import Article

APOSTROPHES = "'’′＇‘‚‛`´"
ARTICLE = Article("a" * 16, "", "The keeper of the lighthouse said: “no ship was seen that night”. He went home.")
PROVEN = "“no ship was seen that night”"
WHOLE = [Quote(ARTICLE, 0, len(ARTICLE.text))]


def test_every_quotation_mark_of_unicode_is_one() -> None:
    named = re.compile("QUOTATION MARK|CORNER BRACKET|DOUBLE ANGLE BRACKET")
    known = {
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) in ("Pi", "Pf")
        or (named.search(unicodedata.name(character, "")) and unicodedata.category(character) != "Cf")
    }
    assert known - set(MARKS) == set()


@given(st.lists(st.sampled_from([*MARKS, "((", "))", " ", ".", "gas", "ship", "و", "قال", PROVEN[1:-1]]), max_size=30))
def test_marks_stand_only_around_what_an_article_says(pieces: list[str]) -> None:
    text, _ = requoted("".join(pieces), WHOLE)
    outside = text.replace(PROVEN, "ship")
    in_words = re.sub(rf"(?<=\w)[{APOSTROPHES}]|[{APOSTROPHES}](?=\w[{APOSTROPHES}])", "", outside)
    assert set(in_words) & set(MARKS) == set()


def test_a_statement_with_its_ids_on_a_line_of_their_own_is_given_with_that_line() -> None:
    parser = Parser()
    assert parser.feed("The dam is old.\n[1.2]") == []
    assert [one.ids for one in parser.feed("\n")] == [((1, 2),)]


def test_a_statement_without_ids_waits_for_the_next_line_and_no_longer() -> None:
    parser = Parser()
    assert parser.feed("The dam is old.\n") == []
    assert [one.ids for one in parser.feed("The wall is thin. [1.2] M")] == [(), ((1, 2),)]
