"""Addresses that open a page at a quotation."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.formats.text_fragments import address_at, web_address


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
    assert address_at(bad, "words") == ""


def test_a_short_quotation_is_named_whole_in_the_address() -> None:
    address = address_at("https://x.example/a", "قال: «نعم، 50% - لا»، & عاد")
    assert address.startswith("https://x.example/a#:~:text=%D9%82")
    fragment = address.partition("#:~:text=")[2]
    assert not set(fragment) & set(" -,&#«»")
    assert unquote(fragment) == "قال: «نعم، 50% - لا»، & عاد"


def test_a_long_quotation_is_named_by_its_first_and_last_words() -> None:
    words = [f"word-{number}" for number in range(30)]
    fragment = address_at("https://x.example/a?b=1#part", " ".join(words)).partition("#part:~:text=")[2]
    first, last = map(unquote, fragment.split(","))
    assert first.split() == words[:5]
    assert last.split() == words[-5:]


def test_a_quotation_across_paragraphs_is_named_by_both_ends() -> None:
    fragment = address_at("https://x.example/a", "One.\n\nTwo three.").partition("text=")[2]
    assert list(map(unquote, fragment.split(","))) == ["One.", "Two three."]


@given(st.lists(st.text(alphabet="abcdefghij", min_size=1, max_size=40), min_size=1, max_size=14))
def test_the_two_ends_of_an_address_never_overlap(words: list[str]) -> None:
    fragment = address_at("https://x.example/a", " ".join(words)).partition("text=")[2].split(",")
    named = [word for part in fragment for word in unquote(part).split()]
    assert len(named) <= len(words)
    assert named[0] == words[0]
    assert named[-1] == words[-1]
