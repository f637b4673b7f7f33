"""Serve the page: who may open it, and what every response says.

Gradio serves; around all that it serves stands one gate. It asks for the password if there is one, also for files and
for MCP; it lets only this page's own origin send anything, and only by a name of this machine where it listens on
loopback, so that no other site can use a reader's browser to reach it; it shuts what is not needed; it cuts off what is
too large while it comes, and slows down who sends too much or guesses passwords; and it tells the browser to fetch
nothing from other hosts.
"""

import atexit
import base64
import contextlib
import hmac
import io
import ipaddress
import json
import math
import os
import shutil
import tempfile
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.assistant import Assistant
from assistant.page.adding import LARGEST
from assistant.page.api import McpServer
from assistant.page.build import Page, build
from assistant.page.failures import told
from ingest.errors import SettingsError

_NEEDLESS = (
    *("/monitoring", "/pwa_icon", "/gradio_api/runs", "/gradio_api/run-history", "/gradio_api/deep_link"),
    *("/gradio_api/proxy=", "/gradio_api/vibe", "/gradio_api/process_recording", "/gradio_api/dev"),
)
_UPLOAD = "/gradio_api/upload"
MCP = "/gradio_api/mcp"
"""Where MCP is served."""

_BEGIN = "/gradio_api/startup-events"  # Gradio asks it of itself, without a password; it tells nothing
_READERS = 40  # requests served at once: threads, most of which wait for a model
LARGEST_UPLOAD = 200_000_000
"""Bytes of all files that are sent at once."""

_BODY = 4_000_000  # bytes of any other request: a conversation has at most a million characters
_WRONG, _WRONG_SECONDS = 10, 300.0  # wrong passwords of one client
_SENT, _SENT_SECONDS = 600, 60.0  # requests of one client that are not for reading only; a question is one or two
_UPLOADED, _UPLOADED_SECONDS = 1_000_000_000, 3600.0  # bytes of files from one client
_ANSWERED = "answered, and in the log where that is its place"
_CLIENTS = 10_000  # that are remembered
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # Gradio's own: it compiles its templates in the browser
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
Served = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Access:
    """Who may open the page.

    Attributes:
        user: and `password`: what a browser must send; no user: nothing.
        read_only: nothing can be added to the archive.
    """

    host: str = "127.0.0.1"
    user: str = ""
    password: str = ""
    read_only: bool = False


