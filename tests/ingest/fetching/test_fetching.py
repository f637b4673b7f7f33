"""Fetching reaches only the public internet, politely, within limits of size and time."""

import gzip
import socket
import threading
import time
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpcore
import pytest

from ingest.errors import FetchError, Gone
from ingest.fetching import Fetcher, FetchOptions, Network, gunzip

Site = Request = Any  # of the fixture `site`
QUICK = FetchOptions(allow_private=True, delay=0.0, backoff=0.01)
PUBLIC = "93.184.215.14"


class FakeNetwork(Network):
    """Resolves invented names, connects the public address to the site on this machine, and records both."""

    def __init__(self, names: dict[str, list[str]] | None = None, port: int = 0) -> None:
        self.names, self.port = names or {}, port
        self.resolved: list[str] = []
        self.connected: list[str] = []

    def resolve(self, host: str, port: int) -> list[str]:
        self.resolved.append(host)
        if host not in self.names:
            raise socket.gaierror("no such name")
        return self.names[host]

    def connect(self, address: str, port: int, timeout: float) -> httpcore.NetworkStream:
        self.connected.append(address)
        if address != PUBLIC or not self.port:
            raise OSError("this connection must not be made")
        return super().connect("127.0.0.2", self.port, timeout)


HOSTILE = [
    # plainly private, loopback, link-local, metadata, shared, multicast, reserved
    *("http://127.0.0.1/", "http://127.1.2.3/", "http://10.0.0.1/", "http://172.16.0.1/", "http://172.31.255.255/"),
    *("http://192.168.1.1/", "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/", "http://0.0.0.0/"),
    *("http://100.100.100.200/", "http://192.0.0.192/", "http://168.63.129.16/", "http://198.18.0.1/"),
    *("http://224.0.0.1/", "http://239.255.255.250/", "http://240.0.0.1/", "http://255.255.255.255/"),
    *("http://192.0.2.1/", "http://198.51.100.1/", "http://203.0.113.1/", "http://192.88.99.1/"),
    # written as numbers in other forms
    *("http://2130706433/", "http://017700000001/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://127.1/"),
    *("http://127.0.1/", "http://0177.0.0.1/", "http://0x7f.1/", "http://0/", "http://3232235777/", "http://127.0.0.01/"),
    *("http://1.1.1.1.1/", "http://999.1.1.1/", "http://0x/", "http://4294967296/"),
    # IPv6, and IPv4 inside it
    *("http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/"),
    *("http://[::ffff:a9fe:a9fe]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::a9fe:a9fe]/"),
    *("http://[64:ff9b:1::1]/", "http://[2002:7f00:1::]/", "http://[2002:a9fe:a9fe::1]/", "http://[2001:0:1::1]/"),
    *("http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/", "http://[fc00::1]/"),
    *("http://[fd00:ec2::254]/", "http://[ff02::1]/", "http://[2001:db8::1]/", "http://[3fff::1]/", "http://[100::1]/"),
    *("http://[2606:4700::5efe:10.0.0.1]/", "http://[0:0:0:0:0:ffff:0a00:0001]/", "http://[::1", "http://[v1.x]/"),
    # names of this machine and network
    *("http://localhost/", "http://LOCALHOST./", "http://a.localhost/", "http://printer.local/", "http://intranet/"),
    *("http://metadata/", "http://metadata.google.internal/", "http://router.lan/", "http://x.home.arpa/"),
    # user names, odd ports, odd characters
    *("http://news.example@127.0.0.1/", "http://127.0.0.1@news.example/", "http://user:secret@news.example/"),
    *("http://news.example\\@127.0.0.1/", "http://127.0.0.1\\.news.example/", "http://news.example:22/"),
    *("http://news.example:6379/", "http://news.example:99999/", "http://news.example:0/", "http://news.example:-1/"),
    *("http://news.example\t.evil/", "http://ne\nws.example/", "http://%31%32%37.0.0.1/", "http://127.0.0.1%00.x/"),
    *("http:///path", "http://", "http://.", "http://..example/", "http://*/", "http://a_b..c/", "http:127.0.0.1/"),
    # digits and dots of other scripts
    *("http://127。0。0。1/", "http://127．0．0．1/", "http://127｡0｡0｡1/", "http://①②⑦.⓪.⓪.①/", "http://１２７.０.０.１/"),
    *("http://١٢٧.٠.٠.١/", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "http://localhost。/", "http://127.0.0.1./", "http://127.0.0.1%E3%80%82/"),
    # other schemes
    *("file:///etc/passwd", "ftp://news.example/", "gopher://127.0.0.1:70/", "data:text/html,hi", "javascript:1"),
    *("HTTP+UNIX://x/", "//127.0.0.1/", "ws://news.example/", "view-source:http://127.0.0.1/", "jar:http://127.0.0.1/!/"),
    # names that stand for such addresses
    *("http://one.example/", "http://two.example/", "http://three.example/", "http://four.example/"),
]  # fmt: skip
NAMES = {
    "news.example": [PUBLIC],
    "one.example": ["127.0.0.1"],
    "two.example": [PUBLIC, "10.0.0.1"],  # one of two is enough
    "three.example": ["::ffff:169.254.169.254"],
    "four.example": ["fe80::1%eth0"],
}


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_url_is_never_connected_to(url: str) -> None:
    network = FakeNetwork(NAMES)
    with Fetcher(FetchOptions(delay=0, retries=0), network) as fetcher, pytest.raises(FetchError):
        fetcher.fetch(url)
    assert network.connected == []


