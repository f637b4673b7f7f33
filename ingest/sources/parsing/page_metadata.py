"""What a web page states about itself, beside its words: JSON-LD, meta elements, links, the dates that readers see."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from urllib.parse import urljoin, urlsplit

from ingest.language import one_line
from ingest.language.dates import parse_date
from ingest.sources.item import web_address

_JSON_LD_DATE = re.compile(r'"datePublished"\s*:\s*("(?:[^"\\]|\\.){4,60}")')
_META_DATES = (  # in the order of how often they are right
    "article:published_time og:article:published_time og:published_time datepublished rnews:datepublished "
    "parsely-pub-date sailthru.date dc.date.issued dcterms.issued dcterms.created dc.date dc:date dcterms.date "
    "publication_date publication-date publishdate publish-date publish_date pubdate published_date article.published "
    "originalpublicationdate citation_publication_date date"
).split()
_META_CHANGES = (
    "article:modified_time og:article:modified_time og:updated_time datemodified rnews:datemodified dcterms.modified "
    "dc.date.modified last-modified lastmod article.updated"
).split()
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(0?[1-9]|1[0-2])[/-]?(0?[1-9]|[12]\d|3[01])(?=[/.-]|$)")
_DATE_CLASS = re.compile(r"date|time|publish|stamp|posted|created", re.IGNORECASE)
_UPDATED = re.compile(r"updat|modif|تحديث|تعديل", re.IGNORECASE)
_CACHES = ("cdn.ampproject.org", "google.com/amp", "bing-amp.com")  # others' copies: what they name is the page itself
_CONTROLS = re.compile(r"[\x00-\x1f]")
BLOCKS = 50
"""JSON-LD elements of one page that are read; pages have one to five."""
_LARGEST_BLOCK = 1_000_000  # characters of one; the longest report in one has 60,000


@dataclass(frozen=True, slots=True)
class Stated:
    """What a page states; empty where it does not.

    Attributes:
        is_article: it says that it is one.
        address: its own, for good, if it may be believed.
        published: as `dates` found it first.
        changed: when it was last modified.
        language: ISO 639-1 code.
    """

    is_article: bool = False
    address: str = ""
    publisher: str = ""
    author: str = ""
    published: datetime | None = None
    changed: datetime | None = None
    language: str = ""


def stated(page: str, tree: Any, url: str, guess: str) -> Stated:  # noqa: ANN401 # lxml ships no types
    """Read what a page states about itself.

    Args:
        page: its source.
        tree: the same, parsed.
        url: where it was fetched; "" if that is not known.
        guess: its date as others guess it, "" for none; it counts where the page states none.
    """
    said = _json_ld(tree)
    metas = _metas(tree)
    address = _address(tree, metas, url)
    kind = metas.get("og:type", "").lower()
    return Stated(
        is_article=bool(said) or kind == "article" or "article:published_time" in metas or _has_body(tree),
        address=address,
        publisher=one_line(_name(said.get("publisher"))),
        author=one_line(_name(said.get("author"))),
        published=_published(page, tree, metas, address or url, guess),
        changed=_first_date([_text(said.get("dateModified")), *(metas.get(name, "") for name in _META_CHANGES)]),
        language=_language(_text(said.get("inLanguage")) or tree.get("lang") or metas.get("og:locale", "")),
    )


def _has_body(tree: Any) -> bool:  # noqa: ANN401 # lxml ships no types
    return bool(tree.xpath("boolean(//*[@itemprop='articleBody'])"))


def _json_ld(tree: Any) -> dict[str, Any]:  # noqa: ANN401 # lxml ships no types
    """The description of the article in JSON-LD, {} for none."""
    for element in tree.xpath("//script[@type='application/ld+json']")[:BLOCKS]:
        text = (element.text or "").strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
        if len(text) > _LARGEST_BLOCK:
            continue
        try:
            value = json.loads(_CONTROLS.sub(" ", text))
        except (ValueError, RecursionError):
            continue
        for one in _objects(value):
            kinds = one.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if any(isinstance(kind, str) and kind.endswith(("Article", "BlogPosting", "Report")) for kind in kinds):
                return one
    return {}


def _objects(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 # what JSON holds
    """The objects of a JSON-LD document: itself, those of its list or its graph, and what a page is mainly about."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one
            for inner in ("@graph", "mainEntity", "mainEntityOfPage"):
                if isinstance(one.get(inner), list | dict):
                    yield from (part for part in _listed(one[inner]) if isinstance(part, dict))


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 # what JSON holds
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:  # noqa: ANN401 # what JSON holds
    return value if isinstance(value, str) else ""


