"""Regular expressions made of words."""

import re
from collections.abc import Iterable


def any_of(words: Iterable[str], *, are_patterns: bool = False) -> str:
    """A regular expression for any of some words, the longest first; without words it never matches.

    Args:
        words: folded.
        are_patterns: they are regular expressions themselves.
    """
    patterns = sorted(set(words if are_patterns else map(re.escape, words)), key=len, reverse=True)
    return f"(?:{'|'.join(patterns)})" if patterns else "(?!)"


def alternation(*patterns: re.Pattern[str]) -> str:
    """The source of a pattern that matches what any of these matches, for use in a larger one."""
    return f"(?:{'|'.join(pattern.pattern for pattern in patterns)})"
