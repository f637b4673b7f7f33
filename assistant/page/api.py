"""What programs ask of the page's server: typed like the command line's JSON, as endpoints and as tools of MCP."""

import contextlib
import functools
import inspect
import json
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, cast, get_type_hints

from pydantic import TypeAdapter, ValidationError, validate_call
from typing_extensions import TypedDict

from assistant.assistant import Assistant
from assistant.formats.json import AnswerData, ArticleData, HitData, answer_data, article_data, hit_data
from assistant.page.conversation import Narrowed, narrowing
from assistant.page.failures import told
from ingest.errors import KhabarError, UnknownArticle

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

_MOST = 20  # passages of one search
_LONGEST = 200  # characters of a date, a publisher, a language or an id
_SHOWN = 1000  # characters of a message: it may repeat what was sent

Endpoint = Callable[..., Any]


class Refused(Exception):
    """What is wrong with a request, for the program that made it."""


class Passages(TypedDict):
    """What a search found, best first."""

    passages: list[HitData]


def endpoints(assistant: Assistant) -> list[Endpoint]:
    """The endpoints, each raising `Refused` only: their names, arguments and docstrings are what programs see."""

    def ask(
        question: str,
        since: str = "",
        until: str = "",
        publisher: str = "",
        language: str = "",
        quotes: int = 3,
        any_date: bool = False,
    ) -> AnswerData:
        """Answer a question from the news archive, with exact, dated, attributed quotations.

        What the archive does not say is not answered: "answered" is then false.

        Args:
            question: in Arabic, English or another language.
            since: only articles of this day or later, as 2024-03-12.
            until: only articles of this day or earlier.
            publisher: only articles of this publisher.
            language: only articles in this language, as ar or en.
            quotes: at most this many quotations, 1 to 10.
            any_date: let no date in the question ("last week") narrow the search.

        Returns:
            What `khabar ask --json` prints.
        """
        where = narrowing(_narrowed(since, until, publisher, language))
        few = min(10, max(1, quotes))
        return answer_data(assistant.ask(question, where=where, quotes=few, dated=not any_date))

    def search(
        question: str, limit: int = 5, since: str = "", until: str = "", publisher: str = "", language: str = ""
    ) -> Passages:
        """Find passages of the news archive that are near to a question, best first.

        Args:
            question: in Arabic, English or another language.
            limit: at most this many passages, 1 to 20.
            since: only articles of this day or later, as 2024-03-12.
            until: only articles of this day or earlier.
            publisher: only articles of this publisher.
            language: only articles in this language, as ar or en.
        """
        where = narrowing(_narrowed(since, until, publisher, language))
        found = assistant.find(question, min(_MOST, max(1, limit)), where=where)
        return {"passages": [hit_data(hit) for hit in found]}

    def read_article(article_id: str) -> ArticleData:
        """Read a whole article of the news archive.

        Args:
            article_id: as answers and passages name it.

        Returns:
            What `khabar show --json` prints.
        """
        _refuse_long(article_id=article_id)
        try:
            return article_data(assistant.archive.article(assistant.archive.resolve(article_id)))
        except UnknownArticle as error:
            raise Refused(f"{str(error).partition('; ')[0]}; answers and passages name the ids of articles") from error

    return [_guarded(one) for one in (ask, search, read_article)]


def _narrowed(since: str, until: str, publisher: str, language: str) -> Narrowed:
    _refuse_long(since=since, until=until, publisher=publisher, language=language)
    return Narrowed.model_construct(
        since=since,
        until=until,
        publishers=(publisher,) if publisher else (),
        languages=(language,) if language else (),
    )


def _refuse_long(**arguments: str) -> None:
    for name, text in arguments.items():
        if len(text) > _LONGEST:
            raise Refused(f"{name} has {len(text):,} characters; it may have {_LONGEST}")


def _guarded(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with its arguments checked by their types, and what goes wrong in it told as on the page."""
    checked = validate_call(endpoint)

    @functools.wraps(endpoint)
    def guarded(*arguments: object, **named: object) -> object:
        try:
            return checked(*arguments, **named)
        except ValidationError as error:
            problems = (f"{_argument(endpoint, one['loc'])}: {one['msg']}" for one in error.errors()[:5])
            raise Refused(f"the arguments are not right: {'; '.join(problems)}"[:_SHOWN]) from error
        except KhabarError as error:
            raise Refused(str(error)[:_SHOWN]) from error
        except Refused:
            raise
        except Exception as error:
            raise Refused(told(error, "en")) from error

    return guarded


def _argument(endpoint: Endpoint, where: tuple[int | str, ...]) -> str:
    """The name of the argument that is not right; Gradio gives all by their places."""
    names = [*inspect.signature(endpoint).parameters]
    first = where[0] if where else ""
    return names[first] if isinstance(first, int) and first < len(names) else str(first)


def for_gradio(endpoint: Endpoint) -> Endpoint:
    """The endpoint with its errors as Gradio's own: it passes on what those say, and nothing of others."""
    import gradio as gr  # 5 s

    @functools.wraps(endpoint)
    def called(*arguments: object, **named: object) -> object:
        try:
            return endpoint(*arguments, **named)
        except Refused as error:
            raise gr.Error(str(error), print_exception=False) from error

    return called


class McpServer:
    """The endpoints as tools of MCP, with the schema of what each takes and gives; Gradio's own server has no such.

    Args:
        assistant: answers.
        path: where it is served, without a slash at its end.
    """

    def __init__(self, assistant: Assistant, path: str) -> None:
        from mcp.server.lowlevel import Server
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
        from starlette.routing import Route

        self._tools = {one.__name__: one for one in endpoints(assistant)}
        server: Any = Server("khabar")
        server.list_tools()(self._list)
        server.call_tool(validate_input=False)(self._call)  # the endpoint itself says better what is wrong
        self._manager = StreamableHTTPSessionManager(server, json_response=True, stateless=True)
        self.routes: list[BaseRoute] = [Route(one, self) for one in (path, f"{path}/")]

    @contextlib.asynccontextmanager
    async def lifespan(self, _: object) -> AsyncIterator[None]:
        """What runs while the page is served."""
        async with self._manager.run():
            yield

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's own
        """Serve one request."""
        await self._manager.handle_request(scope, receive, send)

    async def _list(self) -> list[Any]:
        from gradio.utils import get_function_description
        from mcp.types import Tool

        found = []
        for name, endpoint in self._tools.items():
            description, arguments, _ = get_function_description(endpoint)
            schema: TypeAdapter[Any] = TypeAdapter(cast(Any, endpoint))
            takes = schema.json_schema()
            for argument, meaning in arguments.items():
                takes["properties"][argument]["description"] = meaning
            gives = TypeAdapter(get_type_hints(endpoint)["return"]).json_schema(mode="serialization")
            found.append(Tool(name=name, description=description, inputSchema=takes, outputSchema=gives))
        return found

    async def _call(self, name: str, arguments: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        from mcp.types import TextContent
        from starlette.concurrency import run_in_threadpool

        if name not in self._tools:
            raise Refused(f"there is no tool {name[:80]!r}; the tools are {', '.join(self._tools)}")
        data = await run_in_threadpool(self._tools[name], **arguments)
        return [TextContent(type="text", text=json.dumps(data, ensure_ascii=False, indent=2))], data
