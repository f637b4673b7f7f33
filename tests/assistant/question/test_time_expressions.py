"""The time that a question names, read on Wednesday 25 November 2026."""

from datetime import UTC, date, datetime

import pytest

from assistant.question.time_expressions import read_dates, undated

TODAY = date(2026, 11, 25)


def read(question: str) -> tuple[str, str, str] | None:
    """The words, the first day and the last one that is searched."""
    found = read_dates(question, TODAY)
    return found and (found.words, f"{found.since or '':%Y-%m-%d}" if found.since else "", last(found.until))


def last(until: datetime | None) -> str:
    return f"{until:%Y-%m-%d}" if until else ""


@pytest.mark.parametrize(
    ("question", "words", "since", "until"),
    [
        ("What did the minister say in March 2024?", "in March 2024", "2024-03-01", "2024-04-03"),
        ("ماذا قال الوزير في مارس 2024؟", "في مارس 2024", "2024-03-01", "2024-04-03"),
        ("ماذا قال الوزير في آذار/مارس ٢٠٢٤ عن الماء؟", "في آذار/مارس ٢٠٢٤", "2024-03-01", "2024-04-03"),
        ("Who was elected on 5 May 2023?", "on 5 May 2023", "2023-05-05", "2023-05-08"),
        ("Who was elected on May 5th, 2023 in Marn?", "on May 5th, 2023", "2023-05-05", "2023-05-08"),
        ("من انتُخب يوم 5 أيار 2023؟", "يوم 5 أيار 2023", "2023-05-05", "2023-05-08"),
        ("What happened on 2023-05-05?", "on 2023-05-05", "2023-05-05", "2023-05-08"),
        ("What happened on May 5?", "on May 5", "2026-05-05", "2026-05-08"),
        ("What happened on 5 December?", "on 5 December", "2025-12-05", "2025-12-08"),
        ("Who marched in May?", "in May", "2026-05-01", "2026-06-03"),
        ("من فاز عام ٢٠١٢؟", "عام ٢٠١٢", "2012-01-01", "2013-01-03"),
        ("Who won in 2012?", "in 2012", "2012-01-01", "2013-01-03"),
        ("What has changed since January 2020?", "since January 2020", "2020-01-01", ""),
        ("ما الذي تغير منذ يناير 2020؟", "منذ يناير 2020", "2020-01-01", ""),
        ("What was said after 3 March 2019?", "after 3 March 2019", "2019-03-04", ""),
        ("What was said before 2020?", "before 2020", "", "2020-01-01"),
        ("ماذا قيل قبل سنة 1990؟", "قبل سنة 1990", "", "1990-01-01"),
        ("What was said until March 2019?", "until March 2019", "", "2019-04-01"),
        ("What was said between March and May 2019?", "between March and May 2019", "2019-03-01", "2019-06-03"),
        ("ماذا قيل بين آذار وأيار 2019؟", "بين آذار وأيار 2019", "2019-03-01", "2019-06-03"),
        ("What was said from 2017 to 2018?", "from 2017 to 2018", "2017-01-01", "2019-01-03"),
        ("ماذا قيل من 3 مارس 2019 إلى 5 مارس 2019؟", "من 3 مارس 2019 إلى 5 مارس 2019", "2019-03-03", "2019-03-08"),
        ("What happened yesterday?", "yesterday", "2026-11-24", "2026-11-26"),
        ("ماذا حدث أمس؟", "أمس", "2026-11-24", "2026-11-26"),
        ("ماذا حدث أول أمس؟", "أول أمس", "2026-11-23", "2026-11-26"),
        ("What is new today?", "today", "2026-11-25", "2026-11-26"),
        ("ما سعر الذهب اليوم؟", "اليوم", "2026-11-25", "2026-11-26"),
        ("What was announced this week?", "this week", "2026-11-23", "2026-11-26"),
        ("ماذا أُعلن هذا الأسبوع؟", "هذا الأسبوع", "2026-11-22", "2026-11-26"),
        ("What was announced last week?", "last week", "2026-11-16", "2026-11-25"),
        ("ماذا أُعلن في الأسبوع الماضي؟", "في الأسبوع الماضي", "2026-11-15", "2026-11-24"),
        ("What was announced last month?", "last month", "2026-10-01", "2026-11-03"),
        ("ماذا أُعلن العام الماضي؟", "العام الماضي", "2025-01-01", "2026-01-03"),
        ("Who resigned in the last three days?", "in the last three days", "2026-11-22", "2026-11-26"),
        ("من استقال خلال الأيام الثلاثة الأخيرة؟", "خلال الأيام الثلاثة الأخيرة", "2026-11-22", "2026-11-26"),
        ("من استقال في آخر 3 أيام؟", "في آخر 3 أيام", "2026-11-22", "2026-11-26"),
        ("من استقال في اليومين الماضيين؟", "في اليومين الماضيين", "2026-11-23", "2026-11-26"),
        ("Who resigned over the past month?", "over the past month", "2026-10-26", "2026-11-26"),
        ("Who resigned 3 days ago?", "3 days ago", "2026-11-22", "2026-11-25"),
        ("من استقال قبل يومين؟", "قبل يومين", "2026-11-23", "2026-11-26"),
        ("Who resigned two weeks ago?", "two weeks ago", "2026-11-08", "2026-11-17"),
        ("من استقال قبل أسبوعين؟", "قبل أسبوعين", "2026-11-08", "2026-11-17"),
        ("Who spoke last Wednesday?", "last Wednesday", "2026-11-18", "2026-11-21"),
        ("من تحدث يوم الاثنين الماضي؟", "يوم الاثنين الماضي", "2026-11-23", "2026-11-26"),
    ],
)
def test_a_time_is_read_and_news_of_it_may_come_two_days_later(
    question: str, words: str, since: str, until: str
) -> None:
    assert read(question) == (words, since, until)


