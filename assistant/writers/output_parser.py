"""What a model writes, cut into statements and the ids that close them."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from ingest.language import one_line
from ingest.language.data import of_all_languages

NOTHING = "NOT_IN_ARTICLES"
"""What the model writes when the sentences do not answer."""

LONGEST = 1_500
"""Characters of a statement; a model that goes on without ids has lost the form."""
_RANGE = 5  # sentences in a row that ids with a dash between them name; of a longer range the ends

_ID = r"\d{1,4}[.,٫]\d{1,4}"  # no answer has more articles, and no article more sentences
_NAMED = re.compile(
    r"(\d{1,4})[.,٫](\d{1,4})(?:\s*[–—-]\s*(\d{1,4})[.,٫](\d{1,4}))?"
)  # one id, or the first and last of a range
_NOISE = re.compile(r"[\[【][^\]】]*[\]】]")  # what is left in brackets is no word of the answer
_DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")  # marks that some models put around ids
_SPACE_BEFORE = re.compile(r"\s+(?=[.,;!؟،؛。](?:\s|$))")  # left by ids before a full stop
_SPACES = re.compile(r"[^\S\n]+")
_TAGS = ("<think>", "<thinking>", "</think>", "</thinking>")
_TAG = re.compile(f"({'|'.join(_TAGS)})")
_MARKUP = re.compile(
    r"!?\[(?P<label>[^\[\]]{0,300})\]\([^()]{0,1000}\)"  # links and images
    r"|<[^<>]{0,300}>"  # tags
    r"|(?m:^[^\S\n]{0,9}(?:#{1,6}\s|[-*•]\s|\d{1,2}[.)]\s|>\s|\|))"  # headings, lists, citations, tables
    r"|[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}|`+|~~"
)


@dataclass(frozen=True)
class IdLists:
    """Words between the ids that a statement cites: "1.1 and 1.2"."""

    TOPIC: ClassVar[str] = "id_lists"

    joiners: frozenset[str]


class _Grammar(NamedTuple):
    """How ids are written.

    Attributes:
        ids: ids in brackets.
        run: brackets, one behind the other, and the full stop that follows.
        open: brackets that the next piece of the stream may complete.
        leading: ids before a statement.
    """

    ids: re.Pattern[str]
    run: re.Pattern[str]
    open: re.Pattern[str]
    leading: re.Pattern[str]


@functools.cache
def _grammar() -> _Grammar:
    joiners = sorted(of_all_languages(IdLists).joiners)
    ids = rf"[\[【]\s*{_ID}(?:(?:\s*(?:[,;،؛&–—-]|{'|'.join(joiners)}))+\s*{_ID})*\s*[\]】]"
    return _Grammar(
        ids=re.compile(ids),
        run=re.compile(rf"(?:\s*{ids})+\s*[.。؟!،,;]*"),
        open=re.compile(rf"\s*[\[【][\s\d.,;٫،؛&–—{''.join(joiners)}-]*$"),
        leading=re.compile(rf"\s*(?:[-*•]\s*)?(?P<ids>(?:{ids}\s*)+|{_ID}(?=\s*:))[:.\s]*"),
    )


@dataclass(frozen=True, slots=True)
class Drafted:
    """A statement as the model wrote it, and the ids behind it: passage and sentence, both from 1."""

    text: str
    ids: tuple[tuple[int, int], ...]


class Parser:
    """Cuts a stream into drafted statements; each is given as soon as its ids are whole.

    However much comes, and in whatever pieces, the work is in proportion to it and little of it is kept: thoughts are
    dropped as they come, and a line is cut where it is too long.

    Attributes:
        nothing: whether the model has said that the sentences do not answer.
    """

    def __init__(self) -> None:
        self.nothing = False
        self._begun = ""  # of a tag that the next piece may complete
        self._thinks = False
        self._text = ""  # of a line that is not whole yet
        self._held: Drafted | None = None

    def feed(self, piece: str) -> list[Drafted]:
        """Take the next words of the stream; returns the statements that they complete."""
        return [one for said in self._spoken(_DIRECTION.sub("", piece)) for one in self._taken(said)]

    def close(self) -> list[Drafted]:
        """The stream is over; returns what is left."""
        drafted = [] if self._thinks else list(self._taken(self._begun))
        drafted += self._complete(at_end=True)
        return [*drafted, self._held] if self._held else drafted

    def _spoken(self, piece: str) -> Iterator[str]:
        """What is no thought. The beginning of a tag at the end of a piece waits for the next one."""
        *parts, last = _TAG.split(self._begun + piece)
        cut = max(last.rfind("<"), 0)
        self._begun = last[cut:] if last[cut:] and any(tag.startswith(last[cut:]) for tag in _TAGS) else ""
        for part in (*parts, last.removesuffix(self._begun)):
            if part in _TAGS:
                self._thinks = not part.startswith("</")
            elif not self._thinks:
                yield part

    def _taken(self, said: str) -> Iterator[Drafted]:
        """The statements that these words complete, taken a line's length at a time."""
        for start in range(0, len(said), LONGEST):
            self._text = _SPACES.sub(" ", self._text + said[start : start + LONGEST])
            yield from self._complete(at_end=False)

    def _complete(self, at_end: bool) -> Iterator[Drafted]:
        while self._text:
            line, newline, _ = self._text.partition("\n")
            leading = _grammar().leading.match(line)
            run = _grammar().run.search(line, leading.end() if leading else 0)
            if run and (newline or at_end or _is_over(line, run.end())):
                used = run.end()
                yield from self._with_ids(self._drafted(line[:used]))
            elif newline or at_end or len(line) > LONGEST:
                used = len(line) + len(newline)
                yield from self._unclosed(line)
            else:
                return
            self._text = self._text[used:]

    def _unclosed(self, line: str) -> Iterator[Drafted]:
        """A line without ids at its end."""
        if NOTHING in line.replace(" ", "_").replace("-", "_").upper():
            self.nothing = True
        elif any(character.isalnum() for character in line):
            yield from self._with_ids(self._drafted(line))

    def _with_ids(self, drafted: Drafted) -> Iterator[Drafted]:
        """The statement, if it has ids; one that has none waits for the next line, which may be of nothing but ids."""
        held, self._held = self._held, None
        if not any(character.isalnum() for character in drafted.text):
            drafted = Drafted(held.text if held else "", drafted.ids)
        elif held:
            yield held
        if drafted.ids and drafted.text:
            yield drafted
        elif drafted.text:
            self._held = drafted

    def _drafted(self, text: str) -> Drafted:
        ids = dict.fromkeys(id_ for run in _found_ids(text) for id_ in _named(run))
        leading = _grammar().leading.match(text)
        said = _NOISE.sub(" ", text[leading.end() :] if leading else text)
        return Drafted(_SPACE_BEFORE.sub("", said), tuple(ids))


def _is_over(line: str, end: int) -> bool:
    """Whether what follows the ids begins something new; an id that is not closed yet may belong to them."""
    rest = line[end:]
    return bool(rest.strip()) and not _grammar().open.fullmatch(rest)


def _found_ids(text: str) -> list[str]:
    leading = _grammar().leading.match(text)
    return ([leading.group("ids")] if leading else []) + _grammar().ids.findall(text)


def _named(run: str) -> Iterator[tuple[int, int]]:
    """The ids between brackets, with those that a short range within a passage goes through."""
    for numbers in _NAMED.findall(run):
        passage, first, other, last = (int(number or 0) for number in numbers)
        if passage == other and first <= last < first + _RANGE:
            yield from ((passage, sentence) for sentence in range(first, last + 1))
        else:
            yield passage, first
            if other:
                yield other, last


def plain(text: str) -> str:
    """A model's words without markup, on one line."""
    return one_line(_MARKUP.sub(lambda match: match.group("label") or "", text))
