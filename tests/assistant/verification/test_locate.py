"""The quotation trial: what is quoted and what is said, against what the articles really hold.

The cases were written by hand, as a sceptic and as a journalist would, in `tests/data/quotations.jsonl`: one a
line, with the name of what is wrong in it (or of what is right and easily refused). Their articles, which are
invented, are in `quotation_articles.jsonl` beside it.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.answer import Hit, Quote
from assistant.verification import check, locate, requoted, without_markup
from assistant.writers.numbered_sentences import NumberedSentences
from assistant.writers.output_parser import Parser
from ingest.article import Article

DATA = Path(__file__).resolve().parents[2] / "data"
LEAST_LOCATED = 0.97  # of what is right, in each language; what is false is refused without exception
LEAST_SHOWN = 0.06  # of the statements that are right; the others are replaced by the sentences that they rest on

Case = dict[str, Any]


def _lines(name: str) -> list[Case]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


ARTICLES = {row["id"]: Article(**row) for row in _lines("quotation_articles.jsonl")}
CASES = _lines("quotations.jsonl")


def _params(test: str) -> list[Any]:
    chosen = [case for case in CASES if case["test"] == test]
    return [pytest.param(case, id=f"{n}-{case['language']}-{case['kind']}") for n, case in enumerate(chosen)]


def _span(article: Article, words: str, nth: int = 1) -> Quote:
    """The quotation of an article's own words, where they stand for the nth time."""
    start = -1
    for _ in range(nth):
        start = article.text.index(words, start + 1)
    return Quote(article, start, start + len(words))


def _said(case: Case) -> list[Quote]:
    """The sentences that carry a statement, in an article of nothing else."""
    article = Article("said", case.get("title", ""), "\n".join(case["quotes"]), publisher=case.get("publisher", ""))
    return [_span(article, words) for words in case["quotes"]]


def _is_false(case: Case) -> bool:
    return case["expect"] is None or (case["test"] == "check" and case["expect"] != "ok")


def _accepted(case: Case) -> bool:
    """Whether a case of `locate` is found, or one of `check` shown in the writer's words; no judge is asked."""
    if case["test"] == "check":
        return check(case["statement"], _said(case)).proof == "shortened"
    return _located(case) is not None


def _located(case: Case) -> Quote | None:
    article = ARTICLES[case["article"]]
    near = [_span(article, case["near"])] if "near" in case else []
    return locate(case["words"], article, near)


def _told(case: Case) -> str:
    words = case.get("words") or f"{case['statement']} <- {' | '.join(case['quotes'])}"
    return f"{case['language']} {case['kind']}: {words}"


def test_the_trial_is_large_and_even() -> None:
    counts = {(test, language): 0 for test in ("locate", "check") for language in ("ar", "en")}
    for case in CASES:
        if case["test"] in ("locate", "check"):
            counts[case["test"], case["language"]] += 1
    assert len(CASES) >= 240
    assert min(counts.values()) >= 80
    for test in ("locate", "check"):
        assert abs(counts[test, "ar"] - counts[test, "en"]) <= 0.15 * counts[test, "en"]


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("test", ["locate", "check"])
def test_what_is_false_is_refused_without_exception(test: str, language: str) -> None:
    false = [case for case in CASES if (case["test"], case["language"]) == (test, language) and _is_false(case)]
    assert [_told(case) for case in false if _accepted(case)] == []


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize(("test", "least"), [("locate", LEAST_LOCATED), ("check", LEAST_SHOWN)])
def test_what_is_right_is_accepted(test: str, least: float, language: str) -> None:
    right = [case for case in CASES if (case["test"], case["language"]) == (test, language) and not _is_false(case)]
    refused = [_told(case) for case in right if not _accepted(case)]
    print(*refused, sep="\n")
    assert len(refused) <= (1 - least) * len(right), refused


def test_a_statement_is_carried_by_sentences_of_what_was_cited_or_says_why_not() -> None:
    for case in CASES:
        if case["test"] == "check":
            checked = check(case["statement"], cited := _said(case))
            assert (checked.proof == "") is (checked.fault is not None)
            assert checked.quotes
            assert all(any(one.lies_in(other) for other in cited) for one in checked.quotes)


@pytest.mark.parametrize("case", _params("locate"))
def test_a_quotation_is_found_at_its_place_or_not_at_all(case: Case) -> None:
    article = ARTICLES[case["article"]]
    found = _located(case)
    expected = None if case["expect"] is None else _span(article, case["expect"], case.get("nth", 1))
    assert found == expected
    assert found is None or article.text[found.start : found.end] == found.text


@pytest.mark.parametrize("case", _params("requoted"))
def test_words_between_marks_become_the_articles_own_or_lose_their_marks(case: Case) -> None:
    article = ARTICLES[case["article"]]
    text, quotes = requoted(case["statement"], [_span(article, words) for words in case["quotes"]])
    assert text == case["expect"]
    assert all(quote.text == article.text[quote.start : quote.end] for quote in quotes)


@pytest.mark.parametrize("case", _params("stream"))
def test_ids_are_read_from_a_stream(case: Case) -> None:
    parser = Parser()
    drafted = [one for piece in case["pieces"] for one in parser.feed(piece)] + parser.close()
    assert [[without_markup(one.text), [list(pair) for pair in one.ids]] for one in drafted] == case["expect"]


@pytest.mark.parametrize("case", _params("stream"))
def test_a_stream_may_be_cut_anywhere(case: Case) -> None:
    parser = Parser()
    drafted = [one for letter in "".join(case["pieces"]) for one in parser.feed(letter)] + parser.close()
    assert [[without_markup(one.text), [list(pair) for pair in one.ids]] for one in drafted] == case["expect"]


@pytest.mark.parametrize("case", _params("numbered_sentences"))
def test_ids_that_there_are_not_name_nothing(case: Case) -> None:
    articles = [ARTICLES[name] for name in case["passages"]]
    sentences = NumberedSentences([Hit(article, 0, len(article.text), 1.0, 1.0) for article in articles], 10_000, "en")
    assert [quote.text for quote in sentences.quotes([(one, two) for one, two in case["ids"]])] == case["expect"]


@pytest.mark.parametrize(
    ("question", "statement", "fault"),
    [
        ("When did the ferry of Anwick win the race?", "The ferry of Anwick won the race.", ""),
        ("When was the race of Anwick won by the ferry?", "The ferry of Anwick won the race.", "question"),
        ("متى فازت عبّارة أنويك بالسباق؟", "فازت عبّارة أنويك بالسباق.", "question"),
        ("متى فازت عبّارة أنويك بالسباق؟", "The ferry of Anwick won the race.", "language"),
    ],
)
def test_a_question_said_back_or_an_answer_in_another_script_is_no_answer(
    question: str, statement: str, fault: str
) -> None:
    article = Article(
        "a" * 16, "", "The ferry of Anwick won the race in 2000. فازت عبّارة أنويك بالسباق في 2000.", language=""
    )
    spans = [(0, 41), (42, len(article.text))]
    start, end = spans[statement[0] == "ف"]
    checked = check(statement, [Quote(article, start, end)], question)
    assert (checked.fault.kind if checked.fault else "") == fault
