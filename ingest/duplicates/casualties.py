"""How many a text says were killed and injured.

A rewritten lead is like no sentence of the other text, and its figures are compared with nothing; but a newer toll
makes an update of the same words.
"""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from ingest.duplicates.amounts import is_date
from ingest.duplicates.shingles import Sentence, Told
from ingest.language import Figure, NumberWords
from ingest.language.data import merged

_BEFORE, _AFTER, _TO_RISEN = 6, 3, 8
"""Words that may stand between a number and what tells of the toll: "31 people are now known to have died", "killed
31 miners", "the toll of the explosion in the mine rose to 31". Read off 90 tolls of 1,000 Arabic articles."""
_WORDS = {
    "dead": "dead|died|die|dies|killed|kills|killing|toll|deaths?|fatalities|victims|lives"
    "|قتل(?:ت|وا)?|يقتل|مقتل|قتلي|قتيلا?|توفي(?:ت|ا)?|توفوا|وفاه|وفيات|ضحايا|حصيله|شهداء|شهيدا?|استشهد(?:ت|وا)?"
    "|استشهاد|ارواح|مصرع(?:هم|هما)?|حتف(?:هم|هما)?",
    "injured": "injured|injures|wounded|wounds|hurt|injuries"
    "|اصيب(?:ت|وا)?|اصابه|اصابات|جرح(?:ت|وا)?|جرحي|جريحا?|مصابا?|مصابين|مصابون|بجروح",
}
"""The words of each kind of toll, folded."""
_UNITS = (
    "years?|days?|hours?|months?|weeks?|minutes?|km|kilomet(?:re|er)s?|met(?:re|er)s?"
    "|عاما?|اعوام|سنه|سنوات|يوما?|ايام|ساع(?:ه|ات)|شهرا?|اشهر|دقيقه|كيلومترا?|مترا?"
)
_NUMBER = rf"#(\d++)(?![ -](?:{_UNITS})\b)"
# One of the words between a number and what it counts; what stands behind those of `_ASIDE` is a date or an age, or
# tells of something else.
_ASIDE = "in|on|at|since|from|aged|after|before|when|as|by|and|the|في|عام|سنه|منذ|من|عن|بعد|قبل|عندما"
_STEP = rf"(?: (?!(?:{'|'.join([_ASIDE, *_WORDS.values()])})\b|و)[\w'-]+)"
_RISEN = "(?:rose|rises|risen|rising|climbed|climbs|grew|grown) to|reached|st(?:ands|ood) at|الي"
_HEDGES = re.compile(
    r"\b(?:at least|more than|up to|as many as|no fewer than|from #\d+(?= to)|(?:ما|لا) (?:لا )?يقل عن|اكثر من"
    r"|ما يزيد علي|من #\d+(?= الي)) "
)


def newer(one: Told, other: Told) -> bool:
    """Whether each of two texts tells of a number of dead, or of injured, that the other does not."""
    mine, theirs = _tolls(one), _tolls(other)
    return any(mine[kind] - theirs[kind] and theirs[kind] - mine[kind] for kind in _WORDS)


@functools.lru_cache(maxsize=64)
def _tolls(text: Told) -> Mapping[str, set[str]]:
    """The numbers of each kind that a text tells of."""
    return {kind: {number for one in text.sentences for number in _of_sentence(one, kind)} for kind in _WORDS}


def _of_sentence(sentence: Sentence, kind: str) -> Iterator[str]:
    if _word(kind).search(sentence.folded):
        for match in _bound(kind).finditer(_HEDGES.sub("", _numbered(sentence))):
            yield from filter(None, match.groups())


def _numbered(sentence: Sentence) -> str:
    """A folded sentence with its whole numbers in digits behind a mark: "#25 others were hurt"."""
    flat = sentence.folded
    pieces: list[str] = []
    place = 0
    for figure in sentence.figures:
        if not _may_count_people(figure, sentence.figures):
            continue
        written = r"\W+".join(map(re.escape, figure.words.split()))
        if match := re.compile(rf"(?<!\d){written}(?!\d)").search(flat, place):
            pieces += [flat[place : match.start()], f"#{figure.value:f}"]
            place = match.end()
    return "".join([*pieces, flat[place:]])


def _may_count_people(figure: Figure, found: Sequence[Figure]) -> bool:
    """Whether a figure is a whole number, and no date, no per cent and no "third"."""
    if figure.kind != "number" or figure.percent or is_date(figure, found):
        return False
    value = Decimal(figure.value)
    return value == value.to_integral_value() and merged(NumberWords).ordinals.keys().isdisjoint(figure.words.split())


@functools.cache
def _word(kind: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:[وف]?(?:ال)?(?:{_WORDS[kind]}))\b")


@functools.cache
def _bound(kind: str) -> re.Pattern[str]:
    """A number bound to a word of the kind, before it or behind it.

    "31 miners were killed", "killed 31 miners", "the toll rose to 31", "the number of the dead at 31".
    """
    word = _word(kind).pattern
    patterns = (
        rf"{_NUMBER}{_STEP}{{0,{_BEFORE}}} (?:{_WORDS[kind]})\b",
        rf"{word}{_STEP}{{0,{_AFTER}}} {_NUMBER}",
        rf"{word}(?: [\w'-]+){{0,{_TO_RISEN}}} (?:{_RISEN}) {_NUMBER}",
        rf"\b(?:number of|death) (?:the )?{word} at {_NUMBER}",
    )
    return re.compile("|".join(patterns))
