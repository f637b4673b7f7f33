"""What a text only supposes, plans or alleges, clause by clause, and whether a statement makes a fact of it."""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.quotes.forms import keys
from assistant.quotes.polarity import BOUNDARY, is_negation
from ingest.text import folded

# Closed classes, folded: what they leave open is behind them.
_POSSIBLE = r"may|might|could(?! (?:not|only)\b)|perhaps|possibly|allegedly|reportedly"
_CONDITION = r"if|unless|whether|in case"
_FORESEEN = (
    r"expect(?:s|ed|ing)?|predict(?:s|ed)?|forecasts?|intend(?:s|ed)?|hop(?:e|es|ed|ing)|propos(?:e|es|ed|ing)"
    r"|considering"
)
_PLANNED = r"plan(?:s|ned|ning)?|proposals?|consider(?:s|ed)?|aim(?:s|ed|ing)?|projected|possible|(?:un)?likely"
_ACCUSED = r"accus(?:e|es|ed|ing)|suspect(?:s|ed)"
_POSSIBLE_ARABIC = r"ربما|لعل"
_CONDITION_ARABIC = r"اذا|لو|ما لم|في حال"
_FORESEEN_ARABIC = (
    r"(?:[يتن]?توقع|[ايتن]عتزم|[ايتن]قترح|[يتن]خطط|[ين]امل|[يتن]نوي)(?:ت|وا|ون|ات)?|احتمال|امكانيه"
    r"|[يتن]?زعم(?:ت|وا|ون)?|مزاعم"
)
_PLANNED_ARABIC = r"(?:ال)?(?:متوقع|محتمل|ممكن|مرجح|مقترح)|[يت](?:مكن|حتمل|رجح)"
_ACCUSED_ARABIC = r"[ايت]?تهم(?:ت|وا|ون|ه|ها|هم|ته|تها)?|متهم(?:ه|ا|ون|ين)?|اتهامات?|[ايت]شتبه"
_MAY_ARABIC = (  # «قد» before a verb that is not past: one in «ي», or in «ت» beside a feminine that it agrees with
    r"قد(?= (?:ي|تت|تست)(?!كون\b)\w{2})|قد(?= ت\w+[^\Wت] \w{3,}(?:ه|ات)\b)|(?:(?<=ه )|(?<=ات ))قد(?= ت\w+[^\Wت]\b)"
)
# The verb that is left open is the next word, or it is somewhere behind.
_VERB_NEXT = (
    rf"(?:{_POSSIBLE}|alleged(?! that\b)(?: to)?|charged with|(?:{_ACCUSED})(?: \w+){{0,5}}? of)\b"
    rf"|(?:{_FORESEEN}|{_PLANNED})(?:(?: \w+){{0,6}}? to\b(?! (?:the|an?|\d))|(?= \w+ing\b))"
)
_VERB_BEHIND = rf"(?:{_CONDITION}|{_FORESEEN}|alleg(?:e|es|ing)|(?:alleged|suspects?) that|(?:plans?|proposals?) for)\b"
_VERB_NEXT_ARABIC = (
    rf"[وف]?(?:(?:{_ACCUSED_ARABIC})(?: \w+){{0,4}}? بان\w*|(?:{_POSSIBLE_ARABIC})\b|{_MAY_ARABIC}"
    rf"|(?:{_FORESEEN_ARABIC}|{_PLANNED_ARABIC})(?: \w+){{0,5}}? ب?ان(?= [يتن]\w{{2}})"
    rf"|(?:{_ACCUSED_ARABIC})(?: \w+){{0,4}}?(?: في\b| ب(?=\w{{3}})))"
)
_VERB_BEHIND_ARABIC = rf"[وف]?(?:{_CONDITION_ARABIC}|{_FORESEEN_ARABIC}|قد(?= [يت]كون))\b"
_OPEN = {
    "en": re.compile(rf"\b(?:(?P<verb>{_VERB_NEXT})|{_VERB_BEHIND})"),
    "ar": re.compile(rf"\b(?:(?P<verb>{_VERB_NEXT_ARABIC})|{_VERB_BEHIND_ARABIC})"),
}
_CONDITIONAL = {  # what happens if something else does, before the condition; and behind a condition
    "en": (re.compile(rf"\bwill (?P<main>.+?) (?:{_CONDITION})\b"), re.compile(r"\b(?:will|would) (?P<main>.+)")),
    "ar": (
        re.compile(rf"\b[وف]?(?P<main>س[يت]\w{{3,}}.*?) (?:{_CONDITION_ARABIC})\b"),
        re.compile(r"\b[وف]?(?P<main>س[يت]\w{3,}.*)"),
    ),
}
_CONDITION_FIRST = re.compile(rf"^\W*(?:and |but |و)?(?:{_CONDITION}|{_CONDITION_ARABIC})\b")
_ASKING = frozenset("ask asks say says see know decide determine consider check learn find tell show whether".split())
"""Behind them "if" asks, and is no condition."""
_HEDGED = {  # a statement that has any of these, or of the classes above, makes no fact of anything
    "en": re.compile(
        r"\b(?:(?:would|should|can|plan(?:s|ned|ning)?)\b|suspect(?:ed|s? that)|suspicion|trial|prosecut|alleg"
        r"|charg|accus|propos|possib|potential|probab|risk|want|seek|project|threat)"
    ),
    "ar": re.compile(
        r"\b[وفبلك]?(?:(?:ال)?(?:[ايتنم]?(?:توقع|عتزم|قترح|حتم[ال]+|رجح|خطط|خطه|نوي|تهم|شتبه|زعم|حاكم)|[يم]مكن\b)"
        r"|[يتن]امل|[يت]درس|[يت]سعي|قد [يت])"
    ),
}
_NO_DOUBT = re.compile(r"\b(?:May|MAY|Hope)\b|\bو?قد(?= ت\w+ى\b)")  # unfolded: a month, a name and «قد تولى»
_NOTHING_OPEN = re.compile(
    r"\b(?:than|as) (?:\w+ )?(?:expected|hoped|planned|predicted|forecast|intended|proposed|if)\b"
)
_PAST_OF_PAST = re.compile(r"\b([وف]?(?:كان|[يتن]كون)\w*(?: \w+){0,3}?) قد\b")
_SAID = re.compile(r"\b[وف]?(?:قال|[يت]قول)(?:ت|وا|ون)?\b")  # its root is that of too many other verbs
_PURPOSE = re.compile(r"\bto \w+")
_BREAK = re.compile(rf"{BOUNDARY}|\band (?=\w+ed\b)")
_BEFORE = 3
"""Words before one of these classes among which a negation turns it around: "does not expect"."""


