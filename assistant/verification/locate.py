"""Find the words of a quotation in an article: exactly, on folded text, or not at all.

Nothing is matched loosely. Folding (see `ingest.language.fold`) removes what readers do not hear: tashkeel, case, the
shapes of marks. Every word, figure and mark that is left must be there, in order, and words and figures must be whole.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import ClassVar

from assistant.answer import Quote
from assistant.verification.lexicon import Lexicon
from assistant.verification.quotation_marks import MARKS
from ingest.article import Article
from ingest.language import Folded, figures, fold, folded, scale_follows, terms
from ingest.language.data import merged, of_all_languages
from ingest.language.proclitics import Proclitics

SHORTEST = 12
"""Folded characters: fewer are found by chance, unless they are a whole name or figure."""

_REACH = 80  # folded characters before an offset; at least three words
# Up to three words, enough to tell whether one number stands on both sides; a mark at the offset separates numbers.
_BEFORE = re.compile(r"(?:[\w.,:/]+[ -]){0,2}[\w.,:/]*\w[ -]?$")
_BEHIND = re.compile(r"[ -]?\w[\w.,:/]*(?:[ -][\w.,:/]+){0,2}")
_CLAUSE = 160  # folded characters before an offset in which its clause begins
_CLAUSE_END = re.compile(r'[.!?,;:"()]')
_REACH_OF_THAT = 6  # words from the "that" of a denial to the words that it denies
_LONGEST_FIGURE = 100  # folded characters of a figure and what it counts
_SEEN = 1_000  # folded characters beside an offset that show whether words and figures continue there
_OCCURRENCES = 500  # of the same words in one article that are checked
_LONGEST_GAP = 600  # folded characters from the first to the last part of an elided quotation
_ELLIPSIS = re.compile(r" ?[\[(]? ?(?:\.{3,}|…) ?[\])]? ?")  # in words with single spaces
_AROUND = f"{MARKS} .,;:!?-…"
_TURNS = {"\u202c": "\u202a\u202b\u202d\u202e", "\u2069": "\u2066\u2067\u2068"}
"""Invisible marks that end a change of direction, and the marks that begin it."""
_FIGURE = re.compile(r"[-+]?[$€£¥]?\d+(?:[.,:/]\d+)*(?: ?%)?")
_ARABIC = re.compile("[\u0620-\u06ff]")
_WORD = re.compile(r"\w*")
_JOINERS = "-'"


@dataclass(frozen=True)
class Quoting:
    """What tells whether quoted words are denied where they stand, and whether they are a whole name.

    Attributes:
        not_denials: phrases with a word of denial that deny nothing.
        that: begins the clause that a verb denies: "denied that".
        no_longer: a denial in two words, of which the first alone denies what follows.
        that_behind: "that" behind the quoted words, which then are who denies, not what is denied.
        name_parts: words in small letters inside a name.
    """

    TOPIC: ClassVar[str] = "quoting"

    not_denials: re.Pattern[str]
    that: re.Pattern[str]
    no_longer: re.Pattern[str]
    that_behind: re.Pattern[str]
    name_parts: frozenset[str]


def locate(words: str, article: Article, near: Sequence[Quote] = ()) -> Quote | None:
    """Find a quotation in an article.

    Args:
        words: as they were quoted; quotation marks around them are ignored, "..." or "…" stands for omitted words.
        article: where they are said to stand.
        near: of several occurrences, one inside these spans is preferred.

    Returns:
        The article's own span, with the omitted words in it. None if the words are not there word for word, begin or
        end inside a word or a figure, run over the end of a paragraph, are denied by the words before them, or are
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
    """The folded words without the quotation marks around them, then without other marks at their ends."""
    whole = folded(words).strip()
    while len(whole) > 1 and whole[0] in MARKS and whole[-1] in MARKS and not set(MARKS) & set(whole[1:-1]):
        whole = whole[1:-1].strip()
    bare = _bare(words)
    if bare:
        yield from dict.fromkeys([whole, bare])


def _bare(words: str) -> str:
    """The folded words without marks around them; a percent sign and the sign of a number or currency stay."""
    bare = folded(words).strip(_AROUND)
    return f"-{bare}" if bare[:1].isdigit() and re.match(r"\W*[-]\d", folded(words)) else bare


