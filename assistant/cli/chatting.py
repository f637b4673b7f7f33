"""The commands of the chat page: chat, and feedback from its readers."""

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

Host = Annotated[
    str, typer.Option(metavar="HOST", help="The address to listen on; any but this machine's own needs --auth.")
]
Port = Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="The port; 0 for any free one.")]
Auth = Annotated[
    str, typer.Option(metavar="USER:FILE", help="Require this user, and the password in the first line of FILE.")
]
NoAuth = Annotated[bool, typer.Option("--no-auth", help="Listen on another address without a password.")]
ReadOnly = Annotated[bool, typer.Option("--read-only", help="Do not let readers add articles.")]
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
    """Serve the chat page for the browser."""
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
    """The address of the MCP server of a page."""
    return f"{page}gradio_api/mcp/"


@cli.command()
def feedback(ctx: typer.Context, as_json: Json = False) -> None:
    """Show how readers judged answers, the newest first."""
    with existing_archive(chosen_settings(ctx)) as archive:
        given = archive.feedback.all()
    if as_json:
        print_json([_feedback_data(one) for one in given])
    else:
        print_text("\n\n".join(map(_feedback_text, given)) or "no reader has judged an answer yet")


def _feedback_data(one: Feedback) -> dict[str, object]:
    quotes = [{"article_id": article, "start": start, "end": end} for article, start, end in one.quotes]
    return {
        "at": one.at, "door": one.door, "good": one.good, "reason": one.reason, "question": one.question,
        "answer": one.answer, "writer": one.writer, "quotes": quotes,
    }  # fmt: skip


def _feedback_text(one: Feedback) -> str:
    """One judgement. Each text has lines of its own, so that what a reader typed cannot look like another judgement."""
    lines = [f"{one.at:%Y-%m-%d %H:%M}  {'right' if one.good else 'WRONG'}  {one_line(one.question)}"]
    lines += [f"  {one_line(one.reason)}"] if one.reason else []
    lines += [f"  {line}" for line in one.answer.splitlines()] or ["  not in the archive"]
    return "\n".join([*lines, *(f"  {article} {start}:{end}" for article, start, end in one.quotes)])
