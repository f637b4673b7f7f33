"""What is known of each language: a folder `ar/`, `en/` with one TOML file a topic, read once, folded and typed.

A topic is a frozen dataclass beside the code that uses it; its `TOPIC` names the file. So a new language is a folder,
and a new topic is a dataclass, and a file in each folder that has something to say of it:

    @dataclass(frozen=True)
    class Denials:
        TOPIC: ClassVar[str] = "denials"
        words: frozenset[str]

    arabic = language("ar")
    arabic.topic(Denials).words  # from ar/denials.toml

How a field is written in TOML follows from its type:

    frozenset[str], tuple[str, ...]   "one two three", or a list where an entry has a space in it
    dict[str, int], dict[str, str]    a table of value = words: `5 = "five"`; it is read as word -> value
    re.Pattern[str]                   a regular expression, matched against folded text, so written in folded letters;
                                      or a list of alternatives
    str, int, bool                    as it is
    another such dataclass            a table

Words are folded when they are read (see `fold`). What a file leaves out is empty, and so is a topic without a file.
"""

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from importlib import resources
from typing import Any, ClassVar, Protocol, TypeVar, get_args, get_origin, get_type_hints

from ingest.language.fold import folded

_NEVER = re.compile(r"(?!)")


class Topic(Protocol):
    """A frozen dataclass of words, and the name of its file without `.toml`."""

    TOPIC: ClassVar[str]


T = TypeVar("T", bound=Topic)


@dataclass(frozen=True, slots=True)
class Language:
    """A language that has a folder. Made by `language`.

    Attributes:
        code: ISO 639-1, the folder's name.
    """

    code: str

    def topic(self, kind: type[T]) -> T:
        """What this language's folder says of a topic; all empty if it says nothing."""
        read: T = _read(self.code, kind)
        return read


@functools.cache
def languages() -> tuple[str, ...]:
    """The codes of all languages that have a folder, in order."""
    here = resources.files(__package__)
    return tuple(sorted(one.name for one in here.iterdir() if one.joinpath("language.toml").is_file()))


@functools.cache
def language(code: str) -> Language | None:
    """What is known of a language, by its ISO 639-1 code; None where nothing is: every caller then does without."""
    return Language(code) if code in languages() else None


@functools.cache
def _read(code: str, kind: Any) -> Any:  # noqa: ANN401 - a topic's class and an instance of it
    file = resources.files(__package__) / code / f"{kind.TOPIC}.toml"
    table = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    return _made(kind, table, f"{code}/{kind.TOPIC}.toml")


def _made(kind: Any, table: Mapping[str, Any], source: str) -> Any:  # noqa: ANN401 - a dataclass and what it is made of
    hints = get_type_hints(kind)
    unknown = table.keys() - {field.name for field in fields(kind)}
    if unknown:
        raise ValueError(f"{source}: {', '.join(sorted(unknown))}: no such field in {kind.__name__}")
    values = {field.name: _value(hints[field.name], table.get(field.name), source) for field in fields(kind)}
    return kind(**values)


def _value(kind: Any, given: Any, source: str) -> Any:  # noqa: ANN401 - whatever type a field has
    if is_dataclass(kind):
        return _made(kind, given or {}, source)
    origin = get_origin(kind) or kind
    if origin is re.Pattern:
        return re.compile(given if isinstance(given, str) else "|".join(given)) if given else _NEVER
    if origin in (frozenset, tuple):
        return origin(_words(given))
    if origin is dict:
        as_value = get_args(kind)[1]
        return {word: as_value(value) for value, words in (given or {}).items() for word in _words(words)}
    return kind() if given is None else kind(given)


def _words(given: str | list[str] | None) -> list[str]:
    """The words of a string, or the entries of a list, folded."""
    return [folded(one) for one in (given.split() if isinstance(given, str) else given or ())]
