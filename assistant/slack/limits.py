"""What Slack allows of a message, a modal and a minute, as its documentation says; and what we allow ourselves."""

RATES = {
    "chat.startStream": 20, "chat.stopStream": 20,
    "chat.update": 50, "chat.delete": 50, "conversations.replies": 50, "conversations.history": 50,
    "assistant.threads.setSuggestedPrompts": 50,
    "chat.appendStream": 100, "views.open": 100,
    "chat.postMessage": 60, "assistant.threads.setStatus": 60,
    "auth.test": 600,
}  # fmt: skip
"""Calls a minute: tiers 2, 3 and 4, then the methods with rates of their own.

https://docs.slack.dev/apis/web-api/rate-limits, and a method's tier on its page there.
"""

BY_CHANNEL = {"chat.postMessage": 1.2, "assistant.threads.setStatus": 0.0}
"""Their rate is that of each channel, with so many seconds between two calls; the others' is that of the workspace.

Slack takes a message a second; what is more is for calls that are not equally long under way.
"""

OTHER_RATE = 20
"""Calls a minute of a method that is not named above."""

STREAM = 300.0
"""Seconds after which Slack ends a stream by itself."""

STATUS = 120.0
"""Seconds after which a status ends by itself."""

TEXT = 8_000
"""Characters of somebody's message, as Slack sends it, that is read; a question has at most 2,000, and here its links
and escapes count too. What is longer is not looked at: reading a text may take the square of its length."""

BLOCKS = 50
"""Of a message."""

ACTIONS = 25
"""Buttons of one block."""

BUTTON = 75
VALUE = 2_000
"""Characters of a button's name, and of its value."""

METADATA = 3_000
"""Characters of a modal's `private_metadata`."""

PAGE = 9_000
"""Characters of the rich text of one message of ours. Slack streams 12,000 into one; marks and buttons count too."""

ELEMENT = 2_500
"""Characters of one text element of ours; a longer run is several, side by side."""

NOTIFICATION = 3_000
"""Characters of the `text` that stands in for our blocks in a notification; Slack cuts at 40,000."""
