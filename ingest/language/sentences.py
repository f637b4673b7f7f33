"""Split a text into sentences."""

import re
from dataclasses import dataclass
from typing import ClassVar

from ingest.language.data import merged
from ingest.language.fold import folded

_MARKS = ".!?؟۔…"
_CLOSING = "\"'”’»›)\\]}"
# Marks and closing brackets or quotation marks before a space; marks without a space between Arabic words or between
# sentences in Latin letters; the full stops of scripts without spaces; the end of a line.
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
_MIN_SENTENCE = 60  # characters: two dots end a longer sentence; in a shorter one they are a pause, as in headlines
_LOOKAHEAD = 30  # characters: the next word


@dataclass(frozen=True)
class SentenceWords:
    """The words that tell a full stop from the point of an abbreviation.

    Attributes:
        abbreviations: words behind which a point does not end a sentence; written without that point.
        may_end: the abbreviations that also end a sentence if the next word can begin one.
        never_end: abbreviations with an inner point that never end a sentence: "e.g"; all others may.
        before_numbers: abbreviations only in front of a number: "No. 5".
        capital_words: single letters that are words, not initials: "I".
        eras: abbreviations that end a sentence behind a year.
        beginners: words that begin a sentence far more often than they continue a name: "The".
        beginner_prefixes: prefixes of words that begin a sentence.
        verbs_of_saying: verbs that continue a sentence behind a quoted one: '"Never!" said the minister'. Only scripts
            without capital letters need them.
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
        language: ISO 639-1; words in other scripts are read in the default languages (see `data`).

    Returns:
        (start, end) offsets, in order, without overlap; together they cover every character that is not a space.
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
    """Add text[start:end] without the spaces around it; without any word in it, it joins the sentence before."""
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
    """Whether a line ends inside a sentence: a small letter begins the next line, or a comma ends this one."""
    if len(gap.group()) > 1 or gap.end() >= len(text):
        return False
    return text[gap.end()].islower() or text[gap.start() - 1 : gap.start()] in (",", "،")


def _ends(text: str, sentence: int, match: re.Match[str], words: SentenceWords) -> bool:
    """Whether the marks of the match end the sentence that began at `sentence`."""
    mark = match.start()
    closing = match.group("closing") or ""
    marks = match.group()[: len(match.group()) - len(closing)]
    begin = _OPENING.match(text, match.end()).end()  # type: ignore[union-attr] # it always matches
    following = text[begin : begin + _LOOKAHEAD]
    if following[:1].islower():  # "Yahoo! said", "... and so on"
        return False
    if closing and folded((following.split() or [""])[0]) in words.verbs_of_saying:  # «لن نعود!» قال الوزير
        return False
    if marks == "..":
        return mark - sentence >= _MIN_SENTENCE or not following or "\n" in text[match.end() : begin]
    return marks != "." or _is_full_stop(text, sentence, mark, following, words)


def _is_full_stop(text: str, sentence: int, mark: int, following: str, words: SentenceWords) -> bool:
    """Whether a point ends a sentence, not an abbreviation, an initial or the number of a list entry."""
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
    """Whether these words begin a sentence even behind an abbreviation."""
    first = next(iter(following.split()), None)
    if first is None:
        return True
    first = first.strip(",'’\"").casefold()
    if "\u0620" <= first[:1] <= "\u06ff":
        return first.startswith(words.beginner_prefixes)
    return folded(first) in words.beginners or not first.isascii()
