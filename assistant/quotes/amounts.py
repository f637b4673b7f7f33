"""Whether the figures of a statement are those of its quotes: the same values, bounds and places."""

import itertools
import re
from collections.abc import Sequence
from decimal import Decimal

from assistant.quotes.forms import key
from ingest.text import Figure, figures, folded, quantities, terms, without_clitic

_LEAST = (
    r"(?:more than|over|above|at least|exceed\w*|(?:no|not) (?:fewer|less) than|(?:no|not) (?:under|below)"
    r"|(?:اكثر|ازيد|اعلي) من|(?:[لم]ا|لم) [يت]قل عن|ي?زيد (?:علي|عن)|تجاوزت?|[يت]تجاوز|فوق)$"
)
_MOST = (
    r"(?:less than|fewer than|under|below|up to|at most|(?:no|not) more than|(?:no|not) over"
    r"|(?:اقل|ادني) من|(?:[لم]ا|لم) [يت]زيد (?:علي|عن)|لا [يت]تجاوز|لم [يت]تجاوز|دون)$"
)
_LEAST_AFTER = r"(?:\w+ )?(?:or more|at least|علي الاقل|او اكثر|فاكثر)"
_MOST_AFTER = r"(?:\w+ )?(?:or less|or fewer|at most|علي الاكثر|او اقل|كحد اقصي)"
_CLEAR = re.compile(r"(?:(?:more|less|fewer) than|at (?:least|most)|(?:اكثر|اقل) من|[لم]ا [يت]قل عن)$")
_ANY_BOUND = re.compile(
    r"\b(?:more|over|above|least|most|exceed\w*|less|fewer|under|below|top(?:s|ped)?|surpass\w*|up "
    r"to|excess|plus|nearly|almost)\b"
    r"|\d\+|اكثر|اقل|يقل|تقل|يزيد|تزيد|تجاوز|فاق|فوق|دون|نيف|نحو|قرابه|زهاء|يناهز"
)
_TWO = re.compile(r"\b(?:both|pair|couple|twice|double|twins?)\b|\b\w{2,}ت(?:ين|ان)\b|\bكلتا\b")
_AGAINST = frozenset({"to", "against", "الي", "مقابل"})
_SIDES = {"to": "to", "from": "from", "الي": "to", "من": "from"}


def missing(statement: str, quotes: Sequence[str]) -> list[str]:
    """The figures of a statement that its quotes do not hold so, as they are written in it."""
    held = [figure for quote in quotes for figure in figures(quote)]
    own = figures(statement)
    flat = folded(" ".join(quotes))
    faults = [figure.words for figure in own if not _held(figure, held, flat)]
    if not faults:
        faults = [*_bounded(own, held, flat), *_swapped(own, held)]
    return list(dict.fromkeys(faults))


def _held(figure: Figure, held: Sequence[Figure], flat: str) -> bool:
    """Whether the quotes hold this figure, in digits, words or another way of writing it."""
    if figure.kind == "time":
        return any(_same_time(figure, other) for other in held)
    if figure.kind == "vague":
        return any(_vaguely(figure.value, other) for other in held)
    same = [other for other in held if (other.kind, other.value) == (figure.kind, figure.value)]
    if figure.kind != "number":
        return bool(same)
    if (noun := _of_two(figure)) and same and all(_of_two(other) not in ("", noun) for other in same):
        return False
    if any(None in (figure.percent, other.percent) or figure.percent == other.percent for other in same):
        return True
    if figure.value == 2 and not figure.percent and _TWO.search(flat):
        return True
    return any(_part_in_percent(figure, other) or _same_time(other, figure) for other in held)


def _of_two(figure: Figure) -> str:
    """What an Arabic dual counts: «شهرين» is two of «شهر»; empty for other figures."""
    bare = without_clitic(figure.words)
    return re.sub("ت?(?:ين|ان)$", "", bare) if bare in quantities.TWO else ""


def _same_time(one: Figure, other: Figure) -> bool:
    """Whether two times may be the same: without a word for the half of the day, "2:30" may be "14:30"."""
    values = [str(f.value) if f.kind == "time" else f"{f.value}:00" for f in (one, other)]
    if "time" not in (one.kind, other.kind) or not {one.kind, other.kind} <= {"time", "number"}:
        return False
    (first, early), (second, late) = ((value.removesuffix(" am"), value.endswith(" am")) for value in values)
    if first == second:
        return True
    if early or late or not all(re.fullmatch(r"\d+:\d\d", value) for value in (first, second)):
        return False
    hours = [int(value.split(":")[0]) for value in (first, second)]
    return abs(hours[0] - hours[1]) == 12 and first.split(":")[1] == second.split(":")[1]


def _vaguely(scale: Decimal | str, other: Figure) -> bool:
    if isinstance(scale, str) or isinstance(other.value, str):
        return False
    if other.kind == "vague":
        return other.value == scale
    return other.kind == "number" and 2 * scale <= other.value < 1000 * scale


