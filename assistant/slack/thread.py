"""Read a thread back from Slack: the questions, and the bot's answers, by their structure and never by their wording.

A message is the bot's own if Slack says that the bot sent it. Its metadata names the question that it answers and the
spans that it quotes; its statements are recognised by the ids of their blocks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.answer import Turn
from assistant.slack.blocks import statement_text
from assistant.slack.events import Identity, plain_text
from assistant.slack.payload import id_at, object_at, objects_at, text_at
from assistant.slack.references import FindArticles, article_ids, decode_quotes
from assistant.slack.web_api import WebApi

Message = dict[str, Any]

_MAX_PAGES = 5  # of 200 messages each; the end of a longer thread is not read
_MAX_TURNS = 8  # earlier exchanges that a question may refer to


@dataclass(frozen=True, slots=True)
class BotMessage:
    """A message of the bot.

    Attributes:
        ts: of the message.
        task: the key of the task that it answers; "" if its stream was interrupted before the metadata was sent.
        question: `ts` of the message that asked.
        page: the page of the answer, from 0.
        done: whether it completed the task.
        quotes: references to its quotations, see `encode_quotes`.
        statements: the text of its statements.
    """

    ts: str
    task: str
    question: str
    page: int
    done: bool
    quotes: str
    statements: tuple[str, ...]


def read_thread(web: WebApi, channel: str, thread: str) -> list[Message]:
    """Fetch the messages of a thread, oldest first.

    Raises:
        SlackError: Slack does not return them.
    """
    messages: list[Message] = []
    cursor = None
    for _ in range(_MAX_PAGES):
        response = web.call(
            "conversations.replies", channel=channel, ts=thread, limit=200, cursor=cursor, include_all_metadata=True
        )
        messages += objects_at(response, "messages")
        cursor = text_at(response, "response_metadata", "next_cursor")
        if not cursor:
            break
    return messages


def bot_messages(messages: Iterable[Message], bot: Identity) -> list[BotMessage]:
    """Return the bot's own messages among those of a thread or channel."""
    own: list[BotMessage] = []
    for message in messages:
        ts = id_at(message, "ts")
        if not ts or not _is_by_bot(message, bot):
            continue
        has_metadata = text_at(message, "metadata", "event_type").startswith("khabar_")
        payload = object_at(message, "metadata", "event_payload") if has_metadata else {}
        page = payload.get("page")
        own.append(
            BotMessage(
                ts=ts,
                task=text_at(payload, "task"),
                question=text_at(payload, "question"),
                page=page if isinstance(page, int) else 0,
                done=payload.get("done") is True,
                quotes=text_at(payload, "quotes"),
                statements=tuple(filter(None, map(statement_text, objects_at(message, "blocks")))),
            )
        )
    return own


def _is_by_bot(message: Message, bot: Identity) -> bool:
    return bool(message.get("bot_id") == bot.bot or message.get("user") == bot.user)


def read_turns(messages: Sequence[Message], bot: Identity, find_articles: FindArticles, before: str) -> list[Turn]:
    """Return the exchanges of a thread before a message, oldest first: question, answer and quotations.

    Args:
        messages: of this thread only.
        bot: the bot's own ids.
        find_articles: returns articles by id.
        before: `ts` of the message that asks now.
    """
    by_ts = {id_at(message, "ts"): message for message in messages}
    answers: dict[str, list[BotMessage]] = {}
    for message in bot_messages(messages, bot):
        if message.question and message.ts < before and message.question != before:
            answers.setdefault(message.question, []).append(message)
    ordered = sorted(answers.items(), key=lambda item: item[1][0].ts)[-_MAX_TURNS:]
    articles = find_articles(article_ids(page.quotes for _, pages in ordered for page in pages))
    turns: list[Turn] = []
    for ts, pages in ordered:
        quotes = tuple(quote for page in pages for quote in decode_quotes(page.quotes, articles))
        statements = "\n".join(statement for page in pages for statement in page.statements)
        question = _question(by_ts.get(pages[0].ts, {}), bot) or _question(by_ts.get(ts, {}), bot)
        if question:
            turns.append(Turn(question, statements, quotes))
    return turns


def _question(message: Message, bot: Identity) -> str:
    """Read the question from a person's message, or from the block in which the bot repeats it."""
    if not _is_by_bot(message, bot):
        return plain_text(text_at(message, "text"))
    block: Any = next((block for block in objects_at(message, "blocks") if block.get("block_id") == "asked"), {})
    paragraph: Any = next(iter(objects_at(block, "elements")[-1:]), {})
    elements = objects_at(paragraph, "elements")
    return plain_text("".join(text_at(element, "text") for element in elements if element.get("type") == "text"))
