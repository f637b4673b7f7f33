"""What a Slack event asks: a question in its thread, articles to add, or nothing.

What Slack sends is read with `part`, `parts`, `text` and `name_of`, which give nothing where something else stands.

Edits, deletions, joins, bots and the bot itself ask nothing. A follow-up without a mention asks only where the bot
already takes part. A mention that comes twice, as `app_mention` and as `message`, gives the same job both times.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from assistant.slack.job import Job
from assistant.slack.limits import TEXT
from ingest.language import clean, detect, folded

_ASKING = frozenset({"thread_broadcast", "file_share"})  # subtypes of a message that a person wrote
_LINK = re.compile(r"<(https?://[^|<>]+)(?:\|([^<>]*))?>")
_CHANNEL = re.compile(r"<#\w+(?:\|([^<>]*))?>")
_SPECIAL = re.compile(r"<[@!][^<>]*>")
_USER = re.compile(r"<@([UW]\w+)(?:\|[^<>]*)?>")
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
NOBODY = "?"
"""Instead of an id that is none: no list of teams or users holds it."""

_ID = re.compile(r"[A-Z][A-Z0-9]{0,39}")
_TS = re.compile(r"[0-9]{1,10}\.[0-9]{1,6}")
_SOME = 500  # characters of a text that is too long from which its language is told


@dataclass(frozen=True, slots=True)
class Identity:
    """The bot itself, as Slack knows it."""

    team: str
    user: str
    bot: str
    enterprise: str = ""


def part(value: object, *names: str) -> dict[str, Any]:
    """The object at a path in what Slack sends; an empty one where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def parts(value: object, name: str) -> list[dict[str, Any]]:
    """The objects of a list in what Slack sends."""
    held = part(value).get(name)
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []


def text(value: object, *names: str) -> str:
    """The text at a path in what Slack sends; "" where there is none."""
    held = part(value, *names[:-1]).get(names[-1])
    return held if isinstance(held, str) else ""


def name_of(value: object, *names: str) -> str:
    """The id of a channel, user or team, or a message's `ts`, at a path in what Slack sends; "" for anything else."""
    held = text(value, *names)
    return held if _ID.fullmatch(held) or _TS.fullmatch(held) else ""


def read_event(body: dict[str, Any], me: Identity, takes_part: Callable[[str], bool]) -> Job | None:
    """The job that an event asks for; None if it asks nothing.

    Args:
        body: the payload of Slack's Events API.
        me: the bot.
        takes_part: whether the bot takes part in a conversation ("channel:thread").
    """
    event = part(body, "event")
    kind = event.get("type")
    if kind == "app_home_opened":
        return _opened(body, event)
    if kind not in ("app_mention", "message") or not _by_a_person(event, me):
        return None
    channel, ts, said = name_of(event, "channel"), name_of(event, "ts"), text(event, "text")
    thread = name_of(event, "thread_ts") or ts
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    job = Job("ask", _team(body, event), channel, name_of(event, "user"), "", thread, ts)
    if len(said) > TEXT:
        addressed = direct or kind == "app_mention" or f"<@{me.user}" in said
        return too_long(job, said) if addressed else None
    mentioned = kind == "app_mention" or any(user == me.user for user in _USER.findall(said))
    if not (direct or mentioned or (thread != ts and _goes_on(said, channel, thread, takes_part))):
        return None
    links = _to_add(said)
    if links:
        spoken = "ar" if detect(question(_LINK.sub(" ", said))) == "ar" else "en"
        return replace(job, kind="add", text="\n".join(links), language=spoken)
    return replace(job, text=question(said)) if _bare(said) or mentioned else None


def too_long(job: Job, said: str) -> Job:
    """The job to say that a text was too long to be read; it keeps none of it."""
    return replace(job, kind="long", text="", language="ar" if detect(said[:_SOME]) == "ar" else "en")


def _by_a_person(event: dict[str, Any], me: Identity) -> bool:
    return (
        (not event.get("subtype") or text(event, "subtype") in _ASKING)
        and not event.get("bot_id")
        and not event.get("bot_profile")
        and not event.get("app_id")
        and not event.get("edited")
        and not event.get("hidden")
        and name_of(event, "user") not in ("", me.user, "USLACKBOT")
        and bool(name_of(event, "channel"))
        and bool(name_of(event, "ts"))
    )


def _goes_on(typed: str, channel: str, thread: str, takes_part: Callable[[str], bool]) -> bool:
    """Whether a message without a mention follows up on an answer: it speaks to nobody else, and is no mere thanks."""
    said = _bare(typed)
    if not said or _USER.search(typed) or _COURTESY.fullmatch(said):
        return False
    return takes_part(f"{channel}:{thread}")


def _bare(typed: str) -> str:
    """The words of a message, folded; none where it is an emoji."""
    return " ".join(re.findall(r"\w+", folded(question(_EMOJI.sub(" ", typed)))))


def _team(body: dict[str, Any], event: dict[str, Any]) -> str:
    """The team of the user; a guest of another organisation has another than the bot's."""
    for name in ("user_team", "source_team", "team"):
        if event.get(name):
            return name_of(event, name) or NOBODY
    return name_of(body, "team_id")


def _opened(body: dict[str, Any], event: dict[str, Any]) -> Job | None:
    if event.get("tab") != "messages" or not name_of(event, "channel"):
        return None
    return Job("start", _team(body, event), name_of(event, "channel"), name_of(event, "user"))


def question(typed: str) -> str:
    """A message's words as they were typed: without mentions, links as their names, Slack's escapes undone.

    Args:
        typed: at most `TEXT` characters are read.
    """
    typed = _LINK.sub(lambda link: link[2] or link[1], typed[:TEXT])
    typed = _CHANNEL.sub(lambda channel: f"#{channel[1] or ''}", typed)
    return clean(unescape(_SPECIAL.sub(" ", typed)))


def _to_add(typed: str) -> list[str]:
    """The links of a message that wants them added to the archive, and says nothing else."""
    links = list(dict.fromkeys(unescape(link[1]) for link in _LINK.finditer(typed)))
    return links[:_LINKS] if links and _ADD.fullmatch(_bare(_LINK.sub(" ", typed))) else []
