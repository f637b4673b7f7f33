"""Paragraphs of boilerplate are removed before articles are compared."""

import pytest

from ingest.duplicates.boilerplate import without_boilerplate

REPORT = "The ferry to Melora sails again."


@pytest.mark.parametrize("note", ["© 2024. All Rights Reserved.", "جميعُ الحقوقِ محفوظة", "Follow us on the radio!"])
def test_boilerplate_of_any_language_is_removed(note: str) -> None:
    assert without_boilerplate(f"{note}\n{REPORT}\n{note}") == REPORT


def test_a_long_paragraph_with_such_a_phrase_is_text() -> None:
    long = " ".join([REPORT] * 12 + ["All rights reserved, said its owner."])
    assert without_boilerplate(f"{long}\n{REPORT}") == f"{long}\n{REPORT}"


def test_a_text_of_nothing_else_stays() -> None:
    assert without_boilerplate("All rights reserved.") == "All rights reserved."
