"""Do the queue's tasks in a fixed number of threads; renew their leases, and release unfinished tasks at the end."""

import logging
import threading
import time
from collections.abc import Callable

from assistant.slack.queue import Queue, Task
from ingest.errors import KhabarError

log = logging.getLogger(__name__)

WORKERS = 8
"""Questions that are answered at the same time; further ones are acknowledged and wait."""

LEASE = 60.0
"""Seconds after which another process may take over the tasks of a dead one."""

_POLL = 1.0  # seconds between two polls for tasks that other processes enqueued or released
_KEPT = 90 * 24 * 3600.0  # seconds that a completed task is kept; so long its thread is answered without a mention
_PRUNE = 3600.0  # seconds between two prunings


class WorkerPool:
    """The workers of one process.

    Args:
        queue: holds the tasks.
        owner: the name under which this process claims tasks.
        workers: the number of threads.
        lease: in seconds; see `LEASE`.
    """

    def __init__(self, queue: Queue, owner: str, workers: int = WORKERS, lease: float = LEASE) -> None:
        self._queue, self._owner, self._lease = queue, owner, lease
        self._handle: Callable[[Task], None] = lambda task: None
        self._keep_alive: Callable[[], None] = lambda: None
        self._stopping = threading.Event()
        self._news = threading.Condition()
        self._claimed: set[str] = set()
        self._threads = [
            threading.Thread(target=self._work, name=f"khabar-slack-{number}", daemon=True) for number in range(workers)
        ]
        for name, run in (("leases", self._renew_leases), ("statuses", self._renew_statuses)):
            self._threads.append(threading.Thread(target=run, name=f"khabar-slack-{name}", daemon=True))

    @property
    def stopping(self) -> bool:
        """Whether the workers are stopping; handlers ask this between two steps."""
        return self._stopping.is_set()

    def start(self, handle: Callable[[Task], None], keep_alive: Callable[[], None]) -> None:
        """Start the threads.

        Args:
            handle: called with each task; completes it or releases it.
            keep_alive: called four times per lease, in a thread of its own; it may be slow.
        """
        self._handle, self._keep_alive = handle, keep_alive
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Wake a waiting worker for a new task."""
        with self._news:
            self._news.notify()

    def stop(self, seconds: float) -> None:
        """Stop: wait at most the given seconds for running tasks, then release those that are not complete."""
        self._stopping.set()
        with self._news:
            self._news.notify_all()
        until = time.monotonic() + seconds
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))
        for key in list(self._claimed):
            self._queue.release(key, self._owner, 0)

    def _work(self) -> None:
        while not self.stopping:
            try:
                task = self._queue.claim(self._owner, self._lease)
            except KhabarError as error:
                self._warn(error)
                task = None
            if task is None:
                with self._news:
                    if not self.stopping:
                        self._news.wait(_POLL)
                continue
            self._claimed.add(task.key)
            try:
                self._handle(task)
            except Exception as error:  # the worker goes on; the task is tried again when its lease expires
                if not self.stopping:
                    log.error("a task failed: %s", type(error).__name__)
                    log.debug("a task failed", exc_info=error)
            finally:
                self._claimed.discard(task.key)
            self.wake()  # the next task of that conversation may have waited for this one

    def _renew_leases(self) -> None:
        pruned = 0.0
        while not self._stopping.wait(self._lease / 4):
            try:
                claimed = list(self._claimed)
                if claimed:
                    self._queue.renew_leases(self._owner, claimed, self._lease)
                if time.monotonic() - pruned > _PRUNE:
                    self._queue.prune(_KEPT)
                    pruned = time.monotonic()
            except KhabarError as error:
                self._warn(error)

    def _renew_statuses(self) -> None:
        while not self._stopping.wait(self._lease / 4):
            self._keep_alive()

    def _warn(self, error: KhabarError) -> None:
        if not self.stopping:  # else the queue is closed
            log.warning("the queue does not answer: %s", error)
