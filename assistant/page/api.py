"""What programs ask of the page's server: typed like the command line's JSON, as endpoints and as tools of MCP."""

import functools
from collections.abc import Callable
from typing import Any

from assistant.core import Assistant
from assistant.page.conversation import Narrowed, narrowing
from assistant.page.faults import told
from assistant.render import answer_data, article_data, hit_data
from ingest.errors import KhabarError

_MOST = 20  # passages of one search


class Refused(Exception):
    """What is wrong with a request, for who made it."""


def endpoints(assistant: Assistant) -> list[Callable[..., dict[str, Any]]]:
    """The endpoints: their names, arguments and docstrings are what programs see."""

    def ask(
        question: str,
        since: str = "",
        until: str = "",
        publisher: str = "",
        language: str = "",
        quotes: int = 3,
        any_date: bool = False,
    ) -> dict[str, Any]:
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
        few = min(10, max(1, int(quotes)))
        return answer_data(assistant.ask(question, where=where, quotes=few, dated=not any_date))

    def search(
        question: str, limit: int = 5, since: str = "", until: str = "", publisher: str = "", language: str = ""
    ) -> dict[str, Any]:
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
        found = assistant.find(question, min(_MOST, max(1, int(limit))), where=where)
        return {"passages": [hit_data(hit) for hit in found]}

    def read_article(article_id: str) -> dict[str, Any]:
        """Read a whole article of the news archive.

        Args:
            article_id: as answers and passages name it.

        Returns:
            What `khabar show --json` prints.
        """
        return article_data(assistant.archive.article(assistant.archive.resolve(article_id)))

    return [_guarded(one) for one in (ask, search, read_article)]


def _narrowed(since: str, until: str, publisher: str, language: str) -> Narrowed:
    return Narrowed.model_construct(
        since=since,
        until=until,
        publishers=(publisher,) if publisher else (),
        languages=(language,) if language else (),
    )


def _guarded(endpoint: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The endpoint, with what goes wrong in it told as on the page."""

    @functools.wraps(endpoint)
    def guarded(*arguments: Any, **named: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a program sends
        try:
            return endpoint(*arguments, **named)
        except KhabarError as error:
            raise Refused(str(error)) from error
        except Exception as error:
            raise Refused(told(error, "en")) from error

    return guarded
