"""A double of Slack's Web API on loopback: it checks arguments as Slack does, keeps channels, threads and streams.

It is as strict as Slack's documents:

- Each method takes its tier's calls a minute and no burst, then says 429 "ratelimited" with a Retry-After header; a
  channel takes one message a second (https://docs.slack.dev/apis/web-api/rate-limits). The tier of a method is that of
  its page, as https://docs.slack.dev/reference/methods/chat.stopStream, and that of Slack's own table in
  https://github.com/slackapi/java-slack-sdk (slack-api-client, MethodsRateLimits.java and MethodsRateLimitTier.java).
- A status ends after two minutes, and when a message is posted in its thread
  (https://docs.slack.dev/reference/methods/assistant.threads.setStatus).
- A stream ends after five minutes (https://github.com/slackapi/python-slack-sdk/issues/1859); then it is
  "message_not_in_streaming_state" (https://docs.slack.dev/reference/methods/chat.appendStream).
- A stream holds 12,000 characters; a message 50 blocks, a section's text 3,000 characters
  (https://docs.slack.dev/reference/methods/chat.startStream, https://docs.slack.dev/reference/block-kit/blocks).
- An error is a bare code, as "invalid_blocks"; `refusals` says what was meant. Blocks of some 13,000 characters are
  "msg_blocks_too_long" (https://github.com/slackapi/bolt-js/issues/2509).

Time runs on a clock of its own, which a test may let run faster or set forward.
"""

import itertools
import json
import math
import re
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

from slack_blocks import LIMITS, Invalid, blocks_are_valid, characters, metadata_is_valid, need, view_is_valid

BOT, APP, SECRET = "xoxb-double-1", "xapp-double-1", "signing-double"
TEAM, ME, BOT_ID = "T0TEAM", "U0KHABAR", "B0KHABAR"
ALL_SCOPES = (
    "app_mentions:read,assistant:write,channels:history,chat:write,commands,groups:history,im:history,mpim:history"
)
_workspaces = itertools.count()
FORM_ONLY = {"conversations.replies", "conversations.history", "auth.test", "apps.connections.open"}


RATES = {  # calls a minute: tiers 1 to 4, then what has a rate of its own
    "apps.connections.open": 10,  # tier 1 is 1 and "a small amount of burst": Slack's own client opens one a reconnect
    "chat.startStream": 20, "chat.stopStream": 20,
    "chat.update": 50, "chat.delete": 50, "conversations.replies": 50, "conversations.history": 50,
    "assistant.threads.setSuggestedPrompts": 50,
    "chat.appendStream": 100, "views.open": 100,
    "chat.postMessage": 60, "assistant.threads.setStatus": 60, "auth.test": 600,
}  # fmt: skip
BY_CHANNEL = {"chat.postMessage": 1.0, "assistant.threads.setStatus": 0.0}  # seconds between two
STATUS_LIFE, STREAM_LIFE = 120.0, 300.0


class Refusal(Exception):
    """Slack says {"ok": false, "error": ...}: a bare code; `why` is for who reads a test."""

    def __init__(self, code: str, why: str = "") -> None:
        super().__init__(code)
        self.why = why


