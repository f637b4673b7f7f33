"""Slack's published rules for blocks, modals, metadata and manifests, checked without knowing the bot."""

import re

LIMITS = {
    "message blocks": 50, "modal blocks": 100, "block_id": 255, "action_id": 255, "actions": 25, "context": 10,
    "context_actions": 5, "button text": 75, "button value": 2000, "url": 3000, "section text": 3000,
    "plain text": 3000,
    "modal title": 24, "modal button": 24, "private_metadata": 3000, "callback_id": 255, "option text": 75,
    "option value": 150, "radio options": 10, "label": 2000, "feedback text": 75, "feedback value": 2000,
    "stream": 12_000, "text": 40_000, "update text": 4_000, "metadata": 8_000, "rich text": 13_000,
}  # fmt: skip


class Invalid(ValueError):
    """What Slack refuses, and where."""


def need(condition: object, where: str) -> None:
    if not condition:
        raise Invalid(where)


def blocks_are_valid(blocks: object, surface: str = "message") -> None:
    need(isinstance(blocks, list) and blocks, "blocks: an array of at least one")
    need(len(blocks) <= LIMITS[f"{surface} blocks"], f"blocks: at most {LIMITS[f'{surface} blocks']}")
    ids = [block.get("block_id") for block in blocks if block.get("block_id") is not None]
    need(len(ids) == len(set(ids)), "block_id: each once")
    actions = [a for block in blocks for a in _action_ids(block)]
    need(len(actions) == len(set(actions)), "action_id: each once in a message")
    for place, block in enumerate(blocks):
        _block(block, f"blocks[{place}]", surface)
    need(sum(characters(block) for block in blocks) <= LIMITS["rich text"], "msg_blocks_too_long")


def _action_ids(block: dict) -> list[str]:
    return [one["action_id"] for one in block.get("elements", []) if isinstance(one, dict) and "action_id" in one]


def characters(part: object) -> int:
    """The characters of all texts and addresses in a block."""
    if isinstance(part, dict):
        return sum(characters(v) for k, v in part.items() if k in ("text", "url", "elements", "blocks") and v)
    if isinstance(part, list):
        return sum(map(characters, part))
    return len(part) if isinstance(part, str) else 0


def _only(part: dict, where: str, required: set[str], optional: set[str] = frozenset()) -> None:
    need(isinstance(part, dict), f"{where}: an object")
    need(required <= set(part), f"{where}: lacks {sorted(required - set(part))}")
    need(set(part) <= required | set(optional), f"{where}: unknown {sorted(set(part) - required - set(optional))}")


def _block(block: dict, where: str, surface: str) -> None:
    need(isinstance(block, dict) and "type" in block, f"{where}: has a type")
    if "block_id" in block:
        need(0 < len(block["block_id"]) <= LIMITS["block_id"], f"{where}.block_id")
    body = {name: value for name, value in block.items() if name not in ("type", "block_id")}
    match block["type"]:
        case "rich_text":
            _only(body, where, {"elements"})
            need(body["elements"], f"{where}.elements: at least one")
            for place, one in enumerate(body["elements"]):
                _rich(one, f"{where}.elements[{place}]")
        case "section":
            _only(body, where, {"text"}, {"accessory", "fields", "expand"})
            _text(body["text"], f"{where}.text", LIMITS["section text"])
        case "actions":
            _only(body, where, {"elements"})
            need(0 < len(body["elements"]) <= LIMITS["actions"], f"{where}.elements: 1 to 25")
            for place, one in enumerate(body["elements"]):
                _button(one, f"{where}.elements[{place}]")
        case "context_actions":
            need(surface == "message", f"{where}: messages only")
            _only(body, where, {"elements"})
            need(0 < len(body["elements"]) <= LIMITS["context_actions"], f"{where}.elements: 1 to 5")
            for place, one in enumerate(body["elements"]):
                _feedback(one, f"{where}.elements[{place}]")
        case "context":
            _only(body, where, {"elements"})
            need(0 < len(body["elements"]) <= LIMITS["context"], f"{where}.elements: 1 to 10")
            for place, one in enumerate(body["elements"]):
                _text(one, f"{where}.elements[{place}]", LIMITS["plain text"])
        case "divider":
            _only(body, where, set())
        case "input":
            need(surface == "modal", f"{where}: modals only")
            _only(body, where, {"label", "element"}, {"optional", "hint", "dispatch_action"})
            _text(body["label"], f"{where}.label", LIMITS["label"], plain=True)
            _input(body["element"], f"{where}.element")
        case other:
            raise Invalid(f"{where}: unsupported type {other}")


