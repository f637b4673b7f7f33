"""The archive: articles, passages, terms and vectors in one folder, safe from crashes.

`Archive` is the door; `check`, `repair` and `reembed` work on one that does not open.
"""

from ingest.archive.archive import Archive
from ingest.archive.catalogue import is_archive
from ingest.archive.entries import prepare
from ingest.archive.feedback import Feedback
from ingest.archive.generations import reembed
from ingest.archive.inspection import check
from ingest.archive.mending import repair
from ingest.archive.reading import State
from ingest.archive.records import ALL, Entry, Filter, Outlet, Problem, Statistics, Stored

__all__ = [
    "ALL",
    "Archive",
    "Entry",
    "Feedback",
    "Filter",
    "Outlet",
    "Problem",
    "State",
    "Statistics",
    "Stored",
    "check",
    "is_archive",
    "prepare",
    "reembed",
    "repair",
]
