"""Format quotations as Markdown, to be pasted into other documents."""

from assistant.answer import Quote
from assistant.formats.text import quoted
from assistant.formats.text_fragments import address_at
from assistant.messages import date, phrase

_ESCAPES = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|~"})


def escape_markdown(text: str) -> str:
    """Escape text so that Markdown shows it unchanged."""
    return text.translate(_ESCAPES)


def quote_markdown(quote: Quote, language: str) -> str:
    """Format a quotation as a block quote, followed by its publisher, linked title and date."""
    article = quote.article
    title = escape_markdown(article.title or phrase("untitled", language))
    address = address_at(article.url, quote.text).replace("(", "%28").replace(")", "%29")
    linked = f"[{title}]({address})" if address else title
    publisher = escape_markdown(article.publisher or phrase("unnamed", language))
    words = "\n".join(f"> {escape_markdown(line)}" for line in quoted(quote).splitlines())
    return f"{words}\n>\n> — {publisher}, {linked}, {date(article.published, language)}"
