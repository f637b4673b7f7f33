"""The words that may stand in a text: those of its own language, and those of languages in other scripts.

News mixes scripts: an English report quotes «الجزيرة», an Arabic one "the House of Lords". So a text is read with the
words of its own language and of every language of another script. Other languages of its script are left out, since
their words mean something else ("son" in English and in French). Where the text's language is unknown or has no folder,
it is read with all.
"""

import functools
import re
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar, TypeVar

from ingest.language.data import Topic, language, languages

T = TypeVar("T", bound=Topic)


@dataclass(frozen=True)
class _Scripts:
    """The script that a language is written in, by its Unicode name."""

    TOPIC: ClassVar[str] = "language"
    script: str


def merged(kind: type[T], code: str = "") -> T:
    """Merge what is known of a topic in all languages whose words a text may hold.

    Sets and tables are united, tuples are joined, and a pattern matches what any of the patterns matches.

    Args:
        kind: the topic.
        code: the language of the text, ISO 639-1; empty where it is unknown.
    """
    topic: T = _merged_topic(kind, code if code in languages() else "")
    return topic


def of_all_languages(kind: type[T]) -> T:
    """The same for words that mean the same wherever they stand, like a phrase of boilerplate: in every language."""
    topic: T = _merged_topic(kind, "")
    return topic


@functools.cache
def _merged_topic(kind: Any, code: str) -> Any:  # noqa: ANN401 - a topic's class and an instance of it
    return _union([known.topic(kind) for other in _read_with(code) if (known := language(other))])


@functools.cache
def _read_with(code: str) -> tuple[str, ...]:
    """The codes of the languages that a text of one language is read with."""
    scripts = {other: known.topic(_Scripts).script for other in languages() if (known := language(other))}
    return tuple(other for other in scripts if not code or other == code or scripts[other] != scripts[code])


def _union(values: list[Any]) -> Any:  # noqa: ANN401 - whatever type a field has
    first = values[0]
    if is_dataclass(first):
        parts = {field.name: _union([getattr(value, field.name) for value in values]) for field in fields(first)}
        return first.__class__(**parts)
    if isinstance(first, re.Pattern):
        return re.compile("|".join(f"(?:{value.pattern})" for value in values))
    if isinstance(first, frozenset):
        return first.union(*values)
    if isinstance(first, dict):
        return {word: value for table in values for word, value in table.items()}
    if isinstance(first, tuple):
        return tuple(dict.fromkeys(entry for value in values for entry in value))
    raise TypeError(f"no way to merge {type(first).__name__}")


def alternation(*patterns: re.Pattern[str]) -> str:
    """The source of a pattern that matches what any of these does, for building it into a larger one."""
    return f"(?:{'|'.join(pattern.pattern for pattern in patterns)})"
