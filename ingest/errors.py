"""The errors that a person may be shown, as they are.

    KhabarError
        SettingsError        missing, unknown or out of range
        SourceError          an input could not be read
            FetchError       an address did not give what was asked for
                Gone         it did once: 404 or 410
        ArchiveError         the archive does not open or answer
            ArchiveInUse     another process holds it
            ArchiveDamaged   its files are not what was written
            WrongEmbedder    it was filled with another embedding
            UnknownArticle   it holds no article of that id
        ModelError           a model (embedding or language) failed or refused

A message says what is, what was asked, and what to do next.
"""


class KhabarError(Exception):
    """Anything that went wrong and that its reader can do something about."""


class SettingsError(KhabarError):
    """A setting is missing, unknown or out of range."""


class SourceError(KhabarError):
    """An input, or one item of it, could not be read.

    Args:
        source: the file or address.
        reason: what is wrong with it, for a person.
        place: where in the source, as "line 12"; empty for the whole of it.
    """

    def __init__(self, source: str, reason: str, place: str = "") -> None:
        super().__init__(f"{source}{f', {place}' if place else ''}: {reason}")
        self.source = source
        self.reason = reason
        self.place = place


class FetchError(SourceError):
    """An address did not give what was asked for.

    Args:
        source: the address.
        reason: what is wrong, for a person.
        passing: it may be well another time: a server in trouble, a connection that broke.
    """

    def __init__(self, source: str, reason: str, *, passing: bool = False) -> None:
        super().__init__(source, reason)
        self.passing = passing


class Gone(FetchError):
    """There is nothing at the address, or nothing any more."""


class ArchiveError(KhabarError):
    """The archive does not open or answer."""


class ArchiveInUse(ArchiveError):
    """Another process holds the archive."""


class ArchiveDamaged(ArchiveError):
    """The archive's files are not what was written."""


class WrongEmbedder(ArchiveError):
    """The archive was filled with another embedding or another folding."""


class UnknownArticle(ArchiveError):
    """The archive holds no article of that id."""


class ModelError(KhabarError):
    """A model failed or refused."""
