"""Read the metadata of a web page: JSON-LD, meta elements, links, and the dates that readers see."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from urllib.parse import urljoin, urlsplit

from ingest.language import folded, one_line
from ingest.language.data import of_all_languages
from ingest.sources.parsing.source_words import SourceWords
from ingest.sources.parsing.values import date_or_none, language_code, valid_url

_JSON_LD_DATE = re.compile(r'"datePublished"\s*:\s*("(?:[^"\\]|\\.){4,60}")')
_META_DATES = (  # the most reliable first
    "article:published_time og:article:published_time og:published_time datepublished rnews:datepublished "
    "parsely-pub-date sailthru.date dc.date.issued dcterms.issued dcterms.created dc.date dc:date dcterms.date "
    "publication_date publication-date publishdate publish-date publish_date pubdate published_date article.published "
    "originalpublicationdate citation_publication_date date"
).split()
_META_MODIFIED = (
    "article:modified_time og:article:modified_time og:updated_time datemodified rnews:datemodified dcterms.modified "
    "dc.date.modified last-modified lastmod article.updated"
).split()
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(0?[1-9]|1[0-2])[/-]?(0?[1-9]|[12]\d|3[01])(?=[/.-]|$)")
_DATE_CLASS = re.compile(r"date|time|publish|stamp|posted|created", re.IGNORECASE)
_CACHES = ("cdn.ampproject.org", "google.com/amp", "bing-amp.com")  # they serve copies of other sites' pages
_CONTROLS = re.compile(r"[\x00-\x1f]")
MAX_JSON_LD = 50
"""JSON-LD elements of one page that are read; pages have one to five."""
_MAX_JSON_LD_LENGTH = 1_000_000  # characters of one; the longest report in one has 60,000


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What a page states about itself; empty where it states nothing.

    Attributes:
        is_article: the page states that it is an article.
        url: its canonical URL, if that is one of the same site.
        published: aware, UTC.
        modified: aware, UTC.
        language: ISO 639-1 code.
    """

    is_article: bool = False
    url: str = ""
    publisher: str = ""
    author: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    language: str = ""


def read_metadata(
    page: str,
    tree: Any,  # noqa: ANN401 # lxml ships no types
    url: str,
    date_guess: str,
    default_language: str = "",
) -> PageMetadata:
    """Read what a page states about itself.

    Args:
        page: its source.
        tree: the same, parsed by lxml.
        url: where it was fetched; "" if that is not known.
        date_guess: a guess of its date, "" for none, used if the page states no date.
        default_language: ISO 639-1; its dates are read in it if it states no language.
    """
    article = _json_ld_article(tree)
    metas = _meta_elements(tree)
    canonical = _canonical_url(tree, metas, url)
    is_article = (
        bool(article)
        or metas.get("og:type", "").lower() == "article"
        or "article:published_time" in metas
        or bool(tree.xpath("boolean(//*[@itemprop='articleBody'])"))
    )
    # The first of January is likely the guess of a year alone.
    guesses = [] if date_guess.endswith("-01-01") else [date_guess]
    dates = chain(_date_candidates(page, tree, metas, canonical or url), guesses)
    modified_dates = [_string(article.get("dateModified")), *(metas.get(name, "") for name in _META_MODIFIED)]
    language = language_code(_string(article.get("inLanguage")) or tree.get("lang") or metas.get("og:locale", ""))
    return PageMetadata(
        is_article=is_article,
        url=canonical,
        publisher=one_line(_names(article.get("publisher"))),
        author=one_line(_names(article.get("author"))),
        published=_first_date(dates, language or default_language),
        modified=_first_date(modified_dates, language or default_language),
        language=language,
    )


def _json_ld_article(tree: Any) -> dict[str, Any]:  # noqa: ANN401 # lxml ships no types
    """The description of the article in JSON-LD; {} if there is none."""
    for element in tree.xpath("//script[@type='application/ld+json']")[:MAX_JSON_LD]:
        text = (element.text or "").strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
        if len(text) > _MAX_JSON_LD_LENGTH:
            continue
        try:
            value = json.loads(_CONTROLS.sub(" ", text))
        except (ValueError, RecursionError):
            continue
        for described in _json_ld_objects(value):
            for kind in _as_list(described.get("@type")):
                if isinstance(kind, str) and kind.endswith(("Article", "BlogPosting", "Report")):
                    return described
    return {}


