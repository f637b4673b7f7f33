"""What was asked of the bot, and where, as it waits on the queue."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

Kind = Literal["ask", "again", "slash", "watch", "brief", "add", "alert", "long", "start"]


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do.

    Attributes:
        kind: "ask" in a thread, ask there "again" of every date, by the command ("slash"), "watch", "brief", "add"
            articles, tell an "alert", say that a text is too "long", or "start": suggest what to ask in the agent view.
        team: of who asks.
        thread: `ts` of the message that began the thread; "" for a command, which has none.
        ts: of the message that asks; "" for a command.
        text: the question, as it is typed; links to add, one a line; the statements of an alert, as JSON.
        address: where a command is answered when the bot is not in its channel.
        language: of the command's words, where a question does not say it.
    """

    kind: Kind
    team: str
    channel: str
    user: str
    text: str = ""
    thread: str = ""
    ts: str = ""
    address: str = ""
    language: str = ""

    @property
    def conversation(self) -> str:
        """The thread's name on the queue."""
        return f"{self.channel}:{self.thread}"


def written(job: Job) -> str:
    """For the queue."""
    return json.dumps(asdict(job), ensure_ascii=False)


def read(payload: str) -> Job:
    """From the queue."""
    return Job(**json.loads(payload))
