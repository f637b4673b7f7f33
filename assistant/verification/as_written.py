"""Decide whether a statement that a model wrote may be shown in its own words."""

import functools
import re
from collections.abc import Sequence

from assistant.answer import Quote
from assistant.verification.locate import locate
from assistant.verification.proof import Checked, Supports, check
from assistant.verification.quotation_marks import quoted_words, unmarked
from ingest.language import direction, one_line

_LONGEST = 5_000  # characters of a statement whose quotations are looked up, which takes time by its length squared
_MARKUP = re.compile(
    r"!?\[(?P<label>[^\[\]]{0,300})\]\([^()]{0,1000}\)"  # links and images
    r"|<[^<>]{0,300}>"  # tags
    r"|(?m:^[^\S\n]{0,9}(?:#{1,6}\s|[-*•]\s|\d{1,2}[.)]\s|>\s|\|))"  # headings, lists, citations, tables
    r"|[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}|`+|~~"
)


def shown_as_written(
    statement: str, quotes: Sequence[Quote], question: str = "", supports: Supports | None = None
) -> Checked:
    """Check a statement as a model wrote it, the way an answer does before it shows one.

    Markup is removed, words between quotation marks are replaced by the articles' own, and the rest is checked.

    Args:
        statement: as the model wrote it.
        quotes: the quotations that it cites, one or more.
        question: what was asked; "" skips the check that the statement answers it.
        supports: the judge's verdict; asked where the statement is no shortening and no veto speaks against it.

    Returns:
        Its `proof` is "" where the statement may not be shown; `fault` then says why.
    """
    text, cited = requoted(without_markup(statement), quotes)
    return check(text, cited, question, supports)


def without_markup(text: str) -> str:
    """A model's text on one line, without Markdown and HTML; of a link the label is kept."""
    return one_line(_MARKUP.sub(lambda match: match.group("label") or "", text))


def requoted(text: str, quotes: Sequence[Quote]) -> tuple[str, list[Quote]]:
    """Replace what a statement puts between quotation marks by the article's own characters.

    Returns:
        The statement, where words that stand in none of the articles have lost their quotation marks, as do all words
        of a statement that is too long; and the quotations, with those that were found outside of them.
    """
    if len(text) > _LONGEST:
        return unmarked(text, {}), list(quotes)
    exact: dict[tuple[int, int], str] = {}
    proven = list(quotes)
    end_of_last = 0
    articles = list({quote.article.id: quote.article for quote in quotes}.values())

    @functools.cache
    def found(words: str) -> Quote | None:
        return next(filter(None, (locate(words, article, quotes) for article in articles)), None)

    for start, end, words in quoted_words(text):
        if start < end_of_last:  # inside a quotation that is proven already
            continue
        quote = found(words)
        if quote is None:
            continue
        is_cited = any(map(quote.lies_in, proven))
        if not is_cited and not quote.has_content:
            continue
        opening, closing = "«»" if direction(quote.text) == "rtl" else "“”"
        own = " ".join(quote.text.split()) if "\n" in quote.text else quote.text
        exact[start, end] = opening + own + closing
        end_of_last = end
        if not is_cited:
            proven.append(quote)
    return unmarked(text, exact), proven
