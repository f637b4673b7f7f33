"""Parse untrusted XML: without external entities, without network access, without expansion of entities."""

import contextlib
import re
from typing import Any
from xml.parsers import expat

_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\b([^>]*)", re.IGNORECASE)
_UNSAFE = re.compile(
    r"\A\s*%|\b(?:SYSTEM|PUBLIC)\b|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)|&amp;\w+;", re.IGNORECASE
)
_MAX_ENTITIES = 300  # a document type that lists all entities of HTML has 253
_HEAD = 100_000  # characters in which the root element is looked for
_ROOT = re.compile(r"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
# What may precede the root element: declarations, comments, a document type, white space. One that does not end hides
# all that follows.
_PROLOG = re.compile(
    r"<\?.*?(?:\?>|\Z)|<!--.*?(?:-->|\Z)|<!DOCTYPE[^\[>]*(?:\[.*?(?:\]\s*+(?=>)|\Z))?(?:>|\Z)|[\ufeff\s]+",
    re.DOTALL | re.IGNORECASE,
)

MAX_ATTRIBUTES = 100
"""Of one element: pages and feeds have 30 at most, and parsers take time that grows with the square."""


def root_element(text: str) -> str:
    """Return the local name of the root element in lower case; "" if the text is not markup."""
    head, position = text[:_HEAD], 0
    while prolog := _PROLOG.match(head, position):
        position = prolog.end()
    match = _ROOT.match(head, position)
    return match[1].lower() if match else ""


def refuse_many_attributes(data: bytes) -> None:
    """Raise a ValueError for XML with an element of more than 100 attributes, up to where it is ill-formed."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.ordered_attributes = True

    def start_element(_: str, names_and_values: list[str]) -> None:
        if len(names_and_values) > 2 * MAX_ATTRIBUTES:
            raise ValueError(f"an element with more than {MAX_ATTRIBUTES} attributes; such XML is not read")

    parser.StartElementHandler = start_element
    with contextlib.suppress(expat.ExpatError):
        parser.Parse(data, True)


def refuse_entities(text: str) -> None:
    """Raise a ValueError for XML that declares external entities, or entities that contain others."""
    if not _DOCTYPE.search(text):
        return
    declarations = _ENTITY.findall(text)
    if len(declarations) > _MAX_ENTITIES or any(_UNSAFE.search(declaration) for declaration in declarations):
        raise ValueError("it declares entities that are external or expand (an entity bomb); such XML is not read")


def parse_xml(text: str, *, recover: bool = False) -> Any:  # noqa: ANN401 # lxml ships no types
    """Parse an XML document; return its root element.

    Args:
        text: the document.
        recover: read what can be read of an ill-formed document.

    Raises:
        ValueError: it is not XML; the message says why.
    """
    from lxml import etree

    refuse_entities(text)
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, recover=recover, remove_pis=True,
        remove_comments=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"not readable XML: {error.msg}") from error
    if root is None:
        raise ValueError("not readable XML")
    return root


def local_name(element: Any) -> str:  # noqa: ANN401 # lxml ships no types
    """Return the name of an element without its namespace; "" for a comment or an instruction."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def find(element: Any, *names: str) -> Any:  # noqa: ANN401 # lxml ships no types
    """Return the first descendant with one of these local names, in the order of the names; None if there is none."""
    for name in names:
        for descendant in element.iter(f"{{*}}{name}"):
            return descendant
    return None


def element_text(element: Any) -> str:  # noqa: ANN401 # lxml ships no types
    """Return the text of an element on one line; "" for None."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""
