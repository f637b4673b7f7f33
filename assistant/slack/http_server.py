"""Receive Slack's calls over HTTP with Bolt's ASGI adapter under uvicorn; a proxy in front of it handles TLS.

A call is refused before Bolt parses it if its path is wrong, its body too long or too slow, or its signature malformed.
Bolt then verifies the signature.
"""

import asyncio
import logging
import re
import socket
import threading
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from assistant.slack.manifest import PATH
from assistant.slack.web_api import quiet
from ingest.errors import SettingsError

if TYPE_CHECKING:
    from slack_bolt import App

log = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
AsgiApp = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

MAX_CONNECTIONS = 128
"""The limit of open connections; calls beyond it get status 503, and Slack sends them again."""

_MAX_BODY = 1 << 20  # bytes; Slack's calls are below 100 kB
_TIMEOUT = 10  # seconds; Slack itself gives up after 3
_LENGTH = re.compile(rb"[0-9]{1,9}")
_TIMESTAMP = re.compile(rb"[0-9]{1,12}")
_SIGNATURE = re.compile(rb"v0=[0-9a-f]{64}")


class Server:
    """Serves a Bolt app in a thread of its own, until `stop`.

    Args:
        app: verifies the calls and answers them.
        host: the interface to listen on.
        port: 0 for any free port.
        timeout: seconds for the headers of a call, for its body, and for open calls when the server stops.

    Raises:
        SettingsError: the address is in use or not available.
    """

    def __init__(self, app: "App", host: str, port: int, timeout: int = _TIMEOUT) -> None:
        import uvicorn

        try:
            self._socket = socket.create_server((host, port), backlog=MAX_CONNECTIONS)
        except OSError as error:
            raise SettingsError(
                f"cannot listen on {host}:{port}: {error.strerror or error}; choose another --port"
            ) from error
        self.port = int(self._socket.getsockname()[1])
        config = uvicorn.Config(
            _bounded(_adapter(app), timeout),
            http=_deadline_protocol(timeout),
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            headers=[("Connection", "close")],  # one call a connection, so that one deadline covers it
            limit_concurrency=MAX_CONNECTIONS,
            timeout_graceful_shutdown=timeout,
        )
        self._timeout = timeout
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="khabar-slack-http", daemon=True
        )

    @property
    def running(self) -> bool:
        """Whether the server answers calls."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start answering calls."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; calls that have arrived are answered first."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(2 * self._timeout)
        self._socket.close()


def _adapter(app: "App") -> AsgiApp:
    """Bolt's ASGI adapter, changed to answer in threads: a call that waits for the catalogue must not delay others."""
    from slack_bolt import BoltRequest, BoltResponse
    from slack_bolt.adapter.asgi import SlackRequestHandler
    from slack_bolt.adapter.asgi.http_request import AsgiHttpRequest

    class Adapter(SlackRequestHandler):
        async def dispatch(self, request: AsgiHttpRequest) -> BoltResponse:
            body = await request.get_raw_body()
            call = BoltRequest(body=body, query=request.query_string, headers=request.get_headers())
            if not all(isinstance(call.body.get(name, {}), dict) for name in ("event", "view")):
                return BoltResponse(status=HTTPStatus.BAD_REQUEST)  # Bolt's middleware raises an error for these
            return await asyncio.to_thread(self.app.dispatch, call)

    return Adapter(app, PATH)


def _bounded(app: AsgiApp, timeout: float) -> AsgiApp:
    """An ASGI app that passes on to `app` only calls that could be Slack's."""

    async def handle(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        if scope["method"] != "POST" or scope["path"] != PATH:
            return await _refuse(send, HTTPStatus.NOT_FOUND)
        if not _LENGTH.fullmatch(length) or int(length) > _MAX_BODY:
            return await _refuse(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            async with asyncio.timeout(timeout):
                body = await _read_body(receive)
        except TimeoutError:
            return await _refuse(send, HTTPStatus.REQUEST_TIMEOUT)
        # Bolt's own check raises an error for a malformed timestamp or signature.
        timestamp, signature = (headers.get(b"x-slack-" + name, b"") for name in (b"request-timestamp", b"signature"))
        if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
            return await _refuse(send, HTTPStatus.UNAUTHORIZED)

        async def replay() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        try:
            await app(scope, replay, send)
        except Exception as error:  # Bolt parses a call before it verifies it, so the body may be anything
            log.debug("could not parse a call: %s", type(error).__name__)
            await _refuse(send, HTTPStatus.BAD_REQUEST)
        return None

    return handle


async def _read_body(receive: Receive) -> bytes:
    """Read the body of a call; uvicorn stops at its Content-Length."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


async def _refuse(send: Send, status: HTTPStatus) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def _deadline_protocol(timeout: float) -> type[asyncio.Protocol]:
    """Uvicorn's HTTP protocol with a deadline for a call's headers, for which uvicorn would wait forever."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Protocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.logger = quiet("http")
            self.loop.call_later(timeout, self._close_without_headers)

        def _close_without_headers(self) -> None:
            if self.cycle is None:  # no call has begun
                self.transport.close()

    return Protocol
