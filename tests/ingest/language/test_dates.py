"""Publication dates, as sources write them."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.language.dates import parse_date


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2021-07-14", "2021-07-14T00:00:00"),
        ("20210714", "2021-07-14T00:00:00"),
        ("2021/7/14", "2021-07-14T00:00:00"),
        ("2021-07-14T09:30", "2021-07-14T09:30:00"),
        ("2021-07-14T09:30:15Z", "2021-07-14T09:30:15"),
        ("2021-07-14T09:30:15.250+03:00", "2021-07-14T06:30:15.250000"),
        ("2021-07-14 09:30:15 -0500", "2021-07-14T14:30:15"),
        ("20210714T093015Z", "2021-07-14T09:30:15"),
        ("2021-07-14T093015", "2021-07-14T09:30:15"),
        ("20210714093015", "2021-07-14T09:30:15"),
        ("2021-W28-3", "2021-07-14T00:00:00"),
        ("2021-195", "2021-07-14T00:00:00"),
    ],
)
def test_iso_8601_is_read_in_all_its_forms(text: str, iso: str) -> None:
    assert parse_date(text) == datetime.fromisoformat(iso).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["05/04/2021", "5-4-2021", "05.04.2021", "٠٥/٠٤/٢٠٢١", "۵/۴/۲۰۲۱", "الاثنين 5/4/2021"])
def test_the_day_comes_first_in_numbers(text: str) -> None:
    assert parse_date(text) == datetime(2021, 4, 5, tzinfo=UTC)


def test_the_month_comes_first_where_the_day_cannot() -> None:
    assert parse_date("04/25/2021 9:05 PM") == datetime(2021, 4, 25, 21, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Wed, 14 Jul 2021 09:30:00 GMT",
        "Wed, 14 Jul 2021 12:30:00 +0300",
        "14 Jul 21 09:30:00 GMT",
        "Wed Jul 14 09:30:00 2021",
        "1626255000",
        "1626255000000",
        "14 July 2021, 09:30",
        "July 14th, 2021 at 9:30 a.m.",
        "الأربعاء ١٤ تموز ٢٠٢١ - ٠٩:٣٠",
        "09:30 | 14 يوليو 2021",
        "14 جويلية 2021 09h30",
    ],
)
def test_one_moment_in_many_spellings(text: str) -> None:
    assert parse_date(text) == datetime(2021, 7, 14, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("month", "names"),
    [
        (1, "كانون الثاني,يناير,جانفي,January,Jan"),
        (2, "شباط,فبراير,فيفري,February"),
        (3, "آذار,مارس,March"),
        (4, "نيسان,أبريل,ابريل,إبريل,أفريل,April"),
        (5, "أيار,مايو,ماي,May"),
        (6, "حزيران,يونيو,يونيه,جوان,June"),
        (7, "تموز,يوليو,جويلية,July"),
        (8, "آب,أغسطس,اغسطس,أوت,August"),
        (9, "أيلول,سبتمبر,September,Sept"),
        (10, "تشرين الأول,تشرين الاول,أكتوبر,October"),
        (11, "تشرين الثاني,نوفمبر,November"),
        (12, "كانون الأول,كانون الاول,ديسمبر,December"),
    ],
)
def test_the_months_of_the_arab_east_and_west(month: int, names: str) -> None:
    assert {parse_date(f"7 {name} 2019") for name in names.split(",")} == {datetime(2019, month, 7, tzinfo=UTC)}


@pytest.mark.parametrize("text", ["المشرق: 9 آذار/مارس 2020", "9 آذار (مارس) 2020", "15 رجب 1441 هـ - 9 مارس 2020 م"])
def test_two_calendars_side_by_side(text: str) -> None:
    assert parse_date(text) == datetime(2020, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "أمس الأحد", "2021", "May 2021", "31/31/2021", "2021-13-01", "9 آذار/أبريل 2020",
             "1442/06/26", "9999999999999999999", "9 May 2021 to 11 May 2021", "x" * 500, "0001-01-01T00:00:00+14:00"]
)  # fmt: skip
def test_what_names_no_day_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match="date"):
        parse_date(text)


def test_the_publishers_day_can_be_kept() -> None:
    assert parse_date("2021-07-14T01:30:00+03:00") == datetime(2021, 7, 13, 22, 30, tzinfo=UTC)
    assert parse_date("2021-07-14T01:30:00+03:00", keep_day=True) == datetime(2021, 7, 14, tzinfo=UTC)


@given(st.datetimes(datetime(1801, 1, 1), datetime(2099, 12, 31), timezones=st.timezones()))
def test_what_python_writes_is_read_back(moment: datetime) -> None:
    text = moment.isoformat()
    if moment.utcoffset() and moment.utcoffset().total_seconds() % 60 == 0:  # type: ignore[union-attr]
        assert parse_date(text) == moment.astimezone(UTC)


@given(st.text(max_size=60) | st.from_regex(r"[0-9T:+./ -]{1,30}", fullmatch=True))
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert parse_date(text).tzinfo is UTC
