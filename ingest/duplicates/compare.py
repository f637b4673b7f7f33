"""Tell whether one article is a near-duplicate of another, or an update of it."""

from collections.abc import Sequence
from typing import Literal

from ingest.duplicates import amounts, casualties, name_changes, polarity
from ingest.duplicates.shingles import ComparableText, Sentence, comparable

Relation = Literal["copy", "update", "other"]

# Measured on the pairs of tests/data/near_copies.jsonl by: pytest tests/ingest/duplicates/test_compare.py -k labelled
_COPIED = 0.6  # share of the shorter text's words in shared shingles, from which it is a copy; .8 misses copies
_SIMILAR = 0.6  # share of the shorter sentence's words, from which two sentences are versions of one; .5 and .7 err
_MAX_PAIRS = 20_000_000  # of words that are compared; two reports of 100 sentences have 500,000


def relation(one: str, other: str) -> Relation:
    """Tell a near-duplicate from an update and from another article.

    Args:
        one: the text of an article.
        other: the text of another article.

    Returns:
        "copy": the longer text contains the shorter one, apart from a new lead, cuts and small changes.
        "update": the same, but versions of one sentence have different figures, days or names, or one denies the other;
            or the texts count different casualties; or they are too long and too different to tell.
        "other": all other pairs.
    """
    short, long = sorted(map(comparable, sorted((one, other))), key=lambda text: len(text.words))
    if not short.words or short.share_copied_from(long) < _COPIED:
        return "other"
    return "update" if casualties.differ(short, long) or _contradict(short, long) else "copy"


def _contradict(one: ComparableText, other: ComparableText) -> bool:
    """Whether a sentence of one text contradicts a sentence of the other."""
    own = one.sentences_missing_from(other)
    if len(own) * len(other.words) + len(other.sentences) * len(one.words) > _MAX_PAIRS:
        return True  # too long to tell
    return any(_contradicts(one, index, other) for index in own) or polarity.denied_outright(
        [one.sentences[index].text for index in own],
        [other.sentences[index].text for index in other.sentences_missing_from(one)],
        one.language,
    )


def _contradicts(one: ComparableText, index: int, other: ComparableText) -> bool:
    """Whether a sentence contradicts the most similar sentence of the other text."""
    sentence = one.sentences[index]
    (share, _), nearest = max((sentence.similarity(theirs), i) for i, theirs in enumerate(other.sentences))
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
    """A sentence, then the sentences before and behind it."""
    neighbours = *sentences[max(0, index - 1) : index], *sentences[index + 1 : index + 2]
    return [sentence.text for sentence in (sentences[index], *neighbours)]
