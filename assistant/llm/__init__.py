"""The language model: its client, and what it is shown."""
