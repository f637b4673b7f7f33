"""Isolate runs of the opposite direction, so that a browser shows mixed lines in reading order.

A browser takes the direction of a line from its first strong letter, and moves a number next to the Arabic word before
it. Therefore every text is given the direction of most of its letters, and each run of the other script a `bdi`
element.
"""

import re

from markupsafe import Markup, escape

_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"  # letters and marks of scripts that run right to left
_LEFT_TO_RIGHT = "A-Za-z\u00c0-\u024f\u0370-\u052f"
_OTHER_RUN = {
    # From a letter of the other script to its last letter before the text's own script resumes. A number belongs to
    # the Latin words that it follows ("GPT 4").
    "ltr": re.compile(rf"[{_RIGHT_TO_LEFT}](?:[^{_LEFT_TO_RIGHT}\n]*[{_RIGHT_TO_LEFT}])?"),
    "rtl": re.compile(rf"[{_LEFT_TO_RIGHT}](?:[^{_RIGHT_TO_LEFT}\n]*[{_LEFT_TO_RIGHT}0-9%])?"),
}
_OPENING = {")": "(", "]": "["}
_BDI = Markup('<bdi dir="{}">{}</bdi>')


def isolate(text: str, base: str) -> Markup:
    """Escape text and isolate the runs of the other direction, without changing a character.

    Args:
        text: plain text from any source.
        base: the direction that the text is shown in, "ltr" or "rtl".
    """
    other = "rtl" if base == "ltr" else "ltr"
    pieces: list[Markup] = []
    offset = 0
    for run in _OTHER_RUN[base].finditer(text):
        start, end = run.span()
        if text[end : end + 1] in _OPENING and _OPENING[text[end]] in text[start:end]:
            end += 1  # a bracket belongs to the run that it closes
        pieces += [escape(text[offset:start]), _BDI.format(other, text[start:end])]
        offset = end
    return Markup("").join([*pieces, escape(text[offset:])])