@functools.lru_cache(maxsize=64)
def _folded(text: str) -> Folded:
    return fold(text)


def _whole(needle: str, source: Folded, article: Article) -> Iterator[Quote]:
    """Yield every occurrence of the needle."""
    for start in islice(_occurrences(needle, source.text), _OCCURRENCES):
        end = start + len(needle)
        if not _stands_alone(source.text, start, end, article.language):
            continue
        quote = _quote(article, source.span(start, end))
        name = _is_name(quote)
        if len(needle) < SHORTEST and not name and not _is_figure(needle, article.language):
            continue
        if "\n\n" in quote.text:
            continue
        # A figure or a name in capitals says nothing that could be denied.
        plain = _is_figure(needle, article.language) or (name and not _ARABIC.search(needle))
        if plain or not _is_denied(source.text, start, needle, article.language, end):
            yield quote


def _elided(words: str, source: Folded, article: Article) -> Iterator[Quote]:
    """Yield the spans from the first to the last part, in this order in one paragraph, each as short as can be."""
    parts = [_bare(part) for part in _ELLIPSIS.split(" ".join(words.split()))]
    parts = [part for part in parts if part]
    if len(parts) < 2 or sum(map(len, parts)) < SHORTEST or any(len(part) < 3 for part in parts):
        return
    text, language = source.text, article.language
    for first in islice(_occurrences(parts[0], text), _OCCURRENCES):
        end = first + len(parts[0])
        if not _stands_alone(text, first, end, language) or _is_denied(text, first, parts[0], language, end):
            continue
        for part in parts[1:]:
            near = _occurrences(part, text, end, first + _LONGEST_GAP)
            start = next((at for at in near if _stands_alone(text, at, at + len(part), language)), -1)
            is_between = start >= 0 and not _denies(text[end:start], language)
            if not is_between or _is_denied(text, start, part, language):
                break
            end = start + len(part)
        else:
            quote = _quote(article, source.span(first, end))
            if end - first <= _LONGEST_GAP and "\n" not in quote.text and parts[0] not in text[first + 1 : end]:
                yield quote


def _quote(article: Article, span: tuple[int, int]) -> Quote:
    """Quote a span without the marks at its end that close a change of direction which began before the span."""
    start, end = span
    while openings := _TURNS.get(article.text[end - 1]):
        text = article.text[start:end]
        if text.count(text[-1]) <= sum(map(text.count, openings)):
            break
        end -= 1
    return Quote(article, start, end)


def _is_denied(text: str, start: int, words: str, language: str, end: int | None = None) -> bool:
    """Whether the clause before some words denies them: "will not | raise rates", "denied that | it was".

    Args:
        text: folded.
        start: of the words.
        words: folded.
        language: of the text, ISO 639-1.
        end: of the words, where what follows may show that they are who denies, not what is denied.
    """
    known = merged(Quoting, language)
    clause = _CLAUSE_END.split(text[max(0, start - _CLAUSE) : start])[-1]
    without_idioms = known.no_longer.sub(
        lambda match: f"{match.group().split()[0]} ", known.not_denials.sub(" ", clause)
    )
    near = without_idioms.split()
    thats = [index for index, word in enumerate(near) if known.that.fullmatch(word)]
    if known.that.match(words) or (thats and len(near) - thats[-1] <= _REACH_OF_THAT):
        return _denies(clause, language)
    while near and not _denies(near[-1], language) and not terms(near[-1]):
        near.pop()
    behind = "" if end is None else text[end : end + 10].lstrip()
    return bool(near) and _denies(near[-1], language) and not known.that_behind.match(behind)


def _denies(text: str, language: str) -> bool:
    """Whether there is a negation in a folded text."""
    known = merged(Lexicon, language)
    words = re.findall(r"\w+(?:'\w+)?", merged(Quoting, language).not_denials.sub(" ", text))
    return any(known.has(word, known.negations) for word in words)


def _occurrences(needle: str, text: str, start: int = 0, stop: int | None = None) -> Iterator[int]:
    while (start := text.find(needle, start, stop)) >= 0:
        yield start
        start += 1


def _stands_alone(text: str, start: int, end: int, language: str) -> bool:
    """Whether text[start:end] begins and ends with whole words and whole figures."""
    if _cuts_word(text, start) or _cuts_word(text, end) or _cuts_digits(text, start, end, language):
        return False
    return not (_cuts_figure(text, start, language) or _cuts_figure(text, end, language))


