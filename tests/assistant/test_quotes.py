"""The quotation trial: what is quoted and what is said, against what the articles really hold.

The cases were written by hand, as a sceptic and as a journalist would, in `tests/data/quotations.jsonl`: one a line, with
the name of what is wrong in it (or of what is right and easily refused). Their articles, which are invented, are in
`quotation_articles.jsonl` beside it.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.answer import Hit, Quote
from assistant.draft import Parser, Sheet, plain, requoted
from assistant.quotes import check, locate
from ingest.article import Article

DATA = Path(__file__).resolve().parent.parent / "data"
LEAST_ACCEPTED = 0.97  # of what is right, in each language; what is false is refused without exception

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
    article = Article(
        "said", case.get("title", ""), "\n".join(case["quotes"]), publisher=case.get("publisher", "")
    )
    return [_span(article, words) for words in case["quotes"]]


def _is_false(case: Case) -> bool:
    return case["expect"] is None or (case["test"] == "check" and case["expect"] != "ok")


def _accepted(case: Case) -> bool:
    """Whether a case of `locate` or `check` is taken for true."""
    if case["test"] == "check":
        return check(case["statement"], _said(case)).fault is None
    return _located(case) is not None


def _located(case: Case) -> Quote | None:
    article = ARTICLES[case["article"]]
    near = [_span(article, case["near"])] if "near" in case else []
    return locate(case["words"], article, near)


def _told(case: Case) -> str:
    words = case.get("words") or f"{case['statement']} <- {' | '.join(case['quotes'])}"
    return f"{case['language']} {case['kind']}: {words}"
