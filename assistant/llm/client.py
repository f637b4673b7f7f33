"""The language model that the settings name: any llama-index `LLM`, with one way to ask it and named errors.

No message holds a key, no prompt is hidden, and llama-index's global settings are left alone.
"""

import os
import time
from collections.abc import Iterator, Sequence
from queue import Empty
from typing import TYPE_CHECKING

from assistant.answer import EXTRACT
from assistant.llm.errors import LanguageModelError, failure, retry_delay
from assistant.llm.stream import StreamPart, WatchedStream, on_response, stream_part
from assistant.llm.usage import UsageMeter
from assistant.settings import Settings
from ingest.errors import ModelError, SettingsError

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

Message = tuple[str, str]
"""A role ("system", "user" or "assistant") and its text."""

DEFAULT = "openai:gpt-5-mini"
"""The writer where an API key is all that is set."""

_DEFAULT_WINDOW = 4_096  # tokens, where nothing is known: the default of local servers
_MAX_ANSWER = 700  # tokens: a dozen statements
_MAX_REASONED_ANSWER = 4_096  # tokens of an answer where reasoning counts as output
_RETRIES = 2  # after a rate limit or a server's error that comes before any text
_TIMEOUTS_PER_ANSWER = 4  # all requests for one answer together take at most this many time-outs
_MAX_CHARACTERS = 400_000  # of one response, reasoning included: about 100,000 tokens


class Model:
    """A llama-index `LLM` with a name and a known context window. Any thread may ask it.

    Args:
        llm: the model.
        name: for the answer's `writer` and for messages.
        window: tokens that it reads and writes; from its own metadata if 0.
        timeout: seconds without text; all requests for one answer together take at most four times that.
    """

    def __init__(self, llm: "LLM", name: str, window: int = 0, timeout: float = 30.0) -> None:
        self._llm = llm
        self.name = name
        self.window = window or llm.metadata.context_window
        self.timeout = timeout

    def stream(self, messages: Sequence[Message], usage: UsageMeter) -> Iterator[str]:
        """Ask, and yield the text as it is written. What fails before the first piece may be tried again.

        Raises:
            LanguageModelError: the model failed, refused, or took too long.
        """
        for attempt in range(_RETRIES + 1):
            has_text = False
            try:
                for piece in self._request(messages, usage):
                    has_text = True
                    yield piece
                return
            except ModelError:
                raise
            except Exception as error:  # every provider raises its own
                pause = retry_delay(error, attempt)
                if has_text or attempt == _RETRIES or pause is None or pause > self._time_left(usage):
                    raise failure(error, self.name, self.timeout) from None  # the cause's own text may hold the key
                time.sleep(pause)

    def _request(self, messages: Sequence[Message], usage: UsageMeter) -> Iterator[str]:
        """One attempt."""
        from llama_index.core.llms import ChatMessage  # takes 2 s

        usage.request_started(sum(len(text) for _, text in messages))
        chat = [ChatMessage(role=role, content=text) for role, text in messages]
        stream = WatchedStream(lambda: map(stream_part, self._llm.stream_chat(chat)))
        parts = characters = prompt_tokens = completion_tokens = 0
        finish: str | None = None
        try:
            while (part := self._next_part(stream, usage)) is not None:
                parts += 1
                prompt_tokens = part.prompt_tokens or prompt_tokens
                completion_tokens = part.completion_tokens or completion_tokens
                finish = finish if part.finish is None else part.finish or finish or ""
                characters += len(part.text)
                if characters > _MAX_CHARACTERS:
                    raise LanguageModelError("model_endless", model=self.name)
                if part.text:
                    yield part.text
        finally:
            stream.abandon()
            usage.request_ended(prompt_tokens, completion_tokens)
        if finish == "content_filter":
            raise LanguageModelError("model_refused", model=self.name)
        if not parts and hasattr(self._llm, "api_base"):
            raise LanguageModelError("model_nonsense", model=self.name)
        if finish == "":
            raise LanguageModelError("model_broke_off", model=self.name)

    def _next_part(self, stream: WatchedStream, usage: UsageMeter) -> StreamPart | None:
        """The next part; None at the end. When the time is over nothing more is taken, even if it is there."""
        left = self._time_left(usage)
        try:
            return stream.next(left)
        except Empty:
            is_silent = left == self.timeout
            seconds = self.timeout if is_silent else _TIMEOUTS_PER_ANSWER * self.timeout
            key = "model_silent" if is_silent else "model_slow"
            raise LanguageModelError(key, model=self.name, seconds=f"{seconds:g}") from None

    def _time_left(self, usage: UsageMeter) -> float:
        """Seconds that the next part may take."""
        return max(0.0, min(self.timeout, _TIMEOUTS_PER_ANSWER * self.timeout - usage.elapsed))


def open_model(settings: Settings) -> Model | None:
    """Open the language model that the settings name; None where the writer is the extractive one.

    Raises:
        SettingsError: no writer has that name, or an address is set without a model.
    """
    name = settings.writer or (DEFAULT if os.environ.get("OPENAI_API_KEY") and not settings.writer_url else "")
    if not name and settings.writer_url:
        raise SettingsError("KHABAR_WRITER_URL needs the name of a model there; set KHABAR_WRITER=openai:MODEL")
    if not name or name == EXTRACT:
        return None
    provider, _, model = name.partition(":")
    if provider != "openai" or not model:
        raise SettingsError(f"there is no writer {name!r}; set KHABAR_WRITER to extract or openai:MODEL")
    key = os.environ.get("OPENAI_API_KEY", "")
    if not key and not settings.writer_url:
        return Model(_keyless(), name, _DEFAULT_WINDOW)
    return _openai(name, model, key, settings)


def _openai(name: str, model: str, key: str, settings: Settings) -> Model:
    import openai
    from llama_index.llms.openai.utils import O1_MODELS, openai_modelname_to_contextsize  # takes 2 s
    from llama_index.llms.openai_like import OpenAILike

    window = settings.writer_context
    if not window:
        try:
            window = openai_modelname_to_contextsize(model)
        except ValueError:
            window = _DEFAULT_WINDOW
    reasons = model in O1_MODELS
    llm = OpenAILike(
        model=model,
        api_base=settings.writer_url or "https://api.openai.com/v1",
        api_key=key or "none",
        is_chat_model=True,
        context_window=window,
        temperature=0.0,
        max_tokens=_MAX_REASONED_ANSWER if reasons else min(_MAX_ANSWER, window // 4),
        reasoning_effort="low" if reasons else None,
        http_client=openai.DefaultHttpxClient(
            follow_redirects=False,  # only the server that the settings name is sent the question and the passages
            headers={"Accept-Encoding": "identity"},
            event_hooks={"response": [on_response]},
        ),
        max_retries=0,  # `Model` retries: llama-index does not where it streams, and the client waits too long
        timeout=settings.writer_timeout,
        additional_kwargs={"stream_options": {"include_usage": True}},
    )
    return Model(llm, name, window, settings.writer_timeout)


def _keyless() -> "LLM":
    """A model that fails at the first question, so that a missing key costs no answer but is reported with it."""
    from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata

    class Keyless(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata()

        def complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> CompletionResponse:
            raise LanguageModelError("model_no_key")

        def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> CompletionResponseGen:
            raise LanguageModelError("model_no_key")

    return Keyless()
