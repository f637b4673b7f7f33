import pytest

from assistant.answer import Turn
from assistant.question import NoQuestion, read


def test_a_question_knows_its_language() -> None:
    assert read("من ترأس الاجتماع؟").language == "ar"
    assert read("Who chaired the meeting?").language == "en"


def test_terms_are_stemmed_and_without_function_words() -> None:
    assert read("Who chaired the meetings?").terms == ("chair", "meet")


@pytest.mark.parametrize("text", ["", "   ", "؟", "?!...", "\u200f\x00"])
def test_what_has_no_words_is_no_question(text: str) -> None:
    with pytest.raises(NoQuestion, match="no question"):
        read(text)


def test_an_endless_question_is_refused_with_its_length() -> None:
    with pytest.raises(NoQuestion, match=r"2,001 characters"):
        read("a" * 2001)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("من ترأس الاجتماع في زهروان؟", "ومتى؟"),
        ("Who chaired the meeting in Ternavale?", "and when?"),
        ("Who chaired the meeting in Ternavale?", "Where was he born?"),
    ],
)
def test_a_follow_up_is_searched_with_the_question_that_it_leans_on(first: str, then: str) -> None:
    asked = read(then, [Turn("What is something else?"), Turn(first, "an answer")])
    assert asked.text == then
    assert asked.standalone == f"{first} {then}"


def test_a_chain_of_follow_ups_goes_back_to_its_beginning() -> None:
    first = "Who chaired the meeting in Ternavale?"
    asked = read("and why?", [Turn("Is the harbour open?"), Turn(first), Turn("and when?")])
    assert asked.standalone == f"{first} and when? and why?"


def test_a_question_that_stands_alone_is_left_alone() -> None:
    text = "How many ships left the harbour of Oskara?"
    assert read(text, [Turn("Who chaired the meeting in Ternavale?")]).standalone == text
