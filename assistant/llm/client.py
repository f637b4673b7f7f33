"""The language model that the settings name: any llama-index `LLM`, asked in one way, its failures named.

There is no key in any message, no hidden prompt, and llama-index's global settings are left alone. Whatever a server
does, an answer waits for it only so long.
"""

import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

from assistant.answer import EXTRACT, Usage
from assistant.messages import phrase
from assistant.settings import Settings
from ingest.errors import ModelError, SettingsError

if TYPE_CHECKING:
    import httpx
    from llama_index.core.llms import LLM

Message = tuple[str, str]
"""A role ("system", "user" or "assistant") and its words."""

DEFAULT = "openai:gpt-5-mini"
"""The writer where a key is all that is set."""

_WINDOW = 4_096  # tokens, where nothing is known: what local servers give a model unless they are told otherwise
_WRITTEN = 700  # tokens at most of an answer: a dozen statements
_THOUGHT = 4_096  # tokens at most where thinking counts as writing
_TRIES = 2  # again, after a rate limit or a server's error that comes before any word
_PAUSE = 0.5  # seconds before the first of them, twice that before the next; what the server says comes first
_WHOLE = 4  # times the time-out for all requests of one answer
_SAID = 400_000  # characters at most of what a request brings, thoughts among them: about 100,000 tokens
_BYTES = 16_000_000  # of a response at most: a token takes about 300 as servers send it, whether or not it is shown
_AHEAD = 64  # parts at most that have come and are not read yet
_KEY = re.compile(r"\b(?:sk|pk|key)-[\w*-]{4,}")


class WriterError(ModelError):
    """The language model failed or refused.

    Args:
        name: of the phrase that says what is wrong and what to do.
        names: what its {names} stand for.
    """

    def __init__(self, name: str, **names: str) -> None:
        super().__init__(phrase(name, "en", **names))
        self._name, self._names = name, names

    def reason(self, language: str) -> str:
        """The same in the reader's language."""
        return phrase(self._name, language, **self._names)


class Meter:
    """Counts what the requests for one answer take."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._requests = self._sent = self._prompt = self._completion = 0
        self._seconds = 0.0

    def asked(self, messages: Sequence[Message]) -> None:
        """A request is made."""
        self._began = self._began or time.perf_counter()
        self._requests += 1
        self._sent += sum(len(words) for _, words in messages)

    def told(self, prompt: int, completion: int) -> None:
        """A request is over; tokens as the model counts them."""
        self._prompt += prompt
        self._completion += completion
        self._seconds = self.passed

    def add(self, other: "Meter") -> None:
        """What another meter counted beside this one; its seconds passed at the same time."""
        self._began = self._began or other._began
        self._requests += other._requests
        self._sent += other._sent
        self._prompt += other._prompt
        self._completion += other._completion
        self._seconds = self.passed

    @property
    def passed(self) -> float:
        """Seconds since the first request."""
        return time.perf_counter() - self._began if self._began else 0.0

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
        timeout: seconds without a word; all that is asked for one answer takes four times that at most.
    """

    def __init__(self, llm: "LLM", name: str, window: int = 0, timeout: float = 30.0) -> None:
        self._llm = llm
        self.name = name
        self.window = window or llm.metadata.context_window
        self.timeout = timeout

    def stream(self, messages: Sequence[Message], meter: Meter) -> Iterator[str]:
        """Ask; the words come as they are written. What fails before the first may be asked again.

        Raises:
            WriterError: it failed, refused, or took too long.
        """
        for tried in range(_TRIES + 1):
            spoken = False
            try:
                for piece in self._asked(messages, meter):
                    spoken = True
                    yield piece
                return
            except ModelError:
                raise
            except Exception as error:  # every provider raises its own
                pause = _pause(error, tried)
                if spoken or tried == _TRIES or pause is None or pause > self._left(meter):
                    raise self._failed(error) from None  # the error's own text may hold the key
                time.sleep(pause)

    def _asked(self, messages: Sequence[Message], meter: Meter) -> Iterator[str]:
        """One request."""
        from llama_index.core.llms import ChatMessage  # 2 s

        meter.asked(messages)
        chat = [ChatMessage(role=role, content=words) for role, words in messages]
        pulled = _Pulled(lambda: map(_part, self._llm.stream_chat(chat)))
        prompt, completion, reason, parts, said = 0, 0, None, 0, 0
        try:
            while (part := self._next(pulled, meter)) is not None:
                parts += 1
                prompt, completion = part.prompt or prompt, part.completion or completion
                reason = reason if part.finish is None else part.finish or reason or ""
                said += len(part.words)
                if said > _SAID:
                    raise WriterError("model_endless", model=self.name)
                if part.words:
                    yield part.words
        finally:
            pulled.leave()
            meter.told(prompt, completion)
        if reason == "content_filter":
            raise WriterError("model_refused", model=self.name)
        if not parts and hasattr(self._llm, "api_base"):
            raise WriterError("model_nonsense", model=self.name)
        if reason == "":
            raise WriterError("model_broke_off", model=self.name)

    def _next(self, pulled: "_Pulled", meter: Meter) -> "_Part | None":
        """The next part; None at the end. No more is taken when the time is over, whatever has come."""
        left = self._left(meter)
        try:
            return pulled.next(left)
        except Empty:
            name = "model_silent" if left == self.timeout else "model_slow"
            seconds = self.timeout if left == self.timeout else _WHOLE * self.timeout
            raise WriterError(name, model=self.name, seconds=f"{seconds:g}") from None

    def _left(self, meter: Meter) -> float:
        """Seconds that may pass without a word."""
        return max(0.0, min(self.timeout, _WHOLE * self.timeout - meter.passed))

    def _failed(self, error: Exception) -> WriterError:
        import httpx
        import openai

        name = _cause(error)
        if isinstance(error, openai.APIStatusError) and error.response.next_request:
            addresses = {"address": error.request.url, "target": error.response.next_request.url}
            return WriterError("model_redirects", model=self.name, **{k: _address(v) for k, v in addresses.items()})
        inner = error.__cause__ if isinstance(error, openai.APIConnectionError) else None
        said = _scrubbed(str(inner or "") or getattr(error, "message", "") or str(error) or type(error).__name__)
        if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
            return WriterError("model_silent", model=self.name, seconds=f"{self.timeout:g}")
        return WriterError(name, model=self.name, said=said)


