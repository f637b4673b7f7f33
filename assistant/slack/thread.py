"""A thread as Slack gives it back: what was asked in it, what the bot said, found by structure and never by wording.

A message is the bot's own if Slack says that the bot sent it; what it is then stands in its metadata, which names
articles and offsets, and in the ids of its blocks.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.answer import Quote, Turn
from assistant.slack.blocks import said_in
from assistant.slack.events import Identity, question
from assistant.slack.web import Web
from ingest.article import Article

Message = dict[str, Any]
Articles = Callable[[Iterable[str]], dict[str, Article]]

_PAGES = 5  # of 200 messages: a longer thread's beginning is not remembered
_TURNS = 8  # earlier exchanges that a question may lean on


@dataclass(frozen=True, slots=True)
class Own:
    """A message of the bot.

    Attributes:
        task: the key of the task that it answers; "" where a stream was broken off before it could say so.
        done: whether that task was done with it.
    """

    ts: str
    task: str
    question: str
    page: int
    done: bool
    spans: str
    said: tuple[str, ...]


def read_thread(web: Web, channel: str, thread: str) -> list[Message]:
    """The messages of a thread, the oldest first.

    Raises:
        SlackError: Slack does not give them.
    """
    messages: list[Message] = []
    cursor = None
    for _ in range(_PAGES):
        got = web.call(
            "conversations.replies", channel=channel, ts=thread, limit=200, cursor=cursor, include_all_metadata=True
        )
        messages += got.get("messages", [])
        cursor = (got.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
    return messages


def own(messages: Iterable[Message], me: Identity) -> list[Own]:
    """The bot's own messages among them."""
    return [_own(one) for one in messages if one.get("bot_id") == me.bot or one.get("user") == me.user]


def _own(message: Message) -> Own:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {} if str(metadata.get("event_type", "")).startswith("khabar_") else {}
    said = tuple(filter(None, map(said_in, message.get("blocks") or ())))
    return Own(
        ts=str(message["ts"]),
        task=str(payload.get("task", "")),
        question=str(payload.get("question", "")),
        page=int(payload.get("page", 0)),
        done=bool(payload.get("done", False)),
        spans=str(payload.get("quotes", "")),
        said=said,
    )


def turns(messages: Sequence[Message], me: Identity, articles: Articles, before: str) -> list[Turn]:
    """The exchanges of a thread before a message, the oldest first: what was asked, what was said, what was quoted.

    Args:
        messages: of this thread, and no other.
        me: the bot.
        articles: gives the articles of some ids.
        before: the `ts` of the message that asks now.
    """
    asked = {str(one["ts"]): _asked(one, me) for one in messages}
    answers: dict[str, list[Own]] = {}
    for one in own(messages, me):
        if one.question and one.ts < before and one.question != before:
            answers.setdefault(one.question, []).append(one)
    ordered = sorted(answers.items(), key=lambda item: item[1][0].ts)[-_TURNS:]
    known = articles({part.split(":")[0] for _, pages in ordered for one in pages for part in one.spans.split()})
    found: list[Turn] = []
    for ts, pages in ordered:
        quotes = tuple(quote for one in pages for quote in quotes_of(one.spans, known))
        said = "\n".join(words for one in pages for words in one.said)
        words = asked.get(pages[0].ts) or asked.get(ts, "")
        if words:
            found.append(Turn(words, said, quotes))
    return found


def _asked(message: Message, me: Identity) -> str:
    """What a person asked in a message, or what the bot repeats of a command or a button."""
    if message.get("bot_id") == me.bot or message.get("user") == me.user:
        block: Message = next((one for one in message.get("blocks") or () if one.get("block_id") == "asked"), {})
        elements = block.get("elements", [{}])[-1].get("elements", ())
        return question("".join(str(one.get("text", "")) for one in elements if one.get("type") == "text"))
    return question(str(message.get("text") or ""))


def quotes_of(spans: str, known: dict[str, Article]) -> list[Quote]:
    """The quotations that metadata names; without those whose article is gone or shorter now."""
    quotes: list[Quote] = []
    for part in spans.split():
        identity, _, place = part.partition(":")
        start, _, end = place.partition(":")
        article = known.get(identity)
        if article and start.isdigit() and end.isdigit() and int(start) < int(end) <= len(article.text):
            quotes.append(Quote(article, int(start), int(end)))
    return quotes
