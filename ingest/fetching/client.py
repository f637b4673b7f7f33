"""Fetch URLs politely: robots.txt, one request at a time to each host, retries, and limits of size and time.

Redirects are followed here and not by httpx, because the target of each must pass the same checks as the first URL.
"""

import contextlib
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from importlib import metadata
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx

from ingest.errors import FetchError, Gone
from ingest.fetching.decompress import decompress
from ingest.fetching.robots import Robots
from ingest.fetching.transport import CONNECTION_ERRORS, Network, SafeTransport
from ingest.fetching.url_policy import check_url

MAX_RESPONSE_BYTES = 20_000_000
"""Of a page or a feed, both as it is sent and decompressed."""

_AGENT = "khabar"
_MAX_ROBOTS_BYTES = 500 * 1024  # the rest of a robots.txt is ignored, as RFC 9309 allows
_MAX_VALIDATOR = 500  # characters of an ETag or a date that are kept; they have 20 to 60
_MAX_REDIRECTS = 5  # browsers stop at 20, news sites need 2
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_MAX_RETRY_AFTER = 60.0  # seconds that we wait if a server asks us to; if it asks for more, the fetch fails
_MAX_CRAWL_DELAY = 30.0  # seconds between requests that a robots.txt may ask for
_MAX_HOSTS = 1000  # whose last request is remembered
_MAX_HEADER_NUMBER = 1_000_000_000_000  # larger numbers of bytes or seconds mean the same


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """How URLs are fetched.

    Attributes:
        allow_private: private networks and this machine may be reached: for intranets and tests.
        delay: seconds between the end of a request and the next request to the same host.
        retries: how often a transient failure is tried again.
        backoff: seconds before the first retry; each further one waits four times as long.
        timeout: seconds for one request, from connecting to the last byte.
        idle_timeout: seconds without a byte.
    """

    allow_private: bool = False
    delay: float = 1.0
    retries: int = 2
    backoff: float = 2.0
    timeout: float = 60.0
    idle_timeout: float = 20.0


@dataclass(frozen=True, slots=True)
class FetchResult:
    """The response to a request.

    Attributes:
        url: the final URL, after redirects.
        content: decompressed; empty if `not_modified`.
        media_type: in lower case, as "text/html"; "" if the server states none.
        charset: as the server states it; "" if it does not.
        etag: for the next conditional request; "" for none.
        last_modified: the Last-Modified header, for the next conditional request; "" for none.
        not_modified: the content has not changed since the request whose `etag` or `last_modified` was given.
    """

    url: str
    content: bytes
    media_type: str = ""
    charset: str = ""
    etag: str = ""
    last_modified: str = ""
    not_modified: bool = False


