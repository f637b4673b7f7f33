"""Read an archive's vectors in a process of its own: `python -m ingest.archive.maintenance.probe FOLDER SERVER`.

Damaged index files can crash Chroma and with it its process. The parent holds the archive's lock meanwhile.
"""

import contextlib
import json
import sys
from pathlib import Path

from ingest.archive.catalogue import Catalogue
from ingest.archive.generations import is_new, open_store_as_is
from ingest.archive.maintenance.check import of_vectors
from ingest.archive.types import Problem
from ingest.errors import ArchiveError


def main(folder: str, server: str) -> None:
    """Write the problems of the vectors to standard output, as JSON."""
    with contextlib.closing(Catalogue(Path(folder))) as catalogue:
        if is_new(catalogue):
            return json.dump([], sys.stdout)
        try:
            with contextlib.closing(open_store_as_is(catalogue, server)) as store:
                found = of_vectors(catalogue, store)
        except ArchiveError as error:
            found = [Problem("vectors", str(error))]
    return json.dump([{"kind": problem.kind, "message": problem.message} for problem in found], sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
