"""Add articles for a reader, from uploaded files or an address, in a thread that reports its progress."""

import contextlib
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant.assistant import Assistant
from assistant.demo import SAMPLES
from ingest.errors import SourceError
from ingest.load import Report
from ingest.sources import Defaults, count, is_url
from ingest.sources.registry import self_contained_suffixes

LARGEST = 50_000_000
"""Bytes of one file: some ten thousand articles as JSON Lines."""

_MAX_FILES = 50  # of one upload


@dataclass(slots=True)
class Progress:
    """How far adding articles has come.

    Attributes:
        report: the items read so far.
        expected: the number of items; 0 if it is not known beforehand.
        names: for each uploaded file, by its path on the server, the name to show.
    """

    report: Report
    expected: int = 0
    names: dict[str, str] = field(default_factory=dict)


def add_files(assistant: Assistant, files: Sequence[tuple[Path, str]], publisher: str) -> Iterator[Progress]:
    """Add uploaded files, and delete them afterwards.

    Args:
        assistant: holds the archive.
        files: the path on the server and the original name of each file.
        publisher: for articles that do not name theirs.

    Yields:
        The progress from time to time; the last one has the complete report.
    """
    names = {str(path): name for path, name in files}
    refused = [error for path, name in files if (error := _refusal(path, name))]
    refused_paths = {error.source for error in refused}
    accepted = [path for path in names if path not in refused_paths]
    if len(files) > _MAX_FILES:
        refused = [SourceError(f"{len(files)}", f"too many files at once; add at most {_MAX_FILES}")]
        accepted = []
    expected = sum(map(count, accepted)) + len(refused)
    try:
        for report in _reports(assistant, accepted, publisher):
            complete = replace(report, failed=report.failed + len(refused), errors=(*refused, *report.errors))
            yield Progress(complete, expected, names)
    finally:
        for path, _ in files:
            with contextlib.suppress(OSError):
                path.unlink()


def _refusal(path: Path, name: str) -> SourceError | None:
    suffixes = self_contained_suffixes()
    if not path.name.lower().endswith(tuple(suffixes)):
        suffix = Path(name).suffix or name
        return SourceError(str(path), f"{suffix} files cannot be read; supported are: {' '.join(suffixes)}")
    if path.stat().st_size > LARGEST:
        return SourceError(str(path), f"it is larger than {LARGEST // 1_000_000} MB; use khabar ingest for it")
    return None


def add_address(assistant: Assistant, address: str, publisher: str) -> Iterator[Progress]:
    """Add the page or feed at an http or https address; refuse anything else, such as a path on the server."""
    address = address.strip()
    if is_url(address):
        yield from map(Progress, _reports(assistant, [address], publisher))
    else:
        refused = SourceError(address, "this is not an address; an address begins with https:// or http://")
        yield Progress(Report(failed=1, errors=(refused,)))


def add_samples(assistant: Assistant) -> Iterator[Progress]:
    """Add the sample articles that Khabar ships with."""
    expected = count(str(SAMPLES))
    for report in _reports(assistant, [str(SAMPLES)], "Sample Gazette"):
        yield Progress(report, expected)


def _reports(assistant: Assistant, sources: Sequence[str], publisher: str) -> Iterator[Report]:
    """Add sources in a thread; yield its interim reports, then the complete one."""
    reports: queue.Queue[Report | None] = queue.Queue()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            reports.put(assistant.add(sources, Defaults(publisher=publisher), reports.put))
        except BaseException as error:  # raised in the thread that waits
            failures.append(error)
        finally:
            reports.put(None)

    threading.Thread(target=work, name="khabar-adding", daemon=True).start()
    while (report := reports.get()) is not None:
        yield report
    if failures:
        raise failures[0]
