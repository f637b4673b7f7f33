"""The card of a quotation: the exact words in their paragraph, who said them, when and where."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from assistant.answer import Quote
from assistant.formats.text import attribution, quoted
from assistant.messages import date
from assistant.page.html import address_of_words, button, escaped, isolated, link, run
from assistant.page.localization import said, way
from ingest.article import Article
from ingest.language import direction, sentences

_AROUND = 600  # characters of the paragraph shown on either side of a quotation, in whole sentences
_NEAR = 45  # days: below it a date is told from another in days


def card(
    quote: Quote,
    place: str,
    number: int,
    language: str,
    as_of: datetime,
    also: Sequence[Article] = (),
    event: datetime | None = None,
) -> str:
    """A quotation's card.

    Args:
        quote: the quotation.
        place: of its statement, the id of an element to go back to.
        number: of the quotation, as its marks say it.
        language: of the interface; the quotation keeps its own.
        as_of: when the answer was made, which dates are told from.
        also: other articles that carry the same words.
        event: the day that the question names, where it names one: dates are told from it.
    """
    article = quote.article
    address = address_of_words(article.url, quote.text)
    actions = [
        link(address, escaped(said("original", language)), "k-button k-original") if address else "",
        button("open", said("whole", language), article=article.id, start=quote.start, end=quote.end),
        button("copy", said("copy", language), text=plain(quote, language)),
        button("copy", said("copy_markdown", language), text=markdown(quote, language)),
    ]
    return (
        f'<article class="k-card" dir="{direction(quote.text)}" id="{card_id(place, number)}" tabindex="-1" '
        f'aria-label="{escaped(said("quotation", language, number=str(number)))}">'
        f'<header class="k-card-head"><a class="k-number" href="#{place}" data-act="back" data-to="{place}" '
        f'aria-label="{escaped(said("to_statement", language, number=str(number)))}">{number}</a>'
        f'<div class="k-source">{source(article, language, as_of, event)}</div></header>'
        f"{_passage(quote)}"
        f"{facts(article, also, language)}"
        f'<footer class="k-actions">{"".join(actions)}</footer></article>'
    )


def card_id(place: str, number: int) -> str:
    """The id of a card's element; `place` is of the statement that it stands under first."""
    return f"{place.partition('-')[0]}-q{number}"


def source(article: Article, language: str, as_of: datetime, event: datetime | None = None) -> str:
    """Title, publisher, author and date of an article, in markup."""
    who = (
        run(article.publisher, "bdi", "k-publisher") if article.publisher else _own("unnamed", "k-publisher", language)
    )
    title = run(article.title, "div", "k-title") if article.title else ""
    author = f'<span class="k-author">{run(article.author, "bdi")}</span>' if article.author else ""
    return f'{title}<div class="k-who">{who}{author}{when(article.published, language, as_of, event)}</div>'


def _own(name: str, classes: str, language: str) -> str:
    return f'<span class="{classes}">{escaped(said(name, language))}</span>'


def when(moment: datetime | None, language: str, as_of: datetime, event: datetime | None = None) -> str:
    """A date, and how long before another it was: the event, if there is one."""
    if moment is None:
        return f'<span class="k-date"><span dir="{way(language)}">{escaped(date(None, language))}</span></span>'
    apart = from_event(moment, event, language) if event else ago(moment, as_of, language)
    return (
        f'<span class="k-date"><span dir="{way(language)}">'
        f'<time datetime="{moment.astimezone(UTC).date().isoformat()}">'
        f"{escaped(date(moment, language))}</time> "
        f'<span class="k-ago">{escaped(apart)}</span></span></span>'
    )


def ago(moment: datetime, as_of: datetime, language: str) -> str:
    """How long before (or after) it was: "3 days ago", «قبل 3 أيام»."""
    days = _days(moment, as_of)
    return _apart(days, language, directed=True) if days else said("today", language)


def from_event(moment: datetime, event: datetime, language: str) -> str:
    """How long before or after an event it was: "3 days before 5 May 2023", «قبل 5 مايو 2023: 3 أيام»."""
    days = _days(moment, event)
    if not days:
        return said("same_day", language)
    name = "after" if days > 0 else "before"
    return said(name, language, length=_apart(abs(days), language, directed=False), date=date(event, language))


def _days(moment: datetime, other: datetime) -> int:
    return (moment.astimezone(UTC).date() - other.astimezone(UTC).date()).days


