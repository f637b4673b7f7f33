"""Web pages: the article in them, without the furniture around it.

Trafilatura finds the text. The date is looked for where publishers state it and only then guessed by its htmldate: what
cannot be told from the year of a copyright line is no date. A front page, a list or an error is no article.
"""

import functools
import json
import logging
import re
from copy import copy
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import SourceError
from ingest.language import folded, one_line
from ingest.sources.item import Defaults, Draft, Item, Items, finish, stated_language, web_address
from ingest.sources.parsing.encoding import decode
from ingest.sources.parsing.page_metadata import BLOCKS, Stated, stated
from ingest.sources.parsing.safe_xml import ATTRIBUTES

MAX_PAGE_BYTES = 5_000_000
"""Bytes of a page that are read as one: the largest of news sites have 3 MB, and a parser needs 100 times that."""

_TAGS = 50_000  # of one page: the fullest of 37 pages of news sites has 2,800; the parsers need 4 to 12 s for so many
# A comment, or a tag with its attributes, as a browser sees them.
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<([a-z][^\s/>]*+)(?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+", re.I | re.DOTALL)
_VALUE = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*'|\S*)")
_DATA = 5_000  # characters of data (JSON-LD) that is none: the library looks for names in it, which takes its square
_SEPARATOR = re.compile(r"\s+[-–—|:»]+\s+")
_NOBODY = frozenset("admin administrator editor webmaster root user".split())
_ERROR_TITLE = re.compile(
    r"(?:just a moment|attention required|access denied|are you a robot|robot check|verify(?:ing)? you are human|"
    r"(?:error )?(?:40[134]|410|50[0234])\b|page not found|not found$|service unavailable|forbidden$|"
    r"الصفحة غير موجودة|الصفحة المطلوبة غير|عذرا،? الصفحة|خطأ 40|تم رفض الوصول)",
    re.IGNORECASE,
)
# The last words of a page that are the site's, not the report's.
_TAIL = re.compile(
    r"(?:©|\(c\)|copyright\b|all rights reserved|جميع الحقوق محفوظة|حقوق النشر|"
    r"الآراء الواردة|التعليقات المنشورة لا تعبر|[نت]رحب .{0,30}(?:بالنقاش|بالتعليقات|بتعليقات)|"
    r"(?:the )?(?:views|opinions) expressed (?:here|in the comments))",
    re.IGNORECASE,
)
_FEW = 120  # letters: below it a text is an article only if the page says that it is one; a brief report has 200
_ENDS = (".", "!", "?", "؟", "…", "»", "”", '"', ":")  # of sentences; headlines have none
_LINE = 60  # characters: the paragraphs of a list of headlines are shorter, those of reports are not


def read_html(
    data: bytes, source: str, defaults: Defaults, origin: str = "", url: str = "", charset: str = ""
) -> Items:
    """Read the article of a page.

    Args:
        data: the whole page.
        source: its name, for errors.
        defaults: what the page does not say.
        origin: see `Item`.
        url: where it was fetched; else the page's own word for it counts.
        charset: the encoding that the server said, "" if it did not.
    """
    try:
        if len(data) > MAX_PAGE_BYTES:
            raise ValueError(f"{len(data) / 1e6:.0f} MB; a page has at most {MAX_PAGE_BYTES // 1_000_000} MB")
        article = finish(_draft(decode(data, page=True, charset=charset), url), defaults, source)
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
    if page.count("<") > _TAGS:
        raise ValueError(f"{page.count('<'):,} tags; a page has at most {_TAGS:,}")
    _refuse_attributes(page)
    tree = _trafilatura().load_html(page)
    if tree is None:
        raise ValueError("no article was found in this page")
    # Precision: of 31 pages token F1 is .977, without it .966: it leaves out boilerplate; but short reports too.
    found = _text(tree, url, precisely=True)
    if len(found) < 2 * _FEW:
        found = _text(tree, url, precisely=False) or found
    guessed = _trafilatura().extract_metadata(_with_plain_data(tree), url or None, extensive=False)
    text = re.sub(r"\n+", "\n\n", found)
    said = stated(page, tree, url, guessed.date or "")
    address = said.address or web_address(url)
    site = one_line(guessed.sitename or "")
    title = _title(one_line(guessed.title or ""), site or said.publisher, text)
    first, _, rest = text.partition("\n\n")
    if folded(first) == folded(title):
        text = rest
    text = _without_tail(text)
    _refuse_others(said, title, text, url)
    author = one_line(guessed.author or "").replace("; ", ", ")
    return Draft(
        text=text,
        title=title,
        url=address,
        publisher=said.publisher or ("" if site.lower() in urlsplit(address).netloc else site),  # its host is no name
        author="" if author.casefold() in _NOBODY else author or said.author,
        published=said.published,
        modified=said.changed if said.changed != said.published else None,
        language=stated_language(said.language, text),
    )


def _refuse_attributes(page: str) -> None:
    """Raise a ValueError for a page with an element of more than 100 attributes."""
    place = 0
    while tag := _TAG.search(page, place):
        place = tag.end()
        name = (tag[1] or "").lower()
        if len(tag.group()) > ATTRIBUTES and len(_VALUE.sub("=", tag.group()).split()) > ATTRIBUTES + 1:
            raise ValueError(f"an element with more than {ATTRIBUTES} attributes; such a page is not read")
        if name in ("script", "style") and not tag.group().endswith("/"):  # what is in them is no markup
            end = re.compile(f"</{name}", re.IGNORECASE).search(page, place)
            place = end.start() if end else len(page)


def _with_plain_data(tree: Any) -> Any:  # noqa: ANN401 # lxml ships no types
    """A copy of the page, without the data of which the library would make too much work."""
    copied = copy(tree)
    for place, element in enumerate(copied.xpath(".//script[contains(@type, '+json')]")):
        text = element.text or ""
        if place >= BLOCKS or text.count("<") > _DATA // 10 or (len(text) > _DATA and not _is_json(text)):
            element.text = None
    return copied


def _is_json(text: str) -> bool:
    try:
        json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def _text(tree: Any, url: str, *, precisely: bool) -> str:  # noqa: ANN401 # lxml ships no types
    """The words of the article; "" for none."""
    found = _trafilatura().bare_extraction(tree, url=url or None, include_comments=False, favor_precision=precisely)
    return (found.text or "") if found else ""


def _refuse_others(said: Stated, title: str, text: str, url: str) -> None:
    """Raise a ValueError for a page that is something else than an article, which says what it is."""
    if _ERROR_TITLE.match(title):
        raise ValueError(f"this page is no article but an error or a check of the site: {title!r}")
    if said.is_article:
        return
    parts = urlsplit(url)
    if url and not parts.path.strip("/") and not parts.query:
        raise ValueError("this is the front page of a site, not an article; name an article, a feed or a sitemap")
    lines = [line for line in text.split("\n") if line]
    ended = sum(line.endswith(_ENDS) for line in lines)
    if len(lines) > 5 and median(map(len, lines)) < _LINE and ended < len(lines) / 10:
        raise ValueError("this page is a list, not an article; name an article, a feed or a sitemap")
    if url and sum(map(str.isalpha, text)) < _FEW:
        raise ValueError("no article was found in this page")


def _without_tail(text: str) -> str:
    """The text without the site's own words at its end, which are its last three paragraphs at most."""
    paragraphs = text.split("\n\n")
    for place in range(max(1, len(paragraphs) - 3), len(paragraphs)):
        if _TAIL.match(paragraphs[place].lstrip("* -_")):
            return "\n\n".join(paragraphs[:place])
    return text


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
