"""XML from strangers: parsed without reaching anywhere, and without growing beyond what was sent."""

import contextlib
import re
from typing import Any
from xml.parsers import expat

_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\b(?P<what>[^>]*)", re.IGNORECASE)
_GROWING = re.compile(
    r"\A\s*%|\b(?:SYSTEM|PUBLIC)\b|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)|&amp;\w+;", re.IGNORECASE
)
_ENTITIES = 300  # a document type that lists all names of HTML has 253


ATTRIBUTES = 100
"""Of one element: pages and feeds have 30 at most. Their parsers look each of them up among all others."""


def refuse_attributes(data: bytes) -> None:
    """Raise a ValueError for XML with an element of more than 100 attributes; what is ill-formed is read to there."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.ordered_attributes = True

    def begun(_: str, attributes: list[str]) -> None:  # names and values
        if len(attributes) > 2 * ATTRIBUTES:
            raise ValueError(f"an element with more than {ATTRIBUTES} attributes; such XML is not read")

    parser.StartElementHandler = begun
    with contextlib.suppress(expat.ExpatError):
        parser.Parse(data, True)


def refuse_entities(text: str) -> None:
    """Raise a ValueError for XML whose entities stand elsewhere or are made of others."""
    if not _DOCTYPE.search(text):
        return
    declared = [match["what"] for match in _ENTITY.finditer(text)]
    if len(declared) > _ENTITIES or any(_GROWING.search(what) for what in declared):
        raise ValueError("it declares entities that stand elsewhere or grow (an entity bomb); such XML is not read")


def parse_xml(text: str, *, forgiving: bool = False) -> Any:  # noqa: ANN401 # lxml ships no types
    """The root of an XML document.

    Args:
        text: the document.
        forgiving: what is ill-formed gives what can be read.

    Raises:
        ValueError: it is no XML, for a person to read why.
    """
    from lxml import etree

    refuse_entities(text)
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, recover=forgiving, remove_pis=True,
        remove_comments=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"it is no readable XML: {error.msg}") from error
    if root is None:
        raise ValueError("it is no readable XML")
    return root


def local(element: Any) -> str:  # noqa: ANN401 # lxml ships no types
    """The name of an element without its namespace; "" for what is none."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def find(element: Any, *names: str) -> Any:  # noqa: ANN401 # lxml ships no types
    """The first element below that has one of these names, by the order of the names; None for none."""
    for name in names:
        for found in element.iter(f"{{*}}{name}"):
            return found
    return None


def words(element: Any) -> str:  # noqa: ANN401 # lxml ships no types
    """The words of an element on one line; "" for None."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""
