"""A double of Slack's Web API on loopback: it checks arguments as Slack does, keeps channels, threads and streams."""

import itertools
import json
import re
import threading
import time
from collections import defaultdict, deque
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


class Refusal(Exception):
    """Slack says {"ok": false, "error": ...}."""


class Slack:
    """One workspace.

    Attributes:
        calls: what was called, in order: (method, arguments).
        pace: seconds between two writes of one method to one channel; faster ones get 429.
        stream_life: seconds that a stream may be written to.
        streams: whether the workspace streams at all.
    """

    def __init__(self) -> None:
        self.channels: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, dict]] = []
        self.faults: dict[str, deque[Any]] = defaultdict(deque)
        self.statuses: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.views: list[dict] = []
        self.responses: dict[str, list[dict]] = defaultdict(list)
        self.prompts: dict[str, list] = {}
        self.scopes = ALL_SCOPES
        self.pace: dict[str, float] = {}
        self.stream_life = 300.0
        self.streams = True
        self.triggers: dict[str, float] = {}
        self.sockets: Callable[[], str] | None = None
        self._last: dict[tuple[str, str], float] = {}
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
        self.triggers[name := f"trigger.{self.tick()}"] = time.monotonic()
        return name

    def fail(self, method: str, *faults: Any) -> None:
        """The next calls of a method go wrong: ("rate", seconds), ("status", 503), ("error", "code"), or ("lost", 500):
        it is done, and then broken off."""
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
        return (self.statuses[channel, thread] or [""])[-1]

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

    def limited(self, method: str, given: dict) -> bool:
        with self._lock:
            place = (method, str(given.get("channel")))
            now, least = time.monotonic(), self.pace.get(method, 0.0)
            if now - self._last.get(place, -1e9) < least:
                return True
            self._last[place] = now
            return False

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
            raise Refusal("msg_too_long")
        if re.search(r"<(?!https?://)[^>]*>|&(?!amp;|lt;|gt;)", text):
            raise AssertionError(f"text is not escaped: {text}")
        if blocks is not None:
            self._blocks(blocks)
        if "metadata" in given:
            metadata_is_valid(given["metadata"])
        return {name: given[name] for name in ("text", "blocks", "metadata") if name in given}

    def _blocks(self, blocks: object) -> None:
        try:
            blocks_are_valid(blocks)
        except Invalid as error:
            raise Refusal(f"invalid_blocks: {error}") from error

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
            self.statuses[given["channel"], given["thread_ts"]].append("")
        message["ts"] = self.tick()
        channel["messages"].append(message)
        return {"channel": given["channel"], "ts": message["ts"], "message": message}

    def _chat_update(self, given: dict) -> dict:
        self._scope("chat:write")
        message = self._find(self._in(given), given.get("ts"))
        if message.get("bot_id") != BOT_ID:
            raise Refusal("cant_update_message")
        if message.get("streaming"):
            raise Refusal("streaming_state_conflict")
        message.update(self._said(given))
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
        if bool(given.get("markdown_text")) == bool(given.get("chunks")):
            raise Refusal("no_text" if not given.get("chunks") else "streaming_mode_mismatch")
        for chunk in given.get("chunks") or []:
            if chunk.get("type") != "blocks" or set(chunk) != {"type", "blocks"}:
                raise Refusal("invalid_chunks")
            self._blocks([*message.get("blocks", []), *chunk["blocks"]])
            message.setdefault("blocks", []).extend(chunk["blocks"])
            message["streamed"] = message.get("streamed", 0) + sum(map(characters, chunk["blocks"]))
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
            "streaming": time.monotonic() + self.stream_life,
        }  # fmt: skip
        self._chunks(given, message)
        message["ts"] = self.tick()
        channel["messages"].append(message)
        self.statuses[given["channel"], given["thread_ts"]].append("")
        return {"channel": given["channel"], "ts": message["ts"]}

    def _streaming(self, given: dict) -> dict:
        message = self._find(self._in(given), given.get("ts"))
        if message.get("streaming", 0) < time.monotonic():
            message.pop("streaming", None)
            raise Refusal("message_not_in_streaming_state")
        return message

    def _chat_appendStream(self, given: dict) -> dict:
        message = self._streaming(given)
        self._chunks(given, message)
        return {"channel": given["channel"], "ts": message["ts"]}

    def _chat_stopStream(self, given: dict) -> dict:
        message = self._streaming(given)
        if given.get("blocks"):
            self._blocks([*message.get("blocks", []), *given["blocks"]])
            message.setdefault("blocks", []).extend(given["blocks"])
        if "metadata" in given:
            metadata_is_valid(given["metadata"])
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
        self.statuses[given["channel_id"], given["thread_ts"]].append(given["status"])
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
        if opened is None or time.monotonic() - opened > 3:
            raise Refusal("expired_trigger_id")
        try:
            view_is_valid(given["view"])
        except Invalid as error:
            raise Refusal(f"invalid_arguments: {error}") from error
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
            if slack.limited(method, given):
                return self._refuse("ratelimited", 429, {"Retry-After": "1"})
            if fault and fault[0] == "status":
                return self._send(fault[1], b"<html>upstream</html>", {})
            if fault and fault[0] == "error":
                return self._refuse(fault[1])
            try:
                answer = slack.call(method, given, token)
            except Refusal as refusal:
                return self._refuse(str(refusal))
            except Invalid as invalid:
                return self._refuse(f"invalid_arguments: {invalid}")
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
