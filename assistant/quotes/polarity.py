"""What a text denies, clause by clause, and whether a statement turns what its quotes say around."""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.quotes.contests import exchanged_sides, reversed_roles
from assistant.quotes.forms import keys
from assistant.quotes.opposites import counterpart, opposed
from ingest.text import folded, terms

_PARTICLES = frozenset(
    "not no never cannot without nor lack lacks lacked lacking unable "
    "لم لن لا ليس ليست ليسوا لست لسنا لسن غير دون بدون بلا عدم كلا يلم".split()
)  # what they deny is the word behind them
_WHOLE = frozenset(
    folded(word)
    for word in "none nobody nothing neither nowhere deny denies denied denying false untrue "
    "نفى نفت نفوا نفيا ينفي تنفي ينفون ينف تنف ننف نفي نافيا نافية نافين أنكر أنكرت أنكروا ينكر تنكر إنكار منكرا".split()
)  # what they deny is somewhere behind them
_GOING_ON = frozenset({"nor", "ولا"})  # behind a negation they go on with it: "neither ... nor", «لم ... ولا»
_TURNING = frozenset(folded(word) for word in "سوى إلا".split())  # "nothing but": the denial is none
_CLITICS = ("و", "ف", "ا", "وا", "ب", "ل", "ال", "وال")
_SURE = frozenset(
    folded(word) for word in "لم لن لا ليس ليست نفى نفت نفوا ينفي تنفي نفي غير دون عدم أنكر أنكرت".split()
)
_IDLE = frozenset(folded(word) for word in (
    "yet ever any one more longer be been being was were is are have has had did does do immediately still also able "
    "manage managed intend intends intended plan plans planned claim claims claimed report reports allegation allegations "
    "suggestion suggestions accusation accusations that there "
    "قد كان كانت يكون تكون يكن تكن أي تمكن يتمكن تتمكن يتمكنوا يستطيع تستطيع يستطع تستطع استطاع يعتزم تعتزم ينوي تنوي "
    "أحد اي صحة وجود"
).split())  # fmt: skip

