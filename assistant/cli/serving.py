"""The command that serves the page, Slack and a watch list at once; only one process can open an archive."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.chatting import Auth, Host, Mcp, NoAuth, Port, ReadOnly, mcp_address
from assistant.cli.options import AllowPrivate, Delay, chosen_settings, cli, filling_assistant, until_stopped
from assistant.cli.slack import SlackHost, SlackPort
from assistant.cli.terminal import print_text, say
from assistant.cli.watching import print_news, watch_list
from assistant.page import access_from_options, launch
from assistant.slack import Tokens, any_token, read_tokens, start
from ingest.errors import SettingsError
from ingest.watch import read_list

log = logging.getLogger(__name__)

_CHECK_INTERVAL = 5.0  # seconds between two checks whether all parts run
_RESTART_DELAY = 60.0  # seconds until a watch that failed is started again
_GRACE = 10.0  # seconds that the watch may take to end: a batch that is being embedded takes one or two


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
        bool | None, typer.Option("--slack/--no-slack", help="Answer in Slack; by default if its tokens are set.")
    ] = None,
    slack_http: Annotated[
        bool, typer.Option("--slack-http", help="Let Slack call over HTTP, instead of Socket Mode.")
    ] = False,
    slack_host: SlackHost = "127.0.0.1",
    slack_port: SlackPort = 3000,
    watch: Annotated[
        Path | None, typer.Option(metavar="LIST", help="Watch the sources of this list, like khabar watch.")
    ] = None,
    allow_private: AllowPrivate = None,
    delay: Delay = None,
) -> None:
    """Serve the page, Slack and a watch list over one archive."""
    allowed = access_from_options(host, auth, no_auth=no_auth, read_only=read_only)
    tokens = _tokens(slack, http=slack_http)
    listed = read_list(watch) if watch else []
    settings = chosen_settings(ctx, allow_private=allow_private, delay=delay)
    with until_stopped(), contextlib.ExitStack() as opened:
        assistant = opened.enter_context(filling_assistant(settings, fills=bool(watch) or not read_only))
        page, address = launch(assistant, allowed, port, mcp=mcp)
        opened.callback(page.close)
        parts = [Part("the page", lambda: page.served)]
        lines = [f"page   {address}{f', MCP at {mcp_address(address)}' if mcp else ''}"]
        if tokens:
            bot = opened.enter_context(start(assistant, tokens, (slack_host, slack_port) if slack_http else None))
            parts.append(Part("Slack", lambda: bot.reachable))
            transport = f"HTTP, on {slack_host}:{bot.port}" if slack_http else "Socket Mode"
            lines.append(f"Slack  answering as {bot.me.user} over {transport}")
        else:
            lines.append(f"Slack  not running: {'--no-slack' if slack is False else 'none of its tokens is set'}")
        if watch:
            stop = threading.Event()
            work = partial(watch_list, listed, assistant, print_news, stop)
            opened.enter_context(restarting(work, stop))
            lines.append(f"watch  {len(listed)} source{'' if len(listed) == 1 else 's'} of {watch}")
        else:
            lines.append("watch  not running: no --watch LIST")
        print_text("\n".join([*lines, "Ctrl-C stops it"]))
        while True:
            time.sleep(_CHECK_INTERVAL)
            for part in parts:
                part.check()


def _tokens(wanted: bool | None, *, http: bool) -> Tokens | None:
    """Read the tokens for Slack; None where Slack is not wanted, or is not asked for and no token is set.

    Raises:
        SettingsError: a token is missing.
    """
    if wanted is False or not (wanted or http or any_token()):
        return None
    try:
        return read_tokens(http)
    except SettingsError as error:
        raise SettingsError(f"{error}; or leave Slack out with --no-slack") from error


@dataclass(slots=True)
class Part:
    """A part of the server that runs by itself.

    Attributes:
        missed: how many checks in a row it did not run.
    """

    name: str
    runs: Callable[[], bool]
    missed: int = 0

    def check(self) -> None:
        """Say that it has stopped, or runs again. A break that ends before the second check is not mentioned."""
        if self.runs():
            if self.missed > 1:
                say(f"khabar: {self.name} runs again")
            self.missed = 0
            return
        self.missed += 1
        if self.missed == 2:
            say(f"khabar: {self.name} cannot be reached; the other parts go on")


@contextlib.contextmanager
def restarting(work: Callable[[], None], stop: threading.Event, pause: float = _RESTART_DELAY) -> Iterator[None]:
    """Run a watch in a thread while the block runs. If it fails, say so and start it again.

    Args:
        work: runs until `stop` is set.
        stop: set when the block ends.
        pause: seconds before it is started again.
    """

    def run() -> None:
        while not stop.is_set():
            try:
                work()
            except Exception as error:  # whatever it is, page and Slack go on
                if stop.is_set():
                    return
                say(f"khabar: the watch failed: {error or type(error).__name__}; it starts again in {pause:.0f} s")
                log.debug("the watch failed", exc_info=error)
                stop.wait(pause)

    thread = threading.Thread(target=run, name="khabar-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_GRACE)
