"""The command that answers in Slack."""

import json
import signal
from typing import Annotated

import typer

from assistant.cli.frame import chosen_settings, cli, refuse_missing
from assistant.cli.terminal import say
from assistant.core import Assistant
from assistant.slack import check, manifest, read_tokens, start
from ingest.errors import SettingsError


@cli.command()
def slack(
    ctx: typer.Context,
    http: Annotated[
        bool, typer.Option("--http", help="Slack calls over HTTP; without it the bot calls Slack.")
    ] = False,
    host: Annotated[str, typer.Option(metavar="HOST", help="With --http: the interface to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="With --http: the port.")] = 3000,
    url: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="With --http --manifest: where Slack reaches it, as https://news.example"),
    ] = "",
    show_manifest: Annotated[bool, typer.Option("--manifest", help="Print the app manifest, and stop.")] = False,
    only_check: Annotated[bool, typer.Option("--check", help="Say what is missing, and stop.")] = False,
) -> None:
    """Answer in Slack."""
    if show_manifest:
        if http and not url:
            raise SettingsError("Slack must know where to call: add --url https://news.example")
        typer.echo(json.dumps(manifest(url if http else ""), ensure_ascii=False, indent=2))
        return
    settings = chosen_settings(ctx)
    if only_check:
        _check(list(check(settings, http)))
        return
    tokens = read_tokens(http)
    refuse_missing(settings)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager's stop is a Ctrl-C
    with Assistant(settings) as assistant, start(assistant, tokens, (host, port) if http else None) as bot:
        say(f"khabar: answering in Slack as {bot.me.user}; Ctrl-C stops it")
        bot.wait()


def _check(findings: list) -> None:  # type: ignore[type-arg]
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.good else 'no  '}{finding.message}")
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)
