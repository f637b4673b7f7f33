"""What the bot was asked to do, and where, as the queue stores it."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

Kind = Literal["ask", "again", "slash", "watch", "brief", "add", "alert", "long", "start"]


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do.

    Attributes:
        kind: answer a question in its thread ("ask") or on every date ("again"); the commands "slash" (a question),
            "watch" and "brief"; "add" articles; post an "alert"; reply that a text is too "long"; "start": suggest
            questions in the agent view.
        team: of the user.
        channel: where to reply.
        user: who asks.
        text: the question as it was typed; the links to add, one a line; or the statements of an alert, as JSON.
        thread: `ts` of the message that starts the thread; "" for a command.
        ts: of the message that asks; "" for a command.
        address: the `response_url`, where a command is answered if the bot is not in its channel.
        language: "ar" or "en", of the command or message; "" if it is that of the question.
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
        """The queue's name for the thread."""
        return f"{self.channel}:{self.thread}"


def encode(job: Job) -> str:
    """Encode a job as a task's payload."""
    return json.dumps(asdict(job), ensure_ascii=False)


def decode(payload: str) -> Job:
    """Decode a task's payload."""
    return Job(**json.loads(payload))
