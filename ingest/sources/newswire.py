"""What news agencies send: NITF, NewsML-G2 and ninjs.

The agency's own id names an article through all its versions, so that a correction takes the place of what it corrects.
A kill notice withdraws articles and is none itself. What is embargoed carries its time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from ingest.article import Article, article_id
from ingest.errors import SourceError
from ingest.language import one_line
from ingest.language.dates import parse_date
from ingest.sources.item import Defaults, Draft, Item, Items, finish, web_address
from ingest.sources.parsing.html_to_text import from_html
from ingest.sources.parsing.safe_xml import find, local, words

_KILLED = frozenset({"canceled", "cancelled", "killed", "kill", "withdrawn", "takedown"})
_WITHHELD = frozenset({"withheld", "embargoed"})
_BLOCKS = frozenset(
    {"p", "hl2", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dd", "dt", "pre", "tr", "caption", "th", "td"}
)
_UNREAD = frozenset({"media", "script", "style", "head", "figure", "note", "body.end", "body.head", "bibliography"})
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MESSAGES = 5000  # articles of one file


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What an agency sent.

    Attributes:
        key: the agency's id, without the version.
        version: its number, "" if it has none.
        status: "usable", "canceled", "withheld" ... as the agency says it.
        note: to editors.
        kills: the keys of others that it withdraws.
        sent: when this version was made; None if that is not said.
    """

    key: str
    draft: Draft
    version: str = ""
    status: str = "usable"
    embargo: datetime | None = None
    note: str = ""
    kills: tuple[str, ...] = ()
    sent: datetime | None = None


def read_wire(root: Any, source: str, defaults: Defaults) -> Items:  # noqa: ANN401 # lxml ships no types
    """Read a NITF document, or the items of a NewsML-G2 one.

    Args:
        root: parsed by `hardened.parse_xml`.
        source: its name, for errors.
        defaults: what it does not say.
    """
    if local(root) == "nitf":
        yield from _finished(_nitf(root), source, "", defaults)
        return
    items = [root] if local(root) == "newsItem" else list(islice(_outermost_items(root), _MESSAGES))
    if not items:
        yield SourceError(source, f"a {local(root)} without a news item that is text")
    for place, item in enumerate(items, 1):
        where = f"item {place}" if len(items) > 1 else ""
        yield from _finished(_news_item(item), source, where, defaults)


def _outermost_items(root: Any) -> Iterator[Any]:  # noqa: ANN401 # lxml ships no types
    """The news items of a message; one inside another is part of that."""
    for item in root.iter("{*}newsItem"):
        if next(item.iterancestors("{*}newsItem"), None) is None:
            yield item


def is_ninjs(value: Any) -> bool:  # noqa: ANN401 # what JSON holds
    """Whether a JSON object is a ninjs document."""
    if not isinstance(value, dict) or not isinstance(value.get("uri"), str):
        return False
    marks = ("body_text", "body_xhtml", "bodies", "headlines", "pubstatus", "versioncreated", "bylines", "embargoed")
    return sum(name in value for name in marks) >= 2


def read_ninjs(value: dict[str, Any], source: str, place: str, defaults: Defaults) -> Items:
    """Read a ninjs document, versions 1 to 3."""
    yield from _finished(_ninjs(value), source, place, defaults)


def _finished(dispatch: Dispatch, source: str, place: str, defaults: Defaults) -> Items:
    """The item of a dispatch."""
    status = dispatch.status.lower().rpartition(":")[2]
    if status in _KILLED or dispatch.kills:
        yield _notice(dispatch)
        return
    if status in _WITHHELD and not dispatch.embargo:
        yield SourceError(source, f"it is {status}: its agency does not want it published", place)
        return
    try:
        article = finish(dispatch.draft, defaults, source, place)
    except SourceError as error:
        yield error
        return
    embargo = dispatch.embargo if dispatch.embargo and dispatch.embargo > datetime.now(UTC) else None
    yield Item(article, embargo=embargo)


def _notice(dispatch: Dispatch) -> Item:
    """The item of a kill notice: it takes articles back and is none itself. Its title says why."""
    draft = dispatch.draft
    own = web_address(draft.url)
    keys = dispatch.kills or (dispatch.key,)
    ids = [article_id(own if key == dispatch.key and own else web_address(key) or key, "") for key in keys]
    publisher = one_line(draft.publisher)
    why = one_line(dispatch.note) or f"withdrawn by {publisher or 'its agency'}: {one_line(draft.title)}"
    notice = Article(
        ids[0], why, "", own, publisher, published=draft.published, modified=dispatch.sent, fetched=datetime.now(UTC)
    )
    return Item(notice, withdraws=tuple(ids))


