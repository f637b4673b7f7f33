"""One address after another: who we are, what we may, how often we ask, and how much we take.

One request at a time reaches a host, and the next waits. What fails for the moment is tried again, later each time.
Redirects are followed by hand: each hop is an address that is checked, and allowed, for itself.
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
from ingest.fetching.robots import Robots
from ingest.fetching.transport import BROKEN, Network, SafeTransport
from ingest.fetching.url_policy import checked

LARGEST = 20_000_000
"""Bytes of a page or a feed, as they come and when they are unpacked."""

_AGENT = "khabar"
_ROBOTS = 500 * 1024  # bytes of a robots.txt that count, as RFC 9309 has it
_MARK = 500  # characters of an ETag or a date that are kept; they have 20 to 60
_HOPS = 5  # redirects in a row; browsers stop at 20, news sites need 2
_MOVED = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT = 60.0  # seconds that a server may ask us to wait while we do
_SLOWEST = 30.0  # seconds between requests that a robots.txt may ask for
_HOSTS = 1000  # turns that are kept
_MOST = 1_000_000_000_000  # of a number in a header: bytes or seconds; more is as much


@dataclass(frozen=True, slots=True)
class Manners:
    """How it is fetched.

    Attributes:
        private: one's own network may be reached: for tests and intranets.
        delay: seconds from the end of a request to the next one to that host.
        retries: how often what failed for the moment is tried again.
        back_off: seconds before the first of those; the next waits four times as long.
        seconds: for one request, from connecting to the last byte.
        patience: seconds without a byte.
    """

    private: bool = False
    delay: float = 1.0
    retries: int = 2
    back_off: float = 2.0
    seconds: float = 60.0
    patience: float = 20.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave.

    Attributes:
        url: where it was in the end, after redirects.
        content: unpacked; empty if `unchanged`.
        kind: the media type, as "text/html", in lower case; "" if none was said.
        charset: as the server said it, "" if it did not.
        etag: to ask with again; "" for none.
        modified: the Last-Modified header, to ask with again; "" for none.
        unchanged: nothing is new since the visit that was named.
    """

    url: str
    content: bytes
    kind: str = ""
    charset: str = ""
    etag: str = ""
    modified: str = ""
    unchanged: bool = False


