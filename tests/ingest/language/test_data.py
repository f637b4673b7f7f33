from dataclasses import dataclass
from typing import ClassVar

import pytest

from ingest.language import NumberWords
from ingest.language.data import language, languages, languages_of, merged


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
    assert (arabic.writing.script, arabic.writing.is_default) == ("ARABIC", True)
    assert {"مئة", "ميه"} & arabic.topic(NumberWords).small.keys() == {"ميه"}
    assert arabic.topic(NumberWords).small["ميه"] == 100


def test_what_a_file_leaves_out_is_empty_and_so_is_a_topic_without_a_file() -> None:
    english = language("en")
    assert english is not None
    assert english.writing.letters == ""
    assert english.topic(NumberWords).dual_nouns == frozenset()
    assert english.topic(Unheard) == Unheard(frozenset(), {})


def test_a_field_that_no_topic_has_is_refused() -> None:
    english = language("en")
    assert english is not None
    with pytest.raises(ValueError, match="script: no such field in Narrow"):
        english.topic(Narrow)


@pytest.mark.parametrize(
    ("code", "codes"), [("", "ar en"), ("en", "en ar"), ("ar", "ar en"), ("de", "ar en"), ("tlh", "ar en")]
)
def test_a_text_is_read_with_its_language_and_the_default_of_each_other_script(code: str, codes: str) -> None:
    assert [spoken.code for spoken in languages_of(code)] == codes.split()


def test_merged_topics_hold_the_words_of_all_languages_of_a_text() -> None:
    numbers = merged(NumberWords)
    assert (numbers.small["seven"], numbers.small["سبعه"]) == (7, 7)
    assert numbers.scales.keys() >= {"million", "مليون"}


def test_a_language_without_a_morphology_leaves_words_as_they_are() -> None:
    english, arabic = language("en"), language("ar")
    assert english is not None
    assert arabic is not None
    assert english.morphology.without_clitics("والشهر", {"شهر"}, ()) == "والشهر"
    assert arabic.morphology.without_clitics("والشهر", {"شهر"}, ()) == "شهر"
    assert arabic.morphology.without_clitics("والشهرين", {"شهرين"}, {"شهرين"}) == "والشهرين"
