"""Folding, and the way back."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.language import clean, fold, folded

ANYTHING = st.text(st.characters(exclude_categories=[]))


@given(ANYTHING)
def test_both_ways_of_folding_agree(text: str) -> None:
    assert fold(text).text == folded(text)


@given(ANYTHING)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_every_character_there_is_folds_once_and_for_all() -> None:
    once = folded("x".join(map(chr, range(0x110000))))
    assert folded(once) == once


@given(ANYTHING)
def test_the_map_back_never_turns_round(text: str) -> None:
    result = fold(text)
    assert len(result.origins) == len(result.text) + 1
    assert all(before <= after for before, after in pairwise(result.origins))
    assert result.origins[-1] == len(text)


@given(ANYTHING, st.data())
def test_each_span_folds_to_what_was_looked_for(text: str, data: st.DataObject) -> None:
    text = clean(text)
    result = fold(text)
    if result.text:
        start = data.draw(st.integers(0, len(result.text) - 1))
        end = data.draw(st.integers(start + 1, len(result.text)))
        first, last = result.span(start, end)
        assert 0 <= first < last <= len(text)
        assert result.text[start:end].strip() in folded(text[first:last])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("كُشِفَ النِّقابُ", "كشف النقاب"),
        ("أحمد إلى آخر", "احمد الي اخر"),
        ("مدرسة على مستشفى", "مدرسه علي مستشفي"),
        ("العـــراق", "العراق"),
        ("٢٠١٩", "2019"),
        ("۱۲۳", "123"),
        ("«نعم»، قال", '"نعم", قال'),
        ("ﻻ", "لا"),
        ("Café NAÏVE", "cafe naive"),
        ("it’s a “test” — yes", 'it\'s a "test" - yes'),
        ("two\u00a0\n words", "two words"),
        ("Straße", "strasse"),
    ],
)
def test_what_readers_take_for_the_same_folds_to_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"), [("한국", "일본"), ("नमस्ते", "नमसते"), ("ไม่", "ไม"), ("1,500", "1500"), ("-5", "5")]
)
def test_what_means_something_else_stays_apart(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_a_span_takes_the_marks_behind_its_last_letter_along() -> None:
    text = "قالَ الوزيرُ كلمةً"
    start, end = fold(text).span(4, 10)
    assert text[start:end].strip() == "الوزيرُ"
