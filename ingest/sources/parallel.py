"""Several sources at once: each is read in a thread of its own, and what they give comes as it comes."""

import queue
import threading
from collections.abc import Callable, Sequence

from ingest.errors import SourceError
from ingest.sources.item import Item, Items

_WAITING = 256  # items that may wait to be taken: fetching goes on while a group is embedded, about 40 in 4 s
_READERS = 16


def read_in_parallel(sources: Sequence[Callable[[], Items]]) -> Items:
    """Read sources side by side, at most 16 at a time.

    Args:
        sources: each begins one when it is called, in the thread that reads it.
    """
    found: queue.Queue[Item | SourceError | BaseException | None] = queue.Queue(_WAITING)
    stop = threading.Event()
    tasks = iter(sources)
    lock = threading.Lock()

    def put(one: Item | SourceError | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                found.put(one, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def read() -> None:
        try:
            while not stop.is_set():
                with lock:
                    task = next(tasks, None)
                if task is None:
                    break
                for one in task():
                    if not put(one):
                        return
        except BaseException as failure:  # told to the thread that waits
            put(failure)
        finally:
            put(None)

    readers = min(len(sources), _READERS)
    for number in range(readers):
        threading.Thread(target=read, name=f"khabar-reading-{number}", daemon=True).start()
    try:
        yield from _taken(found, readers)
    finally:
        stop.set()


def _taken(found: "queue.Queue[Item | SourceError | BaseException | None]", readers: int) -> Items:
    """What the readers put there, until the last of them is done."""
    while readers:
        one = found.get()
        if one is None:
            readers -= 1
        elif isinstance(one, BaseException) and not isinstance(one, SourceError):
            raise one
        else:
            yield one
