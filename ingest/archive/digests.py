"""Digests that identify a version of an article, its content, its text, or an embedded text.

They are stored: a change of any of them needs a new format of the archive.
"""

import hashlib

from ingest.archive.types import to_microseconds
from ingest.article import Article
from ingest.language import words


def article_digest(article: Article) -> bytes:
    """Identify a version of an article: everything but when it was fetched, modified or corrected."""
    fields = (
        article.title, article.text, article.url, article.publisher, article.author, article.language,
        str(to_microseconds(article.published)),
    )  # fmt: skip
    return hashlib.sha256("\0".join(fields).encode("utf-8", "surrogatepass")).digest()[:16]


def content_digest(article: Article) -> bytes:
    """Identify what an article says: equal for two URLs of one publisher with the same folded title and words."""
    return _blake2b("\0".join(" ".join(words(text)) for text in (article.publisher, article.title, article.text)))


def text_digest(text: str) -> str:
    """Identify the folded words of a text."""
    return _blake2b(" ".join(words(text))).hex()


def point_name(text: str) -> bytes:
    """Name the point of an embedded text."""
    return _blake2b(text)


def altered_message(folder: object, identity: object) -> str:
    """The message for an article that the disk has altered."""
    return (
        f"the article {identity} of the archive at {folder} is not as it was stored: the disk has altered it. It is "
        "not quoted; run: khabar check --repair"
    )


def _blake2b(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
