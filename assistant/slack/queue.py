"""The desk: what a chat has asked and nobody has answered yet, what it wants to be told, and how answers were judged.

A question is claimed by putting it here, in one statement, whichever process hears of it first; whoever works on it
holds it for a time, and when that time passes without a word another takes it over. So nothing is answered twice for
being heard twice, and nothing is lost with the process that heard it. It lies in the catalogue's file, under a
connection of its own, so that putting never waits for a search.
"""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.archive.sqlite import SQLiteCatalogue
from ingest.article import Article

_PATIENCE = 2000  # milliseconds to wait for another's write: a chat that wants an answer within 3 s asks again
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Task:
    """Something asked, held by one worker.

    Attributes:
        key: names it for ever: what is put again under the same key is the same.
        conversation: tasks of one conversation are taken one after the other, in the order of their `place`.
        payload: what was asked, in the words of whoever put it.
        tries: how often it was taken, this time included.
        reply: what `note_reply` noted last.
    """

    key: str
    conversation: str
    place: str
    payload: str
    tries: int = 0
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """A question that is asked again and again.

    Attributes:
        came: when it was kept, seconds since 1970.
    """

    number: int
    channel: str
    thread: str
    question: str
    user: str
    came: float


class Queue:
    """The desk of one archive, which has been opened before; any thread of several processes may use it.

    Args:
        folder: of the archive.
        now: seconds since 1970.

    Raises:
        ArchiveError: the catalogue does not open, in the methods: it does not answer.
    """

    def __init__(self, folder: Path, now: Callable[[], float] = time.time) -> None:
        self._catalogue = SQLiteCatalogue(folder)
        self._catalogue.rows(f"PRAGMA busy_timeout = {_PATIENCE}")
        self._now = now

    def close(self) -> None:
        """Let the file go; a second time does nothing."""
        self._catalogue.close()

    def _time(self, seconds: float = 0) -> int:
        return int((self._now() + seconds) * _MICRO)

    # -- tasks ---------------------------------------------------------------------------------------------------

    def put(self, key: str, conversation: str, place: str, payload: str, event: str = "") -> bool:
        """Claim what was asked; when it returns, it is safe from a crash.

        Args:
            key: two messages about the same have the same.
            conversation: where it was asked.
            place: its order in the conversation, compared as text.
            payload: what whoever takes it must know.
            event: the name of the message that told of it, if that has one.

        Returns:
            Whether it is new; if not, nothing was changed.
        """
        added = self._catalogue.rows(
            "INSERT INTO slack_tasks (key, event, conversation, place, payload, came) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING RETURNING key",
            key, event or None, conversation, place, payload, self._time(),
        )  # fmt: skip
        return bool(added)

    def take(self, owner: str, lease: float) -> Task | None:
        """Take what waits longest and nobody holds, for `lease` seconds; None if there is nothing.

        Args:
            owner: who works on it; one process is one owner.
            lease: seconds until another may take it, unless `renew` says otherwise.
        """
        now = self._time()
        rows = self._catalogue.rows(
            "UPDATE slack_tasks SET owner = ?, until = ?, tries = tries + 1 WHERE key = ("
            "SELECT t.key FROM slack_tasks t WHERE t.done IS NULL AND t.until <= ? AND NOT EXISTS ("
            "SELECT 1 FROM slack_tasks o WHERE o.conversation = t.conversation AND o.done IS NULL AND o.key <> t.key "
            "AND (o.until > ? OR o.place < t.place)) ORDER BY t.came LIMIT 1) "
            "RETURNING key, conversation, place, payload, tries, reply",
            owner, self._time(lease), now, now,
        )  # fmt: skip
        return Task(*rows[0]) if rows else None

    def waiting(self) -> int:
        """How many are not done."""
        return self._catalogue.number("SELECT count(*) FROM slack_tasks WHERE done IS NULL")

    def renew(self, owner: str, keys: Iterable[str], lease: float) -> None:
        """Hold these for `lease` seconds from now, where the owner holds them still."""
        self._catalogue.rows(
            "UPDATE slack_tasks SET until = ? WHERE owner = ? AND done IS NULL AND until > 0 "
            "AND key IN (SELECT value FROM json_each(?))",
            self._time(lease), owner, json.dumps(list(keys)),
        )  # fmt: skip

    def holds(self, key: str, owner: str) -> bool:
        """Whether the owner holds it still, and nobody can have taken it over."""
        query = "SELECT 1 FROM slack_tasks WHERE key = ? AND owner = ? AND done IS NULL AND until > ?"
        return bool(self._catalogue.rows(query, key, owner, self._time()))

    def note_reply(self, key: str, owner: str, reply: str, conversation: str = "") -> None:
        """Note where the reply stands, for whoever takes over; and the conversation that it began."""
        self._catalogue.rows(
            "UPDATE slack_tasks SET reply = ?, conversation = coalesce(nullif(?, ''), conversation) "
            "WHERE key = ? AND owner = ?",
            reply, conversation, key, owner,
        )  # fmt: skip

    def finish(self, key: str, owner: str) -> None:
        """It is answered: its words are erased, its key stays."""
        self._catalogue.rows(
            "UPDATE slack_tasks SET done = ?, payload = '' WHERE key = ? AND owner = ?", self._time(), key, owner
        )

    def postpone(self, key: str, owner: str, seconds: float, counted: bool = True) -> None:
        """Give it back; it may be taken again in so many seconds.

        Args:
            key: of the task.
            owner: who holds it.
            seconds: from now.
            counted: whether this try counts; if not, it may be begun any number of times. The next is never the first.
        """
        self._catalogue.rows(
            "UPDATE slack_tasks SET until = ?, owner = '', tries = CASE WHEN ? THEN tries ELSE max(tries - 1, 1) END "
            "WHERE key = ? AND owner = ? AND done IS NULL",
            self._time(seconds), counted, key, owner,
        )  # fmt: skip

    def takes_part(self, conversation: str) -> bool:
        """Whether anything was ever asked in this conversation."""
        return bool(self._catalogue.rows("SELECT 1 FROM slack_tasks WHERE conversation = ? LIMIT 1", conversation))

    def replies(self, conversation: str, without: str) -> set[str]:
        """Where the replies to the other tasks of a conversation stand."""
        query = "SELECT reply FROM slack_tasks WHERE conversation = ? AND key <> ? AND reply <> ''"
        return {place for (noted,) in self._catalogue.rows(query, conversation, without) for place in noted.split()}

    def prune(self, seconds: float) -> None:
        """Forget the keys of what was done longer ago than that."""
        self._catalogue.rows("DELETE FROM slack_tasks WHERE done < ?", self._time(-seconds))

    # -- watches -------------------------------------------------------------------------------------------------

    def keep(self, channel: str, thread: str, question: str, user: str, pause: float) -> Watch:
        """Keep a question for a thread, to be asked again in `pause` seconds; a thread keeps one."""
        with self._catalogue.transaction():
            self._catalogue.rows(
                "INSERT INTO slack_watches (channel, thread, question, user, came, due) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                channel, thread, question, user, self._time(), self._time(pause),
            )  # fmt: skip
            return self._watches("WHERE channel = ? AND thread = ?", channel, thread)[0]

    def watches(self, channel: str) -> list[Watch]:
        """What is kept in a channel, the oldest first."""
        return self._watches("WHERE channel = ? ORDER BY number", channel)

    def unwatch(self, channel: str, number: int) -> bool:
        """Keep it no longer; False if this channel keeps none of that number."""
        query = "DELETE FROM slack_watches WHERE channel = ? AND number = ? RETURNING number"
        return bool(self._catalogue.rows(query, channel, number))

    def due(self, pause: float) -> Watch | None:
        """Take a watch that it is time for; it is not given again, to anybody, for `pause` seconds."""
        rows = self._catalogue.rows(
            "UPDATE slack_watches SET due = ? WHERE number = ("
            "SELECT number FROM slack_watches WHERE due <= ? ORDER BY due LIMIT 1) RETURNING number",
            self._time(pause), self._time(),
        )  # fmt: skip
        return self._watches("WHERE number = ?", rows[0][0])[0] if rows else None

    def told(self, number: int) -> set[str]:
        """The prints of what a watch has told."""
        return {row[0] for row in self._catalogue.rows("SELECT print FROM slack_told WHERE watch = ?", number)}

    def tell(self, watch: Watch, prints: Iterable[str], key: str = "", payload: str = "", pause: float = 0) -> bool:
        """Note that these are told, and put the task that tells them, both or neither.

        Args:
            watch: whose thread hears it.
            prints: of what is told.
            key: of the task; "" where there is nothing to be said, for it stands in the thread already.
            payload: of the task.
            pause: seconds in which this watch is not due again.

        Returns:
            Whether any of it is new, and the watch is still kept; if not, nothing was changed.
        """
        with self._catalogue.transaction():
            if not self._watches("WHERE number = ?", watch.number):
                return False
            query = "INSERT INTO slack_told VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING print"
            new = [one for one in dict.fromkeys(prints) if self._catalogue.rows(query, watch.number, one)]
            if new and key:
                self._catalogue.rows(
                    "UPDATE slack_watches SET due = ? WHERE number = ?", self._time(pause), watch.number
                )
                self.put(key, f"{watch.channel}:{watch.thread}", f"{self._now():017.6f}", payload)
        return bool(new)

    def _watches(self, clause: str, *values: object) -> list[Watch]:
        query = f"SELECT number, channel, thread, question, user, came FROM slack_watches {clause}"  # noqa: S608 - ours
        rows = self._catalogue.rows(query, *values)
        return [Watch(row[0], row[1], row[2], row[3], row[4], row[5] / _MICRO) for row in rows]

    # -- the rest ------------------------------------------------------------------------------------------------

    def came_in(self, since: float, limit: int) -> list[Article]:
        """The articles that were read since then (seconds since 1970), the newest first."""
        return list(self._catalogue.fetched_since(datetime.fromtimestamp(since, UTC), limit))
