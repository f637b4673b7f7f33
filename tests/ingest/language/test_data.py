from dataclasses import dataclass
from typing import ClassVar

import pytest

from ingest.language.data import language, languages


@dataclass(frozen=True)
class Whole:
    TOPIC: ClassVar[str] = "language"
    script: str
    nothing: frozenset[str]


@dataclass(frozen=True)
class Unheard:
    TOPIC: ClassVar[str] = "unheard_of"
    words: frozenset[str]
    numbers: dict[str, int]


@dataclass(frozen=True)
class Narrow:
    TOPIC: ClassVar[str] = "language"
    nothing: frozenset[str]


def test_a_language_is_a_folder() -> None:
    assert {"ar", "en"} <= set(languages())
    assert language("tlh") is None
    assert language("../ar") is None


def test_a_topic_is_read_by_the_types_of_its_fields() -> None:
    arabic = language("ar")
    assert arabic is not None
    assert arabic.topic(Whole).script == "ARABIC"


def test_what_a_file_leaves_out_is_empty_and_so_is_a_topic_without_a_file() -> None:
    english = language("en")
    assert english is not None
    assert english.topic(Whole).nothing == frozenset()
    assert english.topic(Unheard) == Unheard(frozenset(), {})


def test_a_field_that_no_topic_has_is_refused() -> None:
    english = language("en")
    assert english is not None
    with pytest.raises(ValueError, match="script: no such field in Narrow"):
        english.topic(Narrow)
