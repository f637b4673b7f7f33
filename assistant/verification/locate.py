"""Where the words of a quotation stand in an article: exactly, on folded text, or nowhere.

Nothing is ever matched loosely. Folding (see `ingest.language.fold`) removes what readers do not hear: tashkeel, case,
the shapes of marks. Every word, figure and mark that is left must be there, in order, between the ends of whole words.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice

from assistant.answer import Quote
from assistant.verification.lexicon import Lexicon, lexicon
from assistant.verification.quotation_marks import MARKS
from ingest.article import Article
from ingest.language import Folded, figures, fold, folded, scale_follows, terms

SHORTEST = 12
"""Folded characters: fewer are found by chance, unless they are a whole name or figure."""

_REACH = 80  # folded characters before a place, three words at least
# Up to three words, enough to tell whether one number stands on both sides; a mark at the place parts numbers.
_BEFORE = re.compile(r"(?:[\w.,:/]+[ -]){0,2}[\w.,:/]*\w[ -]?$")
_BEHIND = re.compile(r"[ -]?\w[\w.,:/]*(?:[ -][\w.,:/]+){0,2}")
_CLAUSE = 160  # folded characters before a place in which its clause begins
_CLAUSE_END = re.compile(r'[.!?,;:"()]')
_NO_DENIAL = re.compile(r"\b[وف]?(?:ما )?(?:ما|لا|لم) (?:[يت]?زال\w*|[يت]زل|[يت]قل|[يت]زيد)\b")
_THAT = re.compile(r"(?:that|whether|[بو]?ان(?:ه|ها|هم)?)\b")
_REACH_OF_THAT = 6  # words from the "that" of a denial to the words that it denies
_NO_LONGER = re.compile(r"\b[وف]?(?:لم|لن|لا|ما) [يتن]عد\w{0,2}\b")
_DENIED_BEHIND = re.compile(r"\s*(?:ان\w*|that)\b")  # what stands before is who denies, not what is denied
_LONGEST_FIGURE = 100  # folded characters of a figure and what it counts
_SEEN = 1_000  # folded characters beside a place that tell whether words and figures go on there
_PLACES = 500  # of the same words in one article that are looked at
_LONGEST_GAP = 600  # folded characters from the first to the last part of an elided quotation
_ELLIPSIS = re.compile(r" ?[\[(]? ?(?:\.{3,}|…) ?[\])]? ?")  # in words with single spaces
_AROUND = f"{MARKS} .,;:!?-…"
_TURNS = {"\u202c": "\u202a\u202b\u202d\u202e", "\u2069": "\u2066\u2067\u2068"}
"""Unseen marks that end a turn of direction, and those that begin one."""
_FIGURE = re.compile(r"[-+]?[$€£¥]?\d+(?:[.,:/]\d+)*(?: ?%)?")
_ARABIC = re.compile("[\u0620-\u06ff]")
_WORD = re.compile(r"\w*")
_JOINERS = "-'"
_NAME_PARTS = frozenset("al el bin ibn ben abu van von de da del la le of the and".split())


def locate(words: str, article: Article, near: Sequence[Quote] = ()) -> Quote | None:
    """Find a quotation in an article.

    Args:
        words: as they were quoted; marks of quotation around them are ignored, "..." or "…" stands for left out words.
        article: where they are said to stand.
        near: where they stand more than once, one inside these spans comes first.

    Returns:
        The article's own span, with the left out words in it. None if it is not there word for word, begins or ends
        inside a word or a figure, runs over the end of a paragraph, is what the article denies just before, or is
        shorter than `SHORTEST` without being a whole name or figure.
    """
    source = _folded(article.text)
    found: list[Quote] = []
    for needle in _needles(words):
        found = found or list(_whole(needle, source, article))
    found = found or list(_elided(words, source, article))
    found.sort(key=lambda quote: not any(map(quote.lies_in, near)))  # stable: the first otherwise
    return found[0] if found else None


def _needles(words: str) -> Iterator[str]:
    """The folded words as quoted, then without marks at their ends; quotation marks around them are no part."""
    whole = folded(words).strip()
    while len(whole) > 1 and whole[0] in MARKS and whole[-1] in MARKS and not set(MARKS) & set(whole[1:-1]):
        whole = whole[1:-1].strip()
    bare = _bare(words)
    if bare:
        yield from dict.fromkeys([whole, bare])


def _bare(words: str) -> str:
    """The folded words without marks around them; a mark of percent and the sign of a number or currency stay."""
    bare = folded(words).strip(_AROUND)
    return f"-{bare}" if bare[:1].isdigit() and re.match(r"\W*[-]\d", folded(words)) else bare


@functools.lru_cache(maxsize=64)
def _folded(text: str) -> Folded:
    return fold(text)


def _whole(needle: str, source: Folded, article: Article) -> Iterator[Quote]:
    """Every place where the needle stands as it is."""
    for start in islice(_places(needle, source.text), _PLACES):
        end = start + len(needle)
        if not _stands_alone(source.text, start, end):
            continue
        quote = _quote(article, source.span(start, end))
        name = _is_name(quote)
        if len(needle) < SHORTEST and not name and not _is_figure(needle):
            continue
        if "\n\n" in quote.text:
            continue
        # A figure or a name in capitals says nothing that could be denied.
        plain = _is_figure(needle) or (name and not _ARABIC.search(needle))
        if plain or not _is_denied(source.text, start, needle, end):
            yield quote


def _elided(words: str, source: Folded, article: Article) -> Iterator[Quote]:
    """The spans of parts that stand in this order in one paragraph, each the shortest from where it begins."""
    parts = [_bare(part) for part in _ELLIPSIS.split(" ".join(words.split()))]
    parts = [part for part in parts if part]
    if len(parts) < 2 or sum(map(len, parts)) < SHORTEST or any(len(part) < 3 for part in parts):
        return
    text = source.text
    for first in islice(_places(parts[0], text), _PLACES):
        end = first + len(parts[0])
        if not _stands_alone(text, first, end) or _is_denied(text, first, parts[0], end):
            continue
        for part in parts[1:]:
            near = _places(part, text, end, first + _LONGEST_GAP)
            start = next((at for at in near if _stands_alone(text, at, at + len(part))), -1)
            if start < 0 or _denies(text[end:start]) or _is_denied(text, start, part):
                break
            end = start + len(part)
        else:
            quote = _quote(article, source.span(first, end))
            if end - first <= _LONGEST_GAP and "\n" not in quote.text and parts[0] not in text[first + 1 : end]:
                yield quote


def _quote(article: Article, span: tuple[int, int]) -> Quote:
    """The quotation of a span, without marks at its end that end a turn of direction which began before it."""
    start, end = span
    while (turns := _TURNS.get(article.text[end - 1])) and _ends(article.text[start:end], turns):
        end -= 1
    return Quote(article, start, end)


def _ends(text: str, turns: str) -> bool:
    """Whether the mark at a text's end is one too many for the turns that begin in it."""
    return text.count(text[-1]) > sum(map(text.count, turns))


