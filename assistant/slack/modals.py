"""What opens for one person alone: the article around a quotation, the form that asks why an answer did not help."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from assistant.answer import Quote
from assistant.assistant import Assistant
from assistant.messages import phrase
from assistant.slack.blocks import Block, attribution, print_of
from assistant.slack.events import part, text
from assistant.slack.limits import METADATA
from assistant.slack.rich_text import quotation, rich, runs, section
from assistant.slack.thread import quote_at
from assistant.slack.web_api import Web
from ingest.errors import KhabarError
from ingest.language import detect, sentences

log = logging.getLogger(__name__)

REASON = "khabar_reason"
"""The form's `callback_id`."""

_AROUND = 1500  # characters shown before a quotation and after it
_WORDS = 1000  # characters of a reason
_REASONS = ("quote", "question", "missing", "other")


class Windows:
    """Opens modals. A click's trigger is good for 3 seconds, so they are opened by threads that do nothing else.

    Args:
        web: Slack.
        assistant: holds the archive.
        pool: where they are opened.
    """

    def __init__(self, web: Web, assistant: Assistant, pool: Executor) -> None:
        self._web, self._assistant, self._pool = web, assistant, pool

    def show(self, trigger: str, value: str) -> None:
        """Show an article at a quotation; `value` is the button's."""
        self._pool.submit(self._open, trigger, lambda: article_view(self._assistant, value))

    def ask_why(self, trigger: str, asked: str) -> None:
        """Ask why an answer did not help."""
        self._pool.submit(self._open, trigger, lambda: reason_view(asked))

    def _open(self, trigger: str, view: Callable[[], dict[str, Any]]) -> None:
        try:
            self._web.call("views.open", trigger_id=trigger, view=view())
        except KhabarError as error:
            log.warning("a window did not open: %s", error)


def article_view(assistant: Assistant, value: str) -> dict[str, Any]:
    """The article around a quotation; that it has changed or gone, where that is so."""
    identity, start, end, seal, spoken = (value.split(":") + [""] * 5)[:5]
    article = assistant.archive.articles([identity]).get(identity)
    quote = quote_at(article, start, end) if article else None
    if article is None or quote is None or print_of(quote.text) != seal:
        blocks = [rich("gone", section(*runs(phrase("slack_gone", spoken))))]
        if article is not None:
            blocks.append(rich("source", section(*attribution(article, spoken))))
        return _view(phrase("slack_article", spoken), blocks)
    before, after = _around(quote)
    blocks = [rich("source", section(*attribution(article, spoken)))]
    blocks += [rich("before", section(*runs(before)))] if before else []
    blocks.append(rich("quote", quotation(quote.text)))
    blocks += [rich("after", section(*runs(after)))] if after else []
    return _view(phrase("slack_article", spoken), blocks)


def _around(quote: Quote) -> tuple[str, str]:
    """Whole sentences before and after a quotation; "…" where the article goes on."""
    whole = quote.article.text
    spans = sentences(whole)
    before = [start for start, end in spans if end <= quote.start and quote.start - start <= _AROUND]
    after = [end for start, end in spans if start >= quote.end and end - quote.end <= _AROUND]
    first = min(before, default=quote.start)
    last = max(after, default=quote.end)
    lead, rest = whole[first : quote.start].strip(), whole[quote.end : last].strip()
    return (f"… {lead}" if first and lead else lead), (f"{rest} …" if last < len(whole) and rest else rest)


def reason_view(asked: str) -> dict[str, Any]:
    """The form that asks why."""
    spoken = detect(asked)
    options = [
        {"text": {"type": "plain_text", "text": phrase(f"slack_reason_{name}", spoken)}, "value": name}
        for name in _REASONS
    ]
    blocks: list[Block] = [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": phrase("slack_why", spoken)},
            "element": {"type": "radio_buttons", "action_id": "why", "options": options},
        },
        {
            "type": "input",
            "block_id": "words",
            "optional": True,
            "label": {"type": "plain_text", "text": phrase("slack_words", spoken)},
            "element": {"type": "plain_text_input", "action_id": "words", "multiline": True, "max_length": _WORDS},
        },
    ]
    view = _view(phrase("slack_judging", spoken), blocks)
    return view | {
        "callback_id": REASON,
        "private_metadata": json.dumps({"question": asked[: METADATA // 2]}, ensure_ascii=False),
        "submit": {"type": "plain_text", "text": phrase("slack_send", spoken)},
    }


def _view(title: str, blocks: list[Block]) -> dict[str, Any]:
    return {"type": "modal", "title": {"type": "plain_text", "text": title}, "blocks": blocks}


def judged(view: dict[str, Any]) -> tuple[str, str]:
    """The question and the reason of a form that was sent: "quote: the words of the reader"."""
    asked = _asked_in(text(view, "private_metadata"))
    values = part(view, "state", "values")
    name = text(values, "why", "why", "selected_option", "value")
    words = text(values, "words", "words", "value").strip()[:_WORDS]
    name = name if name in _REASONS else "other"
    return asked, f"{name}: {words}" if words else name


def _asked_in(metadata: str) -> str:
    try:
        return text(json.loads(metadata), "question")
    except ValueError:
        return ""
