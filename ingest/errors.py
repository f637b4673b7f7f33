"""Errors whose messages are shown to people.

    KhabarError
        SettingsError        missing, unknown or out of range
        SourceError          an input could not be read
            FetchError       a request failed
                Gone         404 or 410
        ArchiveError         the archive does not open or answer
            ArchiveInUse     another process uses it
            ArchiveDamaged   its files are corrupt
            WrongEmbedder    it was filled with another embedder
            UnknownArticle   it has no article with that id
        ModelError           a model (embedding or language) failed or refused

A message states what happened, what was requested, and what to do next.
"""


class KhabarError(Exception):
    """Base class of all errors that a user can act on."""


class SettingsError(KhabarError):
    """A setting is missing, unknown or out of range."""


class SourceError(KhabarError):
    """An input, or one item of it, could not be read.

    Args:
        source: the file or address.
        reason: the problem, worded for people.
        location: the position in the source, such as "line 12"; "" for the whole source.
    """

    def __init__(self, source: str, reason: str, location: str = "") -> None:
        super().__init__(f"{source}{f', {location}' if location else ''}: {reason}")
        self.source = source
        self.reason = reason
        self.location = location


class FetchError(SourceError):
    """A request to an address failed.

    Args:
        source: the address.
        reason: the problem, worded for people.
        transient: whether a later request may succeed, as after an overload or a lost connection.
    """

    def __init__(self, source: str, reason: str, *, transient: bool = False) -> None:
        super().__init__(source, reason)
        self.transient = transient


class Gone(FetchError):
    """The address does not exist or no longer exists."""


class ArchiveError(KhabarError):
    """The archive does not open or answer."""


class ArchiveInUse(ArchiveError):
    """Another process uses the archive."""


class ArchiveDamaged(ArchiveError):
    """The archive's files are corrupt."""


class WrongEmbedder(ArchiveError):
    """The archive was filled with another embedder, folding or passage scheme."""


class UnknownArticle(ArchiveError):
    """The archive has no article with that id."""


class ModelError(KhabarError):
    """A model failed or refused."""