BOUNDARY = (  # between the clauses of a folded text
    r"[.,;:!?()\[\]\"…\n]+|\b(?:but|however|although|though|while|whereas|because|when|"
    r"و?لكن(?:ه|ها|هم)?|بل|بينما|فيما|غير ان|الا ان(?:ه|ها)?|عندما|حين|متي|لان(?:ه|ها|هم)?)\b"
)
_CLAUSE = re.compile(rf"{BOUNDARY}|\b(?:unless|if|اذا)\b")
_WORD = re.compile(r"\w+(?:'\w+)?")
_NO_DENIAL = re.compile(  # phrases with a negation that deny nothing
    r"\b(?:(?:no|not) (?:fewer|less|more|later|earlier|under|over) than|not (?:only|just|merely|simply)|no doubt|no\.? ?(?=\d)"
    r"|not least|nothing less than"
    r"|[وف]?(?:لا|ما|لم) (?:يزال|تزال|يزالون|زال|زالت|زالوا|يزل|تزل|زلنا|نزال|تزالان|يزالان|انفك|برح|يبرح)"
    r"|(?:و|ف)?(?:ما|لا|لم) [يت](?:قل|زيد) عن|(?:و|ف)?لم [يت]كتف(?:وا|ي)?|لا سيما|لا شك|لا بد|لا ?يخفي|ليس(?:ت)? فقط|لا فقط|لا محاله)\b"
)
_NOT_ONLY = re.compile(r"\b(?:ليس\w*|لا|لم) ((?:\w+ ){1,4}?)(?:فحسب|فقط|وحسب)\b")
_REWRITTEN = (
    (re.compile(r"(?<=[a-z])n't\b"), "n not"),
    (re.compile(r"\b(?:won't|wo ?n not|won not)\b"), "will not"),
    (re.compile(r"\b(?:no|any) longer\b|\bany ?more\b"), " not "),
    (re.compile(r"\bnot not\b|\bnot (?=(?:\w+ ){1,4}not\b(?= ?(?:[.,;]|$)))"), " not "),
    (re.compile(r"\b(?:nothing|nobody|none|no one) (?:but|except|other than)\b"), " only "),
    (re.compile(r"\bno one\b"), "nobody"),
    (re.compile(r"\b(?:has|have|had|is|are|was|were) (?:\w+ )?yet to\b"), " not "),
    (re.compile(r"\b(?:hardly|barely|scarcely) (?=any)"), " not "),
    (re.compile(r"\b(?:fail(?:s|ed|ing)?|refus(?:e|es|ed|ing)|declin(?:e|es|ed|ing)) to\b"), " not "),
    (
        re.compile(
            r"\b(?:stop(?:s|ped)?|ceas(?:e|es|ed)|quit|refrain(?:s|ed)? from|abstain(?:s|ed)? from) (?=\w+ing\b)"
        ),
        " not ",
    ),
    (
        re.compile(
            r"\b(?:reject(?:s|ed|ing)?|dismiss(?:es|ed|ing)?) (?=(?:\w+ ){0,2}(?:claim|report|allegation|suggestion|accusation)s?\b)"
        ),
        " denied ",
    ),
    (re.compile(r"\b([وف]?)(?:لم|لن|لا|ما) [يتن]عد(?:وا|ن)?\b(?! الي)"), r"\1لم "),
    (re.compile(r"\b[وف]?(?:[سيت]?توقف|[ي]كف|كف|امتنع|[يت]متنع)(?:ت|وا|ون)? ((?:\w+ ){0,3}?)عن\b"), r" \1 لم "),
    (re.compile(r"\b[وف]?(?:فشل|[يت]فشل|اخفق|عجز)(?:ت|وا)? ((?:\w+ ){0,3}?)(?:في|عن)\b"), r" \1 لم "),
    (re.compile(r"\b[وف]?(?:رفض|[يت]رفض)(?:ت|وا|ون)? ((?:\w+ ){0,3}?)ان\b"), r" \1 لم "),
    (re.compile(r"\b[وف]?(?:رفض|[يت]رفض)(?:ت|وا|ون)? ((?:\w+ )?)(?=استبعاد\b)"), r" \1 لم "),
    (
        re.compile(r"\b[وف]?(?:رفض|[يت]رفض)(?:ت|وا|ون)? ((?:\w+ ){0,3}?)(?=(?:ال)?(?:اتهام|ادعاء|مزاعم)(?:ات)?\b)"),
        r" \1 نفي ",
    ),
    (re.compile(r"\b[وف]?[ايت]فتقر(?:ت|وا|ون)? ((?:\w+ ){0,4}?)الي\b"), r" \1 لا "),
    (re.compile(r"\bunless\b"), "if not"),
)
# «ما» before a verb in the past, at the head of a sentence: «ما حضر الوزير», but «ما يلي», «ما إذا»; «، ما أدى إلى»
# is "which led to".
_WHAT = re.compile(
    r"(?:^|(?<=[.;:!?\"] )|(?<=[.;:!?\"]))([وف]?)ما (?=\w{2,})"
    r"(?!(?:اذا|هو|هي|هم|ان|يسمي|يعرف|زال|بين|بعد|قبل|كان يعرف|يلي|سبق|قاله|قالته|دام|حول)\b)"
)
_THAT = re.compile(r"^(?:that|whether|ان|انه|انها|انهم|بان|having|any)$")
_DENIED = frozenset("وجود صحه اي ايه".split())  # what a denial is of begins with them: «نفى الوزير صحة ...»
_REACH = 5  # words from "that" or «أن» of a denial to what is quoted
_MUST = 0.5
"""Of the words behind a negation, that a clause must share to be about the same, where not its first is shared."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause as polarity sees it.

    Attributes:
        keys: of all its words.
        scope: of the words that its negation bears on; the first is `focus`, the word that a particle denies.
        odd: whether it denies; a denial of a denial does not.
        direct: whether the negation is a particle before the word it denies.
    """

    keys: frozenset[str]
    scope: tuple[str, ...]
    odd: bool
    direct: bool
    words: tuple[str, ...]

    def meets(self, other: "Clause") -> bool:
        """Whether another clause speaks of what this one denies."""
        if not self.scope:
            return False
        if self.direct and self.scope[0] in other.keys:
            return True
        shared = sum(one in other.keys for one in self.scope)
        return shared >= _MUST * len(self.scope) and len(self.keys & other.keys) > 1


