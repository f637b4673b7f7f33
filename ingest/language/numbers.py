"""Numbers in digits and in words, in the folded words of a text."""

import functools
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from ingest.language.calendar import Calendar
from ingest.language.data import languages_of, merged

NUMBER = r"\d+(?:[.,]\d+)*"
"""A number in digits, as a regular expression."""
_MAX_DIGITS = 24  # of a number with an exact value: decimals are exact to 28
_NO_NUMBER = (Decimal(0), 0)
_NEVER = "(?!)"


@dataclass(frozen=True)
class NumberWords:
    """The words for numbers.

    Attributes:
        small: below a scale: "five", "twenty", «خمسمئة»; entries of several words are read before those of one.
        one: words for 1 that mostly are no number: "one of them".
        units_follow_tens: whether small numbers are put together as in "forty two"; else they need a joining prefix.
        scales: what multiplies the number in front of it: "thousand".
        hundreds: those of `scales` that a larger one may multiply: "two hundred thousand".
        scale_abbreviations: those of `scales` that need a number in front of them: "bn".
        glued_scales: what is a scale only when glued to digits: the "m" of "$3m" is "mln".
        dual_scales: two of a scale in one word: «ألفين».
        dual_nouns: two of something in one word: «شهرين».
        elevens: units that, before one of `teens`, are 11.
        teens: ten, behind a unit.
        ordinals: "third".
        ordinal_suffixes: behind digits, the "rd" of "3rd".
        tens_prefixes: in front of the tens behind an ordinal: «الثالث والعشرين».
        fractions: "half" is "1/2".
        parts: behind a number: the "quarters" of "three quarters" is 4.
        articles: "a", in front of a fraction or of the number that it is a fraction of: "half a million".
        of: between a fraction and the number that it is a fraction of.
        before_period: words in front of a fraction that make it one of time or of a match: "the second quarter".
        definite_fractions: endings of fractions that one of `after_period` makes a period.
        after_period: see `definite_fractions`.
        vague: quantities without a number: "thousands of people"; the value is their scale.
        and_a_half: "and a half".
        ratios: between two numbers that are a share: "three out of four".
        weak_ratios: those of `ratios` that may also be a place: "killed 3 in 4 attacks".
        percent: "percent".
        minus: "minus", in front of digits.
        conjunctions: between the parts of a number: "one hundred and five".
        joining_prefixes: the conjunction as part of the word that it joins.
        ranges: between two numbers of one percent sign: "3 to 5 percent".
    """

    TOPIC: ClassVar[str] = "numbers"
    small: dict[str, int]
    one: frozenset[str]
    units_follow_tens: bool
    scales: dict[str, int]
    hundreds: frozenset[str]
    scale_abbreviations: frozenset[str]
    glued_scales: dict[str, str]
    dual_scales: dict[str, int]
    dual_nouns: frozenset[str]
    elevens: frozenset[str]
    teens: frozenset[str]
    ordinals: dict[str, int]
    ordinal_suffixes: frozenset[str]
    tens_prefixes: tuple[str, ...]
    fractions: dict[str, str]
    parts: dict[str, int]
    articles: frozenset[str]
    of: frozenset[str]
    before_period: frozenset[str]
    definite_fractions: tuple[str, ...]
    after_period: frozenset[str]
    vague: dict[str, int]
    and_a_half: tuple[str, ...]
    ratios: tuple[str, ...]
    weak_ratios: frozenset[str]
    percent: frozenset[str]
    minus: frozenset[str]
    conjunctions: frozenset[str]
    joining_prefixes: tuple[str, ...]
    ranges: frozenset[str]


@dataclass(frozen=True)
class Currencies:
    """The words for currencies.

    Attributes:
        words: the name that a currency has in every language, "usd".
    """

    TOPIC: ClassVar[str] = "currencies"
    words: dict[str, str]


