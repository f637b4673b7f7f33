"""Export a conversation as Markdown, with every quotation and its link."""

from datetime import UTC, datetime

from assistant.formats.markdown import escape_markdown, quote_markdown
from assistant.messages import date
from assistant.page.conversation import Conversation, Exchange, StoredArticles
from assistant.page.localization import ui_text


def conversation_markdown(conversation: Conversation, stored: StoredArticles, language: str) -> str:
    """Format a conversation, the oldest question first."""
    title = ui_text("export_title", language, date=date(datetime.now(UTC), language))
    turns = [_turn_markdown(turn, stored, language) for turn in conversation.turns]
    return "\n\n".join([f"# {title}", *turns]) + "\n"


def _turn_markdown(turn: Exchange, stored: StoredArticles, language: str) -> str:
    pieces = [f"## {escape_markdown(' '.join(turn.question.split()))}"]
    for statement in turn.stated:
        quotes = [stored.quote(turn.cited[index]) for index in statement.quotes if index < len(turn.cited)]
        proven = [quote for quote in quotes if quote is not None]
        if not proven:
            pieces.append(f"*{ui_text('changed', language)}*")
            continue
        pieces.append(escape_markdown(statement.text))
        pieces += [quote_markdown(quote, language) for quote in proven]
    if turn.state == "answered" and not turn.stated:
        pieces.append(f"**{ui_text('not_in_archive', turn.language)}**")
    if turn.notice:
        pieces.append(f"*{escape_markdown(turn.notice)}*")
    return "\n\n".join(pieces)
