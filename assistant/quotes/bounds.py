"""Whether a number stays a bound, the same one: "more than 300" is not "fewer than 300", nor "300"."""

import re
from collections.abc import Sequence

from ingest.text import Figure

_LEAST = (
    r"(?:more than|over|above|at least|exceed\w*|(?:no|not) (?:fewer|less) than|(?:no|not) (?:under|below)"
    r"|(?:اكثر|ازيد|اعلي) من|(?:[لم]ا|لم) [يت]قل عن|ي?زيد (?:علي|عن)|تجاوزت?|[يت]تجاوز|فوق)$"
)
_MOST = (
    r"(?:less than|fewer than|under|below|up to|at most|(?:no|not) more than|(?:no|not) over|nearly|almost"
    r"|(?:اقل|ادني) من|(?:[لم]ا|لم) [يت]زيد (?:علي|عن)|لا [يت]تجاوز|لم [يت]تجاوز|دون|قرابه|ما [يت]قارب)$"
)
_LEAST_AFTER = r"(?:\w+ )?(?:or more|at least|علي الاقل|او اكثر|فاكثر)"
_MOST_AFTER = r"(?:\w+ )?(?:or less|or fewer|at most|علي الاكثر|او اقل|كحد اقصي)"
_CLEAR = re.compile(r"(?:(?:more|less|fewer) than|at (?:least|most)|(?:اكثر|اقل) من|[لم]ا [يت]قل عن)$")
_ANY = re.compile(
    r"\b(?:more|over|above|least|most|exceed\w*|less|fewer|under|below|top(?:s|ped)?|surpass\w*|up "
    r"to|excess|plus|nearly|almost)\b|\d\+"
    r"|\b[وفبل]?(?:ال)?(?:اكثر|اقل|[يت]قل|[يت]زيد|[يت]?تجاوز\w*|فاق\w*|فوق|دون|نيف|نحو|قرابه|زهاء|[يت]ناهز)\b"
)


def unbounded(own: Sequence[Figure], held: Sequence[Figure], flat: str) -> list[str]:
    """The numbers that become a bound, or the other one.

    Args:
        own: the figures of a statement.
        held: those of its quotes.
        flat: the quotes, folded.
    """
    faults = []
    for figure in own:
        bound = _bound(figure) if figure.kind == "number" else 0
        others = [_bound(other) for other in held if other.value == figure.value]
        if bound and bound not in others:
            if -bound in others or (_CLEAR.search(" ".join(figure.before)) and not _ANY.search(flat)):
                faults.append(" ".join([*figure.before[-2:], figure.words]))
    return faults


def before_bound(figure: Figure) -> tuple[str, ...]:
    """The words before a number and what makes it a bound: "to" of "to more than 300", and of "up to 300"."""
    before = " ".join(figure.before)
    return tuple(before.split() if before.endswith("up to") else re.sub(rf"\b(?:{_LEAST}|{_MOST})", "", before).split())


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
