"""What Slack allows of a message, a modal and a manifest, as its documentation says; and what we allow ourselves."""

BLOCKS = 50
"""Of a message."""

BLOCK_ID = ACTION_ID = 255
TEXT = 40_000
"""Characters of a message's `text`; beyond them Slack cuts."""

STREAMED = 12_000
"""Characters that one message may be streamed."""

ACTIONS = 25
CONTEXT_ACTIONS = 5
CONTEXT = 10
"""Elements of such a block."""

BUTTON = 75
PLAIN = 3_000
VALUE = 2_000
URL = 3_000
METADATA = 3_000
"""Characters of a modal's `private_metadata`."""

TITLE = 24
"""Characters of a modal's title and of its buttons."""

MODAL_BLOCKS = 100
OPTION = 75
PROMPTS = 4

PAGE = 9_000
"""Characters of the rich text of one message of ours: what is streamed must hold marks and buttons too."""

ELEMENT = 2_500
"""Characters of one text element of ours; a longer run is several, side by side."""

NOTIFICATION = 3_000
"""Characters of the `text` that stands in for our blocks in a notification."""
