"""Serve the page from a thread, with Gradio's server inside the gate and MCP beside the page."""

import atexit
import contextlib
import importlib.util
import io
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from typing import Any

from assistant.assistant import Assistant
from assistant.page.access import Access
from assistant.page.adding import LARGEST
from assistant.page.build import Page, build
from assistant.page.failures import error_message
from assistant.page.gate import ANSWERED_NOTE, CutOff, Gate
from assistant.page.mcp_server import McpServer
from ingest.errors import SettingsError

MCP = "/gradio_api/mcp"
"""The path at which MCP is served."""

_THREADS = 40  # requests served at once; most wait for a model

_OPTIONS = {
    "mcp_server": False,  # `McpServer` has schemas
    "max_threads": _THREADS,
    "max_file_size": LARGEST,
    "prevent_thread_lock": True,
    "share": False,
    "quiet": True,
    "show_error": False,
    "enable_monitoring": False,
    "run_history": False,
    "footer_links": [],
    "ssr_mode": False,
    "pwa": False,
    "inbrowser": False,
    "allowed_paths": [],
}  # Gradio's options, the same for every page


def launch(assistant: Assistant, access: Access, port: int, *, mcp: bool = False) -> tuple[Page, str]:
    """Serve the page from a thread of its own.

    Args:
        assistant: answers; closing the page leaves it open.
        access: who may open the page, and the address to listen on.
        port: 0 for any free port.
        mcp: serve MCP clients too.

    Returns:
        The page, to be closed with `Page.close`, and its address.

    Raises:
        SettingsError: the port cannot be used, or MCP is requested and its package is not installed.
    """
    _configure_gradio()
    if mcp and not importlib.util.find_spec("mcp"):
        raise SettingsError("--mcp needs the package mcp; install it with: pip install 'khabar[mcp]'")
    port = _free_port(access.host, port)
    page = build(assistant, read_only=access.read_only)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # Gradio prints a line about MCP, whatever its settings
            _, address, _ = page.blocks.queue(default_concurrency_limit=_THREADS, api_open=True).launch(
                server_name=access.host,
                server_port=port,
                app_kwargs=_app_arguments(access, McpServer(assistant, MCP) if mcp else None),
                favicon_path=page.icon,
                **page.launch_arguments,
                **_OPTIONS,
            )
    except OSError as error:
        raise _port_error(access.host, port, error) from error
    return page, address


def _app_arguments(access: Access, mcp: McpServer | None) -> dict[str, Any]:
    """Arguments for Gradio's FastAPI application: the gate around all of it, and the routes of MCP."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:  # noqa: ANN401 - Gradio's
        # Set only now, because Gradio adds its own middleware outside of any that it is given.
        app.middleware_stack = Gate(app.middleware_stack, access)
        async with mcp.lifespan(app) if mcp else contextlib.nullcontext():
            yield

    return {
        "lifespan": lifespan, "exception_handlers": {Exception: _error_response}, "docs_url": None, "redoc_url": None,
        **({"routes": mcp.routes} if mcp else {}),
    }  # fmt: skip


async def _error_response(request: Any, error: Exception) -> Any:  # noqa: ANN401 - Starlette's, imported when it serves
    """Answer an unhandled exception: explain a program's wrong call, or give a reference to the log."""
    from starlette.responses import JSONResponse

    error.add_note(ANSWERED_NOTE)  # Starlette raises it again
    if isinstance(error, CutOff):
        return JSONResponse({}, 413)  # the gate replaces this with its reason
    _, is_call, name = str(request.url.path).partition("/gradio_api/call/v2/")
    message = str(error).partition(". Please click")[0]
    if is_call and isinstance(error, TypeError) and message.startswith(("Parameter `", "No value provided")):
        return JSONResponse({"detail": message[:1000]}, 400)
    if is_call and isinstance(error, KeyError) and error.args == (f"/{name.strip('/')}",):
        return JSONResponse({"detail": f"there is no endpoint {name[:80]}"}, 404)
    return JSONResponse({"detail": error_message(error, "en")}, 500)


def _configure_gradio() -> None:
    """Stop Gradio from reporting usage, and environment variables from giving more access than `Access` says."""
    for name in [*os.environ]:
        if name.startswith("GRADIO_") and name != "GRADIO_TEMP_DIR":
            del os.environ[name]
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"  # else Gradio keeps statistics of all requests
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    if "GRADIO_TEMP_DIR" not in os.environ:  # where uploaded files wait until they are added
        os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="khabar-page-")
        atexit.register(shutil.rmtree, os.environ["GRADIO_TEMP_DIR"], ignore_errors=True)


def _free_port(host: str, port: int) -> int:
    """The port if it is free; for 0, any free port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _port_error(host, port, error) from error
        return int(probe.getsockname()[1])


def _port_error(host: str, port: int, error: OSError) -> SettingsError:
    reason = error.strerror or error
    return SettingsError(f"port {port} on {host} cannot be used: {reason}; choose another with --port")