def _nitf(root: Any) -> Dispatch:  # noqa: ANN401 # lxml ships no types
    """Read a NITF document, 2 or 3."""
    head, body = find(root, "docdata"), find(root, "body")
    head = root if head is None else head
    body = root if body is None else body
    published = _attribute(head, "norm", "date.issue") or _attribute(root, "date.publication", "pubdata")
    paragraphs = _paragraphs(find(body, "body.content"))
    abstract = find(body, "abstract")
    if not paragraphs and abstract is not None:
        paragraphs = _paragraphs(abstract)
    dateline = words(find(body, "dateline"))
    identity, identified = find(head, "doc-id"), find(root, "pubdata")
    key = identity.get("id-string", "") if identity is not None else ""
    publisher = _attribute(head, "holder", "doc.copyright") or _attribute(head, "provider", "doc.rights")
    link = identified.get("ex-ref", "") if identified is not None else ""
    release = _date(_attribute(head, "norm", "date.release"))
    title = words(find(body, "hl1")) or words(find(root, "title"))
    agency = (identity.get("regsrc", "") if identity is not None else "") or words(find(body, "distributor"))
    draft = Draft(
        text=_with_dateline(dateline, paragraphs),
        title=title,
        url=link,
        publisher=publisher or agency,
        author=_byline(words(find(body, "byline"))),
        published=_date(published) or _date(_attribute(body, "norm", "story.date")),
        language=_code(body.get(_XML_LANG) or root.get("lang") or ""),
        key=f"nitf:{key}" if key else "",
    )
    version = _attribute(head, "version", "du-key")
    status = head.get("management-status") or "usable"
    note = words(find(head, "ed-msg")) or _attribute(head, "info", "ed-msg")
    sent = _date(_attribute(head, "norm", "date.issue"))
    return Dispatch(draft.key or title, draft, version, status, release, note, (), sent)


def _news_item(item: Any) -> Dispatch:  # noqa: ANN401 # lxml ships no types
    """Read a newsItem of NewsML-G2."""
    meta, content = find(item, "itemMeta"), find(item, "contentMeta")
    meta = item if meta is None else meta
    content = item if content is None else content
    guid = item.get("guid", "")
    signals = [one.get("qcode", "").lower().rpartition(":")[2] for one in meta.iter("{*}signal")]
    links = [
        one.get("residref", "")
        for one in meta.iter("{*}link")
        if one.get("rel", "").rpartition(":")[2].lower() in ("previousversion", "kills", "withdraws", "replaces")
    ]
    killing = any(signal in _KILLED for signal in signals)
    first, last = _date(words(find(meta, "firstCreated"))), _date(words(find(meta, "versionCreated")))
    published = _date(words(find(content, "contentCreated"))) or first or last
    provider, holder = find(meta, "provider"), find(item, "copyrightHolder")
    draft = Draft(
        text=_with_dateline(words(find(content, "dateline")), _content(item)),
        title=words(find(content, "headline")) or words(find(meta, "title")),
        url=_web_link(item),
        publisher=_named(holder) or _named(provider),
        author=_byline(words(find(content, "by"))) or ", ".join(map(_named, content.iter("{*}creator"))).strip(", "),
        published=published,
        language=_code(
            _attribute(content, "tag", "language") or item.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
        ),
        modified=last if last and published and last > published else None,
        key=f"newsml:{guid}" if guid else "",
    )
    status = find(meta, "pubStatus")
    kills = tuple(f"newsml:{link}" for link in links if link) if killing else ()
    if killing and not kills:
        kills = (draft.key,)
    return Dispatch(
        draft.key or draft.title,
        draft,
        item.get("version", ""),
        (status.get("qcode") or words(status)) if status is not None else "usable",
        _date(words(find(meta, "embargoed"))),
        words(find(meta, "edNote")),
        kills,
        last,
    )


