"""Digests that identify a version of an article, its content, its text, or an embedded text.

They are stored, so changing any of them requires a new archive format.
"""

import hashlib

from ingest.archive.types import to_microseconds
from ingest.article import Article
from ingest.language import words


def article_digest(article: Article) -> bytes:
    """Identify a version of an article: all its fields except when it was fetched, modified and corrected."""
    fields = (
        article.title, article.text, article.url, article.publisher, article.author, article.language,
        str(to_microseconds(article.published)),
    )  # fmt: skip
    return hashlib.sha256("\0".join(fields).encode("utf-8", "surrogatepass")).digest()[:16]


def content_digest(article: Article) -> bytes:
    """Identify the publisher and the folded words of the title and the text, whatever the URL."""
    return _blake2b("\0".join(" ".join(words(text)) for text in (article.publisher, article.title, article.text)))


def text_digest(text: str) -> str:
    """Identify the folded words of a text."""
    return _blake2b(" ".join(words(text))).hex()


def point_name(text: str) -> bytes:
    """Name the point of an embedded text."""
    return _blake2b(text)


def altered_message(folder: object, identity: object) -> str:
    """The message about an article whose stored text was altered."""
    return (
        f"the article {identity} of the archive at {folder} is not as it was stored: the disk has altered it. It is "
        "not quoted; run: khabar check --repair"
    )


def _blake2b(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
