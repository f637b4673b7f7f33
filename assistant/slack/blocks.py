"""An answer as Slack's blocks: pages that hold Slack's limits by construction.

A page is one message. A statement and its quotations are one part, and a page ends between two parts; a statement with
more quotations than a page holds is parted between two of them. A quotation is never cut: one that no page holds is
named and linked, and not shown.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.answer import Answer, Dates, Quote, Statement
from assistant.formats.text import proof_note, quoted, searched_dates, writer_notice
from assistant.messages import date, phrase
from assistant.slack.limits import ACTIONS, BLOCKS, BUTTON, NOTIFICATION, PAGE, VALUE
from assistant.slack.rich_text import (  # fmt: skip
    Element,
    cut,
    escaped,
    isolated,
    lead,
    link,
    quotation,
    rich,
    runs,
    section,
    weight,
)
from ingest.article import Article

Block = dict[str, Any]

SHOW, AGAIN, JUDGE = "khabar_show", "khabar_again", "khabar_judge"
"""What a button's `action_id` begins with."""

_TAIL = 8  # blocks kept free on a page for what ends it: notice, "more", buttons
_NAME, _HEADLINE, _ALSO = 120, 240, 8  # characters of a publisher, of a title; articles of "also in"
_STATEMENT = 1_500  # characters of what is said before a quotation
_LINK = 1_000  # characters of an address that is linked; those of articles have about 100
_SOURCE = 2_000  # characters of an attribution; where the links of "also in" make it longer, they are names only
_NOTICE = 500  # characters of why a model did not write
_SLACK = 400  # characters of a part that are no quotation and not yet counted when it is parted
_SAID = "say"
_BUTTONS = ACTIONS - 1


