"""Whether the numbers of a statement stand where its quotes have them: what they count, and what they belong to."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from assistant.quotes.bounds import before_bound
from assistant.quotes.forms import key
from ingest.text import Figure, figures, quantities, terms, unit_of, without_clitic

_SIDES = {"to": "to", "from": "from", "by": "by", "الي": "to", "من": "from", "بنسبه": "by", "بمقدار": "by"}
_AGAINST = frozenset({"to", "against", "الي", "مقابل"})
_OTHERS = frozenset({"other", "others", "اخر", "اخرون", "اخرين", "اخري", "اخريات", "one", "واحد", "واحده"})
"""Behind a number they are what the number before counts, and «واحد» is a number itself."""
_PARTICIPLE = re.compile(r"\w+ed|hurt|dead|missing|shot|alive")
_CLAUSES = re.compile(r"(?<!\d)[,;:،؛.](?!\d)|[,;:،؛.](?=\s)|\s(?:while|whereas|but|بينما|فيما|لكن)\s")
_YEARS = range(1000, 3000)
_DAYS = range(1, 32)
Leads = dict[Decimal | str, set[str]]
Date = tuple[Decimal | str | None, ...]


def misplaced(statement: str, quotes: Sequence[str]) -> list[str]:
    """The numbers that stand where the quotes have another: "to 5" of "to 3 from 5", "12 cracks" of "37 cracks"."""
    own, found = figures(statement), [figures(quote) for quote in quotes]
    held = tuple(itertools.chain.from_iterable(found))
    (dates, in_dates), *quoted_dates = (_dates(one) for one in (own, *found))
    held_dates, in_held_dates = (list(itertools.chain.from_iterable(one)) for one in zip(*quoted_dates, strict=True))
    said = [figure for figure in own if figure.kind == "number" and figure not in in_dates]
    quoted = [figure for figure in held if figure.kind == "number" and figure not in in_held_dates]
    return [
        *(f"{figure.words} ({words})" for figure in said for words in _elsewhere(figure, quoted)),
        *(" ".join(map(str, filter(None, date))) for date in dates if not _is_held(date, held_dates)),
        *_of_other_months(own, said, found),
        *_exchanged(own, held),
        *_borrowed(statement, quotes),
        *_turned(own, held),
    ]


# -- what stands beside a number


def _elsewhere(figure: Figure, quoted: Sequence[Figure]) -> Iterator[str]:
    """The words beside a number that stand beside another one in the quotes, and beside this one do not."""
    same = [other for other in quoted if _equal(figure, other)]
    for side in (_left, _right, _phrase):
        words = side(figure)
        there = [other for other in quoted if side(other) == words]
        known = side is _phrase or any(side(other) for other in same if _done(figure) or not _done(other))
        if words and there and known and not any(_equal(figure, other) for other in there):
            yield words
    for trait in (_direction, _unit):
        mine, theirs = trait(figure), {trait(other) for other in same}
        if mine and theirs and "" not in theirs and mine not in theirs:
            yield mine


def _done(figure: Figure) -> bool:
    """Whether what was done to them stands behind a number, not what they are: "three killed"."""
    return bool(figure.after) and _PARTICIPLE.fullmatch(figure.after[0]) is not None


def _equal(one: Figure, other: Figure) -> bool:
    return one.value == other.value or one.is_part(other)


def _left(figure: Figure) -> str:
    return _direction(figure) or _beside(figure.before[-1:])


def _direction(figure: Figure) -> str:
    """Whether something goes "to" a number, comes "from" it or changes "by" it; empty for neither."""
    before = [word for word in before_bound(figure) if word not in quantities.CURRENCIES]
    return _SIDES.get(before[-1], "") if before else ""


def _right(figure: Figure) -> str:
    return _beside(figure.after[:1])


def _unit(figure: Figure) -> str:
    """The unit of time or measure that a number counts; empty if it counts something else."""
    first = figure.words.split()[0]
    dual = unit_of(first) if without_clitic(first) in quantities.TWO else ""
    return dual or (unit_of(figure.after[0]) if figure.after else "")


def _phrase(figure: Figure) -> str:
    """The two words behind a number, "people died"; empty if one of them tells nothing."""
    words = [_beside([word]) for word in figure.after if word not in _SIDES and not word[0].isdigit()]
    return " ".join(words) if len(words) == 2 and all(words) else ""


def _beside(words: Sequence[str]) -> str:
    """The word next to a number, as it is compared; empty for none that would tell where it stands."""
    if not words or words[0] in _OTHERS:
        return ""
    word = words[0]
    if word in _SIDES:
        return _SIDES[word]
    bare = without_clitic(word)
    if bare in quantities.SCALES or bare in quantities.ARABIC_SCALES or bare in quantities.CURRENCIES:
        return ""
    return next((key(term) for term in terms(word)), "")


# -- dates


def _dates(found: Sequence[Figure]) -> tuple[list[Date], list[Figure]]:
    """The dates among figures, each a day, a month and a year or None, and the numbers that are part of them."""
    dates: list[Date] = []
    parts: list[Figure] = []
    for place, month in enumerate(found):
        if month.kind != "month":
            continue
        behind = list(found[place + 1 : place + 3])
        day = next((one for one in found[:place][-1:] if _is_in(one, _DAYS) and month.start - one.end < 2), None)
        end = month.end
        if not day and behind and _is_day_behind(behind[0], month):
            day = behind.pop(0)
            end = day.end
        year = next((one for one in behind[:1] if _is_in(one, _YEARS) and one.start - end < 2), None)
        if day or year:
            dates.append((day.value if day else None, month.value, year.value if year else None))
            parts += filter(None, (day, year))
    return dates, parts


def _is_day_behind(figure: Figure, month: Figure) -> bool:
    """Whether it is the 4 of "July 4"; of "in July 4 people" it is not."""
    return _is_in(figure, _DAYS) and figure.start == month.end and month.before[-1:] != ("in",)


def _is_in(figure: Figure, values: range) -> bool:
    return figure.kind == "number" and not figure.percent and figure.value in values


def _is_held(date: Date, quoted: Sequence[Date]) -> bool:
    """Whether the quotes have the date, or no other one of its month."""
    alike = [other for other in quoted if other[1] == date[1]]
    return not alike or any(
        all(None in (one, two) or one == two for one, two in zip(date, other, strict=True)) for other in alike
    )


def _of_other_months(own: Sequence[Figure], said: Sequence[Figure], held: Sequence[Sequence[Figure]]) -> Iterator[str]:
    """Numbers of one month that are another's in the quotes: "2.6 % in August"."""
    for figure in said:
        month = _month(figure, own)
        months = {_month(other, found) for found in held for other in found if other.value == figure.value}
        if month and months and "" not in months and month not in months:
            yield f"{figure.words} (month {month})"


