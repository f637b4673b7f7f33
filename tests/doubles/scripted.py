"""A language model that does what it is told: a double of one that could write anything."""

import re
import threading
from collections.abc import Iterable, Iterator

from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata
from pydantic import ConfigDict, Field

from ingest.errors import ModelError


def offered(prompt: str) -> list[tuple[str, str]]:
    """The sentences that a prompt offers, each with its id; those of its examples are not among them."""
    asked = [part for part in prompt.split("\nuser: ") if "</article>" in part]
    return re.findall(r"^\[(\d+\.\d+)\] (.*)$", asked[-1], re.M)


class Scripted(CustomLLM):
    """Writes its answers in their order, letter by letter; at "\\0" it fails, at "\\1" it waits until it is let go on.

    Who wants it to write by what it was asked says so in a `write` of their own.

    Attributes:
        answers: what it has still to write.
        asked: the prompts so far.
        gate: lets it go on.
        window: what it reads at most, in tokens.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    answers: list[str] = Field(default_factory=list)
    asked: list[str] = Field(default_factory=list)
    gate: threading.Event = Field(default_factory=threading.Event)
    window: int = 8_192

    def write(self, prompt: str) -> Iterable[str]:
        """The pieces of the answer."""
        return self._letters(self.answers.pop(0))

    def _letters(self, answer: str) -> Iterator[str]:
        for letter in answer:
            if letter == "\0":
                raise ModelError("the connection to <b>the model</b> was lost")
            if letter == "\1":
                self.gate.wait(30)
                continue
            yield letter

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(context_window=self.window)

    def complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> CompletionResponse:
        raise NotImplementedError

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> CompletionResponseGen:
        self.asked.append(prompt)
        return (CompletionResponse(text="", delta=piece) for piece in self.write(prompt))
