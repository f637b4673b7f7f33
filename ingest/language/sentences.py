"""Where sentences begin and end, in Arabic, English and mixed text."""

import re

_MARKS = ".!?؟۔…"
_CLOSING = "\"'”’»›)\\]}"
# A run of marks with what closes behind it, then space or the end of the text; marks between two Arabic words or two
# English sentences that were glued; the full stop of scripts without spaces; a line's end.
_END = re.compile(
    rf"(?<![{_MARKS}])[{_MARKS}]++(?P<closing>[{_CLOSING}]*+)(?=\s|$)"
    r"|(?<=[\u0621-\u0652]{2})[.!؟]+(?=[\u0621-\u064a]{2})"
    r"|(?<=[a-z]{3})[.!?](?=[A-Z][a-z]*\s)"
    rf"|[。！？]+[{_CLOSING}」』）]*"
    r"|\n+"
)
_OPENING = re.compile(r"[\s\"'“‘«(\[{‹\-–—•*]*+")
_WORD_BEFORE = re.compile("[\\w\u064b-\u0652\u0670'’.]+$")  # tashkeel is no \\w
_ONLY_A_NUMBER = re.compile(r"\s*\(?(?:\d{1,3}|[A-Za-z])")
_AFTER_A_NUMBER = re.compile(r"\d\s*$")
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof gen lt col maj capt cmdr sgt adm rev hon gov sen rep pres st jr sr messrs mt ft "
    "eds vs cf al approx est inc ltd corp co bros jan feb mar apr jun jul aug sep sept oct nov dec "
    "e.g i.e a.m p.m u.s u.k u.n e.u".split()
)
# These may also end a sentence: they join only when what follows does not look like a beginning.
_MAY_END = frozenset(
    "inc ltd corp co bros jr sr al est jan feb mar apr jun jul aug sep sept oct nov dec a.m p.m u.s u.k u.n e.u".split()
)
_BEFORE_NUMBERS = frozenset("no nos vol fig art op p pp ed sec".split())
_ARABIC_ABBREVIATIONS = frozenset("د أ م ا ص ج ط ت ه هـ ق س ش ر ع ف ب ن ك أ.د ا.د ق.م م.م ش.م".split())
_ERAS = frozenset("م هـ ه ق.م".split())  # behind a year they end what any word ends
_SAYS = frozenset("قال قالت قالوا يقول تقول يقولون سأل سألت تساءل تساءلت هتف هتفوا صاح".split())
# Words that begin an English sentence far oftener than they continue a name ("U.S. Congress", "Acme Inc. Chairman").
_BEGINNERS = frozenset(
    "a about after all although an and another any as at because before both but by despite during each even every few "
    "following for from he her here his how however i if in instead it its last later many meanwhile more most my "
    "neither no nobody nor not now of on once one only or other our she since so some still such that the their then "
    "there these they this those though through to today two under until we what when where whether which while who "
    "why with without yes yesterday yet you your according".split()
)
_PAUSE = 60  # characters: two dots behind fewer are a pause, as Arabic headlines write it; behind more a full stop


def sentences(text: str) -> list[tuple[int, int]]:
    """Find the sentences of a cleaned text.

    Returns:
        (start, end) offsets, in order, without overlap; together they hold every character that is not space.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if match.group().startswith("\n"):
            ends = not _is_wrapped(text, match)
        else:
            ends = _ends(text, start, match)
        if ends:
            _add(spans, text, start, match.end())
            start = match.end()
    _add(spans, text, start, len(text))
    return spans


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Add the sentence text[start:end] without the space around it; a piece without a word joins the one before."""
    piece = text[start:end]
    stripped = piece.strip()
    if not stripped:
        return
    first = start + len(piece) - len(piece.lstrip())
    last = first + len(stripped)
    if spans and not any(c.isalnum() for c in stripped) and "\n" not in text[spans[-1][1] : first]:
        spans[-1] = (spans[-1][0], last)
    else:
        spans.append((first, last))


def _is_wrapped(text: str, gap: re.Match[str]) -> bool:
    """A line's end inside a sentence: the next line goes on in small letters, or this one ends in a comma."""
    if len(gap.group()) > 1 or gap.end() >= len(text):
        return False
    return text[gap.end()].islower() or text[gap.start() - 1 : gap.start()] in (",", "،")


def _ends(text: str, sentence: int, match: re.Match[str]) -> bool:
    """Whether the marks of the match end the sentence that began at `sentence`."""
    mark = match.start()
    closing = match.group("closing") or ""
    marks = match.group()[: len(match.group()) - len(closing)]
    begin = _OPENING.match(text, match.end()).end()  # type: ignore[union-attr] # it matches nothing at least
    following = text[begin : begin + 30]
    if following[:1].islower():  # "Yahoo! said", "... and so on"
        return False
    if closing and (following.split() or [""])[0] in _SAYS:  # «لن نعود!» قال الوزير
        return False
    if marks == "..":
        return mark - sentence >= _PAUSE or not following or "\n" in text[match.end() : begin]
    return marks != "." or _full_stop(text, sentence, mark, following)


def _full_stop(text: str, sentence: int, mark: int, following: str) -> bool:
    """Whether one full stop at `mark` is more than the point of an abbreviation, an initial or a list's number."""
    before = _WORD_BEFORE.search(text, max(sentence, mark - 20), mark)
    word = before.group() if before else ""
    bare = word.strip("'’").casefold()
    line = max(sentence, text.rfind("\n", sentence, mark) + 1)
    if mark - line <= 6 and _ONLY_A_NUMBER.fullmatch(text, line, mark) and following:  # "2. Second"
        return False
    if word == "I":
        return _begins(following)
    if len(word) == 1 and word.isascii() and word.isupper():  # J. K. Rowling
        return False
    if bare in _BEFORE_NUMBERS:
        return not following[:1].isdigit()
    if bare in _ABBREVIATIONS or re.fullmatch(r"(?:[a-z]\.)+[a-z]", bare):
        return (bare in _MAY_END or "." in bare) and bare not in ("e.g", "i.e") and _begins(following)
    if word in _ERAS and _AFTER_A_NUMBER.search(text, max(sentence, mark - len(word) - 3), mark - len(word)):
        return True
    return word not in _ARABIC_ABBREVIATIONS


def _begins(following: str) -> bool:
    """Whether these words would begin a sentence even behind an abbreviation."""
    words = following.split()
    if not words:
        return True
    first = words[0].strip(",'’\"").casefold()
    if "\u0620" <= first[:1] <= "\u06ff":
        return first.startswith("و")
    return first in _BEGINNERS or not first.isascii()
