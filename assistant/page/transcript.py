"""A conversation as its reader sees it: questions, statements with their marks, cards, refusals, errors."""

from collections.abc import Callable, Sequence
from datetime import datetime

from assistant.answer import EXTRACT, Dates
from assistant.formats.text import searched_dates
from assistant.messages import date, phrase
from assistant.page.cards import card, card_id, opening, when
from assistant.page.conversation import Conversation, Exchange, Narrowed, Resolved, Stated
from assistant.page.html import button, escaped, isolated, run
from assistant.page.localization import said, way
from ingest.archive import Statistics
from ingest.language import direction

Holds = Callable[[], Statistics]
"""What the archive holds, counted only where it is told."""


def log(pieces: Sequence[str], language: str) -> str:
    """Turns as the log that a screen reader follows."""
    return (
        f'<div class="k-log" role="log" aria-label="{escaped(said("conversation", language))}" dir="{way(language)}" '
        f'lang="{language}">{"".join(pieces)}</div>'
    )


def turns(
    conversation: Conversation, resolved: Resolved, language: str, holds: Holds, *, finished: bool = False
) -> list[str]:
    """Every turn of a conversation, in markup; `finished`: none of them is the last one, for another is coming."""
    last = len(conversation.turns) - 1
    return [
        exchange(turn, place, resolved, language, holds, last=place == last and not finished)
        for place, turn in enumerate(conversation.turns)
    ]


def exchange(turn: Exchange, place: int, resolved: Resolved, language: str, holds: Holds, *, last: bool = False) -> str:
    """One question and what became of it; the `last` one may be asked again, changed or taken back."""
    asked_way = direction(turn.question)
    label = escaped(said("turn", language, number=str(place + 1)))
    busy = ' aria-busy="true"' if turn.state == "asked" else ""
    return (
        f'<section class="k-turn k-state-{turn.state}" id="t{place}" dir="{way(language)}" lang="{language}" '
        f'aria-label="{label}"{busy}>'
        f'<div class="k-asked" dir="{asked_way}"><p>{isolated(turn.question, asked_way)}</p></div>'
        f"{_narrowed(turn.narrowed, language)}{_dates(turn, language, last=last)}{_searched(turn, language)}"
        f'<div class="k-answer">{_body(turn, place, resolved, language, holds)}</div>'
        f"{_tools(turn, place, language, last=last) if turn.state != 'asked' else ''}</section>"
    )


def _body(turn: Exchange, place: int, resolved: Resolved, language: str, holds: Holds) -> str:
    statements = _statements(turn, place, resolved, language)
    if turn.state == "failed":
        return f'{statements}<p class="k-error" role="alert">{_notice(turn.notice)}</p>'
    if turn.state == "stopped":
        return f'{statements}<p class="k-note">{escaped(said("stopped", language))}</p>'
    if turn.state == "answered" and not turn.stated:
        return _refusal(turn, resolved, language, holds)
    note = ""
    if turn.notice:
        name = "without_model" if turn.writer == EXTRACT else "cut_short"
        note = f'<p class="k-note k-warning">{escaped(said(name, language))} {_notice(turn.notice)}</p>'
    return statements + note


def _notice(text: str) -> str:
    return run(text, "bdi")


def _statements(turn: Exchange, place: int, resolved: Resolved, language: str) -> str:
    """The statements, each with the cards of the quotations that no earlier one has."""
    quotes = [resolved.quote(cited) for cited in turn.cited]
    shown: set[int] = set()
    pieces = []
    for order, one in enumerate(turn.stated):
        identity = f"t{place}-s{order}"
        proven = [number for number in one.quotes if number < len(quotes) and quotes[number] is not None]
        if not proven:  # nothing is said that nothing proves any more
            pieces.append(f'<p class="k-note k-gone">{escaped(said("changed", language))}</p>')
            continue
        pieces.append(_statement(one, identity, proven, language))
        fresh = [number for number in dict.fromkeys(proven) if number not in shown]
        shown.update(fresh)
        cards = "".join(
            card(quote, identity, number + 1, language, turn.as_of, resolved.also(turn.cited[number]), turn.event)
            for number in fresh
            if (quote := quotes[number]) is not None
        )
        pieces.append(f'<div class="k-cards">{cards}</div>' if cards else "")
    return "".join(pieces)


def _statement(one: Stated, identity: str, proven: Sequence[int], language: str) -> str:
    base = direction(one.text)
    marks = "".join(
        f'<a class="k-mark" href="#{card_id(identity, number + 1)}" data-act="go" '
        f'data-to="{card_id(identity, number + 1)}" '
        f'aria-label="{escaped(said("quotation", language, number=str(number + 1)))}">{number + 1}</a>'
        for number in proven
    )
    how = ""
    if one.proof != "quoted":
        how = f'<span class="k-proof">{escaped(phrase(f"proof_{one.proof}", language, judge=one.judge))}</span>'
    return (
        f'<div class="k-statement" id="{identity}" dir="{base}" tabindex="-1">'
        f'<p>{isolated(one.text, base)}<span class="k-marks">{marks}</span></p>{how}</div>'
    )


def _refusal(turn: Exchange, resolved: Resolved, language: str, holds: Holds) -> str:
    """That the archive does not say it, what is nearest, and which dates the archive covers."""
    near = [resolved.articles[one] for one in turn.related if one in resolved.articles]
    items = "".join(
        f"<li>{opening(article, run(article.title or said('untitled', language), 'bdi'))}"
        f'<span class="k-who">{run(article.publisher, "bdi")} '
        f"{when(article.published, language, turn.as_of, turn.event)}</span></li>"
        for article in near
    )
    nearest = (
        f'<p class="k-nearest">{escaped(said("nearest", language))}</p><ul class="k-near">{items}</ul>' if near else ""
    )
    notice = f'<p class="k-note k-warning">{_notice(turn.notice)}</p>' if turn.notice else ""
    spoken = turn.language if turn.language == "ar" else "en"
    return (
        f'<div class="k-refusal"><p class="k-refused" lang="{spoken}" dir="{way(spoken)}">'
        f"{escaped(said('not_in_archive', turn.language))}</p>"
        f'<p class="k-span">{escaped(span(holds(), language))}</p>{nearest}{notice}</div>'
    )


