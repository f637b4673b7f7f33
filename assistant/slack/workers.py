"""The threads that do what is on the queue: a bounded number, which hold what they do and give it back at the end."""

import logging
import threading
import time
from collections.abc import Callable

from assistant.slack.queue import Queue, Task
from ingest.errors import KhabarError

log = logging.getLogger(__name__)

WORKERS = 8
"""Questions that are answered at the same time; the others wait, and were acknowledged."""

LEASE = 60.0
"""Seconds after which another process takes over what a dead one held."""

_LOOK = 1.0  # seconds between two looks for what another process has put down or let go
_KEPT = 90 * 24 * 3600.0  # seconds that a done task's key is kept, and its thread answered without a mention
_PRUNE = 3600.0  # seconds


class Work:
    """The workers of one process.

    Args:
        queue: what there is to do.
        owner: as whom they hold it.
        workers: how many.
        lease: seconds; see `LEASE`.
    """

    def __init__(self, queue: Queue, owner: str, workers: int = WORKERS, lease: float = LEASE) -> None:
        self._queue, self._owner, self._lease = queue, owner, lease
        self._do: Callable[[Task], None] = lambda task: None
        self._meanwhile: Callable[[], None] = lambda: None
        self._stopping = threading.Event()
        self._news = threading.Condition()
        self._held: set[str] = set()
        self._threads = [
            threading.Thread(target=self._run, name=f"khabar-slack-{number}", daemon=True) for number in range(workers)
        ]
        for name, run in (("leases", self._renew), ("statuses", self._repeat)):
            self._threads.append(threading.Thread(target=run, name=f"khabar-slack-{name}", daemon=True))

    @property
    def stopping(self) -> bool:
        """Whether it ends; asked by what is being done."""
        return self._stopping.is_set()

    def start(self, do: Callable[[Task], None], meanwhile: Callable[[], None]) -> None:
        """Begin.

        Args:
            do: called with each task; finishes it or gives it back.
            meanwhile: called four times a lease, by a thread of its own; it may be slow.
        """
        self._do, self._meanwhile = do, meanwhile
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """There is something new on the queue."""
        with self._news:
            self._news.notify()

    def stop(self, seconds: float) -> None:
        """End: wait at most so many seconds, then give back what is still being done."""
        self._stopping.set()
        with self._news:
            self._news.notify_all()
        until = time.monotonic() + seconds
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))
        for key in list(self._held):
            self._queue.release(key, self._owner, 0)

    def _run(self) -> None:
        while not self.stopping:
            try:
                task = self._queue.claim(self._owner, self._lease)
            except KhabarError as error:
                self._missing(error)
                task = None
            if task is None:
                with self._news:
                    if not self.stopping:
                        self._news.wait(_LOOK)
                continue
            self._held.add(task.key)
            try:
                self._do(task)
            except Exception as error:  # a worker outlives what it does; another try comes when the lease is over
                if not self.stopping:
                    log.error("a task broke off: %s", type(error).__name__)
                    log.debug("a task broke off", exc_info=error)
            finally:
                self._held.discard(task.key)
            self.wake()  # the next question of that thread may wait for it

    def _renew(self) -> None:
        pruned = 0.0
        while not self._stopping.wait(self._lease / 4):
            try:
                held = list(self._held)
                if held:
                    self._queue.renew_leases(self._owner, held, self._lease)
                if time.monotonic() - pruned > _PRUNE:
                    self._queue.prune(_KEPT)
                    pruned = time.monotonic()
            except KhabarError as error:
                self._missing(error)

    def _repeat(self) -> None:
        while not self._stopping.wait(self._lease / 4):
            self._meanwhile()

    def _missing(self, error: KhabarError) -> None:
        if not self.stopping:  # else it is closed
            log.warning("the queue does not answer: %s", error)
