"""Where sentences begin and end."""

import re
from dataclasses import dataclass
from typing import ClassVar

from ingest.language.data import merged
from ingest.language.fold import folded

_MARKS = ".!?؟۔…"
_CLOSING = "\"'”’»›)\\]}"
# A run of marks with what closes behind it, then space or the end of the text; marks without a space between words in
# Arabic letters or sentences in Latin letters; the full stop of scripts without spaces; a line's end.
_END = re.compile(
    rf"(?<![{_MARKS}])[{_MARKS}]++(?P<closing>(?: »)?+[{_CLOSING}]*+)(?=\s|$)"
    r"|(?<=[\u0621-\u0652]{2})[.!؟]+(?=[\u0621-\u064a]{2})"
    r"|(?<=[a-z]{3})[.!?](?=[A-Z][a-z]*\s)"
    rf"|[。！？]+[{_CLOSING}」』）]*"
    r"|\n+"
)
_OPENING = re.compile(r"[\s\"'“‘«(\[{‹\-–—•*]*+")
_WORD_BEFORE = re.compile("[\\w\u064b-\u0652\u0670'’.]+$")  # tashkeel is no \\w
_ONLY_A_NUMBER = re.compile(r"\s*\(?(?:\d{1,3}|[A-Za-z])")
_AFTER_A_NUMBER = re.compile(r"\d\s*$")
_DOTTED = re.compile(r"(?:[a-z]\.)+[a-z]")  # u.s
_MIN_SENTENCE = 60  # characters: two dots behind fewer are a pause, as in Arabic headlines; behind more a full stop
_LOOKAHEAD = 30  # characters: the next word


@dataclass(frozen=True)
class SentenceWords:
    """The words that tell a full stop from the point of an abbreviation.

    Attributes:
        abbreviations: words that a point may follow inside a sentence, without that point.
        may_end: those of them that also end a sentence, if what follows begins one.
        never_end: abbreviations with a point inside that never end a sentence: "e.g"; all others may.
        before_numbers: abbreviations that only stand in front of a number: "No. 5".
        capital_words: single letters that are words and no initials of a name: "I".
        eras: abbreviations that end a sentence behind a year.
        beginners: words that begin a sentence far oftener than they continue a name: "The".
        beginner_prefixes: what a word that begins a sentence begins with.
        verbs_of_saying: what may follow a quotation with its own mark at the end: '"Never!" said the minister'. Small
            letters say as much, so only scripts without them need it.
    """

    TOPIC: ClassVar[str] = "sentences"
    abbreviations: frozenset[str]
    may_end: frozenset[str]
    never_end: frozenset[str]
    before_numbers: frozenset[str]
    capital_words: frozenset[str]
    eras: frozenset[str]
    beginners: frozenset[str]
    beginner_prefixes: tuple[str, ...]
    verbs_of_saying: frozenset[str]


def sentences(text: str, language: str = "") -> list[tuple[int, int]]:
    """Find the sentences of a cleaned text.

    Args:
        text: of any length.
        language: ISO 639-1; other languages than the text's are read where it mixes scripts (see `data`).

    Returns:
        (start, end) offsets, in order, without overlap; together they hold every character that is not space.
    """
    words = merged(SentenceWords, language)
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if match.group().startswith("\n"):
            ends = not _is_wrapped(text, match)
        else:
            ends = _ends(text, start, match, words)
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
    if spans and not any(character.isalnum() for character in stripped) and "\n" not in text[spans[-1][1] : first]:
        spans[-1] = (spans[-1][0], last)
    else:
        spans.append((first, last))


def _is_wrapped(text: str, gap: re.Match[str]) -> bool:
    """Whether a line ends inside a sentence: the next line goes on in small letters, or this one ends in a comma."""
    if len(gap.group()) > 1 or gap.end() >= len(text):
        return False
    return text[gap.end()].islower() or text[gap.start() - 1 : gap.start()] in (",", "،")


def _ends(text: str, sentence: int, match: re.Match[str], words: SentenceWords) -> bool:
    """Whether the marks of the match end the sentence that began at `sentence`."""
    mark = match.start()
    closing = match.group("closing") or ""
    marks = match.group()[: len(match.group()) - len(closing)]
    begin = _OPENING.match(text, match.end()).end()  # type: ignore[union-attr] # it matches nothing at least
    following = text[begin : begin + _LOOKAHEAD]
    if following[:1].islower():  # "Yahoo! said", "... and so on"
        return False
    if closing and folded((following.split() or [""])[0]) in words.verbs_of_saying:  # «لن نعود!» قال الوزير
        return False
    if marks == "..":
        return mark - sentence >= _MIN_SENTENCE or not following or "\n" in text[match.end() : begin]
    return marks != "." or _is_full_stop(text, sentence, mark, following, words)


def _is_full_stop(text: str, sentence: int, mark: int, following: str, words: SentenceWords) -> bool:
    """Whether a point at `mark` is more than the point of an abbreviation, an initial or a list's number."""
    line = max(sentence, text.rfind("\n", sentence, mark) + 1)
    if mark - line <= 6 and _ONLY_A_NUMBER.fullmatch(text, line, mark) and following:  # "2. Second"
        return False
    before = _WORD_BEFORE.search(text, max(sentence, mark - 20), mark)
    word = before.group() if before else ""
    bare = folded(word).strip("'")
    if len(word) == 1 and word.isupper():  # J. K. Rowling
        return bare in words.capital_words and _begins(following, words)
    if bare in words.before_numbers:
        return not following[:1].isdigit()
    if bare in words.eras and _AFTER_A_NUMBER.search(text, max(sentence, mark - len(word) - 3), mark - len(word)):
        return True
    if bare in words.abbreviations or _DOTTED.fullmatch(bare):
        may_end = bare in words.may_end or ("." in bare and bare not in words.never_end)
        return may_end and _begins(following, words)
    return True


def _begins(following: str, words: SentenceWords) -> bool:
    """Whether these words would begin a sentence even behind an abbreviation."""
    first = next(iter(following.split()), None)
    if first is None:
        return True
    first = first.strip(",'’\"").casefold()
    if "\u0620" <= first[:1] <= "\u06ff":
        return first.startswith(words.beginner_prefixes)
    return folded(first) in words.beginners or not first.isascii()