class Fetcher:
    """Fetches URLs, from any number of threads. One serves a whole run and is closed at its end.

    Args:
        options: limits, delays, retries.
        network: resolves names and opens connections; the system's by default.
    """

    def __init__(self, options: FetchOptions | None = None, network: Network | None = None) -> None:
        self._options = options or FetchOptions()
        self._transport = SafeTransport(
            network or Network(),
            allow_private=self._options.allow_private,
            timeout=self._options.timeout,
            idle_timeout=self._options.idle_timeout,
        )
        try:
            version = metadata.version("khabar")
        except metadata.PackageNotFoundError:  # run from its source
            version = "0"
        agent = f"{_AGENT}/{version} (+https://pypi.org/project/khabar/)"
        self._headers = {"User-Agent": agent, "Accept-Encoding": "gzip, deflate", "Connection": "close"}
        self._robots = Robots(_AGENT, self._fetch_robots)
        self._closing = threading.Event()
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Give up all requests that wait; a request that has begun ends by its own limits."""
        self._closing.set()

    def __enter__(self) -> "Fetcher":
        """Return the fetcher; the end of the block closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def fetch(
        self, url: str, *, etag: str = "", last_modified: str = "", limit: int = MAX_RESPONSE_BYTES
    ) -> FetchResult:
        """Fetch a URL, following redirects.

        Args:
            url: http or https.
            etag: of an earlier response: content that has not changed is not sent again.
            last_modified: of an earlier response, likewise.
            limit: bytes, both as sent and decompressed.

        Raises:
            Gone: status 404 or 410.
            FetchError: the URL may not be fetched, or fetching it failed.
        """
        headers = {}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        return self._follow(url, headers, _Limit(limit), self._robots)

    def _fetch_robots(self, url: str) -> bytes:
        """Fetch a robots.txt: its whole lines within the limit; b"" if there is none."""
        try:
            text = self._follow(url, {}, _Limit(_MAX_ROBOTS_BYTES, truncate=True), None).content
        except Gone:
            return b""
        return text if len(text) < _MAX_ROBOTS_BYTES else text[: max(text.rfind(b"\n"), text.rfind(b"\r")) + 1]

    def _follow(self, url: str, headers: dict[str, str], limit: "_Limit", robots: Robots | None) -> FetchResult:
        current = check_url(url, allow_private=self._options.allow_private)
        for _ in range(_MAX_REDIRECTS + 1):
            crawl_delay = min(robots.check(current), _MAX_CRAWL_DELAY) if robots else 0.0
            result = self._request_with_retries(current, headers, limit, crawl_delay)
            if isinstance(result, FetchResult):
                return result
            try:
                target = check_url(urljoin(current, result), allow_private=self._options.allow_private)
            except ValueError as error:
                raise FetchError(current, f"it redirects to an invalid URL: {result[:80]!r}") from error
            if current.startswith("https:") and target.startswith("http:"):
                raise FetchError(url, f"it redirects from https to http, {target}, which anyone on the way can alter")
            current = target
        raise FetchError(url, f"it redirects more than {_MAX_REDIRECTS} times, at last to {current}")

    def _request_with_retries(
        self, url: str, headers: dict[str, str], limit: "_Limit", crawl_delay: float
    ) -> "FetchResult | str":
        """Send a request, again after transient failures; returns the result, or the target of a redirect."""
        wait = self._options.backoff
        for retry in range(self._options.retries + 1):
            with self._turn(url, crawl_delay):
                try:
                    return self._request(url, headers, limit)
                except _TransientFailure as transient:
                    failure, retry_after = transient.failure, transient.retry_after
            if retry_after > _MAX_RETRY_AFTER:
                raise FetchError(
                    url, f"{failure.reason}; it asks us to come back after {retry_after:.0f} s", transient=True
                )
            if retry < self._options.retries:
                self._sleep(url, max(wait, retry_after))
                wait *= 4
        raise failure

    def _request(self, url: str, headers: dict[str, str], limit: "_Limit") -> "FetchResult | str":
        try:
            # The transport, not an httpx client: a client parses redirects itself, before they are checked here.
            request = httpx.Request("GET", url, headers={**self._headers, **headers})
            with contextlib.closing(self._transport.handle_request(request)) as response:
                return _read_response(url, response, limit)
        except CONNECTION_ERRORS as error:
            name = type(error).__name__
            if "Timeout" in name:
                reason = "the server did not answer in time"
            elif isinstance(error, OSError) and "gaierror" in name:
                reason = "the host does not exist, or its name could not be resolved"
            else:
                reason = f"the connection failed: {error or name}"
            raise _TransientFailure(FetchError(url, reason, transient=True)) from error

    @contextlib.contextmanager
    def _turn(self, url: str, crawl_delay: float) -> Iterator[None]:
        """Wait until the host may be sent a request, and hold back all others to it meanwhile."""
        name = urlsplit(url).hostname or ""
        with self._lock:
            if len(self._hosts) > _MAX_HOSTS:
                recent = time.monotonic() - 60
                self._hosts = {
                    name: host for name, host in self._hosts.items() if host.lock.locked() or host.next_request > recent
                }
            host = self._hosts.setdefault(name, _Host())
        with host.lock:
            self._sleep(url, host.next_request - time.monotonic())
            try:
                yield
            finally:
                host.next_request = time.monotonic() + max(self._options.delay, crawl_delay)

    def _sleep(self, url: str, seconds: float) -> None:
        if self._closing.wait(max(seconds, 0)) or self._closing.is_set():
            raise FetchError(url, "fetching was stopped", transient=True)