def test_at_least_100_hostile_urls_are_tried() -> None:
    assert len(set(HOSTILE)) >= 100


@pytest.mark.parametrize("url", [url for url in HOSTILE if url.startswith(("http", "file", "//", "ftp"))])
def test_a_redirect_to_a_hostile_url_is_not_followed(site: Site, url: str) -> None:
    location = url.encode("utf-8", "replace").decode("latin-1").replace("\n", "").replace("\t", "%09")
    site.pages["/"] = (302, {"Location": location}, b"")
    network = FakeNetwork(NAMES, site.server.server_address[1])
    with Fetcher(FetchOptions(delay=0, retries=0), network) as fetcher, pytest.raises(FetchError):
        fetcher.fetch("http://news.example/")
    assert set(network.connected) == {PUBLIC}
    assert "/etc/passwd" not in site.asked


@pytest.mark.parametrize(
    ("hops", "reason"),
    [
        (["/a", "/b", "/"], "redirects more than 5 times"),
        (["http://news.example/", "http://news.example/"], "more than 5"),
        (["/a", "http://169.254.169.254/"], "not a public address|neither a public"),
        (["/a", "/b", "http://one.example/"], "resolves to 127.0.0.1"),
        (["/a", "file:///etc/passwd"], "only http and https"),
        (["/a", "//127.0.0.1/"], "not a public address|neither a public"),
        (["/a", "http://news.example:22/"], "port 22"),
    ],
)
def test_a_chain_of_redirects_is_checked_at_each_hop(site: Site, hops: list[str], reason: str) -> None:
    for path, location in zip(["/", "/a", "/b"], hops, strict=False):
        site.pages[path] = (301, {"Location": location}, b"")
    network = FakeNetwork(NAMES, site.server.server_address[1])
    with Fetcher(FetchOptions(delay=0, retries=0), network) as fetcher, pytest.raises(FetchError, match=reason):
        fetcher.fetch("http://news.example/")
    assert set(network.connected) == {PUBLIC}


def test_a_name_is_resolved_once_for_each_connection(site: Site) -> None:
    class Rebinding(FakeNetwork):
        def resolve(self, host: str, port: int) -> list[str]:
            return [PUBLIC] if len(self.resolved) % 2 == 0 else super().resolve(host, port)

    site.pages["/"] = b"a page"
    network = FakeNetwork({"rebind.example": [PUBLIC]}, site.server.server_address[1])
    with Fetcher(FetchOptions(delay=0, retries=0), network) as fetcher:
        assert fetcher.fetch("http://rebind.example/").content == b"a page"
        assert network.resolved == ["rebind.example"] * 2  # robots.txt and the page, a connection each
        assert network.connected == [PUBLIC] * 2
        network.names["rebind.example"] = ["127.0.0.1"]
        with pytest.raises(FetchError, match="resolves to 127"):
            fetcher.fetch("http://rebind.example/")
    assert network.connected == [PUBLIC] * 2


def test_a_name_that_is_not_resolved_in_time_is_an_error() -> None:
    over = threading.Event()

    class Stuck(FakeNetwork):
        def resolve(self, host: str, port: int) -> list[str]:
            over.wait(30)
            return []

    with Fetcher(FetchOptions(delay=0, retries=0, idle_timeout=0.05), Stuck()) as fetcher:
        with pytest.raises(FetchError, match="its name could not be resolved in time"):
            fetcher.fetch("http://news.example/")
        over.set()


