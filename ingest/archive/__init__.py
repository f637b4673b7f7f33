"""The archive: articles, passages, terms and vectors in one folder, safe from crashes.

Use `Archive`; `check`, `repair` and `reembed` also work on an archive that does not open.
"""

from ingest.archive.archive import Archive
from ingest.archive.digests import content_digest
from ingest.archive.entries import Preparer, prepare
from ingest.archive.maintenance.check import check
from ingest.archive.maintenance.rebuild import reembed
from ingest.archive.maintenance.repair import repair
from ingest.archive.opening import is_archive
from ingest.archive.planning import Decision, is_same_report
from ingest.archive.types import (
    ALL,
    Entry,
    Feedback,
    Filter,
    Outlet,
    Problem,
    Retraction,
    Statistics,
    Stored,
    Version,
)

__all__ = [
    "ALL",
    "Archive",
    "Decision",
    "Entry",
    "Feedback",
    "Filter",
    "Outlet",
    "Preparer",
    "Problem",
    "Retraction",
    "Statistics",
    "Stored",
    "Version",
    "check",
    "content_digest",
    "is_archive",
    "is_same_report",
    "prepare",
    "reembed",
    "repair",
]
