"""Languages and directions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.language import detect, direction


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("أعلنت البلدية افتتاح السوق الجديد يوم الخميس المقبل.", "ar"),
        ("ما هو GDP؟", "ar"),
        ("The council opened the new market on Thursday.", "en"),
        ("Who won?", "en"),
        ("Le conseil a ouvert le nouveau marché jeudi dans le centre de la ville, pour les habitants.", "fr"),
        ("Der Rat hat am Donnerstag den neuen Markt in der Mitte der Stadt eröffnet und ist zufrieden.", "de"),
        ("شورای شهر روز پنجشنبه بازار جدید را در مرکز شهر گشود", "fa"),
        ("", ""),
        ("1234 !?", ""),
    ],
)
def test_languages_are_told_apart(text: str, code: str) -> None:
    assert detect(text) == code


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("OpenAI تقدم خدمات جديدة", "rtl"),
        ("The word سوق means market", "ltr"),
        ("שלום עולם", "rtl"),
        ("", "ltr"),
        ("12", "ltr"),
    ],
)
def test_most_letters_give_the_direction(text: str, way: str) -> None:
    assert direction(text) == way


@given(st.text(st.characters(exclude_categories=[]), max_size=50))
def test_anything_has_a_language_or_none_and_a_direction(text: str) -> None:
    assert len(detect(text)) in (0, 2, 3)
    assert direction(text) in ("rtl", "ltr")
