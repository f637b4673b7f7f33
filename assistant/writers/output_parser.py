"""Parse what a model writes into statements and the ids of the sentences that they cite."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from ingest.language.data import of_all_languages

NOTHING = "NOT_IN_ARTICLES"
"""What the model is told to write when the sentences do not answer."""

LONGEST = 1_500
"""Characters of a statement at most; a model that goes on without ids does not keep to the form."""
_RANGE = 5  # sentences that a range of ids ("1.2-1.4") may stand for; a longer one cites its two ends only

_ID = r"\d{1,4}[.,٫]\d{1,4}"  # no answer has more articles, and no article more sentences
_NAMED = re.compile(
    r"(\d{1,4})[.,٫](\d{1,4})(?:\s*[–—-]\s*(\d{1,4})[.,٫](\d{1,4}))?"
)  # an id, or the first and the last of a range
_NOISE = re.compile(r"[\[【][^\]】]*[\]】]")  # anything else in brackets is not part of the answer
_DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")  # marks that some models put around ids
_SPACE_BEFORE = re.compile(r"\s+(?=[.,;!؟،؛。](?:\s|$))")  # left by ids before a full stop
_SPACES = re.compile(r"[^\S\n]+")
_TAGS = ("<think>", "<thinking>", "</think>", "</thinking>")
_TAG = re.compile(f"({'|'.join(_TAGS)})")


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
class DraftStatement:
    """A statement as the model wrote it, and the ids that it cites: of a passage and a sentence, both from 1."""

    text: str
    ids: tuple[tuple[int, int], ...]


class Parser:
    """Cuts a stream into draft statements; each is returned as soon as its ids are complete.

    Whatever comes, and in whatever pieces, the work is linear and little is kept: reasoning is dropped as it comes, and
    a line that is too long is cut.

    Attributes:
        nothing: whether the model has said that the sentences do not answer.
    """

    def __init__(self) -> None:
        self.nothing = False
        self._partial_tag = ""  # which the next piece may complete
        self._is_reasoning = False
        self._text = ""  # of a line that is not complete yet
        self._held: DraftStatement | None = None  # its ids may stand alone on the next line

    def feed(self, piece: str) -> list[DraftStatement]:
        """Take the next piece of the stream; returns the statements that it completes."""
        texts = self._without_reasoning(_DIRECTION.sub("", piece))
        return [draft for text in texts for draft in self._read(text)]

    def close(self) -> list[DraftStatement]:
        """End the stream; returns the statements that are left."""
        drafts = [] if self._is_reasoning else list(self._read(self._partial_tag))
        drafts += self._complete(at_end=True)
        return [*drafts, self._held] if self._held else drafts

    def _without_reasoning(self, piece: str) -> Iterator[str]:
        """What stands outside of <think> tags. A partial tag at the end of a piece waits for the next one."""
        *parts, last = _TAG.split(self._partial_tag + piece)
        rest = last[max(last.rfind("<"), 0) :]
        self._partial_tag = rest if rest and any(tag.startswith(rest) for tag in _TAGS) else ""
        for part in (*parts, last.removesuffix(self._partial_tag)):
            if part in _TAGS:
                self._is_reasoning = not part.startswith("</")
            elif not self._is_reasoning:
                yield part

    def _read(self, text: str) -> Iterator[DraftStatement]:
        """The statements that a text completes; it is taken in parts, so that no line grows too long."""
        for start in range(0, len(text), LONGEST):
            self._text = _SPACES.sub(" ", self._text + text[start : start + LONGEST])
            yield from self._complete(at_end=False)

    def _complete(self, at_end: bool) -> Iterator[DraftStatement]:
        """Cut what is complete off the text that was read: up to the ids of a statement, or a whole line."""
        while self._text:
            line, newline, _ = self._text.partition("\n")
            leading = _grammar().leading.match(line)
            ids = _grammar().run.search(line, leading.end() if leading else 0)
            if ids and (newline or at_end or _begins_another(line[ids.end() :])):
                used = ids.end()
                yield from self._with_ids(_draft(line[:used]))
            elif newline or at_end or len(line) > LONGEST:
                used = len(line) + len(newline)
                if NOTHING in line.replace(" ", "_").replace("-", "_").upper():
                    self.nothing = True
                elif any(character.isalnum() for character in line):
                    yield from self._with_ids(_draft(line))
            else:
                return
            self._text = self._text[used:]

    def _with_ids(self, draft: DraftStatement) -> Iterator[DraftStatement]:
        """The statement, if it has ids; without ids it waits for the next line, which may hold nothing but ids."""
        held, self._held = self._held, None
        if not any(character.isalnum() for character in draft.text):
            draft = DraftStatement(held.text if held else "", draft.ids)
        elif held:
            yield held
        if draft.ids and draft.text:
            yield draft
        elif draft.text:
            self._held = draft


def _begins_another(rest: str) -> bool:
    """Whether what follows some ids begins a new statement; an id that is not closed yet may belong to them."""
    return bool(rest.strip()) and not _grammar().open.fullmatch(rest)


def _draft(text: str) -> DraftStatement:
    """A statement's text without the ids that stand before, in and behind it."""
    leading = _grammar().leading.match(text)
    runs = ([leading.group("ids")] if leading else []) + _grammar().ids.findall(text)
    ids = dict.fromkeys(id_ for run in runs for id_ in _parsed_ids(run))
    words = _NOISE.sub(" ", text[leading.end() :] if leading else text)
    return DraftStatement(_SPACE_BEFORE.sub("", words), tuple(ids))


def _parsed_ids(run: str) -> Iterator[tuple[int, int]]:
    """The ids between brackets; a short range within one passage stands for all of its sentences."""
    for numbers in _NAMED.findall(run):
        passage, first, last_passage, last = (int(number or 0) for number in numbers)
        if passage == last_passage and first <= last < first + _RANGE:
            yield from ((passage, sentence) for sentence in range(first, last + 1))
        else:
            yield passage, first
            if last_passage:
                yield last_passage, last
