"""An answer as Slack's blocks, divided into pages that respect Slack's limits by construction.

A page is one message. A statement and its quotations form one part, and pages break between parts; a statement with
more quotations than a page can show becomes several parts. A quotation is never cut: if it is too long for a page, only
its length and source are shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.answer import Answer, Dates, Quote, Statement
from assistant.formats.text import proof_note, quoted, searched_dates, writer_notice
from assistant.messages import date, phrase
from assistant.slack.limits import ACTIONS, BLOCKS, BUTTON, NOTIFICATION, PAGE, VALUE
from assistant.slack.references import quote_checksum
from assistant.slack.rich_text import (  # fmt: skip
    MARKS,
    Element,
    character_count,
    direction_mark,
    escaped,
    isolated,
    link,
    quotation,
    rich_text_block,
    section,
    shortened,
    text_elements,
)
from ingest.article import Article

if TYPE_CHECKING:
    from slack_sdk.models.blocks import ButtonElement

Block = dict[str, Any]

SHOW, AGAIN, JUDGE = "khabar_show", "khabar_again", "khabar_judge"
"""The beginnings of the buttons' `action_id`."""

_FOOTER_BLOCKS = 8  # kept free on a page for its footer: "more", notice, buttons
_MAX_NAME, _MAX_TITLE = 120, 240  # characters of a publisher and of a title
_MAX_COPIES = 8  # articles of "Also in"
_MAX_STATEMENT = 1_500  # characters before a statement's quotations
_MAX_URL = 1_000  # characters of an address that is linked; those of articles have about 100
_MAX_SOURCE = 2_000  # characters of a quotation's source; beyond them, "Also in" has names instead of links
_MAX_NOTICE = 500  # characters of the notice why a model did not write
_RESERVE = 400  # characters kept free in a part for all but its quotations
_STATEMENT_ID = "say"  # starts the block id of a statement
_MAX_BUTTONS = ACTIONS - 1  # "Show the article" buttons of a page; one is left for "Search every date"


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks that stay together on a page, the quotations in them, and their plain text for notifications."""

    blocks: tuple[Block, ...]
    quotes: tuple[Quote, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def characters(self) -> int:
        """The number of characters in its blocks."""
        return sum(map(character_count, self.blocks))


@dataclass(slots=True)
class Page:
    """One message as it grows."""

    parts: list[Part] = field(default_factory=list)

    def fits(self, part: Part) -> bool:
        """Whether there is room for the part; every part fits an empty page."""
        blocks = len(self.blocks) + len(part.blocks) + _FOOTER_BLOCKS
        buttons = len(self.quotes) + len(part.quotes)
        characters = sum(other.characters for other in self.parts) + part.characters
        return not self.parts or (characters <= PAGE and blocks <= BLOCKS and buttons <= _MAX_BUTTONS)

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
        """The text for a notification, escaped: as many whole lines as fit, so that no quotation is cut."""
        lines: list[str] = []
        for line in (escaped(line) for part in self.parts for line in part.lines):
            if sum(map(len, lines)) + len(lines) + len(line) > NOTIFICATION:
                break
            lines.append(line)
        return "\n".join(lines) or "…"


def paginate(parts: Iterable[Part]) -> list[Page]:
    """Distribute parts over one or more pages, in order."""
    pages = [Page()]
    for part in parts:
        if not pages[-1].fits(part):
            pages.append(Page())
        pages[-1].parts.append(part)
    return pages


# -- parts -----------------------------------------------------------------------------------------------------------


def statement_parts(statement: Statement, index: int, language: str) -> list[Part]:
    """Return a statement and its quotations as one part, or as several if one page cannot hold them.

    Args:
        statement: of an answer.
        index: of the statement in the answer, from 0.
        language: of the question.
    """
    done: list[Part] = []
    elements: list[Element] = [section(*text_elements(shortened(statement.text, _MAX_STATEMENT)))]
    quotes: list[Quote] = []
    lines = [statement.text]

    def finish_part() -> None:
        block = rich_text_block(f"{_STATEMENT_ID}{index}.{len(done)}", *elements)
        done.append(Part((block,), tuple(quotes), tuple(lines)))

    for quote in statement.quotes:
        shown = _quote_elements(quote, language)
        full = character_count(elements) + character_count(shown) > PAGE - _RESERVE or len(quotes) == _MAX_BUTTONS
        if quotes and full:
            finish_part()
            elements, quotes, lines = [], [], []
        elements += shown
        quotes.append(quote)
        publisher = quote.article.publisher or phrase("unnamed", language)
        published = date(quote.article.published, language)
        lines.append(f"{quoted(quote)} — {publisher}{phrase('slack_comma', language)}{published}")
    if how_proven := shortened(proof_note(statement, language), _MAX_TITLE):
        elements.append(section(*text_elements("\n" + how_proven, italic=True)))
    finish_part()
    return done


def _quote_elements(quote: Quote, language: str) -> list[Element]:
    """A quotation and its source; if the quotation is too long for a page, its length instead."""
    source = section(*attribution(quote.article, language), *_copies(quote, language, linked=True))
    if character_count(source) > _MAX_SOURCE:
        source = section(*attribution(quote.article, language), *_copies(quote, language, linked=False))
    shown = quotation(quote.text)
    if character_count(shown) + character_count(source) + _MAX_STATEMENT + _RESERVE > PAGE:
        too_long = phrase("slack_too_long", language, length=f"{len(quote.text):,}")
        return [section(*text_elements(f"\n{too_long}\n", italic=True)), source]
    return [shown, source]


def attribution(article: Article, language: str) -> list[Element]:
    """Return an article's attribution: "— publisher — title — date", with the title linked."""
    publisher = shortened(article.publisher, _MAX_NAME) or phrase("unnamed", language)
    title = shortened(article.title, _MAX_TITLE) or phrase("untitled", language)
    when = f" — {date(article.published, language)}"
    if article.corrected:
        when += f" — {phrase('slack_corrected', language, date=date(article.corrected, language))}"
    return [
        *direction_mark(language),
        {"type": "text", "text": f"— {isolated(publisher)} — "},
        _linked(article.url, title),
        {"type": "text", "text": when},
    ]