_under_way = threading.local()


class _Endless(Exception):
    """A response has more bytes than any answer."""


def _opened(response: "httpx.Response") -> None:
    """A server begins to answer this thread."""
    pulled: _Pulled | None = getattr(_under_way, "pulled", None)
    if pulled:
        pulled.opened(response)


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of a stream.

    Attributes:
        words: that it adds.
        prompt: tokens read so far, where it says so, else 0.
        completion: tokens written, the same.
        finish: why the model stopped; "" if it goes on, None where nothing is said of it.
    """

    words: str
    prompt: int
    completion: int
    finish: str | None


def _part(response: Any) -> _Part:  # noqa: ANN401 - llama-index's, which holds all that was said before
    counted = response.additional_kwargs
    return _Part(
        str(response.delta or ""),
        int(counted.get("prompt_tokens", 0)),
        int(counted.get("completion_tokens", 0)),
        _finish(response.raw),
    )


class _Pulled:
    """The parts of a stream, pulled by a thread of their own: so waiting for one ends, whatever a server does.

    The thread is never more than a few parts ahead of the reader. When the reader leaves it ends: at once where it
    waits for the reader, else at the next byte, or when the server falls silent.
    """

    def __init__(self, start: Callable[[], Iterable[_Part]]) -> None:
        self._parts: Queue[_Part | Exception | None] = Queue(_AHEAD)
        self._left = threading.Event()
        self._response: httpx.Response | None = None
        threading.Thread(target=self._pull, args=(start,), name="khabar-model", daemon=True).start()

    def _pull(self, start: Callable[[], Iterable[_Part]]) -> None:
        _under_way.pulled = self
        try:
            for part in start():
                if self._left.is_set():
                    return
                self._parts.put(part)
            self._parts.put(None)
        except Exception as error:  # raised to who waits
            self._parts.put(error)
        finally:
            if self._response:  # llama-index does not close it, and openai's stream keeps itself alive
                self._response.close()

    def opened(self, response: "httpx.Response") -> None:
        """The response begins. It was asked for as it is: a packed one could unpack to any size, and is not."""
        response.headers.pop("content-encoding", None)
        response.stream = _bounded(response.stream, self._left)
        self._response = response

    def next(self, seconds: float) -> _Part | None:
        """The next part, None at the end; raises what the stream raises, or `queue.Empty` when the time is over."""
        if seconds <= 0:
            raise Empty
        part = self._parts.get(timeout=seconds)
        if isinstance(part, Exception):
            raise part
        return part

    def leave(self) -> None:
        """Nobody waits for the rest: a thread that waits to hand over a part finds room, and ends."""
        self._left.set()
        with suppress(Empty):
            while True:
                self._parts.get_nowait()


def _bounded(stream: Any, left: threading.Event) -> "httpx.SyncByteStream":  # noqa: ANN401 - httpx says more than it is
    """A response's bytes until they are too many, or nobody waits for them."""
    import httpx

    class Bounded(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            count = 0
            for chunk in stream:
                count += len(chunk)
                if left.is_set() or count > _BYTES:
                    raise _Endless
                yield chunk

        def close(self) -> None:
            stream.close()

    return Bounded()


def _finish(raw: object) -> str | None:
    """Why the model stopped, as OpenAI's servers say it; "" if it goes on, None where nothing is said of it."""
    choices = getattr(raw, "choices", None)
    if not choices:
        return None
    if getattr(getattr(choices[0], "delta", None), "refusal", None):
        return "content_filter"
    return str(getattr(choices[0], "finish_reason", "") or "")


def _pause(error: Exception, tried: int) -> float | None:
    """Seconds after which it may go better; None if it won't."""
    import openai

    if isinstance(error, openai.APIConnectionError):
        return _PAUSE * 2**tried if _lost(error) else None
    if not isinstance(error, openai.RateLimitError | openai.InternalServerError) or error.code == "insufficient_quota":
        return None
    asked = _retry_after(error.response.headers.get("retry-after", ""))
    return _PAUSE * 2**tried if asked is None else asked


def _retry_after(said: str) -> float | None:
    """The seconds that a server asks to wait, said as a number or as a date; None where neither can be read."""
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", said):
        return float(said)
    try:
        when = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _lost(error: Exception) -> bool:
    """Whether a connection that there was is gone."""
    import httpx

    return isinstance(error.__cause__, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError)


def _cause(error: Exception) -> str:
    """The name of the phrase that says what is wrong, and what to do about it."""
    import httpx
    import openai

    code = str(getattr(error, "code", "") or "")
    text = str(error).lower()
    match error:
        case _Endless():
            return "model_endless"
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return "model_key"
        case openai.NotFoundError():
            return "model_unknown"
        case openai.RateLimitError():
            return "model_quota" if code == "insufficient_quota" else "model_busy"
        case openai.APIConnectionError() if not isinstance(
            error.__cause__, httpx.RemoteProtocolError | httpx.ReadError
        ):
            return "model_unreachable"
        case openai.APIConnectionError() | httpx.TransportError():
            return "model_broke_off"
        case openai.APIError() if code == "content_filter" or "content_policy" in code:
            return "model_refused"
        case openai.APIError() if "context" in code or "context size" in text or "context length" in text:
            return "model_context"
        case openai.APIError():
            return "model_failed"
        case ValueError() | TypeError() | AttributeError() | LookupError():
            return "model_nonsense"
        case _:
            return "model_failed"


def _address(url: "httpx.URL") -> str:
    """The address of a server by that of its answers, without what may be secret in it."""
    return _scrubbed(str(url.copy_with(userinfo=b"", query=None, fragment=None))).removesuffix("/chat/completions")


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
    import openai
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
        http_client=openai.DefaultHttpxClient(
            follow_redirects=False,  # nobody but the server that was named is sent the question and the passages
            headers={"Accept-Encoding": "identity"},
            event_hooks={"response": [_opened]},
        ),
        max_retries=0,  # `Model` asks again: llama-index does not where it streams, and the client waits too long
        timeout=settings.writer_timeout,
        additional_kwargs={"stream_options": {"include_usage": True}},
    )
    return Model(llm, name, window, settings.writer_timeout)


def _keyless() -> "LLM":
    """Says at the first question, not at the start, that the key is missing: the reader is answered without it."""
    from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata

    class Keyless(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata()

        def complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> CompletionResponse:
            raise WriterError("model_no_key")

        def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> CompletionResponseGen:
            raise WriterError("model_no_key")

    return Keyless()
