"""The words of a language that a proof turns on, read from `words/CODE.toml`; a language without a file has none."""

import functools
import tomllib
from dataclasses import dataclass, fields
from importlib import resources

from ingest.language import folded

_LETTERS_BEFORE = "وفس"
"""Arabic writes "and", "so" and the future in one with the word that follows."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Sets of folded words; `words/en.toml` says what each is for."""

    optional: frozenset[str]
    prepositions: frozenset[str]
    clauses: frozenset[str]
    coordinators: frozenset[str]
    factive: frozenset[str]
    times: frozenset[str]
    titles: frozenset[str]
    negations: frozenset[str]
    hedges: frozenset[str]
    limits: frozenset[str]
    saying: frozenset[str]
    attributions: frozenset[str]
    conditions: frozenset[str]
    bounds: frozenset[str]
    voices: frozenset[str]

    def has(self, word: str, words: frozenset[str]) -> bool:
        """Whether a folded word is one of these, alone or with what is written in one with it."""
        if word in words:
            return True
        stem, apostrophe, ending = word.partition("'")
        if apostrophe:
            return stem in words or (ending == "t" and "not" in words)
        bare = word.lstrip(_LETTERS_BEFORE) if word[0] in _LETTERS_BEFORE else word
        return bare != word and bare in words


@functools.cache
def lexicon(language: str) -> Lexicon | None:
    """The lexicon of a language, by its ISO 639-1 code; None where there is none."""
    file = resources.files(__package__) / "words" / f"{language}.toml"
    if not language.isalpha() or not file.is_file():
        return None
    listed = tomllib.loads(file.read_text(encoding="utf-8"))
    return Lexicon(**{field.name: frozenset(folded(listed[field.name]).split()) for field in fields(Lexicon)})