def _is_denied(text: str, start: int, words: str, end: int | None = None) -> bool:
    """Whether the clause before some words denies them: "will not | raise rates", «نفى أن | يكون».

    Behind `end` stands what tells who denies from what is denied.
    """
    clause = _CLAUSE_END.split(text[max(0, start - _CLAUSE) : start])[-1]
    near = _NO_LONGER.sub("لم ", _NO_DENIAL.sub(" ", clause)).split()
    thats = [place for place, word in enumerate(near) if _THAT.fullmatch(word)]
    if _THAT.match(words) or (thats and len(near) - thats[-1] <= _REACH_OF_THAT):
        return _denies(clause)
    while near and not _denies(near[-1]) and not terms(near[-1]):
        near.pop()
    behind = "" if end is None else text[end : end + 10]
    return bool(near) and _denies(near[-1]) and not _DENIED_BEHIND.match(behind)


def _denies(text: str) -> bool:
    """Whether there is a negation in it, of any language that is known."""
    words = re.findall(r"\w+(?:'\w+)?", _NO_DENIAL.sub(" ", text))
    return any(one.has(word, one.negations) for word in words for one in _lexicons())


def _lexicons() -> list[Lexicon]:
    return [one for one in map(lexicon, ("ar", "en")) if one]


def _places(needle: str, text: str, start: int = 0, stop: int | None = None) -> Iterator[int]:
    while (start := text.find(needle, start, stop)) >= 0:
        yield start
        start += 1


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] begins and ends with whole words and whole figures."""
    if _joined(text, start) or _joined(text, end) or _cuts_figure(text, start, end):
        return False
    return not (_parts_figure(text, start) or _parts_figure(text, end))


def _joined(text: str, place: int) -> bool:
    """Whether a word runs over this place: letters on both sides, or a hyphen or an apostrophe between letters."""
    before, after = text[place - 1 : place], text[place : place + 1]
    if _is_letter(before) and _is_letter(after):
        return not _behind_and(text, place)
    if before in _JOINERS and before and _is_letter(text[place - 2 : place - 1]) and _is_letter(after):
        return True
    return after in _JOINERS and after != "" and _is_letter(before) and _is_letter(text[place + 1 : place + 2])


def _behind_and(text: str, place: int) -> bool:
    """Whether only the «و» stands before this place that joins a sentence, or a word with an article, to the last."""
    if text[place - 1] not in "وف" or _is_letter(text[place - 2 : place - 1] if place > 1 else ""):
        return False
    behind = _WORD.match(text, place).group()  # type: ignore[union-attr] # it matches nothing at least
    if behind.startswith("ال") and len(behind) > 4:
        return True
    return len(behind) > 2 and (place < 2 or text[max(0, place - _SEEN) : place - 1].rstrip()[-1:] in tuple('.!?:,;"'))


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _cuts_figure(text: str, start: int, end: int) -> bool:
    """Whether a number goes on outside: "500" in "1,500" or "500 million", "5" in "-5", "3" in "3.75" or "3 %"."""
    if text[start : start + 1].isdigit() and re.search(
        r"\d[.,:/]$|(?:^|[^\w])-$|[$€£]$", text[max(0, start - 2) : start]
    ):
        return True
    if not text[end - 1 : end].isdigit():
        return False
    return bool(re.match(r"[.,:/]\d| ?%", text[end : end + 3])) or scale_follows(text[end : end + _SEEN])


def _parts_figure(text: str, place: int) -> bool:
    """Whether one figure stands on both sides: "two thousand | three hundred", «45 | ألف», "3 to | 5 percent"."""
    before, behind = _BEFORE.search(text, max(0, place - _REACH), place), _BEHIND.match(text, place)
    return before is not None and behind is not None and _is_more(before.group(), behind.group())


@functools.lru_cache(maxsize=4096)
def _is_more(left: str, right: str) -> bool:
    """Whether two pieces of text have other figures together than each for itself."""
    return _values(left + right) != _values(left) + _values(right)


def _values(text: str) -> list[tuple[str, Decimal | str, bool | None]]:
    return [(figure.kind, figure.value, figure.percent) for figure in figures(text)]


def _is_figure(needle: str) -> bool:
    """Whether these few characters are a whole figure, alone or with the one word that it counts: "37 cracks"."""
    if len(needle) > _LONGEST_FIGURE:
        return False
    if _FIGURE.fullmatch(needle):
        return True
    rest = needle.split()
    counted = [word for word in rest if not _FIGURE.fullmatch(word) and not figures(word)]
    return any(map(_FIGURE.fullmatch, rest)) and len(counted) <= 1 and all(map(terms, counted))


def _is_name(quote: Quote) -> bool:
    """Whether these few words are a whole name: capitals, none beside them; in Arabic two words that mean something."""
    text, words = quote.article.text, quote.text.split()
    if _ARABIC.search(quote.text):
        return len(words) > 1 and all(len(folded(word)) > 1 and terms(word) for word in words)
    if not words or not all(word[:1].isupper() or folded(word) in _NAME_PARTS for word in words):
        return False
    before = re.search(r"(\w+)\.?[ '’-]+$", text[max(0, quote.start - 40) : quote.start])
    after = re.match(r"[ '’-]+(\w+)", text[quote.end : quote.end + 40])
    beside = [match.group(1) for match in (before, after) if match]
    titles = frozenset().union(*(one.titles for one in _lexicons()))
    return not any(word[0].isupper() and folded(word) not in titles for word in beside)
