"""The frame of all commands: their common options and errors, and what several of them begin with."""

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
from assistant.cli.terminal import known_errors, log_said, print_text, say
from assistant.settings import Settings, load_settings
from ingest.archive import Archive, is_archive
from ingest.embedding import Embedder, open_embedder
from ingest.language.dates import parse_date


class _Commands(TyperGroup):
    """All commands, with the one place where their errors are turned into a message and an exit status."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer's own type has moved between its versions
        with known_errors(debug=ctx.params["debug"]), _common_options_named(), log_said():
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result


@contextlib.contextmanager
def _common_options_named() -> Iterator[None]:
    """Say of an option of all commands that is written after one where it belongs."""
    try:
        yield
    except Exception as error:  # typer gives the error of an option that is not there no name to catch it by
        if (name := getattr(error, "option_name", "")) in ("--archive", "--debug", "--version"):
            vars(error)["message"] = f"{name} stands before the command, as in: khabar --archive DIR list"
        raise


cli = typer.Typer(
    name="khabar",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help and errors: they are the same in a pipe, and nothing typed is taken for markup
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Ask a news archive; every answer is proven by exact, dated, attributed quotations.",
)


def _version(asked: bool) -> None:
    if asked:
        print_text(f"khabar {metadata.version('khabar')}")
        raise typer.Exit


def moment(text: str) -> datetime:
    """A date that was typed."""
    try:
        return parse_date(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}; write it as 2024-03-12") from error


@cli.callback()
def _options(
    ctx: typer.Context,
    archive: Annotated[Path | None, typer.Option(metavar="DIR", help="The folder of the archive.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an unexpected error comes from.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    ctx.obj = archive


AllowPrivate = Annotated[
    bool | None,
    typer.Option(
        "--allow-private/--no-allow-private",
        help="Let addresses of the own network and this machine be fetched; if not said, as KHABAR_ALLOW_PRIVATE.",
    ),
]
Delay = Annotated[
    float | None,
    typer.Option(
        min=0, max=3600, metavar="SECONDS", help="Between two requests to one host; if not said, KHABAR_DELAY or 1."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for a program.")]


def chosen_settings(ctx: typer.Context, **chosen: object) -> Settings:
    """The settings, with the archive that --archive names."""
    return load_settings(archive=ctx.obj, **chosen)


def adding_settings(ctx: typer.Context, **chosen: object) -> Settings:
    """The settings of a command that only adds: nothing is written, whatever the writer is."""
    return chosen_settings(ctx, writer=EXTRACT, writer_url="", **chosen)


@contextlib.contextmanager
def until_stopped() -> Iterator[None]:
    """What runs until it is stopped: Ctrl-C, and a service manager's stop, end it cleanly and are no error."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        print_text("stopped")
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def existing_archive(settings: Settings) -> Iterator[Archive]:
    """The archive, which is there already.

    Raises:
        ArchiveError: it is not.
    """
    with Archive.open(settings.archive, chosen_embedder(settings), settings.chroma) as archive:
        yield archive


def filling_assistant(settings: Settings, *, fills: bool) -> Assistant:
    """The assistant of a command that may fill its archive: a new one is made where there is none, and said."""
    if fills and not is_archive(settings.archive):
        say(f"khabar: there is no archive at {settings.archive} yet; an empty one is made")
    return Assistant(settings, create=fills)


def chosen_embedder(settings: Settings) -> Embedder:
    """The embedder that the settings name."""
    return open_embedder(settings.embedder, settings.embedder_url)


FILL = "fill it with: khabar ingest FOLDER (khabar demo shows how it works with sample articles)"
