"""Slack's limits on calls, messages and modals, from its documentation, and the bot's own within them."""

RATES = {
    "chat.startStream": 20, "chat.stopStream": 20,
    "chat.update": 50, "chat.delete": 50, "conversations.replies": 50, "conversations.history": 50,
    "assistant.threads.setSuggestedPrompts": 50,
    "chat.appendStream": 100, "views.open": 100,
    "chat.postMessage": 60, "assistant.threads.setStatus": 60,
    "auth.test": 600,
}  # fmt: skip
"""Calls a minute: tiers 2, 3 and 4, then the methods with rates of their own.

https://docs.slack.dev/apis/web-api/rate-limits; a method's page there says its tier.
"""

CHANNEL_INTERVALS = {"chat.postMessage": 1.2, "assistant.threads.setStatus": 0.0}
"""Methods whose rate counts for each channel instead of the workspace, and the seconds between two of their calls.

Slack allows a message a second; the rest allows for calls that take differently long to arrive.
"""

OTHER_RATE = 20
"""Calls a minute of a method that is not in `RATES`."""

STREAM = 300.0
"""Seconds after which Slack ends a stream."""

STATUS = 120.0
"""Seconds after which Slack removes a status."""

TEXT = 8_000
"""Characters of a message that are read at most, links and escapes included; a question has at most 2,000.

A longer text is not looked at: normalizing one may take time quadratic in its length.
"""

BLOCKS = 50
"""Blocks of a message."""

ACTIONS = 25
"""Buttons of one block."""

BUTTON = 75
"""Characters of a button's name."""

VALUE = 2_000
"""Characters of a button's value."""

METADATA = 3_000
"""Characters of a modal's `private_metadata`."""

PAGE = 9_000
"""Characters of the rich text of one message. Slack streams 12,000 into one, and counts marks and buttons too."""

ELEMENT = 2_500
"""Characters of one text element; a longer run becomes several elements side by side."""

NOTIFICATION = 3_000
"""Characters of the `text` that stands in for blocks in a notification; Slack cuts at 40,000."""
