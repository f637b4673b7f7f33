"""What tests of the bot stand on: what Slack sends over signed HTTP, and what a reader sees of its answer."""

import hashlib
import hmac
import http.client
import itertools
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from slack_web import ME, SECRET, TEAM, Slack

_numbers = itertools.count(1)


def event(channel: str, message: dict, kind: str = "message", name: str = "", **more: Any) -> dict:
    """The payload that Slack sends for a message; a mention comes as "app_mention" and as "message"."""
    surface = {"D": "im", "G": "group"}.get(channel[0], "channel")
    about = {**message, "type": kind, "channel": channel, "event_ts": message.get("ts", "")}
    if kind == "message":
        about["channel_type"] = surface
    return {
        "token": "t", "team_id": TEAM, "api_app_id": "A0APP", "type": "event_callback",
        "event_id": name or f"Ev{next(_numbers):08d}", "event_time": int(time.time()), "event": {**about, **more},
        "authorizations": [{"team_id": TEAM, "user_id": ME, "is_bot": True, "is_enterprise_install": False}],
    }  # fmt: skip


def signed(body: str, secret: str = SECRET, age: float = 0) -> dict[str, str]:
    stamp = str(int(time.time() - age))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def post(port: int, body: str, headers: dict[str, str], kind: str = "application/json") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        connection.request("POST", "/slack/events", body.encode(), {"Content-Type": kind, **headers})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def deliver(port: int, payload: dict) -> int:
    """An event, signed; the status."""
    body = json.dumps(payload, ensure_ascii=False)
    return post(port, body, signed(body))[0]


def command(slack: Slack, port: int, text: str, channel: str = "C1NEWS", user: str = "U1ASKER") -> tuple[str, dict]:
    """A slash command; its address, and what is said at once."""
    address = f"command-{next(_numbers)}"
    body = urlencode({
        "command": "/khabar", "text": text, "team_id": TEAM, "channel_id": channel, "user_id": user,
        "trigger_id": slack.trigger(), "response_url": f"{slack.address}/response/{address}",
    })  # fmt: skip
    status, said = post(port, body, signed(body), "application/x-www-form-urlencoded")
    assert status == 200
    return address, json.loads(said) if said else {}


def interact(slack: Slack, port: int, payload: dict) -> int:
    """A button, a shortcut or a form."""
    full = {
        "trigger_id": slack.trigger(), "team": {"id": TEAM}, "user": {"id": "U1ASKER", "team_id": TEAM}, **payload,
    }  # fmt: skip
    body = urlencode({"payload": json.dumps(full, ensure_ascii=False)})
    return post(port, body, signed(body), "application/x-www-form-urlencoded")[0]


def click(slack: Slack, port: int, channel: str, message: dict, action: dict) -> int:
    return interact(slack, port, {
        "type": "block_actions", "channel": {"id": channel}, "message": message, "actions": [action],
        "container": {"type": "message", "channel_id": channel, "message_ts": message["ts"]},
    })  # fmt: skip


def buttons(message: dict) -> list[dict]:
    """All buttons of a message."""
    return [one for block in message.get("blocks", []) if block["type"] == "actions" for one in block["elements"]]


def words(part: Any) -> str:
    """What a reader sees of blocks, without the marks that lay it out."""
    if isinstance(part, list):
        return "".join(map(words, part))
    if not isinstance(part, dict):
        return ""
    own = part.get("text", "") if isinstance(part.get("text"), str) else ""
    marks = dict.fromkeys(map(ord, "\u200e\u200f\u2066\u2067\u2068\u2069"))
    return (
        own.translate(marks)
        + words(part.get("elements", []))
        + ("\n" if str(part.get("type")).startswith("rich") else "")
    )


def quoted(blocks: list[dict]) -> list[str]:
    """The words of each quotation in blocks, exactly, without the elements that only lay them out."""
    found = []
    for block in blocks:
        for part in block.get("elements", []) if block["type"] == "rich_text" else []:
            if part["type"] == "rich_text_quote":
                texts = [one["text"] for one in part["elements"]]
                found.append("".join(text for text in texts if set(text) - set("\u200e\u200f\u2066\u2067\u2068\u2069")))
    return found


def wait(true: Callable[[], Any], seconds: float = 20) -> Any:
    """What it gives, when it gives something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := true():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come")


def answered(slack: Slack, channel: str, ts: str, question: str = "", seconds: float = 20) -> list[dict]:
    """The bot's messages in a thread that answer, once the answer is whole; waits for it."""

    def whole() -> list[dict]:
        found = [
            one for one in slack.replies(channel, ts)
            if not question or payload(one).get("question") == question
        ]  # fmt: skip
        return found if any(payload(one).get("done") for one in found) else []

    return wait(whole, seconds)


def payload(message: dict) -> dict:
    return (message.get("metadata") or {}).get("event_payload") or {}
