"""What a Slack event asks: a question in its thread, articles to add, or nothing.

Edits, deletions, joins, bots and the bot itself ask nothing. A follow-up without a mention asks only where the bot
already takes part. A mention that comes twice, as `app_mention` and as `message`, gives the same job both times.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

from assistant.slack.job import Job
from ingest.text import clean, folded, language

_ASKING = frozenset({"", "thread_broadcast", "file_share"})  # subtypes of a message that a person wrote
_LINK = re.compile(r"<(https?://[^|>]+)(?:\|([^>]*))?>")
_CHANNEL = re.compile(r"<#\w+(?:\|([^>]*))?>")
_SPECIAL = re.compile(r"<[@!][^>]*>")
_USER = re.compile(r"<@([UW]\w+)(?:\|[^>]*)?>")
_ADD = re.compile(
    r"(?:please )?add(?: (?:this|it|these|that))?(?: (?:to the archive|please))*"
    r"|(?:من فضلك )?(?:اضف|اضيف|ضف)(?:ها|ه|هم)?(?: (?:هذا|هذه))?(?: (?:الخبر|المقال|الرابط))?"
    r"(?: (?:الي الارشيف|من فضلك))*"
)
_COURTESY = re.compile(
    r"(?:(?:many )?thanks?(?: you| a lot| so much)*|thx|ty|ok(?:ay)?|great|perfect|nice|cool|got it|good|yes|no|lol"
    r"|شكرا(?: لك| لكم| جزيلا)*|تمام|حسنا|طيب|ممتاز|رائع|جيد|احسنت)"
)
_EMOJI = re.compile(r":(?:[+-]1|(?=[^:\s]*[a-z])[a-z0-9_'+-]+):")
_LINKS = 5  # in one message


@dataclass(frozen=True, slots=True)
class Identity:
    """The bot itself, as Slack knows it."""

    team: str
    user: str
    bot: str
    enterprise: str = ""


def read_event(body: dict[str, Any], me: Identity, takes_part: Callable[[str], bool]) -> Job | None:
    """The job that an event asks for; None if it asks nothing.

    Args:
        body: the payload of Slack's Events API.
        me: the bot.
        takes_part: whether the bot takes part in a conversation ("channel:thread").
    """
    event = body.get("event") or {}
    kind = event.get("type")
    if kind == "app_home_opened":
        return _opened(body, event)
    if kind not in ("app_mention", "message") or not _by_a_person(event, me):
        return None
    channel, ts, text = str(event["channel"]), str(event["ts"]), str(event.get("text") or "")
    thread = str(event.get("thread_ts") or ts)
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    mentioned = kind == "app_mention" or any(user == me.user for user in _USER.findall(text))
    if not (direct or mentioned or (thread != ts and _goes_on(text, channel, thread, takes_part))):
        return None
    job = Job("ask", _team(body, event), channel, str(event["user"]), question(text), thread, ts)
    links = _to_add(text)
    if links:
        spoken = "ar" if language(question(_LINK.sub(" ", text))) == "ar" else "en"
        return Job("add", job.team, channel, job.user, "\n".join(links), thread, ts, language=spoken)
    return job if _bare(text) or mentioned else None


def _by_a_person(event: dict[str, Any], me: Identity) -> bool:
    return (
        str(event.get("subtype") or "") in _ASKING
        and not event.get("bot_id")
        and not event.get("bot_profile")
        and not event.get("app_id")
        and not event.get("edited")
        and not event.get("hidden")
        and bool(event.get("user"))
        and event.get("user") not in (me.user, "USLACKBOT")
        and bool(event.get("channel"))
        and bool(event.get("ts"))
    )


def _goes_on(text: str, channel: str, thread: str, takes_part: Callable[[str], bool]) -> bool:
    """Whether a message without a mention follows up on an answer: it speaks to nobody else, and is no mere thanks."""
    said = _bare(text)
    if not said or _USER.search(text) or _COURTESY.fullmatch(said):
        return False
    return takes_part(f"{channel}:{thread}")


def _bare(text: str) -> str:
    """The words of a message, folded; none where it is an emoji."""
    return " ".join(re.findall(r"\w+", folded(question(_EMOJI.sub(" ", text)))))


def _team(body: dict[str, Any], event: dict[str, Any]) -> str:
    """The team of the user; a guest of another organisation has another than the bot's."""
    return str(event.get("user_team") or event.get("source_team") or event.get("team") or body.get("team_id") or "")


def _opened(body: dict[str, Any], event: dict[str, Any]) -> Job | None:
    if event.get("tab") != "messages" or not event.get("channel"):
        return None
    return Job("start", _team(body, event), str(event["channel"]), str(event.get("user") or ""))


def question(text: str) -> str:
    """A message's words as they were typed: without mentions, links as their names, Slack's escapes undone."""
    text = _LINK.sub(lambda link: link[2] or link[1], text)
    text = _CHANNEL.sub(lambda channel: f"#{channel[1] or ''}", text)
    return clean(unescape(_SPECIAL.sub(" ", text)))


def _to_add(text: str) -> list[str]:
    """The links of a message that wants them added to the archive, and says nothing else."""
    links = list(dict.fromkeys(unescape(link[1]) for link in _LINK.finditer(text)))
    return links[:_LINKS] if links and _ADD.fullmatch(_bare(_LINK.sub(" ", text))) else []
