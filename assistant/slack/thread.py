"""A thread as Slack gives it back: what was asked in it, what the bot said, found by structure and never by wording.

A message is the bot's own if Slack says that the bot sent it; what it is then stands in its metadata, which names
articles and offsets, and in the ids of its blocks.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.answer import Quote, Turn
from assistant.slack.blocks import said_in
from assistant.slack.events import Identity, name_of, part, parts, question, text
from assistant.slack.web_api import Web
from ingest.article import Article

Message = dict[str, Any]
Articles = Callable[[Iterable[str]], dict[str, Article]]

_OFFSET = re.compile("[0-9]{1,9}")
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
        messages += parts(got, "messages")
        cursor = text(got, "response_metadata", "next_cursor")
        if not cursor:
            break
    return messages


def own(messages: Iterable[Message], me: Identity) -> list[Own]:
    """The bot's own messages among them."""
    return [_own(one) for one in messages if _is_own(one, me) and name_of(one, "ts")]


def _is_own(message: Message, me: Identity) -> bool:
    return bool(message.get("bot_id") == me.bot or message.get("user") == me.user)


def _own(message: Message) -> Own:
    ours = text(message, "metadata", "event_type").startswith("khabar_")
    payload = part(message, "metadata", "event_payload") if ours else {}
    page = payload.get("page")
    return Own(
        ts=name_of(message, "ts"),
        task=text(payload, "task"),
        question=text(payload, "question"),
        page=page if isinstance(page, int) else 0,
        done=payload.get("done") is True,
        spans=text(payload, "quotes"),
        said=tuple(filter(None, map(said_in, parts(message, "blocks")))),
    )


def turns(messages: Sequence[Message], me: Identity, articles: Articles, before: str) -> list[Turn]:
    """The exchanges of a thread before a message, the oldest first: what was asked, what was said, what was quoted.

    Args:
        messages: of this thread, and no other.
        me: the bot.
        articles: gives the articles of some ids.
        before: the `ts` of the message that asks now.
    """
    asked = {name_of(one, "ts"): one for one in messages}
    answers: dict[str, list[Own]] = {}
    for one in own(messages, me):
        if one.question and one.ts < before and one.question != before:
            answers.setdefault(one.question, []).append(one)
    ordered = sorted(answers.items(), key=lambda item: item[1][0].ts)[-_TURNS:]
    known = articles({span.split(":")[0] for _, pages in ordered for one in pages for span in one.spans.split()})
    found: list[Turn] = []
    for ts, pages in ordered:
        quotes = tuple(quote for one in pages for quote in quotes_of(one.spans, known))
        said = "\n".join(words for one in pages for words in one.said)
        words = _asked(asked.get(pages[0].ts, {}), me) or _asked(asked.get(ts, {}), me)
        if words:
            found.append(Turn(words, said, quotes))
    return found


def _asked(message: Message, me: Identity) -> str:
    """What a person asked in a message, or what the bot repeats of a command or a button."""
    if not _is_own(message, me):
        return question(text(message, "text"))
    asked = next((one for one in parts(message, "blocks") if one.get("block_id") == "asked"), {})
    said = parts(asked, "elements")[-1:]
    return question(
        "".join(text(one, "text") for one in parts(next(iter(said), {}), "elements") if one.get("type") == "text")
    )


def quotes_of(spans: str, known: dict[str, Article]) -> list[Quote]:
    """The quotations that metadata names; without those whose article is gone or shorter now."""
    quotes: list[Quote] = []
    for span in spans.split():
        identity, _, place = span.partition(":")
        start, _, end = place.partition(":")
        article = known.get(identity)
        quote = quote_at(article, start, end) if article else None
        quotes += [quote] if quote else []
    return quotes


def quote_at(article: Article, start: str, end: str) -> Quote | None:
    """The quotation at an offset that a message or a button names; None if the article has no such words."""
    if not (_OFFSET.fullmatch(start) and _OFFSET.fullmatch(end)):
        return None
    first, last = int(start), int(end)
    return Quote(article, first, last) if first < last <= len(article.text) else None