def test_the_server_receives_its_name_and_our_user_agent(site: Site) -> None:
    site.pages["/n"] = b"a page"
    network = FakeNetwork(NAMES, site.server.server_address[1])
    with Fetcher(FetchOptions(delay=0), network) as fetcher:
        fetcher.fetch("http://NEWS.example./n#part")
    assert site.asked == ["/n"]
    assert site.headers[0]["host"] == "news.example"
    assert site.headers[0]["user-agent"].startswith("khabar/")


def test_a_name_in_another_script_is_resolved_in_ascii(site: Site) -> None:
    site.pages["/%D8%AE%D8%A8%D8%B1"] = b"a page"
    network = FakeNetwork({"xn--ogbhx3c3b.example": [PUBLIC]}, site.server.server_address[1])
    with Fetcher(FetchOptions(delay=0), network) as fetcher:
        assert fetcher.fetch("http://صحيفة.example/خبر").content == b"a page"


def _error(fetcher: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url)
    return caught.value


def test_proxies_of_the_environment_are_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    site.pages["/"] = b"a page"
    with Fetcher(QUICK) as fetcher:
        assert fetcher.fetch(site.url()).content == b"a page"


def test_robots_txt_is_obeyed_for_us_and_where_a_redirect_leads(site: Site) -> None:
    site.pages["/robots.txt"] = "User-agent: *\nAllow: /\n\nUser-agent: khabar\nDisallow: /closed"
    site.pages["/closed/1"] = b"no"
    site.pages["/open"] = (302, {"Location": "/closed/2"}, b"")
    with Fetcher(QUICK) as fetcher:
        assert "robots.txt" in _error(fetcher, site.url("/closed/1")).reason
        assert "robots.txt" in _error(fetcher, site.url("/open")).reason
    assert site.asked == ["/open"]


def test_without_robots_txt_everything_is_fetched_and_while_it_fails_nothing(site: Site) -> None:
    site.pages["/"] = b"a page"
    with Fetcher(QUICK) as fetcher:
        assert fetcher.fetch(site.url()).content == b"a page"
    site.pages["/robots.txt"] = (503, {}, b"")
    with Fetcher(QUICK) as fetcher:
        error = _error(fetcher, site.url())
    assert error.transient
    assert "robots.txt could not be read" in error.reason
    assert site.asked == ["/"]


def test_transient_failures_are_retried(site: Site) -> None:
    answers = iter([(503, {"Retry-After": "0"}, b""), (429, {}, b""), (200, {}, b"a page")])
    site.pages["/"] = lambda _: next(answers)
    with Fetcher(QUICK) as fetcher:
        assert fetcher.fetch(site.url()).content == b"a page"
    assert len(site.asked) == 3


def test_a_long_retry_after_is_not_waited_for(site: Site) -> None:
    for wait in ("3600", format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)):
        site.pages["/"] = (429, {"Retry-After": wait}, b"")
        with Fetcher(QUICK) as fetcher:
            error = _error(fetcher, site.url())
        assert error.transient
        assert "come back after 3" in error.reason
    assert len(site.asked) == 2


def test_retries_end(site: Site) -> None:
    site.pages["/"] = (500, {}, b"")
    with Fetcher(QUICK) as fetcher:
        assert _error(fetcher, site.url()).transient
    assert len(site.asked) == 3


@pytest.mark.parametrize(("status", "kind"), [(404, Gone), (410, Gone), (403, FetchError), (401, FetchError)])
def test_permanent_failures_are_not_retried(site: Site, status: int, kind: type[FetchError]) -> None:
    site.pages["/"] = (status, {}, b"")
    with Fetcher(QUICK) as fetcher:
        error = _error(fetcher, site.url())
    assert type(error) is kind
    assert str(status) in error.reason
    assert site.asked == ["/"]