def _cuts_word(text: str, offset: int) -> bool:
    """Whether a word runs over an offset: letters on both sides, or a hyphen or an apostrophe between letters."""
    before, after = text[offset - 1 : offset], text[offset : offset + 1]
    if _is_letter(before) and _is_letter(after):
        return not _follows_attached_and(text, offset)
    if before in _JOINERS and before and _is_letter(text[offset - 2 : offset - 1]) and _is_letter(after):
        return True
    return after in _JOINERS and after != "" and _is_letter(before) and _is_letter(text[offset + 1 : offset + 2])


def _follows_attached_and(text: str, offset: int) -> bool:
    """Whether only an "and" stands before an offset that is written in one with a sentence's or a definite word."""
    attached = of_all_languages(Proclitics)
    if text[offset - 1] not in attached.conjunctions or _is_letter(text[offset - 2 : offset - 1] if offset > 1 else ""):
        return False
    word = _WORD.match(text, offset).group()  # type: ignore[union-attr] # it matches at least nothing
    if len(attached.without_article(word)) > 2 and attached.without_article(word) != word:
        return True
    before = text[max(0, offset - _SEEN) : offset - 1].rstrip()[-1:]
    return len(word) > 2 and (offset < 2 or before in tuple('.!?:,;"'))


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _cuts_digits(text: str, start: int, end: int, language: str) -> bool:
    """Whether a number continues outside: "500" in "1,500" or "500 million", "5" in "-5", "3" in "3.75" or "3 %"."""
    if text[start : start + 1].isdigit() and re.search(
        r"\d[.,:/]$|(?:^|[^\w])-$|[$€£]$", text[max(0, start - 2) : start]
    ):
        return True
    if not text[end - 1 : end].isdigit():
        return False
    return bool(re.match(r"[.,:/]\d| ?%", text[end : end + 3])) or scale_follows(text[end : end + _SEEN], language)


def _cuts_figure(text: str, offset: int, language: str) -> bool:
    """Whether one figure stands on both sides: "two thousand | three hundred", "3 to | 5 percent"."""
    before, behind = _BEFORE.search(text, max(0, offset - _REACH), offset), _BEHIND.match(text, offset)
    return before is not None and behind is not None and _is_more(before.group(), behind.group(), language)


@functools.lru_cache(maxsize=4096)
def _is_more(left: str, right: str, language: str) -> bool:
    """Whether two pieces of text have other figures together than each for itself."""
    return _values(left + right, language) != _values(left, language) + _values(right, language)


def _values(text: str, language: str) -> list[tuple[str, Decimal | str, bool | None]]:
    return [(figure.kind, figure.value, figure.percent) for figure in figures(text, language)]


def _is_figure(needle: str, language: str) -> bool:
    """Whether a short quotation is a whole figure, alone or with the one word that it counts: "37 cracks"."""
    if len(needle) > _LONGEST_FIGURE:
        return False
    if _FIGURE.fullmatch(needle):
        return True
    rest = needle.split()
    counted = [word for word in rest if not _FIGURE.fullmatch(word) and not figures(word, language)]
    return any(map(_FIGURE.fullmatch, rest)) and len(counted) <= 1 and all(map(terms, counted))


def _is_name(quote: Quote) -> bool:
    """Whether a short quotation is a whole name: capitals and none beside them; in Arabic two words with a meaning."""
    text, words = quote.article.text, quote.text.split()
    if _ARABIC.search(quote.text):
        return len(words) > 1 and all(len(folded(word)) > 1 and terms(word) for word in words)
    name_parts = merged(Quoting, quote.article.language).name_parts
    if not words or not all(word[:1].isupper() or folded(word) in name_parts for word in words):
        return False
    before = re.search(r"(\w+)\.?[ '’-]+$", text[max(0, quote.start - 40) : quote.start])
    after = re.match(r"[ '’-]+(\w+)", text[quote.end : quote.end + 40])
    beside = [match.group(1) for match in (before, after) if match]
    titles = merged(Lexicon, quote.article.language).titles
    return not any(word[0].isupper() and folded(word) not in titles for word in beside)
