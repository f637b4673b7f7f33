"""The words of the interface, Arabic or English; they stand in `assistant/messages`, under `page_` names."""

from assistant.messages import phrase

LANGUAGES = ("en", "ar")
"""Of the interface."""

_SHARED = ("unnamed", "untitled", "undated", "not_in_archive")


def said(name: str, language: str, **names: str) -> str:
    """A phrase of the interface in that language."""
    return phrase(name if name in _SHARED else f"page_{name}", language, **names)


def spoken(language: object) -> str:
    """A language of the interface, whatever a browser says that it is."""
    return "ar" if language == "ar" else "en"


def way(language: str) -> str:
    """The direction of the interface."""
    return "rtl" if language == "ar" else "ltr"