def _part_in_percent(one: Figure, other: Figure) -> bool:
    """Half is 50 per cent."""
    if isinstance(one.value, str) or isinstance(other.value, str) or one.kind != other.kind:
        return False
    part, whole = (one, other) if other.percent else (other, one)
    return bool(whole.percent) and not part.percent and 0 < Decimal(part.value) < 1 and part.value * 100 == whole.value


def _bounded(own: Sequence[Figure], held: Sequence[Figure], flat: str) -> list[str]:
    """Numbers that become a bound, or the other one: "more than 300" of "fewer than 300" or of "300"."""
    faults = []
    for figure in own:
        bound = _bound(figure) if figure.kind == "number" else 0
        others = [_bound(other) for other in held if other.value == figure.value]
        if bound and bound not in others:
            said = " ".join([*figure.before[-2:], figure.words])
            if -bound in others or (_CLEAR.search(" ".join(figure.before)) and not _ANY_BOUND.search(flat)):
                faults.append(said)
    return faults


def _bound(figure: Figure) -> int:
    """1 for a number that is the least, -1 for one that is the most, 0 for neither."""
    before, after = " ".join(figure.before), " ".join(figure.after)
    if re.search(r"\b" + _MOST, before) and not re.search(r"\b" + _LEAST, before):
        return -1
    if re.search(r"\b" + _LEAST, before):
        return 1
    if re.match(_LEAST_AFTER, after):
        return 1
    return -1 if re.match(_MOST_AFTER, after) else 0


def _swapped(own: Sequence[Figure], held: Sequence[Figure]) -> list[str]:
    """Numbers that stand where the quotes have another: "to 5 from 3" of "to 3 from 5", "12 cracks" of "37 cracks"."""
    faults = []
    numbers = [figure for figure in held if figure.kind == "number"]
    for figure in (figure for figure in own if figure.kind == "number"):
        for side in (_left, _right):
            word = side(figure)
            there = {other.value for other in numbers if side(other) == word}
            elsewhere = {side(other) for other in numbers if other.value == figure.value} - {""}
            if word and there and elsewhere and figure.value not in there:
                faults.append(f"{figure.words} ({word})")
        phrase = _phrase(figure)
        of_phrase = {other.value for other in numbers if _phrase(other) == phrase}
        if phrase and of_phrase and figure.value not in of_phrase:
            faults.append(f"{figure.words} ({' '.join(phrase)})")
    faults += _exchanged(own, held)
    pairs = _pairs(held)
    faults += [
        f"{one}-{two}" for one, two in _pairs(own) if one != two and (two, one) in pairs and (one, two) not in pairs
    ]
    return faults


def _exchanged(own: Sequence[Figure], held: Sequence[Figure]) -> list[str]:
    """Two numbers that changed places: "wages 3 %, prices 4 %" of "wages 4 %, prices 3 %"."""
    said, quoted = _leads(own), _leads(held)
    return [
        f"{one} and {two} changed places"
        for one, two in itertools.combinations(said, 2)
        if one in quoted
        and two in quoted
        and (said[one] & quoted[two]) - quoted[one]
        and (said[two] & quoted[one]) - quoted[two]
    ]


def _leads(found: Sequence[Figure]) -> dict[Decimal | str, set[str]]:
    """For each number the words before it, back to the figure before."""
    leads: dict[Decimal | str, set[str]] = {}
    end = 0
    for figure in found:
        if figure.kind == "number":
            near = figure.before[-(figure.start - end) :] if figure.start > end else ()
            leads.setdefault(figure.value, set()).update({_beside([word]) for word in near} - {"", "to", "from"})
        end = figure.end
    return leads


def _left(figure: Figure) -> str:
    return _beside(figure.before[-1:])


def _right(figure: Figure) -> str:
    return _beside(figure.after[:1])


def _phrase(figure: Figure) -> tuple[str, ...]:
    """The two words behind a number, "people died"; empty if one of them tells nothing."""
    words = tuple(map(_beside, zip(figure.after)))
    return words if len(words) == 2 and all(words) else ()


def _pairs(found: Sequence[Figure]) -> set[tuple[Decimal | str, Decimal | str]]:
    """The numbers that stand against each other, in order: "2-1", "52 votes to 48", «52 صوتا مقابل 48»."""
    numbers = [figure for figure in found if figure.kind == "number"]
    return {
        (one.value, two.value)
        for one, two in itertools.pairwise(numbers)
        if one.end == two.start or (two.start - one.end <= 2 and two.before[-1:] and two.before[-1] in _AGAINST)
    }


def _beside(words: Sequence[str]) -> str:
    """The word next to a number, as it is compared; empty for none that would tell where it stands."""
    if not words:
        return ""
    word = words[0]
    if word in _SIDES:
        return _SIDES[word]
    bare = without_clitic(word)
    if bare in quantities.SCALES or bare in quantities.ARABIC_SCALES or bare in quantities.CURRENCIES:
        return ""
    return next((key(term) for term in terms(word)), "")
