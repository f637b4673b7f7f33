"""The archive: articles, passages, terms and vectors in one folder, safe from crashes.

`Archive` is the door; `Desk` keeps what a chat asks until it is answered; `check`, `repair` and `reembed` work on an
archive that does not open.
"""

from ingest.archive.archive import Archive
from ingest.archive.catalogue import is_archive
from ingest.archive.copies import content
from ingest.archive.desk import Desk, Task, Watch
from ingest.archive.entries import Preparer, prepare
from ingest.archive.feedback import Feedback
from ingest.archive.generations import reembed
from ingest.archive.inspection import check
from ingest.archive.mending import repair
from ingest.archive.reading import State
from ingest.archive.records import ALL, Entry, Filter, Outlet, Problem, Statistics, Stored, Version, Withdrawal

__all__ = [
    "ALL",
    "Archive",
    "Desk",
    "Entry",
    "Feedback",
    "Filter",
    "Outlet",
    "Preparer",
    "Problem",
    "State",
    "Statistics",
    "Stored",
    "Task",
    "Version",
    "Watch",
    "Withdrawal",
    "check",
    "content",
    "is_archive",
    "prepare",
    "reembed",
    "repair",
]
