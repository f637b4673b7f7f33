"""The language of a text, and the direction in which it is written."""

import functools
import re
import unicodedata
from collections import Counter

from ingest.language.data import table

_LETTERS = re.compile(r"[^\W\d_]")
_RIGHT_TO_LEFT = frozenset({"ARABIC", "HEBREW", "SYRIAC", "THAANA", "NKO"})
_PERSIAN = re.compile("[پچژگکی]")
_URDU = re.compile("[ٹڈڑںے]")
_SURE_FROM = 60  # characters: below it statistics guess (measured on headlines), common words guess better


@functools.cache
def _common_words() -> dict[str, frozenset[str]]:
    """The commonest words that one language in Latin letters has and its neighbours lack."""
    return {code: frozenset(words.split()) for code, words in table("languages.toml")["common_words"].items()}


def _script(character: str) -> str:
    return unicodedata.name(character, "?").partition(" ")[0]


def _scripts(text: str) -> Counter[str]:
    """How many letters of each script."""
    counts: Counter[str] = Counter()
    for letter, count in Counter(_LETTERS.findall(text)).items():
        counts[_script(letter)] += count
    return counts


def direction(text: str) -> str:
    """Either "rtl" or "ltr", by the script of most letters, not of the first one ("OpenAI يقدم خدمات" is "rtl")."""
    counts = _scripts(text)
    right = sum(count for script, count in counts.items() if script in _RIGHT_TO_LEFT)
    return "rtl" if right > sum(counts.values()) - right else "ltr"


def detect(text: str) -> str:
    """ISO 639-1 code of a text's language: by script, then by its words, then by statistics (py3langid).

    A short Latin text whose words say nothing is taken for English; a text without letters has no language ("").
    """
    sample = text[:2000]
    counts = _scripts(sample)
    if not counts:
        return ""
    script = counts.most_common(1)[0][0]
    if script == "ARABIC":
        return _arabic_script(sample, counts["ARABIC"])
    if script == "LATIN":
        words = re.findall(r"\w+", sample.casefold())
        known = Counter({code: sum(word in common for word in words) for code, common in _common_words().items()})
        (code, hits), (_, second) = known.most_common(2)
        if len(sample) < _SURE_FROM:
            return code if hits > second else "en"
        if code == "en" and hits > 2 * second + 2:
            return code
    return _classify(sample)


def _arabic_script(text: str, letters: int) -> str:
    if len(_URDU.findall(text)) > letters / 50:
        return "ur"
    return "fa" if len(_PERSIAN.findall(text)) > letters / 50 else "ar"


def _classify(text: str) -> str:
    return str(_identifier()(text)[0])


@functools.cache
def _identifier():  # type: ignore[no-untyped-def] # noqa: ANN202
    import py3langid  # 1.2 s: only a text that needs it waits

    return py3langid.classify