class NumberReader:
    """Read the numbers of texts in one language. Made by `number_reader`.

    A number is read from tokens: folded words, digits and signs, in order.

    Attributes:
        words: the words for numbers.
        known: all words of numbers, dates and currencies, folded.
        bare: a token without clitics, where that leaves a word of a number, a date or a currency.
        suffixes: those of ordinals in digits, as a regular expression.
        units_behind: those of `words.small` that follow tens.
        ordinals_behind: those of `words.ordinals` that follow tens.
    """

    def __init__(self, language: str) -> None:
        self.words = words = merged(NumberWords, language)
        calendar, currencies = merged(Calendar, language), merged(Currencies, language)
        self.known = frozenset[str]().union(
            *(words.small, words.elevens, words.scales, words.dual_scales, words.ordinals, words.fractions),
            *(words.vague, words.dual_nouns, words.parts),
            *(calendar.months, calendar.weekdays, calendar.hijri_months, currencies.words),
        )
        spoken = languages_of(language)
        self._morphologies = [other.morphology for other in spoken]
        self.bare = functools.lru_cache(maxsize=50_000)(self._bare)
        topics = [other.topic(NumberWords) for other in spoken]
        self.units_behind = frozenset(word for topic in topics if topic.units_follow_tens for word in topic.small)
        self.ordinals_behind = frozenset(word for topic in topics if topic.units_follow_tens for word in topic.ordinals)
        self._long_words = _long_words(words.small)
        self._halves, self._ratios = split_entries(words.and_a_half), split_entries(words.ratios)
        self._percent = split_entries([*words.percent, "%"])
        self.suffixes = "|".join(sorted(words.ordinal_suffixes, key=len, reverse=True)) or _NEVER
        self._suffix = re.compile(rf"(?:{self.suffixes})$")

    def number(self, tokens: Sequence[str], start: int) -> tuple[Decimal, int]:
        """The number that begins at `start` and how many tokens it takes; 0 tokens for none."""
        for read in (self._fraction, self._ratio):
            value, used = read(tokens, start)
            if used:
                return value, used
        return _Sum(self, tokens, start).read()

    def without_conjunction(self, token: str) -> str:
        """A token without the conjunction in front of it, if it has one."""
        return next((token[len(one) :] for one in self.words.joining_prefixes if token.startswith(one)), token)

    def percent(self, tokens: Sequence[str], position: int) -> int:
        """How many tokens here say "percent"."""
        return len(first_of(self._percent, tokens, position))

    def and_a_half(self, tokens: Sequence[str], position: int) -> int:
        """How many tokens here say "and a half"."""
        return len(first_of(self._halves, tokens, position))

    def digits(self, token: str) -> Decimal | None:
        """The value of a number in digits: commas and points group thousands or begin a fraction, as they stand."""
        unsigned = token.removeprefix("-")
        if not unsigned[:1].isdecimal():
            return None
        unsigned = self._suffix.sub("", unsigned)
        if not re.fullmatch(NUMBER, unsigned):
            return None
        if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", unsigned):
            value = _value(unsigned.replace(",", ""))
        elif re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", unsigned):
            value = _value(unsigned.replace(".", ""))
        elif unsigned.count(".") + unsigned.count(",") > 1:  # a version or an address: its digits, as they stand
            value = _value(re.sub("[.,]", "", unsigned) + "00000")
        else:
            value = _value(unsigned.replace(",", ".")).normalize()
        return -value if token.startswith("-") else value

    def small(self, tokens: Sequence[str], position: int) -> tuple[int, int]:
        """The value of the small number here and how many tokens it takes; 0 tokens for none."""
        token = self.bare(tokens[position])
        for long, value in self._long_words.get(token, ()):
            if tuple(tokens[position + 1 : position + len(long)]) == long[1:]:
                return value, len(long)
        value = self.words.small.get(token, -1)
        return (0, 0) if value < 0 else (value, 1)

    def is_scale(self, tokens: Sequence[str], position: int) -> bool:
        """Whether there is a scale at this position, "million"."""
        return position < len(tokens) and self.bare(tokens[position]) in self.words.scales

    def ordinal(self, tokens: Sequence[str], position: int, value: int) -> tuple[int, int]:
        """An ordinal with the tens behind it, «الثالث عشر», «الثالث والعشرين», and how many tokens it takes."""
        following = tokens[position + 1] if position + 1 < len(tokens) else ""
        if following in self.words.teens and value < 10:
            return value + 10, 2
        tens = self.words.small.get(self.bare(following), 0) if following.startswith(self.words.tens_prefixes) else 0
        return (value + tens, 2) if tens >= 20 and tens % 10 == 0 else (value, 1)

    def _bare(self, token: str) -> str:
        for morphology in self._morphologies:
            bare = morphology.without_clitics(token, self.known, self.words.dual_nouns)
            if bare != token:
                return bare
        return token

    def _fraction(self, tokens: Sequence[str], start: int) -> tuple[Decimal, int]:
        """A fraction: "half", "a third", "two-thirds", «ثلاثة أرباع», «نصف مليون»; 0 tokens for none."""
        words, first = self.words, self.bare(tokens[start])
        if first in words.fractions and not self._is_period(tokens, start):
            over, _, under = words.fractions[first].partition("/")
            scale = start + 1
            if scale + 1 < len(tokens) and (tokens[scale] in words.articles or tokens[scale] in words.of):
                scale += 1
            if self.is_scale(tokens, scale):
                return Decimal(over) / Decimal(under) * words.scales[self.bare(tokens[scale])], scale + 1 - start
            return Decimal(over) / Decimal(under), 1
        if start + 1 < len(tokens) and (first in words.articles or first in words.small):
            count, parts = words.small.get(first, 1), words.parts.get(tokens[start + 1], 0)
            if count < parts:
                return Decimal(count) / parts, 2
        return _NO_NUMBER

    def _is_period(self, tokens: Sequence[str], position: int) -> bool:
        """Whether a fraction is one of time or of a match: "the second quarter", "this quarter", «الربع الأخير»."""
        words = self.words
        if position and tokens[position - 1] in words.before_period:
            return True
        is_definite = tokens[position].endswith(words.definite_fractions)
        return is_definite and not words.after_period.isdisjoint(tokens[position + 1 : position + 2])

    def _ratio(self, tokens: Sequence[str], start: int) -> tuple[Decimal, int]:
        """A share of so many: "three in four", "1 in 5", «واحد من كل عشرة»; 0 tokens for none."""
        over = self._whole_number(tokens[start])
        link = first_of(self._ratios, tokens, start + 1) if over else ()
        end = start + 1 + len(link)
        under = self._whole_number(tokens[end]) if link and end < len(tokens) else None
        if not over or not under or not over < under <= 100 or self.is_scale(tokens, end + 1):
            return _NO_NUMBER
        if " ".join(link) in self.words.weak_ratios and over > 1 and tokens[start].isdecimal() and under < 10:
            return _NO_NUMBER  # "killed 3 in 4 attacks"
        return over / under, end + 1 - start

    def _whole_number(self, token: str) -> Decimal | None:
        """A whole number in one word or in digits, with the words for 1."""
        if token.isdecimal():
            return _value(token)
        bare = self.bare(token)
        if bare in self.words.one:
            return Decimal(1)
        value = 100 if bare in self.words.hundreds else self.words.small.get(bare)
        return None if value is None else Decimal(value)


