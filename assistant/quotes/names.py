"""The names in a statement, and whether its quotes or their articles hold them."""

import functools
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.quotes.demonyms import of_one_place
from ingest.text import figures, folded, terms, words

_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f][\w'’&-]*")
_ACRONYM = re.compile(r"\b[A-Z](?:\.?[A-Z]){1,5}\b")
_CAPITALS = re.compile(r"\b(?!The )[A-Z][\w-]+(?: (?:(?:of|for|and|the) )*[A-Z][\w-]+)+")
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\s+|[\"“«(]\s*)$")
_LATIN = re.compile("[a-zA-Z\u00c0-\u024f]")
_ARABIC = re.compile("[\u0620-\u064a]")
_TITLES = frozenset(folded(word) for word in (
    "رئيس رئيسة الرئيس الرئيسة وزير وزيرة الوزير الوزيرة اللواء العميد العقيد الفريق السفير السفيرة السيد السيدة الدكتور "
    "الدكتورة الطبيب الطبيبة المدير المديرة مدير مديرة النائب النائبة الأمير الأميرة الملك الملكة الشيخ المهندس المهندسة القاضي الجنرال"
).split())  # fmt: skip
_NISBA = re.compile(r"^[وبفل]?ال\w{3,}(?:ي|يه|يين|يون)$")
_BOUND = ("", "[وفبلك]", "[وفبلك]?ال", "[وف]?لل")  # what is written with a name
_OF_A_PLACE, _A_PLACE = "(?:ي|يه|يين|يون)", "ي?ا"
_COMMON = frozenset(  # nisba forms that name no people, place or person
    folded(word) for word in "الرئيسي الرئيسية الحالي الحالية التالي التالية الماضي الماضية الثاني الثانية الأساسي الأساسية العالي "
    "العالية الباقي الباقية الجاري الجارية الرسمي الرسمية النهائي النهائية الذي التي اللي الأهالي المالي المالية".split()
)  # fmt: skip
_VERB = re.compile(
    r"[وف]?(?:[يت]\w{3}|س[يتن])|.*(?:ها|هم|ته)$|[وف]?(?:قال|اعلن|اكد|اضاف|ذكر|اشار|اوضح|كشف|قدم|بلغ|وجد|عثر|شدد|صرح|نقل|عام|سنه|شهر|يوم|خلال)(?:ت|وا)?$"
)
_PLACE = re.compile(r"\bفي (\w{3,}) ?(?=[.,;:\n])")
_ARTICLE = re.compile("[وف]?(?:ال|لل|بال)")
_SMALL = frozenset(
    "a an the of in on at for from by with and or but as to is was are were be been he she it they we you i his her its "
    "their our this that these those there according however meanwhile also after before when while although since "
    "additionally furthermore moreover overall".split()
)


@dataclass(frozen=True, slots=True)
class Names:
    """What is wrong with a statement's names: those that its quotes do not hold, and those that nobody can compare."""

    missing: tuple[str, ...]
    unchecked: tuple[str, ...]


def compare(statement: str, sources: Sequence[str]) -> Names:
    """Look for a statement's names in its quotes, their titles and publishers.

    A name in Latin letters cannot be looked for where all is in Arabic ones, and the other way round: it is unchecked.
    """
    text = " \n ".join(sources)
    held = {_bare(word) for word in words(text)} | {word for word in folded(text).split()}
    latin_words = _LATIN_WORD.findall(text)
    latin = bool(latin_words) and sum(map(len, latin_words)) > len(_ARABIC.findall(text)) / 8
    missing: list[str] = []
    unchecked: list[str] = []
    for name in _latin_names(statement):
        if _bare(folded(name)) not in held and not _in_parts(name, held) and not _of_a_place(name, held):
            (missing if latin else unchecked).append(name)
    missing += _glued(statement, text) if latin else []
    if _ARABIC.search(text):
        missing += [name for name in _arabic_names(statement) if not _held_arabic(name, text)]
        missing += _exchanged(statement, text) + _elsewhere(statement, text)
    else:
        unchecked += list(_arabic_names(statement))
    return Names(tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(unchecked)))


def written_out(statement: str, sources: Sequence[str]) -> list[str]:
    """The names of a statement that its sources have by their first letters: "United Nations" of "U.N."."""
    known = {found.replace(".", "") for text in sources for found in _ACRONYM.findall(text)}
    return [name for name in _CAPITALS.findall(statement) if "".join(re.findall(r"\b[A-Z]", name)) in known]


def _bare(word: str) -> str:
    return re.sub(r"'s?$", "", word)


def _in_parts(name: str, held: set[str]) -> bool:
    parts = [_bare(part) for part in re.split("[-'’&]", folded(name)) if part]
    return len(parts) > 1 and all(part in held or len(part) == 1 for part in parts)


