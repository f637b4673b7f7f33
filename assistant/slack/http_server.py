"""The door for Slack's calls over HTTP: one path, signed, bounded; TLS is the proxy's in front of it."""

import logging
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from assistant.slack.manifest import PATH
from ingest.errors import SettingsError

if TYPE_CHECKING:
    from slack_bolt import App

log = logging.getLogger(__name__)

_LONGEST = 1 << 20  # bytes of a call; Slack's are below 100 kB
_TIMEOUT = 10  # seconds that a call may take to arrive
_OBJECTS = ("event", "view")  # bolt takes them for objects
_LENGTH = re.compile("[0-9]{1,9}")
_STAMP = re.compile("[0-9]{1,12}")
_SIGNATURE = re.compile("v0=[0-9a-f]{64}")


class Server:
    """Serves a bolt app until `stop`.

    Args:
        app: answers the calls; it verifies them.
        host: the interface to listen on.
        port: 0 for any that is free.

    Raises:
        SettingsError: the port cannot be had.
    """

    def __init__(self, app: "App", host: str, port: int) -> None:
        try:
            self._server = _Bounded((host, port), _handler(app))
        except OSError as error:
            raise SettingsError(
                f"cannot listen on {host}:{port}: {error.strerror or error}; choose another --port"
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="khabar-slack-http", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def running(self) -> bool:
        """Whether calls are answered."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; calls that have arrived are answered."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Bounded(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the library's
        log.debug("a call broke off", exc_info=True)


def _handler(app: "App") -> Callable[..., BaseHTTPRequestHandler]:
    from slack_bolt import BoltRequest

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _TIMEOUT

        def do_POST(self) -> None:
            path, _, query = self.path.partition("?")
            length = self.headers.get("Content-Length", "")
            if path != PATH:
                return self._answer(404, {}, "")
            if not _LENGTH.fullmatch(length) or int(length) > _LONGEST:
                return self._answer(413, {}, "")
            stamp, signature = (self.headers.get(f"X-Slack-{name}", "") for name in ("Request-Timestamp", "Signature"))
            try:
                body = self.rfile.read(int(length)).decode("utf-8")
            except UnicodeDecodeError:
                return self._answer(400, {}, "")
            if not _STAMP.fullmatch(stamp) or not _SIGNATURE.fullmatch(signature):  # the library fails on others
                return self._answer(401, {}, "")
            try:
                request = BoltRequest(body=body, query=query, headers=dict(self.headers.items()))
                if not all(isinstance(request.body.get(name, {}), dict) for name in _OBJECTS):
                    return self._answer(400, {}, "")
                response = app.dispatch(request)
            except Exception as error:  # it is read before it is verified: it may be anything
                log.debug("a call that is none: %s", type(error).__name__)
                return self._answer(400, {}, "")
            return self._answer(response.status, response.headers, response.body)

        def _answer(self, status: int, headers: Any, body: str) -> None:  # noqa: ANN401
            data = body.encode("utf-8", "replace")
            self.send_response(status)
            kind = next(iter(headers.get("content-type") or ()), "text/plain; charset=utf-8")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            if status >= 400:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: ANN401 - the library's
            log.debug("%s", format % args)

    return Handler
