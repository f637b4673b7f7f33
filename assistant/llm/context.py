"""What a language model is shown of a conversation and of texts, and about how many tokens that is."""

from collections.abc import Sequence

from assistant.answer import LONGEST, Turn
from assistant.messages import phrase
from ingest.language import clean, detect, one_line

_ASCII = 3.5  # characters of a token: English has 4 to 5 in today's models, numbers and marks fewer
_OTHER = 1.5  # Arabic has 1.3 to 3
_SHARE = 0.15  # of a model's context for the turns before
_LONGEST = 400  # characters of one earlier answer


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
        spoken = detect(asked)
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


def tongue(code: str) -> str:
    """A language's name, as a model is told it."""
    return _LANGUAGES.get(code, "the language of the question")


_LANGUAGES = {"ar": "Arabic", "en": "English", "fr": "French", "de": "German", "es": "Spanish", "fa": "Persian",
             "ur": "Urdu", "tr": "Turkish", "ru": "Russian", "it": "Italian", "pt": "Portuguese"}  # fmt: skip
