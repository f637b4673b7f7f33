"""Phrases of one word or more in a text that is split into tokens."""

from collections.abc import Iterable, Sequence


def split_entries(entries: Iterable[str]) -> list[tuple[str, ...]]:
    """Split each phrase into its words, and sort the phrases, the longest first."""
    return sorted((tuple(entry.split()) for entry in entries), key=len, reverse=True)


def first_of(entries: Iterable[tuple[str, ...]], tokens: Sequence[str], position: int) -> tuple[str, ...]:
    """The first of some phrases that begins at a position; empty if none does."""
    return next((entry for entry in entries if tuple(tokens[position : position + len(entry)]) == entry), ())