def test_unchanged_content_is_not_sent_again(site: Site) -> None:
    def page(request: Request) -> object:
        known = request.headers.get("If-None-Match") == '"1"'
        return (304, {"ETag": '"1"'}, b"") if known else (200, {"ETag": '"1"', "Last-Modified": "x"}, b"a page")

    site.pages["/"] = page
    with Fetcher(QUICK) as fetcher:
        first = fetcher.fetch(site.url())
        again = fetcher.fetch(site.url(), etag=first.etag, last_modified=first.last_modified)
    assert (first.content, first.not_modified) == (b"a page", False)
    assert (again.content, again.not_modified) == (b"", True)
    assert site.headers[1]["if-modified-since"] == "x"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw"])
def test_compressed_responses_are_decompressed(site: Site, coding: str) -> None:
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(b"a page" * 30_000) + gzip.compress(b"!"),
        "deflate": zlib.compress(b"a page" * 30_000 + b"!"),
        "raw": raw.compress(b"a page" * 30_000 + b"!") + raw.flush(),
    }[coding]
    site.pages["/"] = (200, {"Content-Encoding": "deflate" if coding == "raw" else coding}, packed)
    with Fetcher(QUICK) as fetcher:
        assert fetcher.fetch(site.url()).content == b"a page" * 30_000 + b"!"


def test_a_response_over_the_limit_is_refused_whatever_it_declares(site: Site) -> None:
    def undeclared(request: Request) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(b"x" * 20_001)

    site.pages["/declared"] = (200, {"Content-Length": "50000000"}, b"x")
    site.pages["/actual"] = undeclared
    site.pages["/bomb"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(10_000_000)))
    site.pages["/twice"] = (200, {"Content-Encoding": "gzip, gzip"}, gzip.compress(gzip.compress(bytes(50_000_000))))
    site.pages["/other"] = (200, {"Content-Encoding": "br"}, b"x")
    site.pages["/broken"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"a page")[:-9])
    site.pages["/no"] = (200, {"Content-Encoding": "gzip"}, b"a page")
    with Fetcher(QUICK) as fetcher:
        for path, reason in {
            "/declared": "50 MB; at most 20 KB",
            "/actual": "more than 20 KB",
            "/bomb": "more than 20 KB",
            "/twice": "did not ask for",
            "/other": "did not ask for",
            "/broken": "ends too early",
            "/no": "compression is damaged",
        }.items():
            with pytest.raises(FetchError, match=reason):
                fetcher.fetch(site.url(path), limit=20_000)


def test_a_gzip_file_is_decompressed_up_to_the_limit() -> None:
    assert gunzip(gzip.compress(b"abc"), 3) == b"abc"
    with pytest.raises(ValueError, match="more than"):
        gunzip(gzip.compress(bytes(50_000_000)), 1000)
    with pytest.raises(ValueError, match="damaged"):
        gunzip(b"abc", 1000)


def test_a_server_that_drips_bytes_is_given_up(site: Site) -> None:
    def drip(request: Request) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(600):
            try:
                request.wfile.write(b"x")
            except OSError:
                return
            time.sleep(0.05)

    site.pages["/"] = drip
    with Fetcher(FetchOptions(allow_private=True, delay=0, retries=0, timeout=0.5, idle_timeout=0.3)) as fetcher:
        error = _error(fetcher, site.url())
    assert error.transient
    assert "in time" in error.reason


def test_a_closed_fetcher_gives_up_waiting_requests(site: Site) -> None:
    site.pages["/"] = b"a page"
    fetcher = Fetcher(QUICK)
    fetcher.close()
    assert "stopped" in _error(fetcher, site.url()).reason
    assert site.asked == []


NEVER = [
    *("http://169.254.169.254/latest/meta-data/", "http://169.254.1.1/", "http://[fe80::1]/", "http://[fd00:ec2::254]/"),
    *("http://[fd20:ce::254]/", "http://100.100.100.200/", "http://168.63.129.16/", "http://192.0.0.192/"),
    *("http://0.0.0.0/", "http://[::]/", "http://224.0.0.1/", "http://[ff02::1]/", "http://240.0.0.1/"),
    *("http://255.255.255.255/", "http://[::ffff:169.254.169.254]/", "http://[64:ff9b::a9fe:a9fe]/"),
    *("http://[2002:a9fe:a9fe::1]/", "http://192.0.2.1/", "http://three.example/", "http://four.example/"),
    *("http://five.example/", "http://metadata.google.internal/"),
]  # fmt: skip