def _apart(days: int, language: str, *, directed: bool) -> str:
    """In words; Babel takes the largest unit of which there is the threshold or more."""
    from babel.dates import format_timedelta  # 0.1 s

    near = abs(days) < _NEAR
    if not near:  # whole months and years; Babel rounds 7.6 years to 8
        months, years = int(abs(days) / 30.44), int(abs(days) / 365.25 + 0.003)
        days = (years * 365 if years else min(months, 11) * 30) * (1 if days > 0 else -1)
    threshold, locale = (1000.0 if near else 0.999), ("ar" if language == "ar" else "en")
    return str(format_timedelta(timedelta(days=days), "day", threshold, add_direction=directed, locale=locale))


def _passage(quote: Quote) -> str:
    """The quotation, marked, in its paragraph; what is left out before and after is said by an ellipsis."""
    text = quote.article.text
    before, after = surroundings(quote)
    runs = direction(text[before:after])
    spoken = quote.article.language
    cut = '<span class="k-cut" aria-hidden="true">…</span> '
    left_out = before > 0 and text[before - 1] != "\n"
    more = after < len(text) and text[after] != "\n"
    inside = (
        f"{cut if left_out else ''}{isolated(text[before : quote.start], runs)}"
        f'<mark class="k-words">{isolated(quote.text, runs)}</mark>'
        f"{isolated(text[quote.end : after], runs)}{f' {cut}' if more else ''}"
    )
    named = f' lang="{escaped(spoken)}"' if spoken else ""
    return f'<blockquote class="k-passage" dir="{runs}"{named}>{inside}</blockquote>'


def surroundings(quote: Quote) -> tuple[int, int]:
    """From where to where its article is shown around a quotation: its paragraph, of a long one some sentences."""
    text = quote.article.text
    start = text.rfind("\n", 0, quote.start) + 1
    end = text.find("\n", quote.end)
    end = len(text) if end < 0 else end
    if quote.start - start > _AROUND:
        places = [start + place for place, _ in sentences(text[start : quote.start])]
        start = next((place for place in places if quote.start - place <= _AROUND), quote.start)
    if end - quote.end > _AROUND:
        places = [quote.end + stop for _, stop in sentences(text[quote.end : end])]
        end = max((place for place in places if place - quote.end <= _AROUND), default=quote.end)
    return start, end


def facts(article: Article, also: Sequence[Article], language: str) -> str:
    """What else the archive knows of the article, in markup: a later correction, and the other outlets that ran it."""
    told = []
    if article.corrected:
        told.append(escaped(said("corrected", language, date=date(article.corrected, language))))
    if also:
        told.append(f"{escaped(said('also', language))} " + _listed([_elsewhere(one, language) for one in also]))
    items = "".join(f'<li class="k-fact">{fact}</li>' for fact in told)
    return f'<ul class="k-facts">{items}</ul>' if items else ""


def _elsewhere(article: Article, language: str) -> str:
    name = article.publisher or article.title or said("unnamed", language)
    inside = run(name, "bdi")
    return opening(article, inside)


def opening(article: Article, inside: str) -> str:
    """A button that looks like a link and opens a stored article; `inside` is markup."""
    return (
        f'<button type="button" class="k-linklike" data-act="open" data-article="{escaped(article.id)}" '
        f'data-start="0" data-end="0">{inside}</button>'
    )


def _listed(pieces: list[str]) -> str:
    return '<span class="k-comma"></span>'.join(pieces)


def plain(quote: Quote, language: str) -> str:
    """The quotation with who said it, to be pasted as text."""
    return f"{quoted(quote)} {attribution(quote.article, language)}"


_MARKDOWN = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|~"})


def markdown(quote: Quote, language: str) -> str:
    """The same to be pasted as Markdown: the words as a block of quotation, the title as a link."""
    article = quote.article
    title = literal(article.title or said("untitled", language))
    address = address_of_words(article.url, quote.text)
    named = f"[{title}]({address.replace('(', '%28').replace(')', '%29')})" if address else title
    who = literal(article.publisher or said("unnamed", language))
    words = "\n".join(f"> {literal(line)}" for line in quoted(quote).splitlines())
    return f"{words}\n>\n> — {who}, {named}, {date(article.published, language)}"


def literal(text: str) -> str:
    """Text that Markdown shows as it is."""
    return text.translate(_MARKDOWN)