class _Sum:
    """A number of one or more words: "two thousand three hundred", «ألفين وثلاثمئة», "1.5 million", "third".

    Attributes:
        total: the sum of the groups that a scale has closed: 2,000.
        group: what has been read since, below a thousand: first 3, then 300; None if nothing has.
        scale: the last scale.
    """

    def __init__(self, reader: NumberReader, tokens: Sequence[str], start: int) -> None:
        self.reader, self.words = reader, reader.words
        self.tokens, self.start, self.position = tokens, start, start
        self.total, self.scale = Decimal(0), Decimal(1)
        self.group: Decimal | None = None

    def read(self) -> tuple[Decimal, int]:
        """The number and how many tokens it takes; 0 tokens for none."""
        while self.position < len(self.tokens) and self._take():
            pass
        return (self.total + (self.group or 0)).normalize(), self.position - self.start

    def _take(self) -> bool:
        """Add the token at `position` and those that belong to it, if it belongs to the number; whether to go on."""
        reader, words, tokens, position = self.reader, self.words, self.tokens, self.position
        is_first = position == self.start
        if not is_first and reader.percent(tokens, position):
            return False
        if not is_first and (half := reader.and_a_half(tokens, position)):
            return self._take_half(half)
        token = reader.bare(tokens[position])
        if (digits := reader.digits(token)) is not None:
            may_begin_group = is_first or (digits >= 0 and tokens[position - 1] in words.joining_prefixes)
            if self.group is not None or not may_begin_group:
                return False
            self.group, self.position = digits, position + 1
            return digits >= 0
        if token in words.ordinals:
            self._take_ordinal(token, words.ordinals[token])
            return False
        if (
            token in words.elevens
            and self.group is None
            and not words.teens.isdisjoint(tokens[position + 1 : position + 2])
        ):
            self.group, self.position = Decimal(11), position + 2
            return True
        is_joined = not is_first and token != tokens[position] and tokens[position].startswith(words.joining_prefixes)
        if used := reader.small(tokens, position)[1]:
            return self._take_small(token, used, is_joined)
        if token in words.dual_scales and (is_first or is_joined):
            return self._take_dual(token)
        if token in words.scales:
            return self._take_scale(token, Decimal(words.scales[token]))
        is_link = token in words.conjunctions and not is_first and reader.is_scale(tokens, position - 1)
        if is_link and self._is_counted(position + 1):
            self.position += 1
            return True
        return False

    def _take_half(self, used: int) -> bool:
        self.position += used
        if self.group is not None:
            self.group += Decimal("0.5")
            return True
        self.total += self.scale / 2
        if self.reader.is_scale(self.tokens, self.position):  # «مليون ونصف المليون»
            self.position += 1
            return False
        return True

    def _take_ordinal(self, token: str, value: int) -> None:
        if self.position == self.start:
            number, used = self.reader.ordinal(self.tokens, self.position, value)
            self.total, self.position = Decimal(number), self.position + used
        elif token in self.reader.ordinals_behind and self.group and self.group % 10 == 0 and value < 10:
            self.group, self.position = self.group + value, self.position + 1

    def _take_small(self, token: str, used: int, is_joined: bool) -> bool:
        value, end = self.reader.small(self.tokens, self.position)[0], self.position + used
        if value == 1 and token in self.words.one:
            is_counted = self.reader.is_scale(self.tokens, end) or self.reader.and_a_half(self.tokens, end)
            if not (is_counted or (self.group or 0) >= 20):
                return False
        if self.group is not None and not self._may_follow(self.group, value, token, is_joined):
            return False
        self.group, self.position = (self.group or Decimal(0)) + value, end
        return True

    def _may_follow(self, group: Decimal, value: int, token: str, is_joined: bool) -> bool:
        """Whether a small number goes on with the group before it: "forty two", «خمسة وأربعون», «ثلاثة عشر»."""
        if token in self.reader.units_behind:
            return (group % 100 == 0 and group > 0) or (group % 10 == 0 and 20 <= group % 100 and value < 10)
        if value == 10 and token in self.words.teens:
            return 0 < group % 100 < 10
        return is_joined or (value == 100 and 3 <= group <= 9)

    def _take_dual(self, token: str) -> bool:
        value = Decimal(self.words.dual_scales[token])
        self.position += 1
        self.scale = value / 2
        # «مليونا ونصف» is 1.5 million: these also are the scale itself.
        is_single = token in self.words.scales and self.reader.and_a_half(self.tokens, self.position)
        self.total, self.group = self.total + (self.group or 0) + (self.scale if is_single else value), None
        return True

    def _take_scale(self, token: str, scale: Decimal) -> bool:
        is_hundred = token in self.words.hundreds
        if self.group is None and 1000 <= self.scale < scale:  # "two thousand million", «ألفا مليون»
            self.total, self.scale = self.total * scale, scale
        elif self.group is None and (
            self.position > self.start or token in self.words.vague or token in self.words.scale_abbreviations
        ):
            return False  # "thousands of" is no number
        elif is_hundred and (self.group or 0) >= 100:
            return False
        elif is_hundred:
            self.group = max(self.group or Decimal(0), Decimal(1)) * 100
        else:
            self.total += scale if self.group is None else self.group * scale
            self.group, self.scale = None, scale
        self.position += 1
        return True

    def _is_counted(self, position: int) -> bool:
        """Whether a small number stands here, or digits in front of a scale."""
        if position >= len(self.tokens):
            return False
        token = self.reader.bare(self.tokens[position])
        return token in self.words.small or (token.isdecimal() and self.reader.is_scale(self.tokens, position + 1))


