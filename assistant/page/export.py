"""A conversation as Markdown, with every quotation and its link."""

from datetime import UTC, datetime

from assistant.messages import date
from assistant.page.cards import literal, markdown
from assistant.page.conversation import Conversation, Exchange, Resolved
from assistant.page.localization import said


def exported(conversation: Conversation, resolved: Resolved, language: str) -> str:
    """The conversation, the oldest question first."""
    title = said("export_title", language, date=date(datetime.now(UTC), language))
    return "\n\n".join([f"# {title}", *(_exchange(turn, resolved, language) for turn in conversation.turns)]) + "\n"


def _exchange(turn: Exchange, resolved: Resolved, language: str) -> str:
    pieces = [f"## {literal(' '.join(turn.question.split()))}"]
    for one in turn.stated:
        quotes = [resolved.quote(turn.cited[number]) for number in one.quotes if number < len(turn.cited)]
        proven = [quote for quote in quotes if quote is not None]
        if not proven:
            pieces.append(f"*{said('changed', language)}*")
            continue
        pieces.append(literal(one.text))
        pieces += [markdown(quote, language) for quote in proven]
    if turn.state == "answered" and not turn.stated:
        pieces.append(f"**{said('not_in_archive', turn.language)}**")
    if turn.notice:
        pieces.append(f"*{literal(turn.notice)}*")
    return "\n\n".join(pieces)
