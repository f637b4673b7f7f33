"""The time that a question names: "last week", «في مارس 2024». What was published then is looked at first."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from assistant.answer import Dates
from ingest.language import ARABIC_NUMBERS, DAYS, ENGLISH_NUMBERS, MONTHS, fold, folded, forms
from ingest.language.dates import parse_date

_GRACE = timedelta(days=2)  # the news of a day is published on it or soon after
_DAY = timedelta(days=1)

_Span = tuple[date | None, date | None]  # from this day, before that one
_Reader = Callable[[re.Match[str], date], _Span]


def read_dates(question: str, today: date) -> Dates | None:
    """The time that a question names; of several, the last one.

    A time that is all to come is none, nor is a year that is only part of a name ("the 2019 report").

    Args:
        question: as it was asked.
        today: the reader's day.
    """
    whole = fold(question)
    for match, reader, surely in reversed(list(_found(whole.text))):
        try:
            since, until = reader(match, today)
        except ValueError:  # 31 February
            continue
        if (since is None or since <= today) and (until is None or until <= today + _DAY or since):
            start, end = whole.span(*match.span())
            closed = until and since and min(until + _GRACE, max(until, today + _DAY))
            day = since if since and until == since + _DAY else None
            return Dates(question[start:end], _moment(since), _moment(closed or until), surely, _moment(day))
    return None


def undated(question: str) -> str:
    """The question without the times that it names; itself where it says nothing without them."""
    whole = fold(question)
    kept, place = [], 0
    for match, _, _ in _found(whole.text):
        start, end = whole.span(*match.span())
        kept.append(question[place:start])
        place = end
    left = re.sub(r"\s+([?؟!.,،])", r"\1", " ".join(" ".join([*kept, question[place:]]).split()))
    return left if len(re.findall(r"\w{2,}", left)) > 1 else question


def _found(flat: str) -> Iterator[tuple[re.Match[str], _Reader, bool]]:
    """The times in folded text, in order; where they overlap, the one that begins first, the longest of several."""
    found = [(match, reader, surely) for kind, reader, surely in _KINDS for match in kind.finditer(flat)]
    end = 0
    for one in sorted(found, key=lambda one: (one[0].start(), -one[0].end())):
        if one[0].start() >= end:
            end = one[0].end()
            yield one


def _moment(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


# -- what the words mean -------------------------------------------------------------------------------------------


def _days_ago(days: int) -> _Reader:
    return lambda match, today: (today - days * _DAY, today - (days - 1) * _DAY)


def _this(match: re.Match[str], today: date) -> _Span:
    return _beginning(match["unit"], today), today + _DAY


def _last(match: re.Match[str], today: date) -> _Span:
    end = _beginning(match["unit"], today)
    return _beginning(match["unit"], end - _DAY), end


def _beginning(unit: str, today: date) -> date:
    """Of the week, month or year that a day is in; Arabic weeks begin on Sunday."""
    if _LENGTHS[unit] == 7:
        return today - (today.weekday() if unit.isascii() else (today.weekday() + 1) % 7) * _DAY
    return today.replace(day=1) if _LENGTHS[unit] == 30 else today.replace(month=1, day=1)


def _recent(match: re.Match[str], today: date) -> _Span:
    return today - _length(match) * _DAY, today + _DAY


def _ago(match: re.Match[str], today: date) -> _Span:
    """What is 3 days ago is that day, what is 2 weeks ago a week about that day."""
    wide = _LENGTHS[match["unit"]] // 2
    then = today - _length(match) * _DAY
    return then - wide * _DAY, then + (wide + 1) * _DAY


def _length(match: re.Match[str]) -> int:
    """Days."""
    count = match["count"] or "1"
    number = int(count) if count.isdecimal() else ENGLISH_NUMBERS.get(count) or ARABIC_NUMBERS.get(count, 1)
    return (2 if match["unit"] in _DUALS else number) * _LENGTHS[match["unit"]]


def _weekday(match: re.Match[str], today: date) -> _Span:
    back = (today.weekday() - DAYS[match["weekday"]] - 1) % 7 + 1
    return today - back * _DAY, today - (back - 1) * _DAY


def _within(match: re.Match[str], today: date) -> _Span:
    return _named(match["date"], today)


def _since(match: re.Match[str], today: date) -> _Span:
    return _named(match["date"], today)[0], None


def _after(match: re.Match[str], today: date) -> _Span:
    return _named(match["date"], today)[1], None


def _before(match: re.Match[str], today: date) -> _Span:
    return None, _named(match["date"], today)[0]


def _till(match: re.Match[str], today: date) -> _Span:
    return None, _named(match["date"], today)[1]


def _between(match: re.Match[str], today: date) -> _Span:
    first, last = match["first"], match["last"]
    year = re.search(_YEAR, last)
    if year and not re.search(_YEAR, first):  # "from March to May 2019"
        first = f"{first} {year.group()}"
    return _named(first, today)[0], _named(last, today)[1]


def _named(words: str, today: date) -> tuple[date, date]:
    """The day, month or year of folded words; where they name no year, the last one that has begun.

    Raises:
        ValueError: there is no such day.
    """
    name, year = re.search(rf"(?<!\w){_NAME}", words), re.search(_YEAR, words)
    number = re.search(r"(?<!\d)\d{1,2}(?!\d)", words)
    if name and year and not number:
        return _month(int(year.group()), MONTHS[name.group()])
    if name and number:
        month, day = MONTHS[name.group()], int(number.group())
        found = date(int(year.group()) if year else today.year, month, day)
        return (found, found + _DAY) if year or found <= today else _whole(found.replace(year=today.year - 1))
    if name:
        month = MONTHS[name.group()]
        return _month(today.year - (month > today.month), month)
    if year and not number:
        return date(int(year.group()), 1, 1), date(int(year.group()) + 1, 1, 1)
    return _whole(parse_date(words).date())


def _whole(day: date) -> tuple[date, date]:
    return day, day + _DAY


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


# -- the words -----------------------------------------------------------------------------------------------------


def _any(words: str) -> str:
    """Any of some words, parted by bars, as they are when they are folded."""
    return f"(?:{'|'.join(sorted({re.escape(folded(word)) for word in words.split('|')}, key=len, reverse=True))})"


_LENGTHS = forms({
    1: "day|days|يوم|أيام|يوما|الأيام|يومين|اليومين",
    7: "week|weeks|أسبوع|أسابيع|أسبوعا|الأسابيع|الأسبوع|أسبوعين|الأسبوعين",
    30: "month|months|شهر|أشهر|شهور|شهرا|الأشهر|الشهور|الشهر|شهرين|الشهرين",
    365: "year|years|سنة|عام|سنوات|أعوام|عاما|السنوات|الأعوام|السنة|العام|سنتين|عامين|السنتين|العامين",
})  # fmt: skip
"""Words for a length of time, in days."""
_DUALS = frozenset(word for word in _LENGTHS if not word.isascii() and word.endswith("ين"))

_NAME = _any("|".join(MONTHS))
_MONTH = rf"{_NAME}\.?(?:\s*[/(-]\s*{_NAME}\s*\)?)?"
_NUMBER = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:1[89]|20)\d\d"
_OF_YEAR = rf",?\s+(?:{_any('of|من عام|من سنة|عام|سنة|لعام|العام')}\s+)?{_YEAR}"
_DAY_OF = rf"{_NUMBER}\s+(?:{_any('of|من|من شهر')}\s+)?{_MONTH}"
_EARLY = rf"(?:{_any('the|early|late|mid|شهر|مطلع|أوائل|بداية|منتصف|أواخر|نهاية')}[\s-]+)*"
_FULL = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}/\d{{1,2}}/\d{{4}}|{_DAY_OF}{_OF_YEAR}"
    rf"|{_MONTH}\s+{_NUMBER}{_OF_YEAR}|{_MONTH}{_OF_YEAR}|{_any('عام|سنة|العام')}\s+{_YEAR})"
)
_DATE = rf"{_EARLY}(?:{_FULL}|{_DAY_OF}|{_MONTH}\s+{_NUMBER}|{_MONTH}|(?:year\s+)?{_YEAR})"
_WITHIN = _any("in|on|during|of|from|around|في|خلال|يوم|في يوم|بتاريخ|شهر|في شهر|من")
_THROUGH = rf"(?:(?:in|over|during|within|for|since|{_any('في|خلال|منذ')})\s+)?(?:the\s+)?"
_COUNT = rf"(?P<count>\d{{1,3}}|{_any('|'.join((*ENGLISH_NUMBERS, *ARABIC_NUMBERS, 'a', 'an')))})"
_SPAN = rf"(?:{_COUNT}\s+)?(?P<unit>{_any('|'.join(_LENGTHS))})"
_PAST = _any("الماضي|الماضية|الماضيين|الفائت|الفائتة|المنصرم|المنصرمة|الأخير|الأخيرة|الأخيرين")
_NOW = _any("الحالي|الحالية|الجاري|الجارية")
_WEEK, _LONGER = _any("week|الأسبوع"), _any("month|year|الشهر|العام|السنة")
_WEEKDAY = rf"(?P<weekday>{_any('|'.join(DAYS))})"


def _kinds() -> Iterator[tuple[str, _Reader, bool]]:
    """Each way to name a time, what it means, and whether surely nothing of another time is asked for."""
    yield _any("the day before yesterday|أول أمس|أمس الأول|أول من أمس"), _days_ago(2), True
    yield _any("yesterday|last night|أمس|يوم أمس|البارحة|الليلة الماضية"), _days_ago(1), True
    yield _any("today|tonight|this morning|this evening|هذا الصباح|هذا المساء|هذا اليوم"), _days_ago(0), False
    yield rf"{_any('اليوم')}(?=\W*$)", _days_ago(0), False  # elsewhere it may be the day of something
    for unit, surely in ((_WEEK, True), (_LONGER, False)):  # "the budget of last year" is told of this year as well
        yield rf"{_THROUGH}{_any('this|هذا|هذه')}\s+(?P<unit>{unit})", _this, surely
        yield rf"{_THROUGH}(?P<unit>{unit})\s+{_NOW}", _this, surely
        yield rf"{_THROUGH}last\s+(?P<unit>{unit})", _last, surely
        yield rf"{_THROUGH}(?P<unit>{unit})\s+{_PAST}", _last, surely
    yield rf"{_THROUGH}{_any('last|past|آخر')}\s+(?:{_COUNT}\s+(?P<unit>{_any('|'.join(_LENGTHS))}))", _recent, True
    yield rf"{_THROUGH}(?:past|the last)\s+(?P<count>)(?P<unit>week|month|year)", _recent, True
    many = _any("|".join(word for word in _LENGTHS if word.startswith("ال") and word not in ("اليوم",)))
    yield rf"{_THROUGH}(?P<unit>{many})\s+(?:ال)?{_COUNT}\s+{_PAST}", _recent, True
    duals = _any("|".join(word for word in _DUALS if word.startswith("ال")))
    yield rf"{_THROUGH}(?P<count>)(?P<unit>{duals})\s+{_PAST}", _recent, True
    yield rf"{_SPAN}\s+ago", _ago, True
    yield rf"{_any('قبل')}\s+{_SPAN}", _ago, True
    yield rf"{_any('since|منذ')}\s+{_SPAN}", _recent, True
    yield rf"(?:on\s+)?last\s+{_WEEKDAY}", _weekday, True
    yield rf"(?:{_any('يوم|في يوم')}\s+)?{_WEEKDAY}\s+{_PAST}", _weekday, True
    yield rf"(?:on|{_any('يوم|في يوم')})\s+{_WEEKDAY}", _weekday, False
    yield rf"{_any('between|بين|ما بين')}\s+(?P<first>{_DATE})\s+(?:and\s+|و\s?)(?P<last>{_DATE})", _between, False
    till = _any("to|until|till|إلى|حتى")
    yield rf"{_any('from|من|منذ')}\s+(?P<first>{_DATE})\s+{till}\s+(?P<last>{_DATE})", _between, False
    for link, reader in (("since|منذ", _since), ("after|بعد", _after), ("before|قبل", _before)):
        yield rf"{_any(link)}\s+(?P<date>{_DATE})", reader, False
    yield rf"{_any('until|till|up to|حتى|لغاية')}\s+(?P<date>{_DATE})", _till, False
    yield rf"{_WITHIN}\s+(?P<date>{_DATE})", _within, False
    yield rf"(?P<date>{_EARLY}{_FULL})", _within, False


_KINDS = [(re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-]|'s)"), reader, surely) for pattern, reader, surely in _kinds()]
