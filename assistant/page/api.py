"""Endpoints for programs on the page's server; they return the same JSON as the command line."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError, validate_call
from typing_extensions import TypedDict

from assistant.assistant import Assistant
from assistant.formats.json import AnswerData, ArticleData, HitData, answer_data, article_data, hit_data
from assistant.page.conversation import Filters
from assistant.page.failures import error_message
from ingest.archive import Filter
from ingest.errors import KhabarError, UnknownArticle

_MAX_PASSAGES = 20  # of one search
_MAX_ARGUMENT = 200  # characters of a date, a publisher, a language or an id
_MAX_MESSAGE = 1000  # characters of an error, which may repeat an argument

Endpoint = Callable[..., Any]


class Refused(Exception):
    """A request is not valid; the message tells the calling program why."""


class Passages(TypedDict):
    """Passages found by a search, best first."""

    passages: list[HitData]


def endpoints(assistant: Assistant) -> list[Endpoint]:
    """Return the endpoints; they raise only `Refused`, and programs see their names, arguments and docstrings."""

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

        If the archive does not answer it, "answered" is false.

        Args:
            question: in Arabic, English or another language.
            since: only articles of this day or later, as 2024-03-12.
            until: only articles of this day or earlier.
            publisher: only articles of this publisher.
            language: only articles in this language, as ar or en.
            quotes: at most this many quotations, 1 to 10.
            any_date: search all dates, even if the question names one ("last week").

        Returns:
            What `khabar ask --json` prints.
        """
        where = _filter(since, until, publisher, language)
        return answer_data(assistant.ask(question, where=where, quotes=min(10, max(1, quotes)), dated=not any_date))

    def search(
        question: str, limit: int = 5, since: str = "", until: str = "", publisher: str = "", language: str = ""
    ) -> Passages:
        """Find the passages of the news archive nearest to a question, best first.

        Args:
            question: in Arabic, English or another language.
            limit: at most this many passages, 1 to 20.
            since: only articles of this day or later, as 2024-03-12.
            until: only articles of this day or earlier.
            publisher: only articles of this publisher.
            language: only articles in this language, as ar or en.
        """
        where = _filter(since, until, publisher, language)
        hits = assistant.find(question, min(_MAX_PASSAGES, max(1, limit)), where=where)
        return {"passages": [hit_data(hit) for hit in hits]}

    def read_article(article_id: str) -> ArticleData:
        """Read a whole article of the news archive.

        Args:
            article_id: from an answer or a passage.

        Returns:
            What `khabar show --json` prints.
        """
        _refuse_long(article_id=article_id)
        try:
            return article_data(assistant.archive.article(assistant.archive.resolve(article_id)))
        except UnknownArticle as error:
            raise Refused(f"{str(error).partition('; ')[0]}; answers and passages name the ids of articles") from error

    return [_guarded(endpoint) for endpoint in (ask, search, read_article)]


def _filter(since: str, until: str, publisher: str, language: str) -> Filter:
    _refuse_long(since=since, until=until, publisher=publisher, language=language)
    return Filters.model_construct(
        since=since,
        until=until,
        publishers=(publisher,) if publisher else (),
        languages=(language,) if language else (),
    ).archive_filter()


def _refuse_long(**arguments: str) -> None:
    for name, text in arguments.items():
        if len(text) > _MAX_ARGUMENT:
            raise Refused(f"{name} has {len(text):,} characters; at most {_MAX_ARGUMENT} are allowed")


def _guarded(endpoint: Endpoint) -> Endpoint:
    """Wrap an endpoint: its arguments are type-checked, and every error becomes `Refused`."""
    checked = validate_call(endpoint)

    @functools.wraps(endpoint)
    def guarded(*arguments: object, **named: object) -> object:
        try:
            return checked(*arguments, **named)
        except ValidationError as error:
            problems = (f"{_argument_name(endpoint, item['loc'])}: {item['msg']}" for item in error.errors()[:5])
            raise Refused(f"the arguments are not valid: {'; '.join(problems)}"[:_MAX_MESSAGE]) from error
        except KhabarError as error:
            raise Refused(str(error)[:_MAX_MESSAGE]) from error
        except Refused:
            raise
        except Exception as error:
            raise Refused(error_message(error, "en")) from error

    return guarded


def _argument_name(endpoint: Endpoint, location: tuple[int | str, ...]) -> str:
    """The argument at the start of a pydantic error location, which is a position if Gradio made the call."""
    names = [*inspect.signature(endpoint).parameters]
    first = location[0] if location else ""
    return names[first] if isinstance(first, int) and first < len(names) else str(first)


def for_gradio(endpoint: Endpoint) -> Endpoint:
    """Wrap an endpoint: `Refused` becomes Gradio's own error, whose message Gradio returns to the program."""
    import gradio as gr  # 5 s

    @functools.wraps(endpoint)
    def called(*arguments: object, **named: object) -> object:
        try:
            return endpoint(*arguments, **named)
        except Refused as error:
            raise gr.Error(str(error), print_exception=False) from error

    return called
