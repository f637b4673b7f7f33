"""Add articles from files, folders and addresses to an archive."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, islice

from ingest.archive import Archive
from ingest.embedding import Embedder
from ingest.errors import SourceError
from ingest.fetching import Fetcher
from ingest.fetching.fetch_state import Notebook
from ingest.load import Progress, Report, load
from ingest.sources import Defaults, Item, Web, is_url, read, read_in_parallel


def add_sources(
    sources: Sequence[str],
    archive: Archive,
    embedder: Embedder,
    fetcher: Fetcher,
    defaults: Defaults | None,
    progress: Progress,
    *,
    limit: int | None,
    on_item: Callable[[Item | SourceError], None],
) -> Report:
    """Read sources and bring their items into an archive; `Assistant.add` explains the arguments.

    Files are read one after the other, addresses at the same time. What was fetched is remembered only if the run is
    not cut short, so that the next run fetches it again.
    """
    web = Web(fetcher, Notebook(archive.sources.visits))

    def items_of(source: str) -> Iterator[Item | SourceError]:
        return islice(read(source, defaults, web=web), limit)

    def items() -> Iterator[Item | SourceError]:
        files = chain.from_iterable(items_of(source) for source in sources if not is_url(source))
        addresses = [partial(items_of, source) for source in sources if is_url(source)]
        for item in chain(files, read_in_parallel(addresses)):
            on_item(item)
            yield item

    report = load(items(), archive, embedder, progress)
    if report.stopped is None:
        archive.sources.save_visits(web.notebook.drain())
    return report
