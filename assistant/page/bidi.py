"""Isolate text of the other direction, so that a browser shows a mixed line in reading order.

A browser takes the direction of a line from its first strong letter, and draws a number into the Arabic word before
it. So every text gets the direction of most of its letters, and each run of the other script its own `bdi` element.
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
    """Escape text and isolate the runs of the other direction; its characters stay what they are.

    Args:
        text: from anywhere, not markup.
        base: the direction that it is shown in, "ltr" or "rtl".
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
