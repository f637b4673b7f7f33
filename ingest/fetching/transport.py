"""The way to a server: a name is resolved once, every address is checked, and that very address is connected to.

TLS and the Host header keep the name. Each request has a connection of its own, and one limit of time from its first
byte to its last, so that a server which drips does not hold anybody for long.
"""

import functools
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import httpcore
import httpx

from ingest.errors import FetchError
from ingest.fetching.url_policy import closed

BROKEN = (httpx.HTTPError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError)
"""What a connection that goes wrong raises."""


class Network:
    """The two things that are asked of the system. A test puts its own in this place."""

    def resolve(self, host: str, port: int) -> list[str]:
        """The addresses of a name, as text.

        Raises:
            OSError: it has none.
        """
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    def dial(self, address: str, port: int, seconds: float) -> httpcore.NetworkStream:
        """Connect to an address, which is a number: nothing is looked up any more."""
        return httpcore.SyncBackend().connect_tcp(address, port, timeout=seconds)


class SafeTransport(httpx.BaseTransport):
    """Requests that reach the public internet only, and one's own network if `private`.

    Args:
        network: resolves and connects.
        private: addresses of one's own network may be connected to.
        seconds: for one request, from connecting to the last byte.
        patience: seconds without a byte.
    """

    def __init__(self, network: Network, *, private: bool, seconds: float, patience: float) -> None:
        self._network, self._private = network, private
        self._seconds, self._patience = seconds, patience

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        deadline = time.monotonic() + self._seconds
        backend = _Backend(self._network, self._private, deadline, self._patience, str(request.url))
        pool = httpcore.ConnectionPool(_certificates(), network_backend=backend, max_keepalive_connections=0)
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), self._patience)
        try:
            answer = pool.handle_request(
                httpcore.Request(request.method, target, headers=request.headers.raw, extensions={"timeout": timeout})
            )
        except BaseException:
            pool.close()
            raise
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, pool))


@functools.cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # 50 ms


class _Body(httpx.SyncByteStream):
    """The bytes of an answer; when it is closed its connection is."""

    def __init__(self, answer: httpcore.Response, pool: httpcore.ConnectionPool) -> None:
        self._answer, self._pool = answer, pool

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
        self._pool.close()


class _Backend(httpcore.NetworkBackend):
    """Connects for one request."""

    def __init__(self, network: Network, private: bool, deadline: float, patience: float, url: str) -> None:
        self._network, self._private = network, private
        self._deadline, self._patience, self._url = deadline, patience, url

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = OSError("the name has no address")
        for address in self._addresses(host, port):
            try:
                stream = self._network.dial(address, port, _left(self._deadline, timeout))
            except BROKEN as error:
                failure = error
            else:
                return _Stream(stream, self._deadline)
        raise failure

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise FetchError(self._url, "a socket of this machine is not fetched from")

    def _addresses(self, host: str, port: int) -> list[str]:
        """What the host stands for, each of it allowed: where one is not, none is trusted."""
        try:
            ip_address(host)
            addresses = [host]
        except ValueError:
            addresses = self._resolved(host, port)
        for address in addresses:
            if why := closed(ip_address(address), private=self._private):
                raise FetchError(self._url, why if address == host else f"{host} stands for {address}: {why}")
        return addresses

    def _resolved(self, host: str, port: int) -> list[str]:
        """What the name stands for, waited for as long as for the server itself: the system's own limit is minutes."""
        answer: SimpleQueue[list[str] | Exception] = SimpleQueue()

        def look_up() -> None:
            try:
                answer.put(self._network.resolve(host, port))
            except Exception as error:  # raised to who waits
                answer.put(error)

        Thread(target=look_up, daemon=True).start()
        try:
            found = answer.get(timeout=_left(self._deadline, self._patience))
        except Empty:
            raise OSError("its name could not be looked up in time") from None
        if isinstance(found, Exception):
            raise found
        return found


class _Stream(httpcore.NetworkStream):
    """A connection that ends when its time is over."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, _left(self._deadline, timeout))
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 # as httpcore has it
        return self._inner.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    """Seconds that may still be waited."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for it is over")
    return left if timeout is None else min(left, timeout)
