"""The formats of news agencies: NITF, NewsML-G2 and ninjs.

The agency's id identifies an article in all its versions, so a correction replaces what it corrects. A kill notice
withdraws articles and is not one itself. An item under embargo states when the embargo ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

from ingest.article import Article, article_id
from ingest.errors import SourceError
from ingest.language import fold, one_line
from ingest.language.data import of_all_languages
from ingest.sources.item import Defaults, Item, Items, ResumableItems
from ingest.sources.parsing.html_to_text import from_html
from ingest.sources.parsing.safe_xml import element_text, find, local_name, parse_xml
from ingest.sources.parsing.source_words import SourceWords
from ingest.sources.parsing.values import date_or_none, language_code, valid_url
from ingest.sources.raw_article import RawArticle, build_article
from ingest.sources.reader import Document, Web

_KILLED = frozenset({"canceled", "cancelled", "killed", "kill", "withdrawn", "takedown"})
_WITHHELD = frozenset({"withheld", "embargoed"})
_PARAGRAPHS = frozenset(
    {"p", "hl2", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dd", "dt", "pre", "tr", "caption", "th", "td"}
)
_SKIPPED = frozenset({"media", "script", "style", "head", "figure", "note", "body.end", "body.head", "bibliography"})
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MAX_ITEMS = 5000  # articles of one file
_NINJS_FIELDS = "body_text body_xhtml bodies headlines pubstatus versioncreated bylines embargoed".split()


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What an agency sent.

    Attributes:
        key: the agency's id, the same for all versions.
        status: "usable", "canceled", "withheld" and so on, as the agency states it.
        embargo: aware, UTC: it may not be used before.
        note: to editors.
        kills: the keys of the dispatches that it withdraws.
        sent: when this version was made; None if that is not stated.
    """

    key: str
    raw: RawArticle
    status: str = "usable"
    embargo: datetime | None = None
    note: str = ""
    kills: tuple[str, ...] = ()
    sent: datetime | None = None


def read_nitf(document: Document, defaults: Defaults, web: Web | None = None) -> ResumableItems:
    """Read the article of a NITF document, version 2 or 3.

    Args:
        document: the document.
        defaults: stand in for what it does not state.
        web: not used.

    Raises:
        ValueError: it is not XML.
    """
    root = parse_xml(document.read_markup())
    yield _item(_nitf_dispatch(root, defaults.language), document.source, "", defaults)
    return True


def read_newsml(document: Document, defaults: Defaults, web: Web | None = None) -> ResumableItems:
    """Read the articles of a NewsML-G2 document.

    Args:
        document: the document.
        defaults: stand in for what it does not state.
        web: not used.

    Raises:
        ValueError: it is not XML, or it is NewsML 1.
    """
    root = parse_xml(document.read_markup())
    if local_name(root) == "NewsML":
        raise ValueError("NewsML 1 cannot be read; its successor NewsML-G2 can, and NITF")
    # A news item inside another is part of it.
    outermost = (item for item in root.iter("{*}newsItem") if next(item.iterancestors("{*}newsItem"), None) is None)
    items = list(islice(outermost, _MAX_ITEMS))
    if not items:
        yield SourceError(document.source, f"a {local_name(root)} without a news item that is text")
    for number, item in enumerate(items, 1):
        location = f"item {number}" if len(items) > 1 else ""
        yield _item(_newsml_dispatch(item, defaults.language), document.source, location, defaults)
    return True


def is_ninjs(value: dict[str, Any]) -> bool:
    """Return whether a JSON object is a ninjs document."""
    return isinstance(value.get("uri"), str) and sum(name in value for name in _NINJS_FIELDS) >= 2


def read_ninjs(value: dict[str, Any], source: str, location: str, defaults: Defaults, web: Web | None = None) -> Items:
    """Read the article of a ninjs document, version 1 to 3.

    Args:
        value: the document.
        source: the file or URL, for errors.
        location: in the source, as "line 12", for errors.
        defaults: stand in for what it does not state.
        web: not used.
    """
    yield _item(_ninjs_dispatch(value, defaults.language), source, location, defaults)


def _item(dispatch: Dispatch, source: str, location: str, defaults: Defaults) -> Item | SourceError:
    status = dispatch.status.lower().rpartition(":")[2]
    if status in _KILLED or dispatch.kills:
        return _kill_notice(dispatch)
    if status in _WITHHELD and not dispatch.embargo:
        return SourceError(source, f"it is {status}: its agency does not want it published", location)
    try:
        article = build_article(dispatch.raw, defaults, source, location)
    except SourceError as error:
        return error
    embargo = dispatch.embargo if dispatch.embargo and dispatch.embargo > datetime.now(UTC) else None
    return Item(article, embargo=embargo)


