"""A whole stored article, opened at a quotation."""

from datetime import UTC, datetime

from assistant.page.cards import facts, source
from assistant.page.html import address_of_words, escaped, isolated, link
from assistant.page.localization import said
from ingest.article import Article
from ingest.language import direction


def whole(article: Article, start: int, end: int, language: str) -> str:
    """The article in markup, with the words from `start` to `end` marked; none where they are no span of it."""
    text = article.text
    if not 0 <= start < end <= len(text):
        start = end = 0
    way = direction(text)
    paragraphs = []
    place = 0
    for line in text.split("\n"):
        if line:
            paragraphs.append(f"<p>{_line(text, place, place + len(line), start, end, way)}</p>")
        place += len(line) + 1
    spoken = f' lang="{escaped(article.language)}"' if article.language else ""
    address = address_of_words(article.url, text[start:end])
    original = link(address, escaped(said("original", language)), "k-button k-original") if address else ""
    return (
        f'<header class="k-source" dir="{way}">{source(article, language, datetime.now(UTC))}'
        f'{facts(article, (), language)}<div class="k-actions">{original}</div></header>'
        f'<div class="k-text" dir="{way}"{spoken}>{"".join(paragraphs)}</div>'
    )


def _line(text: str, first: int, last: int, start: int, end: int, way: str) -> str:
    """A line of the article, with that part of it marked which the quotation covers."""
    opens, closes = max(first, start), min(last, end)
    if opens >= closes:
        return isolated(text[first:last], way)
    return (
        f"{isolated(text[first:opens], way)}"
        f'<mark class="k-words">{isolated(text[opens:closes], way)}</mark>'
        f"{isolated(text[closes:last], way)}"
    )
