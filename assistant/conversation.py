"""What a model is told of a conversation, and the question that it makes stand alone."""

import math
from collections.abc import Sequence

from assistant.answer import Turn
from assistant.model import Meter, Model
from assistant.question import LONGEST, Question
from assistant.search import Candidate, Shared
from ingest.text import clean, folded, language, one_line
from prompts import Prompt, phrase

_ASCII = 3.5  # characters of a token: English has 4 to 5 in today's models, numbers and marks fewer
_OTHER = 1.5  # Arabic has 1.3 to 3
_SHARE = 0.15  # of a model's context for the turns before
_LONGEST = 400  # characters of one earlier answer
_QUESTION = 300  # characters of a question that a model made


def tokens(text: str) -> int:
    """About how many tokens a text is to a model whose tokenizer is not known; rather too many."""
    plain = sum(character.isascii() for character in text)
    return round(plain / _ASCII + (len(text) - plain) / _OTHER)


def told(history: Sequence[Turn], window: int) -> str:
    """The turns before as text, the oldest first; where they are too many tokens the newest are kept."""
    left = _SHARE * window
    kept: list[str] = []
    for turn in reversed(history):
        asked, answered = turn.question[:LONGEST], turn.answer[: 10 * _LONGEST]
        spoken = language(asked)
        lines = [f"{phrase('asked', spoken)}: {fenced(one_line(asked))}"]
        if answered:
            lines.append(f"{phrase('answered', spoken)}: {fenced(one_line(answered))[:_LONGEST]}")
        left -= tokens("\n".join(lines))
        if left < 0:
            break
        kept[:0] = lines
    return "\n".join(kept)


def fenced(text: str) -> str:
    """Text that a model is shown as data: without the marks that a prompt itself is made of."""
    return clean(text).translate(_FENCE)


_FENCE = str.maketrans({"[": "(", "]": ")", "<": "‹", ">": "›", "【": "(", "】": ")"})


def standalone(asked: str, history: Sequence[Turn], model: Model, prompt: Prompt, meter: Meter) -> str:
    """The question with what it leans on put into words; "" if the model makes no question of that language.

    Raises:
        ModelError: the model failed.
    """
    spoken = language(asked)
    messages = prompt.filled(
        language=tongue(spoken),
        history=told(history, model.window),
        question=fenced(asked),
    )
    written = ""
    for piece in model.stream(messages, meter):
        written += piece[: 4 * _QUESTION + 1]
        if len(written) > 4 * _QUESTION or "\n" in written.strip():
            break
    line = one_line(written.strip().partition("\n")[0]).strip("\"'“”«» ")
    asks = line.endswith(("?", "؟"))  # an answer does not
    sensible = asks and len(line) <= _QUESTION and language(line) == spoken and folded(line) != folded(asked)
    return line if sensible else ""


def meant(found: Sequence[tuple[Question, Sequence[Candidate]]]) -> int:
    """Which of a question's readings is meant: the place of the one that comes nearest to what is best for all of them.

    A change of subject finds its own article for itself, far from the rest, and hardly behind the questions before; a
    question that leans on them is the other way round. So an article's scores are added, each reading's by its weight.

    Args:
        found: one reading or more, the likeliest first, each with what it finds, best first.
    """
    short = [(one[0].weight, {} if _strays(*one) else _short(one[1])) for one in found]
    articles = dict.fromkeys(article for _, one in short for article in one)
    if not articles:
        return 0

    def falls_short(article: str) -> float:
        return sum(weight * one.get(article, max(one.values(), default=0.0)) for weight, one in short)

    best = min(articles, key=falls_short)
    return min(range(len(short)), key=lambda place: short[place][1].get(best, math.inf))


def _strays(question: Question, candidates: Sequence[Candidate]) -> bool:
    """Whether a question that needs what was said before found for itself only what is in another language.

    Some article is always nearest to "What did they say about it?"; no word that both have tells that it is meant.
    """
    return (
        question.bare
        and bool(candidates)
        and candidates[0].stored.article.language != question.language
        and not (candidates[0].shared or Shared()).present
    )


def _short(candidates: Sequence[Candidate]) -> dict[str, float]:
    """How far each article's best passage falls short of the best one, in points of score."""
    short: dict[str, float] = {}
    for one in candidates:
        short.setdefault(one.stored.article.id, candidates[0].score - one.score)
    return short


def tongue(code: str) -> str:
    """A language's name, as a model is told it."""
    return _LANGUAGES.get(code, "the language of the question")


_LANGUAGES = {"ar": "Arabic", "en": "English", "fr": "French", "de": "German", "es": "Spanish", "fa": "Persian",
             "ur": "Urdu", "tr": "Turkish", "ru": "Russian", "it": "Italian", "pt": "Portuguese"}  # fmt: skip
