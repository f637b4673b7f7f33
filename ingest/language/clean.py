"""Clean a text once, at the door, before it is stored: afterwards it never changes."""

import re
import unicodedata

# Line ends of every system; U+0085, U+2028 and U+2029 are line ends too.
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Never part of the words: controls, soft hyphens, byte-order marks, and the marks that turn the direction of
# what follows (a page that shows them unbalanced turns with them). Joiners (U+200C, U+200D) are spelling and stay.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u061c\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")
_AROUND_LINES = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")
_MOST_MARKS = 30
"""Combining marks on one letter, as the stream-safe format of Unicode has it (UAX 15); no language needs more than 5.
Composing a run of marks takes time by the square of its length."""
_MANY_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS // 2},}}")  # marks are no \w, some count as two


def clean(text: str) -> str:
    """The text as it is stored: NFC, line feeds as line ends, single spaces, no unseen marks.

    Paragraphs stay apart by one blank line where they were apart. Of more than 30 combining marks in a row the first
    30 stay. `clean(clean(x)) == clean(x)`.
    """
    text = _SURROGATES.sub("\ufffd", text)
    text = _LINE_ENDS.sub("\n", text)
    text = _UNSEEN.sub("", text)
    text = unicodedata.normalize("NFC", _MANY_MARKS.sub(_fewer_marks, text))
    text = _SPACES.sub(" ", text)
    text = _AROUND_LINES.sub("\n", text)
    return _BLANK_LINES.sub("\n\n", text).strip()


def _fewer_marks(stretch: re.Match[str]) -> str:
    """A stretch of characters that are no words, with at most 30 marks in a row."""
    kept: list[str] = []
    marks = 0
    for character in stretch.group():
        parts = unicodedata.normalize("NFD", character)
        marks = marks + len(parts) if all(map(unicodedata.combining, parts)) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def one_line(text: str) -> str:
    """The text cleaned and on one line, for titles and names."""
    return " ".join(clean(text).split())
