"""Articles that a reader adds: files that were dropped, or an address; with progress, in a thread of their own."""

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

KINDS = (
    *(".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml"),
    *(".jsonl", ".ndjson", ".jl", ".json", ".csv", ".tsv"),
)
"""Suffixes of files that may be dropped."""

MOST = 50
"""Files at once."""

LARGEST = 50_000_000
"""Bytes of one file: some ten thousand articles as JSON Lines."""


@dataclass(slots=True)
class Added:
    """What is being added, so far and in the end.

    Attributes:
        expected: items, as far as it can be told beforehand.
        names: what a source is called instead of its path on the server.
    """

    report: Report
    expected: int = 0
    names: dict[str, str] = field(default_factory=dict)


def add_files(assistant: Assistant, files: Sequence[tuple[Path, str]], publisher: str) -> Iterator[Added]:
    """Add uploaded files, which are deleted afterwards.

    Args:
        assistant: whose archive they are for.
        files: where each lies, and the name that its reader gave it.
        publisher: the publisher where an article does not name it.

    Yields:
        The report so far, now and then; last the whole.
    """
    names = {str(path): name for path, name in files}
    refused = [error for path, name in files if (error := _refusal(path, name))]
    if len(files) > MOST:
        refused = [SourceError(f"{len(files)}", f"too many files at once; add at most {MOST}")]
    bad = {error.source for error in refused}
    good = [str(path) for path, _ in files if str(path) not in bad] if len(files) <= MOST else []
    expected = sum(map(count, good)) + len(refused)
    try:
        for report in _reports(assistant, good, publisher):
            whole = replace(report, failed=report.failed + len(refused), errors=(*refused, *report.errors))
            yield Added(whole, expected, names)
    finally:
        for path, _ in files:
            with contextlib.suppress(OSError):
                path.unlink()


def _refusal(path: Path, name: str) -> SourceError | None:
    if path.suffix.lower() not in KINDS:
        return SourceError(str(path), f"{Path(name).suffix or name} files are not read; what can be: {' '.join(KINDS)}")
    if path.stat().st_size > LARGEST:
        return SourceError(str(path), f"it is larger than {LARGEST // 1_000_000} MB; use khabar ingest for it")
    return None


def add_address(assistant: Assistant, address: str, publisher: str) -> Iterator[Added]:
    """Add what an http or https address leads to: a page, or a feed.

    What is no such address is refused: the server's own files are nobody's to name.
    """
    address = address.strip()
    if is_url(address):
        yield from map(Added, _reports(assistant, [address], publisher))
    else:
        refused = SourceError(address, "it is no address; one begins with https:// or http://")
        yield Added(Report(failed=1, errors=(refused,)))


def add_samples(assistant: Assistant) -> Iterator[Added]:
    """Add the sample articles that Khabar ships with."""
    source = str(SAMPLES)
    expected = count(source)
    for report in _reports(assistant, [source], "Sample Gazette"):
        yield Added(report, expected)


def _reports(assistant: Assistant, sources: Sequence[str], publisher: str) -> Iterator[Report]:
    """Add sources in a thread of their own: the reports so far, last the whole."""
    reports: queue.Queue[Report | None] = queue.Queue()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            reports.put(assistant.add(sources, Defaults(publisher=publisher), reports.put))
        except BaseException as error:  # raised in the thread that waits
            failed.append(error)
        finally:
            reports.put(None)

    threading.Thread(target=work, name="khabar-adding", daemon=True).start()
    while (report := reports.get()) is not None:
        yield report
    if failed:
        raise failed[0]
