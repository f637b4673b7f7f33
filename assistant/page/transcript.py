"""Render a conversation: questions, statements, quotation cards, refusals and errors."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from assistant.answer import Dates
from assistant.formats.text import searched_dates
from assistant.messages import phrase
from assistant.page.cards import Card
from assistant.page.conversation import Conversation, Exchange, StoredArticles
from assistant.page.localization import ui_language, ui_text
from assistant.page.templates import render
from ingest.archive import Statistics

Count = Callable[[], Statistics]
"""Counts the articles of the archive; called only by templates that show the count."""


@dataclass(frozen=True, slots=True)
class ShownStatement:
    """What the template `statement.html` shows.

    Attributes:
        id: the id of the statement's element.
        proof_note: how a statement in a model's words is proven; "" for a quotation.
        numbers: the numbers of its quotations, from 1; empty if the archive no longer has any of them.
        cards: the cards of those quotations that no earlier statement shows.
    """

    id: str
    text: str
    proof_note: str
    numbers: Sequence[int]
    cards: Sequence[Card]


def log_html(turns: Sequence[Markup], language: str) -> Markup:
    """Render turns as a log that a screen reader follows."""
    return render("log", language, turns=turns)


def turns_html(
    conversation: Conversation, stored: StoredArticles, language: str, count: Count, *, finished: bool = False
) -> list[Markup]:
    """Render every turn; `finished` if another turn follows, so that none of these is the last one."""
    last = len(conversation.turns) - 1
    return [
        turn_html(turn, index, stored, language, count, last=index == last and not finished)
        for index, turn in enumerate(conversation.turns)
    ]


def turn_html(
    turn: Exchange, index: int, stored: StoredArticles, language: str, count: Count, *, last: bool = False
) -> Markup:
    """Render one turn; the `last` question can be asked again, edited or taken back."""
    dates = turn.dates and searched_dates(Dates(turn.dates.words, turn.dates.since, turn.dates.until), language)
    return render(
        "turn",
        language,
        turn=turn,
        index=index,
        last=last,
        searched_dates=dates,
        statements=list(_statements(turn, f"t{index}", stored, language)),
        refusal=ui_text("not_in_archive", turn.language),
        refusal_language=ui_language(turn.language),
        related=[stored.articles[identity] for identity in turn.related if identity in stored.articles],
        statistics=count,
    )


def _statements(turn: Exchange, turn_id: str, stored: StoredArticles, language: str) -> Iterator[ShownStatement]:
    quotes = [stored.quote(cited) for cited in turn.cited]
    carded: set[int] = set()
    for order, statement in enumerate(turn.stated):
        identity = f"{turn_id}-s{order}"
        proven = [index for index in statement.quotes if index < len(quotes) and quotes[index] is not None]
        fresh = [index for index in dict.fromkeys(proven) if index not in carded]
        carded.update(fresh)
        cards = [
            Card(quote, index + 1, turn_id, identity, turn.as_of, stored.also(turn.cited[index]), turn.event)
            for index in fresh
            if (quote := quotes[index]) is not None
        ]
        note = ""
        if statement.proof != "quoted":
            note = phrase(f"proof_{statement.proof}", language, judge=statement.judge)
        yield ShownStatement(identity, statement.text, note, [index + 1 for index in proven], cards)


def welcome_html(language: str, examples: Sequence[str], statistics: Statistics, *, read_only: bool) -> Markup:
    """Render the welcome that an empty conversation shows."""
    return render("welcome", language, examples=examples, statistics=statistics, read_only=read_only)
