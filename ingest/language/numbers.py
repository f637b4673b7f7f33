"""Read numbers, in digits and in words, from the tokens of a text."""

import functools
import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from ingest.language.calendar import Calendar
from ingest.language.data import languages_of, merged
from ingest.language.digits import digits_value
from ingest.language.number_words import Currencies, NumberWords
from ingest.language.patterns import any_of
from ingest.language.phrases import first_of, split_entries

_NO_NUMBER = (Decimal(0), 0)


class NumberReader:
    """Read the numbers of texts in one language. Made by `number_reader`.

    All methods read tokens: the folded words, numbers in digits and signs of a text, in order.

    Attributes:
        words: the words for numbers.
        known: the folded words for numbers, dates and currencies.
        bare: removes the clitics of a token, if one of `known` is left.
        suffixes: a regular expression for the suffixes of ordinals in digits.
        units_behind: the words of `words.small` that may follow tens.
        ordinals_behind: the words of `words.ordinals` that may follow tens.
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
        self._small_phrases = defaultdict[str, list[tuple[tuple[str, ...], int]]](list)
        for phrase in split_entries(entry for entry in words.small if " " in entry):
            self._small_phrases[phrase[0]].append((phrase, words.small[" ".join(phrase)]))
        self._halves, self._ratios = split_entries(words.and_a_half), split_entries(words.ratios)
        self._percent = split_entries([*words.percent, "%"])
        self.suffixes = any_of(words.ordinal_suffixes)
        self._suffix = re.compile(rf"{self.suffixes}$")

    def number(self, tokens: Sequence[str], start: int) -> tuple[Decimal, int]:
        """The number that begins at a token, and how many tokens it takes: 0 if none begins there."""
        for read in (self._fraction, self._ratio):
            value, used = read(tokens, start)
            if used:
                return value, used
        return _Sum(self, tokens, start).read()

    def without_conjunction(self, token: str) -> str:
        """Remove the conjunction in front of a token, if there is one."""
        return next((token[len(prefix) :] for prefix in self.words.joining_prefixes if token.startswith(prefix)), token)

    def percent(self, tokens: Sequence[str], position: int) -> int:
        """The number of tokens, from this position on, that mean "percent"."""
        return len(first_of(self._percent, tokens, position))

    def and_a_half(self, tokens: Sequence[str], position: int) -> int:
        """The number of tokens, from this position on, that mean "and a half"."""
        return len(first_of(self._halves, tokens, position))

    def digits(self, token: str) -> Decimal | None:
        """The value of a number in digits, which may be an ordinal: "3rd"; None for other tokens."""
        return digits_value(self._suffix.sub("", token)) if token.removeprefix("-")[:1].isdecimal() else None

    def small(self, tokens: Sequence[str], position: int) -> tuple[int, int]:
        """The number below a scale that begins at a token, and how many tokens it takes: 0 if none begins there."""
        token = self.bare(tokens[position])
        for phrase, value in self._small_phrases.get(token, ()):
            if tuple(tokens[position + 1 : position + len(phrase)]) == phrase[1:]:
                return value, len(phrase)
        value = self.words.small.get(token, -1)
        return (0, 0) if value < 0 else (value, 1)

    def is_scale(self, tokens: Sequence[str], position: int) -> bool:
        """Whether a token is a scale: "million"."""
        return position < len(tokens) and self.bare(tokens[position]) in self.words.scales

    def ordinal(self, tokens: Sequence[str], position: int, value: int) -> tuple[int, int]:
        """An ordinal below 11 with the tens behind it, «الثالث والعشرين», and how many tokens it takes."""
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
        """Read "half", "a third", "two-thirds", "half a million", «ثلاثة أرباع»."""
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
        """Whether a fraction names a part of a year or of a match: "the second quarter", «الربع الأخير»."""
        words = self.words
        if position and tokens[position - 1] in words.before_period:
            return True
        is_definite = tokens[position].endswith(words.definite_fractions)
        return is_definite and not words.after_period.isdisjoint(tokens[position + 1 : position + 2])

    def _ratio(self, tokens: Sequence[str], start: int) -> tuple[Decimal, int]:
        """Read "three in four", "1 in 5", «واحد من كل عشرة»."""
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
        """The value of a whole number in digits or in one word, which may be a word for 1; None for other tokens."""
        if token.isdecimal():
            return digits_value(token)
        bare = self.bare(token)
        if bare in self.words.one:
            return Decimal(1)
        value = 100 if bare in self.words.hundreds else self.words.small.get(bare)
        return None if value is None else Decimal(value)


class _Sum:
    """Read a number that is a sum of products: "two thousand three hundred", «ألفين وثلاثمئة», "1.5 million", "third".

    Attributes:
        position: index of the next token.
        total: the sum of the groups that have a scale: 2,000 in "two thousand three hundred".
        group: the number behind them that has no scale yet: first 3, then 300; None if there is none.
        scale: the last scale.
    """

    def __init__(self, reader: NumberReader, tokens: Sequence[str], start: int) -> None:
        self.reader, self.words = reader, reader.words
        self.tokens, self.start, self.position = tokens, start, start
        self.total, self.scale = Decimal(0), Decimal(1)
        self.group: Decimal | None = None

    def read(self) -> tuple[Decimal, int]:
        """The number, and how many tokens it takes."""
        while self.position < len(self.tokens) and self._take():
            pass
        return (self.total + (self.group or 0)).normalize(), self.position - self.start

    def _take(self) -> bool:
        """Add the next token, with those that belong to it, if it is part of the number; whether more may follow."""
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
        value, used = reader.small(tokens, position)
        if used:
            return self._take_small(token, value, position + used, is_joined)
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
        """Add "and a half": half of the last scale, or .5 if the group has no scale yet."""
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

    def _take_small(self, token: str, value: int, end: int, is_joined: bool) -> bool:
        if value == 1 and token in self.words.one:
            is_counted = self.reader.is_scale(self.tokens, end) or self.reader.and_a_half(self.tokens, end)
            if not (is_counted or (self.group or 0) >= 20):
                return False
        if self.group is not None and not self._may_follow(self.group, value, token, is_joined):
            return False
        self.group, self.position = (self.group or Decimal(0)) + value, end
        return True

    def _may_follow(self, group: Decimal, value: int, token: str, is_joined: bool) -> bool:
        """Whether a small number continues the group before it: "forty two", «خمسة وأربعون», «ثلاثة عشر»."""
        if token in self.reader.units_behind:
            return (group % 100 == 0 and group > 0) or (group % 10 == 0 and 20 <= group % 100 and value < 10)
        if value == 10 and token in self.words.teens:
            return 0 < group % 100 < 10
        return is_joined or (value == 100 and 3 <= group <= 9)

    def _take_dual(self, token: str) -> bool:
        value = Decimal(self.words.dual_scales[token])
        self.position += 1
        self.scale = value / 2
        # Some of these words are also the singular: «مليونا ونصف» is 1.5 million.
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
        """Whether a token is a small number, or digits with a scale behind them."""
        if position >= len(self.tokens):
            return False
        token = self.reader.bare(self.tokens[position])
        return token in self.words.small or (token.isdecimal() and self.reader.is_scale(self.tokens, position + 1))


@functools.lru_cache(maxsize=32)
def number_reader(language: str = "") -> NumberReader:
    """The reader for texts in a language (ISO 639-1)."""
    return NumberReader(language)
