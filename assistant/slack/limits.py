"""Slack's limits on calls, messages and modals, from its documentation, and the bot's own, stricter limits."""

RATES = {
    "chat.startStream": 20, "chat.stopStream": 20,
    "chat.update": 50, "chat.delete": 50, "conversations.replies": 50, "conversations.history": 50,
    "assistant.threads.setSuggestedPrompts": 50,
    "chat.appendStream": 100, "views.open": 100,
    "chat.postMessage": 60, "assistant.threads.setStatus": 60,
    "auth.test": 600,
}  # fmt: skip
"""Calls per minute: of tiers 2, 3 and 4, then of the methods with special rates.

See https://docs.slack.dev/apis/web-api/rate-limits; each method's page there names its tier.
"""

CHANNEL_INTERVALS = {"chat.postMessage": 1.2, "assistant.threads.setStatus": 0.0}
"""Methods whose rate applies to each channel, not to the workspace, and the seconds between two of their calls.

Slack allows one message per second; the rest is a margin, because calls take different times to arrive.
"""

OTHER_RATE = 20
"""Calls per minute of a method that is not in `RATES`."""

STREAM = 300.0
"""Seconds after which Slack ends a stream."""

STATUS = 120.0
"""Seconds after which Slack removes a status."""

TEXT = 8_000
"""Characters of the longest message that is read, links and escapes included; a question has at most 2,000.

A longer text is not processed, because normalizing it may take time quadratic in its length.
"""

BLOCKS = 50
"""Blocks in one message."""

ACTIONS = 25
"""Buttons in one block."""

BUTTON = 75
"""Characters of a button's name."""

VALUE = 2_000
"""Characters of a button's value."""

METADATA = 3_000
"""Characters of a modal's `private_metadata`."""

PAGE = 9_000
"""Characters of rich text in one message. A stream may have 12,000, in which Slack counts marks and buttons too."""

ELEMENT = 2_500
"""Characters of one text element; a longer text becomes several adjacent elements."""

NOTIFICATION = 3_000
"""Characters of the `text` that stands in for blocks in a notification; Slack cuts at 40,000."""