def _of_a_place(name: str, held: set[str]) -> bool:
    """Whether it is made of a name that is held, or that of it: "Torvian" and "Torvia", "Berliners" and "Berlin"."""
    return any(of_one_place(folded(name), word) for word in held)


def _latin_names(statement: str) -> list[str]:
    """Words with a capital that is not only a sentence's own; months and days are figures."""
    names = []
    for match in _LATIN_WORD.finditer(statement):
        word = match.group()
        if not word[0].isupper() or folded(word) in _SMALL or figures(word):
            continue
        starts = _SENTENCE_START.search(statement[: match.start()]) is not None
        following = _LATIN_WORD.match(statement, match.end() + 1)
        followed = following is not None and following.group()[0].isupper() and not figures(following.group())
        if not starts or followed or not word[1:].islower():
            names.append(re.sub("['’]s?$", "", word))
    return names


def _glued(statement: str, text: str) -> list[str]:
    """Names of two words whose halves stand in the sources, each with another: "Ilvan Hask"."""
    pairs = re.findall(r"(?=\b([A-Z][\w'-]*[\w]) ([A-Z][\w'-]*[\w]))", statement)
    known = re.findall(r"(?=\b([A-Z][\w'-]*[\w]) ([A-Z][\w'-]*[\w]))", text)
    after = {first: {second for one, second in known if one == first} for first, _ in known}
    before = {second: {first for first, other in known if other == second} for _, second in known}
    return [
        f"{first} {second}"
        for first, second in pairs
        if (first, second) not in known and after.get(first) and before.get(second) and first not in before
    ]


def _arabic_names(statement: str) -> list[str]:
    """The words of a relation to a people, a place or a family, and what follows a title."""
    found = words(statement)
    names = [word for word in found if _NISBA.match(word) and word not in _COMMON and not figures(word)]
    names += [second for first, second in itertools.pairwise(found) if first in _TITLES and _ARABIC.match(second)]
    return [name for name in names if name not in _TITLES]


def _exchanged(statement: str, text: str) -> list[str]:
    """Words that stand where the sources have another, between the same two: «رئيسة البلدية سارة كورفن» of «إيدا كورفن».

    Arabic writes names like any word. Words with an article, verbs of saying and what looks like a verb are none.
    """
    own, held = words(statement), words(text)
    between = {(left, right): name for left, name, right in zip(held, held[1:], held[2:], strict=False)}
    found = []
    for left, name, right in zip(own, own[1:], own[2:], strict=False):
        other = between.get((left, right), name)
        if other == name or name in held or other in own or _held_arabic(name, text):
            continue
        if _VERB.match(name) or _VERB.match(other) or figures(name) or figures(other):
            continue
        named = _may_be_name(name) and _may_be_name(other) and (_may_be_name(left) or _may_be_name(right))
        if named or (_ARABIC.match(name) and all(terms(word, "ar") for word in (left, name, other, right))):
            found.append(name)
    return found


def _elsewhere(statement: str, text: str) -> list[str]:
    """A place without an article at the end of a clause, «في أنقرة.», where the sources end theirs with another."""
    own, held = (set(_PLACE.findall(f"{folded(part)}\n")) for part in (statement, text))
    if not any(_may_be_name(place) and place not in words(statement) for place in held):
        return []
    return [
        place for place in own - held if _may_be_name(place) and not figures(place) and not _held_arabic(place, text)
    ]


def _may_be_name(word: str) -> bool:
    """Whether it is an Arabic word without an article, a verb's form or a meaning as a figure."""
    return bool(_ARABIC.match(word) and terms(word, "ar")) and not (_ARTICLE.match(word) or _VERB.match(word))


def _held_arabic(name: str, text: str) -> bool:
    stems = {_unbound(term) for term in terms(text, "ar")}
    own = terms(name, "ar")
    return not own or all(_unbound(term) in stems for term in own) or _of_an_arabic_place(name, text)


def _of_an_arabic_place(name: str, text: str) -> bool:
    """The same of Arabic names: «التركي» and «تركيا», «البركاني» and «البركان»."""
    return any(
        not _stems(name, own).isdisjoint(stem for word in words(text) for stem in _stems(word, other))
        for own, other in ((_OF_A_PLACE, _A_PLACE), (_A_PLACE, _OF_A_PLACE), (_OF_A_PLACE, ""))
    )


@functools.lru_cache(maxsize=20_000)
def _stems(word: str, ending: str) -> frozenset[str]:
    """A word without its ending, with and without what may be written with it; none if it ends otherwise."""
    found = (re.fullmatch(rf"{bound}(\w{{3,}}?){ending}", word) for bound in _BOUND)
    return frozenset(match.group(1) for match in found if match)


def _unbound(term: str) -> str:
    """A stem without the particles that are written with it: «لبلدية», «ببلدية», «للبلدية»."""
    return re.sub("^(?:[وف]?[بلك](?:ل(?=...))?)(?=...)", "", term)