def access(host: str, auth: str, *, no_auth: bool, read_only: bool) -> Access:
    """Who may open the page, from what was typed.

    Args:
        host: where to listen.
        auth: "USER:FILE", the file with the password in its first line.
        no_auth: another host may be served without a password.
        read_only: nothing may be added.

    Raises:
        SettingsError: the file cannot be read, or another host is to be served without a password.
    """
    user, colon, file = auth.partition(":")
    if auth and not (user and colon and file):
        raise SettingsError(f"--auth {auth} is not understood; write it as --auth USER:FILE, the password in the file")
    password = ""
    if auth:
        try:
            password = Path(file).expanduser().read_text("utf-8").partition("\n")[0].strip()
        except (OSError, ValueError) as error:
            raise SettingsError(f"the password file {file} cannot be read: {error}") from error
        if not password:
            raise SettingsError(f"the password file {file} is empty; write the password into its first line")
    if not is_loopback(host) and not auth and not no_auth:
        raise SettingsError(
            f"on {host} others could open the page and read the archive: set a password with --auth USER:FILE, "
            "or say --no-auth if that is what you want"
        )
    return Access(host, user, password, read_only)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Allowance:
    """How much each client may do: so much at once, and what was used grows again. The memory that it takes is bounded.

    Args:
        most: at once.
        seconds: in which all of it grows again.
    """

    def __init__(self, most: float, seconds: float) -> None:
        self._most, self._rate = most, most / seconds
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()  # how much of it is used, and when that was

    def take(self, client: str, amount: float = 1.0) -> None:
        """Use some of it."""
        self._used[client] = (self._now(client) + amount, time.monotonic())
        self._used.move_to_end(client)
        while len(self._used) > _CLIENTS:
            self._used.popitem(last=False)

    def wait(self, client: str) -> int:
        """Whole seconds until a client may do something again; 0 if it may now."""
        return max(0, math.ceil((self._now(client) - self._most + min(1.0, self._most)) / self._rate))

    def _now(self, client: str) -> float:
        used, when = self._used.get(client, (0.0, 0.0))
        return max(0.0, used - (time.monotonic() - when) * self._rate)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not served.

    Attributes:
        wait: seconds after which it may be sent again; 0 where that is not the point.
        ends: its body is not read, so that the connection ends.
    """

    status: int
    reason: str
    wait: int = 0
    ends: bool = False


class Gate:
    """The ASGI middleware that stands around all that is served."""

    def __init__(self, served: Served, access: Access) -> None:
        self._served = served
        self._access = access
        token = base64.b64encode(f"{access.user}:{access.password}".encode()).decode()
        self._expected = f"Basic {token}".encode() if access.user else b""
        self._wrong = Allowance(_WRONG, _WRONG_SECONDS)
        self._sent = Allowance(_SENT, _SENT_SECONDS)
        self._uploaded = Allowance(_UPLOADED, _UPLOADED_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            return  # the page uses no web sockets
        headers = {bytes(name).lower(): bytes(value) for name, value in scope["headers"]}
        client = _client(scope)
        refusal = self._refusal(scope, headers, client) or self._too_much(scope, headers, client)
        body = _Body(receive, send, str(scope["path"]), self._uploaded, client)
        if not refusal:
            try:
                await self._served(scope, body.receive, body.send)
            except Exception as error:
                answered = body.started and _ANSWERED in getattr(error, "__notes__", ())
                if not (answered or (body.refusal and not body.started)):
                    raise
            refusal = None if body.started else body.refusal
        if refusal:
            await _refuse(refusal, str(scope["path"]), send)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes], client: str) -> Refusal | None:
        host = _netloc(b"//" + headers.get(b"host", b""))
        if host is None:
            return Refusal(400, "the header Host is none")
        if is_loopback(self._access.host) and not is_loopback(host[1]):
            return Refusal(421, "this page is served to this machine only, under the name localhost")
        if _netloc(b"//" + headers.get(b"x-forwarded-host", b"").partition(b",")[0].strip()) is None:
            return Refusal(400, "the header X-Forwarded-Host is none")
        origin = headers.get(b"origin")
        if origin:
            parts = _netloc(origin)
            if parts is None:
                return Refusal(400, "the header Origin is none")
            if parts[0] != host[0]:
                return Refusal(403, "another site may not use this page")
        path = str(scope["path"])
        if path == _BEGIN:
            return None
        if self._expected and (refusal := self._unknown(headers.get(b"authorization", b""), client)):
            return refusal
        if path.startswith(_NEEDLESS):
            return Refusal(404, "not found")
        if self._access.read_only and path.startswith(_UPLOAD):
            return Refusal(403, "nothing can be added here")
        return None

    def _unknown(self, given: bytes, client: str) -> Refusal | None:
        """That the password is wrong, or was too often: then the right one is refused too, or it could be guessed."""
        if wait := self._wrong.wait(client):
            return Refusal(429, f"too many wrong passwords; try again in {wait} seconds", wait)
        if hmac.compare_digest(given, self._expected):
            return None
        if given:
            self._wrong.take(client)
        return Refusal(401, "user and password, please")

    def _too_much(self, scope: Scope, headers: dict[bytes, bytes], client: str) -> Refusal | None:
        if scope["method"] in ("GET", "HEAD"):
            return None
        if wait := self._sent.wait(client):
            return Refusal(429, f"too many requests; try again in {wait} seconds", wait, ends=True)
        self._sent.take(client)
        upload = str(scope["path"]).startswith(_UPLOAD)
        if upload and (wait := self._uploaded.wait(client)):
            return _enough(wait)
        length = headers.get(b"content-length", b"")
        large = length.isdigit() and (len(length) > 12 or int(length) > (LARGEST_UPLOAD if upload else _BODY))
        return _too_large(upload) if large else None


class CutOff(Exception):
    """A body is not read any further."""


class _Body:
    """The body of one request, cut off where it becomes too large; and what is answered, unless that is a refusal."""

    def __init__(self, receive: Receive, send: Send, path: str, uploaded: Allowance, client: str) -> None:
        self._receive, self._send, self._uploaded, self._client = receive, send, uploaded, client
        self._upload = path.startswith(_UPLOAD)
        self._left = LARGEST_UPLOAD if self._upload else _BODY
        self._more = True
        self.refusal: Refusal | None = None
        self.started = False

    async def receive(self) -> Message:
        """The next piece.

        Raises:
            CutOff: it becomes too much.
            MultiPartException: so does an upload, or it broke off; Gradio then deletes what it has of it.
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
                self.refusal = _enough(wait)
        if self._upload and (self.refusal or (self._more and message["type"] == "http.disconnect")):
            from starlette.formparsers import MultiPartException

            raise MultiPartException("the upload broke off")
        if self.refusal:
            raise CutOff
        return message

    async def send(self, message: Message) -> None:
        """Answer, with our headers; not at all, where a refusal is to be the answer."""
        if self.refusal and not self.started:
            return
        if message["type"] == "http.response.start":
            self.started = True
            ours = {name for name, _ in _HEADERS}
            kept = [pair for pair in message.get("headers", ()) if bytes(pair[0]).lower() not in ours]
            message["headers"] = [*kept, *_HEADERS]
        await self._send(message)


