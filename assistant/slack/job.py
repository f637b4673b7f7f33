"""The bot's jobs, and their encoding in the queue."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

Kind = Literal["ask", "again", "slash", "watch", "brief", "add", "alert", "long", "start"]


@dataclass(frozen=True, slots=True)
class Job:
    """One thing that the bot was asked to do.

    Attributes:
        kind: answer a question in its thread ("ask"), or again for all dates ("again"); the commands "slash" (a
            question), "watch" and "brief"; "add" articles; post an "alert"; reply that a text is too "long"; "start":
            suggest questions in the agent view.
        team: the user's team.
        channel: where to reply.
        user: who asks.
        text: the question as it was typed; or the links to add, one per line; or the statements of an alert, as JSON.
        thread: `ts` of the message that starts the thread; "" for a command.
        ts: of the message that asks; "" for a command.
        address: the `response_url`, where a command is answered if the bot is not in its channel.
        language: of the command or message, "ar" or "en"; "" to use the language of the question.
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
