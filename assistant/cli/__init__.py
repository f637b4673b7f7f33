"""The command line: parse the arguments, call the archive or the assistant, print the result.

Results go to the standard output, progress and errors to the standard error, both in UTF-8 whatever the locale.
Exit status: 0 success, 1 an error that is named, 2 an invalid command line, 130 after Ctrl-C.
"""

import io
import sys

from assistant.cli import archiving, asking, chatting, serving, slack, watching
from assistant.cli.options import cli

__all__ = ["archiving", "asking", "chatting", "main", "serving", "slack", "watching"]


def main() -> None:
    """Run the command that was typed."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    cli(prog_name="khabar")
