"""Numbers in digits and in words, in Arabic and English, in the folded words of a text."""

import functools
import hashlib
import re
from collections.abc import Sequence
from decimal import Decimal

from ingest.language import quantities as known
from ingest.language.numerals import ARABIC_NUMBERS, DAYS, ENGLISH_NUMBERS, MONTHS

NUMBER = r"\d+(?:[.,]\d+)*"
"""A number in digits, as a regular expression."""
_MOST_DIGITS = 24  # of a number that is reckoned with: decimals are exact to 28
_AND_A_HALF = (("and", "a", "half"), ("and", "half"))
_IN = (("in",), ("out", "of"), ("من", "كل"), ("من", "اصل"))
_WHICH = frozenset(
    "this last next previous final opening current each every per closing "
    "السابق الماضي الحالي الاخير المقبل القادم الجاري المنصرم".split()
)
_TABLES = (ARABIC_NUMBERS, known.ELEVEN, known.ARABIC_SCALES, known.ARABIC_DUALS, known.ARABIC_ORDINALS, MONTHS,
           DAYS, known.CURRENCIES, known.FRACTIONS, known.VAGUE, known.TWO, known.HIJRI, known.PARTS,
           known.UNITS)  # fmt: skip


@functools.lru_cache(maxsize=50_000)
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


def _digits(token: str) -> Decimal | None:
    """The value of a number in digits: commas and points group thousands or begin a fraction, as they stand."""
    if not token.removeprefix("-")[:1].isdecimal():
        return None
    token = re.sub("(?:st|nd|rd|th)$", "", token)
    if not re.fullmatch(NUMBER, token.removeprefix("-")):
        return None
    if token.startswith("-"):
        value = _digits(token[1:])
        return None if value is None else -value
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", token):
        return _value(token.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", token):
        return _value(token.replace(".", ""))
    if token.count(".") + token.count(",") > 1:  # a version or an address: its digits, as they stand
        return _value(re.sub("[.,]", "", token) + "00000")
    return _value(token.replace(",", ".")).normalize()


def _value(digits: str) -> Decimal:
    """The value of folded digits with at most one point.

    A number too long to be reckoned with (a key, a serial number) equals itself only: its value is made of a hash.
    """
    whole, _, fraction = digits.partition(".")
    if len(whole) > _MOST_DIGITS:
        return Decimal(int.from_bytes(hashlib.blake2b(digits.encode(), digest_size=9).digest()))
    return Decimal(f"{whole}.{fraction[:_MOST_DIGITS]}")


def unit_of(word: str) -> str:
    """The unit of time or measure that a word names, "metre" of "m" and of «أمتار»; empty if it names none."""
    return known.UNITS.get(without_clitic(word), "")


def number(tokens: Sequence[str], start: int) -> tuple[Decimal, int]:
    """The number that begins here and how many tokens it is; 0 tokens for none."""
    for reader in (_part, _ratio):
        value, used = reader(tokens, start)
        if used:
            return value, used
    return _sum(tokens, start)


def percent(tokens: Sequence[str], place: int) -> int:
    """How many tokens here say "per cent"."""
    following = tuple(tokens[place : place + 2])
    if following in known.PERCENT:
        return 2
    return 1 if following[:1] in known.PERCENT else 0


def _part(tokens: Sequence[str], start: int) -> tuple[Decimal, int]:
    """A fraction: "half", "a third", "two-thirds", «ثلاثة أرباع», «نصف مليون»; 0 tokens for none."""
    first = without_clitic(tokens[start])
    if first in known.FRACTIONS and not _is_period(tokens, start):
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


def _is_period(tokens: Sequence[str], place: int) -> bool:
    """Whether a fraction is one of time or of a match: "the second quarter", "this quarter", «الربع الأخير»."""
    before, behind = tokens[max(0, place - 1) : place], tokens[place + 1 : place + 2]
    return any(word in known.ORDINALS or word in _WHICH for word in before) or (
        tokens[place].endswith(("الربع", "الثلث", "النصف"))
        and any(word in known.ARABIC_ORDINALS or word in _WHICH for word in behind)
    )


def _ratio(tokens: Sequence[str], start: int) -> tuple[Decimal, int]:
    """A share of so many: "three in four", "1 in 5", «واحد من كل عشرة»; 0 tokens for none."""
    over = _small(tokens[start])
    if not over:
        return Decimal(0), 0
    link = next((words for words in _IN if tuple(tokens[start + 1 : start + 1 + len(words)]) == words), ())
    place = start + 1 + len(link)
    under = _small(tokens[place]) if link and place < len(tokens) else None
    if not under or not over < under <= 100 or _scale(tokens, place + 1):
        return Decimal(0), 0
    if link == ("in",) and over > 1 and tokens[start].isdecimal() and under < 10:  # "killed 3 in 4 attacks"
        return Decimal(0), 0
    return over / under, place + 1 - start


def _small(token: str) -> Decimal | None:
    """A whole number in one word or in digits; "one" is one here."""
    bare = without_clitic(token)
    if bare in ("one", "واحد", "واحده"):
        return Decimal(1)
    value = ENGLISH_NUMBERS.get(bare, ARABIC_NUMBERS.get(bare, 100 if bare == "hundred" else None))
    return _value(token) if token.isdecimal() else None if value is None else Decimal(value)


def _sum(tokens: Sequence[str], start: int) -> tuple[Decimal, int]:
    """A number of one or more words: "two thousand three hundred", «ألفين وثلاثمئة», "1.5 million", "third"."""
    total, group, place, last = Decimal(0), Decimal(-1), start, Decimal(1)
    while place < len(tokens):
        token = without_clitic(tokens[place])
        digits = _digits(token)
        joined = place > start and tokens[place].startswith("و") and token != tokens[place]
        if place > start and percent(tokens, place):
            break
        if place > start and (half := and_a_half(tokens, place)):
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
            if group >= 0 or (place > start and tokens[place - 1] != "و"):
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
            if token == "one" and not (group >= 20 or _scale(tokens, place + 1) or and_a_half(tokens, place + 1)):
                break
            if group >= 0 and not _may_follow(group, value, joined, token):
                break
            group = max(group, Decimal(0)) + value
        elif token in known.ARABIC_DUALS and (place == start or joined):
            last = Decimal(known.ARABIC_DUALS[token]) / 2
            halved = token in ("مليونا", "الفا") and and_a_half(tokens, place + 1)
            total, group = total + max(group, Decimal(0)) + last * (1 if halved else 2), Decimal(-1)
        elif token in known.SCALES or token in known.ARABIC_SCALES:
            scale = Decimal(_scale_of(token))
            if group < 0 and 1000 <= last < scale:  # "two thousand million", «ألفا مليون»
                total, last, place = total * scale, scale, place + 1
                continue
            if group < 0 and (place > start or token in known.VAGUE or token in ("k", "bn", "tn", "mln")):
                break  # "thousands of", «آلاف»: no number
            if token == "hundred" and group >= 100:
                break
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


def and_a_half(tokens: Sequence[str], place: int) -> int:
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
    return token in ENGLISH_NUMBERS or token in ARABIC_NUMBERS or (token.isdecimal() and _scale(tokens, place + 1))
