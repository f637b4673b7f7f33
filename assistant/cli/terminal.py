"""What every command shares with the terminal: messages, errors, JSON, the progress bar."""

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

# Nothing that a terminal would obey instead of show: what readers, models, sources and names of files say is printed.
_CONTROLS = {code: "\ufffd" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}
_ESCAPES = {code: f"\\u{code:04x}" for code in range(127, 160)}  # those that JSON lets stand as they are


@contextlib.contextmanager
def known_errors(debug: bool) -> Iterator[None]:
    """Turn what a command raises into a line on the standard error and an exit status."""
    try:
        yield
    except KhabarError as error:
        say(f"khabar: {error}")
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        say("khabar: stopped; what was already stored is kept")
        raise typer.Exit(130) from error
    except BrokenPipeError as error:  # the reader, as in "| head", has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(141) from error  # 128 + SIGPIPE, as other programs
    except OSError as error:  # a file that cannot be written: the machine's, not a mistake of ours
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


class _Said(logging.Handler):
    """A line on the standard error for what the library logs."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say it."""
        say(f"khabar: {record.getMessage()}")


@contextlib.contextmanager
def log_said() -> Iterator[None]:
    """Say what our own packages log, from information up, while a command runs."""
    said, logs = _Said(), [logging.getLogger(name) for name in ("ingest", "assistant")]
    for log in logs:
        log.addHandler(said)
        log.setLevel(logging.INFO)
    try:
        yield
    finally:
        for log in logs:
            log.removeHandler(said)


def say(message: str) -> None:
    """To the standard error, where a person reads it."""
    typer.echo(message.translate(_CONTROLS), err=True)


def print_text(text: str) -> None:
    """To the standard output, where a person reads it."""
    typer.echo(text.translate(_CONTROLS))


def print_json(data: object, *, in_a_line: bool = False) -> None:
    """To the standard output, Arabic as it is."""
    text = json.dumps(data, ensure_ascii=False, indent=None if in_a_line else 2, default=time_data)
    typer.echo(text.translate(_ESCAPES))


def duration(seconds: float) -> str:
    """A span of time as "3 days", "5 hours" or "20 minutes"."""
    for size, name in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= 2 * size or size == 1:
            return f"{seconds / size:.0f} {name}s"
    return ""


@contextlib.contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with count, rate and time left on a terminal, nothing in a pipe.

    Yields:
        What to call with how many are done, and of how many (0: unknown).
    """
    console = Console(stderr=True, markup=False, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=max(of, done) if of else None)


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """The rate of the last minute, as "12.3/s"."""
        return Text(f"{task.speed:,.1f}/s" if task.speed else "")