@functools.lru_cache(maxsize=32)
def number_reader(language: str = "") -> NumberReader:
    """The reader of numbers in texts of a language, by its ISO 639-1 code."""
    return NumberReader(language)


def _value(digits: str) -> Decimal:
    """The value of folded digits with at most one point.

    A number too long for an exact value (a key, a serial number) equals itself only: its value is made of a hash.
    """
    whole, _, fraction = digits.partition(".")
    if len(whole) > _MAX_DIGITS:
        return Decimal(int.from_bytes(hashlib.blake2b(digits.encode(), digest_size=9).digest()))
    return Decimal(f"{whole}.{fraction[:_MAX_DIGITS]}")


def split_entries(entries: Iterable[str]) -> list[tuple[str, ...]]:
    """The words of each entry, the longest entry first."""
    return sorted((tuple(entry.split()) for entry in entries), key=len, reverse=True)


def first_of(entries: Iterable[tuple[str, ...]], tokens: Sequence[str], position: int) -> tuple[str, ...]:
    """The entry whose words stand here; empty if none does."""
    return next((entry for entry in entries if tuple(tokens[position : position + len(entry)]) == entry), ())


def _long_words(small: Mapping[str, int]) -> Mapping[str, Sequence[tuple[tuple[str, ...], int]]]:
    """The small numbers of several words, by the first one, the longest first."""
    found = defaultdict[str, list[tuple[tuple[str, ...], int]]](list)
    for words in split_entries(entry for entry in small if " " in entry):
        found[words[0]].append((words, small[" ".join(words)]))
    return found
