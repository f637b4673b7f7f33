import json
from dataclasses import fields, replace

import numpy as np
import pytest

from assistant.answer import Turn
from assistant.question import reading
from assistant.retrieval.answerability import FILE, Signals, Weights, answers, case, signals
from assistant.retrieval.search import Candidate, TermOverlap
from ingest.archive import Stored
from ingest.article import Article

ASKED = reading.read("Who chaired the meeting in Baghdad?")


def candidate(
    article: str,
    score: float,
    terms: str = "chair meet baghdad",
    language: str = "en",
    overlap: TermOverlap | None = None,
) -> Candidate:
    stored = Stored(Article(article, "", "", language=language), 0, 10, 1, "", terms)
    full = TermOverlap(present=1.0, beyond_title=1.0, missing=0.0, rarest=0.0)
    return Candidate(stored, cosine=0.88, lift=0.1, bm25=0.9, score=score, overlap=overlap or full)


def test_nothing_found_is_no_answer() -> None:
    assert not answers(ASKED, [])


def test_a_near_passage_that_has_all_the_words_answers() -> None:
    assert answers(ASKED, [candidate("a", 40.0), candidate("b", 36.0, "other words here")])


def test_a_far_passage_that_has_none_of_the_words_does_not() -> None:
    stored = candidate("a", 29.0).stored
    far = Candidate(stored, cosine=0.74, lift=0.01, bm25=0.0, score=29.0, overlap=TermOverlap())
    assert not answers(ASKED, [far])


def test_the_weights_are_those_of_the_language_of_the_best_candidate() -> None:
    assert case(ASKED, [candidate("a", 40.0, language="en"), candidate("b", 39.0, language="ar")]) == "same language"
    assert case(ASKED, [candidate("a", 40.0, language="ar"), candidate("b", 39.0, language="en")]) == "other language"


def test_the_margin_is_to_the_next_article_that_tells_another_story() -> None:
    best, copy, other = (
        candidate("a", 40.0),
        candidate("b", 39.9, "chair meet baghdad monday"),
        candidate("c", 38.5, "gold price rose"),
    )
    assert signals(ASKED, [best, copy, other]).margin == pytest.approx(1.5)
    assert signals(ASKED, [best, candidate("a", 39.5, "gold"), other]).margin == pytest.approx(1.5)
    assert signals(ASKED, [best, candidate("c", 20.0, "gold price rose")]).margin == 3.0
    assert signals(ASKED, [best]).margin == 1.75


def test_long_questions_count_ten_terms() -> None:
    long = reading.read(" ".join(f"word{number}" for number in range(30)))
    assert signals(long, [candidate("a", 40.0)]).terms == 10.0


def test_confidence_is_the_sum_of_signals_squares_and_products_within_the_bounds_of_the_fit() -> None:
    weights = Weights(
        low=np.array([0.0, 0.0]), high=np.array([1.0, 4.0]), centre=np.array([0.5, 2.0]), spread=np.array([0.5, 2.0]),
        linear=np.array([1.0, 2.0]), square=np.array([[3.0, 4.0], [0.0, 5.0]]), constant=0.25,
    )  # fmt: skip
    assert float(weights(np.array([1.0, 2.0]))) == pytest.approx(0.25 + 1 + 3)
    assert float(weights(np.array([1.0, 4.0]))) == pytest.approx(0.25 + 1 + 2 + 3 + 4 + 5)
    assert float(weights(np.array([9.0, 9.0]))) == float(weights(np.array([1.0, 4.0])))
    assert weights(np.zeros((7, 2))).shape == (7,)


def test_the_file_holds_sound_weights_of_every_signal_for_both_cases() -> None:
    rows = json.loads(FILE.read_text("utf-8"))
    assert set(rows) == {"same language", "other language"}
    count = len(fields(Signals))
    for row in rows.values():
        assert {name: np.shape(value) for name, value in row.items()} == {
            **dict.fromkeys(("low", "high", "centre", "spread", "linear"), (count,)),
            "square": (count, count),
            "constant": (),
        }
        assert all(np.isfinite(value).all() for value in map(np.array, row.values()))
        assert min(row["spread"]) > 0


def follow_up(before: str, then: str) -> reading.Question:
    """A follow-up, read behind the question before it."""
    return reading.readings(then, [Turn(before)])[0]


LIGHTHOUSE = "Who was the last keeper of the lighthouse of Cape Sorrel?"


@pytest.mark.parametrize(
    ("then", "text", "told"),
    [
        ("How old is he?", "Verrandine kept the light for 31 years.", False),
        ("How old is he?", "Verrandine, aged 62, kept the light.", True),
        ("How old is he?", "A 62-year-old kept the light.", True),
        ("How old is he?", "وهو في الثانية والستين من عمره.", True),
        ("And his salary?", "The town bought it for one lume.", False),
        ("And the price?", "The town bought it for one lume.", True),
        ("And the height?", "The tower is 58 metres high.", True),
        ("And the height?", "The tower was lit 140 years ago.", False),
        ("For how long?", "The tower was lit 140 years ago.", True),
        ("How old is he?", "Verrandine, 62, kept the light.", True),
        ("And who is his heir?", "The tower was lit 140 years ago.", True),  # an heir may be called otherwise
        ("And why?", "The tower was lit 140 years ago.", True),
    ],
)
def test_a_follow_up_that_asks_for_a_measure_is_answered_by_one(then: str, text: str, told: bool) -> None:
    best = candidate("a", 40.0, "last keeper lighthous cape sorrel")
    told_in = replace(best.stored, article=Article("a", "", text, language="en"))
    assert answers(follow_up(LIGHTHOUSE, then), [replace(best, stored=told_in)]) is told


def test_what_is_asked_about_a_thing_is_no_thing() -> None:
    bank = [candidate("a", 40.0, "central bank melora decid rate")]
    asked = "What did the central bank of Melora decide?"
    assert not answers(follow_up(asked, "Unemployment rate?"), bank)
    assert answers(follow_up(asked, "Bank rate?"), bank)
