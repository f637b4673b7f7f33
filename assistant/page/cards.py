"""The card of a quotation: the exact words in their paragraph, who published them, when and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.answer import Quote
from ingest.article import Article
from ingest.language import sentences

_CONTEXT = 600  # characters of the paragraph shown on either side of a quotation, in whole sentences


@dataclass(frozen=True, slots=True)
class Card:
    """What the template `card.html` shows.

    Attributes:
        quote: the quotation.
        number: of the quotation within its turn, from 1.
        turn_id: the element of the turn.
        statement_id: the element of the statement above the card, to go back to.
        as_of: when the answer was made; dates are shown relative to it.
        also: other articles with the same words.
        event: the day that the question names, if any; dates are then shown relative to this day.
    """

    quote: Quote
    number: int
    turn_id: str
    statement_id: str
    as_of: datetime
    also: Sequence[Article] = ()
    event: datetime | None = None

    @property
    def id(self) -> str:
        """The id of the card's element."""
        return f"{self.turn_id}-q{self.number}"

    @property
    def shown(self) -> tuple[int, int]:
        """The span of the article to show: the quotation's paragraph, or only whole sentences of a long paragraph."""
        quote, text = self.quote, self.quote.article.text
        start = text.rfind("\n", 0, quote.start) + 1
        end = text.find("\n", quote.end)
        end = len(text) if end < 0 else end
        if quote.start - start > _CONTEXT:
            starts = [start + offset for offset, _ in sentences(text[start : quote.start])]
            start = next((offset for offset in starts if quote.start - offset <= _CONTEXT), quote.start)
        if end - quote.end > _CONTEXT:
            ends = [quote.end + offset for _, offset in sentences(text[quote.end : end])]
            end = max((offset for offset in ends if offset - quote.end <= _CONTEXT), default=quote.end)
        return start, end
