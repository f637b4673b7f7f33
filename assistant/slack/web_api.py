"""Call Slack's Web API within its rate limits, wait as long as Slack asks, and report what went wrong.

A message that is posted twice is seen twice, so a call with side effects is repeated only if Slack says that it did
nothing. If the outcome is unknown, `OutcomeUnknown` is raised, and the caller reads the thread to find out.

The retry handlers of slack_sdk are not used: they sleep as long as any `Retry-After` says, fail if it is not a number,
repeat any call after a broken connection, and ignore the rate limits.
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

from assistant.slack.limits import CHANNEL_INTERVALS, OTHER_RATE, RATES, STREAM
from ingest.errors import KhabarError

if TYPE_CHECKING:
    from slack_sdk import WebClient

log = logging.getLogger(__name__)

_numbers = itertools.count()
_MAX_ATTEMPTS = 5
_MAX_WAIT = 60.0  # seconds that a call waits for its turn; a task that must wait longer goes back to the queue
_MINUTE = 60.0
_DEFAULT_RETRY_AFTER = 5.0  # seconds to wait if Slack does not say how long
_TIMEOUT = 15  # seconds for one call
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_READING = frozenset({"auth.test", "conversations.replies", "conversations.history", "apps.connections.open"})
_REPEATABLE = _READING | {"chat.update"}  # repeating these has no further effect
# These do not wait for their turn: later is too late, or their content can be sent in another way.
_IMMEDIATE = frozenset(
    {
        "assistant.threads.setStatus", "assistant.threads.setSuggestedPrompts", "views.open", "chat.startStream",
        "chat.appendStream",
    }
)  # fmt: skip
_POSTING = frozenset({"chat.postMessage", "chat.startStream"})  # these return the message's `ts`
_TRANSIENT = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})


class SlackError(KhabarError):
    """Slack cannot be reached, or did not accept a call.

    SlackError
        SlackRefused     Slack answered with an error
        OutcomeUnknown   Slack may or may not have executed the call
        RateLimited      the call is not allowed now, and was not executed
    """


class SlackRefused(SlackError):
    """Slack answered with an error; `code` is Slack's name for it, such as "channel_not_found"."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"Slack refused {method}: {code}")
        self.code = code


class OutcomeUnknown(SlackError):
    """The connection broke or the response was invalid, so Slack may or may not have executed the call."""


