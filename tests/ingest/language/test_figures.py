"""How figures are read."""

from decimal import Decimal

import pytest

from ingest.language import figures


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
        ("ستا وعشرين", 26),
        ("ألفي مليون", 2_000_000_000),
        ("two thousand million", 2_000_000_000),
        ("مليار و200 مليون", 1_200_000_000),
        ("دينارين ونصف", Decimal("2.5")),
        ("three in four", Decimal("0.75")),
        ("one out of five", Decimal("0.2")),
        ("ثلاثة من كل أربعة", Decimal("0.75")),
    ],
)
def test_a_number_has_one_value_however_it_is_written(text: str, value: float | Decimal) -> None:
    assert [figure.value for figure in figures(text) if figure.kind == "number"] == [value]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("at 2.30 p.m.", "time", "14:30"),
        ("الساعة 2:30 مساء", "time", "14:30"),
        ("half past eight in the evening", "time", "8:30"),
        ("a quarter to nine", "time", "8:45"),
        ("الثامنة والنصف مساء", "time", "20:30"),
        ("السادسة إلا ربعا صباحا", "time", "5:45 am"),
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


def test_killed_in_attacks_is_no_share_of_them() -> None:
    assert [figure.value for figure in figures("killed 3 in 4 attacks")] == [3, 4]


@pytest.mark.parametrize("odd", "❶ ➀ ⑴ ፩ ² ₂ Ⅷ ½ 🄌 ㊿".split())
def test_what_looks_like_a_digit_and_is_none_stops_nothing(odd: str) -> None:
    assert Decimal(12) in {figure.value for figure in figures(f"{odd} in {odd} and 12 {odd} pm, {odd}{odd} million")}


@pytest.mark.parametrize("length", [25, 29, 5_000, 1_000_001])
def test_a_number_of_many_digits_equals_itself_and_no_other(length: int) -> None:
    one, same, other = figures(f"{'7' * length} and then {'7' * length} but {'7' * (length - 1)}8")
    assert one.value == same.value != other.value


def test_a_number_of_many_digits_goes_on_like_any_other() -> None:
    for rest in ("million", "hundred third", "in 12", "and a half", "pm", "%"):
        assert figures(f"{'7' * 40} {rest}")
    assert figures("hundred " * 100_000)
    assert figures("9" * 24 + " thousand million")
