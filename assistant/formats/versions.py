"""Compare the stored versions of an article sentence by sentence."""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from ingest.archive import Version
from ingest.article import Article
from ingest.language import sentences

_MAX_PAIRS = 250_000  # pairs of sentences that are aligned in order, such as those of two texts of 500 sentences


def successions(article: Article, versions: Sequence[Version]) -> list[tuple[Version, Version | Article]]:
    """Pair each earlier version with the one that replaced it, newest first.

    Args:
        article: the current version.
        versions: the earlier versions, newest first.
    """
    return list(zip(versions, [article, *versions], strict=False))


def changes(before: Version, after: Version | Article) -> list[tuple[str, str]]:
    """List the titles and sentences that differ, in the order of the texts.

    Returns:
        Pairs of a sign and a sentence: "-" for a removed sentence, "+" for an added one.
    """
    old, new = (
        [version.title, *(version.text[start:end] for start, end in sentences(version.text))]
        for version in (before, after)
    )
    if len(old) * len(new) > _MAX_PAIRS:
        return [*_surplus("-", old, new), *_surplus("+", new, old)]
    changed: list[tuple[str, str]] = []
    for kind, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            changed += [("-", sentence) for sentence in old[old_start:old_end]]
            changed += [("+", sentence) for sentence in new[new_start:new_end]]
    return changed


def _surplus(sign: str, own: Sequence[str], other: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the sentences that one text has more often than the other, in the order of the text."""
    unmatched = Counter(other)
    for sentence in own:
        unmatched[sentence] -= 1
        if unmatched[sentence] < 0:
            yield sign, sentence
