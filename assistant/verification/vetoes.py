"""What no judge may overrule: a figure, a name or a denial that the cited sentences do not have."""

import itertools
import re
from collections.abc import Sequence
from decimal import Decimal

from assistant.verification.lexicon import lexicon
from ingest.language import figures, sentences, words

_LATIN_NAME = re.compile(r"(?<![.!?:\"“«(] )(?<!^)(?<!\w)[A-Z][\w'’&-]*\w")
_CITED = 12  # numbers whose sums and differences are looked at: more have too many
_FIGURES = 100  # of a statement
_HEAD = re.compile("['’]s?$")


def missing_figures(statement: str, cited: Sequence[str]) -> list[str]:
    """The figures of a statement that its sentences do not hold, in digits, words, or as a sum or difference."""
    own = figures(statement)
    if len(own) > _FIGURES:
        return [f"{len(own)} figures in one statement"]
    held = [figure for text in cited for figure in figures(text)]
    values = {figure.value for figure in held}
    numbers = list(dict.fromkeys(one.value for one in held if isinstance(one.value, Decimal)))[:_CITED]
    made = {result for one, other in itertools.permutations(numbers, 2) for result in (one + other, one - other)}
    if numbers:
        made.add(sum(numbers, Decimal(0)))
    return [
        figure.words
        for figure in own
        if figure.value not in values and figure.value not in made and not any(map(figure.is_part, held))
    ]


def missing_names(statement: str, sources: Sequence[str]) -> list[str]:
    """The words with a capital inside a statement's sentences that neither its sentences nor their headings hold."""
    held = {part for text in sources for word in words(text) for part in (word, _HEAD.sub("", word))}
    if not any(re.search("[a-z]", word) for word in held):
        return []  # all is in another script
    parts = [statement[start:end] for start, end in sentences(statement)]
    found = [match.group() for part in parts for match in _LATIN_NAME.finditer(part)]
    return [name for name in found if not {_HEAD.sub("", part) for part in words(name)} <= held and not figures(name)]


def turned(statement: str, cited: Sequence[str], language: str) -> str:
    """Whether a denial is lost or added; empty if neither."""
    known = lexicon(language)
    if known is None:
        return ""
    said = any(known.has(word, known.negations) for word in words(statement))
    there = [any(known.has(word, known.negations) for word in words(text)) for text in cited]
    if said and not any(there):
        return "it denies, and its sentences deny nothing"
    if not said and all(there):
        return "its sentences deny, and it does not"
    return ""
