"""Read a model's stream with a watchdog: whatever the server does, the reader waits only as long as it chooses to.

A socket's time-out does not suffice. A server that sends comments or header lines for ever never times out, and one
that sends text without end fills the memory. So a thread of its own reads the response into a short queue, and the
bytes of a response are bounded.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

from assistant.llm.errors import ResponseTooLarge

if TYPE_CHECKING:
    import httpx

_MAX_BYTES = 16_000_000  # of a response: a token takes about 300 as servers send it, whether or not it is shown
_MAX_AHEAD = 64  # parts in the queue


@dataclass(frozen=True, slots=True)
class StreamPart:
    """One part of a model's stream.

    Attributes:
        text: what it adds.
        prompt_tokens: read so far; 0 where the part does not say.
        completion_tokens: written so far; 0 where the part does not say.
        finish: why the model stopped; "" if it goes on, None where the part does not say.
    """

    text: str
    prompt_tokens: int
    completion_tokens: int
    finish: str | None


def stream_part(response: Any) -> StreamPart:  # noqa: ANN401 - llama-index's type repeats everything written so far
    """Take what is new from a llama-index `ChatResponse`."""
    counts = response.additional_kwargs
    return StreamPart(
        str(response.delta or ""),
        int(counts.get("prompt_tokens", 0)),
        int(counts.get("completion_tokens", 0)),
        _finish_reason(response.raw),
    )


def _finish_reason(chunk: object) -> str | None:
    """OpenAI's reason why the model stopped; "" if it goes on, None where the chunk does not say."""
    choices = getattr(chunk, "choices", None)
    if not choices:
        return None
    if getattr(getattr(choices[0], "delta", None), "refusal", None):
        return "content_filter"
    return str(getattr(choices[0], "finish_reason", "") or "")


class WatchedStream:
    """The parts of a stream, read by a thread of their own, which is only a few parts ahead of the reader.

    When the reader leaves, the thread ends: at once where it waits for the reader, else at the next byte that comes or
    when the server falls silent.

    Args:
        start: makes the request and yields its parts; called in the thread.
    """

    def __init__(self, start: Callable[[], Iterable[StreamPart]]) -> None:
        self._parts: Queue[StreamPart | Exception | None] = Queue(_MAX_AHEAD)
        self._abandoned = threading.Event()
        self._response: httpx.Response | None = None
        threading.Thread(target=self._read, args=(start,), name="khabar-model", daemon=True).start()

    def _read(self, start: Callable[[], Iterable[StreamPart]]) -> None:
        _in_this_thread.stream = self
        try:
            for part in start():
                if self._abandoned.is_set():
                    return
                self._parts.put(part)
            self._parts.put(None)
        except Exception as error:  # raised again in the thread that waits
            self._parts.put(error)
        finally:
            if self._response:  # llama-index does not close it, and openai's stream keeps itself alive
                self._response.close()

    def take_over(self, response: "httpx.Response") -> None:
        """Bound a response that begins.

        It was requested uncompressed; one that is compressed all the same could grow to any size and is not unpacked.
        """
        response.headers.pop("content-encoding", None)
        response.stream = _bounded(response.stream, self._abandoned)
        self._response = response

    def next(self, seconds: float) -> StreamPart | None:
        """Wait for the next part; None at the end of the stream.

        Raises:
            queue.Empty: nothing came in time.
            Exception: whatever the request raised.
        """
        if seconds <= 0:
            raise Empty
        part = self._parts.get(timeout=seconds)
        if isinstance(part, Exception):
            raise part
        return part

    def abandon(self) -> None:
        """Leave the rest unread. Emptying the queue lets a thread that waits for room in it end."""
        self._abandoned.set()
        with suppress(Empty):
            while True:
                self._parts.get_nowait()


_in_this_thread = threading.local()


def on_response(response: "httpx.Response") -> None:
    """Hand a response that begins to the stream that this thread reads: an event hook of the httpx client."""
    stream: WatchedStream | None = getattr(_in_this_thread, "stream", None)
    if stream:
        stream.take_over(response)


def _bounded(stream: Any, abandoned: threading.Event) -> "httpx.SyncByteStream":  # noqa: ANN401 - httpx's union of types
    """The bytes of a response, until they are too many or nobody waits for them."""
    import httpx

    class Bounded(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for chunk in stream:
                size += len(chunk)
                if abandoned.is_set() or size > _MAX_BYTES:
                    raise ResponseTooLarge
                yield chunk

        def close(self) -> None:
            stream.close()

    return Bounded()
