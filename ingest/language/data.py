"""The knowledge of each language: a folder `ar/`, `en/` of TOML files, read once, folded and typed.

A topic is a frozen dataclass beside the code that uses it. Its `TOPIC` is the name of its file in each folder:

    @dataclass(frozen=True)
    class Denials:
        TOPIC: ClassVar[str] = "denials"
        words: frozenset[str]

    language("ar").topic(Denials).words  # from ar/denials.toml
    merged(Denials, article.language).words  # of all languages that the article is read with

The type of a field decides how it is written in TOML:

    frozenset[str], tuple[str, ...]   "one two three", or a list if an entry contains a space
    dict[str, int], dict[str, str]    a table of value = words: `5 = "five"`, read as word -> value
    re.Pattern[str]                   a regular expression for folded text, or a list of alternatives
    str, int, bool                    itself
    another such dataclass            a table

Words are folded when they are read; regular expressions are not, so write them in folded letters (see `fold`). A
missing field is empty, and so is every field of a missing file.

Texts mix languages: an Arabic article names "Palm Inc." So a text is read with its own language and with the default
language of every other script (Arabic, English). French "cent" is a number in French text only. A text in a language
without a folder is read with the defaults alone.

# How to add a language

Make a folder named by its ISO 639-1 code. `en/` shows most of its files. Only the first is required; in this order:

    language       the script: the folder counts once this file exists
    words          function words, for search: give the language a stemmer in `languages.toml` too
    calendar, clock, numbers, currencies      figures and dates of articles
    sentences      abbreviations that do not end a sentence
    questions, times                          the words of questions, and the times that they name
    quoting, continuations                    which sentences can be quoted alone
    polarity, casualties, titles, boilerplate updates and near-duplicates
    sources        bylines and notes of web pages
    proof          which statements are proven: last, and only by somebody who can test it on real statements
    id_lists       "and" between the ids that a model cites
    proclitics, duals                         only if the language has them

Add its commonest words to `languages.toml` if it is written in Latin letters. If its words change by more than their
endings, add a `morphology.py` (see `ingest.language.morphology`). No other Python changes. Then copy
`tests/ingest/language/test_french.py` and put your sentences in it.
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
    """A frozen dataclass of words. `TOPIC` is the name of its file, without `.toml`."""

    TOPIC: ClassVar[str]


T = TypeVar("T", bound=Topic)


@dataclass(frozen=True)
class Writing:
    """How a language is written.

    Attributes:
        script: the script's name in Unicode: "ARABIC".
        letters: a regular expression for the first letter of a word; empty for all letters that no language claims.
        is_default: whether words in this script belong to this language in texts of another script.
    """

    TOPIC: ClassVar[str] = "language"
    script: str
    letters: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class Language:
    """A language that has a folder. Made by `language`.

    Attributes:
        code: ISO 639-1, also the name of the folder.
    """

    code: str

    def topic(self, kind: type[T]) -> T:
        """Read a topic of this language; empty if the folder has no such file."""
        topic: T = _read(self.code, kind)
        return topic

    @property
    def writing(self) -> Writing:
        """The script of this language."""
        return self.topic(Writing)

    @property
    def morphology(self) -> Morphology:
        """The folder's `morphology.py`; if there is none, a morphology that leaves words as they are."""
        return _morphology(self.code)


@functools.cache
def languages() -> tuple[str, ...]:
    """The codes of all languages that have a folder, sorted."""
    package = resources.files(__package__)
    return tuple(sorted(folder.name for folder in package.iterdir() if folder.joinpath("language.toml").is_file()))


def language(code: str) -> Language | None:
    """The language with this ISO 639-1 code; None if it has no folder."""
    return Language(code) if code in languages() else None


@functools.lru_cache(maxsize=64)
def languages_of(code: str = "") -> tuple[Language, ...]:
    """The languages with which a text is read: its own (ISO 639-1), then the default of every other script."""
    own = language(code)
    defaults = (other for other in map(Language, languages()) if other.writing.is_default)
    if own is None:
        return tuple(defaults)
    return (own, *(other for other in defaults if other.writing.script != own.writing.script))


def merged(kind: type[T], code: str = "") -> T:
    """Merge a topic of all languages with which a text in a language (ISO 639-1) is read.

    Sets and tables are united, tuples are joined, and a pattern matches whatever any of the patterns matches. Other
    fields have the first language's value.
    """
    topic: T = _merged(kind, languages_of(code))
    return topic


def of_all_languages(kind: type[T]) -> T:
    """Merge a topic of all languages, for phrases that mean the same in any text, such as boilerplate."""
    topic: T = _merged(kind, tuple(map(Language, languages())))
    return topic


@functools.cache
def table(path: str) -> Mapping[str, Any]:
    """Read a TOML file of this folder, such as "languages.toml"; empty if there is no such file."""
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
    morphology: Morphology = import_module(f"{__package__}.{code}.morphology").MORPHOLOGY
    return morphology


@functools.cache
def _merged(kind: Any, spoken: tuple[Language, ...]) -> Any:  # noqa: ANN401 - a topic's class and an instance of it
    return _union([language.topic(kind) for language in spoken])


def _union(values: Sequence[Any]) -> Any:  # noqa: ANN401 - any type that a field may have
    first = values[0]
    if is_dataclass(first):
        parts = {field.name: _union([getattr(value, field.name) for value in values]) for field in fields(first)}
        return first.__class__(**parts)
    if isinstance(first, re.Pattern):
        patterns = [value for value in values if value is not _NEVER]
        return patterns[0] if len(patterns) == 1 else _compiled([f"(?:{value.pattern})" for value in patterns])
    if isinstance(first, frozenset):
        return first.union(*values[1:])
    if isinstance(first, tuple):
        return tuple(dict.fromkeys(word for words in values for word in words))
    if isinstance(first, dict):
        return {word: value for words in reversed(values) for word, value in words.items()}
    return first


def _made(kind: Any, values: Mapping[str, Any], source: str) -> Any:  # noqa: ANN401 - a dataclass
    hints = get_type_hints(kind)
    unknown = values.keys() - {field.name for field in fields(kind)}
    if unknown:
        raise ValueError(f"{source}: {', '.join(sorted(unknown))}: no such field in {kind.__name__}")
    return kind(**{field.name: _value(hints[field.name], values.get(field.name), source) for field in fields(kind)})


def _value(kind: Any, given: Any, source: str) -> Any:  # noqa: ANN401 - any type that a field may have
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
    return [folded(word) for word in (given.split() if isinstance(given, str) else given or ())]


def _compiled(alternatives: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(alternatives)) if alternatives else _NEVER
