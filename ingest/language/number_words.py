"""The words for numbers and currencies."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class NumberWords:
    """The words for numbers.

    Attributes:
        small: numbers without a scale: "five", "twenty", «خمسمئة»; phrases are read before single words.
        one: words for 1 that mostly are not numbers: "one of them".
        units_follow_tens: whether units follow tens, as in "forty two"; if not, they need one of `joining_prefixes`.
        scales: words that multiply the number in front of them: "thousand".
        hundreds: the words of `scales` that a larger scale may multiply: "two hundred thousand".
        scale_abbreviations: the words of `scales` that need a number in front of them: "bn".
        glued_scales: letters that are a scale only directly behind digits: the "m" of "$3m" is "mln".
        dual_scales: one word for two of a scale: «ألفين».
        dual_nouns: one word for two of something else: «شهرين».
        elevens: units that are 11 in front of one of `teens`.
        teens: words for ten behind a unit.
        ordinals: "third".
        ordinal_suffixes: the "rd" of "3rd".
        tens_prefixes: prefixes of tens that follow an ordinal: «الثالث والعشرين».
        fractions: "half" is "1/2".
        parts: denominators behind a number: "quarters" is 4 in "three quarters".
        articles: "a", in front of a fraction or of its whole: "half a million".
        of: words between a fraction and its whole.
        before_period: words that make a fraction behind them a period: "the second quarter".
        definite_fractions: endings of fractions that a word of `after_period` makes a period.
        after_period: see `definite_fractions`.
        vague: quantities without a number, and their scale: "thousands of people".
        and_a_half: "and a half".
        ratios: words between the two numbers of a share: "three out of four".
        weak_ratios: the words of `ratios` that may mean something else: "killed 3 in 4 attacks".
        percent: "percent".
        minus: "minus", in front of digits.
        conjunctions: words between the parts of a number: "one hundred and five".
        joining_prefixes: conjunctions that are prefixes of the next word.
        ranges: words between two numbers that share a percent sign: "3 to 5 percent".
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
        words: a word -> the code that all languages share: "usd".
    """

    TOPIC: ClassVar[str] = "currencies"
    words: dict[str, str]
