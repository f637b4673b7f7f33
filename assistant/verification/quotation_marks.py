"""Find what stands between quotation marks of any kind, and remove marks.

A mark at a word's start opens and one at its end closes, whatever its shape: Arabic is often typed with the two
exchanged, and models mix pairs.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from ingest.language.data import of_all_languages
from ingest.language.proclitics import Proclitics

_APOSTROPHES = "'’′＇"
_SINGLE = f"{_APOSTROPHES}‘‚‛`´"
MARKS = f'{_SINGLE}"«»“”„‟″‹›＂⹂「」『』｢｣﹁﹂﹃﹄〝〞〟《》⟪⟫︽︾❛❜❝❞❟❠❮❯🙶🙷🙸⸂⸃⸄⸅⸉⸊⸌⸍⸜⸝⸠⸡'
"""What Unicode calls a quotation mark by property, class or name, and what is typed or folded as one."""

_MARK = re.compile(
    rf"""
    (?P<apostrophe>
        (?<=[^\W\u0620-\u06ff\u3040-\u9fff])[{_SINGLE}](?=\w)  # in a word; Arabic, Chinese and Japanese have none
      | (?<=[{MARKS}])[{_APOSTROPHES}](?=s\b)                  # "Titanic"'s
      | (?<!\w)[{_SINGLE}][^\W\d_][{_SINGLE}](?!\w)            # rock 'n' roll
      | (?<=[א-ת])"(?=[א-ת])                                   # in a Hebrew abbreviation
    )
    | (?P<mark> \(\( | \)\) | (?P<half>[{_SINGLE}])(?P=half) | [{MARKS}] )
    """,
    re.VERBOSE,
)
_BEFORE = frozenset({"Ps", "Pd"})  # what stands before a mark that opens, besides space
_BEHIND = frozenset({"Po", "Pe", "Pd"})  # and behind one that closes
_PARTED = re.compile(r"\b(\w+)\0+(?=\w)")
_LEFT = re.compile(r"\s(?=\0+(?:[.,;:!?،؛؟]?(?:\s|$)))|\0")

_Mark = re.Match[str]


def quoted_words(statement: str) -> Iterator[tuple[int, int, str]]:
    """Yield what a statement puts between quotation marks: start and end with the marks, and the words between them.

    In the order of their starts, so that an outer quotation comes before those that lie in it.
    """
    for opening, closing in _pairs(statement):
        if opening.end() < closing.start():
            yield opening.start(), closing.end(), statement[opening.end() : closing.start()]


def unmarked(statement: str, proven: Mapping[tuple[int, int], str]) -> str:
    """Remove the quotation marks of a statement, except around proven quotations; separated words stay apart.

    Args:
        statement: on one line.
        proven: (start, end) -> what replaces these characters of the statement, with marks of its own.
    """
    left_out = (span for span in _marked(statement) if not any(start <= span[0] < end for start, end in proven))
    offset, pieces = 0, list[str]()
    for (start, end), words in sorted({**dict.fromkeys(left_out, "\0"), **proven}.items()):
        pieces += [statement[offset:start], words]
        offset = end
    text = "".join([*pieces, statement[offset:]])
    attached = of_all_languages(Proclitics).alone
    text = _PARTED.sub(lambda word: word[1] if attached.fullmatch(word[1]) else f"{word[1]} ", text)
    return _LEFT.sub("", text).strip()


def _marked(statement: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of quotation marks; an apostrophe behind a word is none, nor are brackets without a partner."""
    paired = {mark.start() for pair in _pairs(statement) for mark in pair}
    for mark in _marks(statement):
        apostrophe = mark.group() in _APOSTROPHES and statement[: mark.start()][-1:].isalnum()
        if mark.start() in paired or not (apostrophe or _kind(mark) == "("):
            yield mark.span()


def _pairs(statement: str) -> list[tuple[_Mark, _Mark]]:
    """The pairs of marks, in the order of those that open."""
    before, behind = _besides(statement), _besides(statement[::-1])[::-1]
    waiting: list[_Mark] = []
    indexes: dict[str, list[int]] = {"(": [], "'": [], '"': []}  # in `waiting`, by kind
    pairs: list[tuple[_Mark, _Mark]] = []
    for mark in _marks(statement):
        partners = indexes[_kind(mark)]
        if _opens(before[mark.start()], behind[mark.end()], inside=bool(partners)):
            partners.append(len(waiting))
            waiting.append(mark)
        elif partners:
            partner = partners[-1]
            pairs.append((waiting[partner], mark))
            for left in reversed(waiting[partner:]):
                indexes[_kind(left)].pop()
            del waiting[partner:]
    return sorted(pairs, key=lambda pair: pair[0].start())


def _marks(statement: str) -> list[_Mark]:
    return [found for found in _MARK.finditer(statement) if found["mark"]]


def _kind(mark: _Mark) -> str:
    """The kind of a mark: brackets, single or double; marks of one kind close each other."""
    if mark.group() in ("((", "))"):
        return "("
    return "'" if mark.group() in _SINGLE else '"'


def _besides(text: str) -> list[str]:
    """For each offset in a text the last character before it that is no mark; "" where there is none."""
    found = [""]
    for character in text:
        found.append(found[-1] if character in MARKS else character)
    return found


def _opens(before: str, behind: str, inside: bool) -> bool:
    """Whether a mark opens: it does at a word's start, or, where that is unclear, outside of a pair of its kind.

    Args:
        before: the last character before it that is no mark.
        behind: the first one behind it.
        inside: whether it is inside a pair of its kind.
    """
    at_start = not before.strip() or unicodedata.category(before) in _BEFORE
    at_end = not behind.strip() or unicodedata.category(behind) in _BEHIND
    return not inside if at_start == at_end else at_start
