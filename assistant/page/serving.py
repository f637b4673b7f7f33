"""Serve the page: who may open it, and what every response says.

Gradio serves; around all that it serves stands one gate. It asks for the password if there is one, also for files and
for MCP; it lets only this page's own origin send anything, and only by a name of this machine where it listens on
loopback, so that no other site can use a reader's browser to reach it; it shuts what is not needed; and it tells the
browser to fetch nothing from other hosts.
"""

import atexit
import base64
import contextlib
import hmac
import io
import ipaddress
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.core import Assistant
from assistant.page.adding import LARGEST
from assistant.page.build import Page, build
from ingest.errors import SettingsError

_NEEDLESS = (
    *("/monitoring", "/pwa_icon", "/gradio_api/runs", "/gradio_api/run-history", "/gradio_api/deep_link"),
    *("/gradio_api/proxy=", "/gradio_api/vibe", "/gradio_api/process_recording", "/gradio_api/dev"),
)
_BEGIN = "/gradio_api/startup-events"  # Gradio asks it of itself, without a password; it tells nothing
_READERS = 40  # requests served at once: threads, most of which wait for a model
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


class Gate:
    """The ASGI middleware that stands around all that is served."""

    def __init__(self, served: Served, access: Access) -> None:
        self._served = served
        self._access = access
        token = base64.b64encode(f"{access.user}:{access.password}".encode()).decode()
        self._expected = f"Basic {token}".encode() if access.user else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._served(scope, receive, send)
            return  # the page uses no web sockets

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in _HEADERS}
                kept = [pair for pair in message.get("headers", ()) if bytes(pair[0]).lower() not in ours]
                message["headers"] = [*kept, *_HEADERS]
            await send(message)

        refusal = self._refusal(scope, {bytes(name).lower(): bytes(value) for name, value in scope["headers"]})
        if refusal:
            await _refuse(*refusal, send_with_headers)
        else:
            await self._served(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> tuple[int, str] | None:
        host = headers.get(b"host", b"").decode("latin-1")
        name = urlsplit(f"//{host}").hostname or ""
        if is_loopback(self._access.host) and not is_loopback(name):
            return 421, "this page is served to this machine only, under the name localhost"
        origin = headers.get(b"origin", b"").decode("latin-1")
        if origin and urlsplit(origin).netloc != host:
            return 403, "another site may not use this page"
        path = str(scope["path"])
        if path == _BEGIN:
            return None
        if self._expected and not hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
            return 401, "user and password, please"
        if path.startswith(_NEEDLESS):
            return 404, "not found"
        if self._access.read_only and path.startswith("/gradio_api/upload"):
            return 403, "nothing can be added here"
        return None


async def _refuse(status: int, reason: str, send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    if status == 401:
        headers.append((b"www-authenticate", b'Basic realm="khabar", charset="UTF-8"'))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode()})


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
    from starlette.middleware import Middleware

    if mcp:
        _refuse_without_mcp()
    port = _free_port(access.host, port)
    page = build(assistant, read_only=access.read_only)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # Gradio prints of MCP whatever it is told
            _, address, _ = page.blocks.queue(default_concurrency_limit=_READERS, api_open=True).launch(
                server_name=access.host,
                server_port=port,
                app_kwargs={"middleware": [Middleware(Gate, access=access)], "docs_url": None, "redoc_url": None},
                mcp_server=mcp,
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