def _ninjs(value: dict[str, Any]) -> Dispatch:
    """Read a ninjs object."""
    uri = str(value["uri"])
    first = _date(_text(value, "contentcreated")) or _date(_text(value, "firstcreated"))
    last = _date(_text(value, "versioncreated"))
    draft = Draft(
        text=_with_dateline(_text(value, "dateline"), _ninjs_body(value)),
        title=_text(value, "headline") or _best(value.get("headlines")) or _text(value, "title"),
        url=_text(value, "canonical") or uri,
        publisher=_text(value, "copyrightholder") or _text(value, "provider") or _text(value, "source"),
        author=_byline(_text(value, "byline") or _best(value.get("bylines"))),
        published=first or last,
        language=_code(_text(value, "language")),
        modified=last if last and first and last > first else None,
        key=f"ninjs:{uri}",
    )
    status = _text(value, "pubstatus") or "usable"
    embargo = _date(_text(value, "embargoed")) or _date(_text(value, "embargoeduntil"))
    return Dispatch(draft.key, draft, _text(value, "version"), status, embargo, _text(value, "ednote"), (), last)


def _ninjs_body(value: dict[str, Any]) -> list[str]:
    plain = _text(value, "body_text")
    marked = [
        text for name in value if name.startswith("body_") and name != "body_text" and (text := _text(value, name))
    ]
    bodies = value.get("bodies")
    for body in bodies if isinstance(bodies, list) else []:
        if isinstance(body, dict) and (text := _text(body, "value")):
            if "plain" in _text(body, "contenttype") and not plain:
                plain = text
            else:
                marked.append(text)
    whole = plain or next((from_html(text) for text in marked), "") or _text(value, "description_text")
    return [part for part in whole.split("\n\n") if part.strip()]


def _best(values: Any) -> str:  # noqa: ANN401 # what JSON holds
    """The first of a list of {value}, as ninjs 2 and later have headlines."""
    for one in values if isinstance(values, list) else []:
        if isinstance(one, dict) and (text := _text(one, "value") or _text(one, "name")):
            return text
    return ""


def _text(value: dict[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else str(found) if isinstance(found, int) else ""


def _content(item: Any) -> list[str]:  # noqa: ANN401 # lxml ships no types
    """The paragraphs of a newsItem: inline XML (XHTML or NITF), or inline data."""
    inline = find(item, "inlineXML")
    if inline is not None:
        body = find(inline, "body.content", "body")
        return _paragraphs(inline if body is None else body)
    data = find(item, "inlineData")
    text = from_html("".join(data.itertext())) if data is not None else ""
    return [part for part in text.split("\n\n") if part.strip()]


def _paragraphs(element: Any) -> list[str]:  # noqa: ANN401 # lxml ships no types
    """The paragraphs below an element, in order; of one without any, its words."""
    if element is None:
        return []
    found = [text for block in _outermost(element) if (text := words(block))]
    return found or [text for text in [words(element)] if text]


def _outermost(element: Any) -> Iterator[Any]:  # noqa: ANN401 # lxml ships no types
    """The blocks below an element that stand in no other block; pictures and notes are passed over."""
    for child in element:
        name = local(child)
        if name in _BLOCKS:
            yield child
        elif name and name not in _UNREAD:
            yield from _outermost(child)


def _with_dateline(dateline: str, paragraphs: list[str]) -> str:
    """The text with the dateline as its first line, where it does not begin with it already."""
    place = one_line(dateline).rstrip(" -–—:")
    begins = paragraphs and one_line(paragraphs[0]).casefold().startswith(place.partition(",")[0].casefold())
    return "\n\n".join(paragraphs if begins or not paragraphs else [place, *paragraphs])


def _byline(text: str) -> str:
    """The names of a byline, without the word before them."""
    for word in ("By ", "BY ", "by ", "بقلم ", "كتب ", "كتبت "):
        text = text.removeprefix(word)
    return text.strip(" ,.:")


def _named(element: Any) -> str:  # noqa: ANN401 # lxml ships no types
    """What a party is called: its name, its literal, else its code."""
    if element is None:
        return ""
    return words(find(element, "name")) or element.get("literal") or element.get("qcode", "").rpartition(":")[2]


def _web_link(item: Any) -> str:  # noqa: ANN401 # lxml ships no types
    for link in item.iter("{*}link"):
        if link.get("rel", "").rpartition(":")[2].lower() in ("alternate", "canonical", "seealso") and link.get("href"):
            return str(link.get("href"))
    return ""


def _attribute(element: Any, attribute: str, name: str) -> str:  # noqa: ANN401 # lxml ships no types
    found = find(element, name)
    return (found.get(attribute) or "") if found is not None else ""


def _date(text: str) -> datetime | None:
    try:
        return parse_date(text) if text else None
    except ValueError:
        return None


def _code(text: str) -> str:
    code = text.strip().lower().partition("-")[0].partition("_")[0]
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""
