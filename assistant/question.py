"""What is asked: the question's words, its language, and what it takes from the turns before it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.answer import Turn
from ingest.errors import KhabarError
from ingest.text import clean, folded, language, one_line, terms

LONGEST = 2000
"""Characters of a question; the embedding reads about 1,500."""

_LEANING = re.compile(
    # "and when?", «ومتى؟»: a beginning that goes on from something; or a word that stands for something said before.
    r"^(?:and|but|so|then|why|yes|no|really)\b|\b(?:he|she|it|they|him|her|his|its|their|them|that|this|those|these)\b"
    r"|^و(?:متي|اين|كيف|كم|لماذا|من|ما|ماذا|هل|في|لمن|باي|اي)\b|\b(?:هو|هي|هم|هما|ذلك|تلك|هذا|هذه|نعم|لا)\b|^لماذا\W*$"
    # «كلفتها», «رئيسه»: a pronoun that is part of its word.
    r"|\b\w{3,}(?:ها|هم|هما)\b|\b(?:في|من|ب|ل|عن|علي|الي|مع)(?:ه|ها|هم)\b|\bthere\b(?! (?:is|are|was|were|be))"
)
_FEW = 2  # terms: a question with fewer has hardly a subject of its own


class NoQuestion(KhabarError):
    """Nothing was asked, or too much."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, ready to be searched for.

    Attributes:
        text: as it was asked, on one line.
        standalone: what is searched: the text, behind the earlier question that it leans on, if it does.
        language: ISO 639-1 code of the text.
        terms: of `standalone`, each once, in order.
    """

    text: str
    standalone: str
    language: str
    terms: tuple[str, ...]


Rewrite = Callable[[str, Sequence[Turn]], str]
"""Makes a question stand alone by the turns before it; "" where it cannot."""


def read(text: str, history: Sequence[Turn] = (), rewrite: Rewrite | None = None) -> Question:
    """Read a question.

    Args:
        text: what was typed.
        history: earlier turns, the oldest first.
        rewrite: puts what a question leans on into words; without one it is set behind those that it leans on.

    Raises:
        NoQuestion: there are no words in it, or more than 2,000 characters.
    """
    asked = one_line(clean(text))
    if not any(character.isalnum() for character in asked):
        raise NoQuestion('there is no question in it; ask in words, as in: khabar ask "Who chaired the meeting?"')
    if len(asked) > LONGEST:
        raise NoQuestion(f"the question has {len(asked):,} characters; ask it in at most {LONGEST:,}")
    spoken = language(asked)
    standalone = asked
    if history and _leans(asked, spoken):
        standalone = (rewrite(asked, history) if rewrite else "") or _joined(asked, history)
    return Question(asked, standalone, spoken, tuple(dict.fromkeys(terms(standalone, spoken))))


def _leans(asked: str, spoken: str) -> bool:
    """Whether a question cannot be understood alone: it goes on, stands something in, or has no subject of its own."""
    return bool(_LEANING.search(folded(asked))) or len(terms(asked, spoken)) < _FEW


def _joined(asked: str, history: Sequence[Turn]) -> str:
    """The question with the words that it leans on: those of the last question that leaned on none."""
    before: list[str] = []
    for turn in reversed(history):
        earlier = one_line(clean(turn.question))
        before.insert(0, earlier)
        if not _LEANING.search(folded(earlier)):
            break
    return one_line(" ".join([*before, asked]))[-LONGEST:]
