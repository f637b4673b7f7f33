"""Time what finding the near-copies of an article costs in archives of growing size, with synthetic signatures.

    python tests/bench/near_duplicates_speed.py ARTICLES.jsonl [SIZES...]

The articles are real: half of them stand in the archive among as many synthetic ones as SIZES says, and all are looked
up. Printed for each size, in milliseconds an article, of the processor's time, which holds on a machine that has other
work: signing it, finding its candidates, and finding and comparing them.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from ingest.archive.sqlite import SQLiteCatalogue
from ingest.archive.types import Entry
from ingest.article import Article
from ingest.duplicates import lookup_keys
from ingest.sources import Item, read

BANDS = 36  # of an article of 740 characters, on average
ASKED = 400


def main(source: str, sizes: list[int]) -> None:
    """Fill, look up, print."""
    articles = [item.article for item in read(source) if isinstance(item, Item)][:ASKED]
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            catalogue = SQLiteCatalogue(Path(folder), create=True)
            synthetic(catalogue, size)
            few = [Entry(article, (), np.empty((0, 0), np.float32)) for article in articles[::2]]
            catalogue.make_ready(few, catalogue.write_pending(few))
            report(catalogue, articles, size)
            catalogue.close()


def synthetic(catalogue: SQLiteCatalogue, size: int) -> None:
    """So many articles with bands that nothing shares."""
    numbers = np.random.default_rng(7)
    with catalogue.transaction():
        for key in range(1, size + 1):
            catalogue.rows(
                "INSERT INTO articles (key, id, state, language, publisher_folded, digest, fetched, publisher, author, "
                "url, title, text) VALUES (?, ?, 'ready', '', '', '', 0, '', '', '', '', '')",
                key,
                f"{key:016x}",
            )
        bands = numbers.integers(-(2**63), 2**63, (size, BANDS), dtype="<i8")
        rows = ((key, key, b"", row.tobytes()) for key, row in enumerate(bands, 1))
        catalogue.many("INSERT INTO signatures VALUES (?, ?, ?, ?)", rows)
        flat = bands.ravel()
        order = np.argsort(flat)
        owners = np.repeat(np.arange(1, size + 1), BANDS)
        pairs = zip(flat[order].tolist(), owners[order].tolist(), strict=True)
        catalogue.many("INSERT INTO bands VALUES (?, ?)", pairs)


def report(catalogue: SQLiteCatalogue, articles: list[Article], size: int) -> None:
    """Look all up, print the means."""
    signing, finding, comparing, found = [], [], [], 0
    for article in articles:
        began = time.thread_time()
        bands = lookup_keys(article.text)
        signed = time.thread_time()
        catalogue.near_duplicates.candidates(bands)
        known = time.thread_time()
        found += any(kind == "copy" for _, kind in catalogue.near_duplicates.compare(article.text, bands))
        comparing.append(time.thread_time() - known)
        signing.append(signed - began)
        finding.append(known - signed)
    signed, sought, compared = (f"{1000 * statistics.mean(times):.2f} ms" for times in (signing, finding, comparing))
    print(f"{size:,}: signed {signed}, candidates {sought}, found and compared {compared}; {found} found")


if __name__ == "__main__":
    main(sys.argv[1], [int(size) for size in sys.argv[2:]] or [1_000, 100_000])
