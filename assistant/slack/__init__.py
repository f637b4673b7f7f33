"""The Slack bot: what is asked in Slack -> the assistant -> its thread.

`start` runs it in threads of its own; `manifest` and `check` help to set it up. Nothing of Slack is imported before.
"""

from assistant.slack.access import Tokens, any_token, read_tokens
from assistant.slack.bot import Bot, start
from assistant.slack.manifest import manifest
from assistant.slack.setup_check import check

__all__ = ["Bot", "Tokens", "any_token", "check", "manifest", "read_tokens", "start"]
