"""Detect the language of a text and the direction in which it is written."""

import re
import unicodedata
from collections import Counter

from ingest.language.data import table

_LETTERS = re.compile(r"[^\W\d_]")
_RIGHT_TO_LEFT = frozenset({"ARABIC", "HEBREW", "SYRIAC", "THAANA", "NKO"})
_PERSIAN = re.compile("[پچژگکی]")
_URDU = re.compile("[ٹڈڑںے]")
_SURE_FROM = 60  # characters: below it, common words are better than statistics (measured on headlines)


def _scripts(text: str) -> Counter[str]:
    """How many letters of each script a text has: the first word of a letter's name in Unicode is its script."""
    counts: Counter[str] = Counter()
    for letter, count in Counter(_LETTERS.findall(text)).items():
        counts[unicodedata.name(letter, "?").partition(" ")[0]] += count
    return counts


def direction(text: str) -> str:
    """Either "rtl" or "ltr", by the script of most letters: "OpenAI يقدم خدمات" is "rtl"."""
    counts = _scripts(text)
    right = sum(count for script, count in counts.items() if script in _RIGHT_TO_LEFT)
    return "rtl" if right > sum(counts.values()) - right else "ltr"


def detect(text: str) -> str:
    """The ISO 639-1 code of a text's language: by its script, then by common words, then by statistics (py3langid).

    A short text in Latin letters without common words counts as English. A text without letters has no language: "".
    """
    sample = text[:2000]
    counts = _scripts(sample)
    if not counts:
        return ""
    script = counts.most_common(1)[0][0]
    if script == "ARABIC":
        few = counts["ARABIC"] / 50
        if len(_URDU.findall(sample)) > few:
            return "ur"
        return "fa" if len(_PERSIAN.findall(sample)) > few else "ar"
    if script == "LATIN":
        words = re.findall(r"\w+", sample.casefold())
        hits_of: Counter[str] = Counter()
        for spoken, common in table("languages.toml")["common_words"].items():
            hits_of[spoken] = sum(map(set(common.split()).__contains__, words))
        (code, hits), (_, second) = hits_of.most_common(2)
        if len(sample) < _SURE_FROM:
            return code if hits > second else "en"
        if code == "en" and hits > 2 * second + 2:
            return code
    import py3langid  # 1.2 s: only a text that needs it waits

    return str(py3langid.classify(sample)[0])
