"""Articles, the passages in which they are searched, spans of their text, and the ids by which they are known."""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

# Query parameters that track readers or campaigns and do not identify the page; by their prefixes.
_TRACKING = tuple(
    "utm_ fbclid gclid mc_cid mc_eid igshid ref_src ocid cmpid yclid msclkid dclid at_medium at_campaign at_custom "
    "ns_mchannel ns_campaign wt_mc xtor _ga __twitter_impression smid ftag gaa_ guccounter guce_".split()
)
# Query parameters, and their values, that select the AMP copy of a page.
_AMP = frozenset("amp outputtype amp_js_v amp_gsa usqp".split())
_AMP_VALUES = frozenset(["", "1", "true", "amp", "html", "mq331aqcsaa="])

_NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Article:
    """One news article.

    Attributes:
        id: 16 hexadecimal digits, see `article_id`.
        text: cleaned, and never changed afterwards: offsets into it are permanent.
        published: aware, UTC; None if the source states no date.
        language: ISO 639-1 code of the text.
        fetched: aware, UTC: when it was read.
        modified: aware, UTC: when the source says that it was last changed; None if it does not say.
        corrected: aware, UTC: when its text was found to differ from an earlier version; set by the archive, see
            `ingest.archive.versions`.
    """

    id: str
    title: str
    text: str
    url: str = ""
    publisher: str = ""
    author: str = ""
    published: datetime | None = None
    language: str = ""
    fetched: datetime = _NEVER
    modified: datetime | None = None
    corrected: datetime | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of whole sentences of an article: `article.text[start:end]`; `ordinal` counts its passages from 0."""

    article_id: str
    ordinal: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Span:
    """A span of an article: `article.text[start:end]`, in characters."""

    article: Article
    start: int
    end: int

    @property
    def text(self) -> str:
        """The article's own characters."""
        return self.article.text[self.start : self.end]

    def lies_in(self, other: "Span") -> bool:
        """Whether another span of the same article holds all of this one."""
        return self.article.id == other.article.id and other.start <= self.start and self.end <= other.end

    def follows(self, other: "Span", *, across_lines: bool = False) -> bool:
        """Whether only white space stands between the end of another span and this one; no line break by default."""
        if self.article.id != other.article.id or self.start < other.end:
            return False
        between = self.article.text[other.end : self.start]
        return not between.strip() and (across_lines or "\n" not in between)


_Span = TypeVar("_Span", bound=Span)


def merge(
    spans: Iterable[_Span], touch: Callable[[_Span, _Span], bool], *, with_any_before: bool = False
) -> list[_Span]:
    """Join the spans that touch; each joined span takes the position of its first.

    Args:
        spans: in order.
        touch: whether a span is joined to an earlier one of the same article: `touch(earlier, span)`.
        with_any_before: compare a span with all spans before it; else only with the one just before.
    """
    merged: list[_Span] = []
    for span in spans:
        position = len(merged)
        first = 0 if with_any_before else max(0, position - 1)
        while (index := next((i for i in range(first, len(merged)) if touch(merged[i], span)), None)) is not None:
            other = merged.pop(index)
            span = replace(span, start=min(span.start, other.start), end=max(span.end, other.end))
            position = min(position, index)
        merged.insert(position, span)
    return merged


def canonical_url(url: str) -> str:
    """Return a URL without what does not identify the page: fragment, tracking, AMP, default port, case of the host."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url.strip()
    if not parts.hostname:
        return url.strip()
    default = {"http": 80, "https": 443}.get(parts.scheme.lower())
    host = parts.hostname if port in (None, default) else f"{parts.hostname}:{port}"
    parameters = [
        (name, value)
        for name, value in parse_qsl(parts.query, True)
        if not name.lower().startswith(_TRACKING) and not (name.lower() in _AMP and value.lower() in _AMP_VALUES)
    ]
    path = re.sub(r"(?:/amp|\.amp)(?=(?:\.html?)?$)", "", parts.path.rstrip("/"))
    return urlunsplit((parts.scheme.lower(), host.removeprefix("amp."), path or "/", urlencode(parameters), ""))


def article_id(url: str, text: str) -> str:
    """Return a stable id: 16 hexadecimal digits of a hash of the canonical URL, or of the text if there is no URL.

    http and https, with and without "www.", identify the same article.
    """
    if url:
        key = canonical_url(url).removeprefix("https://").removeprefix("http://").removeprefix("www.")
    else:
        key = "text:" + text
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