def _linked(url: str, name: str) -> Element:
    """A link to an article, or only its name if Slack would not accept the address."""
    if url.startswith(("http://", "https://")) and len(url) <= _MAX_URL and not any(c.isspace() for c in url):
        return link(url, name)
    return {"type": "text", "text": isolated(name)}


def _copies(quote: Quote, language: str, linked: bool) -> list[Element]:
    """The other publishers of the quoted words: "Also in: ..."."""
    if not quote.also:
        return []
    also_in = {"type": "text", "text": phrase("slack_also", language)}
    elements: list[Element] = [*text_elements("\n"), *direction_mark(language), also_in]
    for number, article in enumerate(quote.also[:_MAX_COPIES]):
        name = shortened(article.publisher, _MAX_NAME) or phrase("unnamed", language)
        separator = phrase("slack_comma", language) if number else " "
        elements += [{"type": "text", "text": separator}, _linked(article.url if linked else "", name)]
    if len(quote.also) > _MAX_COPIES:
        elements.append({"type": "text", "text": f" … +{len(quote.also) - _MAX_COPIES}"})
    return elements


def refusal(answer: Answer) -> Part:
    """Say that the archive does not answer the question, and list the nearest articles."""
    language = answer.language
    not_in_archive = phrase("not_in_archive", language)
    elements = [section(*text_elements(not_in_archive, bold=True))]
    if answer.related:
        elements.append(section(*text_elements("\n" + phrase("nearest", language))))
        articles = [section(*attribution(article, language)) for article in answer.related[:5]]
        elements.append({"type": "rich_text_list", "style": "bullet", "elements": articles})
    return Part((rich_text_block("refusal", *elements),), (), (not_in_archive,))