@dataclass(frozen=True, slots=True)
class Supposed:
    """What a clause leaves open.

    Attributes:
        keys: of all the clause's words.
        scope: of the words that are left open.
        verb: whether the first of them is the verb; else it is somewhere among them.
    """

    keys: frozenset[str]
    scope: tuple[str, ...]
    verb: bool

    def says(self, said: frozenset[str]) -> bool:
        """Whether a clause of these keys says as a fact what is left open."""
        if self.verb:
            return self.scope[0] in said
        return 2 * len(said.intersection(self.scope)) > len(said)


def made_certain(statement: str, language: str, quotes: Sequence[str]) -> str:
    """What a statement says for certain that its quotes, in the same language, leave open; empty if nothing.

    Like a negation, what leaves open bears on what is behind it in its clause; what another clause says for certain
    stays certain.
    """
    flat = _plain(statement)
    supposed = [one for text in quotes for one in _read(text, language)[1]]
    if not supposed or _HEDGED[_tables(language)].search(flat) or _OPEN[_tables(language)].search(flat):
        return ""
    certain = [known for text in quotes for known in _read(text, language)[0]]
    for said in (frozenset(keys(piece, language)) for piece in _pieces(_PURPOSE.sub(" ", flat))):
        for one in (one for one in supposed if one.says(said)):
            sure = [known for known in certain if not one.verb or one.scope[0] in known]
            if len(one.keys & said) > max((len(known & said) for known in sure), default=0):
                return f"it says for certain what its quotes leave open ({', '.join(one.scope[:3])})"
    return ""


@functools.lru_cache(maxsize=1_000)
def _read(text: str, language: str) -> tuple[tuple[frozenset[str], ...], tuple[Supposed, ...]]:
    """The keys of what each clause of a text says for certain, and what they leave open."""
    certain: list[frozenset[str]] = []
    supposed: list[Supposed] = []
    before = ""
    for piece in _pieces(_plain(text)):
        whole = frozenset(keys(piece, language))
        found = [match for match in _OPEN[_tables(language)].finditer(piece) if not _is_denied(piece, match.start())]
        left_open = [(match.start(), piece[match.end() :], match["verb"] is not None) for match in found]
        if main := _conditional(before, piece, language):
            left_open.insert(0, (main.start(), main["main"], True))
        for _, behind, verb in left_open:
            if scope := tuple(keys(behind, language)):
                supposed.append(Supposed(whole, scope, verb))
        certain.append(frozenset(keys(piece[: left_open[0][0]], language)) if left_open else whole)
        before = piece
    return tuple(certain), tuple(supposed)


def _conditional(before: str, piece: str, language: str) -> re.Match[str] | None:
    """What a clause says of the future on a condition, of its own or of the clause before."""
    first, behind = _CONDITIONAL[_tables(language)]
    found = behind.search(piece) if _CONDITION_FIRST.match(before) else first.search(piece)
    return found if found and _ASKING.isdisjoint(found["main"].split()) else None


def _tables(language: str) -> str:
    return "ar" if language == "ar" else "en"


def _is_denied(piece: str, start: int) -> bool:
    return any(map(is_negation, piece[:start].split()[-_BEFORE:]))


def _plain(text: str) -> str:
    flat = _NOTHING_OPEN.sub(" ", folded(_NO_DOUBT.sub(" ", text)))
    return _SAID.sub(" ", _PAST_OF_PAST.sub(r"\1", flat))


def _pieces(flat: str) -> Iterator[str]:
    yield from (piece for piece in _BREAK.split(flat) if piece and piece.strip())
