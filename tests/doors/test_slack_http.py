"""The HTTP server for Slack's calls: it refuses, or cuts off, what Slack would never send."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from slack_bench import post, signed, wait
from slack_web import BOT, SECRET, TEAM

from assistant.slack.http_server import MAX_CONNECTIONS, Server
from ingest.errors import SettingsError

BODY = json.dumps({"type": "event_callback", "event": {"type": "message"}})


class Handled:
    """Calls that reached Bolt, each held up until `go`."""

    def __init__(self) -> None:
        self.count = 0
        self.go = threading.Event()
        self.go.set()


@pytest.fixture
def handled() -> Handled:
    return Handled()


@pytest.fixture
def server(handled: Handled) -> Iterator[Server]:
    from slack_bolt import App, BoltResponse
    from slack_bolt.authorization import AuthorizeResult

    app = App(
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token=BOT),
        signing_secret=SECRET,
        token_verification_enabled=False,
        process_before_response=True,
    )

    @app.middleware
    def handle() -> BoltResponse:
        handled.count += 1
        handled.go.wait(10)
        return BoltResponse(status=200, body="done")

    server = Server(app, "127.0.0.1", 0, timeout=1)
    server.start()
    yield server
    server.stop()


def test_a_signed_call_reaches_bolt(server: Server, handled: Handled) -> None:
    assert post(server.port, BODY, signed(BODY)) == (200, b"done")
    assert handled.count == 1


@pytest.mark.parametrize(("method", "path"), [("GET", "/slack/events"), ("POST", "/"), ("POST", "/slack/events/x")])
def test_another_path_or_method_is_not_found(server: Server, handled: Handled, method: str, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=15)
    connection.request(method, path, BODY.encode(), signed(BODY))
    assert connection.getresponse().status == 404
    connection.close()
    assert handled.count == 0


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    ],
)
def test_a_caller_who_is_too_slow_is_cut_off(server: Server, handled: Handled, start: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as caller:
        caller.sendall(start)
        answer = b""
        while received := caller.recv(1024):  # until the server closes
            answer += received
    assert answer == b"" or answer.startswith(b"HTTP/1.1 408")
    assert handled.count == 0


def test_a_call_beyond_the_limit_of_connections_is_refused(server: Server, handled: Handled) -> None:
    with ExitStack() as opened:
        for _ in range(MAX_CONNECTIONS):
            opened.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
        assert post(server.port, BODY, signed(BODY))[0] == 503
    assert handled.count == 0


def test_a_call_that_has_arrived_is_answered_before_the_server_stops(server: Server, handled: Handled) -> None:
    handled.go.clear()
    statuses: list[int] = []
    caller = threading.Thread(target=lambda: statuses.append(post(server.port, BODY, signed(BODY))[0]))
    caller.start()
    wait(lambda: handled.count)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    handled.go.set()
    stopping.join()
    caller.join()
    assert statuses == [200]
    assert not server.running


def test_a_port_in_use_is_an_error(server: Server) -> None:
    with pytest.raises(SettingsError, match="choose another --port"):
        Server(None, "127.0.0.1", server.port)  # type: ignore[arg-type]
