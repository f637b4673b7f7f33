"""Whether two articles tell the same story word for word."""

from collections.abc import Sequence
from typing import Literal

from ingest.duplicates import amounts, casualties, name_changes, polarity
from ingest.duplicates.shingles import Sentence, Told, told

Relation = Literal["copy", "update", "other"]

# Measured on the pairs of tests/data/near_copies.jsonl, with: pytest tests/ingest/test_duplicates.py -k labelled
_COPIED = 0.6  # of the shorter one's words stand in the other, in runs of `told.SHINGLE` or more; .8 misses copies
_PAIRS = 20_000_000  # words that are held against each other; two reports of 100 sentences have 500,000
_ALIKE = 0.6  # of the shorter sentence's words: two sentences say the same thing; .5 and .7 make mistakes


def relation(one: str, other: str) -> Relation:
    """Whether two articles tell the same story word for word.

    Args:
        one: the text of an article.
        other: that of another.

    Returns:
        "copy": the shorter one stands in the other, but for a lead of its own, cuts and small changes; "update": so it
        does, but with other figures, days, names or a "not" where they say the same thing, or with another toll, or
        they are so long and so different that nobody can tell;
        "other": it does not.
    """
    short, long = sorted(map(told, sorted((one, other))), key=lambda text: len(text.words))
    if not short.words or short.copied(long) < _COPIED:
        return "other"
    return "update" if casualties.newer(short, long) or _differ(short, long) else "copy"


def _differ(one: Told, other: Told) -> bool:
    """Whether a sentence of one says otherwise what a sentence of the other says."""
    own = one.without(other)
    if len(own) * len(other.words) + len(other.sentences) * len(one.words) > _PAIRS:
        return True  # too long to tell
    return any(_says_otherwise(one, place, other) for place in own) or polarity.outright(
        [one.sentences[place].text for place in own],
        [other.sentences[place].text for place in other.without(one)],
    )


def _says_otherwise(one: Told, place: int, other: Told) -> bool:
    """Whether a sentence says otherwise what the sentence of the other text says that is most like it."""
    said = one.sentences[place]
    (share, _), nearest = max((said.alike(theirs), there) for there, theirs in enumerate(other.sentences))
    if share < _ALIKE:
        return False
    theirs = other.sentences[nearest]
    return (
        amounts.contradict(said, theirs)
        or name_changes.replaced(said.text, theirs.text, (one.vocabulary, other.vocabulary))
        or polarity.turned(_around(one.sentences, place), _around(other.sentences, nearest))
    )


def _around(sentences: Sequence[Sentence], place: int) -> list[str]:
    """A sentence, then the one before it and the one behind."""
    neighbours = *sentences[max(0, place - 1) : place], *sentences[place + 1 : place + 2]
    return [sentence.text for sentence in (sentences[place], *neighbours)]
