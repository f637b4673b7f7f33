"""Decide what to do with each article of a batch, from one look at the archive."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from ingest.archive.catalogue import Catalogue, RetractedTexts, StoredVersion
from ingest.archive.digests import article_digest, content_digest, text_digest
from ingest.archive.types import EPOCH
from ingest.article import Article
from ingest.errors import KhabarError

_SAME_REPORT = timedelta(days=2)  # at most, between two dates of one article, whatever their time zone and precision

Action = Literal["add", "update", "unchanged", "moved", "embargoed", "retracted", "failed"]


class Incoming(Protocol):
    """An article that a source gave, see `ingest.sources.Item`."""

    @property
    def article(self) -> Article:
        """The article."""

    @property
    def origin(self) -> str:
        """The file that holds this article and nothing else, or ""."""

    @property
    def embargo(self) -> datetime | None:
        """The end of its embargo; aware."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with an article.

    Attributes:
        action: "add" a new article; "update" a stored one, or the one that its file held before; leave it "unchanged",
            also if the source changed the stored version later; it has "moved": it is stored under another id;
            keep it back while it is "embargoed"; keep it out because it was "retracted"; it "failed": see `error`.
        article: with the id that it has in the archive.
        stored_id: the id of the article that has moved.
        content: of an article to add that has a URL, see `digests.content_digest`; else empty.
    """

    action: Action
    article: Article
    origin: str = ""
    stored_id: str = ""
    content: bytes = b""
    error: Exception | None = None


def plan(catalogue: Catalogue, items: Sequence[Incoming], now: datetime) -> list[Decision]:
    """Decide what to do with each article: see `Archive.plan`."""
    with catalogue.snapshot():
        aliases = catalogue.aliases(item.article.id for item in items)
        articles = [_with_id(item.article, aliases.get(item.article.id, item.article.id)) for item in items]
        ids = [article.id for article in articles]
        retracted = catalogue.retractions.texts(ids)
        stored = catalogue.stored_versions(ids)
        origins = catalogue.origins(item.origin for item in items if item.origin)
    decisions = [
        _decide(article, item, now, retracted.get(article.id), stored.get(article.id), item.origin in origins)
        for article, item in zip(articles, items, strict=True)
    ]
    same = catalogue.with_content({decision.content for decision in decisions if decision.content})
    return [
        _moved(decision, same[decision.content]) if decision.content in same else decision for decision in decisions
    ]


def _decide(
    article: Article,
    item: Incoming,
    now: datetime,
    retracted: RetractedTexts | None,
    stored: StoredVersion | None,
    origin_known: bool,
) -> Decision:
    """Decide for one article; whether it has moved is still open."""
    origin = item.origin
    try:
        if retracted and _is_kept_out(article, retracted):
            return Decision("retracted", article, origin)
        if item.embargo and item.embargo > now:
            return Decision("embargoed", article, origin)
        if stored:
            return Decision("unchanged" if _is_unchanged(article, stored) else "update", article, origin)
        content = content_digest(article) if article.url else b""
        return Decision("update" if origin_known else "add", article, origin, content=content)
    except (KhabarError, OSError, MemoryError):
        raise
    except Exception as error:
        return Decision("failed", article, origin, error=error)


def _moved(decision: Decision, stored: Article) -> Decision:
    """The decision for a new article whose content is stored under another id, unless that is another day's report."""
    if is_same_report(stored, decision.article):
        return replace(decision, action="moved", stored_id=stored.id)
    return replace(decision, content=b"")


def is_same_report(article: Article, other: Article) -> bool:
    """Whether two articles with the same content may be one report: the same words a week later are another one."""
    if not (article.published and other.published):
        return True
    return abs(article.published - other.published) <= _SAME_REPORT


def _with_id(article: Article, identity: str) -> Article:
    return article if article.id == identity else replace(article, id=identity)


def _is_unchanged(article: Article, stored: StoredVersion) -> bool:
    """Whether storing an article would change nothing: it is the same but for its address, or an older version."""
    if article.modified and stored.modified and article.modified < stored.modified:
        return True
    return article_digest(article) == stored.digest or article_digest(replace(article, url=stored.url)) == stored.digest


def _is_kept_out(article: Article, retracted: RetractedTexts) -> bool:
    """Whether a retracted article must stay out.

    A text that was never here before comes back, as a newer version. If no text was ever here, or the source says when
    the article was changed, it must also be newer than the retraction.
    """
    if text_digest(article.text) in retracted.digests:
        return True
    dated = article.modified or (None if retracted.digests else article.published or EPOCH)
    return dated is not None and dated <= retracted.when