def span(holds: Statistics, language: str) -> str:
    """From when to when the archive's articles are."""
    if not holds.first or not holds.last:
        return said("span_undated", language, articles=f"{holds.articles:,}")
    return said(
        "span",
        language,
        articles=f"{holds.articles:,}",
        first=date(holds.first, language),
        last=date(holds.last, language),
    )


def _narrowed(narrowed: Narrowed, language: str) -> str:
    """The filters that the question was asked with."""
    parts = [f"{escaped(said('since', language))} {run(narrowed.since, 'bdi')}"] if narrowed.since else []
    parts += [f"{escaped(said('until', language))} {run(narrowed.until, 'bdi')}"] if narrowed.until else []
    parts += [run(name, "bdi") for name in narrowed.publishers]
    parts += [escaped(tongue(code, language)) for code in narrowed.languages]
    if not parts:
        return ""
    chips = "".join(f'<li class="k-chip">{part}</li>' for part in parts)
    return f'<ul class="k-chips" aria-label="{escaped(said("only", language))}">{chips}</ul>'


def _dates(turn: Exchange, language: str, *, last: bool) -> str:
    """The time that was read from the question, and how to ask for any other."""
    if not turn.dates:
        return ""
    dates = Dates(turn.dates.words, turn.dates.since, turn.dates.until)
    undo = button("any_date", said("any_date", language), "k-quiet") if last and turn.state != "asked" else ""
    return f'<p class="k-note k-dates">{run(dates.words, "bdi")}: {escaped(searched_dates(dates, language))} {undo}</p>'


def _searched(turn: Exchange, language: str) -> str:
    if not turn.searched or turn.searched == turn.question:
        return ""
    return f'<p class="k-note k-searched">{escaped(said("searched", language))} {run(turn.searched, "bdi")}</p>'


def tongue(code: str, language: str) -> str:
    """The name of a language in that of the interface; of one that is not known, its code."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code).get_display_name(language) or code
    except (UnknownLocaleError, ValueError, TypeError):
        return code


def _tools(turn: Exchange, place: int, language: str, *, last: bool) -> str:
    """What may be done with a turn: judged, and the last one asked again, changed, taken back."""
    pieces = [_verdict(turn, place, language)] if turn.state == "answered" else []
    if last:
        pieces += [button(act, said(act, language), "k-quiet") for act in ("retry", "edit", "undo")]
    made = ""
    if turn.state == "answered" and turn.stated:
        by = said("quoted_only", language) if turn.writer == EXTRACT else ""
        name = escaped(by) if by else f"{escaped(said('written_by', language))} {run(turn.writer, 'bdi')}"
        made = f'<span class="k-made">{name} · {_moment(turn.as_of, language)}</span>'
    return f'<div class="k-tools">{"".join(pieces)}{made}</div>' if pieces or made else ""


def _moment(moment: datetime, language: str) -> str:
    return f'<time datetime="{moment.isoformat()}">{escaped(date(moment, language))}</time>'


def _verdict(turn: Exchange, place: int, language: str) -> str:
    buttons = "".join(
        f'<button type="button" class="k-button k-quiet k-thumb" data-act="judge" data-turn="{place}" '
        f'data-verdict="{verdict}" aria-pressed="{"true" if turn.verdict == verdict else "false"}" '
        f'aria-label="{escaped(said(verdict, language))}" title="{escaped(said(verdict, language))}">{sign}</button>'
        for verdict, sign in (("good", "👍"), ("bad", "👎"))
    )
    if not turn.verdict:
        return buttons
    if turn.reason:
        return f'{buttons}<span class="k-note k-thanks">{escaped(said("thanks", language))}</span>'
    field = f"t{place}-reason"
    return (
        f'{buttons}<form class="k-reason" data-act="reason" data-turn="{place}">'
        f'<label for="{field}" class="k-hidden">{escaped(said("reason", language))}</label>'
        f'<input id="{field}" name="reason" maxlength="1000" dir="auto" autocomplete="off" '
        f'placeholder="{escaped(said("reason", language))}">'
        f'<button type="submit" class="k-button">{escaped(said("send", language))}</button></form>'
    )


def welcome(language: str, examples: Sequence[str], holds: Statistics, *, read_only: bool) -> str:
    """What stands where nothing has been asked: what can be; of an empty archive, how to fill it."""
    if not holds.articles:
        sample = "" if read_only else button("sample", said("sample", language), "k-primary")
        return (
            f'<div class="k-welcome"><h2>{escaped(said("empty_title", language))}</h2>'
            f"<p>{escaped(said('empty_read_only' if read_only else 'empty', language))}</p>{sample}</div>"
        )
    items = "".join(
        f'<li><button type="button" class="k-example" data-act="example" data-question="{escaped(one)}">'
        f"{run(one, 'span')}</button></li>"
        for one in examples
    )
    return (
        f'<div class="k-welcome"><h2>{escaped(said("welcome_title", language))}</h2>'
        f'<p>{escaped(said("welcome", language))}</p><p class="k-span">{escaped(span(holds, language))}</p>'
        f'<ul class="k-examples" aria-label="{escaped(said("examples", language))}">{items}</ul></div>'
    )
