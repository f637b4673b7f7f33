"""Read Slack events: a question to answer in its thread, articles to add, or nothing.

Edits, deletions, joins, and messages from bots, including this one, are ignored. A follow-up without a mention is a
question only in a thread where the bot already takes part. A mention arrives twice, as `app_mention` and as `message`,
and produces the same job both times.
"""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from assistant.messages import typed_patterns
from assistant.slack.job import Job
from assistant.slack.limits import TEXT
from assistant.slack.payload import UNKNOWN_ID, id_at, object_at, text_at
from ingest.language import clean, detect, folded

_WRITTEN_BY_PERSON = frozenset({"thread_broadcast", "file_share"})  # subtypes of messages that a person wrote
_LINK = re.compile(r"<(https?://[^|<>]+)(?:\|([^<>]*))?>")
_CHANNEL = re.compile(r"<#\w+(?:\|([^<>]*))?>")
_SPECIAL = re.compile(r"<[@!][^<>]*>")
_USER = re.compile(r"<@([UW]\w+)(?:\|[^<>]*)?>")
_EMOJI = re.compile(r":(?:[+-]1|(?=[^:\s]*[a-z])[a-z0-9_'+-]+):")
_MAX_LINKS = 5  # added from one message
_SAMPLE = 500  # characters from which the language of an overlong text is detected


@dataclass(frozen=True, slots=True)
class Identity:
    """The ids of the bot itself, and of its team, user and enterprise ("" without one)."""

    team: str
    user: str
    bot: str
    enterprise: str = ""


def read_event(body: dict[str, Any], bot: Identity, takes_part: Callable[[str], bool]) -> Job | None:
    """Read the job that an event asks for.

    Args:
        body: a payload of Slack's Events API.
        bot: the bot itself.
        takes_part: returns whether the bot takes part in a conversation ("channel:thread").

    Returns:
        None if the event is ignored.
    """
    event = object_at(body, "event")
    kind = event.get("type")
    if kind == "app_home_opened":
        channel = id_at(event, "channel")
        opened = event.get("tab") == "messages" and channel
        return Job("start", _team(body, event), channel, id_at(event, "user")) if opened else None
    if kind not in ("app_mention", "message") or not _is_by_person(event, bot):
        return None
    channel, ts, text = id_at(event, "channel"), id_at(event, "ts"), text_at(event, "text")
    thread = id_at(event, "thread_ts") or ts
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    job = Job("ask", _team(body, event), channel, id_at(event, "user"), "", thread, ts)
    if len(text) > TEXT:
        addressed = direct or kind == "app_mention" or f"<@{bot.user}" in text
        return overlong_job(job, text) if addressed else None
    mentioned = kind == "app_mention" or any(user == bot.user for user in _USER.findall(text))
    if not (direct or mentioned or (thread != ts and _is_follow_up(text, channel, thread, takes_part))):
        return None
    links = list(dict.fromkeys(unescape(link[1]) for link in _LINK.finditer(text)))
    words = _LINK.sub(" ", text)
    if links and _patterns()["add_request"].fullmatch(_folded_words(words)):
        language = "ar" if detect(plain_text(words)) == "ar" else "en"
        return replace(job, kind="add", text="\n".join(links[:_MAX_LINKS]), language=language)
    return replace(job, text=plain_text(text)) if _folded_words(text) or mentioned else None


def overlong_job(job: Job, text: str) -> Job:
    """Return a job to reply that a text is too long; it keeps nothing of the text."""
    return replace(job, kind="long", text="", language="ar" if detect(text[:_SAMPLE]) == "ar" else "en")


def plain_text(text: str) -> str:
    """Return a text as its author sees it: without mentions, links as their names, Slack's escapes undone.

    Args:
        text: of a message or a command, as Slack sends it; only the first `TEXT` characters are used.
    """
    text = _LINK.sub(lambda link: link[2] or link[1], text[:TEXT])
    text = _CHANNEL.sub(lambda channel: f"#{channel[1] or ''}", text)
    return clean(unescape(_SPECIAL.sub(" ", text)))


def _is_by_person(event: dict[str, Any], bot: Identity) -> bool:
    return (
        (not event.get("subtype") or text_at(event, "subtype") in _WRITTEN_BY_PERSON)
        and not any(event.get(name) for name in ("bot_id", "bot_profile", "app_id", "edited", "hidden"))
        and id_at(event, "user") not in ("", bot.user, "USLACKBOT")
        and bool(id_at(event, "channel"))
        and bool(id_at(event, "ts"))
    )


def _is_follow_up(text: str, channel: str, thread: str, takes_part: Callable[[str], bool]) -> bool:
    """Whether a message without a mention follows up on an answer, and is neither thanks nor for somebody else."""
    words = _folded_words(text)
    if not words or _USER.search(text) or _patterns()["courtesy"].fullmatch(words):
        return False
    return takes_part(f"{channel}:{thread}")


@functools.cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern) for name, pattern in typed_patterns("slack_patterns").items()}


def _folded_words(text: str) -> str:
    """The folded words of a message; "" if it contains only emoji."""
    return " ".join(re.findall(r"\w+", folded(plain_text(_EMOJI.sub(" ", text)))))


def _team(body: dict[str, Any], event: dict[str, Any]) -> str:
    """The user's team, which for a guest is not the bot's."""
    for name in ("user_team", "source_team", "team"):
        if event.get(name):
            return id_at(event, name) or UNKNOWN_ID
    return id_at(body, "team_id")