def lost_or_added(statement: str, language: str, quotes: Sequence[tuple[str, str]]) -> str:
    """How a statement turns what its quotes say around; empty if it does not.

    Args:
        statement: its words.
        language: of the statement.
        quotes: the words of each and their language.
    """
    own = clauses(statement, language)
    there = [clause for text, code in quotes for clause in clauses(text, code)]
    said, quoted = ([clause.words for clause in found if not clause.odd] for found in (own, there))
    if found := opposed(said, quoted) or reversed_roles(said, quoted) or exchanged_sides(said, quoted):
        return found
    if any(code != language for _, code in quotes):
        return _across(own, there) if all(code != language for _, code in quotes) else ""
    return _added(own, there) or _lost(own, there)


def denies(text: str) -> bool:
    """Whether there is any negation in it."""
    return any(clause.odd for clause in clauses(text, "en"))


def clauses(text: str, language: str) -> list[Clause]:
    """The clauses of a text that have words; one that only denies, "but the buses did not", takes those before it."""
    found: list[Clause] = []
    for piece in _pieces(text):
        clause = _clause(piece, language)
        if clause.odd and not clause.scope and found:
            before = found[-1].keys | clause.keys
            clause = Clause(before, tuple(sorted(before)), True, False, clause.words)
        elif clause.odd and not clause.scope:
            clause = Clause(clause.keys, tuple(sorted(clause.keys)), True, False, clause.words)
        if clause.keys or clause.odd:
            found.append(clause)
    return found


def _pieces(text: str) -> Iterator[str]:
    yield from (piece for piece in _CLAUSE.split(_plain(text)) if piece and piece.strip())


@functools.lru_cache(maxsize=1_000)
def _plain(text: str) -> str:
    """A folded text in which every negation is a word of the tables, and what only looks like one is gone."""
    flat = _NOT_ONLY.sub(r" \1", _NO_DENIAL.sub(" ", folded(text)))
    for pattern, instead in _REWRITTEN:
        flat = pattern.sub(instead, flat)
    return _WHAT.sub(r" \1لم ", flat)


def _clause(piece: str, language: str) -> Clause:
    words = _WORD.findall(piece)
    places = [place for place, word in enumerate(words) if is_negation(word)]
    places = [place for place in places if place == places[0] or words[place] not in _GOING_ON]
    turned = sum(word in _TURNING for word in words) if places else 0
    odd = (len(places) + turned) % 2 == 1
    rest = [word for word in words if not is_negation(word) and word not in _TURNING]
    scope: list[str] = []
    if odd:
        behind = words[places[-1] + 1 :]
        that = next((place for place, word in enumerate(behind) if _THAT.match(word)), -1)
        behind = _until_next_verb(behind if words[places[-1]] in _PARTICLES else behind[that + 1 :])
        scope = keys(" ".join(word for word in behind if word not in _IDLE and not is_negation(word)), language)
    direct = odd and words[places[-1]] not in _WHOLE and not any(word in _WHOLE for word in words)
    return Clause(frozenset(keys(" ".join(rest), language)), tuple(scope), odd, direct, tuple(rest))


def _until_next_verb(words: Sequence[str]) -> list[str]:
    """The words up to one that begins a clause of its own: "and sent his deputy", «وأرسل نائبه»."""
    for place, word in enumerate(words):
        if place < 2:
            continue
        if word == "and" and place + 1 < len(words) and words[place + 1].endswith("ed"):
            return list(words[:place])
        if re.fullmatch(r"و(?!ال)[^\W\d]{3,}", word) and terms(word) and place > 2:
            return list(words[:place])
    return list(words)


def is_negation(word: str) -> bool:
    """Whether a folded word denies, alone or behind what Arabic writes with it."""
    if word in _PARTICLES or word in _WHOLE:
        return True
    return any(word.startswith(clitic) and word[len(clitic) :] in _SURE for clitic in _CLITICS)


def _shared(one: Clause, others: Iterable[Clause]) -> int:
    """The most words that one clause shares with any of the others."""
    return max((len(one.keys & other.keys) for other in others), default=0)


def _lost(own: Sequence[Clause], there: Sequence[Clause]) -> str:
    """Whether a clause says what the nearest of the quotes' clauses denies."""
    for denied in (clause for clause in there if clause.odd):
        for said in (clause for clause in own if not clause.odd and denied.meets(clause)):
            shared = len(denied.keys & said.keys)
            kept = any(clause.odd and denied.meets(clause) for clause in own)
            if not kept and shared > _shared(said, (c for c in there if not c.odd and denied.meets(c))):
                return f"it says what its quotes deny ({', '.join(denied.scope[:3])})"
    return ""


