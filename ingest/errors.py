"""The errors that may be shown to a person as they are.

    KhabarError
        SettingsError        missing, unknown or out of range
        SourceError          an input could not be read
            FetchError       a request failed
                Gone         404 or 410
        ArchiveError         the archive does not open or answer
            ArchiveInUse     another process holds it
            ArchiveDamaged   its files are not what was written
            WrongEmbedder    it was filled with another embedding
            UnknownArticle   it holds no article with that id
        ModelError           a model (embedding or language) failed or refused

A message says what happened, what was asked, and what to do next.
"""


class KhabarError(Exception):
    """Any error that its reader can do something about."""


class SettingsError(KhabarError):
    """A setting is missing, unknown or out of range."""


class SourceError(KhabarError):
    """An input, or one item of it, could not be read.

    Args:
        source: the file or address.
        reason: what is wrong with it, for a person.
        location: where in the source, as "line 12"; "" for all of it.
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
        reason: what is wrong, for a person.
        transient: a later request may succeed: the server is overloaded, or the connection broke.
    """

    def __init__(self, source: str, reason: str, *, transient: bool = False) -> None:
        super().__init__(source, reason)
        self.transient = transient


class Gone(FetchError):
    """The address does not exist, or no longer."""


class ArchiveError(KhabarError):
    """The archive does not open or answer."""


class ArchiveInUse(ArchiveError):
    """Another process holds the archive."""


class ArchiveDamaged(ArchiveError):
    """The archive's files are not what was written."""


class WrongEmbedder(ArchiveError):
    """The archive was filled with another embedder, folding or passage scheme."""


class UnknownArticle(ArchiveError):
    """The archive holds no article with that id."""


class ModelError(KhabarError):
    """A model failed or refused."""
