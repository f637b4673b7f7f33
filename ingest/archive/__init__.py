"""The archive: articles, passages, terms and vectors in one folder, safe from crashes.

`Archive` is the door; `check`, `repair` and `reembed` work on an
archive that does not open.
"""

from ingest.archive.archive import Archive
from ingest.archive.catalogue import is_archive
from ingest.archive.entries import Preparer, prepare
from ingest.archive.feedback import Feedback
from ingest.archive.generations import reembed
from ingest.archive.maintenance.check import check
from ingest.archive.maintenance.repair import repair
from ingest.archive.near_duplicates import content
from ingest.archive.queries import State
from ingest.archive.types import ALL, Entry, Filter, Outlet, Problem, Statistics, Stored, Version, Withdrawal

__all__ = [
    "ALL",
    "Archive",
    "Entry",
    "Feedback",
    "Filter",
    "Outlet",
    "Preparer",
    "Problem",
    "State",
    "Statistics",
    "Stored",
    "Version",
    "Withdrawal",
    "check",
    "content",
    "is_archive",
    "prepare",
    "reembed",
    "repair",
]
