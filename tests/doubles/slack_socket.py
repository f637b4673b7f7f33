"""A double of Slack's Socket Mode: real WebSockets with hello, envelopes, acknowledgements, disconnects."""

import itertools
import json
import threading
import time
from collections.abc import Callable
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve


class Sockets:
    """Hands out addresses, each good for one connection, and speaks to whoever connects.

    Attributes:
        acknowledged: when each envelope was acknowledged, and with what payload.
        refuse: how many connections are to be refused.
    """

    def __init__(self) -> None:
        self.acknowledged: dict[str, tuple[float, Any]] = {}
        self.opened = 0
        self.refuse = 0
        self._tickets: set[str] = set()
        self._numbers = itertools.count(1)
        self._connections: list[ServerConnection] = []
        self._changed = threading.Condition()
        self._server = serve(self._serve, "127.0.0.1", 0)
        self._port = self._server.socket.getsockname()[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()

    def address(self) -> str:
        ticket = f"ticket-{next(self._numbers)}"
        self._tickets.add(ticket)
        return f"ws://127.0.0.1:{self._port}/link/?ticket={ticket}&app_id=A0APP"

    def _serve(self, connection: ServerConnection) -> None:
        ticket = connection.request.path.partition("ticket=")[2].partition("&")[0]
        if ticket not in self._tickets or self.refuse:
            self.refuse = max(0, self.refuse - 1)
            return
        self._tickets.discard(ticket)
        with self._changed:
            self._connections.append(connection)
            self.opened += 1
            self._changed.notify_all()
        connection.send(json.dumps({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0APP"}}))
        try:
            for message in connection:
                said = json.loads(message)
                with self._changed:
                    self.acknowledged[said["envelope_id"]] = (time.monotonic(), said.get("payload"))
                    self._changed.notify_all()
        except ConnectionClosed:
            pass
        finally:
            with self._changed:
                self._connections.remove(connection)
                self._changed.notify_all()

    def send(self, payload: dict, kind: str = "events_api", envelope: str = "", attempt: int = 0) -> str:
        """Send a payload over the newest connection; the envelope's id."""
        name = envelope or f"envelope-{next(self._numbers)}"
        body = {"type": kind, "envelope_id": name, "payload": payload, "accepts_response_payload": kind != "events_api"}
        if attempt:
            body |= {"retry_attempt": attempt, "retry_reason": "timeout"}
        self.wait(lambda: self._connections)
        self._connections[-1].send(json.dumps(body))
        return name

    def disconnect(self) -> None:
        """Ask all to come again, as Slack does when it refreshes, then close."""
        for connection in list(self._connections):
            connection.send(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))

    def drop(self) -> None:
        """Break all connections without a word."""
        for connection in list(self._connections):
            connection.close_socket()

    def wait(self, true: Callable[[], object], seconds: float = 15) -> None:
        with self._changed:
            assert self._changed.wait_for(true, seconds), "it did not come"
