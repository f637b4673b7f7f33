"""An article as its source states it, and how it becomes an `Article`: cleaned, titled, with an id and a language."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlsplit

from ingest.article import Article, article_id
from ingest.errors import SourceError
from ingest.language import clean, detect, one_line, sentences
from ingest.sources.item import Defaults
from ingest.sources.parsing.values import valid_url
from ingest.sources.reader import MAX_DOCUMENT_BYTES

_MIN_LETTERS = 20  # a shorter text is a caption, a menu or a stub: shorter than any sentence worth quoting
_MAX_REASON = 300  # characters of an error message that are reported, as it may repeat the article
_MAX_FIELD = 500  # characters of a title, a publisher or an author; the longest of 1,000 headlines has 150
_MAX_MADE_TITLE = 90  # characters of a title made from the text: two lines of a result list
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class RawArticle:
    """An article as its source states it; empty where the source states nothing.

    Attributes:
        published: aware, UTC.
        modified: aware, UTC: when it was last changed.
        key: identifies an article without a URL: the id that a feed or a news agency gives it.
    """

    text: str
    title: str = ""
    url: str = ""
    publisher: str = ""
    author: str = ""
    published: datetime | None = None
    language: str = ""
    modified: datetime | None = None
    key: str = ""


def build_article(raw: RawArticle, defaults: Defaults, source: str, location: str = "") -> Article:
    """Build an article; the defaults stand in for what its source does not state.

    Args:
        raw: as its source states it.
        defaults: publisher, date and language.
        source: the file or URL, for errors.
        location: in the source, as "line 12", for errors.

    Raises:
        SourceError: the text has fewer than 20 letters or more than 20 million characters, or it makes a step fail.
    """
    if len(raw.text) > MAX_DOCUMENT_BYTES:
        reason = f"{len(raw.text):,} characters; an article has at most {MAX_DOCUMENT_BYTES:,}"
        raise SourceError(source, reason, location)
    try:
        return _build(raw, defaults, source, location)
    except (SourceError, MemoryError):
        raise
    except Exception as error:  # an unforeseen error costs this article, not the ones after it
        reason = f"this article could not be read: {type(error).__name__}: {error}"[:_MAX_REASON]
        raise SourceError(source, reason, location) from error


def _build(raw: RawArticle, defaults: Defaults, source: str, location: str) -> Article:
    text = clean(raw.text)
    letters = sum(1 for _ in islice(_LETTERS.finditer(text), _MIN_LETTERS))
    if letters < _MIN_LETTERS:
        reason = f"no text: {letters} letters, an article has at least {_MIN_LETTERS}"
        raise SourceError(source, reason, location)
    url = valid_url(raw.url)
    site = (urlsplit(url).hostname or "").removeprefix("www.")
    return Article(
        id=article_id(url or raw.key, text),
        title=_shortened(raw.title) or title_from(text),
        text=text,
        url=url,
        publisher=_shortened(raw.publisher) or _shortened(defaults.publisher) or site,
        author=_shortened(raw.author),
        published=raw.published or defaults.published,
        language=raw.language or defaults.language or detect(text),
        fetched=datetime.now(UTC).replace(microsecond=0),
        modified=raw.modified,
    )


def _shortened(field: str) -> str:
    """A title or a name on one line, its end cut off if it is too long."""
    line = one_line(field[: 10 * _MAX_FIELD])
    return line if len(line) <= _MAX_FIELD else line[: _MAX_FIELD - 1].rstrip() + "…"


def title_from(text: str) -> str:
    """Make a title for a text that has none: its first sentence, cut at a word if it is long."""
    start, end = (sentences(text[:1000]) or [(0, 0)])[0]
    sentence = one_line(text[start:end])
    if len(sentence) <= _MAX_MADE_TITLE:
        return sentence.rstrip(".۔")
    cut = sentence[:_MAX_MADE_TITLE]
    if " " in cut:
        cut = cut.rsplit(None, 1)[0]
    return cut.rstrip(" ,،;؛:-–—") + "…"