def _too_large(upload: bool) -> Refusal:
    most = LARGEST_UPLOAD if upload else _BODY
    what = "files sent at once" if upload else "a request"
    return Refusal(413, f"{what} may have at most {most // 1_000_000} MB together", ends=True)


def _enough(wait: int) -> Refusal:
    most = _UPLOADED // 1_000_000
    return Refusal(429, f"more than {most:,} MB were sent in an hour; try again in {wait} seconds", wait, ends=True)


def _netloc(text: bytes) -> tuple[str, str] | None:
    """The host of an address, as it is written with its port and alone; None for what cannot be parsed."""
    try:
        parts = urlsplit(text.decode("ascii"))
        _ = parts.port  # raises too
    except ValueError:
        return None
    return parts.netloc, parts.hostname or ""


def _client(scope: Scope) -> str:
    """Who sends: an address, of version 6 its network, for one user has as many of those as they like."""
    address = str((scope.get("client") or ("",))[0])[:64]
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else address


async def _refuse(refusal: Refusal, path: str, send: Send) -> None:
    """Answer with a refusal: to programs and to the page's script in the form of FastAPI's own, else in plain text."""
    kind, body = "text/plain; charset=utf-8", refusal.reason
    if path.startswith("/gradio_api/"):
        kind, body = "application/json", json.dumps({"detail": refusal.reason})
    headers = [*_HEADERS, (b"content-type", kind.encode()), (b"content-length", str(len(body.encode())).encode())]
    if refusal.status == 401:
        headers.append((b"www-authenticate", b'Basic realm="khabar", charset="UTF-8"'))
    if refusal.wait:
        headers.append((b"retry-after", str(refusal.wait).encode()))
    if refusal.ends:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})