class RateLimited(SlackError):
    """The rate limits allow the call only in `seconds`; it was not executed."""

    def __init__(self, method: str, seconds: float) -> None:
        super().__init__(f"Slack allows {method} only in {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Clock:
    """The time by which rates are counted.

    Attributes:
        now: returns a monotonic time in seconds.
        sleep: waits for the given seconds.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class RateLimiter:
    """Counts calls against Slack's published rates. Safe for several threads.

    Other processes of the same app share the rates, so Slack may still refuse a call that is allowed here; `block`
    then notes for how long.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._turns: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._blocked_until: dict[tuple[str, str], float] = {}

    def remaining(self, method: str, channel: str = "") -> int:
        """Return how many calls are allowed right now."""
        with self._lock:
            key, rate = _key_and_rate(method, channel)
            if self._blocked_until.get(key, 0.0) > self._now():
                return 0
            return rate - len(self._recent_turns(key))

    def reserve(self, method: str, channel: str, max_wait: float) -> float:
        """Reserve a turn.

        Returns:
            The seconds until the turn comes.

        Raises:
            RateLimited: the wait would exceed `max_wait` seconds; nothing was reserved.
        """
        with self._lock:
            key, rate = _key_and_rate(method, channel)
            recent, now = self._recent_turns(key), self._now()
            turn = max(now, self._blocked_until.get(key, now))
            if len(recent) >= rate:
                turn = max(turn, recent[-rate] + _MINUTE)
            if recent:
                turn = max(turn, recent[-1] + CHANNEL_INTERVALS.get(method, 0.0))
            if turn - now > max_wait:
                raise RateLimited(method, turn - now)
            recent.append(turn)
            return turn - now

    def block(self, method: str, channel: str, seconds: float) -> None:
        """Allow no call for the given seconds, because Slack asked for it."""
        with self._lock:
            key, _ = _key_and_rate(method, channel)
            self._blocked_until[key] = max(self._blocked_until.get(key, 0.0), self._now() + seconds)

    def _recent_turns(self, key: tuple[str, str]) -> deque[float]:
        turns, since = self._turns[key], self._now() - _MINUTE
        while turns and turns[0] <= since:
            turns.popleft()
        return turns


def _key_and_rate(method: str, channel: str) -> tuple[tuple[str, str], int]:
    """The key under which a call is counted, and the calls per minute that are allowed."""
    return (method, channel if method in CHANNEL_INTERVALS else ""), RATES.get(method, OTHER_RATE)


class WebApi:
    """The Web API for one bot token. Safe for several threads.

    Args:
        client: made by `open_client`.
        clock: the time for waiting.
    """

    def __init__(self, client: "WebClient", clock: Clock | None = None) -> None:
        self.client = client
        self.clock = clock or Clock()
        self._limiter = RateLimiter(self.clock.now)
        self._streams: dict[str, float] = {}  # when each open stream started, by its `ts`
        self._streams_lock = threading.Lock()

    def call(self, method: str, before: Callable[[], None] | None = None, **arguments: object) -> dict[str, Any]:
        """Call a method when its turn comes, and repeat it after a failure if that is harmless.

        Args:
            method: such as "chat.postMessage".
            before: called when the turn has come; if it raises, nothing is sent.
            arguments: of the method; those that are None are left out.

        Raises:
            SlackRefused: Slack answered with an error.
            OutcomeUnknown: the call may have been executed, and repeating it would be visible.
            RateLimited: the wait for the turn would be too long.
            SlackError: Slack cannot be reached.
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        channel = str(given.get("channel") or given.get("channel_id") or "")
        until = self.clock.now() + (0.0 if method in _IMMEDIATE else _MAX_WAIT)
        attempt = 1
        while True:  # until `reserve` or `_attempt` raises an error
            wait = self._limiter.reserve(method, channel, max(0.0, until - self.clock.now()))
            if wait > 0:
                log.debug("%s waits %.1f s for its turn", method, wait)
                self.clock.sleep(wait)
            if before:
                before()
            try:
                result = self._attempt(method, given, attempt)
            except RateLimited as limited:
                self._limiter.block(method, channel, limited.seconds)
                continue
            if isinstance(result, dict):
                return result
            self.clock.sleep(result)
            attempt += 1

    def remaining(self, method: str, channel: str = "") -> int:
        """Return how many calls of a method the rate limits allow right now."""
        return self._limiter.remaining(method, channel)

    def start_stream(self, before: Callable[[], None], **arguments: object) -> str:
        """Start a stream, if the rate limits allow starting it now and stopping it later.

        Returns:
            The `ts` of its message.

        Raises:
            RateLimited: they do not; post the reply as one message instead.
            SlackError: see `call`.
        """
        now, reservation = self.clock.now(), f"starting {next(_numbers)}"
        with self._streams_lock:
            self._streams = {ts: started for ts, started in self._streams.items() if now - started < STREAM}
            if self.remaining("chat.stopStream") <= len(self._streams):
                raise RateLimited("chat.startStream", _MINUTE)
            self._streams[reservation] = now
        try:
            ts = str(self.call("chat.startStream", before, **arguments)["ts"])
        finally:
            with self._streams_lock:
                del self._streams[reservation]
        with self._streams_lock:
            self._streams[ts] = now
        return ts

    def stop_stream(self, before: Callable[[], None], **arguments: object) -> None:
        """Stop a stream.

        Raises:
            SlackError: see `call`.
        """
        with self._streams_lock:
            self._streams.pop(str(arguments.get("ts")), None)
        self.call("chat.stopStream", before, **arguments)

    def _attempt(self, method: str, arguments: dict[str, object], attempt: int) -> dict[str, Any] | float:
        """Send a call once.

        Returns:
            The response, or the seconds until the next attempt.
        """
        from slack_sdk.errors import SlackApiError

        try:
            if method in _READING:  # these accept form values only, not JSON
                flags = {name: str(value).lower() for name, value in arguments.items() if isinstance(value, bool)}
                response = self.client.api_call(method, params={**arguments, **flags})
            else:
                response = self.client.api_call(method, json=arguments)
        except SlackApiError as error:
            status, headers, code = _read_error(error.response)
            if status == 429 or code in ("ratelimited", "rate_limited"):
                raise RateLimited(method, retry_after(headers)) from None
            if code and status < 500 and code not in _TRANSIENT:
                raise SlackRefused(method, code) from None
            reason = code or f"status {status}"
        except Exception as error:  # from the network, or from slack_sdk if the response is not Slack's
            reason = type(error).__name__
        else:
            data = response.data
            if isinstance(data, dict) and _is_success(method, data):
                return data
            reason = "an invalid response"
        if method not in _REPEATABLE:
            raise OutcomeUnknown(f"the outcome of {method} is unknown ({reason})")
        if attempt == _MAX_ATTEMPTS:
            raise SlackError(f"Slack cannot be reached for {method} ({reason})")
        return 0.5 * 2.0**attempt * (0.5 + random.random())  # noqa: S311 - no secret


def _is_success(method: str, data: dict[str, Any]) -> bool:
    ts = data.get("ts") if method in _POSTING else "not needed"
    return data.get("ok") is True and isinstance(ts, str) and bool(ts)


def _read_error(response: Any) -> tuple[int, dict[str, Any], str]:  # noqa: ANN401 - slack_sdk has two kinds
    """The status, the headers with lower-case names, and Slack's error code ("" if there is none)."""
    if isinstance(response, dict):  # the body is not JSON
        return int(response.get("status", 0)), _lower_case(response.get("headers", {})), ""
    data = response.data if isinstance(response.data, dict) else {}
    return int(response.status_code), _lower_case(response.headers), str(data.get("error", ""))


def _lower_case(headers: Any) -> dict[str, Any]:  # noqa: ANN401
    return {name.lower(): value for name, value in dict(headers).items()}


def retry_after(headers: dict[str, Any]) -> float:
    """Return the seconds that Slack asks to wait, 1 or more; a default if the header is missing or not a number."""
    value = _lower_case(headers).get("retry-after")
    value = str(value[0] if isinstance(value, list) and value else value)
    return max(1.0, float(value)) if _NUMBER.fullmatch(value) else _DEFAULT_RETRY_AFTER


def respond(address: str, text: str, blocks: list[dict[str, Any]]) -> None:
    """Reply to a command at its `response_url`; only the user who typed the command sees it.

    Raises:
        RateLimited: Slack accepts it only later.
        SlackRefused: the address has expired.
        SlackError: Slack does not accept it, or cannot be reached.
    """
    from slack_sdk.webhook import WebhookClient

    body = {"response_type": "ephemeral", "replace_original": False, "text": text, "blocks": blocks}
    try:
        client = WebhookClient(address, timeout=_TIMEOUT, retry_handlers=[], logger=quiet("sdk"))
        response = client.send_dict(body)
    except OSError as error:
        raise SlackError(f"Slack cannot be reached at a command's response_url ({type(error).__name__})") from None
    if response.status_code in (404, 410):
        raise SlackRefused("a command's response_url", "expired_url")
    if response.status_code == 429:
        raise RateLimited("a command's response_url", retry_after(dict(response.headers)))
    if response.status_code != 200:
        raise SlackError(f"Slack did not accept a reply at a command's response_url: status {response.status_code}")


def open_client(token: str, url: str) -> "WebClient":
    """Open a client of slack_sdk that repeats no call by itself."""
    from slack_sdk import WebClient

    return WebClient(token=token, base_url=url, timeout=_TIMEOUT, retry_handlers=[], logger=quiet("sdk"))


def quiet(name: str) -> logging.Logger:
    """Return a logger for a library that may log what is sent: all its records get the level DEBUG."""
    logger = log.getChild(name)
    logger.addFilter(_demote_to_debug)
    return logger


def _demote_to_debug(record: logging.LogRecord) -> bool:
    record.levelno, record.levelname = logging.DEBUG, "DEBUG"
    return log.isEnabledFor(logging.DEBUG)