def _json_ld_objects(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 # what JSON holds
    """The objects of a JSON-LD document, and those of their graphs and main entities."""
    for top in _as_list(value):
        if isinstance(top, dict):
            yield top
            for name in ("@graph", "mainEntity", "mainEntityOfPage"):
                yield from (inner for inner in _as_list(top.get(name)) if isinstance(inner, dict))


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401 # what JSON holds
    return value if isinstance(value, list) else [value]


def _string(value: Any) -> str:  # noqa: ANN401 # what JSON holds
    return value if isinstance(value, str) else ""


def _names(value: Any) -> str:  # noqa: ANN401 # what JSON holds
    """The names of people or organisations in JSON-LD, without those that are URLs."""
    names = [_string(party.get("name") if isinstance(party, dict) else party) for party in _as_list(value)]
    return ", ".join(dict.fromkeys(name.strip() for name in names if name and not valid_url(name)))


def _meta_elements(tree: Any) -> dict[str, str]:  # noqa: ANN401 # lxml ships no types
    """The contents of the meta elements, by name in lower case; the first of a name counts."""
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        for key in ("property", "name", "itemprop"):
            metas.setdefault((meta.get(key) or "").lower(), meta.get("content") or "")
    return metas


def _canonical_url(tree: Any, metas: dict[str, str], url: str) -> str:  # noqa: ANN401 # lxml ships no types
    """The URL that the page states for itself; "" for none, for a front page's, and for one of another site.

    With another site's URL, a page would replace that site's article in the archive.
    """
    host, path = urlsplit(url).hostname or "", urlsplit(url).path
    is_cache = host.endswith(_CACHES) or f"{host}{path}".removeprefix("www.").startswith(_CACHES)
    links = tree.xpath("//link[contains(concat(' ', translate(@rel, 'CANOL', 'canol'), ' '), ' canonical ')]/@href")
    for stated in (*links[:3], metas.get("og:url", "")):
        try:
            canonical = valid_url(urljoin(url, stated.strip()))
            parts = urlsplit(canonical)
        except ValueError:
            continue
        is_front = not parts.path.strip("/") and not parts.query
        if canonical and not is_front and (not url or _site(canonical) == _site(url) or is_cache):
            return canonical
    return ""


def _site(url: str) -> str:
    """The host without "www.", "m.", "mobile." and "amp."."""
    return re.sub(r"^(?:(?:www|m|mobile|amp)\.)+", "", urlsplit(url).hostname or "")


def _first_date(texts: Iterable[str], language: str) -> datetime | None:
    return next((date for text in texts if (date := date_or_none(text, language, keep_day=True))), None)


def _date_candidates(page: str, tree: Any, metas: dict[str, str], url: str) -> Iterator[str]:  # noqa: ANN401
    """Texts that may be the date of publication, the most reliable first."""
    for match in _JSON_LD_DATE.finditer(page):
        try:
            yield json.loads(match[1])
        except ValueError:
            continue
    yield from (metas[name] for name in _META_DATES if metas.get(name))
    for element in tree.xpath("//*[@itemprop='datePublished' or contains(@property, ':date') or @pubdate]"):
        yield element.get("content") or element.get("datetime") or element.text_content()
    if day := _URL_DATE.search(url):
        yield "-".join(day.groups())
    # Last, short texts that look like the date line.
    for element in tree.iter("time"):
        if element.get("datetime") and not _is_update(element.get("class") or ""):
            yield element.get("datetime")
    for element in tree.iter("span", "div", "p", "time", "small", "em", "li", "td"):
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if _DATE_CLASS.search(names) and not _is_update(names):
            text = one_line(element.text_content()[:200])
            if 6 <= len(text) <= 100 and not _is_update(text):
                yield text


def _is_update(text: str) -> bool:
    """Whether a date line, or the name of its element, is that of a change."""
    return of_all_languages(SourceWords).updated.search(folded(text)) is not None
