"""The words that lexical search compares."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.language import root, terms, words


def test_prefixes_and_endings_of_arabic_fall_away() -> None:
    assert terms("والمعلمون", "ar") == terms("المعلمين", "ar") == terms("معلمون", "ar")


def test_english_is_stemmed_and_function_words_are_left_out() -> None:
    assert terms("The reports were published in the papers", "en") == terms("report publish paper", "en")


def test_arabic_words_in_an_english_text_are_stemmed_as_arabic() -> None:
    assert terms("the المدرسة opened", "en")[0] == terms("مدرسة", "ar")[0]


def test_spelling_does_not_matter() -> None:
    assert terms("إستقالة الرئيسُ", "ar") == terms("استقاله الرئيس", "ar")


def test_a_number_is_one_word() -> None:
    assert words("بلغت ١٬٥٠٠٫٥ دولار") == ["بلغت", "1,500.5", "دولار"]


def test_an_unknown_language_is_no_error() -> None:
    assert terms("shalom olam", "he") == ["shalom", "olam"]


@given(st.text(st.characters(exclude_categories=[])), st.sampled_from(["ar", "en", "fr", "xx", ""]))
def test_terms_of_anything_are_words(text: str, language: str) -> None:
    assert all(term and not term.isspace() for term in terms(text, language))


@pytest.mark.parametrize(
    ("one", "other"), [("ترأس", "رئاسة"), ("رئيس", "ترأس"), ("حضر", "حضور"), ("مستقلة", "استقل"), ("تأسس", "تأسيس")]
)
def test_arabic_words_of_one_root_share_it(one: str, other: str) -> None:
    assert root(*terms(one, "ar")) == root(*terms(other, "ar"))


@pytest.mark.parametrize("term", ["chair", "2015", "اب"])
def test_what_has_no_arabic_root_is_its_own(term: str) -> None:
    assert root(term) == term
