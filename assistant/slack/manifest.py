"""The app manifest: what Slack must know of the bot, and no scope more than it uses."""

from assistant.messages import phrase
from ingest.errors import SettingsError

COMMAND = "/khabar"
CHECK = "khabar_check"
"""The `callback_id` of the message shortcut."""

SCOPES = {
    "app_mentions:read": "hear when it is mentioned",
    "assistant:write": "appear in the agent view and suggest questions there",
    "channels:history": "read the thread that a question stands in, in public channels that it was invited to",
    "chat:write": "answer, show that it is searching, and stream",
    "commands": f"the command {COMMAND} and the message shortcut",
    "groups:history": "the same in private channels that it was invited to",
    "im:history": "read direct messages to it",
    "mpim:history": "the same in group messages that it was invited to",
}
"""Each scope and what it is for."""

EVENTS = ("app_home_opened", "app_mention", "message.channels", "message.groups", "message.im", "message.mpim")
PATH = "/slack/events"
"""Where Slack calls in HTTP mode."""


def manifest(url: str = "") -> dict[str, object]:
    """The manifest for Slack's "create an app from a manifest".

    Args:
        url: where Slack reaches `khabar slack --http`, as "https://news.example"; "" for Socket Mode.

    Raises:
        SettingsError: the address is none that Slack calls.
    """
    if url and not url.startswith("https://"):
        raise SettingsError(f"Slack calls https addresses only, not {url}; give it as https://news.example")
    address = {"url": url.rstrip("/") + PATH} if url else {}
    called = {"request_url": url.rstrip("/") + PATH} if url else {}
    questions = [phrase(f"slack_prompt_{number}", language) for language in ("en", "ar") for number in (1, 2)]
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Khabar",
            "description": "Answers from the news archive, with exact, dated quotations. خبر: يجيب من أرشيف الأخبار",
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "agent_view": {
                "agent_description": "Answers questions from the news archive and proves every answer with exact, "
                "dated and attributed quotations, in Arabic and English.",
                "suggested_prompts": [{"title": words, "message": words} for words in questions],
            },
            "bot_user": {"display_name": "khabar", "always_online": True},
            "shortcuts": [
                {
                    "name": "Check this in the archive",
                    "type": "message",
                    "callback_id": CHECK,
                    "description": "Ask the archive about a message. ابحث عن هذا في الأرشيف",
                }
            ],
            "slash_commands": [
                {
                    "command": COMMAND,
                    **address,
                    "description": "Ask the news archive. اسأل أرشيف الأخبار",
                    "usage_hint": "QUESTION | watch QUESTION | watches | unwatch N | brief | help",
                    "should_escape": False,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {**called, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **called},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }
