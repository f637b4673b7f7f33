"""Read a question: its words, its language, and what it takes from the turns before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.answer import LONGEST, Turn
from assistant.question.wording import asked_terms, correcting, opening, standing_in
from ingest.errors import KhabarError
from ingest.language import detect, fold, folded, one_line, root

_UNCLEANED = 4 * LONGEST  # characters before cleaning, which removes marks apart from their letters, and spaces
_TURNS = 20  # the last ones of a conversation are read
_ANSWER = 10_000  # characters of an earlier answer, and of a quotation in it
_CITED = 10  # quotations of an earlier answer

# Terms: a question with fewer says little of its subject, like "the coach of the team". By tests/bench/follow_ups.py on
# its conversations, with 2 one less of 15 new ones is found and one more of 7 unanswerable ones answered; 4 is as 3.
_ENOUGH = 3
_CORRECTED = 2.0  # weight of "no, I meant ..." read alone
_TRUST = 2.0  # weight of a model's wording at most
_NEW = 1.5  # times the share of its words that nobody has said is subtracted: "take place" is half of some wordings


class NoQuestion(KhabarError):
    """Nothing was asked, or too much."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, ready to be searched for.

    Attributes:
        text: as it was asked, on one line.
        standalone: what is searched: the text itself, or with what it takes from earlier turns.
        language: ISO 639-1 code of the text.
        terms: of `standalone`, each once, in order.
        weight: how far this reading of a follow-up is trusted beside the others, more than 0.
        asks: the terms that were typed, without those of earlier questions.
        bare: whether it is read alone although a pronoun stands for its subject or it hardly names one.
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
        """Whether it is read with earlier questions: not all of its terms were typed."""
        return self.standalone != self.text and set(self.asks) != set(self.terms)


Rewrite = Callable[[str, Sequence[Turn]], str]
"""Makes a question stand alone, given the turns before it; returns "" where it cannot."""


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
    """Cut a conversation to what a question is read with: its last turns, without their excess."""
    return [
        Turn(
            turn.question[:LONGEST],
            turn.answer[:_ANSWER],
            tuple(quote for quote in turn.quotes[:_CITED] if quote.end - quote.start <= _ANSWER),
        )
        for turn in history[-_TURNS:]
    ]


def readings(text: str, history: Sequence[Turn], rewrite: Rewrite | None = None) -> tuple[Question, ...]:
    """List what a question may mean in its conversation; what search finds for each tells which one is right.

    A question that needs no earlier turn has one reading. A follow-up is read together with the questions that it
    continues, alone (its subject may have changed: "And how high is the lighthouse?"), and as a model rewrites it.

    Args:
        text: what was typed.
        history: earlier turns, the oldest first.
        rewrite: puts into words what the question leaves out.

    Returns:
        The likeliest first.

    Raises:
        NoQuestion: see `read`.
    """
    alone = read(text)
    if not history or not _may_be_follow_up(alone):
        return (alone,)
    found = [_reading(alone.text, _with_earlier(alone, history), alone.language)]
    written = rewrite(alone.text, history) if rewrite else ""
    if written:
        rewritten = _reading(alone.text, written, alone.language)
        trust = _trust(rewritten, alone, history)
        found[:0] = [replace(rewritten, weight=trust)] if trust else []
    own = _read_alone(alone)
    if own.terms:
        found.append(own)
    return tuple(found)


def restated(asked: Question, change: Callable[[str], str]) -> Question:
    """Change the words of a question; `text` stays what was typed."""
    return replace(_reading(change(asked.text), change(asked.standalone), asked.language), text=asked.text)


def _reading(asked: str, standalone: str, language: str) -> Question:
    held = tuple(dict.fromkeys(asked_terms(standalone, language)))
    asks = tuple(asked_terms(_without_opening(asked, language), language))
    return Question(asked, standalone, language, held, asks=asks)


def _may_be_follow_up(asked: Question) -> bool:
    """Whether a question may need earlier turns: it continues one, or says little of its subject."""
    return bool(opening(asked.language).match(folded(asked.text))) or _says_little(asked)


def _says_little(asked: Question) -> bool:
    """Whether a pronoun stands for the subject of a question, or it hardly names one."""
    return bool(standing_in(asked.language).search(folded(asked.text))) or len(asked.terms) < _ENOUGH


def _read_alone(asked: Question) -> Question:
    """The reading without earlier turns; its weight falls with its terms."""
    own = _reading(asked.text, _without_opening(asked.text, asked.language), asked.language)
    if correcting(asked.language).match(folded(asked.text)):
        return replace(own, weight=_CORRECTED)
    return replace(own, weight=min(1.0, len(own.terms) / _ENOUGH), bare=_says_little(own))


def _without_opening(asked: str, language: str) -> str:
    """The question without "and" or "no, I meant"; nothing is left of "yes"."""
    whole = fold(asked)
    match = opening(language).match(whole.text)
    return asked[whole.span(0, match.end())[1] :] if match else asked


def _with_earlier(asked: Question, history: Sequence[Turn]) -> str:
    """The question behind those that it continues, back to the last one with a subject of its own."""
    parts = [_without_opening(asked.text, asked.language)]
    for turn in reversed(history):
        earlier = one_line(turn.question[:_UNCLEANED])[:LONGEST]
        language = detect(earlier)
        says_little = _says_little(_reading(earlier, earlier, language))
        parts.insert(0, _without_opening(earlier, language) if says_little else earlier)
        if not says_little:
            break
    return one_line(" ".join(parts))[-LONGEST:]


def _trust(rewritten: Question, asked: Question, history: Sequence[Turn]) -> float:
    """How far a model's wording is trusted: it keeps the question's words and adds those of the conversation.

    Returns:
        At most 2; 0 for a wording that asks something else, or of something that nobody has mentioned.
    """
    kept, words = _roots(asked.standalone), _roots(rewritten.standalone)
    if len(kept & words) < len(kept) / 2:
        return 0.0
    said = [part[:_UNCLEANED] for turn in history for part in (turn.question, turn.answer, *_cited(turn))]
    new = words - kept - _roots(" ".join(said))
    if all(detect(turn.question[:_UNCLEANED]) != rewritten.language for turn in history):
        return 1.0  # what was said in another language cannot be compared
    return _TRUST * max(0.0, 1 - _NEW * len(new) / max(1, len(words)))


def _roots(text: str) -> set[str]:
    return {root(term) for term in asked_terms(text, detect(text))}


def _cited(turn: Turn) -> list[str]:
    return [f"{quote.article.title} {quote.text}" for quote in turn.quotes]
