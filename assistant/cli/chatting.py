"""The commands of the chat page: chat, and feedback, what its readers said."""

import contextlib
import threading
from typing import Annotated

import typer

from assistant.cli.options import (
    AllowPrivate,
    Json,
    chosen_settings,
    cli,
    existing_archive,
    filling_assistant,
    until_stopped,
)
from assistant.cli.terminal import print_json, print_text
from assistant.page import access_from_options, launch
from ingest.archive import Feedback
from ingest.language import one_line

Host = Annotated[str, typer.Option(metavar="HOST", help="Where to listen; others than this machine need --auth.")]
Port = Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="The port; 0 for any that is free.")]
Auth = Annotated[
    str, typer.Option(metavar="USER:FILE", help="Ask for this user and the password in the first line of FILE.")
]
NoAuth = Annotated[bool, typer.Option("--no-auth", help="Serve another host without a password.")]
ReadOnly = Annotated[bool, typer.Option("--read-only", help="Let nobody add articles.")]
Mcp = Annotated[bool, typer.Option("--mcp", help="Serve ask, search and read_article to MCP clients too.")]


@cli.command()
def chat(
    ctx: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 7860,
    auth: Auth = "",
    no_auth: NoAuth = False,
    read_only: ReadOnly = False,
    mcp: Mcp = False,
    allow_private: AllowPrivate = None,
) -> None:
    """Open the chat page for the browser."""
    allowed = access_from_options(host, auth, no_auth=no_auth, read_only=read_only)
    settings = chosen_settings(ctx, allow_private=allow_private)
    with until_stopped(), filling_assistant(settings, fills=not read_only) as assistant:
        page, address = launch(assistant, allowed, port, mcp=mcp)
        with contextlib.closing(page):
            print_text(f"the page is at {address} (stop it with Ctrl-C)")
            if mcp:
                print_text(f"MCP is at {mcp_address(address)}")
            threading.Event().wait()


def mcp_address(page: str) -> str:
    """Where MCP clients find what the page at this address serves them."""
    return f"{page}gradio_api/mcp/"


@cli.command()
def feedback(ctx: typer.Context, as_json: Json = False) -> None:
    """Show what readers thought of answers, the newest first."""
    with existing_archive(chosen_settings(ctx)) as archive:
        given = archive.feedback.all()
    if as_json:
        print_json([_data(one) for one in given])
    else:
        print_text("\n\n".join(map(_text, given)) or "no reader has judged an answer yet")


def _data(one: Feedback) -> dict[str, object]:
    places = [{"article_id": article, "start": start, "end": end} for article, start, end in one.quotes]
    return {
        "at": one.at, "door": one.door, "good": one.good, "reason": one.reason, "question": one.question,
        "answer": one.answer, "writer": one.writer, "quotes": places,
    }  # fmt: skip


def _text(one: Feedback) -> str:
    """Each in lines of its own: what a reader typed cannot look like another judgement."""
    lines = [f"{one.at:%Y-%m-%d %H:%M}  {'right' if one.good else 'WRONG'}  {one_line(one.question)}"]
    lines += [f"  {one_line(one.reason)}"] if one.reason else []
    lines += [f"  {line}" for line in one.answer.splitlines()] or ["  not in the archive"]
    return "\n".join([*lines, *(f"  {article} {start}:{end}" for article, start, end in one.quotes)])
