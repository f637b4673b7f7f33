"""How two articles are related: whether one is a near-duplicate of the other, or an update of it."""

from collections.abc import Sequence
from typing import Literal

from ingest.duplicates import amounts, casualties, name_changes, polarity
from ingest.duplicates.shingles import ComparableText, Sentence, comparable

Relation = Literal["copy", "update", "other"]

# Measured on the pairs of tests/data/near_copies.jsonl by: pytest tests/ingest/duplicates/test_compare.py -k labelled
_COPIED = 0.6  # share of the shorter text's words that lie in shared shingles; .8 misses copies
_MOST_PAIRS = 20_000_000  # pairs of words that are compared; two reports of 100 sentences have 500,000
_SIMILAR = 0.6  # share of the shorter sentence's words: two sentences say the same; .5 and .7 make mistakes


def relation(one: str, other: str) -> Relation:
    """Tell a near-duplicate from an update and from another article.

    Args:
        one: the text of an article.
        other: that of another.

    Returns:
        "copy": the shorter text stands in the other, apart from a lead of its own, cuts and small changes.
        "update": so it does, but a sentence that both have gives other figures, days or names, or is denied in one;
            or the texts count other casualties; or they are too long and too different to tell.
        "other": it does not.
    """
    short, long = sorted(map(comparable, sorted((one, other))), key=lambda text: len(text.words))
    if not short.words or short.share_copied_from(long) < _COPIED:
        return "other"
    return "update" if casualties.differ(short, long) or _contradict(short, long) else "copy"


def _contradict(one: ComparableText, other: ComparableText) -> bool:
    """Whether a sentence of one text contradicts a sentence of the other."""
    own = one.sentences_missing_from(other)
    if len(own) * len(other.words) + len(other.sentences) * len(one.words) > _MOST_PAIRS:
        return True  # too long to tell
    return any(_contradicts(one, index, other) for index in own) or polarity.denied_outright(
        [one.sentences[index].text for index in own],
        [other.sentences[index].text for index in other.sentences_missing_from(one)],
        one.language,
    )


def _contradicts(one: ComparableText, index: int, other: ComparableText) -> bool:
    """Whether a sentence contradicts the sentence of the other text that is most like it."""
    sentence = one.sentences[index]
    (share, _), nearest = max((sentence.similarity(theirs), at) for at, theirs in enumerate(other.sentences))
    if share < _SIMILAR:
        return False
    theirs = other.sentences[nearest]
    return (
        amounts.contradict(sentence, theirs, one.language)
        or name_changes.replaced(sentence.text, theirs.text, (one.distinct_words, other.distinct_words), one.language)
        or polarity.are_opposite(
            _with_neighbours(one.sentences, index), _with_neighbours(other.sentences, nearest), one.language
        )
    )


def _with_neighbours(sentences: Sequence[Sentence], index: int) -> list[str]:
    """A sentence, then the one before it and the one behind."""
    neighbours = *sentences[max(0, index - 1) : index], *sentences[index + 1 : index + 2]
    return [sentence.text for sentence in (sentences[index], *neighbours)]
