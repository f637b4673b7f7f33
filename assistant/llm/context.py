"""What a language model is shown of a conversation and of texts, and an estimate of its tokens."""

from collections.abc import Sequence

from assistant.answer import LONGEST, Turn
from assistant.messages import phrase
from ingest.language import clean, detect, one_line

_ASCII_PER_TOKEN = 3.5  # characters: English has 4 to 5 in current models, digits and punctuation fewer
_OTHER_PER_TOKEN = 1.5  # characters: Arabic has 1.3 to 3
_HISTORY_SHARE = 0.15  # of a model's context window
_LONGEST_ANSWER = 400  # characters of one earlier answer

_PROMPT_MARKUP = str.maketrans({"[": "(", "]": ")", "<": "‹", ">": "›", "【": "(", "】": ")"})


def token_estimate(text: str) -> int:
    """Estimate, rather too high, the tokens of a text for a model whose tokenizer is not known."""
    ascii_characters = sum(character.isascii() for character in text)
    return round(ascii_characters / _ASCII_PER_TOKEN + (len(text) - ascii_characters) / _OTHER_PER_TOKEN)


def conversation_text(history: Sequence[Turn], window: int) -> str:
    """Earlier turns as text, the oldest first; the oldest are left out where they exceed their share of the window.

    Args:
        history: the oldest first.
        window: tokens that the model reads and writes.
    """
    budget = _HISTORY_SHARE * window
    kept: list[str] = []
    for turn in reversed(history):
        question, answer = turn.question[:LONGEST], turn.answer[: 10 * _LONGEST_ANSWER]
        language = detect(question)
        lines = [f"{phrase('asked', language)}: {neutralised(one_line(question))}"]
        if answer:
            lines.append(f"{phrase('answered', language)}: {neutralised(one_line(answer))[:_LONGEST_ANSWER]}")
        budget -= token_estimate("\n".join(lines))
        if budget < 0:
            break
        kept[:0] = lines
    return "\n".join(kept)


def neutralised(text: str) -> str:
    """Text that a model is shown as data: the brackets that mark up a prompt are replaced."""
    return clean(text).translate(_PROMPT_MARKUP)


def language_name(code: str) -> str:
    """The English name of a language, for a prompt."""
    from babel import Locale

    return Locale("en").languages.get(code) or "the language of the question"
