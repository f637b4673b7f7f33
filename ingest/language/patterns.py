"""Build regular expressions from words."""

import re
from collections.abc import Iterable


def any_of(words: Iterable[str], *, are_patterns: bool = False) -> str:
    """A regular expression that matches any of some words, the longest first; without words it never matches.

    Args:
        words: folded words.
        are_patterns: whether the words are regular expressions.
    """
    patterns = sorted(set(words if are_patterns else map(re.escape, words)), key=len, reverse=True)
    return f"(?:{'|'.join(patterns)})" if patterns else "(?!)"


def alternation(*patterns: re.Pattern[str]) -> str:
    """A regular expression that matches whatever any of these patterns matches, for use in a larger one."""
    return f"(?:{'|'.join(pattern.pattern for pattern in patterns)})"
