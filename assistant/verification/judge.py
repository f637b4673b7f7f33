"""The judge: does nothing but these sentences support this statement?

The judge that comes with the program asks a language model, the writer again or a second one. The model sees the
statement and the sentences, nothing else. Only the answer "supported" counts: a model that fails, is late, or answers
anything else proves nothing, nor does one that finds a false statement of `prompts/controls.toml` supported.
"""

import logging
import re
import threading
from collections.abc import Sequence
from typing import Protocol

from assistant.llm.client import Model, open_model
from assistant.llm.context import language_name, neutralised
from assistant.llm.usage import UsageMeter
from assistant.settings import Settings
from ingest.errors import ModelError
from ingest.language import detect, one_line
from prompts import Prompt, controls

log = logging.getLogger(__name__)

SUPPORTED = "supported"
"""The one answer by which a model's judgement proves a statement."""

NONE = "none"
"""The setting for no judge."""

_MAX_REQUESTS = 8  # of one judge at the same time
_LONGEST = 20_000  # characters of an answer, reasoning included
_REASONING = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)


class Judge(Protocol):
    """Decides whether sentences support a statement. Any thread may ask.

    Attributes:
        name: for the answer's `judge`.
        timeout: seconds that a verdict may take.
    """

    name: str
    timeout: float

    def supports(self, statement: str, sentences: Sequence[str], usage: UsageMeter) -> bool:
        """Whether these sentences, and nothing else, support a statement; False where that is not certain.

        Args:
            statement: plain text.
            sentences: the sentences that it cites.
            usage: counts what the judge's requests take.
        """


class ModelJudge:
    """Asks a language model.

    Args:
        model: the judge.
        prompt: `prompts/judge.md`.
    """

    def __init__(self, model: Model, prompt: Prompt) -> None:
        self.name, self.timeout = model.name, model.timeout
        self._model, self._prompt = model, prompt
        self._free_requests = threading.BoundedSemaphore(_MAX_REQUESTS)
        self._passed_controls: dict[str, bool] = {}
        self._controlling = threading.Lock()

    def supports(self, statement: str, sentences: Sequence[str], usage: UsageMeter) -> bool:
        """Whether the model finds a statement supported by these sentences, and is right about the controls."""
        language = _control_language(statement)
        if self._passed_controls.get(language) is False:
            return False
        try:
            return self.answer(statement, sentences, usage) == SUPPORTED and self._passes_controls(language)
        except ModelError as error:
            log.warning("the judge does not answer: %s", error)
            return False

    def answer(self, statement: str, sentences: Sequence[str], usage: UsageMeter) -> str:
        """The model's answer, casefolded, without its reasoning and the punctuation around it.

        Raises:
            ModelError: the model failed.
        """
        messages = self._prompt.filled(
            language=language_name(detect(statement)),
            statement=neutralised(one_line(statement)),
            sentences="\n".join(f"- {neutralised(one_line(sentence))}" for sentence in sentences),
        )
        pieces, length = [], 0
        with self._free_requests:
            for piece in self._model.stream(messages, usage):
                pieces.append(piece)
                length += len(piece)
                if length > _LONGEST:
                    break
        answer = _REASONING.sub("", "".join(pieces)[:_LONGEST])
        return answer.strip(" \t\r\n.*_`\"'").casefold()

    def _passes_controls(self, language: str) -> bool:
        """Whether the model is right about every control statement of a language; it is asked about them once.

        Raises:
            ModelError: the model failed.
        """
        with self._controlling:
            if language not in self._passed_controls:
                wrong = [
                    control.statement
                    for control in controls(language)
                    if control.supported
                    != (self.answer(control.statement, control.sentences, UsageMeter()) == SUPPORTED)
                ]
                self._passed_controls[language] = not wrong
                if wrong:
                    log.warning("the judge %s is not used: it is wrong about %r", self.name, wrong[0])
            return self._passed_controls[language]


def _control_language(statement: str) -> str:
    """The language of the control statements that tell most about how a model judges this one."""
    return "ar" if detect(statement) == "ar" else "en"


def open_judge(settings: Settings, writer: Model | None, prompt: Prompt) -> Judge | None:
    """Open the judge that the settings name: the writer's model where they name none; None where there is none.

    Raises:
        SettingsError: no model has that name.
    """
    if settings.judge == NONE or writer is None:
        return None
    if not settings.judge:
        return ModelJudge(writer, prompt)
    url = settings.judge_url or settings.writer_url
    model = open_model(settings.model_copy(update={"writer": settings.judge, "writer_url": url, "writer_context": 0}))
    return ModelJudge(model, prompt) if model else None
