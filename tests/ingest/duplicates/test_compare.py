"""Near-copies: the same story word for word is found, whatever its lead and its length; an update is none."""

import json
from collections import Counter
from pathlib import Path

import pytest

from ingest.duplicates import lookup_keys, relation

PAIRS = [
    json.loads(line)
    for line in (Path(__file__).resolve().parents[2] / "data" / "near_copies.jsonl").read_text("utf-8").splitlines()
]
STORY = (
    "The ferry to Melora was cancelled for three days after the storm. Forty families spent the night in the sports "
    "hall on Lantern Street, said the harbour master. The gap in the wall was closed with six hundred stone blocks."
)


def is_copy(one: str, other: str) -> bool:
    """As the archive decides it: found by a key, then compared."""
    return bool({*lookup_keys(one)} & {*lookup_keys(other)}) and relation(one, other) == "copy"


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
    assert relation(one, other) == relation(other, one)


@pytest.mark.parametrize(
    ("old", "new"),
    [("Forty", "Sixty"), ("six hundred", "seven hundred"), ("was cancelled", "was not cancelled"), ("three", "12")],
)
def test_the_same_words_with_another_figure_are_an_update(old: str, new: str) -> None:
    assert relation(STORY, STORY.replace(old, new)) == "update"


@pytest.mark.parametrize(
    ("old", "new"),
    [("Forty", "40"), ("six hundred", "600"), ("six hundred", "more than 600"), ("three days", "3 days"),
     ("was cancelled", "was cancelled, though not by its crew,"), ("after the storm", "after Friday's storm")],
)  # fmt: skip
def test_the_same_figure_written_otherwise_is_a_copy(old: str, new: str) -> None:
    assert relation(STORY, STORY.replace(old, new)) == "copy"


def test_a_weekday_does_not_contradict_a_date() -> None:
    wednesday = STORY.replace("after the storm", "on Wednesday")
    assert relation(wednesday, STORY.replace("after the storm", "on 7 June")) == "copy"
    assert relation(wednesday, STORY.replace("after the storm", "on Thursday")) == "update"


@pytest.mark.parametrize(
    ("lead", "kind"),
    [("At least 31 people are now known to have died.", "update"), ("They put the number of the dead at 31.", "update"),
     ("ارتفعت حصيلة القتلى إلى 31، بحسب الجيش.", "update"), ("The toll rose from 12 to 31 overnight.", "update"),
     ("Of the wounded, 31 are still in hospital.", "copy"), ("Twelve people were killed, said the army.", "copy"),
     ("At noon on 31 May many visited the dead.", "copy"), ("Its captain died in 1931 in a fire.", "copy")],
)  # fmt: skip
def test_a_newer_toll_makes_an_update_wherever_it_stands(lead: str, kind: str) -> None:
    assert relation(f"The storm killed 12 people on the coast.\n\n{STORY}", f"{lead}\n\n{STORY}") == kind


def test_a_denial_that_moved_to_the_next_sentence_is_no_contradiction() -> None:
    apart = "The ferry to Melora waits in the port. Its captain did not say when it would sail to the islands again."
    joined = "The ferry to Melora waits in the port, and its captain did not say when it would sail. The islands wait."
    assert relation(f"{apart} {STORY}", f"{joined} {STORY}") == "copy"


@pytest.mark.parametrize(
    ("one", "other"),
    [("The ministry did not open the road.", "The ministry opened the road at last."),
     ("لم تبحر السفينة من الميناء صباح اليوم.", "وأبحرت السفينة من الميناء صباح اليوم."),
     ("The council approved the plan for a bridge.", "The council rejected the plan for a bridge."),
     ("وافق المجلس على مشروع الجسر الجديد.", "رفض المجلس مشروع الجسر الجديد."),
     ("The cabinet appointed Helga Marrin director.", "The cabinet appointed Lena Sund director."),
     ("عين المجلس المهندس عادل السفرجلي مديرا للميناء.", "عين المجلس المهندس بسام القرنفلي مديرا للميناء.")],
)  # fmt: skip
def test_a_turned_sense_or_another_person_makes_an_update(one: str, other: str) -> None:
    assert relation(f"{one}\n\n{STORY}", f"{other}\n\n{STORY}") == "update"


def test_a_name_spelled_otherwise_is_the_same_name() -> None:
    lead = "The cabinet appointed Yousra Haddad director of the port."
    assert relation(f"{lead} {STORY}", f"{lead.replace('Yousra Haddad', 'Yusra Hadad')} {STORY}") == "copy"


def test_what_a_page_puts_around_an_article_is_no_part_of_it() -> None:
    short = STORY[: STORY.index(" The gap")]
    one = "Subscribe today for 4 lumes a month and read all our articles, puzzles and recipes without advertisements."
    other = "جميع الحقوق محفوظة لصحيفة المنارة، ولا يجوز نشر هذه المادة أو إعادة توزيعها من غير إذن مكتوب من الصحيفة."
    assert relation(f"{short}\n\n{one}\n{one}", f"{short}\n\n{other}\n{other}") == "copy"
    assert relation(one, other) == "other"


def test_spelling_tashkeel_and_digits_of_another_script_are_no_difference() -> None:
    one = "أعلنت مكتبة تل حروان يوم الأحد أنها رممت 700 مخطوط قديم خلال ثلاث سنوات من العمل المتواصل."
    other = "أعلنتْ مكتبه تل حروان يوم الاحد انها رمّمت ٧٠٠ مخطوط قديم خلال ثلاث سنوات من العمل المتواصل."
    assert set(lookup_keys(one)) == set(lookup_keys(other))
    assert relation(one, other) == "copy"


def test_one_sentence_of_a_very_long_article_leads_to_it() -> None:
    long = " ".join(f"Sentence number {n} speaks of the ship {n * 7} that sails to port {n * 3}." for n in range(60))
    cut = long[: long.index("Sentence number 2 ")]
    assert {*lookup_keys(cut)} & {*lookup_keys(f"{STORY} {long}")}
    assert relation(cut, long) == "copy"


@pytest.mark.parametrize("text", ["", "...", "Word.", "\ud800", "a b c"])
def test_what_has_few_words_or_none_is_compared_without_an_error(text: str) -> None:
    assert relation(text, STORY) == "other"
    assert len(lookup_keys(text)) <= 40
