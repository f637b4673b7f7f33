"""Slack's Web API: one method that calls it, waits when Slack says so, and says what went wrong.

What is posted a second time is seen twice, so a call that changes something is repeated only if Slack says that it did
not take it. If that cannot be known, `Unsure` is raised, and who posts looks into the thread.
"""

import logging
import random
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from ingest.errors import KhabarError

if TYPE_CHECKING:
    from slack_sdk import WebClient

log = logging.getLogger(__name__)

_TRIES = 5
_LONGEST = 60.0  # seconds that Slack may ask us to wait; a reader has gone by then
_TIMEOUT = 15  # seconds for one call
_READING = frozenset({"auth.test", "conversations.replies", "conversations.history", "apps.connections.open"})
_REPEATABLE = _READING | {"chat.update"}  # the same once more changes nothing
_FLEETING = frozenset({"assistant.threads.setStatus", "assistant.threads.setSuggestedPrompts", "views.open"})
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


class Web:
    """The Web API for one bot token. Any thread may call it.

    Args:
        client: made by `open_client`.
        sleep: waits so many seconds.
    """

    def __init__(self, client: "WebClient", sleep: Callable[[float], None] = time.sleep) -> None:
        self.client = client
        self._sleep = sleep

    def call(self, method: str, **arguments: object) -> dict[str, Any]:
        """Call a method; arguments that are None are left out.

        Raises:
            Refused: Slack said no.
            Unsure: it may have been done, and doing it again would be seen.
            SlackError: Slack is not to be reached, or has too much to do.
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        for attempt in range(1, _TRIES + 1):
            wait = self._try(method, given, attempt)
            if isinstance(wait, dict):
                return wait
            if method in _FLEETING:  # not worth waiting for
                raise SlackError(f"Slack did not take {method}")
            log.debug("%s: again in %.1f s", method, wait)
            self._sleep(wait)
        raise SlackError(f"Slack did not take {method} after {_TRIES} attempts")

    def _try(self, method: str, given: dict[str, object], attempt: int) -> dict[str, Any] | float:
        """What it answers, or how many seconds to wait before the next attempt."""
        from slack_sdk.errors import SlackApiError

        pause = 0.5 * 2.0**attempt * (0.5 + random.random())  # noqa: S311 - no secret
        try:
            if method in _READING:  # these take no JSON
                response = self.client.api_call(method, params=_plain(given))
            else:
                response = self.client.api_call(method, json=given)
        except SlackApiError as error:
            status, headers, code = _read(error.response)
            if status == 429 or code in ("ratelimited", "rate_limited"):
                wait = _seconds(headers)
                if wait > _LONGEST:
                    raise SlackError(f"Slack has too much to do: {method} only in {wait:.0f} s") from None
                return wait
            if status < 500 and code not in _PASSING:
                raise Refused(method, code) from None
            reason = f"status {status}" if status >= 500 else code
        except (OSError, HTTPException) as error:  # of the network: urllib's are OSErrors
            reason = type(error).__name__
        else:
            answered: dict[str, Any] = dict(response.data) if isinstance(response.data, dict) else {}
            return answered
        if method not in _REPEATABLE:
            raise Unsure(f"Slack broke off in {method} ({reason})")
        if attempt == _TRIES:
            raise SlackError(f"Slack cannot be reached for {method} ({reason})")
        return pause


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


def _seconds(headers: dict[str, Any]) -> float:
    value = headers.get("retry-after", "1")
    value = value[0] if isinstance(value, list) else value
    return float(value) + 0.1 if str(value).isdigit() else 1.0


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
