"""Records, from JSON and from tables, with the field names that exports use, as articles."""

import functools
import re
from collections.abc import Callable
from textwrap import shorten
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import SourceError
from ingest.language import folded
from ingest.language.data import of_all_languages
from ingest.sources.item import Defaults, Item, Items
from ingest.sources.parsing.html_to_text import from_html
from ingest.sources.parsing.source_words import SourceWords
from ingest.sources.parsing.values import KEPT_UNDATED, date_or_reason, language_code, valid_url
from ingest.sources.raw_article import RawArticle, build_article

# Names of fields, the most specific first, normalised as `normalize_keys` does.
_TEXT = (
    "text fulltext articletext articlebody bodytext maintext content contenttext body contenthtml bodyhtml story "
    "storytext article html description summary abstract"
).split()
_TITLE = "title headline name heading articletitle".split()
_DATE = (
    "published publishedat publishedon datepublished publicationdate publishdate publisheddate pubdate date datetime "
    "publishedtime issued createdat created timestamp"
).split()
_PUBLISHER = "publisher publishername source sourcename site sitename outlet newspaper provider domain media".split()
_AUTHOR = "author authors byline creator writer".split()
_URL = "url link canonicalurl articleurl weburl permalink webpageurl sourceurl uri guid id".split()
_LANGUAGE = "language lang inlanguage languagecode".split()
_INSIDE = ("name", "rendered", "text", "value", "html", "plain", "title", "href", "url", "#text", "content")


def read_record(record: dict[str, Any], source: str, location: str, defaults: Defaults) -> Items:
    """Read the article of a record; a date that cannot be read costs an error, not the article.

    Args:
        record: from field names, in any spelling that is known, to values; HTML in them becomes text.
        source: the file or URL, for errors.
        location: in the source, as "line 12", for errors.
        defaults: stand in for what the record does not state.
    """
    if isinstance(inner := record.get("_source"), dict) and not has_text(record):  # Elasticsearch
        record = inner
    try:
        raw, date_error = _raw_article(record, defaults)
        if not raw.text.strip():
            names = shorten(", ".join(str(key) for key in record), 100, placeholder=" ...") or "no fields"
            reason = f"no text in it; looked for text, body, content, articleBody; it has {names}"
            raise SourceError(source, reason, location)
        article = build_article(raw, defaults, source, location)
    except SourceError as error:
        yield error
        return
    except (ValueError, RecursionError) as error:
        yield SourceError(source, f"the record could not be read: {error}", location)
        return
    yield Item(article)
    if date_error:
        yield SourceError(source, date_error + KEPT_UNDATED, location)


def from_document(document: Any, defaults: Defaults | None = None) -> Item:  # noqa: ANN401 # a llama-index Document
    """Read the article of a llama-index `Document`, so that any reader of LlamaHub is a source.

    Args:
        document: has `text`, `metadata` (whose fields are read as those of JSON Lines) and perhaps `id_`.
        defaults: stand in for what it does not state.

    Raises:
        SourceError: it is not an article, or its date cannot be read.
    """
    metadata = {str(key): value for key, value in dict(getattr(document, "metadata", None) or {}).items()}
    name = str(getattr(document, "id_", "") or metadata.get("url") or "a document")
    defaults = defaults or Defaults()
    raw, date_error = _raw_article({**metadata, "text": str(getattr(document, "text", "") or "")}, defaults)
    if date_error:
        raise SourceError(name, date_error)
    return Item(build_article(raw, defaults, name))


def has_text(record: dict[str, Any]) -> bool:
    """Return whether one of the fields that hold an article's text is not empty."""
    return bool(_field(record, _TEXT))


def _raw_article(record: dict[str, Any], defaults: Defaults) -> tuple[RawArticle, str]:
    """The article that a record states, and what is wrong with its date, "" for nothing."""
    stated_language = _field(record, _LANGUAGE)
    names = of_all_languages(SourceWords).language_names
    language = names.get(folded(stated_language)) or language_code(stated_language)
    published, date_error = date_or_reason(_field(record, _DATE), language or defaults.language)
    publisher, url = _field(record, _PUBLISHER), _field(record, _URL, valid_url)
    if valid_url(publisher):
        url, publisher = url or publisher, (urlsplit(publisher).hostname or "").removeprefix("www.")
    raw = RawArticle(
        text=from_html(_field(record, _TEXT, separator="\n\n")),
        title=from_html(_field(record, _TITLE)),
        url=url,
        publisher=from_html(publisher),
        author=from_html(_field(record, _AUTHOR)),
        published=published,
        language=language,
    )
    return raw, date_error


def normalize_keys(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record with its keys in lower case, without "_", "-" and spaces; the first of equal keys counts."""
    return {_normalize(str(key)): value for key, value in reversed(record.items())}


@functools.lru_cache(maxsize=1_000)  # the records of a file share their keys
def _normalize(key: str) -> str:
    return re.sub(r"[_\-\s]", "", key).casefold()


def _field(
    record: dict[str, Any], names: list[str], accept: Callable[[str], object] = bool, separator: str = ", "
) -> str:
    """The first of these fields whose value is acceptable; "" if there is none."""
    fields = normalize_keys(record)
    for name in names:
        if name in fields and accept(value := _string(fields[name], separator).strip()):
            return value
    return ""


def _string(value: Any, separator: str = ", ") -> str:  # noqa: ANN401 # what JSON holds
    """A value as text: a list by its parts, an object by the field that names or holds its text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return separator.join(filter(None, (_string(part, separator) for part in value)))
    if isinstance(value, dict):
        return next((text for name in _INSIDE if (text := _string(value.get(name), separator))), "")
    return ""