def _name(value: Any) -> str:  # noqa: ANN401 # what JSON holds
    """The names of persons or organisations in JSON-LD."""
    names = [_text(one.get("name")) if isinstance(one, dict) else _text(one) for one in _listed(value)]
    return ", ".join(dict.fromkeys(name.strip() for name in names if name and not web_address(name)))


def _metas(tree: Any) -> dict[str, str]:  # noqa: ANN401 # lxml ships no types
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        for key in ("property", "name", "itemprop"):
            metas.setdefault((meta.get(key) or "").lower(), meta.get("content") or "")
    return metas


def _address(tree: Any, metas: dict[str, str], url: str) -> str:  # noqa: ANN401 # lxml ships no types
    """The address that the page gives itself, if it is one of its own site; "" for none, or a front page's.

    A page that names another site's article would take that one's place in an archive.
    """
    links = tree.xpath("//link[contains(concat(' ', translate(@rel, 'CANOL', 'canol'), ' '), ' canonical ')]/@href")
    for named in (*links[:3], metas.get("og:url", "")):
        try:
            address = web_address(urljoin(url, named.strip()))
            parts = urlsplit(address)
        except ValueError:
            continue
        is_front = not parts.path.strip("/") and not parts.query
        if address and not is_front and (not url or _same_site(address, url) or _is_cache(url)):
            return address
    return ""


def _same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one site: the same host, but for "www.", "m." and "amp."."""
    hosts = [re.sub(r"^(?:(?:www|m|mobile|amp)\.)+", "", urlsplit(url).hostname or "") for url in (one, other)]
    return hosts[0] == hosts[1]


def _is_cache(url: str) -> bool:
    parts = urlsplit(url)
    place = f"{parts.hostname}{parts.path}"
    return any((parts.hostname or "").endswith(name) or place.removeprefix("www.").startswith(name) for name in _CACHES)


def _language(text: str) -> str:
    match = re.match(r"([a-z]{2})(?:[-_]|$)", text.strip().lower())
    return match[1] if match else ""


def _published(page: str, tree: Any, metas: dict[str, str], url: str, guess: str) -> datetime | None:  # noqa: ANN401
    """When the page says it was published; None where it does not say."""
    likely = [] if guess.endswith("-01-01") else [guess]  # that is a year alone
    return _first_date(chain(_stated_dates(page, tree, metas, url), likely))


def _first_date(texts: Any) -> datetime | None:  # noqa: ANN401 # any iterable of texts
    for text in texts:
        try:
            return parse_date(text, keep_day=True)
        except ValueError:
            continue
    return None


def _stated_dates(page: str, tree: Any, metas: dict[str, str], url: str) -> Iterator[str]:  # noqa: ANN401
    """What may be the date, the most trustworthy first."""
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
    yield from _seen_dates(tree)


def _seen_dates(tree: Any) -> Iterator[str]:  # noqa: ANN401 # lxml ships no types
    """Short texts that readers would take for the date line."""
    for element in tree.iter("time"):
        if element.get("datetime") and not _UPDATED.search(element.get("class") or ""):
            yield element.get("datetime")
    for element in tree.iter("span", "div", "p", "time", "small", "em", "li", "td"):
        marks = f"{element.get('class') or ''} {element.get('id') or ''}"
        if _DATE_CLASS.search(marks) and not _UPDATED.search(marks):
            text = one_line(element.text_content()[:200])
            if 6 <= len(text) <= 100 and not _UPDATED.search(text):
                yield text
