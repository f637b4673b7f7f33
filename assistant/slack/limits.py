"""What Slack allows of a message and a modal, as its documentation says; and what we allow ourselves."""

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
