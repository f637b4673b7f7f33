"""The terminal: text, JSON, messages, errors, the progress bar."""

import contextlib
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from assistant.formats.json import time_data
from ingest.errors import KhabarError

# A terminal would obey control characters; texts of readers, models, sources and file names may hold some.
_CONTROLS = {code: "\ufffd" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}
_ESCAPES = {code: f"\\u{code:04x}" for code in range(127, 160)}  # control characters that JSON does not escape


@contextlib.contextmanager
def known_errors(debug: bool) -> Iterator[None]:
    """Turn what a command raises into a line on the standard error and an exit status.

    Args:
        debug: print the traceback of an unexpected error too.
    """
    try:
        yield
    except KhabarError as error:
        say(f"khabar: {error}")
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        say("khabar: stopped; what was already stored is kept")
        raise typer.Exit(130) from error
    except BrokenPipeError as error:  # the reader of a pipe has left, as in "| head"
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(141) from error  # 128 + SIGPIPE, like other programs
    except OSError as error:  # a file that cannot be written: a problem of the machine, not of the program
        if debug:
            traceback.print_exc()
        say(f"khabar: {error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        raise typer.Exit(1) from error
    except Exception as error:
        if type(error).__module__.startswith(("typer", "click")):
            raise  # exits and usage errors, which typer shows
        if debug:
            traceback.print_exc()
        hint = "" if debug else "; run it as khabar --debug ... to see where, and report it"
        say(f"khabar: unexpected error: {type(error).__name__}: {error}{hint}")
        raise typer.Exit(1) from error


class _TerminalHandler(logging.Handler):
    """Prints a log record as a line on the standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print the message."""
        say(f"khabar: {record.getMessage()}")


@contextlib.contextmanager
def logs_on_terminal() -> Iterator[None]:
    """Print what our own packages log, from INFO up, while the block runs."""
    handler, logs = _TerminalHandler(), [logging.getLogger(name) for name in ("ingest", "assistant")]
    for log in logs:
        log.addHandler(handler)
        log.setLevel(logging.INFO)
    try:
        yield
    finally:
        for log in logs:
            log.removeHandler(handler)


def say(message: str) -> None:
    """Print a message for a person to the standard error."""
    typer.echo(message.translate(_CONTROLS), err=True)


def print_text(text: str) -> None:
    """Print a result for a person to the standard output."""
    typer.echo(text.translate(_CONTROLS))


def print_json(data: object, *, in_a_line: bool = False) -> None:
    """Print a result for a program to the standard output; Arabic is not escaped.

    Args:
        data: what `json` takes, and times.
        in_a_line: for JSON Lines.
    """
    text = json.dumps(data, ensure_ascii=False, indent=None if in_a_line else 2, default=time_data)
    typer.echo(text.translate(_ESCAPES))


def duration(seconds: float) -> str:
    """Format a duration as "3 days", "5 hours" or "20 minutes"."""
    for size, name in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= 2 * size or size == 1:
            return f"{seconds / size:.0f} {name}s"
    return ""


@contextlib.contextmanager
def progress_bar(description: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with count, rate and time left on a terminal, and nothing in a pipe.

    Yields:
        A function to call with the number of items that are done and of all items (0 if unknown).
    """
    console = Console(stderr=True, markup=False, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(description, total=None)
        yield lambda done, count: bar.update(task, completed=done, total=max(count, done) if count else None)


class _Rate(ProgressColumn):
    """Items per second."""

    def render(self, task: Task) -> Text:
        """Format the recent rate as "12.3/s"."""
        return Text(f"{task.speed:,.1f}/s" if task.speed else "")
