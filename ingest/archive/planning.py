"""Decide what to do with each article of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from ingest.archive.catalogue import Catalogue, RetractedTexts, StoredVersion
from ingest.archive.digests import article_digest, content_digest, text_digest
from ingest.archive.types import EPOCH
from ingest.article import Article
from ingest.errors import KhabarError

_SAME_REPORT = timedelta(days=2)  # dates of one article differ by at most this: time zone and precision vary

Action = Literal["add", "update", "unchanged", "moved", "embargoed", "retracted", "failed"]


class Incoming(Protocol):
    """An article from a source, see `ingest.sources.Item`."""

    @property
    def article(self) -> Article:
        """The article."""

    @property
    def origin(self) -> str:
        """The file that holds this article and nothing else, or ""."""

    @property
    def embargo(self) -> datetime | None:
        """The end of its embargo, aware; None if it has none."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with an article.

    Attributes:
        action:
            "add": the article is new.
            "update": it replaces a stored version, or the article that its file held before.
            "unchanged": this version, or a later one, is stored.
            "moved": it is stored under another id.
            "embargoed": keep it back until its embargo ends.
            "retracted": reject it.
            "failed": see `error`.
        article: the article, with its id in the archive.
        stored_id: the id under which an article that has moved is stored.
        content: the content digest of an article that may be added and has a URL, see `digests.content_digest`.
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
        articles = [replace(item.article, id=aliases.get(item.article.id, item.article.id)) for item in items]
        ids = [article.id for article in articles]
        retracted = catalogue.retractions.texts(ids)
        stored = catalogue.stored_versions(ids)
        origins = catalogue.origins(item.origin for item in items if item.origin)
    decisions = [
        _decide(article, item, now, retracted.get(article.id), stored.get(article.id), item.origin in origins)
        for article, item in zip(articles, items, strict=True)
    ]
    same_content = catalogue.with_content({decision.content for decision in decisions if decision.content})
    for index, decision in enumerate(decisions):
        if stored_article := same_content.get(decision.content):
            if is_same_report(stored_article, decision.article):
                decisions[index] = replace(decision, action="moved", stored_id=stored_article.id)
            else:
                decisions[index] = replace(decision, content=b"")
    return decisions


def _decide(
    article: Article,
    item: Incoming,
    now: datetime,
    retracted: RetractedTexts | None,
    stored: StoredVersion | None,
    origin_known: bool,
) -> Decision:
    """Decide what to do with one article, except whether it has moved."""
    origin = item.origin
    try:
        if retracted and _is_kept_out(article, retracted):
            return Decision("retracted", article, origin)
        if item.embargo and item.embargo > now:
            return Decision("embargoed", article, origin)
        if stored:
            unchanged = (
                (article.modified and stored.modified and article.modified < stored.modified)
                or article_digest(article) == stored.digest
                or article_digest(replace(article, url=stored.url)) == stored.digest
            )
            return Decision("unchanged" if unchanged else "update", article, origin)
        content = content_digest(article) if article.url else b""
        return Decision("update" if origin_known else "add", article, origin, content=content)
    except (KhabarError, OSError, MemoryError):
        raise
    except Exception as error:
        return Decision("failed", article, origin, error=error)


def is_same_report(article: Article, other: Article) -> bool:
    """Whether two articles with the same content may be one report; a week later, the same words are a new one."""
    if not (article.published and other.published):
        return True
    return abs(article.published - other.published) <= _SAME_REPORT


def _is_kept_out(article: Article, retracted: RetractedTexts) -> bool:
    """Whether a retracted article must be rejected again.

    A known text is always rejected; a new text counts as a newer version. If no text is known, or the source dates the
    change, the article must also be newer than the retraction.
    """
    if text_digest(article.text) in retracted.digests:
        return True
    dated = article.modified or (None if retracted.digests else article.published or EPOCH)
    return dated is not None and dated <= retracted.when