def _kill_notice(dispatch: Dispatch) -> Item:
    """The item that withdraws articles; its title says why."""
    raw = dispatch.raw
    url = valid_url(raw.url)
    keys = dispatch.kills or (dispatch.key,)
    ids = [article_id(url if key == dispatch.key and url else valid_url(key) or key, "") for key in keys]
    publisher = one_line(raw.publisher)
    title = one_line(dispatch.note) or f"withdrawn by {publisher or 'its agency'}: {one_line(raw.title)}"
    notice = Article(
        ids[0], title, "", url, publisher, published=raw.published, modified=dispatch.sent, fetched=datetime.now(UTC)
    )
    return Item(notice, withdraws=tuple(ids))


def _nitf_dispatch(root: Any, default_language: str) -> Dispatch:  # noqa: ANN401 # lxml ships no types
    head, body = find(root, "docdata"), find(root, "body")
    head = root if head is None else head
    body = root if body is None else body
    language = language_code(body.get(_XML_LANG) or root.get("lang") or "")
    date = partial(date_or_none, language=language or default_language)
    issued = _attribute(head, "norm", "date.issue")
    published = issued or _attribute(root, "date.publication", "pubdata")
    paragraphs = _paragraphs(find(body, "body.content"))
    abstract = find(body, "abstract")
    if not paragraphs and abstract is not None:
        paragraphs = _paragraphs(abstract)
    key = _attribute(head, "id-string", "doc-id")
    agency = _attribute(head, "regsrc", "doc-id") or element_text(find(body, "distributor"))
    publisher = _attribute(head, "holder", "doc.copyright") or _attribute(head, "provider", "doc.rights") or agency
    raw = RawArticle(
        text=_with_dateline(element_text(find(body, "dateline")), paragraphs),
        title=element_text(find(body, "hl1")) or element_text(find(root, "title")),
        url=_attribute(root, "ex-ref", "pubdata"),
        publisher=publisher,
        author=_byline(element_text(find(body, "byline"))),
        published=date(published) or date(_attribute(body, "norm", "story.date")),
        language=language,
        key=f"nitf:{key}" if key else "",
    )
    return Dispatch(
        key=raw.key or raw.title,
        raw=raw,
        status=head.get("management-status") or "usable",
        embargo=date(_attribute(head, "norm", "date.release")),
        note=element_text(find(head, "ed-msg")) or _attribute(head, "info", "ed-msg"),
        sent=date(issued),
    )


def _newsml_dispatch(item: Any, default_language: str) -> Dispatch:  # noqa: ANN401 # lxml ships no types
    meta, content = find(item, "itemMeta"), find(item, "contentMeta")
    meta = item if meta is None else meta
    content = item if content is None else content
    language = language_code(_attribute(content, "tag", "language") or item.get(_XML_LANG) or "")
    date = partial(date_or_none, language=language or default_language)
    first, last = date(element_text(find(meta, "firstCreated"))), date(element_text(find(meta, "versionCreated")))
    published = date(element_text(find(content, "contentCreated"))) or first or last
    guid, holder = item.get("guid", ""), find(item, "copyrightHolder")
    creators = ", ".join(map(_party_name, content.iter("{*}creator")))
    pages = [link.get("href") for link in _links(item, "alternate", "canonical", "seealso") if link.get("href")]
    raw = RawArticle(
        text=_with_dateline(element_text(find(content, "dateline")), _newsml_body(item)),
        title=element_text(find(content, "headline")) or element_text(find(meta, "title")),
        url=next(iter(pages), ""),
        publisher=_party_name(holder) or _party_name(find(meta, "provider")),
        author=_byline(element_text(find(content, "by"))) or creators.strip(", "),
        published=published,
        language=language,
        modified=last if last and published and last > published else None,
        key=f"newsml:{guid}" if guid else "",
    )
    status = find(meta, "pubStatus")
    return Dispatch(
        key=raw.key or raw.title,
        raw=raw,
        status=(status.get("qcode") or element_text(status)) if status is not None else "usable",
        embargo=date(element_text(find(meta, "embargoed"))),
        note=element_text(find(meta, "edNote")),
        kills=_newsml_kills(meta, raw.key),
        sent=last,
    )


def _newsml_kills(meta: Any, own_key: str) -> tuple[str, ...]:  # noqa: ANN401 # lxml ships no types
    """The keys of the dispatches that a kill signal withdraws; its own key if it links to none."""
    signals = {signal.get("qcode", "").lower().rpartition(":")[2] for signal in meta.iter("{*}signal")}
    if not signals & _KILLED:
        return ()
    links = _links(meta, "previousversion", "kills", "withdraws", "replaces")
    return tuple(f"newsml:{link.get('residref')}" for link in links if link.get("residref")) or (own_key,)


def _links(element: Any, *relations: str) -> Iterator[Any]:  # noqa: ANN401 # lxml ships no types
    """The links in an element that have one of these relations."""
    for link in element.iter("{*}link"):
        if link.get("rel", "").rpartition(":")[2].lower() in relations:
            yield link


