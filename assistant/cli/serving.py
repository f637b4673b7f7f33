"""The command that serves all at once: page, Slack and a watch list over one archive, which one process holds alone."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from assistant.assistant import Assistant
from assistant.cli.chatting import Auth, Host, Mcp, NoAuth, Port, ReadOnly, mcp_address
from assistant.cli.options import AllowPrivate, Delay, chosen_settings, cli, filling_assistant, until_stopped
from assistant.cli.slack import SlackHost, SlackPort
from assistant.cli.terminal import print_text, say
from assistant.cli.watching import print_news, take_in
from assistant.page import access_from_options, launch
from assistant.slack import Tokens, any_token, read_tokens, start
from ingest.errors import SettingsError
from ingest.watch import WatchedSource, read_list

log = logging.getLogger(__name__)

_LOOK = 5.0  # seconds between two looks whether all parts run
_AGAIN = 60.0  # seconds until a watch that broke off begins again
_GRACE = 10.0  # seconds that the watch may take to end: what it embeds just then takes one or two


@cli.command()
def serve(
    ctx: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 7860,
    auth: Auth = "",
    no_auth: NoAuth = False,
    read_only: ReadOnly = False,
    mcp: Mcp = False,
    slack: Annotated[
        bool | None, typer.Option("--slack/--no-slack", help="Answer in Slack; if not said, where its tokens are set.")
    ] = None,
    slack_http: Annotated[
        bool, typer.Option("--slack-http", help="Slack calls over HTTP; without it the bot calls Slack.")
    ] = False,
    slack_host: SlackHost = "127.0.0.1",
    slack_port: SlackPort = 3000,
    watch: Annotated[
        Path | None, typer.Option(metavar="LIST", help="Take in what this list of sources brings, as khabar watch.")
    ] = None,
    allow_private: AllowPrivate = None,
    delay: Delay = None,
) -> None:
    """Serve page, Slack and a watch list over one archive."""
    allowed = access_from_options(host, auth, no_auth=no_auth, read_only=read_only)
    tokens = _tokens(slack, http=slack_http)
    listed = read_list(watch) if watch else []
    settings = chosen_settings(ctx, allow_private=allow_private, delay=delay)
    with until_stopped(), contextlib.ExitStack() as opened:
        assistant = opened.enter_context(filling_assistant(settings, fills=bool(watch) or not read_only))
        page, address = launch(assistant, allowed, port, mcp=mcp)
        opened.callback(page.close)
        parts = [_Part("the page", lambda: page.served)]
        told = [f"page   {address}{f', MCP at {mcp_address(address)}' if mcp else ''}"]
        if tokens:
            bot = opened.enter_context(start(assistant, tokens, (slack_host, slack_port) if slack_http else None))
            parts.append(_Part("Slack", lambda: bot.reachable))
            way = f"HTTP, on {slack_host}:{bot.port}" if slack_http else "Socket Mode"
            told.append(f"Slack  answering as {bot.me.user} over {way}")
        else:
            told.append(f"Slack  not running: {'--no-slack' if slack is False else 'none of its tokens is set'}")
        if watch:
            opened.enter_context(_watching(listed, assistant))
            told.append(f"watch  {len(listed)} source{'' if len(listed) == 1 else 's'} of {watch}")
        else:
            told.append("watch  not running: no --watch LIST")
        print_text("\n".join([*told, "Ctrl-C stops it"]))
        _look_after(parts)


def _tokens(wanted: bool | None, *, http: bool) -> Tokens | None:
    """The tokens for Slack; None where it is not wanted.

    Raises:
        SettingsError: one is missing although it is, or others are there.
    """
    if wanted is False or not (wanted or http or any_token()):
        return None
    try:
        return read_tokens(http)
    except SettingsError as error:
        raise SettingsError(f"{error}; or leave Slack out with --no-slack") from error


@dataclass(slots=True)
class _Part:
    """A part that runs by itself, and what is said when it does not."""

    name: str
    runs: Callable[[], bool]
    missed: int = 0

    def look(self) -> None:
        """Say that it runs no more, from the second look on, which a short break does not reach; or that it does."""
        if self.runs():
            if self.missed > 1:
                say(f"khabar: {self.name} runs again")
            self.missed = 0
            return
        self.missed += 1
        if self.missed == 2:
            say(f"khabar: {self.name} is not to be reached; the other parts go on")


def _look_after(parts: list[_Part]) -> None:
    while True:
        time.sleep(_LOOK)
        for part in parts:
            part.look()


def _watching(listed: list[WatchedSource], assistant: Assistant) -> AbstractContextManager[None]:
    """A watch list that is taken in while the block runs."""
    stop = threading.Event()
    work = partial(take_in, listed, assistant, print_news, stop)
    return going_on(work, stop)


@contextlib.contextmanager
def going_on(work: Callable[[], None], stop: threading.Event, pause: float = _AGAIN) -> Iterator[None]:
    """Watch in a thread while the block runs; what breaks off is said, and begun again after a pause in seconds."""

    def run() -> None:
        while not stop.is_set():
            try:
                work()
            except Exception as error:  # whatever it is: page and Slack go on
                if stop.is_set():
                    return
                say(f"khabar: the watch broke off: {error or type(error).__name__}; it begins again in {pause:.0f} s")
                log.debug("the watch broke off", exc_info=error)
                stop.wait(pause)

    thread = threading.Thread(target=run, name="khabar-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_GRACE)
