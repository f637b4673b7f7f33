"""A follow-up question that a language model makes stand alone."""

from collections.abc import Sequence

from assistant.answer import Turn
from assistant.llm.client import Meter, Model
from assistant.llm.context import fenced, told, tongue
from ingest.language import detect, folded, one_line
from prompts import Prompt

_QUESTION = 300  # characters of a question that a model made


def standalone(asked: str, history: Sequence[Turn], model: Model, prompt: Prompt, meter: Meter) -> str:
    """The question with what it leans on put into words; "" if the model makes no question of that language.

    Raises:
        ModelError: the model failed.
    """
    spoken = detect(asked)
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
    sensible = asks and len(line) <= _QUESTION and detect(line) == spoken and folded(line) != folded(asked)
    return line if sensible else ""
