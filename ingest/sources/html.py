"""Web pages: extract the article, without the boilerplate around it.

Trafilatura extracts the text. The date is taken from where publishers state it, and only then from htmldate's guess,
unless that could be the year of a copyright line. Front pages, lists and error pages are not articles.
"""

import functools
import json
import logging
import re
import threading
from copy import copy
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import SourceError
from ingest.language import folded, one_line
from ingest.language.data import of_all_languages
from ingest.language.patterns import alternation
from ingest.sources.item import Defaults, Item, Items
from ingest.sources.parsing.page_metadata import MAX_JSON_LD, PageMetadata, read_metadata
from ingest.sources.parsing.safe_xml import MAX_ATTRIBUTES
from ingest.sources.parsing.source_words import SourceWords
from ingest.sources.parsing.values import plausible_language, valid_url
from ingest.sources.raw_article import RawArticle, build_article
from ingest.sources.reader import Document, Web

MAX_PAGE_BYTES = 5_000_000
"""Of a page: the largest of news sites have 3 MB, and a parser takes 100 times that in memory."""

_MAX_TAGS = 50_000  # of a page, 4 to 12 s for the parsers; the most of 37 pages of news sites is 2,800
# A comment, or a tag with its attributes, as browsers parse them.
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<([a-z][^\s/>]*+)(?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+", re.I | re.DOTALL)
_VALUE = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*'|\S*)")
_MAX_BROKEN_JSON = 5_000  # characters: Trafilatura searches JSON-LD that does not parse in quadratic time
_SEPARATOR = re.compile(r"\s+[-–—|:»]+\s+")
_MIN_LETTERS = 120  # a shorter text is an article only if its page states that it is one; a brief report has 200
_SENTENCE_ENDS = (".", "!", "?", "؟", "…", "»", "”", '"', ":")  # headlines have none
_MIN_PARAGRAPH = 60  # characters: the lines of a list of headlines are shorter, the paragraphs of reports are longer
_NO_ARTICLE = "no article was found in this page"
# Python runs one thread at a time, and parsers in ten threads slow each other down: 300 pages of ten feeds took 4.2 s,
# one by one 2.8 s (python tests/bench/watching.py beside).
_one_parser = threading.Lock()


class NotAnArticleError(SourceError):
    """A page that is something else than an article: a front page, a list, an error."""


def read_html(document: Document, defaults: Defaults, web: Web | None = None) -> Items:
    """Read the article of a web page.

    Args:
        document: the page, of at most 5 MB; without a `url`, the address that the page itself states counts.
        defaults: stand in for what the page does not state.
        web: not used.

    Raises:
        NotAnArticleError: the page is something else.
        ValueError: it is empty, too long, or not text.
    """
    page = document.read_markup(MAX_PAGE_BYTES)
    with _one_parser:
        try:
            article = build_article(_raw_article(page, document, defaults.language), defaults, document.source)
        except NotAnArticleError:
            raise
        except SourceError as error:  # no text
            raise NotAnArticleError(document.source, _NO_ARTICLE) from error
    yield Item(article, document.origin)


@functools.cache
def _trafilatura() -> Any:  # noqa: ANN401 # a module
    import trafilatura  # 0.5 s

    for name in ("trafilatura", "htmldate", "courlan", "justext"):  # they log a line for each unusual page
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return trafilatura


def _raw_article(page: str, document: Document, default_language: str) -> RawArticle:
    if page.count("<") > _MAX_TAGS:
        raise ValueError(f"{page.count('<'):,} tags; a page may have at most {_MAX_TAGS:,}")
    _refuse_many_attributes(page)
    tree = _trafilatura().load_html(page)
    if tree is None:
        raise NotAnArticleError(document.source, _NO_ARTICLE)
    # With `favor_precision` token F1 on 31 pages is .977, without it .966: it leaves out boilerplate, but also short
    # reports (tests/bench/page_quality.py).
    text = _extract_text(tree, document.url, favor_precision=True)
    if len(text) < 2 * _MIN_LETTERS:
        text = _extract_text(tree, document.url, favor_precision=False) or text
    text = re.sub(r"\n+", "\n\n", text)
    guess = _trafilatura().extract_metadata(_without_large_json(tree), document.url or None, extensive=False)
    metadata = read_metadata(page, tree, document.url, guess.date or "", default_language)
    url = metadata.url or valid_url(document.url)
    site = one_line(guess.sitename or "")
    title = _headline(one_line(guess.title or ""), site or metadata.publisher, text)
    first, _, rest = text.partition("\n\n")
    if folded(first) == folded(title):
        text = rest
    text = _without_tail(text)
    if reason := _why_not_an_article(metadata, title, text, document.url):
        raise NotAnArticleError(document.source, reason)
    author = one_line(guess.author or "").replace("; ", ", ")
    return RawArticle(
        text=text,
        title=title,
        url=url,
        publisher=metadata.publisher or ("" if site.lower() in urlsplit(url).netloc else site),  # a host is not a name
        author="" if folded(author) in of_all_languages(SourceWords).nobody else author or metadata.author,
        published=metadata.published,
        modified=metadata.modified if metadata.modified != metadata.published else None,
        language=plausible_language(metadata.language, text),
    )


def _refuse_many_attributes(page: str) -> None:
    """Raise a ValueError for a page with an element of more than 100 attributes."""
    position = 0
    while tag := _TAG.search(page, position):
        position = tag.end()
        name = (tag[1] or "").lower()
        if len(tag.group()) > MAX_ATTRIBUTES and len(_VALUE.sub("=", tag.group()).split()) > MAX_ATTRIBUTES + 1:
            raise ValueError(f"an element with more than {MAX_ATTRIBUTES} attributes; such a page is not read")
        if name in ("script", "style") and not tag.group().endswith("/"):  # their content is not markup
            end = re.compile(f"</{name}", re.IGNORECASE).search(page, position)
            position = end.start() if end else len(page)


def _without_large_json(tree: Any) -> Any:  # noqa: ANN401 # lxml ships no types
    """A copy of the page without the JSON-LD that Trafilatura would take too long to search."""
    copied = copy(tree)
    for index, element in enumerate(copied.xpath(".//script[contains(@type, '+json')]")):
        text = element.text or ""
        is_too_large = index >= MAX_JSON_LD or text.count("<") > _MAX_BROKEN_JSON // 10
        if not is_too_large and len(text) > _MAX_BROKEN_JSON:
            try:
                json.loads(text, strict=False)
            except (ValueError, RecursionError):
                is_too_large = True
        if is_too_large:
            element.text = None
    return copied


def _extract_text(tree: Any, url: str, *, favor_precision: bool) -> str:  # noqa: ANN401 # lxml ships no types
    extracted = _trafilatura().bare_extraction(
        tree, url=url or None, include_comments=False, favor_precision=favor_precision
    )
    return (extracted.text or "") if extracted else ""


def _why_not_an_article(metadata: PageMetadata, title: str, text: str, url: str) -> str:
    """What the page is instead of an article; "" for an article."""
    if of_all_languages(SourceWords).error_titles.match(folded(title)):
        return f"this page is an error or a bot check of the site, not an article: {title!r}"
    if metadata.is_article:
        return ""
    parts = urlsplit(url)
    if url and not parts.path.strip("/") and not parts.query:
        return "this is the front page of a site, not an article; name an article, a feed or a sitemap"
    lines = [line for line in text.split("\n") if line]
    sentences = sum(line.endswith(_SENTENCE_ENDS) for line in lines)
    if len(lines) > 5 and median(map(len, lines)) < _MIN_PARAGRAPH and sentences < len(lines) / 10:
        return "this page is a list, not an article; name an article, a feed or a sitemap"
    return _NO_ARTICLE if url and sum(map(str.isalpha, text)) < _MIN_LETTERS else ""


def _without_tail(text: str) -> str:
    """The text without the site's own words in its last three paragraphs."""
    site_note = rf"©|\(c\)|{alternation(of_all_languages(SourceWords).site_notes)}"
    paragraphs = text.split("\n\n")
    for index in range(max(1, len(paragraphs) - 3), len(paragraphs)):
        if re.match(site_note, folded(paragraphs[index].lstrip("* -_"))):
            return "\n\n".join(paragraphs[:index])
    return text


def _headline(title: str, site: str, text: str) -> str:
    """The title of a page without the name of its site."""
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
