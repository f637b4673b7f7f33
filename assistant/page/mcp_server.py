"""Serve the endpoints as MCP tools, with schemas of their arguments and results, which Gradio's MCP server lacks."""

import contextlib
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, cast, get_type_hints

from pydantic import TypeAdapter

from assistant.assistant import Assistant
from assistant.page.api import Refused, endpoints

if TYPE_CHECKING:
    from starlette.routing import BaseRoute


class McpServer:
    """An ASGI application that serves MCP over streamable HTTP, without sessions.

    Args:
        assistant: answers.
        path: the path to serve, without a trailing slash.
    """

    def __init__(self, assistant: Assistant, path: str) -> None:
        from mcp.server.lowlevel import Server
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
        from starlette.routing import Route

        self._tools = {endpoint.__name__: endpoint for endpoint in endpoints(assistant)}
        server: Any = Server("khabar")
        server.list_tools()(self._list)
        server.call_tool(validate_input=False)(self._call)  # the endpoint's own message is clearer
        self._manager = StreamableHTTPSessionManager(server, json_response=True, stateless=True)
        self.routes: list[BaseRoute] = [Route(route, self) for route in (path, f"{path}/")]

    @contextlib.asynccontextmanager
    async def lifespan(self, _: object) -> AsyncIterator[None]:
        """Run the session manager while the page is served."""
        async with self._manager.run():
            yield

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's own
        """Serve one request."""
        await self._manager.handle_request(scope, receive, send)

    async def _list(self) -> list[Any]:
        from gradio.utils import get_function_description
        from mcp.types import Tool

        tools = []
        for name, endpoint in self._tools.items():
            description, arguments, _ = get_function_description(endpoint)
            adapter: TypeAdapter[Any] = TypeAdapter(cast(Any, endpoint))
            inputs = adapter.json_schema()
            for argument, text in arguments.items():
                inputs["properties"][argument]["description"] = text
            outputs = TypeAdapter(get_type_hints(endpoint)["return"]).json_schema(mode="serialization")
            tools.append(Tool(name=name, description=description, inputSchema=inputs, outputSchema=outputs))
        return tools

    async def _call(self, name: str, arguments: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        from mcp.types import TextContent
        from starlette.concurrency import run_in_threadpool

        if name not in self._tools:
            raise Refused(f"there is no tool {name[:80]!r}; the tools are {', '.join(self._tools)}")
        data = await run_in_threadpool(self._tools[name], **arguments)
        return [TextContent(type="text", text=json.dumps(data, ensure_ascii=False, indent=2))], data
