"""What a clause denies and what is opposed, on their own."""

import pytest

from assistant.quotes.opposites import opposed
from assistant.quotes.polarity import clauses, denied_before


@pytest.mark.parametrize(
    ("text", "language", "odd"),
    [
        ("The dam will not be rebuilt", "en", True),
        ("Nobody was hurt", "en", True),
        ("She did not deny the attack", "en", False),
        ("He denied that he had not paid", "en", False),
        ("No fewer than 200 people came", "en", False),
        ("The bank not only held rates", "en", False),
        ("Neither the driver nor the passenger was hurt", "en", True),
        ("The hospital is no longer open", "en", True),
        ("لن يعيد المجلس بناء السد", "ar", True),
        ("لم يعد المصرف يشتري السندات", "ar", True),
        ("ما زال المحللون ينتظرون", "ar", False),
        ("ولم يخصص المجلس سوى نصفها", "ar", False),
        ("ولم تنف الوزيرة علمها بالخطر", "ar", False),
        ("نفى المتحدث وقوع هجوم", "ar", True),
        ("ما حضر الوزير", "ar", True),
        ("ما لا يقل عن ألفي شخص", "ar", False),
    ],
)
def test_a_clause_denies_or_it_does_not(text: str, language: str, odd: bool) -> None:
    assert [clause.odd for clause in clauses(text, language)] == [odd]


@pytest.mark.parametrize(
    ("said", "quoted", "turned"),
    [
        ("prices rose", "prices fell", True),
        ("prices rose", "prices climbed", False),
        ("likely to open", "unlikely to open", True),
        ("انخفضت الاسعار", "ارتفعت الاسعار", True),
        ("prices rose", "وتراجعت الاسعار", True),
        ("before january", "after the vote", False),
    ],
)
def test_one_word_may_turn_a_statement(said: str, quoted: str, turned: bool) -> None:
    assert bool(opposed([said.split()], [quoted.split()])) is turned


@pytest.mark.parametrize(
    ("before", "words", "denied"),
    [
        ("we will not", "raise rates", True),
        ("the mayor denied that", "the council knew", True),
        ("the council met;", "it will rebuild the dam", False),
        ("نفت رييسه البلديه ان", "يكون المجلس قد تجاهل", True),
        ("المجلس", "يعيد بناء السد", False),
        ("the mayor denied", "taking bribes", True),
        ("the reports were denied by", "the mayor of halvorn", False),
        ("ونفى مدير المستشفى عادل شاهين", "وجود نقص في الادويه", True),
    ],
)
def test_what_stands_before_a_quotation_may_deny_it(before: str, words: str, denied: bool) -> None:
    assert denied_before(before, words) is denied
