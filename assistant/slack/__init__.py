"""The Slack bot: a message in Slack -> a task in the queue -> the assistant -> a reply in the thread.

    http_server | Socket Mode -> receiving (events, commands) -> queue
    queue -> workers -> answering -> reply (blocks, rich_text) -> web_api
    queue -> alerts -> queue

`start` runs it in threads of its own; `manifest` and `check` help to set it up. Slack's libraries are imported only
then.
"""

from assistant.slack.bot import Bot, start
from assistant.slack.manifest import manifest
from assistant.slack.permissions import Tokens, any_token, read_tokens
from assistant.slack.setup_check import check

__all__ = ["Bot", "Tokens", "any_token", "check", "manifest", "read_tokens", "start"]
