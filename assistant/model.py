"""The language model that the settings name: any llama-index `LLM`, asked in one way, its failures named.

There is no key in any message, no hidden prompt, and llama-index's global settings are left alone.
"""

import os
import re
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assistant.answer import EXTRACT, Usage
from assistant.settings import Settings
from ingest.errors import ModelError, SettingsError

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

Message = tuple[str, str]
"""A role ("system", "user" or "assistant") and its words."""

DEFAULT = "openai:gpt-5-mini"
"""The writer where a key is all that is set."""

_WINDOW = 4_096  # tokens, where nothing is known: what local servers give a model unless they are told otherwise
_WRITTEN = 700  # tokens at most of an answer: a dozen statements
_THOUGHT = 4_096  # tokens at most where thinking counts as writing
_TRIES = 2  # again, after a rate limit or a server's error, each after a longer pause
_TIMEOUT = 30.0  # seconds without a word
_LONGEST = 120.0  # seconds for one request as a whole
_KEY = re.compile(r"\b(?:sk|pk|key)-[\w*-]{4,}")


class Meter:
    """Counts what the requests for one answer take."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._requests = self._sent = self._prompt = self._completion = 0
        self._seconds = 0.0

    def asked(self, messages: Sequence[Message]) -> None:
        """A request is made."""
        self._requests += 1
        self._sent += sum(len(words) for _, words in messages)

    def told(self, prompt: int, completion: int) -> None:
        """A request is over; tokens as the model counts them."""
        self._prompt += prompt
        self._completion += completion
        self._seconds = time.perf_counter() - self._began

    @property
    def usage(self) -> Usage | None:
        """What was counted; None if nothing was asked."""
        if not self._requests:
            return None
        return Usage(self._requests, self._sent, self._prompt, self._completion, self._seconds)


class Model:
    """A llama-index `LLM` with a name and a known context.

    Args:
        llm: the model.
        name: for the answer's `writer` and for messages.
        window: tokens that it reads and writes; its own metadata's if not given.
    """

    def __init__(self, llm: "LLM", name: str, window: int = 0) -> None:
        self._llm = llm
        self.name = name
        self.window = window or llm.metadata.context_window

    def stream(self, messages: Sequence[Message], meter: Meter) -> Iterator[str]:
        """Ask; the words come as they are written.

        Raises:
            ModelError: it failed, refused, or took too long.
        """
        from llama_index.core.llms import ChatMessage  # 2 s

        meter.asked(messages)
        began, prompt, completion, reason = time.perf_counter(), 0, 0, ""
        parts = None
        try:
            parts = self._llm.stream_chat([ChatMessage(role=role, content=words) for role, words in messages])
            for part in parts:
                prompt = int(part.additional_kwargs.get("prompt_tokens", prompt))
                completion = int(part.additional_kwargs.get("completion_tokens", completion))
                reason = _finish(part.raw) or reason
                if part.delta:
                    yield part.delta
                if time.perf_counter() - began > _LONGEST:
                    raise ModelError(f"the model {self.name!r} wrote for more than {_LONGEST:.0f} s and was stopped")
        except ModelError:
            raise
        except Exception as error:  # every provider raises its own
            raise self._failed(error) from error
        finally:
            close = getattr(parts, "close", None)
            if close:
                close()
            meter.told(prompt, completion)
        if reason == "content_filter":
            raise ModelError(f"the model {self.name!r} refused to answer; ask in other words, or set another writer")

    def _failed(self, error: Exception) -> ModelError:
        return ModelError(f"the model {self.name!r} {_cause(error)}")


def _finish(raw: object) -> str:
    """Why the model stopped, as OpenAI's servers say it."""
    choices = getattr(raw, "choices", None) or ()
    return str(getattr(choices[0], "finish_reason", "") or "") if choices else ""


def _cause(error: Exception) -> str:
    """What is wrong, and what to do about it."""
    import httpx
    import openai

    said = _scrubbed(getattr(error, "message", "") or str(error) or type(error).__name__)
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return f"refused the key; check OPENAI_API_KEY ({said})"
    if isinstance(error, openai.NotFoundError):
        return f"is not known at that address; check KHABAR_WRITER and KHABAR_WRITER_URL ({said})"
    if isinstance(error, openai.RateLimitError):
        return f"has too much to do or its quota is used up; wait, or check the account ({said})"
    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
        return f"said nothing for {_TIMEOUT:.0f} s; ask again, or set another writer"
    if isinstance(error, openai.APIConnectionError) and not isinstance(error.__cause__, httpx.RemoteProtocolError):
        return f"cannot be reached; check KHABAR_WRITER_URL and the network ({said})"
    if isinstance(error, openai.APIConnectionError | httpx.TransportError):
        return f"broke off in the middle; ask again ({said})"
    if "context" in said and isinstance(error, openai.APIError):
        return f"cannot read so much at once; set KHABAR_WRITER_CONTEXT to the tokens that it reads ({said})"
    return f"failed: {said}"


def _scrubbed(said: str) -> str:
    """A message of a server on one line, without a key in it, not endless."""
    key = os.environ.get("OPENAI_API_KEY", "")
    said = said.replace(key, "...") if key else said
    return " ".join(_KEY.sub("...", said).split())[:300]


def open_model(settings: Settings) -> Model | None:
    """The model that the settings name; None for the writer without one.

    Raises:
        SettingsError: no writer has that name, or an address has no model.
    """
    name = settings.writer or (DEFAULT if os.environ.get("OPENAI_API_KEY") and not settings.writer_url else "")
    if not name and settings.writer_url:
        raise SettingsError("KHABAR_WRITER_URL needs the name of a model there; set KHABAR_WRITER=openai:MODEL")
    if not name or name == EXTRACT:
        return None
    provider, _, model = name.partition(":")
    if provider != "openai" or not model:
        raise SettingsError(f"there is no writer {name!r}; set KHABAR_WRITER to extract or openai:MODEL")
    return _openai(name, model, settings)


def _openai(name: str, model: str, settings: Settings) -> Model:
    key = os.environ.get("OPENAI_API_KEY", "")
    if not key and not settings.writer_url:
        return Model(_keyless(), name, _WINDOW)
    from llama_index.llms.openai.utils import O1_MODELS, openai_modelname_to_contextsize  # 2 s
    from llama_index.llms.openai_like import OpenAILike

    window = settings.writer_context
    if not window:
        try:
            window = openai_modelname_to_contextsize(model)
        except ValueError:
            window = _WINDOW
    thinks = model in O1_MODELS
    llm = OpenAILike(
        model=model,
        api_base=settings.writer_url or "https://api.openai.com/v1",
        api_key=key or "none",
        is_chat_model=True,
        context_window=window,
        temperature=0.0,
        max_tokens=_THOUGHT if thinks else min(_WRITTEN, window // 4),
        reasoning_effort="low" if thinks else None,
        max_retries=_TRIES,
        timeout=_TIMEOUT,
        additional_kwargs={"stream_options": {"include_usage": True}},
    )
    return Model(llm, name, window)


def _keyless() -> "LLM":
    """Says at the first question, not at the start, that the key is missing: the reader is answered without it."""
    from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata

    class Keyless(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata()

        def complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> CompletionResponse:
            raise ModelError(
                "there is no key for the model; set OPENAI_API_KEY, or KHABAR_WRITER=extract to do without"
            )

        def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> CompletionResponseGen:
            raise ModelError(
                "there is no key for the model; set OPENAI_API_KEY, or KHABAR_WRITER=extract to do without"
            )

    return Keyless()
