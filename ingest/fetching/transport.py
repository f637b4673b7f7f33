"""An httpx transport that connects only to addresses that the URL policy allows.

A host name is resolved once, each of its addresses is checked, and the connection goes to the checked address: a name
cannot change its meaning in between (DNS rebinding). TLS and the Host header keep the name. Each request has its own
connection and one deadline from connecting to the last byte, so that a server that drips bytes cannot hold a thread.
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
from ingest.fetching.url_policy import refusal

CONNECTION_ERRORS = (httpx.HTTPError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError)
"""Raised when a connection fails or times out."""


class Network:
    """Resolves names and opens connections. Tests pass their own."""

    def resolve(self, host: str, port: int) -> list[str]:
        """Resolve a host name to IP addresses, as text.

        Raises:
            OSError: the name has no address.
        """
        results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(address[0]) for *_, address in results))

    def connect(self, address: str, port: int, timeout: float) -> httpcore.NetworkStream:
        """Connect to an IP address, within `timeout` seconds."""
        return httpcore.SyncBackend().connect_tcp(address, port, timeout=timeout)


class SafeTransport(httpx.BaseTransport):
    """Sends requests to the public internet only, and to private networks if `allow_private`.

    Args:
        network: resolves names and opens connections.
        allow_private: private networks and this machine may be reached too.
        timeout: seconds for one request, from connecting to the last byte.
        idle_timeout: seconds without a byte.
    """

    def __init__(self, network: Network, *, allow_private: bool, timeout: float, idle_timeout: float) -> None:
        self._network, self._allow_private = network, allow_private
        self._timeout, self._idle_timeout = timeout, idle_timeout

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            FetchError: the host's address is not allowed.
            httpx.HTTPError, httpcore errors, OSError: see `CONNECTION_ERRORS`.
        """
        deadline = time.monotonic() + self._timeout
        backend = _Backend(self._network, self._allow_private, deadline, self._idle_timeout, str(request.url))
        pool = httpcore.ConnectionPool(_certificates(), network_backend=backend, max_keepalive_connections=0)
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), self._idle_timeout)
        try:
            response = pool.handle_request(
                httpcore.Request(request.method, target, headers=request.headers.raw, extensions={"timeout": timeout})
            )
        except BaseException:
            pool.close()
            raise
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response, pool))


@functools.cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # 50 ms


class _Body(httpx.SyncByteStream):
    """The bytes of a response; closing it closes the connection."""

    def __init__(self, response: httpcore.Response, pool: httpcore.ConnectionPool) -> None:
        self._response, self._pool = response, pool

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()
        self._pool.close()


class _Backend(httpcore.NetworkBackend):
    """Opens the connection of one request, to an allowed address."""

    def __init__(self, network: Network, allow_private: bool, deadline: float, idle_timeout: float, url: str) -> None:
        self._network, self._allow_private = network, allow_private
        self._deadline, self._idle_timeout, self._url = deadline, idle_timeout, url

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = OSError("the name has no address")
        for address in self._allowed_addresses(host, port):
            try:
                stream = self._network.connect(address, port, _remaining(self._deadline, timeout))
            except CONNECTION_ERRORS as error:
                failure = error
            else:
                return _Stream(stream, self._deadline)
        raise failure

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise FetchError(self._url, "Unix sockets are not fetched from")

    def _allowed_addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host; if one of them is not allowed, the host is refused."""
        try:
            ip_address(host)
            addresses = [host]
        except ValueError:
            addresses = self._resolve(host, port)
        for address in addresses:
            if reason := refusal(ip_address(address), allow_private=self._allow_private):
                raise FetchError(self._url, reason if address == host else f"{host} resolves to {address}: {reason}")
        return addresses

    def _resolve(self, host: str, port: int) -> list[str]:
        """Resolve a name in a thread, because the system's resolver may take minutes and has no timeout."""
        results: SimpleQueue[list[str] | Exception] = SimpleQueue()

        def resolve() -> None:
            try:
                results.put(self._network.resolve(host, port))
            except Exception as error:  # raised below, in the waiting thread
                results.put(error)

        Thread(target=resolve, daemon=True).start()
        try:
            result = results.get(timeout=_remaining(self._deadline, self._idle_timeout))
        except Empty:
            raise OSError("its name could not be resolved in time") from None
        if isinstance(result, Exception):
            raise result
        return result


class _Stream(httpcore.NetworkStream):
    """A connection that fails at its deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _remaining(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _remaining(self._deadline, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, _remaining(self._deadline, timeout))
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 # as httpcore has it
        return self._inner.get_extra_info(info)


def _remaining(deadline: float, timeout: float | None) -> float:
    """Seconds until the deadline, `timeout` at most."""
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise httpcore.ReadTimeout("the deadline has passed")
    return remaining if timeout is None else min(remaining, timeout)