@pytest.mark.parametrize("url", NEVER)
def test_allow_private_never_allows_link_local_and_metadata_addresses(url: str) -> None:
    names = {"five.example": ["192.168.1.1", "169.254.169.254"], "metadata.google.internal": ["169.254.169.254"]}
    network = FakeNetwork({**NAMES, **names})
    with (
        Fetcher(FetchOptions(allow_private=True, delay=0, retries=0), network) as fetcher,
        pytest.raises(FetchError) as raised,
    ):
        fetcher.fetch(url)
    assert network.connected == []
    assert "never fetched" in str(raised.value)
    assert "--allow-private" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://[::1]/",
        "http://[fd12:3456::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://intranet/",
        "http://93.184.215.14/",
    ],
)
def test_allow_private_allows_private_networks_and_this_machine(url: str) -> None:
    network = FakeNetwork({"intranet": ["10.0.0.7"]})
    with Fetcher(FetchOptions(allow_private=True, delay=0, retries=0), network) as fetcher, pytest.raises(FetchError):
        fetcher.fetch(url)
    assert network.connected


def test_a_redirect_from_a_private_network_to_metadata_is_refused(site: Site) -> None:
    site.pages["/"] = (302, {"Location": "http://169.254.169.254/latest/"}, b"")
    with Fetcher(QUICK) as fetcher:
        assert "never fetched" in _error(fetcher, site.url("/")).reason


def test_a_robots_txt_with_a_byte_order_mark_is_obeyed(site: Site) -> None:
    site.pages["/robots.txt"] = b"\xef\xbb\xbfUser-agent: *\nDisallow: /secret"
    site.pages["/secret"] = b"x"
    with Fetcher(QUICK) as fetcher:
        assert "robots.txt does not allow" in _error(fetcher, site.url("/secret")).reason


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_only_the_first_500_kib_of_a_robots_txt_count(site: Site, coding: str) -> None:
    rules = b"User-agent: *\nDisallow: /secret\n" + b"# more\n" * 100_000
    cut = b"Disallow: /open/door\n"
    rules = rules[: 500 * 1024 - 11] + b"\n" + cut + b"Disallow: /late\n" + b"#" * 100_000  # the limit is in "cut"
    headers = {"Content-Encoding": coding} if coding else {}
    site.pages["/robots.txt"] = (200, headers, gzip.compress(rules) if coding else rules)
    for path in ("/secret", "/late", "/open", "/"):
        site.pages[path] = b"x"
    with Fetcher(QUICK) as fetcher:
        assert "robots.txt does not allow" in _error(fetcher, site.url("/secret")).reason
        for path in ("/late", "/open", "/"):
            assert fetcher.fetch(site.url(path)).content == b"x"


def test_a_robots_txt_with_thousands_of_names_is_obeyed(site: Site) -> None:
    names, rules = "".join(f"User-agent: a{n}\r" for n in range(15_000)), "Disallow: /a\r" * 15_000
    site.pages["/robots.txt"] = f"{names}{rules}user-agent : Khabar # us\rDisallow: /secret\r".encode()
    site.pages["/secret"] = site.pages["/a"] = b"x"
    with Fetcher(QUICK) as fetcher:
        assert "robots.txt does not allow" in _error(fetcher, site.url("/secret")).reason
        assert fetcher.fetch(site.url("/a")).content == b"x"


@pytest.mark.parametrize(
    "asked", ["²", "٣", "-1", "1e9", "nan", "9" * 5_000, "Wed, 99 Foo 2024", "Wed, 01 Jan 0001 00:00:00", " ", "," * 99]
)
def test_an_invalid_retry_after_is_ignored(site: Site, asked: str) -> None:
    site.pages["/"] = (503, {"Retry-After": asked.encode().decode("latin-1")}, b"")
    with Fetcher(FetchOptions(allow_private=True, delay=0, retries=1, backoff=0.01)) as fetcher:
        assert "503" in _error(fetcher, site.url("/")).reason


@pytest.mark.parametrize("mark", ["é", "\x01", "a" * 5_000])
def test_an_etag_that_cannot_be_sent_back_is_not_kept(site: Site, mark: str) -> None:
    site.pages["/"] = (200, {"ETag": mark, "Last-Modified": mark, "Content-Type": f"text/html; charset={mark}"}, b"x")
    with Fetcher(QUICK) as fetcher:
        found = fetcher.fetch(site.url("/"))
        assert (found.etag, found.last_modified) == ("", "")
        assert fetcher.fetch(site.url("/"), etag=found.etag, last_modified=found.last_modified).content == b"x"