def _ninjs_dispatch(value: dict[str, Any], default_language: str) -> Dispatch:
    uri, language = str(value["uri"]), language_code(_text(value, "language"))
    date = partial(date_or_none, language=language or default_language)
    first = date(_text(value, "contentcreated")) or date(_text(value, "firstcreated"))
    last = date(_text(value, "versioncreated"))
    raw = RawArticle(
        text=_with_dateline(_text(value, "dateline"), _ninjs_body(value)),
        title=_text(value, "headline") or _first_value(value.get("headlines")) or _text(value, "title"),
        url=_text(value, "canonical") or uri,
        publisher=_text(value, "copyrightholder") or _text(value, "provider") or _text(value, "source"),
        author=_byline(_text(value, "byline") or _first_value(value.get("bylines"))),
        published=first or last,
        language=language,
        modified=last if last and first and last > first else None,
        key=f"ninjs:{uri}",
    )
    return Dispatch(
        key=raw.key,
        raw=raw,
        status=_text(value, "pubstatus") or "usable",
        embargo=date(_text(value, "embargoed")) or date(_text(value, "embargoeduntil")),
        note=_text(value, "ednote"),
        sent=last,
    )


def _ninjs_body(value: dict[str, Any]) -> list[str]:
    plain = _text(value, "body_text")
    html = [text for name in value if name.startswith("body_") and name != "body_text" and (text := _text(value, name))]
    bodies = value.get("bodies")
    for body in bodies if isinstance(bodies, list) else []:
        if isinstance(body, dict) and (text := _text(body, "value")):
            if "plain" in _text(body, "contenttype") and not plain:
                plain = text
            else:
                html.append(text)
    whole = plain or next((from_html(text) for text in html), "") or _text(value, "description_text")
    return [part for part in whole.split("\n\n") if part.strip()]


def _first_value(values: Any) -> str:  # noqa: ANN401 # what JSON holds
    """The first value of a list of objects, the form of headlines and bylines since ninjs 2."""
    for item in values if isinstance(values, list) else []:
        if isinstance(item, dict) and (text := _text(item, "value") or _text(item, "name")):
            return text
    return ""


def _text(value: dict[str, Any], name: str) -> str:
    field = value.get(name)
    return field if isinstance(field, str) else str(field) if isinstance(field, int) else ""


def _newsml_body(item: Any) -> list[str]:  # noqa: ANN401 # lxml ships no types
    """The paragraphs of a newsItem: inline XML (XHTML or NITF), or inline data."""
    inline = find(item, "inlineXML")
    if inline is not None:
        body = find(inline, "body.content", "body")
        return _paragraphs(inline if body is None else body)
    data = find(item, "inlineData")
    text = from_html("".join(data.itertext())) if data is not None else ""
    return [part for part in text.split("\n\n") if part.strip()]


def _paragraphs(element: Any) -> list[str]:  # noqa: ANN401 # lxml ships no types
    """The texts of the paragraphs in an element; its own text if there are none."""
    if element is None:
        return []
    texts = [text for paragraph in _outermost_paragraphs(element) if (text := element_text(paragraph))]
    return texts or [text for text in [element_text(element)] if text]


def _outermost_paragraphs(element: Any) -> Iterator[Any]:  # noqa: ANN401 # lxml ships no types
    """The paragraphs in an element that are not inside another, without those of pictures and notes."""
    for child in element:
        name = local_name(child)
        if name in _PARAGRAPHS:
            yield child
        elif name and name not in _SKIPPED:
            yield from _outermost_paragraphs(child)


def _with_dateline(dateline: str, paragraphs: list[str]) -> str:
    """The text with the dateline as its first line, unless it already begins with the dateline's place."""
    dateline = one_line(dateline).rstrip(" -–—:")
    place = dateline.partition(",")[0].casefold()
    if paragraphs and not one_line(paragraphs[0]).casefold().startswith(place):
        paragraphs = [dateline, *paragraphs]
    return "\n\n".join(paragraphs)


def _byline(text: str) -> str:
    """The names of a byline, without the words before them."""
    whole = fold(text)
    words = (word for word in of_all_languages(SourceWords).bylines if whole.text.startswith(f"{word} "))
    names = next((text[whole.span(0, len(word) + 1)[1] :] for word in words), text)
    return names.strip(" ,.:")


def _party_name(element: Any) -> str:  # noqa: ANN401 # lxml ships no types
    """The name of a person or organisation, else its literal, else its code."""
    if element is None:
        return ""
    return element_text(find(element, "name")) or element.get("literal") or element.get("qcode", "").rpartition(":")[2]


def _attribute(element: Any, attribute: str, name: str) -> str:  # noqa: ANN401 # lxml ships no types
    descendant = find(element, name)
    return (descendant.get(attribute) or "") if descendant is not None else ""
