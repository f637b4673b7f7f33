"""Whether what a statement lets somebody say, or do in an office, somebody else says or does in the quotes."""

import re
from collections.abc import Iterator, Sequence

from assistant.quotes.forms import keys
from ingest.text import folded, sentences

_SAYS = "said|says|told|added|warned|insisted|argued|stated"
_SAYS_ARABIC = "[وف]?(?:قال|اضاف|اكد|اوضح|صرح|حذر|[يت]قول|[يت]ضيف|[يت]ؤكد|[يت]وضح)(?:ت|وا)?"
_SAID = {  # a statement that lets somebody say something
    "en": re.compile(rf"^(?P<who>[^,;:]{{3,60}}?) (?:{_SAYS})\b(?: on \w+)?(?: that)?,? (?P<what>.+)"),
    "ar": re.compile(rf"^(?:{_SAYS_ARABIC}) (?P<who>[^,;:]{{3,60}}?) (?:ان|انه|انها|انهم|بان)\b (?P<what>.+)"),
}
_SPOKEN = {  # who says it in a quote: behind what is said, or before it
    "en": re.compile(rf"[\",] (?:{_SAYS}) (?P<behind>[^,;.]+)|^(?P<before>[^,;:\"]{{3,60}}?) (?:{_SAYS})\b"),
    "ar": re.compile(rf"[\",] (?:{_SAYS_ARABIC}) (?P<behind>[^,;.]+)|^(?:{_SAYS_ARABIC}) (?P<before>(?:\w+ ?){{1,5}})"),
}
_PRONOUN = re.compile(r"\b(?:he|she|they|it|who)\b|^(?:انه|انها|انهم|ان)\b")
_CLAUSES = re.compile(r"[;.]|\b(?:while|whereas|but|و?بينما|و?فيما|في حين)\b")
_OFFICES = {  # an office and of what it is: before it in English, behind it in Arabic
    "en": re.compile(r"\b(?P<of>\w+) (?P<office>minister|secretary|director|commissioner|ambassador|editor|coach)\b"),
    "ar": re.compile(r"\b[وف]?(?:ال)?(?P<office>وزيره?|مديره?|سفيره?|مفوضه?|مدربه?) (?P<of>\w+)\b"),
}
_MOST = 0.5
"""Of what is said, or done, that a sentence must hold to be the one that it is taken from."""


def of_another(statement: str, language: str, quotes: Sequence[str]) -> str:
    """Who says or does it in the quotes instead of the one whom a statement names; empty if nobody else does.

    Args:
        statement: in the language of the quotes.
        language: "ar" or any other.
        quotes: their words.
    """
    tongue = "ar" if language == "ar" else "en"
    return _other_speaker(folded(statement), tongue, quotes) or _other_holder(folded(statement), tongue, quotes)


def _other_speaker(statement: str, tongue: str, quotes: Sequence[str]) -> str:
    said = _SAID[tongue].match(statement)
    if not said:
        return ""
    who = _keys(said["who"], tongue)
    spoken = [folded(text[start:end]) for text in quotes for start, end in sentences(text)]
    introduced = frozenset().union(*(held for held in (_keys(one, tongue) for one in spoken) if who & held))
    others = []
    for sentence in _nearest(_keys(said["what"], tongue), spoken, tongue) if introduced else ():
        found = _SPOKEN[tongue].search(sentence)
        other = (found["behind"] or found["before"]).strip() if found else ""
        if not other or who & _keys(sentence, tongue) or _PRONOUN.search(other) or _keys(other, tongue) <= introduced:
            return ""
        others.append(other)
    return others[0] if others else ""


def _other_holder(statement: str, tongue: str, quotes: Sequence[str]) -> str:
    """The office of which a clause of the quotes says what the statement says of another one."""
    own = list(_offices(statement, tongue))
    clauses = [clause for text in quotes for clause in _CLAUSES.split(folded(text))]
    if len(own) != 1:
        return ""
    named = any(own[0] in _offices(clause, tongue) for clause in clauses)
    if not named and (tongue == "ar" or any(own[0][0] in _keys(clause, tongue) for clause in clauses)):
        return ""  # as another word, «وزيرا خارجية ألمانيا»
    others = ""
    for clause in _nearest(_keys(_OFFICES[tongue].sub(" ", statement), tongue), clauses, tongue):
        there = list(_offices(clause, tongue))
        if not there or own[0] in there:
            return ""
        others = " ".join(there[0])
    return others


def _nearest(what: frozenset[str], pieces: Sequence[str], tongue: str) -> list[str]:
    """The pieces that hold most of what is said; none if that is too little."""
    shared = [len(what & _keys(piece, tongue)) for piece in pieces]
    most = max(shared, default=0)
    return [piece for piece, here in zip(pieces, shared, strict=True) if here == most >= max(1, _MOST * len(what))]


def _offices(text: str, tongue: str) -> Iterator[tuple[str, str]]:
    for found in _OFFICES[tongue].finditer(text):
        of, office = ("".join(sorted(_keys(found[part], tongue))) for part in ("of", "office"))
        if of:
            yield of, office


def _keys(text: str, tongue: str) -> frozenset[str]:
    return frozenset(keys(text, tongue))
