"""The command that answers in Slack."""

from typing import Annotated

import typer

from assistant.assistant import Assistant
from assistant.cli.options import AllowPrivate, chosen_settings, cli, until_stopped
from assistant.cli.terminal import print_json, print_text, say
from assistant.slack import check, manifest, read_tokens, start
from ingest.errors import SettingsError

SlackHost = Annotated[str, typer.Option(metavar="HOST", help="For Slack's calls over HTTP: where to listen.")]
SlackPort = Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="For Slack's calls over HTTP: the port.")]


@cli.command()
def slack(
    ctx: typer.Context,
    http: Annotated[
        bool, typer.Option("--http", help="Slack calls over HTTP; without it the bot calls Slack.")
    ] = False,
    host: SlackHost = "127.0.0.1",
    port: SlackPort = 3000,
    url: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="With --http --manifest: where Slack reaches it, as https://news.example"),
    ] = "",
    show_manifest: Annotated[bool, typer.Option("--manifest", help="Print the app manifest, and stop.")] = False,
    only_check: Annotated[bool, typer.Option("--check", help="Say what is missing, and stop.")] = False,
    allow_private: AllowPrivate = None,
) -> None:
    """Answer in Slack."""
    if show_manifest:
        if http and not url:
            raise SettingsError("Slack must know where to call: add --url https://news.example")
        print_json(manifest(url if http else ""))
        return
    settings = chosen_settings(ctx, allow_private=allow_private)
    if only_check:
        findings = list(check(settings, http))
        for finding in findings:
            print_text(f"{'ok  ' if finding.good else 'no  '}{finding.message}")
        if not all(finding.good for finding in findings):
            raise typer.Exit(1)
        return
    tokens = read_tokens(http)
    with until_stopped(), Assistant(settings) as assistant:
        with start(assistant, tokens, (host, port) if http else None) as bot:
            say(f"khabar: answering in Slack as {bot.me.user}; Ctrl-C stops it")
            bot.wait()
