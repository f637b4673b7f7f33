"""Which names are of one place: "German" and "Germany", "French" and "France"."""

import functools

_ENDINGS = (
    "ese", "ians", "ian", "ans", "an", "ers", "er", "ish", "is", "i", "ns", "n", "s", "a", "e", "ia", "y", "o", "land",
    "lands", "ey", "ium", "um",
)  # fmt: skip
_SHORTEST = 4  # letters of what is left

# Those that no ending makes, or that an ending would mix up; folded.
_IRREGULAR = """
french france, frenchman france, dutch netherlands, welsh wales, danish danes denmark, greek greeks greece,
swiss switzerland, spanish spaniard spaniards spain, norwegian norwegians norway, british briton britons britain,
irish ireland, filipino filipinos philippines, afghan afghans afghanistan, peruvian peruvians peru, lebanese lebanon,
polish poles poland, turkish turks turkey turkiye, thai thais thailand, czech czechs czechia, finnish finns finland,
scottish scots scotland, yemeni yemenis yemen, iraqi iraqis iraq, iranian iranians iran, israeli israelis israel,
cypriot cypriots cyprus, moroccan moroccans morocco, kuwaiti kuwaitis kuwait, qatari qataris qatar, saudi saudis arabia,
portuguese portugal, belgian belgians belgium, slovenian slovenes slovenia, icelandic iceland, swedish swedes sweden,
pakistani pakistanis pakistan, english england, omani omanis oman, chinese china, canadian canadians canada,
argentine argentines argentina, monegasque monaco, malagasy madagascar, kazakh kazakhs kazakhstan,
uzbek uzbeks uzbekistan, tajik tajiks tajikistan, turkmen turkmens turkmenistan, kyrgyz kyrgyzstan,
serbian serbs serbia, croatian croats croatia, slovak slovaks slovakia, hungarian hungarians hungary,
bangladeshi bangladeshis bangladesh, nigerian nigerians nigeria, nigerien nigeriens niger,
romanian romanians romania, roman romans rome, congolese congo, ivorian ivorians ivory, emirati emiratis emirates
"""


def of_one_place(name: str, other: str) -> bool:
    """Whether two folded words name a place, its people or what is of it."""
    return not _stems(name).isdisjoint(_stems(other))


@functools.lru_cache(maxsize=20_000)
def _stems(word: str) -> frozenset[str]:
    known = {stem for group in _groups() if word in group for stem in group[:1]}
    endings = [ending for ending in _ENDINGS if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST]
    return frozenset(known or {word, *(word[: -len(ending)] for ending in endings)})


@functools.cache
def _groups() -> tuple[list[str], ...]:
    return tuple(group.split() for group in _IRREGULAR.split(","))
