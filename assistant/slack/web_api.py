"""Slack's Web API: one method that calls it within Slack's rates, waits when Slack says so, and says what went wrong.

What is posted a second time is seen twice, so a call that changes something is repeated only if Slack says that it did
not take it. If that cannot be known, `Unsure` is raised, and who posts looks into the thread.

The retry handlers of slack_sdk are not used: they sleep for as long as any `Retry-After` says, fail on one that is no
number, repeat after broken connections whatever was called, and know no rates.
"""

import itertools
import logging
import random
import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.slack.limits import BY_CHANNEL, OTHER_RATE, RATES, STREAM
from ingest.errors import KhabarError

if TYPE_CHECKING:
    from slack_sdk import WebClient

log = logging.getLogger(__name__)

_numbers = itertools.count()
_TRIES = 5
_LONGEST = 60.0  # seconds that a call waits for its turn; what must wait longer is given back and done later
_MINUTE = 60.0
_UNREADABLE = 5.0  # seconds to wait where Slack says so, but not how long
_TIMEOUT = 15  # seconds for one call
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_READING = frozenset({"auth.test", "conversations.replies", "conversations.history", "apps.connections.open"})
_REPEATABLE = _READING | {"chat.update"}  # the same once more changes nothing
_FLEETING = frozenset({"assistant.threads.setStatus", "assistant.threads.setSuggestedPrompts", "views.open"})
_POSTING = frozenset({"chat.postMessage", "chat.startStream"})  # these answer with the message's `ts`
_OPTIONAL = frozenset({"chat.startStream", "chat.appendStream"})  # not waited for: the words can go another way
_PASSING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})


class SlackError(KhabarError):
    """Slack cannot be reached, or did not take a call."""


class Refused(SlackError):
    """Slack answered, and said no; `code` is its word for it, as "channel_not_found"."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"Slack refused {method}: {code}")
        self.code = code


class Unsure(SlackError):
    """Slack may have taken a call or not."""


class Busy(SlackError):
    """The rates leave no room for a call now, or Slack said so; it was not done. `seconds` is when there is room."""

    def __init__(self, method: str, seconds: float) -> None:
        super().__init__(f"Slack takes {method} only in {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the rates are counted in.

    Attributes:
        now: seconds that only grow.
        sleep: waits so many seconds.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Budget:
    """What Slack's published rates leave of each method. Any thread may use it.

    Other processes of the same app share the rates without a word, so Slack may still refuse what is left here; then
    `close` notes when it opens again.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._taken: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._opens: dict[tuple[str, str], float] = {}

    def left(self, method: str, channel: str = "") -> int:
        """How many calls may be made at once now."""
        with self._lock:
            key, rate = _counted(method, channel)
            if self._opens.get(key, 0.0) > self._now():
                return 0
            return rate - len(self._recent(key))

    def take(self, method: str, channel: str, longest: float) -> float:
        """Take a turn; the seconds until it comes.

        Raises:
            Busy: that is longer than `longest` seconds; no turn was taken.
        """
        with self._lock:
            key, rate = _counted(method, channel)
            recent, now = self._recent(key), self._now()
            turn = max(now, self._opens.get(key, now))
            if len(recent) >= rate:
                turn = max(turn, recent[-rate] + _MINUTE)
            if recent:
                turn = max(turn, recent[-1] + BY_CHANNEL.get(method, 0.0))
            if turn - now > longest:
                raise Busy(method, turn - now)
            recent.append(turn)
            return turn - now

    def close(self, method: str, channel: str, seconds: float) -> None:
        """Slack takes no more for so many seconds."""
        with self._lock:
            key, _ = _counted(method, channel)
            self._opens[key] = max(self._opens.get(key, 0.0), self._now() + seconds)

    def _recent(self, key: tuple[str, str]) -> deque[float]:
        taken, since = self._taken[key], self._now() - _MINUTE
        while taken and taken[0] <= since:
            taken.popleft()
        return taken


def _counted(method: str, channel: str) -> tuple[tuple[str, str], int]:
    """What a call counts towards, and how many of it Slack takes a minute."""
    return (method, channel if method in BY_CHANNEL else ""), RATES.get(method, OTHER_RATE)


