"""What is known of each language: a folder `ar/`, `en/` with one TOML file a topic, read once, folded and typed.

A topic is a frozen dataclass beside the code that uses it; its `TOPIC` names the file. So a new language is a folder,
and a new topic is a dataclass, and a file in each folder that has something to say of it:

    @dataclass(frozen=True)
    class Denials:
        TOPIC: ClassVar[str] = "denials"
        words: frozenset[str]

    language("ar").topic(Denials).words  # from ar/denials.toml
    merged(Denials, article.language).words  # of all languages that the article is read with

How a field is written in TOML follows from its type:

    frozenset[str], tuple[str, ...]   "one two three", or a list where an entry has a space in it
    dict[str, int], dict[str, str]    a table of value = words: `5 = "five"`; it is read as word -> value
    re.Pattern[str]                   a regular expression, matched against folded text, so written in folded letters;
                                      or a list of alternatives
    str, int, bool                    as it is
    another such dataclass            a table

Words are folded when they are read (see `fold`). What a file leaves out is empty, and so is a topic without a file.

Texts mix languages: an Arabic article names "Palm Inc." So a text is read with its own language and with the default
one of every other script (Arabic, English): French "cent" is a number in French text only. A text in a language without
a folder is read with the defaults alone.

To add a language, make its folder with a `language.toml` (see `Writing`) and those topics of `en/` that you have words
for; each is optional. Name its stemmer and commonest words in `languages.toml`. A language whose words change by more
than their ends also has a `morphology.py`: see `morphology`. `tests/ingest/language/test_french.py` shows what to test.
"""

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from importlib import import_module, resources
from typing import Any, ClassVar, Protocol, TypeVar, get_args, get_origin, get_type_hints

from ingest.language.fold import folded
from ingest.language.morphology import Morphology

_NEVER = re.compile(r"(?!)")


class Topic(Protocol):
    """A frozen dataclass of words, and the name of its file without `.toml`."""

    TOPIC: ClassVar[str]


T = TypeVar("T", bound=Topic)


@dataclass(frozen=True)
class Writing:
    """How a language is written.

    Attributes:
        script: its name in Unicode, "ARABIC".
        letters: a regular expression for the first letter of its words; empty for all that no other language claims.
        is_default: whether words in this script are read as this language in texts of other scripts.
    """

    TOPIC: ClassVar[str] = "language"
    script: str
    letters: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class Language:
    """A language that has a folder. Made by `language`.

    Attributes:
        code: ISO 639-1, the folder's name.
    """

    code: str

    def topic(self, kind: type[T]) -> T:
        """What this language's folder says of a topic; all empty if it says nothing."""
        topic: T = _read(self.code, kind)
        return topic

    @property
    def writing(self) -> Writing:
        """How it is written."""
        return self.topic(Writing)

    @property
    def morphology(self) -> Morphology:
        """How it builds words: from the folder's `morphology.py`, else one that leaves words as they are."""
        return _morphology(self.code)


@functools.cache
def languages() -> tuple[str, ...]:
    """The codes of all languages that have a folder, in order."""
    package = resources.files(__package__)
    return tuple(sorted(folder.name for folder in package.iterdir() if folder.joinpath("language.toml").is_file()))


def language(code: str) -> Language | None:
    """The language with this ISO 639-1 code; None if it has no folder."""
    return Language(code) if code in languages() else None


@functools.lru_cache(maxsize=64)
def languages_of(code: str = "") -> tuple[Language, ...]:
    """The languages that a text in one (ISO 639-1) is read with: its own, then the default of every other script."""
    own = language(code)
    defaults = (other for other in map(Language, languages()) if other.writing.is_default)
    if own is None:
        return tuple(defaults)
    return (own, *(other for other in defaults if other.writing.script != own.writing.script))


def merged(kind: type[T], code: str = "") -> T:
    """Merge a topic of all languages that a text in one (ISO 639-1) is read with.

    Sets and tables are united, tuples are joined, a pattern matches what any of the patterns matches; of other fields
    the first language's value is taken.
    """
    topic: T = _merged(kind, languages_of(code))
    return topic


def of_all_languages(kind: type[T]) -> T:
    """Merge a topic of all languages, for words that mean the same in any text, such as boilerplate."""
    topic: T = _merged(kind, tuple(map(Language, languages())))
    return topic


@functools.cache
def table(path: str) -> Mapping[str, Any]:
    """A TOML file of this folder as it is, for instance "languages.toml"; empty if there is none."""
    file = resources.files(__package__).joinpath(path)
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


@functools.cache
def _read(code: str, kind: Any) -> Any:  # noqa: ANN401 - a topic's class and an instance of it
    path = f"{code}/{kind.TOPIC}.toml"
    return _made(kind, table(path), path)


@functools.cache
def _morphology(code: str) -> Morphology:
    if not resources.files(__package__).joinpath(code, "morphology.py").is_file():
        return Morphology()
    found: Morphology = import_module(f"{__package__}.{code}.morphology").MORPHOLOGY
    return found


@functools.cache
def _merged(kind: Any, spoken: tuple[Language, ...]) -> Any:  # noqa: ANN401 - a topic's class and an instance of it
    return _union([one.topic(kind) for one in spoken])


def _union(values: Sequence[Any]) -> Any:  # noqa: ANN401 - whatever type a field has
    first = values[0]
    if is_dataclass(first):
        parts = {field.name: _union([getattr(value, field.name) for value in values]) for field in fields(first)}
        return first.__class__(**parts)
    if isinstance(first, re.Pattern):
        known = [value for value in values if value is not _NEVER]
        return known[0] if len(known) == 1 else _compiled([f"(?:{value.pattern})" for value in known])
    if isinstance(first, frozenset):
        return first.union(*values[1:])
    if isinstance(first, tuple):
        return tuple(dict.fromkeys(word for words in values for word in words))
    if isinstance(first, dict):
        return {word: value for words in reversed(values) for word, value in words.items()}
    return first


def _made(kind: Any, values: Mapping[str, Any], source: str) -> Any:  # noqa: ANN401 - a dataclass and what it is made of
    hints = get_type_hints(kind)
    unknown = values.keys() - {field.name for field in fields(kind)}
    if unknown:
        raise ValueError(f"{source}: {', '.join(sorted(unknown))}: no such field in {kind.__name__}")
    return kind(**{field.name: _value(hints[field.name], values.get(field.name), source) for field in fields(kind)})


def _value(kind: Any, given: Any, source: str) -> Any:  # noqa: ANN401 - whatever type a field has
    if is_dataclass(kind):
        return _made(kind, given or {}, source)
    origin = get_origin(kind) or kind
    if origin is re.Pattern:
        return _compiled([given] if given and isinstance(given, str) else given or [])
    if origin in (frozenset, tuple):
        return origin(_words(given))
    if origin is dict:
        as_value = get_args(kind)[1]
        return {word: as_value(value) for value, words in (given or {}).items() for word in _words(words)}
    return kind() if given is None else kind(given)


def _words(given: str | list[str] | None) -> list[str]:
    """The words of a string, or the entries of a list, folded."""
    return [folded(word) for word in (given.split() if isinstance(given, str) else given or ())]


def _compiled(alternatives: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(alternatives)) if alternatives else _NEVER
