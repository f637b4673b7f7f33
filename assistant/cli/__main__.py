"""`python -m assistant.cli` is `khabar`."""

from assistant.cli import main

main()
