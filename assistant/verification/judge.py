"""A second language model, or the first one asked again: do these sentences support this statement?

It sees the statement and the sentences, nothing else. Its word counts only if it is "supported"; a judge that fails, is
late, answers anything else, or calls one of the known false statements in `prompts/controls.toml` supported, proves
nothing.
"""

import logging
import re
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from functools import partial

from assistant.answer import Quote
from assistant.llm.client import Meter, Model, open_model
from assistant.llm.context import fenced, tongue
from assistant.settings import Settings
from assistant.verification import Checked, Fault, check
from ingest.errors import ModelError
from ingest.language import detect, one_line
from prompts import Prompt, controls

log = logging.getLogger(__name__)

SUPPORTED = "supported"
"""The one word by which a judge proves a statement."""

NONE = "none"
"""The setting that leaves statements without a judge."""

_AT_ONCE = 8  # requests of one judge
_LONGEST = 20_000  # characters of an answer, thoughts included
_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A question to a judge that is under way.

    Attributes:
        cited: the sentences that it is about.
        until: by `time.monotonic`: later it counts no more.
        meter: what it takes.
    """

    cited: tuple[Quote, ...]
    until: float
    meter: Meter
    future: Future[Checked]

    @property
    def checked(self) -> Checked:
        """What came of it; a fault where it is late or failed."""
        if not self.future.done():
            return Checked("", self.cited, Fault("judge", "the judge did not answer in time"))
        if error := self.future.exception():
            log.error("a statement could not be judged: %s", error)
            return Checked("", self.cited, Fault("judge", "the judge failed"))
        return self.future.result()


class Judge:
    """Asks a model whether sentences support a statement. Any thread may ask.

    Args:
        model: the judge.
        prompt: `prompts/judge.md`.
    """

    def __init__(self, model: Model, prompt: Prompt) -> None:
        self.name = model.name
        self._model, self._prompt = model, prompt
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        self._fit: dict[str, bool] = {}
        self._examining = threading.Lock()

    def ask(self, statement: str, quotes: Sequence[Quote]) -> Verdict:
        """Begin to check a statement (see `assistant.verification.check`) in a thread of its own."""
        cited, meter = tuple(quotes), Meter()
        verdict = Verdict(cited, time.monotonic() + self._model.timeout, meter, Future())

        def work() -> None:
            try:
                verdict.future.set_result(check(statement, cited, judge=partial(self.supports, meter=meter)))
            except BaseException as error:  # told to the thread that waits
                verdict.future.set_exception(error)

        threading.Thread(target=work, name="khabar-judge", daemon=True).start()
        return verdict

    def supports(self, statement: str, sentences: Sequence[str], meter: Meter | None = None) -> bool:
        """Whether it finds a statement supported by these sentences, and is to be believed."""
        spoken = detect(statement)
        if self._fit.get(_tried_in(spoken)) is False:
            return False
        try:
            return self.answers(statement, sentences, meter or Meter()) == SUPPORTED and self.is_fit(spoken)
        except ModelError as error:
            log.warning("the judge does not answer: %s", error)
            return False

    def answers(self, statement: str, sentences: Sequence[str], meter: Meter) -> str:
        """Its answer, without thoughts and marks, in small letters.

        Raises:
            ModelError: it failed.
        """
        messages = self._prompt.filled(
            language=tongue(detect(statement)),
            statement=fenced(one_line(statement)),
            sentences="\n".join(f"- {fenced(one_line(sentence))}" for sentence in sentences),
        )
        written, length = [], 0
        with self._room:
            for piece in self._model.stream(messages, meter):
                written.append(piece)
                length += len(piece)
                if length > _LONGEST:
                    break
        said = _THOUGHT.sub("", "".join(written)[:_LONGEST])
        return said.strip(" \t\r\n.*_`\"'").casefold()

    def is_fit(self, spoken: str) -> bool:
        """Whether it tells the known true statements from the false ones, in Arabic or English; asked once for each.

        Raises:
            ModelError: it failed.
        """
        code = _tried_in(spoken)
        with self._examining:
            if code not in self._fit:
                wrong = [
                    control.statement
                    for control in controls(code)
                    if (self.answers(control.statement, control.sentences, Meter()) == SUPPORTED) != control.supported
                ]
                self._fit[code] = not wrong
                if wrong:
                    log.warning("%s is not believed as a judge: it is wrong about %r", self.name, wrong[0])
            return self._fit[code]


def _tried_in(spoken: str) -> str:
    """The language of the known statements for one that is written in this language."""
    return "ar" if spoken == "ar" else "en"


def next_decided(verdicts: Sequence[Verdict], waiting: bool) -> int | None:
    """The place of a verdict that is there, or is too late; None if there is none yet.

    Args:
        verdicts: one or more.
        waiting: wait for the first of them, until its time is over.
    """
    while True:
        now = time.monotonic()
        for place, one in enumerate(verdicts):
            if one.future.done() or one.until <= now:
                return place
        if not waiting:
            return None
        wait([one.future for one in verdicts], min(one.until for one in verdicts) - now, FIRST_COMPLETED)


def open_judge(settings: Settings, writer: Model | None, prompt: Prompt) -> Judge | None:
    """The judge that the settings name: the writer where they name none; None where there is none.

    Raises:
        SettingsError: no model has that name.
    """
    if settings.judge == NONE or writer is None:
        return None
    if not settings.judge:
        return Judge(writer, prompt)
    url = settings.judge_url or settings.writer_url
    named = settings.model_copy(update={"writer": settings.judge, "writer_url": url, "writer_context": 0})
    model = open_model(named)
    return Judge(model, prompt) if model else None
