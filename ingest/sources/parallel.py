"""Read several sources at once, each in its own thread."""

import queue
import threading
from collections.abc import Callable, Sequence

from ingest.errors import SourceError
from ingest.sources.item import Item, Items

_QUEUE_SIZE = 256  # items: fetching goes on while a group of articles is embedded, about 40 in 4 s
_MAX_THREADS = 16


def read_in_parallel(sources: Sequence[Callable[[], Items]]) -> Items:
    """Read sources in parallel, at most 16 at a time; their items come in the order in which they are read.

    Args:
        sources: each returns the items of one source; called in the thread that reads them.
    """
    results: queue.Queue[Item | SourceError | BaseException | None] = queue.Queue(_QUEUE_SIZE)
    stop = threading.Event()
    unread = iter(sources)
    lock = threading.Lock()

    def put(result: Item | SourceError | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                results.put(result, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            while not stop.is_set():
                with lock:
                    source = next(unread, None)
                if source is None:
                    break
                for item in source():
                    if not put(item):
                        return
        except BaseException as failure:  # raised in the thread that consumes the items
            put(failure)
        finally:
            put(None)

    threads = min(len(sources), _MAX_THREADS)
    for number in range(threads):
        threading.Thread(target=work, name=f"khabar-reading-{number}", daemon=True).start()
    try:
        while threads:
            result = results.get()
            if result is None:
                threads -= 1
            elif isinstance(result, BaseException) and not isinstance(result, SourceError):
                raise result
            else:
                yield result
    finally:
        stop.set()