def _rich(part: dict, where: str) -> None:
    kind = part.get("type")
    body = {name: value for name, value in part.items() if name != "type"}
    if kind == "rich_text_list":
        _only(body, where, {"style", "elements"}, {"indent", "offset", "border"})
        need(body["style"] in ("bullet", "ordered"), f"{where}.style")
        for place, one in enumerate(body["elements"]):
            need(one.get("type") == "rich_text_section", f"{where}.elements[{place}]: sections only")
            _rich(one, f"{where}.elements[{place}]")
        return
    need(kind in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"), f"{where}: {kind}")
    _only(body, where, {"elements"}, {"border"})
    need(body["elements"], f"{where}.elements: at least one")
    for place, one in enumerate(body["elements"]):
        _inline(one, f"{where}.elements[{place}]")


def _inline(part: dict, where: str) -> None:
    body = {name: value for name, value in part.items() if name != "type"}
    style = body.get("style")
    if style is not None:
        need(isinstance(style, dict) and style and set(style) <= {"bold", "italic", "strike", "code"}, f"{where}.style")
        need(all(isinstance(one, bool) for one in style.values()), f"{where}.style")
    match part.get("type"):
        case "text":
            _only(body, where, {"text"}, {"style"})
            need(isinstance(body["text"], str) and 0 < len(body["text"]) <= 3000, f"{where}.text: 1 to 3,000")
        case "link":
            _only(body, where, {"url"}, {"text", "style", "unsafe"})
            need(re.match(r"https?://[^\s]+$", body["url"]) and len(body["url"]) <= LIMITS["url"], f"{where}.url")
        case "user":
            _only(body, where, {"user_id"}, {"style"})
        case other:
            raise Invalid(f"{where}: unsupported element {other}")


def _text(part: dict, where: str, most: int, plain: bool = False) -> None:
    need(isinstance(part, dict) and part.get("type") in (("plain_text",) if plain else ("plain_text", "mrkdwn")), where)
    _only({k: v for k, v in part.items() if k != "type"}, where, {"text"}, {"emoji", "verbatim"})
    need(isinstance(part["text"], str) and 0 < len(part["text"]) <= most, f"{where}.text: 1 to {most}")


def _button(part: dict, where: str) -> None:
    need(part.get("type") == "button", f"{where}: a button")
    body = {name: value for name, value in part.items() if name != "type"}
    _only(body, where, {"text", "action_id"}, {"value", "url", "style", "confirm", "accessibility_label"})
    _text(body["text"], f"{where}.text", LIMITS["button text"], plain=True)
    need(0 < len(body["action_id"]) <= LIMITS["action_id"], f"{where}.action_id")
    need(len(body.get("value", "")) <= LIMITS["button value"], f"{where}.value")


def _feedback(part: dict, where: str) -> None:
    need(part.get("type") == "feedback_buttons", f"{where}: feedback_buttons")
    body = {name: value for name, value in part.items() if name != "type"}
    _only(body, where, {"positive_button", "negative_button"}, {"action_id"})
    for name in ("positive_button", "negative_button"):
        _only(body[name], f"{where}.{name}", {"text", "value"}, {"accessibility_label"})
        _text(body[name]["text"], f"{where}.{name}.text", LIMITS["feedback text"], plain=True)
        need(0 < len(body[name]["value"]) <= LIMITS["feedback value"], f"{where}.{name}.value")


def _input(part: dict, where: str) -> None:
    if part.get("type") == "radio_buttons":
        _only(part, where, {"type", "options", "action_id"}, {"initial_option"})
        need(0 < len(part["options"]) <= LIMITS["radio options"], f"{where}.options")
        for place, one in enumerate(part["options"]):
            _only(one, f"{where}.options[{place}]", {"text", "value"}, {"description"})
            _text(one["text"], f"{where}.options[{place}].text", LIMITS["option text"])
            need(0 < len(one["value"]) <= LIMITS["option value"], f"{where}.options[{place}].value")
        return
    need(part.get("type") == "plain_text_input", f"{where}: {part.get('type')}")
    _only(part, where, {"type", "action_id"}, {"multiline", "max_length", "min_length", "placeholder", "initial_value"})
    need(0 < part.get("max_length", 1) <= 3000, f"{where}.max_length")


def view_is_valid(view: dict) -> None:
    _only(view, "view", {"type", "title", "blocks"}, {"submit", "close", "private_metadata", "callback_id"})
    need(view["type"] == "modal", "view.type")
    _text(view["title"], "view.title", LIMITS["modal title"], plain=True)
    for name in ("submit", "close"):
        if name in view:
            _text(view[name], f"view.{name}", LIMITS["modal button"], plain=True)
    need(len(view.get("private_metadata", "")) <= LIMITS["private_metadata"], "view.private_metadata")
    need(len(view.get("callback_id", "")) <= LIMITS["callback_id"], "view.callback_id")
    blocks_are_valid(view["blocks"], "modal")
    need("submit" in view or all(block["type"] != "input" for block in view["blocks"]), "view.submit: with inputs")


def metadata_is_valid(metadata: dict) -> None:
    _only(metadata, "metadata", {"event_type", "event_payload"})
    need(re.fullmatch(r"[A-Za-z0-9_]{1,255}", metadata["event_type"]), "metadata.event_type")
    need(isinstance(metadata["event_payload"], dict), "metadata.event_payload: an object")
    for name, value in metadata["event_payload"].items():
        need(isinstance(value, str | int | float | bool), f"metadata.event_payload.{name}")
    need(len(str(metadata)) <= LIMITS["metadata"], "metadata_too_large")


# -- the manifest, by https://docs.slack.dev/reference/app-manifest and the types of @slack/web-api 8.2 --------------

_BOT_SCOPES = set(
    "app_mentions:read assistant:write bookmarks:read bookmarks:write calls:read calls:write channels:history "
    "channels:join channels:manage channels:read chat:write chat:write.customize chat:write.public commands dnd:read "
    "emoji:read files:read files:write groups:history groups:read groups:write im:history im:read im:write links:read "
    "links:write metadata.message:read mpim:history mpim:read mpim:write pins:read pins:write reactions:read "
    "reactions:write reminders:read reminders:write team:read usergroups:read usergroups:write users:read".split()
)
_EVENTS = set(
    "app_home_opened app_mention app_rate_limited app_uninstalled assistant_thread_started link_shared "
    "member_joined_channel message.app_home message.channels message.groups message.im message.mpim "
    "reaction_added tokens_revoked".split()
)
_NEEDS = {  # what an event or a feature cannot do without
    "app_mention": "app_mentions:read", "message.channels": "channels:history", "message.groups": "groups:history",
    "message.im": "im:history", "message.mpim": "mpim:history",
}  # fmt: skip


def manifest_is_valid(manifest: dict) -> None:
    _only(
        manifest,
        "manifest",
        {"display_information"},
        {"_metadata", "features", "oauth_config", "settings", "functions"},
    )
    _only(manifest["_metadata"], "_metadata", set(), {"major_version", "minor_version"})
    need(manifest["_metadata"].get("major_version") in (1, 2), "_metadata.major_version")
    display = manifest["display_information"]
    _only(display, "display_information", {"name"}, {"description", "long_description", "background_color"})
    need(0 < len(display["name"]) <= 35 and len(display.get("description", "")) <= 140, "display_information")
    need(re.fullmatch(r"#(?:[0-9a-fA-F]{3}){1,2}", display.get("background_color", "#000")), "background_color")
    features, settings = manifest["features"], manifest["settings"]
    known = {"agent_view", "app_home", "assistant_view", "bot_user", "shortcuts", "slash_commands", "unfurl_domains"}
    _only(features, "features", set(), known)
    need(not {"agent_view", "assistant_view"} <= set(features), "features: agent_view or assistant_view")
    agent = features["agent_view"]
    _only(agent, "agent_view", set(), {"agent_description", "suggested_prompts", "actions"})
    need(0 < len(agent["agent_description"]) <= 300 and len(agent.get("suggested_prompts", [])) <= 4, "agent_view")
    for one in agent.get("suggested_prompts", []):
        _only(one, "suggested_prompts", {"title", "message"})
    tabs = {"home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"}
    _only(features["app_home"], "app_home", set(), tabs)
    need(features["app_home"].get("messages_tab_enabled"), "agent_view needs the messages tab")
    _only(features["bot_user"], "bot_user", {"display_name"}, {"always_online"})
    need(re.fullmatch(r"[a-z0-9._-]{1,80}", features["bot_user"]["display_name"]), "bot_user.display_name")
    for one in features["shortcuts"]:
        _only(one, "shortcuts", {"type", "name", "callback_id", "description"})
        need(one["type"] in ("message", "global") and len(one["name"]) <= 24 + 11, "shortcuts")
        need(len(one["description"]) <= 150 and len(one["callback_id"]) <= 255, "shortcuts")
    socket = settings.get("socket_mode_enabled")
    for one in features["slash_commands"]:
        _only(one, "slash_commands", {"command", "description"}, {"should_escape", "url", "usage_hint"})
        need(re.fullmatch(r"/[a-z0-9_-]{1,31}", one["command"]), "slash_commands.command")
        need(len(one["description"]) <= 2000 and len(one.get("usage_hint", "")) <= 1000, "slash_commands")
        need(socket or re.match("https://", one.get("url", "")), "slash_commands.url: needed without Socket Mode")
    scopes = manifest["oauth_config"]["scopes"]
    _only(scopes, "scopes", set(), {"bot", "user", "bot_optional", "user_optional"})
    need(set(scopes["bot"]) <= _BOT_SCOPES and len(scopes["bot"]) == len(set(scopes["bot"])), "scopes.bot")
    _only(settings, "settings", set(), {
        "event_subscriptions", "interactivity", "org_deploy_enabled", "socket_mode_enabled", "token_rotation_enabled",
        "allowed_ip_address_ranges", "incoming_webhooks", "is_hosted", "function_runtime",
    })  # fmt: skip
    events = settings["event_subscriptions"]
    _only(events, "event_subscriptions", {"bot_events"}, {"request_url", "user_events", "metadata_subscriptions"})
    need(set(events["bot_events"]) <= _EVENTS and len(events["bot_events"]) <= 100, "bot_events")
    need(socket or re.match("https://", events.get("request_url", "")), "event_subscriptions.request_url")
    _only(settings["interactivity"], "interactivity", {"is_enabled"}, {"request_url", "message_menu_options_url"})
    need(socket or re.match("https://", settings["interactivity"].get("request_url", "")), "interactivity.request_url")
    needed = {_NEEDS[one] for one in events["bot_events"] if one in _NEEDS} | {"commands", "assistant:write"}
    need(needed <= set(scopes["bot"]), f"scopes.bot: lacks {needed - set(scopes['bot'])}")