@dataclass(frozen=True, slots=True)
class Part:
    """What stands together on a page: blocks, the quotations among them, and the same in plain words."""

    blocks: tuple[Block, ...]
    quotes: tuple[Quote, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def weight(self) -> int:
        """Its characters."""
        return sum(map(weight, self.blocks))


@dataclass(slots=True)
class Page:
    """One message as it grows."""

    parts: list[Part] = field(default_factory=list)

    def fits(self, part: Part) -> bool:
        """Whether the part has room on it; an empty page has room for every part that `parts` makes."""
        blocks = len(self.blocks) + len(part.blocks) + _TAIL
        buttons = len(self.quotes) + len(part.quotes)
        return not self.parts or (
            sum(one.weight for one in self.parts) + part.weight <= PAGE and blocks <= BLOCKS and buttons <= _BUTTONS
        )

    @property
    def blocks(self) -> list[Block]:
        """All blocks so far."""
        return [block for part in self.parts for block in part.blocks]

    @property
    def quotes(self) -> list[Quote]:
        """All quotations so far."""
        return [quote for part in self.parts for quote in part.quotes]

    @property
    def text(self) -> str:
        """The page for a notification: as many of its words as it holds, no quotation cut; escaped."""
        return notification(word for part in self.parts for word in part.words)


def notification(words: Iterable[str]) -> str:
    """Whole pieces, a line each, as many as a notification holds."""
    lines: list[str] = []
    for word in map(escaped, words):
        if sum(map(len, lines)) + len(lines) + len(word) > NOTIFICATION:
            break
        lines.append(word)
    return "\n".join(lines) or "…"


def parts(statement: Statement, place: int, language: str) -> list[Part]:
    """A statement and its quotations: one part, or several where a page would not hold it.

    Args:
        statement: what is said.
        place: its number in the answer, from 0.
        language: of the question.
    """
    head = section(*runs(cut(statement.text, _STATEMENT)))
    done: list[Part] = []
    elements: list[Element] = [head]
    kept: list[Quote] = []
    words = [statement.text]
    for quote in statement.quotes:
        said = _quote(quote, language)
        full = sum(map(weight, elements)) + sum(map(weight, said)) > PAGE - _SLACK or len(kept) == _BUTTONS
        if kept and full:
            done.append(Part((rich(f"{_SAID}{place}.{len(done)}", *elements),), tuple(kept), tuple(words)))
            elements, kept, words = [], [], []
        elements += said
        kept.append(quote)
        words += [_worded(quote, language)]
    if how := cut(proof_note(statement, language), _HEADLINE):
        elements.append(section(*runs("\n" + how, italic=True)))
    return [*done, Part((rich(f"{_SAID}{place}.{len(done)}", *elements),), tuple(kept), tuple(words))]


def _worded(quote: Quote, language: str) -> str:
    who = quote.article.publisher or phrase("unnamed", language)
    return f"{quoted(quote)} — {who}{phrase('slack_comma', language)}{date(quote.article.published, language)}"


def _quote(quote: Quote, language: str) -> list[Element]:
    source = section(*attribution(quote.article, language), *_copies(quote, language, linked=True))
    if weight(source) > _SOURCE:
        source = section(*attribution(quote.article, language), *_copies(quote, language, linked=False))
    shown = quotation(quote.text)
    if weight(shown) + weight(source) + _STATEMENT + _SLACK > PAGE:
        length = f"{len(quote.text):,}"
        return [section(*runs("\n" + phrase("slack_too_long", language, length=length) + "\n", italic=True)), source]
    return [shown, source]


def attribution(article: Article, language: str) -> list[Element]:
    """Who, what, when and where: "— publisher — title — date", the title being the link."""
    who = cut(article.publisher, _NAME) or phrase("unnamed", language)
    title = cut(article.title, _HEADLINE) or phrase("untitled", language)
    when = f" — {date(article.published, language)}"
    if article.corrected:
        when += f" — {phrase('slack_corrected', language, date=date(article.corrected, language))}"
    return [
        *lead(language),
        {"type": "text", "text": f"— {isolated(who)} — "},
        *_linked(article.url, title),
        {"type": "text", "text": when},
    ]


def _linked(url: str, name: str) -> list[Element]:
    """A link to an article; plain words where its address is none that a reader could follow."""
    if url.startswith(("http://", "https://")) and len(url) <= _LINK and not any(c.isspace() for c in url):
        return [link(url, name)]
    return [{"type": "text", "text": isolated(name)}]


def _copies(quote: Quote, language: str, linked: bool) -> list[Element]:
    """Where else the same story stands: "Also in: ..."."""
    if not quote.also:
        return []
    elements: list[Element] = [*runs("\n"), *lead(language), {"type": "text", "text": phrase("slack_also", language)}]
    for place, article in enumerate(quote.also[:_ALSO]):
        name = cut(article.publisher, _NAME) or phrase("unnamed", language)
        elements += [{"type": "text", "text": " " if not place else phrase("slack_comma", language)}]
        elements += _linked(article.url if linked else "", name)
    if len(quote.also) > _ALSO:
        elements.append({"type": "text", "text": f" … +{len(quote.also) - _ALSO}"})
    return elements


def refusal(answer: Answer) -> Part:
    """That the archive does not answer, with the nearest articles."""
    language = answer.language
    said = phrase("not_in_archive", language)
    elements = [section(*runs(said, bold=True))]
    if answer.related:
        elements.append(section(*runs("\n" + phrase("nearest", language))))
        lines = [section(*attribution(article, language)) for article in answer.related[:5]]
        elements.append({"type": "rich_text_list", "style": "bullet", "elements": lines})
    return Part((rich("refusal", *elements),), (), (said,))


def dated(dates: Dates, language: str) -> Part:
    """That only the time which the question names was searched."""
    said = f"{isolated(cut(dates.words, _NAME))}: {searched_dates(dates, language)}"
    return Part((rich("dates", section(*runs(said, italic=True))),))  # a notification begins with the answer


def line(block_id: str, words: str, **style: bool) -> Part:
    """One line of our own."""
    return Part((rich(block_id, section(*runs(words, **style))),), (), (words,))


def tail(page: Page, language: str, last: bool, answer: Answer | None = None, question: str = "") -> list[Block]:
    """What ends a page: where the answer goes on, or how it was written and what a reader can do about it.

    Args:
        page: the page.
        language: of the question.
        last: whether nothing follows.
        answer: the whole of it, if it can be judged and this is its last page.
        question: as it was asked, for the buttons.
    """
    blocks: list[Block] = []
    if not last:
        blocks += line("more", phrase("slack_more", language), italic=True).blocks
    if answer and answer.notice:
        blocks += line("notice", cut(writer_notice(answer), _NOTICE), italic=True).blocks
    buttons = [_show(quote, place, len(page.quotes), language) for place, quote in enumerate(page.quotes)]
    if answer and answer.dates:
        buttons.append(_button(AGAIN, phrase("slack_again", language), held(question)))
    if buttons:
        blocks.append({"type": "actions", "block_id": "buttons", "elements": buttons})
    if answer:
        blocks.append(_judging(question, language))
    return blocks


def _show(quote: Quote, place: int, of: int, language: str) -> Block:
    name = phrase("slack_show", language) + (f" {place + 1}" if of > 1 else "")
    value = f"{quote.article.id}:{quote.start}:{quote.end}:{print_of(quote.text)}:{language}"
    return _button(f"{SHOW}.{place}", name, value)


def _button(action: str, name: str, value: str) -> Block:
    return {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": cut(name, BUTTON), "emoji": False},
        "value": value,
    }


def _judging(question: str, language: str) -> Block:
    def choice(name: str, value: str) -> Block:
        return {"text": {"type": "plain_text", "text": phrase(name, language)}, "value": value}

    return {
        "type": "context_actions",
        "block_id": "judging",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": JUDGE,
                "positive_button": choice("slack_useful", "+" + held(question, 1)),
                "negative_button": choice("slack_useless", "-" + held(question, 1)),
            }
        ],
    }


def held(question: str, less: int = 0) -> str:
    """The question as a button's value."""
    return question[: VALUE - less]


def print_of(text: str) -> str:
    """A few digits that tell one quotation from another."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def metadata(kind: str, payload: dict[str, str | int | bool]) -> dict[str, object]:
    """What a message of ours says about itself to us; it names articles by id and holds no words of anybody."""
    return {"event_type": f"khabar_{kind}", "event_payload": payload}


def spans(quotes: Sequence[Quote]) -> str:
    """Quotations for a message's metadata."""
    return " ".join(f"{quote.article.id}:{quote.start}:{quote.end}" for quote in quotes)


def statements_data(statements: Sequence[Statement], language: str) -> str:
    """Statements for the queue."""
    said = [{"text": one.text, "quotes": spans(one.quotes)} for one in statements]
    return json.dumps({"language": language, "said": said}, ensure_ascii=False)


def said_in(block: Block) -> str:
    """What a block of a statement says, without its quotations; "" for any other block."""
    from_us = str(block.get("block_id", "")).startswith(_SAID) and block.get("type") == "rich_text"
    first = next(iter(_elements(block)), {}) if from_us else {}
    if first.get("type") != "rich_text_section":
        return ""
    words = [str(one.get("text", "")) for one in _elements(first) if one.get("type") == "text"]
    return "".join(
        "".join(c for c in word if c not in "\u200e\u200f\u2066\u2067\u2068\u2069") for word in words
    ).strip()


def _elements(block: Block) -> list[Element]:
    held = block.get("elements")
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