def _added(own: Sequence[Clause], there: Sequence[Clause]) -> str:
    """Whether a clause denies what the nearest of the quotes' clauses says, or they deny nothing."""
    said = [clause.words for clause in there if not clause.odd]
    for denied in (clause for clause in own if clause.odd and not counterpart(clause.words, said)):
        against = _shared(denied, (clause for clause in there if not clause.odd and denied.meets(clause)))
        if against > _shared(denied, (clause for clause in there if clause.odd)):
            return f"it denies what its quotes say ({', '.join(denied.scope[:3])})"
        if not any(clause.odd for clause in there):
            return "it denies, and its quotes deny nothing"
    return ""


_ALL = re.compile(
    r"(?<!at )(?<!after )(?<!above )(?<!in )\b(?:all|every|everyone|everybody|everything|always|entire|entirely|whole)\b(?! but)"
    r"|\b[وفب]?(?:جميع|كافه)\b|(?<!\bمن )\b[وفب]?كل (?!من\b|ما\b)|\bدائما\b"
)
_ALL_TOO = re.compile(
    r"\b(?:all|every\w*|always|entire\w*|whole|each|any\w*|both|no|none|nobody|never|complete\w*|total\w*|throughout|across|full\w*)\b"
    r"|\b[وفبلك]?(?:ال)?(?:جميع|كافه|كل|دائما|ايا?|ايه|اجمع|اجمعين|باسر\w*|مجمل|كامل\w*|لا|لم|لن|عموم|مختلف)\b"
)


def sweeping(statement: str, quotes: Sequence[str]) -> str:
    """The word by which a statement says of all what its quotes do not; empty if there is none."""
    said = _ALL.search(folded(statement))
    if said and not any(_ALL_TOO.search(folded(text)) for text in quotes):
        return said.group().strip()
    return ""


_SHORT = 12
"""Words of a foreign text that are about one thing: a denial in it is about what a statement says of it."""


def _across(own: Sequence[Clause], there: Sequence[Clause]) -> str:
    """The same where the words cannot be compared: only whether there is a denial on either side."""
    own_odd, there_odd = any(clause.odd for clause in own), any(clause.odd for clause in there)
    said = [clause.words for clause in there if not clause.odd]
    if own_odd and not there_odd and not any(counterpart(clause.words, said) for clause in own if clause.odd):
        return "it denies, and its quotes deny nothing"
    if there_odd and not own_odd and sum(len(clause.keys) for clause in there) <= _SHORT:
        return "its quotes deny, and it does not"
    return ""


def denied_before(before: str, words: str, after: str = "") -> bool:
    """Whether an article denies a quotation by what stands before it: "will not |raise rates", «نفى أن |يكون».

    Args:
        before: the folded text before it.
        words: its folded words.
        after: the folded text behind it.
    """
    tail = _plain(f"{before[-160:]} \0").replace("\0", "")
    if re.search(r"[.!?,;:\"]\s*$", before) or _CLAUSE.match(words):
        return False
    found = _WORD.findall(_CLAUSE.split(tail)[-1] or "")
    places = [place for place, word in enumerate(found) if is_negation(word)]
    if len(places) % 2 == 0 or any(word in _TURNING for word in found):
        return False
    negation, behind = found[places[-1]], found[places[-1] + 1 :]
    first = _WORD.match(words)
    if first and _THAT.match(first.group()):
        return True
    that = next((place for place, word in enumerate(behind) if _THAT.match(word)), -1)
    if negation in _PARTICLES or negation.lstrip("وف") in _PARTICLES:
        return not any(word not in _IDLE and terms(word) for word in behind) or (len(behind) <= 3 and that >= 0)
    if that >= 0:
        return len(behind) - that - 1 <= _REACH
    return _is_object(negation, behind, words, after)


def _is_object(denial: str, behind: Sequence[str], words: str, after: str) -> bool:
    """Whether words behind "denied" are what is denied, not who denies: that has what is denied behind it."""
    first = words.split()[0]
    if "by" in (*behind, first):
        return False
    at_once = denial.isascii() and not any(terms(word) for word in behind)
    return at_once or first in _DENIED or not _WORD.match(after.lstrip())