async def _unexpected(request: Any, error: Exception) -> Any:  # noqa: ANN401 - Starlette's, imported when it serves
    """Answer where Gradio itself failed: by the arguments that a program sent, or by a reference into the log."""
    from starlette.responses import JSONResponse

    error.add_note(_ANSWERED)  # Starlette raises it again
    if isinstance(error, CutOff):
        return JSONResponse({}, 413)  # the gate says why
    _, called, name = str(request.url.path).partition("/gradio_api/call/v2/")
    said = str(error).partition(". Please click")[0]
    if called and isinstance(error, TypeError) and said.startswith(("Parameter `", "No value provided")):
        return JSONResponse({"detail": said[:1000]}, 400)
    if called and isinstance(error, KeyError) and error.args == (f"/{name.strip('/')}",):
        return JSONResponse({"detail": f"there is no endpoint {name[:80]}"}, 404)
    return JSONResponse({"detail": told(error, "en")}, 500)


def _app(access: Access, mcp: McpServer | None) -> dict[str, Any]:
    """What Gradio's application is made with: our gate around all of it, before the first request, and MCP in it."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:  # noqa: ANN401 - Gradio's
        app.middleware_stack = Gate(app.middleware_stack, access)  # Gradio adds its own outside of those it is given
        async with mcp.lifespan(app) if mcp else contextlib.nullcontext():
            yield

    return {
        "lifespan": lifespan, "exception_handlers": {Exception: _unexpected}, "docs_url": None, "redoc_url": None,
        **({"routes": mcp.routes} if mcp else {}),
    }  # fmt: skip


def launch(assistant: Assistant, access: Access, port: int, *, mcp: bool = False) -> tuple[Page, str]:
    """Serve the page from a thread of its own.

    Args:
        assistant: answers; it stays open.
        access: who may open the page, and where it listens.
        port: 0 for any that is free.
        mcp: MCP clients are served too.

    Returns:
        The page, to be closed by `Page.close`, and its address.

    Raises:
        SettingsError: the port is taken, or MCP is asked for and its package is not there.
    """
    _quiet_gradio()
    if mcp:
        _refuse_without_mcp()
    port = _free_port(access.host, port)
    page = build(assistant, read_only=access.read_only)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # Gradio prints of MCP whatever it is told
            _, address, _ = page.blocks.queue(default_concurrency_limit=_READERS, api_open=True).launch(
                server_name=access.host,
                server_port=port,
                app_kwargs=_app(access, McpServer(assistant, MCP) if mcp else None),
                mcp_server=False,
                max_threads=_READERS,
                max_file_size=LARGEST,
                prevent_thread_lock=True,
                share=False,
                quiet=True,
                show_error=False,
                enable_monitoring=False,
                run_history=False,
                footer_links=[],
                ssr_mode=False,
                pwa=False,
                inbrowser=False,
                favicon_path=page.icon,
                allowed_paths=[],
                **page.looks,
            )
    except OSError as error:
        raise _taken(access.host, port, error) from error
    return page, address


def _quiet_gradio() -> None:
    """Nothing of the environment's Gradio variables opens the page wider, and nothing is told to anybody."""
    for name in [*os.environ]:
        if name.startswith("GRADIO_") and name != "GRADIO_TEMP_DIR":
            del os.environ[name]
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"  # it keeps what was asked how fast, and sums it up after each event
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    if "GRADIO_TEMP_DIR" not in os.environ:  # where uploaded files lie until they are added
        os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="khabar-page-")
        atexit.register(shutil.rmtree, os.environ["GRADIO_TEMP_DIR"], ignore_errors=True)


def _refuse_without_mcp() -> None:
    try:
        import mcp  # noqa: F401 - Gradio serves without a word where it is missing
    except ImportError as error:
        raise SettingsError("--mcp needs the package mcp; install it with: pip install 'khabar[mcp]'") from error


def _free_port(host: str, port: int) -> int:
    """The port if it is free; for 0 any that is."""
    import socket

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _taken(host, port, error) from error
        return int(probe.getsockname()[1])


def _taken(host: str, port: int, error: OSError) -> SettingsError:
    reason = error.strerror or error
    return SettingsError(f"port {port} on {host} cannot be used: {reason}; choose another with --port")
