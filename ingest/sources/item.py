"""What a source yields, and the one way from what it says to an article."""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlsplit

from ingest.article import Article, article_id
from ingest.errors import SourceError
from ingest.language import clean, detect, direction, one_line, sentences

LARGEST = 20_000_000
"""Bytes of one article: the longest report of a news site is a hundredth of it."""

_FEWEST_LETTERS = 20  # below it a text is a caption, a menu or a stub: shorter than any sentence worth quoting
_SAID = 300  # characters of an error that are reported: it may repeat the article
_FIELD = 500  # characters of a title, a publisher or an author; the longest of 1,000 headlines has 150
_ADDRESS = 4000  # characters; browsers stop at some thousand more
_TITLE = 90  # characters of a title made from the text: two lines of a result list
_SHORT = 500  # characters: in longer texts statistics are right
_RIGHT_TO_LEFT = frozenset("ar fa ur he yi ps ckb sd ug dv ku".split())
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Item:
    """One article as a source gave it.

    Attributes:
        origin: the absolute path of a file that is one article: read again after a change, it is the same article.
            Empty for an article among others in one file.
        embargo: aware, UTC: kept out of the archive until then; None for an article that is free.
        withdraws: ids of articles that this item takes back. Its own id among them: it is a notice and no more, and is
            not stored; else it is stored as any other.
    """

    article: Article
    origin: str = ""
    embargo: datetime | None = None
    withdraws: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Defaults:
    """What is taken for true where a source does not say it.

    Attributes:
        published: aware, UTC.
        language: ISO 639-1 code; empty to find it from the text.
    """

    publisher: str = ""
    published: datetime | None = None
    language: str = ""


Items = Iterator[Item | SourceError]
"""Articles and, for each item that is none, why; in the order of the source."""


Reading = Generator[Item | SourceError, None, bool]
"""The same of a source that is asked again and again; by `yield from` whether nothing is left for another time."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a source says of an article, as it says it.

    Attributes:
        modified: aware, UTC: when it was last changed.
        key: names it for good where it has no address: the id that a feed or a wire gives it.
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


def finish(draft: Draft, defaults: Defaults, source: str, place: str = "") -> Article:
    """Make the article: cleaned, titled, with an id, a language, and the defaults where the source is silent.

    Raises:
        SourceError: the text has fewer than 20 letters, or more than 20 million characters, or something in it that
            makes a step fail.
    """
    if len(draft.text) > LARGEST:
        reason = f"{len(draft.text):,} characters; an article has at most {LARGEST:,}"
        raise SourceError(source, reason, place)
    try:
        return _finished(draft, defaults, source, place)
    except (SourceError, MemoryError):
        raise
    except Exception as error:  # whatever it is, it costs this article and not those behind it
        reason = f"this article could not be read: {type(error).__name__}: {error}"[:_SAID]
        raise SourceError(source, reason, place) from error


def _finished(draft: Draft, defaults: Defaults, source: str, place: str) -> Article:
    text = clean(draft.text)
    letters = sum(1 for _ in islice(_LETTERS.finditer(text), _FEWEST_LETTERS))
    if letters < _FEWEST_LETTERS:
        raise SourceError(source, f"no text: {letters} letters, an article has at least {_FEWEST_LETTERS}", place)
    url = web_address(draft.url)
    return Article(
        id=article_id(url or draft.key, text),
        title=_field(draft.title) or made_title(text),
        text=text,
        url=url,
        publisher=_field(draft.publisher) or _field(defaults.publisher) or _host(url),
        author=_field(draft.author),
        published=draft.published or defaults.published,
        language=draft.language or defaults.language or detect(text),
        fetched=datetime.now(UTC).replace(microsecond=0),
        modified=draft.modified,
    )


def _field(text: str) -> str:
    """A title or a name on one line; the end of one that is too long is cut off."""
    line = one_line(text[: 10 * _FIELD])
    return line if len(line) <= _FIELD else line[: _FIELD - 1].rstrip() + "…"


def stated_language(code: str, text: str) -> str:
    """The language that a page or a feed states, where nothing speaks against it; "" to find it from the text.

    "en" is what templates say of pages in any language: it counts for a short text of ASCII letters only.
    """
    if direction(text) != ("rtl" if code in _RIGHT_TO_LEFT else "ltr"):
        return ""
    return "" if code == "en" and (len(text) > _SHORT or not text.replace("’", "'").isascii()) else code


def web_address(text: str) -> str:
    """The address if it is one that a reader can open, http or https with a host; else ""."""
    if len(text) > 2 * _ADDRESS:
        return ""
    address = one_line(text)
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    good = parts.scheme.lower() in ("http", "https") and parts.hostname and not re.search(r"[\s<>\"]", address)
    return address if good and len(address) <= _ADDRESS else ""


def made_title(text: str) -> str:
    """A title for a text that has none: its first sentence, cut at a word."""
    start, end = (sentences(text[:1000]) or [(0, 0)])[0]
    first = one_line(text[start:end])
    if len(first) <= _TITLE:
        return first.rstrip(".۔")
    cut = first[:_TITLE].rsplit(None, 1)[0] if " " in first[:_TITLE] else first[:_TITLE]
    return cut.rstrip(" ,،;؛:-–—") + "…"


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