class Clock:
    """Seconds that run `speed` times as fast as the world's, and may be set forward; alike in all processes."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._ahead = 0.0

    def now(self) -> float:
        return time.monotonic() * self.speed + self._ahead

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / self.speed)

    def forward(self, seconds: float) -> None:
        self._ahead += seconds


class Slack:
    """One workspace.

    Attributes:
        clock: by which the rates, statuses and streams are timed.
        calls: what was called and was not too much, in order: (method, arguments).
        limited: how often each method was refused because it was too much.
        refusals: each refusal of a call: (method, code, why).
        expired: statuses that ended by themselves: (channel, thread).
        stream_life: seconds that a stream may be written to.
        streams: whether the workspace streams at all.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.channels: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, dict]] = []
        self.faults: dict[str, deque[Any]] = defaultdict(deque)
        self.statuses: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.views: list[dict] = []
        self.responses: dict[str, list[dict]] = defaultdict(list)
        self.prompts: dict[str, list] = {}
        self.scopes = ALL_SCOPES
        self.limited: Counter[str] = Counter()
        self.refusals: list[tuple[str, str, str]] = []
        self.expired: list[tuple[str, str]] = []
        self.stream_life = STREAM_LIFE
        self.streams = True
        self.triggers: dict[str, float] = {}
        self.sockets: Callable[[], str] | None = None
        self._status_ends: dict[tuple[str, str], float] = {}
        self._recent: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._lock = threading.RLock()
        self._ts = (1_700_000_000 + 100_000 * next(_workspaces)) * 1_000_000
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.request_queue_size = 256
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.address}/api/"

    # -- what people do ------------------------------------------------------------------------------------------

    def channel(self, name: str, kind: str = "channel", member: bool = True) -> str:
        self.channels[name] = {"kind": kind, "member": member, "messages": []}
        return name

    def say(self, channel: str, text: str, thread: str = "", user: str = "U1ASKER", **more: Any) -> dict:
        """A person posts; the message as Slack keeps it."""
        with self._lock:
            message = {"type": "message", "user": user, "text": text, "ts": self.tick(), **more}
            if thread:
                message["thread_ts"] = thread
            self.channels[channel]["messages"].append(message)
            return message

    def tick(self) -> str:
        with self._lock:
            self._ts += 1_000_000
            return f"{self._ts // 1_000_000}.{self._ts % 1_000_000:06d}"

    def trigger(self) -> str:
        self.triggers[name := f"trigger.{self.tick()}"] = self.clock.now()
        return name

    def fail(self, method: str, *faults: Any) -> None:
        """The next calls of a method go wrong: ("rate", Retry-After), ("status", 503), ("error", code), ("body", text);
        or ("lost", 500): it is done, and then broken off."""
        self.faults[method].extend(faults)

    # -- what is seen --------------------------------------------------------------------------------------------

    def thread(self, channel: str, thread: str) -> list[dict]:
        with self._lock:
            messages = self.channels[channel]["messages"]
            return [json.loads(json.dumps(one)) for one in messages if thread in (one["ts"], one.get("thread_ts"))]

    def replies(self, channel: str, thread: str) -> list[dict]:
        """The bot's messages in a thread."""
        return [one for one in self.thread(channel, thread) if one.get("bot_id") == BOT_ID and one["ts"] != thread]

    def of(self, method: str) -> list[dict]:
        with self._lock:
            return [arguments for name, arguments in self.calls if name == method]

    def status(self, channel: str, thread: str) -> str:
        """What a reader sees."""
        with self._lock:
            self._end_statuses()
            return (self.statuses[channel, thread] or [""])[-1]

    def _set_status(self, channel: str, thread: str, words: str) -> None:
        self._end_statuses()
        self.statuses[channel, thread].append(words)
        self._status_ends[channel, thread] = self.clock.now() + STATUS_LIFE

    def _end_statuses(self) -> None:
        for place, ends in self._status_ends.items():
            if ends <= self.clock.now() and self.statuses[place][-1]:
                self.statuses[place].append("")
                self.expired.append(place)

    # -- the methods ---------------------------------------------------------------------------------------------

    def call(self, method: str, given: dict, token: str) -> dict:
        with self._lock:
            self.calls.append((method, given))
            wanted = APP if method == "apps.connections.open" else BOT
            if not token:
                raise Refusal("not_authed")
            if token != wanted:
                raise Refusal("not_allowed_token_type" if token in (APP, BOT) else "invalid_auth")
            function = getattr(self, "_" + re.sub(r"\W", "_", method), None)
            if function is None:
                raise Refusal("unknown_method")
            return function(given)

    def too_much(self, method: str, given: dict) -> int:
        """The seconds after which Slack takes it; 0 if it takes it now, which counts."""
        with self._lock:
            channel = str(given.get("channel") or given.get("channel_id"))
            recent = self._recent[method, channel if method in BY_CHANNEL else ""]
            now, rate = self.clock.now(), RATES.get(method, 20)
            while recent and recent[0] <= now - 60:
                recent.popleft()
            wait = recent[-rate] + 60 - now if len(recent) >= rate else 0.0
            wait = max(wait, recent[-1] + BY_CHANNEL.get(method, 0.0) - now if recent else 0.0)
            if wait > 0:
                self.limited[method] += 1
                return math.ceil(wait)
            recent.append(now)
            return 0

    def _scope(self, *any_of: str) -> None:
        if not set(any_of) & set(self.scopes.split(",")):
            raise Refusal("missing_scope")

    def _in(self, given: dict, name: str = "channel") -> dict:
        channel = self.channels.get(str(given.get(name, "")))
        if channel is None:
            raise Refusal("channel_not_found")
        if not channel["member"]:
            raise Refusal("not_in_channel")
        return channel

    def _find(self, channel: dict, ts: object) -> dict:
        for one in channel["messages"]:
            if one["ts"] == ts:
                return one
        raise Refusal("message_not_found")

    def _said(self, given: dict) -> dict:
        """The text, blocks and metadata of a message, checked."""
        text, blocks = given.get("text", ""), given.get("blocks")
        if not text and not blocks:
            raise Refusal("no_text")
        if not isinstance(text, str) or len(text) > LIMITS["text"]:
            raise Refusal("msg_too_long", f"text: {len(text)}")
        if re.search(r"<(?!https?://)[^>]*>|&(?!amp;|lt;|gt;)", text):
            raise AssertionError(f"text is not escaped: {text}")
        if blocks is not None:
            self._blocks(blocks)
        if "metadata" in given:
            self._metadata(given["metadata"])
        return {name: given[name] for name in ("text", "blocks", "metadata") if name in given}

    def _blocks(self, blocks: object) -> None:
        try:
            blocks_are_valid(blocks)
        except Invalid as error:
            code = str(error) if str(error) == "msg_blocks_too_long" else "invalid_blocks"
            raise Refusal(code, str(error)) from error

    def _metadata(self, metadata: object) -> None:
        try:
            metadata_is_valid(metadata)
        except Invalid as error:
            code = str(error) if str(error) == "metadata_too_large" else "invalid_metadata_format"
            raise Refusal(code, str(error)) from error

    def _auth_test(self, given: dict) -> dict:
        return {
            "team_id": TEAM,
            "team": "Newsroom",
            "user_id": ME,
            "user": "khabar",
            "bot_id": BOT_ID,
            "url": "https://x/",
        }

    def _apps_connections_open(self, given: dict) -> dict:
        if self.sockets is None:
            raise Refusal("socket_mode_disabled")
        return {"url": self.sockets()}

    def _chat_postMessage(self, given: dict) -> dict:
        self._scope("chat:write")
        channel = self._in(given)
        message = {"type": "message", "user": ME, "bot_id": BOT_ID, **self._said(given)}
        if given.get("thread_ts"):
            if not any(one["ts"] == given["thread_ts"] for one in channel["messages"]):
                raise Refusal("thread_not_found")
            message["thread_ts"] = given["thread_ts"]
            self._set_status(given["channel"], given["thread_ts"], "")
        message["ts"] = self.tick()
        channel["messages"].append(message)
        return {"channel": given["channel"], "ts": message["ts"], "message": message}

    def _chat_update(self, given: dict) -> dict:
        self._scope("chat:write")
        message = self._find(self._in(given), given.get("ts"))
        if message.get("bot_id") != BOT_ID:
            raise Refusal("cant_update_message")
        if message.get("streaming", 0) > self.clock.now():
            raise Refusal("streaming_state_conflict")
        if len(given.get("text", "")) > LIMITS["update text"]:
            raise Refusal("msg_too_long", f"text: {len(given['text'])}")
        said = self._said(given)
        if "blocks" not in said:
            message.pop("blocks", None)
        message.pop("streaming", None)
        message.update(said)
        return {"channel": given["channel"], "ts": message["ts"]}

    def _chat_delete(self, given: dict) -> dict:
        self._scope("chat:write")
        channel = self._in(given)
        message = self._find(channel, given.get("ts"))
        if message.get("bot_id") != BOT_ID:
            raise Refusal("cant_delete_message")
        channel["messages"].remove(message)
        return {}

    def _chunks(self, given: dict, message: dict) -> None:
        if given.get("markdown_text"):
            raise Refusal("streaming_mode_mismatch", "the bot streams chunks")
        for chunk in given.get("chunks") or []:
            if chunk.get("type") != "blocks" or set(chunk) != {"type", "blocks"}:
                raise Refusal("invalid_chunks")
            self._blocks([*message.get("blocks", []), *chunk["blocks"]])
            message.setdefault("blocks", []).extend(chunk["blocks"])
            message["streamed"] = message.get("streamed", 0) + sum(map(characters, chunk["blocks"]))
        if len(message.get("blocks", [])) > LIMITS["message blocks"]:
            raise Refusal("invalid_blocks", "chunks: blocks")
        if message.get("streamed", 0) > LIMITS["stream"]:
            raise Refusal("msg_too_long")

    def _chat_startStream(self, given: dict) -> dict:
        self._scope("chat:write")
        if not self.streams:
            raise Refusal("channel_type_not_supported")
        channel = self._in(given)
        if not any(one["ts"] == given.get("thread_ts") for one in channel["messages"]):
            raise Refusal("invalid_thread_ts")
        if channel["kind"] != "im":
            for name in ("recipient_team_id", "recipient_user_id"):
                if not given.get(name):
                    raise Refusal(f"missing_{name}")
        message = {
            "type": "message", "user": ME, "bot_id": BOT_ID, "thread_ts": given["thread_ts"], "text": "",
            "streaming": self.clock.now() + self.stream_life,
        }  # fmt: skip
        if not given.get("chunks"):
            raise Refusal("no_text")
        self._chunks(given, message)
        message["ts"] = self.tick()
        channel["messages"].append(message)
        self._set_status(given["channel"], given["thread_ts"], "")
        return {"channel": given["channel"], "ts": message["ts"]}

    def _streaming(self, given: dict) -> dict:
        message = self._find(self._in(given), given.get("ts"))
        if message.get("streaming", 0) <= self.clock.now():
            message.pop("streaming", None)
            raise Refusal("message_not_in_streaming_state")
        return message

    def _chat_appendStream(self, given: dict) -> dict:
        message = self._streaming(given)
        if not given.get("chunks"):
            raise Refusal("no_text")
        self._chunks(given, message)
        return {"channel": given["channel"], "ts": message["ts"]}

    def _chat_stopStream(self, given: dict) -> dict:
        message = self._streaming(given)
        self._chunks(given, message)
        if given.get("blocks"):
            self._blocks([*message.get("blocks", []), *given["blocks"]])
            message.setdefault("blocks", []).extend(given["blocks"])
        if "metadata" in given:
            self._metadata(given["metadata"])
            message["metadata"] = given["metadata"]
        del message["streaming"]
        return {"channel": given["channel"], "ts": message["ts"]}

    def _assistant_threads_setStatus(self, given: dict) -> dict:
        self._scope("chat:write", "assistant:write")
        self._in(given, "channel_id")
        if not given.get("thread_ts") or "status" not in given:
            raise Refusal("invalid_arguments")
        if len(given.get("loading_messages", [])) > 10:
            raise Refusal("invalid_arguments")
        self._set_status(given["channel_id"], given["thread_ts"], given["status"])
        return {}

    def _assistant_threads_setSuggestedPrompts(self, given: dict) -> dict:
        self._scope("assistant:write")
        self._in(given, "channel_id")
        prompts = given.get("prompts") or []
        if not 0 < len(prompts) <= 4 or any(set(one) != {"title", "message"} for one in prompts):
            raise Refusal("invalid_arguments")
        self.prompts[given["channel_id"]] = prompts
        return {}

    def _history(self, messages: list[dict], given: dict) -> dict:
        start, limit = int(given.get("cursor") or 0), min(int(given.get("limit") or 100), 1000)
        metadata = str(given.get("include_all_metadata", "false")).lower() in ("true", "1")
        hidden = {"streamed", "streaming"} | (set() if metadata else {"metadata"})
        page = [{k: v for k, v in one.items() if k not in hidden} for one in messages[start : start + limit]]
        after = str(start + limit) if start + limit < len(messages) else ""
        return {"messages": page, "has_more": bool(after), "response_metadata": {"next_cursor": after}}

    def _conversations_replies(self, given: dict) -> dict:
        channel = self._in(given)
        self._scope({"im": "im:history", "group": "groups:history"}.get(channel["kind"], "channels:history"))
        messages = [one for one in channel["messages"] if given.get("ts") in (one["ts"], one.get("thread_ts"))]
        if not messages:
            raise Refusal("thread_not_found")
        return self._history(messages, given)

    def _conversations_history(self, given: dict) -> dict:
        channel = self._in(given)
        self._scope({"im": "im:history", "group": "groups:history"}.get(channel["kind"], "channels:history"))
        return self._history([one for one in reversed(channel["messages"]) if not one.get("thread_ts")], given)

    def _views_open(self, given: dict) -> dict:
        opened = self.triggers.pop(str(given.get("trigger_id")), None)
        if opened is None or self.clock.now() - opened > 3 * self.clock.speed:
            raise Refusal("expired_trigger_id")
        try:
            view_is_valid(given["view"])
        except Invalid as error:
            raise Refusal("invalid_arguments", str(error)) from error
        self.views.append(given["view"])
        return {"view": given["view"]}

    def respond(self, address: str, given: dict) -> bool:
        """A message to a command's address; Slack takes five."""
        with self._lock:
            need(given.get("response_type") in ("ephemeral", "in_channel"), "response_type")
            self._said({k: v for k, v in given.items() if k in ("text", "blocks")})
            if len(self.responses[address]) >= 5:
                return False
            self.responses[address].append(given)
            return True


