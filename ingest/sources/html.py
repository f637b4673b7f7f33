"""Web pages as files: the article in them, without the furniture around it.

Trafilatura finds the text. The date is looked for where publishers state it and only then guessed by htmldate: what
cannot be told from the year of a copyright line is no date.
"""

import functools
import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ingest.dates import parse_date
from ingest.errors import SourceError
from ingest.sources.encoding import decode
from ingest.sources.item import Defaults, Draft, Found, Item, finish, web_address
from ingest.text import folded, one_line

_JSON_LD_DATE = re.compile(r'"datePublished"\s*:\s*("(?:[^"\\]|\\.){4,60}")')
_META_DATES = (  # in the order of how often they are right
    "article:published_time og:article:published_time og:published_time datepublished rnews:datepublished "
    "parsely-pub-date sailthru.date dc.date.issued dcterms.issued dcterms.created dc.date dc:date dcterms.date "
    "publication_date publication-date publishdate publish-date publish_date pubdate published_date article.published "
    "originalpublicationdate citation_publication_date date"
).split()
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(0?[1-9]|1[0-2])[/-]?(0?[1-9]|[12]\d|3[01])(?=[/.-]|$)")
_DATE_CLASS = re.compile(r"date|time|publish|stamp|posted|created", re.IGNORECASE)
_UPDATED = re.compile(r"updat|modif|تحديث|تعديل", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s+[-–—|:»]+\s+")
_NOBODY = frozenset("admin administrator editor webmaster root user".split())


def read_html(data: bytes, source: str, defaults: Defaults, origin: str = "", url: str = "") -> Found:
    """Read the article of a page.

    Args:
        data: the whole page.
        source: its name, for errors.
        defaults: what the page does not say.
        origin: see `Item`.
        url: where it was fetched; else the page's own word for it counts.
    """
    try:
        page = decode(data, page=True)
        draft = _draft(page, url)
        article = finish(draft, defaults, source)
    except SourceError:
        yield SourceError(source, "no article was found in this page")
    except ValueError as error:
        yield SourceError(source, str(error))
    except Exception as error:  # whatever a parser thinks of a page costs that page
        yield SourceError(source, f"this page could not be read: {type(error).__name__}: {error}")
    else:
        yield Item(article, origin)


@functools.cache
def _trafilatura() -> Any:  # noqa: ANN401 # a module
    import trafilatura  # 0.5 s

    for name in ("trafilatura", "htmldate", "courlan", "justext"):  # they report each page that is not as they like
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return trafilatura


def _draft(page: str, url: str) -> Draft:
    tree = _trafilatura().load_html(page)
    if tree is None:
        raise ValueError("no article was found in this page")
    # Precision: of 31 pages token F1 is .977, without it .966: what it leaves out is boilerplate.
    found = _trafilatura().bare_extraction(
        page, url=url or None, include_comments=False, favor_precision=True, with_metadata=True
    )
    text = re.sub(r"\n+", "\n\n", found.text or "") if found else ""
    address = url or _own_address(found.url or "" if found else "")
    site = one_line(found.sitename or "") if found else ""
    title = _title(one_line(found.title or "") if found else "", site, text)
    first, _, rest = text.partition("\n\n")
    if folded(first) == folded(title):
        text = rest
    author = one_line(found.author or "").replace("; ", ", ") if found else ""
    return Draft(
        text=text,
        title=title,
        url=address,
        publisher=site,
        author="" if author.casefold() in _NOBODY else author,
        published=_published(page, tree, address),
    )


def _own_address(url: str) -> str:
    """The address that the page gives itself; a front page's would make all pages of a site one article."""
    address = web_address(url)
    return address if urlsplit(address).path.strip("/") or urlsplit(address).query else ""


def _title(title: str, site: str, text: str) -> str:
    """The headline without the name of the site around it."""
    parts = _SEPARATOR.split(title)
    if len(parts) < 2:
        return title
    first_line = folded(text.partition("\n")[0])
    for cut in (title[: title.rfind(parts[-1])], title[len(parts[0]) :]):
        headline = re.sub(r"^[\s\-–—|:»]+|[\s\-–—|:»]+$", "", cut)
        rest = parts[-1] if title.startswith(headline) else parts[0]
        if folded(headline) == first_line or (site and folded(rest) in (folded(site), folded(site).replace(" ", ""))):
            return headline
    return title


def _published(page: str, tree: Any, url: str) -> datetime | None:  # noqa: ANN401 # lxml ships no types
    """When the page says it was published; None where it does not say."""
    for text in _stated_dates(page, tree, url):
        try:
            return parse_date(text, keep_day=True)
        except ValueError:
            continue
    return None


def _stated_dates(page: str, tree: Any, url: str) -> Iterator[str]:  # noqa: ANN401 # lxml ships no types
    """What may be the date, the most trustworthy first."""
    for match in _JSON_LD_DATE.finditer(page):
        try:
            yield json.loads(match[1])
        except ValueError:
            continue
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        for key in ("property", "name", "itemprop"):
            metas.setdefault((meta.get(key) or "").lower(), meta.get("content") or "")
    yield from (metas[name] for name in _META_DATES if metas.get(name))
    for element in tree.xpath("//*[@itemprop='datePublished' or contains(@property, ':date') or @pubdate]"):
        yield element.get("content") or element.get("datetime") or element.text_content()
    if day := _URL_DATE.search(url):
        yield "-".join(day.groups())
    yield from _seen_dates(tree)
    from htmldate import find_date  # trafilatura has loaded it

    guess = find_date(page, url=url or None, original_date=True, extensive_search=False) or ""
    if not guess.endswith("-01-01"):  # a year alone
        yield guess


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