class _Limit(NamedTuple):
    """How many bytes of a response are read; a longer one fails, unless `truncate`."""

    size: int
    truncate: bool = False


class _Host:
    """When a host may be sent the next request (`time.monotonic`); `lock` is held during each."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.next_request = 0.0


class _TransientFailure(Exception):
    """A failure worth a retry, after the `retry_after` seconds that the server asks for."""

    def __init__(self, failure: FetchError, retry_after: float = 0.0) -> None:
        self.failure, self.retry_after = failure, retry_after


def _read_response(url: str, response: httpx.Response, limit: _Limit) -> FetchResult | str:
    """Read a response: its content, or the target of a redirect.

    Raises:
        _TransientFailure: a retry may succeed.
        FetchError: it would not.
    """
    status, headers = response.status_code, response.headers
    if status in _REDIRECTS and headers.get("location"):
        return str(headers["location"])
    etag, last_modified = _validator(headers.get("etag", "")), _validator(headers.get("last-modified", ""))
    if status == 304:
        return FetchResult(url, b"", etag=etag, last_modified=last_modified, not_modified=True)
    status_line = f"{status} {response.reason_phrase}".strip()
    if status in (404, 410):
        raise Gone(url, f"there is nothing at this address ({status_line})")
    if status in _TRANSIENT:
        raise _TransientFailure(
            FetchError(url, f"the server answers {status_line}", transient=True), _retry_after(headers)
        )
    if status != 200:
        raise FetchError(url, f"the server answers {status_line}")
    media_type, _, parameters = headers.get("content-type", "").partition(";")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(" \"'").lower()
    content = _read_content(url, response, limit)
    return FetchResult(url, content, media_type.strip().lower(), charset, etag, last_modified)


def _read_content(url: str, response: httpx.Response, limit: _Limit) -> bytes:
    """Read and decompress the body, within the limit."""
    declared = _number(response.headers.get("content-length", ""))
    if declared > limit.size and not limit.truncate:
        raise FetchError(url, f"{_size(declared)}; at most {_size(limit.size)} are read")
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise FetchError(url, f"it is compressed as {coding[:40]!r}, which we did not ask for")
    chunks = response.iter_raw()
    if coding not in ("identity", ""):
        chunks = decompress(chunks, deflate=coding == "deflate")
    content = bytearray()
    try:
        for chunk in chunks:
            content += chunk
            if len(content) > limit.size:
                if limit.truncate:
                    break
                raise FetchError(url, f"more than {_size(limit.size)}, the most that is read")
    except zlib.error as error:
        raise FetchError(url, f"its compression is damaged: {error}") from error
    return bytes(content[: limit.size])


def _retry_after(headers: httpx.Headers) -> float:
    """Seconds that the server asks us to wait, stated as a number or as a date; 0 if it does not ask."""
    text = headers.get("retry-after", "").strip()[:_MAX_VALIDATOR]
    if seconds := _number(text):
        return float(seconds)
    with contextlib.suppress(ValueError, TypeError, OverflowError, IndexError, OSError):  # raised for invalid dates
        return min(max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0), _MAX_HEADER_NUMBER)
    return 0.0


def _number(text: str) -> int:
    """The number that a header states, limited to `_MAX_HEADER_NUMBER`; 0 if it is not an ASCII number."""
    if not (text.isascii() and text.isdecimal()):
        return 0
    return int(text) if len(text) <= len(str(_MAX_HEADER_NUMBER)) else _MAX_HEADER_NUMBER


def _validator(header: str) -> str:
    """An ETag or a date that can be sent back as it came; "" if it cannot."""
    return header if len(header) <= _MAX_VALIDATOR and header.isascii() and header.isprintable() else ""


def _size(count: int) -> str:
    return f"{count / 1e6:.0f} MB" if count >= 1_000_000 else f"{count / 1000:.0f} KB"
