"""The figures of a text: numbers in digits and words, per cents, times, months, days, currencies; Arabic and English.

"640 million", «٦٤٠ مليون» and "640,000,000" are one figure; "500,000" and "1,500,000" are two.
"""

import dataclasses
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.text import quantities as known
from ingest.text.fold import folded
from ingest.text.numerals import ARABIC_NUMBERS, DAYS, ENGLISH_NUMBERS, MONTHS

_NUMBER = r"\d+(?:[.,]\d+)*"
_TIME = r"\d{1,2}:\d\d(?!\d)"
_TOKEN = re.compile(rf"[$€£¥%]|{_TIME}|(?<![^ (])-(?=\d){_NUMBER}|{_NUMBER}(?:st|nd|rd|th)?|[^\W\d_]+")
_SPACED = re.compile(r"(?<=\d)[ \u00a0](?=\d{3}(?!\d))")  # 1 500 000
_POINTED = re.compile(r"\b(\d{1,2})\.(\d\d)(?= ?[ap]\.?m\b)")  # 2.30pm
_HALF_DAY = re.compile(r"(?<=\d) ?([ap])\.m\.?(?!\w)")  # p.m.
_GLUED = re.compile(r"(?<=\d)(m|k|bn|tn|mln)(?![^\W\d_])")  # $3.2m; "3.2 m" are metres
_DATE = re.compile(r"\b(?:(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{1,2})([-/.])(\d{1,2})\6(\d{4}))\b")
_MINUS = re.compile(r"\b(?:minus|ناقص) (?=\d)")
_NEAR = 8  # words before a figure that may say what it is of
_MONTH_NAMES = tuple("january february march april may june july august september october november december".split())
_AFTER_NOON = frozenset({"pm", "مساء"})
_BEFORE_NOON = frozenset({"am", "صباحا", "فجرا"})
_RANGE = frozenset({"to", "and", "or", "الي", "و", "او"})
_AND_A_HALF = (("and", "a", "half"), ("and", "half"))
_TABLES = (ARABIC_NUMBERS, known.ELEVEN, known.ARABIC_SCALES, known.ARABIC_DUALS, known.ARABIC_ORDINALS, MONTHS,
           DAYS, known.CURRENCIES, known.FRACTIONS, known.VAGUE, known.TWO, known.HIJRI, known.PARTS)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Attributes:
        kind: "number", "vague" ("thousands of"), "time", "month", "day" or "currency".
        value: of a number its value, of a time "14:30", of the others their name in the tables.
        percent: whether a mark of it follows; None for the first number of a range: "3 to 5 percent".
        words: as they stand in the folded text.
        before: up to eight folded words before it.
        after: up to two folded words behind it and its mark of percent.
        start: the place of its first folded word in the text, and `end` behind its last.
    """

    kind: str
    value: Decimal | str
    percent: bool | None = False
    words: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    start: int = 0
    end: int = 0


def figures(text: str) -> list[Figure]:
    """The figures of a text, in order. "one" and «واحد» are words of too many uses to be figures."""
    tokens = _TOKEN.findall(_written_out(folded(text)))
    capital_may = re.search(r"\bMay\b", text) is not None
    found = list(_read(tokens, capital_may))
    for place, (first, second) in enumerate(itertools.pairwise(found)):
        if second.percent and first.kind == second.kind == "number" and not first.percent:
            if all(token in _RANGE for token in tokens[first.end : second.start]):
                found[place] = dataclasses.replace(first, percent=None)
    return found


def goes_on(after: str) -> bool:
    """Whether a folded text that stands behind a number makes it larger: " million", « الف»."""
    match = re.match(r"[ -]?([^\W\d_]+)", after)
    word = match.group(1) if match else ""
    return word in known.SCALES or word == "m" or word in known.ARABIC_SCALES or word in known.ARABIC_DUALS


def without_clitic(token: str) -> str:
    """An Arabic word without «و», «ف», «ب», «ل» before it, where that makes it a number's or a date's word."""
    if any(token in table for table in _TABLES) or not "\u0600" <= token[:1] <= "\u06ff":
        return token
    for prefix in ("و", "ف", "ب", "ل", "ال", "وال", "بال", "وب", "ول", "لل"):
        rest = token.removeprefix(prefix)
        if rest == token or len(rest) < 3:
            continue
        if any(rest in table for table in _TABLES) and not (rest in known.TWO and "ال" in prefix):
            return rest
        if prefix == "لل" and any(f"ال{rest}" in table for table in _TABLES):
            return f"ال{rest}"
    return token


def _written_out(text: str) -> str:
    """A folded text whose dates, times and glued scales are written as the reader of tokens knows them."""
    text = _DATE.sub(_long_date, text)
    text = _HALF_DAY.sub(r" \1m", _POINTED.sub(r"\1:\2", text))
    text = _GLUED.sub(lambda match: " mln" if match.group() == "m" else f" {match.group()}", text)
    return _MINUS.sub("-", _SPACED.sub("", text))


def _long_date(match: re.Match[str]) -> str:
    """A date in digits with the name of its month; of two that may be a month it is the second, as most write it."""
    year, month, day = match.group(1), match.group(3), match.group(4)
    if year is None:
        day, month, year = match.group(5), match.group(7), match.group(8)
    if int(month) > 12:
        day, month = month, day
    if not 1 <= int(month) <= 12:
        return match.group()
    return f"{int(day)} {_MONTH_NAMES[int(month) - 1]} {year}"


def _read(tokens: Sequence[str], capital_may: bool) -> Iterator[Figure]:
    place = 0
    while place < len(tokens):
        figure, used = _next(tokens, place, capital_may)
        if figure:
            yield dataclasses.replace(
                figure,
                words=" ".join(tokens[place : place + used]),
                before=tuple(tokens[max(0, place - _NEAR) : place]),
                after=tuple(tokens[place + used : place + used + 2]),
                start=place,
                end=place + used,
            )
        place += used


def _next(tokens: Sequence[str], place: int, capital_may: bool) -> tuple[Figure | None, int]:
    """The figure that begins here, if one does, and how many tokens it is."""
    token = tokens[place]
    bare = without_clitic(token)
    pair = (bare.removeprefix("و"), tokens[place + 1]) if place + 1 < len(tokens) else ("", "")
    if pair in known.MONTH_PAIRS:
        return Figure("month", str(known.MONTH_PAIRS[pair])), 2
    if pair in known.HIJRI_PAIRS:
        return Figure("month", f"hijri {known.HIJRI_PAIRS[pair]}"), 2
    if ":" in token:
        return _time(tokens, place, token, 1)
    value, used = _number(tokens, place)
    if used:
        if used == 1 and token.isdigit() and tokens[place + 1 : place + 2] and int(token) <= 12:
            figure, taken = _time(tokens, place, f"{token}:00", 1)
            if taken > 1:
                return figure, taken
        marked = _percent(tokens, place + used)
        return Figure("number", value, percent=marked > 0), used + marked
    if bare in known.VAGUE:
        return Figure("vague", Decimal(known.VAGUE[bare])), 1
    if bare in known.TWO:
        return Figure("number", Decimal(2)), 1
    if bare in MONTHS and (bare != "may" or capital_may):
        return Figure("month", str(MONTHS[bare])), 1
    if bare in known.HIJRI:
        return Figure("month", f"hijri {known.HIJRI[bare]}"), 1
    if bare in DAYS:
        return Figure("day", str(DAYS[bare])), 1
    if bare in known.CURRENCIES:
        return Figure("currency", known.CURRENCIES[bare]), 1
    return None, 1


def _time(tokens: Sequence[str], place: int, written: str, used: int) -> tuple[Figure, int]:
    """A time of day as "14:30", of 24 hours where the text says which half of the day."""
    hour, minute = (int(part) for part in written.split(":"))
    following = tokens[place + used : place + used + 2]
    if following[:1] and (following[0] in _AFTER_NOON or tuple(following) == ("بعد", "الظهر")):
        return Figure("time", f"{hour % 12 + 12}:{minute:02}"), used + (1 if following[0] in _AFTER_NOON else 2)
    if following[:1] and following[0] in _BEFORE_NOON:
        return Figure("time", f"{hour % 12}:{minute:02} am"), used + 1
    return Figure("time", f"{hour}:{minute:02}"), used


def _percent(tokens: Sequence[str], place: int) -> int:
    """How many tokens here say "per cent"."""
    following = tuple(tokens[place : place + 2])
    if following in known.PERCENT:
        return 2
    return 1 if following[:1] in known.PERCENT else 0


def _digits(token: str) -> Decimal | None:
    """The value of a number in digits: commas and points group thousands or begin a fraction, as they stand."""
    token = re.sub("(?:st|nd|rd|th)$", "", token)
    if not re.fullmatch(_NUMBER, token.removeprefix("-")):
        return None
    if token.startswith("-"):
        value = _digits(token[1:])
        return None if value is None else -value
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", token):
        return Decimal(token.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", token):
        return Decimal(token.replace(".", ""))
    if token.count(".") + token.count(",") > 1:  # a version or an address: its digits, as they stand
        return Decimal(re.sub("[.,]", "", token) + "00000")
    return Decimal(token.replace(",", ".")).normalize()


def _number(tokens: Sequence[str], start: int) -> tuple[Decimal, int]:
    """The number that begins here and how many tokens it is; 0 tokens for none."""
    value, used = _part(tokens, start)
    return (value, used) if used else _sum(tokens, start)


def _part(tokens: Sequence[str], start: int) -> tuple[Decimal, int]:
    """A fraction: "half", "a third", "two-thirds", «ثلاثة أرباع», «نصف مليون»; 0 tokens for none."""
    first = without_clitic(tokens[start])
    if first in known.FRACTIONS:
        over, _, under = known.FRACTIONS[first].partition("/")
        value, used = Decimal(over) / Decimal(under), 1
        rest = tokens[start + 1 : start + 3]
        skipped = len(rest) > 1 and rest[0] in ("a", "of")
        if rest and _scale_word(rest[skipped]):
            return value * _scale_of(rest[skipped]), used + skipped + 1
        return value, used
    if first in ("a", "one") or first in ENGLISH_NUMBERS or first in ARABIC_NUMBERS:
        over_ = Decimal(1 if first == "a" else ENGLISH_NUMBERS.get(first, ARABIC_NUMBERS.get(first, 0)))
        under_ = known.PARTS.get(tokens[start + 1]) if start + 1 < len(tokens) else None
        if under_ and over_ < under_:
            return over_ / under_, 2
    return Decimal(0), 0


def _sum(tokens: Sequence[str], start: int) -> tuple[Decimal, int]:
    """A number of one or more words: "two thousand three hundred", «ألفين وثلاثمئة», "1.5 million", "third"."""
    total, group, place, last = Decimal(0), Decimal(-1), start, Decimal(1)
    while place < len(tokens):
        token = without_clitic(tokens[place])
        digits = _digits(token)
        joined = place > start and tokens[place].startswith("و") and token != tokens[place]
        if place > start and _percent(tokens, place):
            break
        if place > start and (half := _and_a_half(tokens, place)):
            if group >= 0:
                group += Decimal("0.5")
            else:
                total += last / 2
            place += half
            if group < 0 and place < len(tokens) and _scale_word(tokens[place]):
                place += 1  # «مليون ونصف المليون»
                break
            continue
        if digits is not None:
            if group >= 0 or place > start:
                break
            if digits < 0:
                return digits, 1
            group = digits
        elif (ordinal := known.ORDINALS.get(token, known.ARABIC_ORDINALS.get(token))) is not None:
            if place == start:
                return _ordinal(tokens, place, ordinal)
            if token in known.ORDINALS and 0 < group and group % 10 == 0 and ordinal < 10:
                return total + group + ordinal, place + 1 - start
            break
        elif token in known.ELEVEN and tokens[place + 1 : place + 2] in (["عشر"], ["عشره"]) and group < 0:
            group, place = Decimal(11), place + 1
        elif token in ENGLISH_NUMBERS or token in ARABIC_NUMBERS:
            value = ENGLISH_NUMBERS.get(token, ARABIC_NUMBERS.get(token, 0))
            if token == "one" and not (group >= 20 or _scale(tokens, place + 1) or _and_a_half(tokens, place + 1)):
                break
            if group >= 0 and not _may_follow(group, value, joined, token):
                break
            group = max(group, Decimal(0)) + value
        elif token in known.ARABIC_DUALS and (place == start or joined):
            last = Decimal(known.ARABIC_DUALS[token]) / 2
            halved = token in ("مليونا", "الفا") and _and_a_half(tokens, place + 1)
            total, group = total + max(group, Decimal(0)) + last * (1 if halved else 2), Decimal(-1)
        elif token in known.SCALES or token in known.ARABIC_SCALES:
            if group < 0 and (place > start or token in known.VAGUE or token in ("k", "bn", "tn", "mln")):
                break  # "thousands of", «آلاف»: no number
            scale = Decimal(_scale_of(token))
            if token == "hundred":
                group = max(group, Decimal(1)) * 100
            else:
                total, group, last = total + (group if group >= 0 else Decimal(1)) * scale, Decimal(-1), scale
        elif token in ("and", "و") and place > start and _scale_word(tokens[place - 1]) and _counts(tokens, place + 1):
            pass
        else:
            break
        place += 1
    if place == start:
        return Decimal(0), 0
    return (total + max(group, Decimal(0))).normalize(), place - start


def _ordinal(tokens: Sequence[str], place: int, value: int) -> tuple[Decimal, int]:
    """«الثالث», «الثالث عشر», «الثالث والعشرين»."""
    following = tokens[place + 1] if place + 1 < len(tokens) else ""
    if following in ("عشر", "عشره") and value < 10:
        return Decimal(value + 10), 2
    tens = ARABIC_NUMBERS.get(without_clitic(following), 0) if following.startswith("وال") else 0
    return (Decimal(value + tens), 2) if tens >= 20 and tens % 10 == 0 else (Decimal(value), 1)


def _and_a_half(tokens: Sequence[str], place: int) -> int:
    """How many tokens here say "and a half"."""
    for words in _AND_A_HALF:
        if tuple(tokens[place : place + len(words)]) == words:
            return len(words)
    return 1 if place < len(tokens) and tokens[place] in ("ونصف", "ونصفا") else 0


def _may_follow(group: Decimal, value: int, joined: bool, token: str) -> bool:
    """Whether a number word goes on with the number before it: "forty two", «خمسة وأربعون», «ثلاثة عشر»."""
    if token in ENGLISH_NUMBERS:
        return (group % 100 == 0 and group > 0) or (group % 10 == 0 and 20 <= group % 100 and value < 10)
    if value == 10 and token in ("عشر", "عشره"):
        return 0 < group % 100 < 10
    return joined or (value == 100 and 3 <= group <= 9)


def _scale(tokens: Sequence[str], place: int) -> bool:
    return place < len(tokens) and _scale_word(tokens[place])


def _scale_word(token: str) -> bool:
    return token in known.SCALES or without_clitic(token) in known.ARABIC_SCALES


def _scale_of(token: str) -> int:
    return known.SCALES.get(token) or known.ARABIC_SCALES[without_clitic(token)]


def _counts(tokens: Sequence[str], place: int) -> bool:
    if place >= len(tokens):
        return False
    token = without_clitic(tokens[place])
    return token in ENGLISH_NUMBERS or token in ARABIC_NUMBERS
