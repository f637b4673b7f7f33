"""What went wrong with a language model: the message for a person, and whether to try again.

Providers raise errors of their own, whose text may hold the API key. Only what is scrubbed here is shown or logged.
"""

import os
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from assistant.messages import phrase
from ingest.errors import ModelError

if TYPE_CHECKING:
    import httpx

_FIRST_PAUSE = 0.5  # seconds before the second attempt, doubled for each further one; a Retry-After header overrides it
_LONGEST_MESSAGE = 300  # characters of a server's error that are shown
_KEY = re.compile(r"\b(?:sk|pk|key)-[\w*-]{4,}")


class LanguageModelError(ModelError):
    """The language model failed or refused.

    Args:
        key: of the UI message that says what is wrong and what to do.
        values: fill the message's {placeholders}.
    """

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(phrase(key, "en", **values))
        self._key, self._values = key, values

    def reason(self, language: str) -> str:
        """The message in the reader's language."""
        return phrase(self._key, language, **self._values)


class ResponseTooLarge(Exception):
    """A response has more bytes than any answer needs."""


def failure(error: Exception, model: str, timeout: float) -> LanguageModelError:
    """Turn a provider's error into one that can be shown.

    Args:
        error: as openai, httpx or llama-index raised it.
        model: the model's name in the settings.
        timeout: seconds that the model was given.
    """
    import httpx
    import openai

    if isinstance(error, openai.APIStatusError) and error.response.next_request:
        address, target = _address(error.request.url), _address(error.response.next_request.url)
        return LanguageModelError("model_redirects", model=model, address=address, target=target)
    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
        return LanguageModelError("model_silent", model=model, seconds=f"{timeout:g}")
    cause = error.__cause__ if isinstance(error, openai.APIConnectionError) else None
    text = str(cause or "") or getattr(error, "message", "") or str(error) or type(error).__name__
    return LanguageModelError(_message_key(error), model=model, detail=_scrubbed(text))


def _message_key(error: Exception) -> str:
    """The key of the UI message that explains an error."""
    import httpx
    import openai

    code = str(getattr(error, "code", "") or "")
    text = str(error).lower()
    match error:
        case ResponseTooLarge():
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
            return "model_nonsense"  # the response has not the form of OpenAI's
        case _:
            return "model_failed"


def retry_delay(error: Exception, attempt: int) -> float | None:
    """Seconds after which the same request may succeed; None where it will not.

    Args:
        error: as the provider raised it.
        attempt: how many attempts failed before this one, from 0.
    """
    import httpx
    import openai

    pause: float = _FIRST_PAUSE * 2**attempt
    if isinstance(error, openai.APIConnectionError):
        connection_lost = httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError
        return pause if isinstance(error.__cause__, connection_lost) else None
    if not isinstance(error, openai.RateLimitError | openai.InternalServerError) or error.code == "insufficient_quota":
        return None
    requested = _retry_after(error.response.headers.get("retry-after", ""))
    return pause if requested is None else requested


def _retry_after(header: str) -> float | None:
    """The seconds that a Retry-After header asks to wait, given as a number or as a date; None where it is neither."""
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", header):
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _address(url: "httpx.URL") -> str:
    """The base address of an API from the URL of a request, without user, password or query."""
    return _scrubbed(str(url.copy_with(userinfo=b"", query=None, fragment=None))).removesuffix("/chat/completions")


def _scrubbed(text: str) -> str:
    """A server's message on one line, shortened, with every API key removed."""
    key = os.environ.get("OPENAI_API_KEY", "")
    text = text.replace(key, "...") if key else text
    return " ".join(_KEY.sub("...", text).split())[:_LONGEST_MESSAGE]
