"""Let a language model put a follow-up question into words of its own, so that it stands alone."""

from collections.abc import Sequence

from assistant.answer import Turn
from assistant.llm.client import Model
from assistant.llm.context import conversation_text, language_name, neutralised
from assistant.llm.usage import UsageMeter
from ingest.language import detect, folded, one_line
from prompts import Prompt

_LONGEST = 300  # characters of a question that a model writes


def standalone(asked: str, history: Sequence[Turn], model: Model, prompt: Prompt, usage: UsageMeter) -> str:
    """Rewrite a follow-up question so that it can be understood without the turns before it.

    Returns:
        "" if what the model writes is no other question in the same language.

    Raises:
        ModelError: the model failed.
    """
    language = detect(asked)
    messages = prompt.filled(
        language=language_name(language),
        history=conversation_text(history, model.window),
        question=neutralised(asked),
    )
    written = ""
    for piece in model.stream(messages, usage):
        written += piece[: 4 * _LONGEST + 1]
        if len(written) > 4 * _LONGEST or "\n" in written.strip():
            break
    line = one_line(written.strip().partition("\n")[0]).strip("\"'“”«» ")
    is_question = line.endswith(("?", "؟"))  # else the model has answered
    is_new = len(line) <= _LONGEST and detect(line) == language and folded(line) != folded(asked)
    return line if is_question and is_new else ""
