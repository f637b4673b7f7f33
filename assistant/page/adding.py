"""Articles that a reader adds, as uploaded files or by an address, in a thread of their own that reports progress."""

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

_MOST_FILES = 50  # at once


@dataclass(slots=True)
class Progress:
    """How far adding has come.

    Attributes:
        report: so far.
        expected: the number of items, as far as it is known beforehand; else 0.
        names: what to call a source instead of its path on the server.
    """

    report: Report
    expected: int = 0
    names: dict[str, str] = field(default_factory=dict)


def add_files(assistant: Assistant, files: Sequence[tuple[Path, str]], publisher: str) -> Iterator[Progress]:
    """Add uploaded files, and delete them afterwards.

    Args:
        assistant: its archive is filled.
        files: the path of each, and the name that its reader gave it.
        publisher: for articles that do not name theirs.

    Yields:
        The progress now and then; last the complete report.
    """
    names = {str(path): name for path, name in files}
    refused = [error for path, name in files if (error := _refusal(path, name))]
    if len(files) > _MOST_FILES:
        refused = [SourceError(f"{len(files)}", f"too many files at once; add at most {_MOST_FILES}")]
    refused_paths = {error.source for error in refused}
    accepted = [str(path) for path, _ in files if str(path) not in refused_paths] if len(files) <= _MOST_FILES else []
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
    """Add what an http or https address leads to, a page or a feed; refuse anything else, such as a server's path."""
    address = address.strip()
    if is_url(address):
        yield from map(Progress, _reports(assistant, [address], publisher))
    else:
        refused = SourceError(address, "this is no address; an address begins with https:// or http://")
        yield Progress(Report(failed=1, errors=(refused,)))


def add_samples(assistant: Assistant) -> Iterator[Progress]:
    """Add the sample articles that Khabar ships with."""
    expected = count(str(SAMPLES))
    for report in _reports(assistant, [str(SAMPLES)], "Sample Gazette"):
        yield Progress(report, expected)


def _reports(assistant: Assistant, sources: Sequence[str], publisher: str) -> Iterator[Report]:
    """Add sources in a thread; yield the reports so far, last the complete one."""
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
