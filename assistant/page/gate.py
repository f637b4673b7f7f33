"""The gate around everything that the page serves: ASGI middleware that refuses requests and adds security headers.

The gate requires the password for every request, including files and MCP. It accepts requests only from the page's own
origin and, on a loopback address, only under a name of this machine, so that no other site can reach the page through a
reader's browser. It blocks the Gradio routes that the page does not need, cuts off request bodies once they are too
large, and limits clients that send too much or guess passwords. Its headers forbid the browser to load anything from
other hosts.
"""

import base64
import hmac
import ipaddress
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from assistant.page.access import Access, is_loopback
from assistant.page.rate_limit import RateLimit

ANSWERED_NOTE = "this error was already turned into a response, and logged if it is unexpected"
"""The note on an exception that a handler has answered, because Starlette raises it again afterwards."""

_BLOCKED = (
    *("/monitoring", "/pwa_icon", "/gradio_api/runs", "/gradio_api/run-history", "/gradio_api/deep_link"),
    *("/gradio_api/proxy=", "/gradio_api/vibe", "/gradio_api/process_recording", "/gradio_api/dev"),
)
_UPLOAD = "/gradio_api/upload"
_STARTUP = "/gradio_api/startup-events"  # Gradio requests it from itself, without a password; it reveals nothing
_MAX_UPLOAD = 200_000_000  # bytes of all files in one upload
_MAX_BODY = 4_000_000  # bytes of any other request: a conversation has at most a million characters
# Limits of each client: a capacity, and the seconds in which it refills.
_WRONG_PASSWORDS = (10, 300.0)
_WRITES = (600, 60.0)  # requests other than GET and HEAD; a question needs one or two
_UPLOADED = (1_000_000_000, 3600.0)  # bytes of files
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # Gradio compiles its templates in the browser
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not served.

    Attributes:
        status: the HTTP status.
        reason: for a person.
        retry_after: seconds after which the request may be repeated; 0 if waiting does not help.
        close: the connection must be closed, because the body was not read.
    """

    status: int
    reason: str
    retry_after: int = 0
    close: bool = False


class Gate:
    """The middleware around the whole application."""

    def __init__(self, app: AsgiApp, access: Access) -> None:
        self._app = app
        self._access = access
        token = base64.b64encode(f"{access.user}:{access.password}".encode()).decode()
        self._expected = f"Basic {token}".encode() if access.user else b""
        self._wrong_passwords = RateLimit(*_WRONG_PASSWORDS)
        self._writes = RateLimit(*_WRITES)
        self._uploaded = RateLimit(*_UPLOADED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            return  # the page uses no web sockets
        headers = {bytes(name).lower(): bytes(value) for name, value in scope["headers"]}
        path, client = str(scope["path"]), _client(scope)
        refusal = self._forbidden(path, headers, client) or self._over_limit(scope["method"], path, headers, client)
        exchange = _Exchange(receive, send, path, self._uploaded, client)
        if not refusal:
            try:
                await self._app(scope, exchange.receive, exchange.send)
            except Exception as error:
                answered = exchange.started and ANSWERED_NOTE in getattr(error, "__notes__", ())
                if not (answered or (exchange.refusal and not exchange.started)):
                    raise
            refusal = None if exchange.started else exchange.refusal
        if refusal:
            await _refuse(refusal, path, send)

    def _forbidden(self, path: str, headers: dict[bytes, bytes], client: str) -> Refusal | None:
        host = _host(b"//" + headers.get(b"host", b""))
        if host is None:
            return Refusal(400, "the header Host is not valid")
        if is_loopback(self._access.host) and not is_loopback(host[1]):
            return Refusal(421, "this page is served to this machine only, under the name localhost")
        if _host(b"//" + headers.get(b"x-forwarded-host", b"").partition(b",")[0].strip()) is None:
            return Refusal(400, "the header X-Forwarded-Host is not valid")
        if origin := headers.get(b"origin"):
            parts = _host(origin)
            if parts is None:
                return Refusal(400, "the header Origin is not valid")
            if parts[0] != host[0]:
                return Refusal(403, "another site may not use this page")
        if path == _STARTUP:
            return None
        if self._expected and (refusal := self._unauthorized(headers.get(b"authorization", b""), client)):
            return refusal
        if path.startswith(_BLOCKED):
            return Refusal(404, "not found")
        if self._access.read_only and path.startswith(_UPLOAD):
            return Refusal(403, "nothing can be added here")
        return None

    def _unauthorized(self, authorization: bytes, client: str) -> Refusal | None:
        """Refuse a wrong password; after too many, refuse any, so that guessing cannot go on."""
        if wait := self._wrong_passwords.wait(client):
            return Refusal(429, f"too many wrong passwords; try again in {wait} seconds", wait)
        if hmac.compare_digest(authorization, self._expected):
            return None
        if authorization:
            self._wrong_passwords.take(client)
        return Refusal(401, "user and password, please")

    def _over_limit(self, method: str, path: str, headers: dict[bytes, bytes], client: str) -> Refusal | None:
        if method in ("GET", "HEAD"):
            return None
        if wait := self._writes.wait(client):
            return Refusal(429, f"too many requests; try again in {wait} seconds", wait, close=True)
        self._writes.take(client)
        upload = path.startswith(_UPLOAD)
        if upload and (wait := self._uploaded.wait(client)):
            return _too_many_bytes(wait)
        length = headers.get(b"content-length", b"")
        limit = _MAX_UPLOAD if upload else _MAX_BODY
        large = length.isdigit() and (len(length) > 12 or int(length) > limit)
        return _too_large(upload) if large else None


class CutOff(Exception):
    """The body is too large, and the rest of it is not read."""


class _Exchange:
    """One request and its response: cuts off a body that becomes too large, and adds the headers to the response."""

    def __init__(self, receive: Receive, send: Send, path: str, uploaded: RateLimit, client: str) -> None:
        self._receive, self._send, self._uploaded, self._client = receive, send, uploaded, client
        self._upload = path.startswith(_UPLOAD)
        self._left = _MAX_UPLOAD if self._upload else _MAX_BODY
        self._more = True
        self.refusal: Refusal | None = None
        self.started = False

    async def receive(self) -> Message:
        """Receive the next piece of the body.

        Raises:
            CutOff: the body is too large.
            MultiPartException: an upload is too large or incomplete; Gradio then deletes what it has received.
        """
        message = await self._receive()
        if message["type"] == "http.request":
            size = len(message.get("body", b""))
            self._left -= size
            self._more = bool(message.get("more_body"))
            if self._upload:
                self._uploaded.take(self._client, size)
            if self._left < 0:
                self.refusal = _too_large(self._upload)
            elif self._upload and self._more and (wait := self._uploaded.wait(self._client)):
                self.refusal = _too_many_bytes(wait)
        if self._upload and (self.refusal or (self._more and message["type"] == "http.disconnect")):
            from starlette.formparsers import MultiPartException

            raise MultiPartException("the upload is incomplete")
        if self.refusal:
            raise CutOff
        return message

    async def send(self, message: Message) -> None:
        """Send the application's response with the gate's headers; drop it if the request is refused instead."""
        if self.refusal and not self.started:
            return
        if message["type"] == "http.response.start":
            self.started = True
            replaced = {name for name, _ in _HEADERS}
            others = [pair for pair in message.get("headers", ()) if bytes(pair[0]).lower() not in replaced]
            message["headers"] = [*others, *_HEADERS]
        await self._send(message)


def _too_large(upload: bool) -> Refusal:
    content, limit = ("files sent at once", _MAX_UPLOAD) if upload else ("a request", _MAX_BODY)
    return Refusal(413, f"{content} may have at most {limit // 1_000_000} MB together", close=True)


def _too_many_bytes(wait: int) -> Refusal:
    limit = _UPLOADED[0] // 1_000_000
    return Refusal(429, f"more than {limit:,} MB were sent in an hour; try again in {wait} seconds", wait, close=True)


def _host(url: bytes) -> tuple[str, str] | None:
    """The host of a URL, with and without its port; None if the URL cannot be parsed."""
    try:
        parts = urlsplit(url.decode("ascii"))
        _ = parts.port  # raises ValueError too
    except ValueError:
        return None
    return parts.netloc, parts.hostname or ""


def _client(scope: Scope) -> str:
    """The client whose limits apply: its address, or for IPv6 its /64 network, which usually belongs to one user."""
    address = str((scope.get("client") or ("",))[0])[:64]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address


async def _refuse(refusal: Refusal, path: str, send: Send) -> None:
    """Answer with a refusal: in FastAPI's JSON for programs and the page's script, else in plain text."""
    content_type, body = "text/plain; charset=utf-8", refusal.reason
    if path.startswith("/gradio_api/"):
        content_type, body = "application/json", json.dumps({"detail": refusal.reason})
    length = str(len(body.encode())).encode()
    headers = [*_HEADERS, (b"content-type", content_type.encode()), (b"content-length", length)]
    if refusal.status == 401:
        headers.append((b"www-authenticate", b'Basic realm="khabar", charset="UTF-8"'))
    if refusal.retry_after:
        headers.append((b"retry-after", str(refusal.retry_after).encode()))
    if refusal.close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
