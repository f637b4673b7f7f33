"""The app manifest that registers the bot with Slack, with no scope that the bot does not use."""

from assistant.messages import phrase
from ingest.errors import SettingsError

COMMAND = "/khabar"
CHECK = "khabar_check"
"""The `callback_id` of the message shortcut."""

SCOPES = {
    "app_mentions:read": "receive mentions",
    "assistant:write": "appear in the agent view and suggest questions there",
    "channels:history": "read the thread of a question, in public channels that invited it",
    "chat:write": "answer, show that it is searching, and stream",
    "commands": f"the command {COMMAND} and the message shortcut",
    "groups:history": "the same in private channels that invited it",
    "im:history": "read direct messages",
    "mpim:history": "the same in group messages that invited it",
}
"""Each scope and its purpose."""

EVENTS = ("app_home_opened", "app_mention", "message.channels", "message.groups", "message.im", "message.mpim")
PATH = "/slack/events"
"""The path of Slack's calls in HTTP mode."""


def manifest(url: str = "") -> dict[str, object]:
    """Build the manifest for Slack's "Create an app from a manifest".

    Args:
        url: where Slack reaches `khabar slack --http`, as "https://news.example"; "" for Socket Mode.

    Raises:
        SettingsError: Slack does not call this address.
    """
    if url and not url.startswith("https://"):
        raise SettingsError(f"Slack calls https addresses only, not {url}; write it as https://news.example")
    address = url.rstrip("/") + PATH
    request_url = {"request_url": address} if url else {}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Khabar",
            "description": _in_both_languages("slack_about"),
            "background_color": "#1f3a5f",
        },
        "features": _features({"url": address} if url else {}),
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {**request_url, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def _features(command_url: dict[str, str]) -> dict[str, object]:
    """The surfaces of the bot in Slack; `command_url` holds the "url" of the slash command in HTTP mode."""
    return {
        "app_home": {
            "home_tab_enabled": False,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "agent_view": {
            "agent_description": "Answers questions from the news archive and proves every answer with exact, "
            "dated and attributed quotations, in Arabic and English.",
            "suggested_prompts": suggested_prompts(),
        },
        "bot_user": {"display_name": "khabar", "always_online": True},
        "shortcuts": [
            {
                "name": "Check this in the archive",
                "type": "message",
                "callback_id": CHECK,
                "description": _in_both_languages("slack_about_shortcut"),
            }
        ],
        "slash_commands": [
            {
                "command": COMMAND,
                **command_url,
                "description": _in_both_languages("slack_about_command"),
                "usage_hint": "QUESTION | watch QUESTION | watches | unwatch N | brief | help",
                "should_escape": False,
            }
        ],
    }


def suggested_prompts() -> list[dict[str, str]]:
    """Return the questions that the agent view suggests, in both languages."""
    questions = [phrase(f"slack_prompt_{number}", language) for language in ("en", "ar") for number in (1, 2)]
    return [{"title": question, "message": question} for question in questions]


def _in_both_languages(name: str) -> str:
    return " ".join(phrase(name, language) for language in ("en", "ar"))
