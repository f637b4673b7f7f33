"""The bot's durable queue: tasks that wait for an answer, held under leases, and the watched questions of a channel.

Enqueuing is a single SQL statement that succeeds in only one process, so an event that several processes receive is
answered once. The process that claims a task holds a lease on it; when the lease expires, another process may claim the
task, so nothing is lost when a process dies. The queue shares the catalogue's file but has its own connection, so that
enqueuing never waits for a search.
"""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.archive.sqlite import SQLiteCatalogue
from ingest.article import Article

_BUSY_TIMEOUT = 2000  # milliseconds to wait for another writer; Slack expects an acknowledgement within 3 s
_MICROSECONDS = 1_000_000  # a second


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed task.

    Attributes:
        key: identifies the task: enqueuing the same key again changes nothing.
        conversation: tasks of one conversation are claimed one at a time, ordered by `position`.
        position: compared as text.
        payload: an encoded `Job`.
        attempts: how often the task was claimed, including this time.
        reply: the messages last recorded by `record_reply`.
    """

    key: str
    conversation: str
    position: str
    payload: str
    attempts: int = 0
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """A question that is asked again whenever new articles arrive.

    Attributes:
        created: seconds since 1970.
    """

    number: int
    channel: str
    thread: str
    question: str
    user: str
    created: float


class Queue:
    """The queue of one archive, which must exist. Safe for several threads and processes.

    Args:
        folder: the archive's folder.
        now: returns the time in seconds since 1970.

    Raises:
        ArchiveError: the catalogue does not open, or, from the methods, does not answer.
    """

    def __init__(self, folder: Path, now: Callable[[], float] = time.time) -> None:
        self._catalogue = SQLiteCatalogue(folder)
        self._catalogue.rows(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT}")
        self._now = now

    def close(self) -> None:
        """Close the connection; closing twice does nothing."""
        self._catalogue.close()

    def _microseconds(self, offset: float = 0) -> int:
        """The time `offset` seconds from now, in microseconds since 1970."""
        return int((self._now() + offset) * _MICROSECONDS)

    # -- tasks ---------------------------------------------------------------------------------------------------

    def enqueue(self, key: str, conversation: str, position: str, payload: str, event: str = "") -> bool:
        """Store a task durably.

        Args:
            key: identifies the task; two messages with the same task share it.
            conversation: the conversation of the task.
            position: orders the tasks of a conversation; compared as text.
            payload: an encoded `Job`.
            event: Slack's id of the event, if there is one; an event is enqueued only once.

        Returns:
            Whether the task is new; if not, nothing was changed.
        """
        added = self._catalogue.rows(
            "INSERT INTO slack_tasks (key, event, conversation, place, payload, came) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING RETURNING key",
            key, event or None, conversation, position, payload, self._microseconds(),
        )  # fmt: skip
        return bool(added)

    def claim(self, owner: str, lease: float) -> Task | None:
        """Claim the oldest task that nobody holds and that no earlier task of its conversation blocks.

        Args:
            owner: who works on the task; one process is one owner.
            lease: seconds until another owner may claim it, unless `renew_leases` extends it.

        Returns:
            None if there is nothing to claim.
        """
        now = self._microseconds()
        rows = self._catalogue.rows(
            "UPDATE slack_tasks SET owner = ?, until = ?, tries = tries + 1 WHERE key = ("
            "SELECT t.key FROM slack_tasks t WHERE t.done IS NULL AND t.until <= ? AND NOT EXISTS ("
            "SELECT 1 FROM slack_tasks o WHERE o.conversation = t.conversation AND o.done IS NULL AND o.key <> t.key "
            "AND (o.until > ? OR o.place < t.place)) ORDER BY t.came LIMIT 1) "
            "RETURNING key, conversation, place, payload, tries, reply",
            owner, self._microseconds(lease), now, now,
        )  # fmt: skip
        return Task(*rows[0]) if rows else None

    def pending_count(self) -> int:
        """Count the tasks that are not complete, claimed or not."""
        return self._catalogue.number("SELECT count(*) FROM slack_tasks WHERE done IS NULL")

    def renew_leases(self, owner: str, keys: Iterable[str], lease: float) -> None:
        """Extend the owner's leases on these tasks to `lease` seconds from now; leases already lost stay lost."""
        self._catalogue.rows(
            "UPDATE slack_tasks SET until = ? WHERE owner = ? AND done IS NULL AND until > 0 "
            "AND key IN (SELECT value FROM json_each(?))",
            self._microseconds(lease), owner, json.dumps(list(keys)),
        )  # fmt: skip

    def holds_lease(self, key: str, owner: str) -> bool:
        """Whether the owner's lease on the task is still running, so that nobody else can have claimed it."""
        query = "SELECT 1 FROM slack_tasks WHERE key = ? AND owner = ? AND done IS NULL AND until > ?"
        return bool(self._catalogue.rows(query, key, owner, self._microseconds()))

    def record_reply(self, key: str, owner: str, reply: str, conversation: str = "") -> None:
        """Record the reply's messages for whoever takes over, and the conversation if the reply started one.

        Args:
            key: of the task.
            owner: who holds it.
            reply: the `ts` of the reply's messages, separated by spaces.
            conversation: "" to keep the task's own.
        """
        self._catalogue.rows(
            "UPDATE slack_tasks SET reply = ?, conversation = coalesce(nullif(?, ''), conversation) "
            "WHERE key = ? AND owner = ?",
            reply, conversation, key, owner,
        )  # fmt: skip

    def complete(self, key: str, owner: str) -> None:
        """Mark a task as done: its payload is erased, its key stays."""
        self._catalogue.rows(
            "UPDATE slack_tasks SET done = ?, payload = '' WHERE key = ? AND owner = ?",
            self._microseconds(),
            key,
            owner,
        )

    def release(self, key: str, owner: str, delay: float, count_attempt: bool = True) -> None:
        """Give a task back, to be claimed again after a delay.

        Args:
            key: of the task.
            owner: who holds it.
            delay: seconds.
            count_attempt: False if this attempt does not count towards giving up. The next claim still reports at
                least two attempts, so that it looks for messages of this attempt.
        """
        self._catalogue.rows(
            "UPDATE slack_tasks SET until = ?, owner = '', tries = CASE WHEN ? THEN tries ELSE max(tries - 1, 1) END "
            "WHERE key = ? AND owner = ? AND done IS NULL",
            self._microseconds(delay), count_attempt, key, owner,
        )  # fmt: skip

    def has_conversation(self, conversation: str) -> bool:
        """Whether the bot was ever asked anything in this conversation."""
        return bool(self._catalogue.rows("SELECT 1 FROM slack_tasks WHERE conversation = ? LIMIT 1", conversation))

    def reply_timestamps(self, conversation: str, without: str) -> set[str]:
        """The `ts` of every recorded reply in a conversation, except those of the task `without`."""
        query = "SELECT reply FROM slack_tasks WHERE conversation = ? AND key <> ? AND reply <> ''"
        return {ts for (reply,) in self._catalogue.rows(query, conversation, without) for ts in reply.split()}

    def prune(self, age: float) -> None:
        """Delete the tasks that were completed more than `age` seconds ago."""
        self._catalogue.rows("DELETE FROM slack_tasks WHERE done < ?", self._microseconds(-age))

    # -- watches -------------------------------------------------------------------------------------------------

    def add_watch(self, channel: str, thread: str, question: str, user: str, delay: float) -> Watch:
        """Watch a question for a thread, first due in `delay` seconds; a thread has at most one watch."""
        with self._catalogue.transaction():
            self._catalogue.rows(
                "INSERT INTO slack_watches (channel, thread, question, user, came, due) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                channel, thread, question, user, self._microseconds(), self._microseconds(delay),
            )  # fmt: skip
            return self._select_watches("WHERE channel = ? AND thread = ?", channel, thread)[0]

    def watches(self, channel: str) -> list[Watch]:
        """The watches of a channel, oldest first."""
        return self._select_watches("WHERE channel = ? ORDER BY number", channel)

    def remove_watch(self, channel: str, number: int) -> bool:
        """Remove a watch; return False if the channel has none with that number."""
        query = "DELETE FROM slack_watches WHERE channel = ? AND number = ? RETURNING number"
        return bool(self._catalogue.rows(query, channel, number))

    def claim_due_watch(self, pause: float) -> Watch | None:
        """Claim the watch that is longest overdue; it is not due again for `pause` seconds."""
        rows = self._catalogue.rows(
            "UPDATE slack_watches SET due = ? WHERE number = ("
            "SELECT number FROM slack_watches WHERE due <= ? ORDER BY due LIMIT 1) RETURNING number",
            self._microseconds(pause), self._microseconds(),
        )  # fmt: skip
        return self._select_watches("WHERE number = ?", rows[0][0])[0] if rows else None

    def alerted(self, number: int) -> set[str]:
        """The fingerprints of the quotations that a watch's thread has already seen."""
        return {row[0] for row in self._catalogue.rows("SELECT print FROM slack_told WHERE watch = ?", number)}

    def record_alert(
        self, watch: Watch, fingerprints: Iterable[str], key: str = "", payload: str = "", pause: float = 0
    ) -> bool:
        """Record quotations as seen and enqueue the alert that shows them, in one transaction.

        Args:
            watch: whose thread gets the alert.
            fingerprints: of the quotations.
            key: of the alert's task; "" if the thread shows the quotations already and needs no alert.
            payload: of the task.
            pause: seconds until the watch is due again.

        Returns:
            Whether any quotation is new and the watch still exists; if not, nothing was changed.
        """
        with self._catalogue.transaction():
            if not self._select_watches("WHERE number = ?", watch.number):
                return False
            query = "INSERT INTO slack_told VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING print"
            new = [
                fingerprint
                for fingerprint in dict.fromkeys(fingerprints)
                if self._catalogue.rows(query, watch.number, fingerprint)
            ]
            if new and key:
                self._catalogue.rows(
                    "UPDATE slack_watches SET due = ? WHERE number = ?", self._microseconds(pause), watch.number
                )
                self.enqueue(key, f"{watch.channel}:{watch.thread}", f"{self._now():017.6f}", payload)
        return bool(new)

    def _select_watches(self, clause: str, *values: object) -> list[Watch]:
        query = f"SELECT number, channel, thread, question, user, came FROM slack_watches {clause}"  # noqa: S608 - ours
        rows = self._catalogue.rows(query, *values)
        return [Watch(row[0], row[1], row[2], row[3], row[4], row[5] / _MICROSECONDS) for row in rows]

    # -- articles ------------------------------------------------------------------------------------------------

    def articles_since(self, since: float, limit: int) -> list[Article]:
        """The articles that were fetched since a time (seconds since 1970), newest first."""
        return list(self._catalogue.fetched_since(datetime.fromtimestamp(since, UTC), limit))