def _handler(slack: Slack) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.startswith("/response/"):
                done = slack.respond(self.path.removeprefix("/response/"), json.loads(raw))
                return self._send(200 if done else 404, b"ok" if done else b"used_url", {})
            method = self.path.removeprefix("/api/").partition("?")[0]
            given, token = self._arguments(method, raw)
            fault = slack.faults[method].popleft() if slack.faults[method] else None
            if fault and fault[0] == "rate":
                return self._refuse("ratelimited", 429, {"Retry-After": str(fault[1])})
            if fault and fault[0] == "body":
                return self._send(200, fault[1].encode(), {})
            if wait := slack.too_much(method, given):
                return self._refuse("ratelimited", 429, {"Retry-After": str(wait)})
            if fault and fault[0] == "status":
                return self._send(fault[1], b"<html>upstream</html>", {})
            if fault and fault[0] == "error":
                return self._refuse(fault[1])
            try:
                answer = slack.call(method, given, token)
            except Refusal as refusal:
                slack.refusals.append((method, str(refusal), refusal.why))
                return self._refuse(str(refusal))
            if fault and fault[0] == "lost":
                return self._send(fault[1], b"<html>upstream</html>", {})
            return self._send(200, json.dumps({"ok": True, **answer}).encode(), {})

        do_GET = do_POST

        def _arguments(self, method: str, raw: bytes) -> tuple[dict, str]:
            kind = self.headers.get("Content-Type", "")
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ").strip()
            if kind.startswith("application/json"):
                given = json.loads(raw or b"{}")
                given = {} if method in FORM_ONLY else given  # Slack does not read JSON there
            else:
                text = raw.decode() or self.path.partition("?")[2]
                given = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
            return {k: v for k, v in given.items() if k != "token"}, str(given.get("token") or token)

        def _refuse(self, code: str, status: int = 200, headers: dict | None = None) -> None:
            self._send(status, json.dumps({"ok": False, "error": code}).encode(), headers or {})

        def _send(self, status: int, body: bytes, headers: dict) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.send_header("x-oauth-scopes", slack.scopes)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
