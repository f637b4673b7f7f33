"""How figures are read, and what a clause denies, on their own."""

from decimal import Decimal

import pytest

from assistant.quotes.figures import figures
from assistant.quotes.opposites import opposed
from assistant.quotes.polarity import clauses, denied_before


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,500,000", 1_500_000),
        ("1.5 million", 1_500_000),
        ("one and a half million", 1_500_000),
        ("half a million", 500_000),
        ("two thousand three hundred", 2_300),
        ("thirty-seven", 37),
        ("$3.2m", 3_200_000),
        ("−5", -5),
        ("the 21st", 21),
        ("two thirds", Decimal(2) / 3),
        ("١٬٥٠٠٬٠٠٠", 1_500_000),
        ("مليون ونصف المليون", 1_500_000),
        ("مليونا لوم", 2_000_000),
        ("ألفين وثلاثمئة", 2_300),
        ("سبعة وثلاثون", 37),
        ("إحدى عشرة", 11),
        ("ثلاثة أرباع", Decimal("0.75")),
        ("شهرين", 2),
        ("الثالث والعشرين", 23),
    ],
)
def test_a_number_has_one_value_however_it_is_written(text: str, value: float | Decimal) -> None:
    assert [figure.value for figure in figures(text) if figure.kind == "number"] == [value]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("at 2.30 p.m.", "time", "14:30"),
        ("الساعة 2:30 مساء", "time", "14:30"),
        ("2025-03-03", "month", "3"),
        ("كانون الثاني", "month", "1"),
        ("في رمضان", "month", "hijri 9"),
        ("thousands of people", "vague", 1_000),
        ("آلاف السكان", "vague", 1_000),
        ("€12", "currency", "eur"),
        ("يوم الأحد", "day", "6"),
    ],
)
def test_times_months_days_and_currencies_are_figures(text: str, kind: str, value: object) -> None:
    assert (kind, value) in [(figure.kind, figure.value) for figure in figures(text)]


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
