"""Whether a sentence says of other people what another says of these: the template of an appointment, a transfer."""

import difflib
import functools
import re
from collections.abc import Mapping, Sequence

from ingest.language import folded, words

_LATIN = re.compile(r"\b(\w+) ([A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+)")
_TITLES = folded(
    "المهندسة?|الدكتورة?|السيدة?|الأستاذة?|البروفسورة?|الوزيرة?|النائبة?|السفيرة?|القاضية?|الشيخ|الأميرة?|اللواء|العميد"
    "|العقيد|المقدم|الرائد|المهاجم|المدافع|الحارس|اللاعبة?|المدربة?|الفنانة?|المطربة?|الكاتبة?|الشاعرة?|خلفا"
)
_ARABIC = re.compile(rf"\b[وفلب]?({_TITLES}) (\w+ \w+)")
_LONGEST = 100  # letters of a name that are compared
_UNLIKE = 0.5
"""Of the letters in order, by difflib, «ال» and spaces left out: 15 names spelled in two ways have .61 to 1.0, as
"Muammar Gaddafi" and "Moamer Kadhafi"; 12 pairs of names of two people .11 to .42."""


def replaced(one: str, other: str, spoken: tuple[frozenset[str], frozenset[str]]) -> bool:
    """Whether two sentences name others in the same place.

    Args:
        one: a sentence.
        other: the sentence of the other text that is most like it.
        spoken: the folded words of the text of each. A name that both texts have was only moved.
    """
    mine, theirs = _names(one), _names(other)
    return any(
        spoken[1].isdisjoint(mine[place])
        and spoken[0].isdisjoint(theirs[place])
        and _unlike(mine[place], theirs[place])
        for place in mine.keys() & theirs.keys()
    )


def _unlike(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    one, other = sorted("".join(word.removeprefix("ال") for word in name)[:_LONGEST] for name in (mine, theirs))
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() < _UNLIKE


@functools.lru_cache(maxsize=2_000)
def _names(sentence: str) -> Mapping[str, Sequence[str]]:
    """The folded names of two words and more, by the word before them; in Arabic letters those behind a title."""
    found = [*_LATIN.findall(sentence), *_ARABIC.findall(folded(sentence))]
    return {before: words(name) for before, name in found}
