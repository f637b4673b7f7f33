"""What stands between quotation marks, of every kind that there is, and what outside.

Which mark opens and which closes is told by where it stands, at a word's start or at its end: Arabic is often typed
with the two exchanged, and models mix pairs.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

_APOSTROPHES = "'’′＇"
_SINGLE = f"{_APOSTROPHES}‘‚‛`´"
MARKS = f'{_SINGLE}"«»“”„‟″‹›＂⹂「」『』｢｣﹁﹂﹃﹄〝〞〟《》⟪⟫︽︾❛❜❝❞❟❠❮❯🙶🙷🙸⸂⸃⸄⸅⸉⸊⸌⸍⸜⸝⸠⸡'
"""What Unicode calls a quotation mark, by its property, class or name, and what is typed or folded as one."""

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
_CLITIC = re.compile("[وف]?[بلك]?(?:ال|ل)?ـ*")  # «لـ"رويترز"» is one word with what is in it

_Mark = re.Match[str]


def quoted_words(statement: str) -> Iterator[tuple[int, int, str]]:
    """What a statement puts between quotation marks: start and end with the marks, and the words between them.

    In the order of their starts, so that an outer one comes before those that lie in it.
    """
    for opening, closing in _pairs(statement):
        if opening.end() < closing.start():
            yield opening.start(), closing.end(), statement[opening.end() : closing.start()]


def unmarked(statement: str, proven: Mapping[tuple[int, int], str]) -> str:
    """A statement without quotation marks but for those of what is proven; words that they kept apart stay apart.

    Args:
        statement: on one line.
        proven: what stands instead of the statement's characters from start to end, with marks of its own.
    """
    left_out = (span for span in _marked(statement) if not any(start <= span[0] < end for start, end in proven))
    place, pieces = 0, list[str]()
    for (start, end), words in sorted({**dict.fromkeys(left_out, "\0"), **proven}.items()):
        pieces += [statement[place:start], words]
        place = end
    text = "".join([*pieces, statement[place:]])
    text = _PARTED.sub(lambda word: word[1] if _CLITIC.fullmatch(word[1]) else f"{word[1]} ", text)
    return _LEFT.sub("", text).strip()


def _marked(statement: str) -> Iterator[tuple[int, int]]:
    """Where a statement's quotation marks are; an apostrophe behind a word is none, nor are brackets without others."""
    paired = {mark.start() for pair in _pairs(statement) for mark in pair}
    for mark in _marks(statement):
        apostrophe = mark.group() in _APOSTROPHES and statement[: mark.start()][-1:].isalnum()
        if mark.start() in paired or not (apostrophe or _kind(mark) == "("):
            yield mark.span()


def _pairs(statement: str) -> list[tuple[_Mark, _Mark]]:
    """The marks that belong together, in the order of those that open."""
    before, behind = _besides(statement), _besides(statement[::-1])[::-1]
    waiting: list[_Mark] = []
    places: dict[str, list[int]] = {"(": [], "'": [], '"': []}  # of each kind among those that wait
    pairs: list[tuple[_Mark, _Mark]] = []
    for mark in _marks(statement):
        partners = places[_kind(mark)]
        if _opens(before[mark.start()], behind[mark.end()], inside=bool(partners)):
            partners.append(len(waiting))
            waiting.append(mark)
        elif partners:
            partner = partners[-1]
            pairs.append((waiting[partner], mark))
            for left in reversed(waiting[partner:]):
                places[_kind(left)].pop()
            del waiting[partner:]
    return sorted(pairs, key=lambda pair: pair[0].start())


def _marks(statement: str) -> list[_Mark]:
    return [found for found in _MARK.finditer(statement) if found["mark"]]


def _kind(mark: _Mark) -> str:
    """Marks of one kind close each other: brackets, single ones and all others."""
    if mark.group() in ("((", "))"):
        return "("
    return "'" if mark.group() in _SINGLE else '"'


def _besides(text: str) -> list[str]:
    """For each place in a text the last character before it that is no mark, "" where there is none."""
    found = [""]
    for character in text:
        found.append(found[-1] if character in MARKS else character)
    return found


def _opens(before: str, behind: str, inside: bool) -> bool:
    """Whether a mark opens: at a word's start; where that cannot be told, if it is not inside a pair of its kind.

    Args:
        before: the last character before it that is no mark.
        behind: the first one behind it.
        inside: whether it is inside a pair of its kind.
    """
    at_start = not before.strip() or unicodedata.category(before) in _BEFORE
    at_end = not behind.strip() or unicodedata.category(behind) in _BEHIND
    return not inside if at_start == at_end else at_start