def _month(figure: Figure, found: Sequence[Figure]) -> str:
    """The month that is named behind a number and one word, "in August"; empty for none."""
    behind = found[found.index(figure) + 1 :][:1]
    return str(behind[0].value) if behind and behind[0].kind == "month" and behind[0].start == figure.end + 1 else ""


# -- several numbers


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


def _borrowed(statement: str, quotes: Sequence[str]) -> Iterator[str]:
    """Numbers whose words belong to another one: "wages 4 %" of "wages 3 %, prices 4 %".

    What stands before a number may go on to those behind it, "a fire killed 9 people and injured 46": of the second it
    may be said, with something of its own.
    """
    said, quoted = _by_clause([statement], _leads), _by_clause(quotes, _leads)
    words, around = _by_clause([statement], _around), _by_clause(quotes, _around)
    order = list(quoted)
    for one in said:
        for other in quoted if quoted.get(one) else ():
            if _is_year(other) and not _is_year(one):
                continue
            borrowed = (said[one] & quoted[other]) - quoted[one]
            own = (words[one] & around[one]) - quoted[other]
            outweighs = order.index(other) > order.index(one) and len(borrowed) >= len(own)
            if other not in said and borrowed and (outweighs or not own):
                yield f"{one:f} ({', '.join(borrowed)})"


def _is_year(number: Decimal | str) -> bool:
    return number in _YEARS


def _by_clause(texts: Sequence[str], beside: Callable[[Sequence[Figure]], Leads]) -> Leads:
    found: Leads = {}
    for clause in itertools.chain.from_iterable(map(_CLAUSES.split, texts)):
        for number, words in beside(figures(clause)).items():
            found.setdefault(number, set()).update(words)
    return found


def _around(found: Sequence[Figure]) -> Leads:
    """For each number the words before it and behind it, from the figure before to the next."""
    around = _leads(found)
    for figure, following in itertools.pairwise([*found, None]):
        if figure and figure.kind == "number":
            behind = following.before[-(following.start - figure.end) :] if following else figure.after
            around[figure.value] |= {_beside([word]) for word in behind} - {"", *_SIDES.values()}
    return around


def _leads(found: Sequence[Figure]) -> Leads:
    """For each number the words before it, back to the figure before."""
    leads: Leads = {}
    end = 0
    for figure in found:
        if figure.kind == "number":
            near = figure.before[-(figure.start - end) :] if figure.start > end else ()
            leads.setdefault(figure.value, set()).update({_beside([word]) for word in near} - {"", *_SIDES.values()})
        end = figure.end
    return leads


def _turned(own: Sequence[Figure], held: Sequence[Figure]) -> list[str]:
    """Numbers that stand against each other the other way round: "1-2" of "2-1"."""
    pairs = _pairs(held)
    return [
        f"{one}-{two}" for one, two in _pairs(own) if one != two and (two, one) in pairs and (one, two) not in pairs
    ]


def _pairs(found: Sequence[Figure]) -> set[tuple[Decimal | str, Decimal | str]]:
    """The numbers that stand against each other, in order: "2-1", "52 votes to 48", «52 صوتا مقابل 48»."""
    numbers = [figure for figure in found if figure.kind == "number"]
    return {
        (one.value, two.value)
        for one, two in itertools.pairwise(numbers)
        if one.end == two.start or (two.start - one.end <= 2 and two.before[-1:] and two.before[-1] in _AGAINST)
    }