class Fetcher:
    """Fetches, from as many threads as like; made once for a run, closed at its end.

    Args:
        manners: see there.
        network: what resolves and connects; the system's own if not given.
    """

    def __init__(self, manners: Manners | None = None, network: Network | None = None) -> None:
        self._manners = manners or Manners()
        self._transport = SafeTransport(
            network or Network(),
            private=self._manners.private,
            seconds=self._manners.seconds,
            patience=self._manners.patience,
        )
        self._headers = {"User-Agent": user_agent(), "Accept-Encoding": "gzip, deflate", "Connection": "close"}
        self._robots = Robots(_AGENT, self._robots_text)
        self._closing = threading.Event()
        self._turns: dict[str, _Turn] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Give up what waits; a request that is under way ends by its own limits."""
        self._closing.set()

    def __enter__(self) -> "Fetcher":
        """The fetcher, closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def fetch(self, url: str, *, etag: str = "", modified: str = "", limit: int = LARGEST) -> Fetched:
        """Fetch what is at an address.

        Args:
            url: http or https.
            etag: of an earlier visit: what is still the same is not sent again.
            modified: the Last-Modified of an earlier visit.
            limit: bytes, as they come and unpacked.

        Raises:
            Gone: 404 or 410.
            FetchError: it must not be fetched, or it was not to be had within the limits.
        """
        headers = {}
        if etag:
            headers["If-None-Match"] = etag
        if modified:
            headers["If-Modified-Since"] = modified
        return self._follow(url, headers, _Limit(limit), self._robots)

    def _robots_text(self, url: str) -> bytes:
        """The robots.txt at an address; of a long one the whole lines of its beginning, b"" where there is none."""
        try:
            text = self._follow(url, {}, _Limit(_ROBOTS, cut=True), None).content
        except Gone:
            return b""
        return text if len(text) < _ROBOTS else text[: max(text.rfind(b"\n"), text.rfind(b"\r")) + 1]

    def _follow(self, url: str, headers: dict[str, str], limit: "_Limit", robots: Robots | None) -> Fetched:
        """Fetch by way of the redirects."""
        address = checked(url, private=self._manners.private)
        for _ in range(_HOPS + 1):
            pause = robots.check(address) if robots else 0.0
            found = self._patiently(address, headers, limit, min(pause, _SLOWEST))
            if isinstance(found, Fetched):
                return found
            following = self._joined(address, found)
            if address.startswith("https:") and following.startswith("http:"):
                raise FetchError(
                    url, f"it leads from https to http, {following}, where anyone on the way can change it"
                )
            address = following
        raise FetchError(url, f"it leads on more than {_HOPS} times, at last to {address}")

    def _joined(self, url: str, location: str) -> str:
        try:
            return checked(urljoin(url, location), private=self._manners.private)
        except ValueError as error:
            raise FetchError(url, f"it leads to what is no address: {location[:80]!r}") from error

    def _patiently(self, url: str, headers: dict[str, str], limit: "_Limit", pause: float) -> "Fetched | str":
        """Try it as often as is right: what was fetched, or where it leads."""
        wait = self._manners.back_off
        for retry in range(self._manners.retries + 1):
            with self._turn(url, pause):
                try:
                    return self._request(url, headers, limit)
                except _Later as later:
                    failure, asked = later.failure, later.seconds
            if asked > _LONGEST_WAIT:
                raise FetchError(url, f"{failure.reason}; it asks to be left alone for {asked:.0f} s", transient=True)
            if retry < self._manners.retries:
                self._sleep(url, max(wait, asked))
                wait *= 4
        raise failure

    def _request(self, url: str, headers: dict[str, str], limit: "_Limit") -> "Fetched | str":
        try:
            # Not by a client of httpx: that has opinions on redirects before we have seen where they lead.
            request = httpx.Request("GET", url, headers={**self._headers, **headers})
            with contextlib.closing(self._transport.handle_request(request)) as response:
                return _taken(url, response, limit)
        except BROKEN as error:
            raise _Later(FetchError(url, _broken(error), transient=True)) from error

    @contextlib.contextmanager
    def _turn(self, url: str, pause: float) -> Iterator[None]:
        """Wait until the host may be asked; while within, nobody else asks it."""
        host = urlsplit(url).hostname or ""
        with self._lock:
            if len(self._turns) > _HOSTS:
                now = time.monotonic()
                self._turns = {
                    name: turn for name, turn in self._turns.items() if turn.lock.locked() or turn.at > now - 60
                }
            turn = self._turns.setdefault(host, _Turn())
        with turn.lock:
            self._sleep(url, turn.at - time.monotonic())
            try:
                yield
            finally:
                turn.at = time.monotonic() + max(self._manners.delay, pause)

    def _sleep(self, url: str, seconds: float) -> None:
        if self._closing.wait(max(seconds, 0)) or self._closing.is_set():
            raise FetchError(url, "it was stopped", transient=True)


class _Limit(NamedTuple):
    """How many bytes of an answer are taken; what has more fails, or is `cut`."""

    size: int
    cut: bool = False


