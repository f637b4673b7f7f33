"""What the commands share: the command group, options, and how they open settings, archive and assistant."""

import contextlib
import signal
import sys
from collections.abc import Iterator
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from assistant.answer import EXTRACT
from assistant.assistant import Assistant
from assistant.cli.terminal import known_errors, logs_on_terminal, print_text, say
from assistant.settings import Settings, load_settings
from ingest.archive import Archive, is_archive
from ingest.embedding import Embedder, open_embedder
from ingest.language.dates import parse_date


class _CommandGroup(TyperGroup):
    """All commands, and the one place where their errors become a message and an exit status."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer has moved its own type between versions
        with known_errors(debug=ctx.params["debug"]), _explained_position(), logs_on_terminal():
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result


@contextlib.contextmanager
def _explained_position() -> Iterator[None]:
    """Explain an error about a global option that stands after the command instead of before it."""
    try:
        yield
    except Exception as error:  # typer has no public name for the error of an unknown option
        if (name := getattr(error, "option_name", "")) in ("--archive", "--debug", "--version"):
            vars(error)["message"] = f"{name} stands before the command, as in: khabar --archive DIR list"
        raise


cli = typer.Typer(
    name="khabar",
    cls=_CommandGroup,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain text is the same in a pipe, and nothing that was typed is taken for markup
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Ask a news archive; every answer is proven by exact, dated, attributed quotations.",
)


def _print_version(requested: bool) -> None:
    if requested:
        print_text(f"khabar {metadata.version('khabar')}")
        raise typer.Exit


def moment(text: str) -> datetime:
    """Parse a date of the command line."""
    try:
        return parse_date(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}; write it as 2024-03-12") from error


@cli.callback()
def _options(
    ctx: typer.Context,
    archive: Annotated[Path | None, typer.Option(metavar="DIR", help="The folder of the archive.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    ctx.obj = archive


AllowPrivate = Annotated[
    bool | None,
    typer.Option(
        "--allow-private/--no-allow-private",
        help="Allow fetching from private networks and this machine; the default is KHABAR_ALLOW_PRIVATE.",
    ),
]
Delay = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=3600,
        metavar="SECONDS",
        help="Pause between two requests to one host; the default is KHABAR_DELAY, or 1.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def chosen_settings(ctx: typer.Context, **chosen: object) -> Settings:
    """Load the settings, with the archive that --archive names; `chosen` are the command's own options."""
    return load_settings(archive=ctx.obj, **chosen)


def adding_settings(ctx: typer.Context, **chosen: object) -> Settings:
    """Load the settings of a command that only adds articles: it needs no language model."""
    return chosen_settings(ctx, writer=EXTRACT, writer_url="", **chosen)


@contextlib.contextmanager
def until_stopped() -> Iterator[None]:
    """Let Ctrl-C, or a service manager, end the block cleanly and without an error."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        print_text("stopped")
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def existing_archive(settings: Settings) -> Iterator[Archive]:
    """Open the archive; it is closed when the block ends.

    Raises:
        ArchiveError: there is none.
    """
    with Archive.open(settings.archive, chosen_embedder(settings), settings.chroma) as archive:
        yield archive


def filling_assistant(settings: Settings, *, fills: bool) -> Assistant:
    """Open the assistant of a command that may fill its archive; where there is none, say that an empty one is made."""
    if fills and not is_archive(settings.archive):
        say(f"khabar: there is no archive at {settings.archive} yet; an empty one is made")
    return Assistant(settings, create=fills)


def chosen_embedder(settings: Settings) -> Embedder:
    """Open the embedder that the settings name."""
    return open_embedder(settings.embedder, settings.embedder_url)


FILL = "fill it with: khabar ingest FOLDER (khabar demo shows how it works with sample articles)"