def date_notice(dates: Dates, language: str) -> Part:
    """Say that only the dates in the question were searched; not in notifications, which begin with the answer."""
    notice = f"{isolated(shortened(dates.words, _MAX_NAME))}: {searched_dates(dates, language)}"
    return Part((rich_text_block("dates", section(*text_elements(notice, italic=True))),))


def line(block_id: str, text: str, **style: bool) -> Part:
    """Return one paragraph in the bot's own words."""
    return Part((rich_text_block(block_id, section(*text_elements(text, **style))),), (), (text,))


# -- the footer of a page --------------------------------------------------------------------------------------------


def footer(page: Page, language: str, last: bool, answer: Answer | None = None, question: str = "") -> list[Block]:
    """Return the blocks that end a page: that the answer continues, how it was written, and buttons.

    Args:
        page: the page so far.
        language: of the question.
        last: whether no page follows.
        answer: the whole answer, if readers can rate it and this is its last page.
        question: as it was asked; stored in the buttons.
    """
    from slack_sdk.models.blocks import ActionsBlock

    blocks: list[Block] = []
    if not last:
        blocks += line("more", phrase("slack_more", language), italic=True).blocks
    if answer and answer.notice:
        blocks += line("notice", shortened(writer_notice(answer), _MAX_NOTICE), italic=True).blocks
    buttons = []
    for index, quote in enumerate(page.quotes):
        name = phrase("slack_show", language) + (f" {index + 1}" if len(page.quotes) > 1 else "")
        value = f"{quote.article.id}:{quote.start}:{quote.end}:{quote_checksum(quote.text)}:{language}"
        buttons.append(_button(f"{SHOW}.{index}", name, value))
    if answer and answer.dates:
        buttons.append(_button(AGAIN, phrase("slack_again", language), question[:VALUE]))
    if buttons:
        blocks.append(ActionsBlock(block_id="buttons", elements=buttons).to_dict())
    if answer:
        blocks.append(_feedback_buttons(question, language))
    return blocks


def _button(action_id: str, name: str, value: str) -> "ButtonElement":
    from slack_sdk.models.blocks import ButtonElement, PlainTextObject

    text = PlainTextObject(text=shortened(name, BUTTON), emoji=False)
    return ButtonElement(action_id=action_id, text=text, value=value)


def _feedback_buttons(question: str, language: str) -> Block:
    """The buttons "useful" and "not useful"; their values are "+" or "-" and the question."""
    from slack_sdk.models.blocks import (
        ContextActionsBlock,
        FeedbackButtonObject,
        FeedbackButtonsElement,
        PlainTextObject,
    )

    def button(name: str, sign: str) -> FeedbackButtonObject:
        text = PlainTextObject(text=phrase(name, language))
        return FeedbackButtonObject(text=text, value=(sign + question)[:VALUE])

    buttons = FeedbackButtonsElement(
        action_id=JUDGE, positive_button=button("slack_useful", "+"), negative_button=button("slack_useless", "-")
    )
    return ContextActionsBlock(block_id="judging", elements=[buttons]).to_dict()


# -- reading messages back from Slack --------------------------------------------------------------------------------


def metadata(kind: str, payload: dict[str, str | int | bool]) -> dict[str, object]:
    """Return metadata by which the bot recognises its own messages; it contains references, never quoted words."""
    return {"event_type": f"khabar_{kind}", "event_payload": payload}


def statement_text(block: Block) -> str:
    """Read a statement without its quotations from its block; "" for any other block."""
    is_statement = str(block.get("block_id", "")).startswith(_STATEMENT_ID) and block.get("type") == "rich_text"
    first = next(iter(_elements(block)), {}) if is_statement else {}
    if first.get("type") != "rich_text_section":
        return ""
    text = "".join(str(element.get("text", "")) for element in _elements(first) if element.get("type") == "text")
    return "".join(character for character in text if character not in MARKS).strip()


def _elements(block: Block) -> list[Element]:
    elements = block.get("elements")
    return [element for element in elements if isinstance(element, dict)] if isinstance(elements, list) else []
