"""Near-copies: the same story word for word is found, whatever its lead and its length; an update is none."""

import json
from collections import Counter
from pathlib import Path

import pytest

from ingest.duplicates import keys, kinship

PAIRS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "near_copies.jsonl").read_text("utf-8").splitlines()
]
STORY = (
    "The ferry to Melora was cancelled for three days after the storm. Forty families spent the night in the sports "
    "hall on Lantern Street, said the harbour master. The gap in the wall was closed with six hundred stone blocks."
)


def is_copy(one: str, other: str) -> bool:
    """As the archive decides it: found by a key, then compared."""
    return bool({*keys(one)} & {*keys(other)}) and kinship(one, other) == "copy"


def test_of_the_labelled_pairs_copies_are_told_from_all_else() -> None:
    said = [is_copy(pair["one"]["text"], pair["other"]["text"]) for pair in PAIRS]
    counts = Counter((found, pair["copy"]) for found, pair in zip(said, PAIRS, strict=True))
    right = counts[True, True]
    assert right / (right + counts[True, False]) >= 0.98
    assert right / (right + counts[False, True]) >= 0.95


def test_there_are_pairs_of_every_kind_in_both_languages() -> None:
    arabic = [any("\u0621" <= letter <= "\u064a" for letter in pair["other"]["text"]) for pair in PAIRS]
    assert len(PAIRS) >= 80
    assert min(sum(arabic), len(PAIRS) - sum(arabic)) >= 30
    assert min(Counter(pair["copy"] for pair in PAIRS).values()) >= 40


@pytest.mark.parametrize("pair", PAIRS[::10], ids=lambda pair: pair["other"]["title"])
def test_it_does_not_matter_which_of_two_comes_first(pair: dict[str, dict[str, str]]) -> None:
    one, other = pair["one"]["text"], pair["other"]["text"]
    assert kinship(one, other) == kinship(other, one)


@pytest.mark.parametrize(
    ("old", "new"),
    [("Forty", "Sixty"), ("six hundred", "seven hundred"), ("was cancelled", "was not cancelled"), ("three", "12")],
)
def test_the_same_words_with_another_figure_are_an_update(old: str, new: str) -> None:
    assert kinship(STORY, STORY.replace(old, new)) == "update"


def test_a_figure_in_words_is_the_same_figure() -> None:
    assert kinship(STORY, STORY.replace("Forty", "40").replace("three", "3")) == "copy"


def test_spelling_tashkeel_and_digits_of_another_script_are_no_difference() -> None:
    one = "أعلنت مكتبة تل حروان يوم الأحد أنها رممت 700 مخطوط قديم خلال ثلاث سنوات من العمل المتواصل."
    other = "أعلنتْ مكتبه تل حروان يوم الاحد انها رمّمت ٧٠٠ مخطوط قديم خلال ثلاث سنوات من العمل المتواصل."
    assert set(keys(one)) == set(keys(other))
    assert kinship(one, other) == "copy"


def test_one_sentence_of_a_very_long_article_leads_to_it() -> None:
    long = " ".join(f"Sentence number {n} speaks of the ship {n * 7} that sails to port {n * 3}." for n in range(60))
    cut = long[: long.index("Sentence number 2 ")]
    assert {*keys(cut)} & {*keys(f"{STORY} {long}")}
    assert kinship(cut, long) == "copy"


@pytest.mark.parametrize("text", ["", "...", "Word.", "\ud800", "a b c"])
def test_what_has_few_words_or_none_is_compared_without_an_error(text: str) -> None:
    assert kinship(text, STORY) == "other"
    assert len(keys(text)) <= 40
