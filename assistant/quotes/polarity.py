"""What a text denies: its negations, and the words that they bear on, in Arabic and English."""

import re
from collections.abc import Iterator, Sequence

from ingest.text import folded, root, terms

_CLAUSE = re.compile(
    r"[.,;:!?()\[\]\"…\n]+|\b(?:but|however|although|while|whereas|لكن|ولكن|بل|بينما|فيما|غير ان|الا ان)\b"
)
_WORD = re.compile(r"\w+(?:'\w+)?")
_NOT = frozenset(
    "not no never none nobody nothing neither nor without cannot lacks lacked lacking "
    "deny denies denied denying refuse refuses refused refusing reject rejects rejected rejecting "
    "fail fails failed unable false untrue".split()
)
_DENIALS = frozenset("deny denies denied denying false untrue".split())
_NOT_ARABIC = frozenset(
    folded(word)
    for word in "لم لن لا ليس ليست ليسوا لست لسنا غير دون بدون بلا عدم كلا لما يلم "
    "نفى نفت نفوا ينفي تنفي نفي نافيا نافية رفض رفضت يرفض ترفض رافضا رافضة أنكر أنكرت ينكر تنكر فشل فشلت".split()
)
_ARABIC_DENIALS = frozenset(
    folded(word) for word in "نفى نفت نفوا ينفي تنفي نفي نافيا نافية أنكر أنكرت ينكر تنكر".split()
)
_CLITICS = ("و", "ف", "ا", "وا", "ب", "ل")
_STILL = re.compile(
    r"\b(?:[وف]?(?:لا|ما|لم) (?:يزال|تزال|يزالون|زال|زالت|زالوا|يزل|تزل)"
    r"|not only|ليس فقط|no doubt|لا سيما|لا شك|no\. ?\d)"
)
_WHAT = re.compile(r"(?:^|[.,;:!?\"] |\bو)ما (?=\w{2,})(?!(?:اذا|هو|هي|هم|ان|يسمي|يعرف|زال|بين|بعد|قبل|كان يعرف)\b)")
_IDLE = frozenset("yet ever any one more longer be been being was were is are have has had did does do immediately "
                  "ان انه انها قد كان كانت يكون تكون اي".split())  # fmt: skip
_FILLERS = frozenset({"still", "also", "one", "ani", "yet", "ever", "longer", "that"})


def negated(text: str, language: str) -> tuple[set[str], set[str]]:
    """What a text denies and what it says.

    Returns:
        The first content term (or its Arabic root) behind each negation; all
        terms that are not denied. A term may be in both.
    """
    denied: set[str] = set()
    said: set[str] = set()
    for clause in _clauses(text):
        parts = list(_split(clause))
        for place, (negation, words) in enumerate(parts):
            found = [_key(term) for term in terms(words, language) if term not in _FILLERS]
            if negation and not found and place + 1 == len(parts) and place:
                continue
            if negation and found:
                denied.add(found[0])
                said.update(found[1:])
            else:
                said.update(found)
    return denied, said


def denies(text: str) -> bool:
    """Whether there is any negation in it."""
    return any(negation for clause in _clauses(text) for negation, _ in _split(clause))


def denied_before(before: str) -> bool:
    """Whether the folded text that stands before a quotation denies it: "will not |raise rates", «لم |يحضر»."""
    clause = _CLAUSE.split(_STILL.sub(" ", before[-80:]))[-1]
    if before and before.rstrip() and before.rstrip()[-1] in '.!?،,;:"':
        return False
    words = _WORD.findall(clause)
    near = words[-3:]
    for place, word in enumerate(near):
        gap = len(near) - 1 - place
        if _is_negation(word) and (
            gap == 0 or (word not in ("غير", "دون", "بدون", "بلا", "no", "without") and gap <= 2)
        ):
            return True
    return bool(re.search(r"(?:^|[.,;:!?\"] |\bو)ما $", before[-8:]))


def _clauses(text: str) -> Iterator[str]:
    flat = re.sub(r"(?<=[a-z])n't\b", "n not", folded(text).replace("won't", "will not").replace("can't", "can not"))
    flat = _WHAT.sub(" لم ", _STILL.sub(" ", flat))
    yield from (piece for piece in _CLAUSE.split(flat) if piece and piece.strip())


def _split(clause: str) -> Iterator[tuple[bool, str]]:
    """The clause in stretches, each with whether a negation stands before it."""
    negation, words = False, list[str]()
    for word in _WORD.findall(clause):
        if _is_negation(word):
            if words or negation:
                yield negation, " ".join(words)
            negation, words = True, []
        elif word not in _IDLE or words:
            words.append(word)
    if words or negation:
        yield negation, " ".join(words)


def _is_negation(word: str) -> bool:
    if word in _NOT or word in _NOT_ARABIC or word.endswith("n't"):
        return True
    return any(word.startswith(clitic) and word[len(clitic) :] in _SURE for clitic in _CLITICS)


_SURE = frozenset(folded(word) for word in "لم لن ليس ليست نفى نفت ينفي غير دون عدم".split()) | {"لا"}


def _key(term: str) -> str:
    return root(term)


def lost_or_added(statement: str, language: str, quotes: Sequence[tuple[str, str]]) -> str:
    """How a statement turns what its quotes say around; empty if it does not.

    Args:
        statement: its words.
        language: of the statement.
        quotes: the words of each and their language.
    """
    same = [(text, code) for text, code in quotes if code == language]
    denied, said = negated(statement, language)
    if not same or len(same) < len(quotes):
        if denies(statement) and not any(denies(text) for text, _ in quotes):
            return "it denies, and its quotes deny nothing"
        foreign = [(text, code) for text, code in quotes if code != language]
        if not denies(statement) and foreign and not same and all(_mostly_denies(text, code) for text, code in foreign):
            return "its quotes deny, and it does not"
        return ""
    quoted_denied: set[str] = set()
    quoted_said: set[str] = set()
    for text, code in same:
        one_denied, one_said = negated(text, code)
        quoted_denied |= one_denied
        quoted_said |= one_said
    if added := sorted((denied & quoted_said) - quoted_denied):
        return f"it denies what its quotes say ({', '.join(added)})"
    if denied and not quoted_denied and not denied & quoted_said:
        return "it denies, and its quotes deny nothing"
    if lost := sorted((quoted_denied & said) - denied - quoted_said):
        return f"it says what its quotes deny ({', '.join(lost)})"
    return ""


def _mostly_denies(text: str, language: str) -> bool:
    return denies(text) and len(terms(text, language)) <= 12
