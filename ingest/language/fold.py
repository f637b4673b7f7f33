"""Fold a text for comparing, with a map back to the offsets of the original.

Folding removes what readers do not hear: case, tashkeel, tatweel, the forms of alef and hamza, accents, the shapes of
quotation marks, dashes, digits and spaces. Each character is folded alone, so the map back is exact by construction.
"""

import unicodedata
from dataclasses import dataclass

FOLDING = 1
"""The version of the folding. An archive stores folded terms, and with them the version that folded them."""

_LETTERS = {
    **dict.fromkeys("أإآٱٲٳ", "ا"),
    "ؤ": "و",
    "ئ": "ي",
    "ة": "ه",
    "ى": "ي",
    **dict.fromkeys("یېےۍێ", "ي"),
    **dict.fromkeys("کڪګ", "ك"),
    **dict.fromkeys("ہھەۀۂۃە", "ه"),
    **dict.fromkeys("«»“”„‟‹›″❝❞〝〞＂", '"'),
    **dict.fromkeys("‘’‚‛ʼʹ′`´＇", "'"),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    "،": ",",
    "٬": ",",
    "٫": ".",
    "؛": ";",
    "؟": "?",
    "٪": "%",
    "۔": ".",
    "ـ": "",  # tatweel
}
# Marks that a word does without. In other scripts (Devanagari, Thai) marks are vowels and stay.
_MARKS = (
    (0x0300, 0x036F),
    (0x0483, 0x0487),
    (0x0591, 0x05C7),
    (0x0610, 0x061A),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06DC),
    (0x06DF, 0x06E4),
    (0x06E7, 0x06E8),
    (0x06EA, 0x06ED),
    (0x08D3, 0x08FF),
)


class _Table(dict[int, str]):
    """What each character folds to, computed when the character first occurs."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


def _is_mark(character: str) -> bool:
    code = ord(character)
    return any(first <= code <= last for first, last in _MARKS)


def _fold_character(character: str) -> str:
    if character in _LETTERS:
        return _LETTERS[character]
    if character.isspace():
        return " "
    if unicodedata.category(character) in ("Cf", "Cc", "Cs"):  # joiners, direction marks, controls
        return ""
    decimal = unicodedata.decimal(character, None)
    if decimal is not None:
        return str(decimal)
    parts = "".join(part for part in unicodedata.normalize("NFKD", character) if not _is_mark(part))
    # Composed again, because Hangul syllables decompose too; then folded part by part: "ﻷ" is lam and alef.
    whole = unicodedata.normalize("NFC", parts.casefold())
    if whole == character:
        return character
    return "".join(_TABLE[ord(part)] for part in whole).strip()  # "¨" decomposes into a space and a mark


_TABLE = _Table()


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and where each of its characters came from.

    Attributes:
        text: the folded text, without runs of spaces.
        origins: for each character of `text`, the offset of the character it was folded from; then the original length.
    """

    text: str
    origins: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The offsets in the original text of `text[start:end]`, which is not empty.

        Marks that were folded away behind the last character belong to it.
        """
        return self.origins[start], max(self.origins[end], self.origins[end - 1] + 1)


def fold(text: str) -> Folded:
    """Fold a text and keep the map back. Takes about 0.3 s per million characters."""
    pieces: list[str] = []
    origins: list[int] = []
    spaced = True  # leading space is dropped
    for offset, character in enumerate(text):
        piece = _TABLE[ord(character)]
        if piece == " ":
            if spaced:
                continue
            spaced = True
        elif piece:
            spaced = False
        pieces.append(piece)
        origins.extend([offset] * len(piece))
    folded_text = "".join(pieces)
    if folded_text.endswith(" "):
        folded_text = folded_text[:-1]
        origins.pop()
    origins.append(len(text))
    return Folded(folded_text, origins)


def folded(text: str) -> str:
    """The same as `fold(text).text` but several times faster, without the map back."""
    return " ".join(text.translate(_TABLE).split())
