"""Words that are forms of one word, as the checks compare them: "fell" is "fall", «تراجعت» is «تراجع»."""

import functools
import re

from ingest.text import root, terms

_IRREGULAR = (
    "pay paid, say said, hold held, win won, lose lost, rise rose risen, fall fell fallen, meet met, run ran, "
    "go went gone, "
    "take took taken, give gave given, find found, make made, keep kept, leave left, begin began begun, build built, "
    "buy bought, sell sold, send sent, spend spent, sit sat, speak spoke spoken, stand stood, tell told, think "
    "thought, "
    "write wrote written, break broke broken, bring brought, catch caught, choose chose chosen, come came, draw "
    "drew drawn, "
    "drive drove driven, eat ate eaten, feel felt, fight fought, fly flew flown, get got, grow grew grown, hear heard, "
    "hide hid hidden, know knew known, lead led, lend lent, mean meant, ride rode ridden, see saw seen, seek sought, "
    "shoot shot, sink sank sunk, steal stole stolen, strike struck, swear swore sworn, teach taught, throw "
    "threw thrown, "
    "understand understood, wear wore worn, withdraw withdrew withdrawn, overcome overcame, undergo underwent, "
    "become became, sleep slept, freeze froze frozen, shake shook shaken, bear bore born, forget forgot forgotten, "
    "die dead death, life live, man men, woman women, child children, person people, injure injury injuries, "
    "lose loss losses, grow growth, sell sale sales, choose choice, fly flight flights, high height, long length"
)
_SYNONYMS = (  # that mean the same wherever news use them
    "truce ceasefire, quake earthquake, jail prison, film movie, talks negotiations, deal agreement accord, "
    "firm company, legislation law, buy purchase acquire, begin start commence, help assist aid, "
    "lawyer attorney, doctor physician, car automobile, football soccer, plane aircraft aeroplane airplane, "
    "suspend halt, assault attack, near nearby, "
    "probe investigation inquiry, row dispute, "
    "unemployed jobless unemployment, former ex, harvest crop, "
    "محادثات مباحثات مفاوضات, زلزال هزة, سجن حبس, سيارة مركبة, مستشفى مشفى, قانون تشريع, هجوم اعتداء, "
    "جنود عسكريون, بدأ انطلق تنطلق ينطلق تبدأ يبدأ انطلاق بداية, اتفاق اتفاقية, نزاع صراع, "
    "فيضان سيول, رشوة رشى رشاوى, حريق نيران"
)
_SEVENTH = re.compile("^ن(?=[\u0620-\u064a]{3}$)")  # «ينخفض» keeps the letter that «انخفض» loses with its alif


@functools.lru_cache(maxsize=100_000)
def key(term: str) -> str:
    """What a term (see `ingest.text.terms`) shares with the other forms of its word."""
    if term.endswith("ي"):  # «قانونيا» has lost one ending, «قانوني» both
        term = (terms(term, "ar") or [term])[0]
    return _bases().get(term) or _SEVENTH.sub("", root(term))


def keys(text: str, language: str) -> list[str]:
    """The keys of a text's terms, in order."""
    return [key(term) for term in terms(text, language)]


@functools.cache
def _bases() -> dict[str, str]:
    groups = (terms(group) for group in f"{_IRREGULAR},{_SYNONYMS}".split(","))
    return {term: group[0] for group in groups for term in group}
