"""What is asked: the question's words, its language, and what it takes from the turns before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.answer import LONGEST, Turn
from assistant.question.wording import CORRECTING, OPENING, STANDING_IN, asked_terms
from ingest.errors import KhabarError
from ingest.language import detect, fold, folded, one_line, root

_UNCLEANED = 4 * LONGEST  # characters before it is cleaned: marks apart from their letters, and spaces, are then fewer
_TURNS = 20  # of a conversation that are looked back at
_ANSWER = 10_000  # characters of an earlier answer, and of a quotation in it
_CITED = 10  # quotations of an earlier answer

# Terms: a question with fewer says little of its subject, like "the coach of the team". By tests/bench/follow_ups.py on
# its conversations, with 2 one less of 15 new ones is found and one more of 7 unanswerable ones answered; 4 is as 3.
_ENOUGH = 3
_CORRECTED = 2.0  # weight of "no, I meant ..." for itself
_TRUST = 2.0  # weight of a model's wording
_NEW = 1.5  # times the share of its words that nobody has said is taken from it: "take place" is a half of some


class NoQuestion(KhabarError):
    """Nothing was asked, or too much."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, ready to be searched for.

    Attributes:
        text: as it was asked, on one line.
        standalone: what is searched: the text itself, or with what it leans on.
        language: ISO 639-1 code of the text.
        terms: of `standalone`, each once, in order.
        weight: how far this reading of a follow-up is to be believed beside the others, more than 0.
        asks: the terms of what was typed itself, without those of the questions that it leans on.
        bare: whether it is read for itself although it stands something in, or names hardly a subject.
    """

    text: str
    standalone: str
    language: str
    terms: tuple[str, ...]
    weight: float = 1.0
    asks: tuple[str, ...] = ()
    bare: bool = False

    @property
    def leans(self) -> bool:
        """Whether it is read behind what was said before: not all of its terms were typed."""
        return self.standalone != self.text and set(self.asks) != set(self.terms)


Rewrite = Callable[[str, Sequence[Turn]], str]
"""Makes a question stand alone by the turns before it; "" where it cannot."""


def read(text: str) -> Question:
    """Read a question that stands alone.

    Raises:
        NoQuestion: there are no words in it, or more than 2,000 characters.
    """
    if len(text) > _UNCLEANED:
        raise _too_long(text)
    asked = one_line(text)
    if not any(character.isalnum() for character in asked):
        raise NoQuestion('there is no question in it; ask in words, as in: "Who chaired the meeting?"')
    if len(asked) > LONGEST:
        raise _too_long(asked)
    return _reading(asked, asked, detect(asked))


def _too_long(text: str) -> NoQuestion:
    return NoQuestion(f"the question has {len(text):,} characters; ask it in at most {LONGEST:,}")


def recent(history: Sequence[Turn]) -> list[Turn]:
    """What of a conversation a question is understood by: its last turns, each as long as one may be."""
    return [
        Turn(
            turn.question[:LONGEST],
            turn.answer[:_ANSWER],
            tuple(quote for quote in turn.quotes[:_CITED] if quote.end - quote.start <= _ANSWER),
        )
        for turn in history[-_TURNS:]
    ]


def readings(text: str, history: Sequence[Turn], rewrite: Rewrite | None = None) -> tuple[Question, ...]:
    """What a question may mean in its conversation; what search finds for each of them tells which is meant.

    A question that leans on nothing has one reading. Another is read behind the questions that it leans on, for itself
    (its subject may have changed: "And how high is the lighthouse?"), and as a model puts it.

    Args:
        text: what was typed.
        history: earlier turns, the oldest first.
        rewrite: puts what a question leans on into words.

    Returns:
        The likeliest first.

    Raises:
        NoQuestion: see `read`.
    """
    alone = read(text)
    if not history or not _may_lean(alone):
        return (alone,)
    found = [_reading(alone.text, _joined(alone.text, history), alone.language)]
    written = rewrite(alone.text, history) if rewrite else ""
    if written:
        made = _reading(alone.text, written, alone.language)
        trust = _trust(made, alone, history)
        found[:0] = [replace(made, weight=trust)] if trust else []
    own = _own(alone)
    if own.terms:
        found.append(own)
    return tuple(found)


def restated(asked: Question, change: Callable[[str], str]) -> Question:
    """The question with its words changed; `text` stays what was typed."""
    return replace(_reading(change(asked.text), change(asked.standalone), asked.language), text=asked.text)


def _reading(asked: str, standalone: str, spoken: str) -> Question:
    held = tuple(dict.fromkeys(asked_terms(standalone, spoken)))
    return Question(asked, standalone, spoken, held, asks=tuple(asked_terms(_rest(asked), spoken)))


def _may_lean(asked: Question) -> bool:
    """Whether a question may need what was said before: it goes on, or says little of its subject."""
    return bool(OPENING.match(folded(asked.text))) or _says_little(asked)


def _says_little(asked: Question) -> bool:
    """Whether a question stands something in, or names hardly a subject."""
    return bool(STANDING_IN.search(folded(asked.text))) or len(asked.terms) < _ENOUGH


def _own(asked: Question) -> Question:
    """The question for itself; the fewer terms it has the less it says."""
    own = _reading(asked.text, _rest(asked.text), asked.language)
    if CORRECTING.match(folded(asked.text)):
        return replace(own, weight=_CORRECTED)
    return replace(own, weight=min(1.0, len(own.terms) / _ENOUGH), bare=_says_little(own))


def _rest(asked: str) -> str:
    """The question without "and" or "no, I meant"; nothing is left of "yes"."""
    whole = fold(asked)
    opening = OPENING.match(whole.text)
    return asked[whole.span(0, opening.end())[1] :] if opening else asked


def _joined(asked: str, history: Sequence[Turn]) -> str:
    """The question behind those that it leans on, back to the last with a subject of its own."""
    before = [_rest(asked)]
    for turn in reversed(history):
        earlier = one_line(turn.question[:_UNCLEANED])[:LONGEST]
        leans = _says_little(_reading(earlier, earlier, detect(earlier)))
        before.insert(0, _rest(earlier) if leans else earlier)
        if not leans:
            break
    return one_line(" ".join(before))[-LONGEST:]


def _trust(made: Question, asked: Question, history: Sequence[Turn]) -> float:
    """How far a model's wording is to be believed: it keeps the question's words and adds those of the conversation.

    2 at most; 0 for one that asks something else, or of something that nobody has spoken of.
    """
    kept = _roots(asked.standalone)
    words = _roots(made.standalone)
    said = [part[:_UNCLEANED] for turn in history for part in (turn.question, turn.answer, *_titles(turn))]
    if len(kept & words) < len(kept) / 2:
        return 0.0
    new = words - kept - _roots(" ".join(said))
    if all(detect(turn.question[:_UNCLEANED]) != made.language for turn in history):
        return 1.0  # what was said in another language cannot be compared
    return _TRUST * max(0.0, 1 - _NEW * len(new) / max(1, len(words)))


def _roots(text: str) -> set[str]:
    return {root(term) for term in asked_terms(text, detect(text))}


def _titles(turn: Turn) -> list[str]:
    return [f"{quote.article.title} {quote.text}" for quote in turn.quotes]
