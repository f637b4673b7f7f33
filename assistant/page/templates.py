"""Render the page's markup with Jinja2 templates, which escape every value.

Only `templates/*.html`, the result of `isolate`, and text that a template itself marks as safe are markup.
"""

import functools
import re
from datetime import UTC
from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import Markup

from assistant.answer import EXTRACT
from assistant.formats.markdown import quote_markdown
from assistant.formats.text import quote_text
from assistant.formats.text_fragments import address_at
from assistant.messages import date
from assistant.page.bidi import isolate
from assistant.page.elapsed import elapsed, time_ago
from assistant.page.localization import archive_span, language_name, ui_direction, ui_text
from ingest.language import direction

if TYPE_CHECKING:
    from jinja2 import Environment

_LINE_BREAK = re.compile(r"\s*\n\s*")
_BETWEEN_TAGS = re.compile(r"(?<=[>}])\s*\n\s*(?=[<{])")


def render(template: str, language: str, **values: object) -> Markup:
    """Render a template, named without its suffix, in the given language of the interface."""
    return Markup(_environment(language).get_template(f"{template}.html").render(values))  # noqa: S704 - autoescaped


@functools.cache
def _environment(language: str) -> "Environment":
    """The environment of a language: its functions are bound to the language, so that macros need not pass it on."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # 40 ms

    environment = Environment(autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(_source))
    for function in (date, elapsed, time_ago, language_name, archive_span, quote_text, quote_markdown):
        environment.globals[function.__name__] = functools.partial(function, language=language)
    environment.globals["t"] = functools.partial(ui_text, language=language)
    environment.globals.update(language=language, page_direction=ui_direction(language), EXTRACT=EXTRACT, UTC=UTC)
    environment.filters.update(isolate=isolate, direction=direction, address_at=address_at)
    return environment


def _source(name: str) -> str:
    """Load a template; remove line breaks and indentation between tags, and make them one space elsewhere."""
    source = resources.files(__package__).joinpath("templates", name).read_text("utf-8").strip()
    return _LINE_BREAK.sub(" ", _BETWEEN_TAGS.sub("", source))
