"""Cleaning, once, at the door."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from ingest.language import clean, one_line

ANYTHING = st.text(st.characters(exclude_categories=[]))


@given(ANYTHING)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(ANYTHING)
def test_a_clean_text_can_be_stored_anywhere(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert unicodedata.is_normalized("NFC", cleaned)
    assert "\x00" not in cleaned
    assert "\r" not in cleaned


@given(ANYTHING)
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


def test_paragraphs_stay_apart_and_spaces_do_not_pile_up() -> None:
    assert clean("  First \r\n\r\n\r\n\r\nsecond\t\tline \u2028 third\xa0 ") == "First\n\nsecond line\nthird"


def test_direction_marks_go_and_joiners_stay() -> None:
    assert clean("\u202bقال\u200f الوزير\u202c") == "قال الوزير"
    assert clean("می\u200cرود") == "می\u200cرود"


def test_half_a_surrogate_is_shown_as_lost() -> None:
    assert clean("a\ud800b") == "a\ufffdb"


def test_tashkeel_is_kept_as_it_was_written() -> None:
    assert clean("كُشِفَ النِّقابُ") == unicodedata.normalize("NFC", "كُشِفَ النِّقابُ")


def test_of_many_combining_marks_on_a_letter_thirty_stay() -> None:
    assert clean("e" + "\u0323" * 100_000 + " b") == unicodedata.normalize("NFC", "e" + "\u0323" * 30 + " b")
    assert clean("م" + "\u064e\u0651" * 50_000).count("\u064e") == 15


def test_marks_that_are_two_count_as_two() -> None:
    assert clean("a" + "\u0344" * 100_000) == unicodedata.normalize("NFC", "a" + "\u0344" * 15)
    assert clean("a" + "\u0f73" * 100_000) == unicodedata.normalize("NFC", "a" + "\u0f73" * 15)


def test_marks_that_are_no_run_all_stay() -> None:
    text = "كُتِبَ" + "\u0301".join("…" * 100) + "े" * 100
    assert clean(text) == unicodedata.normalize("NFC", text)


def test_marks_that_meet_when_what_is_unseen_goes_are_a_run() -> None:
    text = "e" + "\u0323\u200b" * 60
    assert clean(text).count("\u0323") == 29  # one more is part of the letter


@given(st.text(st.sampled_from("e\u0301\u0323\u0344\u0f73\u064e\u0345…\u200b "), min_size=28, max_size=200))
def test_cleaning_marks_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
