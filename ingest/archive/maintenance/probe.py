"""Check an archive's vectors in a separate process: `python -m ingest.archive.maintenance.probe FOLDER SERVER`.

Damaged index files can crash Chroma and its process. The parent process holds the archive's lock.
"""

import contextlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

from ingest.archive.maintenance.check import check_vectors
from ingest.archive.sqlite import SQLiteCatalogue
from ingest.archive.types import Problem
from ingest.archive.vector_index import open_index_as_is
from ingest.errors import ArchiveError


def main(folder: str, server: str) -> None:
    """Write the problems of the vectors to standard output, as JSON."""
    problems: list[Problem] = []
    with contextlib.closing(SQLiteCatalogue(Path(folder))) as catalogue:
        try:
            store = open_index_as_is(catalogue, server)
            if store is not None:
                with contextlib.closing(store):
                    problems = check_vectors(catalogue, store)
        except ArchiveError as error:
            problems = [Problem("vectors", str(error))]
    json.dump([asdict(problem) for problem in problems], sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
