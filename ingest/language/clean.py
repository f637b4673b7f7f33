"""Clean a text before it is stored. Stored text never changes, because quotations are offsets into it."""

import re
import unicodedata

# Line ends of every system; U+0085, U+2028 and U+2029 are line ends too.
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Invisible characters: controls, soft hyphens, byte-order marks, and direction marks, which would change the direction
# of the page around an unbalanced one. Joiners (U+200C, U+200D) belong to the spelling of words and stay.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u061c\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")
_LINE_MARGINS = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")
_MAX_MARKS = 30
"""Combining marks on one letter: the limit of Unicode's stream-safe format (UAX 15); no language needs more than 5.
Composing a run of marks takes time quadratic in its length."""
_MANY_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MAX_MARKS // 2},}}")  # marks are not \w; some decompose into two


def clean(text: str) -> str:
    """Bring a text into its stored form: NFC, line feeds as line ends, single spaces, no invisible characters.

    At most one blank line separates paragraphs. Of more than 30 combining marks in a row, the first 30 stay.
    `clean(clean(x)) == clean(x)`.
    """
    text = _SURROGATES.sub("\ufffd", text)
    text = _LINE_ENDS.sub("\n", text)
    text = _INVISIBLE.sub("", text)
    text = unicodedata.normalize("NFC", _MANY_MARKS.sub(_limit_marks, text))
    text = _SPACES.sub(" ", text)
    text = _LINE_MARGINS.sub("\n", text)
    return _BLANK_LINES.sub("\n\n", text).strip()


def _limit_marks(match: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in match.group():
        parts = unicodedata.normalize("NFD", character)
        marks = marks + len(parts) if all(map(unicodedata.combining, parts)) else 0
        if marks <= _MAX_MARKS:
            kept.append(character)
    return "".join(kept)


def one_line(text: str) -> str:
    """Clean a text and join its lines, for titles and names."""
    return " ".join(clean(text).split())