class Web:
    """The Web API for one bot token. Any thread may call it.

    Args:
        client: made by `open_client`.
        clock: what it waits by.
    """

    def __init__(self, client: "WebClient", clock: Clock | None = None) -> None:
        self.client = client
        self.clock = clock or Clock()
        self._budget = Budget(self.clock.now)
        self._streams: dict[str, float] = {}  # when each open stream began, by its `ts`
        self._beginning = threading.Lock()

    def call(self, method: str, before: Callable[[], None] | None = None, **arguments: object) -> dict[str, Any]:
        """Call a method when its turn comes.

        Args:
            method: as "chat.postMessage".
            before: called when its turn has come: what it raises is raised, and nothing is sent.
            arguments: of the method; those that are None are left out.

        Raises:
            Refused: Slack said no.
            Unsure: it may have been done, and doing it again would be seen.
            Busy: the rates do not allow it for longer than it is worth waiting.
            SlackError: Slack is not to be reached.
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        channel = str(given.get("channel") or given.get("channel_id") or "")
        until = self.clock.now() + (0.0 if method in _FLEETING | _OPTIONAL else _LONGEST)
        attempt = 1
        while True:  # until `take` or `_try` raises, if it is never done
            wait = self._budget.take(method, channel, max(0.0, until - self.clock.now()))
            if wait > 0:
                log.debug("%s: in %.1f s", method, wait)
                self.clock.sleep(wait)
            if before:
                before()
            try:
                answered = self._try(method, given, attempt)
            except Busy as busy:
                self._budget.close(method, channel, busy.seconds)
                continue
            if isinstance(answered, dict):
                return answered
            self.clock.sleep(answered)
            attempt += 1

    def left(self, method: str, channel: str = "") -> int:
        """How many calls of a method the rates leave now."""
        return self._budget.left(method, channel)

    def start_stream(self, before: Callable[[], None], **arguments: object) -> str:
        """Begin a stream, where the rates leave room to begin it and to end it; its `ts`.

        Raises:
            Busy: they do not: what is to be said is better said in one message.
            SlackError: see `call`.
        """
        now, place = self.clock.now(), f"beginning {next(_numbers)}"
        with self._beginning:
            self._streams = {ts: began for ts, began in self._streams.items() if now - began < STREAM}
            if self.left("chat.stopStream") <= len(self._streams):
                raise Busy("chat.startStream", _MINUTE)
            self._streams[place] = now
        try:
            ts = str(self.call("chat.startStream", before, **arguments)["ts"])
        finally:
            with self._beginning:
                del self._streams[place]
        with self._beginning:
            self._streams[ts] = now
        return ts

    def stop_stream(self, before: Callable[[], None], **arguments: object) -> None:
        """End a stream.

        Raises:
            SlackError: see `call`.
        """
        with self._beginning:
            self._streams.pop(str(arguments.get("ts")), None)
        self.call("chat.stopStream", before, **arguments)

    def _try(self, method: str, given: dict[str, object], attempt: int) -> dict[str, Any] | float:
        """What it answers, or how many seconds to wait before the next attempt."""
        from slack_sdk.errors import SlackApiError

        try:
            if method in _READING:  # these take no JSON
                response = self.client.api_call(method, params=_plain(given))
            else:
                response = self.client.api_call(method, json=given)
        except SlackApiError as error:
            status, headers, code = _read(error.response)
            if status == 429 or code in ("ratelimited", "rate_limited"):
                raise Busy(method, asked_to_wait(headers)) from None
            if code and status < 500 and code not in _PASSING:
                raise Refused(method, code) from None
            reason = code or f"status {status}"
        except Exception as error:  # the network's, or the library's where an answer is none of Slack's
            reason = type(error).__name__
        else:
            data = response.data
            if isinstance(data, dict) and _is_answer(method, data):
                return data
            reason = "an answer without sense"
        if method not in _REPEATABLE:
            raise Unsure(f"Slack broke off in {method} ({reason})")
        if attempt == _TRIES:
            raise SlackError(f"Slack cannot be reached for {method} ({reason})")
        return 0.5 * 2.0**attempt * (0.5 + random.random())  # noqa: S311 - no secret


def _is_answer(method: str, data: dict[str, Any]) -> bool:
    """Whether it is what Slack answers when it has done a call."""
    posted = data.get("ts") if method in _POSTING else "nothing"
    return data.get("ok") is True and isinstance(posted, str) and bool(posted)


def _plain(given: dict[str, object]) -> dict[str, object]:
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()}


def _read(response: Any) -> tuple[int, dict[str, Any], str]:  # noqa: ANN401 - the library gives two kinds
    """Status, headers with names in small letters, and Slack's word for the error."""
    if isinstance(response, dict):  # a body that is no JSON
        return int(response.get("status", 0)), _small(response.get("headers", {})), ""
    data = response.data if isinstance(response.data, dict) else {}
    return int(response.status_code), _small(response.headers), str(data.get("error", ""))


def _small(headers: Any) -> dict[str, Any]:  # noqa: ANN401
    return {name.lower(): value for name, value in dict(headers).items()}


def asked_to_wait(headers: dict[str, Any]) -> float:
    """For how many seconds Slack asks to wait, 1 or more; a few where it does not say it as a number."""
    value = _small(headers).get("retry-after")
    value = str(value[0] if isinstance(value, list) and value else value)
    return max(1.0, float(value)) if _NUMBER.fullmatch(value) else _UNREADABLE


def open_client(token: str, url: str) -> "WebClient":
    """A client that repeats nothing by itself."""
    from slack_sdk import WebClient

    return WebClient(token=token, base_url=url, timeout=_TIMEOUT, retry_handlers=[], logger=quiet("sdk"))


def quiet(name: str) -> logging.Logger:
    """A logger for Slack's own libraries: they log what is sent, so all of it is for debugging only."""
    logger = log.getChild(name)
    logger.addFilter(_for_debugging)
    return logger


def _for_debugging(record: logging.LogRecord) -> bool:
    record.levelno, record.levelname = logging.DEBUG, "DEBUG"
    return log.isEnabledFor(logging.DEBUG)
