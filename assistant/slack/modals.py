"""Build and open modals: the article around a quotation, and the form that asks why an answer did not help."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from assistant.answer import Quote
from assistant.assistant import Assistant
from assistant.messages import phrase
from assistant.slack.blocks import attribution
from assistant.slack.limits import METADATA
from assistant.slack.payload import object_at, text_at
from assistant.slack.references import quote_at, quote_checksum
from assistant.slack.rich_text import quotation, rich_text_block, section, text_elements
from assistant.slack.web_api import WebApi
from ingest.errors import KhabarError
from ingest.language import detect, sentences

log = logging.getLogger(__name__)

REASON = "khabar_reason"
"""The form's `callback_id`."""

_CONTEXT = 1500  # characters shown before a quotation and after it
_MAX_COMMENT = 1000  # characters of a reader's own words
_REASONS = ("quote", "question", "missing", "other")


class Modals:
    """Opens modals in a thread pool, because the trigger of a click expires after 3 seconds.

    Args:
        web: Slack's Web API.
        assistant: holds the archive.
        pool: runs the calls.
    """

    def __init__(self, web: WebApi, assistant: Assistant, pool: Executor) -> None:
        self._web, self._assistant, self._pool = web, assistant, pool

    def show_article(self, trigger: str, value: str) -> None:
        """Show an article at a quotation.

        Args:
            trigger: Slack's id of the click.
            value: the value of the button, see `article_view`.
        """
        self._pool.submit(self._open, trigger, lambda: article_view(self._assistant, value))

    def ask_reason(self, trigger: str, question: str) -> None:
        """Ask why the answer to a question did not help."""
        self._pool.submit(self._open, trigger, lambda: reason_view(question))

    def _open(self, trigger: str, view: Callable[[], dict[str, Any]]) -> None:
        try:
            self._web.call("views.open", trigger_id=trigger, view=view())
        except KhabarError as error:
            log.warning("could not open a modal: %s", error)


def article_view(assistant: Assistant, value: str) -> dict[str, Any]:
    """Build the modal that shows an article around a quotation, or reports that the article has changed or is gone.

    Args:
        assistant: holds the archive.
        value: the value of the button: "id:start:end:checksum:language".
    """
    article_id, start, end, checksum, language = (value.split(":") + [""] * 5)[:5]
    article = assistant.archive.articles([article_id]).get(article_id)
    quote = quote_at(article, start, end) if article else None
    blocks = []
    if quote is None or quote_checksum(quote.text) != checksum:
        blocks.append(rich_text_block("gone", section(*text_elements(phrase("slack_gone", language)))))
        quote = None
    if article is not None:
        blocks.append(rich_text_block("source", section(*attribution(article, language))))
    if quote is not None:
        before, after = _surroundings(quote)
        blocks += [rich_text_block("before", section(*text_elements(before)))] if before else []
        blocks.append(rich_text_block("quote", quotation(quote.text)))
        blocks += [rich_text_block("after", section(*text_elements(after)))] if after else []
    title = {"type": "plain_text", "text": phrase("slack_article", language)}
    return {"type": "modal", "title": title, "blocks": blocks}


def _surroundings(quote: Quote) -> tuple[str, str]:
    """The sentences before and after a quotation, with "…" where the article continues."""
    text = quote.article.text
    spans = sentences(text)
    starts = [start for start, end in spans if end <= quote.start and quote.start - start <= _CONTEXT]
    ends = [end for start, end in spans if start >= quote.end and end - quote.end <= _CONTEXT]
    first = min(starts, default=quote.start)
    last = max(ends, default=quote.end)
    before, after = text[first : quote.start].strip(), text[quote.end : last].strip()
    return (f"… {before}" if first and before else before), (f"{after} …" if last < len(text) and after else after)


def reason_view(question: str) -> dict[str, Any]:
    """Build the form that asks why the answer to a question did not help."""
    from slack_sdk.models.blocks import InputBlock, Option, PlainTextInputElement, PlainTextObject, RadioButtonsElement
    from slack_sdk.models.views import View

    language = detect(question)

    def text(name: str) -> PlainTextObject:
        return PlainTextObject(text=phrase(name, language))

    reasons = RadioButtonsElement(
        action_id="why", options=[Option(text=text(f"slack_reason_{reason}"), value=reason) for reason in _REASONS]
    )
    comment = PlainTextInputElement(action_id="words", multiline=True, max_length=_MAX_COMMENT)
    return View(
        type="modal",
        callback_id=REASON,
        private_metadata=json.dumps({"question": question[: METADATA // 2]}, ensure_ascii=False),
        title=text("slack_judging"),
        submit=text("slack_send"),
        blocks=[
            InputBlock(block_id="why", label=text("slack_why"), element=reasons),
            InputBlock(block_id="words", label=text("slack_words"), element=comment, optional=True),
        ],
    ).to_dict()


def read_reason(view: dict[str, Any]) -> tuple[str, str]:
    """Read a submitted form.

    Returns:
        The question, and the reason: "quote: the reader's own words".
    """
    try:
        question = text_at(json.loads(text_at(view, "private_metadata")), "question")
    except ValueError:
        question = ""
    values = object_at(view, "state", "values")
    reason = text_at(values, "why", "why", "selected_option", "value")
    reason = reason if reason in _REASONS else "other"
    comment = text_at(values, "words", "words", "value").strip()[:_MAX_COMMENT]
    return question, f"{reason}: {comment}" if comment else reason
