"""What no judge may overrule: a figure, a name or a denial that the cited sentences lack."""

import itertools
import re
from collections.abc import Sequence
from decimal import Decimal

from assistant.verification.lexicon import lexicon
from ingest.language import Figure, figures, sentences, words

_LATIN_NAME = re.compile(r"(?<![.!?:\"“«(] )(?<!^)(?<!\w)[A-Z][\w'’&-]*\w")
_CITED = 12  # numbers whose sums and differences count: of more, some sum or difference fits anything
_FIGURES = 100  # of a statement
_HEAD = re.compile("['’]s?$")


def missing_figures(stated: Sequence[Figure], cited: Sequence[Figure]) -> list[str]:
    """List the figures of a statement that the cited sentences give neither themselves nor as a sum or difference."""
    if len(stated) > _FIGURES:
        return [f"{len(stated)} figures in one statement"]
    values = {figure.value for figure in cited}
    numbers = list(dict.fromkeys(figure.value for figure in cited if isinstance(figure.value, Decimal)))[:_CITED]
    made = {result for one, other in itertools.permutations(numbers, 2) for result in (one + other, one - other)}
    if numbers:
        made.add(sum(numbers, Decimal(0)))
    return [
        figure.words
        for figure in stated
        if figure.value not in values and figure.value not in made and not any(map(figure.is_part, cited))
    ]


def missing_names(statement: str, sources: Sequence[str], language: str) -> list[str]:
    """List the capitalised names of a statement that none of the sources has.

    Args:
        statement: plain text.
        sources: the cited sentences and the titles and publishers of their articles.
        language: of the statement, ISO 639-1; "" if unknown.
    """
    held = {part for text in sources for word in words(text) for part in (word, _HEAD.sub("", word))}
    if not any(re.search("[a-z]", word) for word in held):
        return []  # the sources are in another script
    parts = [statement[start:end] for start, end in sentences(statement, language)]
    names = [match.group() for part in parts for match in _LATIN_NAME.finditer(part)]
    return [
        name
        for name in names
        if not {_HEAD.sub("", part) for part in words(name)} <= held and not figures(name, language)
    ]


def changed_negation(statement: str, cited: Sequence[str], language: str) -> str:
    """Say whether a denial was lost or added; "" if neither."""
    known = lexicon(language)
    if known is None:
        return ""
    denies = any(known.has(word, known.negations) for word in words(statement))
    cited_denials = [any(known.has(word, known.negations) for word in words(text)) for text in cited]
    if denies and not any(cited_denials):
        return "it denies, and its sentences deny nothing"
    if not denies and all(cited_denials):
        return "its sentences deny, and it does not"
    return ""
