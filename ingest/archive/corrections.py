"""Distinguish a correction from an addition or a new layout."""

from ingest.language import sentences, words

_MAX_SEARCHED = 1_000_000_000  # characters searched for changed sentences: about 1 s


def is_correction(old: str, new: str) -> bool:
    """Whether the new text drops or changes words of the old one.

    Changed spacing, punctuation or spelling of alef is no correction, nor are added sentences. A "not" added within a
    sentence is a correction.
    """
    kept = {" ".join(words(new[start:end])) for start, end in sentences(new)}
    former = [" ".join(words(old[start:end])) for start, end in sentences(old)]
    changed = [sentence for sentence in former if sentence not in kept]  # changed, or split differently
    text = f" {' '.join(words(new))} "
    too_many = len(changed) * len(text) > _MAX_SEARCHED
    return too_many or any(f" {sentence} " not in text for sentence in changed)