@pytest.mark.parametrize(
    "question",
    [
        "Who may speak?",
        "What may 5 people do?",
        "How large was last year's deficit?",
        "What does the 2019 report say?",
        "When was the last great flood?",
        "What will happen by 2030?",
        "What happens in 2031?",
        "What happened on 31 February 2019?",
        "Who marched in 1000 villages?",
        "من فاز بكأس مارس؟",
        "ما أهداف اليوم العالمي للمرأة؟",
        "ماذا قال الوزير قبل الحرب؟",
        "كم عدد الأيام؟",
        "متى يبدأ شهر رمضان؟",
        "في أي سنة بُني الجسر؟",
    ],
)
def test_what_only_looks_like_a_time_is_none(question: str) -> None:
    assert read(question) is None


def test_of_several_times_the_last_one_is_meant() -> None:
    assert read("Not in 2018, what was said in 2019?") == ("in 2019", "2019-01-01", "2020-01-03")


@pytest.mark.parametrize(
    ("question", "surely"),
    [
        ("What happened yesterday?", True),
        ("ماذا حدث الأسبوع الماضي؟", True),
        ("What happened in the last 3 days?", True),
        ("What happened in 2019?", False),
        ("ماذا حدث العام الماضي؟", False),
        ("What is it worth today?", False),
    ],
)
def test_of_the_last_days_nothing_else_is_wanted(question: str, surely: bool) -> None:
    found = read_dates(question, TODAY)
    assert found
    assert found.exclusive is surely


@pytest.mark.parametrize(
    ("question", "day"),
    [("Who spoke on 5 May 2023?", "2023-05-05"), ("ماذا حدث أمس؟", "2026-11-24"), ("Who spoke in May 2023?", ""),
     ("Who spoke after 5 May 2023?", "")],
)  # fmt: skip
def test_a_single_day_is_kept(question: str, day: str) -> None:
    found = read_dates(question, TODAY)
    assert found
    assert last(found.day) == day


def test_a_time_is_whole_days_of_utc() -> None:
    found = read_dates("What happened yesterday?", TODAY)
    assert found
    assert found.since == datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("How many were injured in March 2019?", "How many were injured?"),
        ("What did she say yesterday about water?", "What did she say about water?"),
        ("Who spoke on 3 March 2019 in Marn?", "Who spoke in Marn?"),
        ("Which laws passed between 2019 and 2021?", "Which laws passed?"),
        ("What may the president do?", "What may the president do?"),
        ("كم بلغ عدد المصابين في آذار 2019؟", "كم بلغ عدد المصابين؟"),
        ("ماذا قالت الوزيرة أمس عن المياه؟", "ماذا قالت الوزيرة عن المياه؟"),
        ("من تحدث يوم 3 مارس 2019 في مرنة؟", "من تحدث في مرنة؟"),
        ("ماذا حدث عام ٢٠١٩ في زهروان؟", "ماذا حدث في زهروان؟"),
        ("In 2019?", "In 2019?"),
    ],
)
def test_a_question_without_its_times(asked: str, left: str) -> None:
    assert undated(asked) == left