class _Turn:
    """Of one host: held by the thread that asks it, and when it may be asked next."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.at = 0.0


class _Later(Exception):
    """It failed for the moment; `seconds` is what the server asks to wait."""

    def __init__(self, failure: FetchError, seconds: float = 0.0) -> None:
        self.failure, self.seconds = failure, seconds


def user_agent() -> str:
    """Who we are, to those whom we ask."""
    try:
        version = metadata.version("khabar")
    except metadata.PackageNotFoundError:
        version = "0"
    return f"{_AGENT}/{version} (+https://pypi.org/project/khabar/)"


def _taken(url: str, response: httpx.Response, limit: _Limit) -> Fetched | str:
    """What a response gives: its content, or where it leads.

    Raises:
        _Later: it may be well after a while.
        FetchError: it is not to be had.
    """
    status, headers = response.status_code, response.headers
    if status in _MOVED and headers.get("location"):
        return str(headers["location"])
    etag, modified = _sendable(headers.get("etag", "")), _sendable(headers.get("last-modified", ""))
    if status == 304:
        return Fetched(url, b"", etag=etag, modified=modified, unchanged=True)
    said = f"{status} {response.reason_phrase}".strip()
    if status in (404, 410):
        raise Gone(url, f"there is nothing at this address ({said})")
    if status in _PASSING:
        raise _Later(FetchError(url, f"the server answers {said}", transient=True), _retry_after(headers))
    if status != 200:
        raise FetchError(url, f"the server answers {said}")
    kind, _, rest = headers.get("content-type", "").partition(";")
    charset = rest.partition("charset=")[2].partition(";")[0].strip(" \"'").lower()
    content = _content(url, response, limit)
    return Fetched(url, content, kind.strip().lower(), charset, etag, modified)


def _content(url: str, response: httpx.Response, limit: _Limit) -> bytes:
    """The body, unpacked, if it is within the limit in each form."""
    declared = _number(response.headers.get("content-length", ""))
    if declared > limit.size and not limit.cut:
        raise FetchError(url, f"{_size(declared)}; at most {_size(limit.size)} are taken")
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise FetchError(url, f"it is packed as {packing[:40]!r}, which was not asked for")
    pieces = response.iter_raw()
    if packing not in ("identity", ""):
        pieces = _unpacked(pieces, any_form=packing == "deflate")
    taken = bytearray()
    try:
        for piece in pieces:
            taken += piece
            if len(taken) > limit.size:
                if limit.cut:
                    break
                raise FetchError(url, f"more than {_size(limit.size)}; more is not taken")
    except zlib.error as error:
        raise FetchError(url, f"it is packed wrongly: {error}") from error
    return bytes(taken[: limit.size])


def unpacked(data: bytes, limit: int) -> bytes:
    """A gzip file unpacked.

    Raises:
        ValueError: it is more than `limit` bytes then, or no gzip.
    """
    taken = bytearray()
    try:
        for piece in _unpacked(iter([data])):
            taken += piece
            if len(taken) > limit:
                raise ValueError(f"unpacked it is more than {_size(limit)}; more is not taken")
    except zlib.error as error:
        raise ValueError(f"it is packed wrongly: {error}") from error
    return bytes(taken)


def _unpacked(pieces: Iterator[bytes], *, any_form: bool = False) -> Iterator[bytes]:
    """Unpack gzip, never more than 64 KB at once: what is small packed may be without end unpacked.

    Args:
        pieces: as they come.
        any_form: it is what servers call deflate: with zlib's frame, or without any.
    """
    unpacker, begun = zlib.decompressobj(15 if any_form else 31), False
    for piece in pieces:
        rest = piece
        while rest:
            try:
                out = unpacker.decompress(rest, 65_536)
            except zlib.error:
                if begun or not any_form:
                    raise
                unpacker = zlib.decompressobj(-15)
                out = unpacker.decompress(rest, 65_536)
            begun = True
            yield out
            rest = unpacker.unconsumed_tail
            if unpacker.eof:
                rest = unpacker.unused_data if not any_form else b""
                if rest[:2] != b"\x1f\x8b":  # padding; else one more member of a gzip file
                    break
                unpacker = zlib.decompressobj(31)
    if begun and not unpacker.eof:
        raise zlib.error("it ends in the middle")


def _retry_after(headers: httpx.Headers) -> float:
    """Seconds that the server asks us to wait: a number or a date; 0 if it does not say."""
    text = headers.get("retry-after", "").strip()[:_MARK]
    if seconds := _number(text):
        return float(seconds)
    with contextlib.suppress(ValueError, TypeError, OverflowError, IndexError, OSError):  # as the library meets it
        return min(max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0), _MOST)
    return 0.0


def _number(text: str) -> int:
    """The number of a header, up to `_MOST`; 0 for what is none: other scripts' digits are none there."""
    if not (text.isascii() and text.isdecimal()):
        return 0
    return int(text) if len(text) <= len(str(_MOST)) else _MOST


def _sendable(mark: str) -> str:
    """An ETag or a date that can be sent back as it came; "" for one that cannot."""
    return mark if len(mark) <= _MARK and mark.isascii() and mark.isprintable() else ""


def _broken(error: Exception) -> str:
    name = type(error).__name__
    if "Timeout" in name:
        return "the server did not answer in time"
    if isinstance(error, OSError) and "gaierror" in name:
        return "there is no such host, or its name could not be looked up"
    return f"the connection failed: {error or name}"


def _size(count: int) -> str:
    return f"{count / 1e6:.0f} MB" if count >= 1_000_000 else f"{count / 1000:.0f} KB"
