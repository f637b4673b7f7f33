"""The archive as its readers see it: what it holds, who has gone quiet, which articles there are."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from assistant.messages import date
from assistant.page.cards import ago, opening, when
from assistant.page.html import button, escaped, run
from assistant.page.localization import said, way
from assistant.page.transcript import span, tongue
from ingest.archive import Outlet, Statistics
from ingest.article import Article
from ingest.errors import SourceError
from ingest.load import Report

PAGE = 20
"""Articles of one page of the list."""

_SHOWN = 200  # problems of a report
_FEWEST = 3  # dated articles by which a publisher's pace is told
_PACES = 5  # of silence, in its own mean intervals
_PATIENCE = timedelta(days=7)  # at least


def summary(holds: Statistics, outlets: Sequence[Outlet], language: str, now: datetime) -> str:
    """What the archive holds, in figures."""
    figures = [
        (said("articles", language), escaped(f"{holds.articles:,}")),
        (said("passages", language), escaped(f"{holds.passages:,}")),
        (said("publishers", language), escaped(f"{len(holds.publishers):,}")),
        (said("languages", language), ", ".join(escaped(tongue(code, language)) for code in [*holds.languages][:6])),
    ]
    if holds.last:
        figures.append((said("newest", language), when(holds.last, language, now)))
    if holds.fetched and holds.articles:
        came = f"{escaped(date(holds.fetched, language))} · {escaped(ago(holds.fetched, now, language))}"
        figures.append((said("came", language), came))
    rows = "".join(f"<div><dt>{escaped(name)}</dt><dd>{value or '–'}</dd></div>" for name, value in figures)
    return (
        f'<section class="k-summary" dir="{way(language)}" lang="{language}" '
        f'aria-label="{escaped(said("archive", language))}"><dl>{rows}</dl>'
        f'<p class="k-span">{escaped(span(holds, language))}</p>{_quiet(outlets, language)}</section>'
    )


def _quiet(outlets: Sequence[Outlet], language: str) -> str:
    found = quiet(outlets)
    if not found:
        return ""
    items = "".join(
        f"<li>{run(one.publisher, 'bdi')} "
        f'<span class="k-date">{escaped(said("last_heard", language, date=date(one.last, language)))}</span></li>'
        for one in found
    )
    return f'<div class="k-quiet-ones"><h3>{escaped(said("quiet", language))}</h3><ul>{items}</ul></div>'


def quiet(outlets: Sequence[Outlet]) -> list[Outlet]:
    """Publishers that have not been heard for long by their own pace, while others have: the longest silent first."""
    newest = max((one.last for one in outlets), default=None)
    return sorted((one for one in outlets if newest and _is_quiet(one, newest)), key=lambda one: one.last)


def _is_quiet(one: Outlet, newest: datetime) -> bool:
    if one.dated < _FEWEST:
        return False
    pace = (one.last - one.first) / (one.dated - 1)
    return newest - one.last > max(_PATIENCE, _PACES * pace)


def listing(
    articles: Sequence[Article], language: str, now: datetime, offset: int, *, searched: bool, more: bool
) -> str:
    """A page of the list of articles."""
    if not articles:
        return f'<p class="k-note" dir="{way(language)}">{escaped(said("none_found", language))}</p>'
    items = "".join(
        f"<li>{opening(one, run(one.title or said('untitled', language), 'bdi'))}"
        f'<span class="k-who">{run(one.publisher or said("unnamed", language), "bdi")} '
        f"{when(one.published, language, now)}</span></li>"
        for one in articles
    )
    turning = ""
    if not searched and (offset or more):
        earlier = button("turn", said("earlier", language), "", offset=max(0, offset - PAGE)) if offset else ""
        later = button("turn", said("later", language), "", offset=offset + PAGE) if more else ""
        turning = f'<div class="k-actions">{earlier}{later}</div>'
    return (
        f'<div dir="{way(language)}" lang="{language}"><ol class="k-near k-list" start="{offset + 1}">{items}</ol>'
        f"{turning}</div>"
    )


def progress(report: Report, expected: int, language: str) -> str:
    """How far adding has come."""
    total = max(expected, report.seen)
    bar = (
        f'<progress max="{total}" value="{report.seen}" aria-label="{escaped(said("adding", language))}"></progress>'
        if total
        else f'<progress aria-label="{escaped(said("adding", language))}"></progress>'
    )
    told = said("progress", language, seen=f"{report.seen:,}", added=f"{report.added:,}")
    return (
        f'<div class="k-progress" dir="{way(language)}" lang="{language}">{bar}'
        f'<p role="status">{escaped(told)}</p></div>'
    )


def report_table(report: Report, language: str, names: dict[str, str]) -> str:
    """What became of what was added, as a table, and each problem with its reason.

    Args:
        report: of a whole run.
        language: of the interface.
        names: what to call a source instead of its path on the server.
    """
    counts = ("added", "updated", "unchanged", "duplicate", "failed")
    head = "".join(f'<th scope="col">{escaped(said(name, language))}</th>' for name in counts)
    row = "".join(f"<td>{getattr(report, name):,}</td>" for name in counts)
    table = f'<table class="k-table"><thead><tr>{head}</tr></thead><tbody><tr>{row}</tr></tbody></table>'
    there = report.added or report.updated or report.unchanged or report.duplicate
    problems = _problems(report.errors[:_SHOWN], language, names) if report.errors else ""
    stopped = ""
    if report.stopped:
        stopped = f'<p class="k-error" role="alert">{run(str(report.stopped), "bdi")}</p>'
    return (
        f'<div class="k-report" dir="{way(language)}" lang="{language}"><p role="status">'
        f"{escaped(said('report_done' if there else 'report_nothing', language))}</p>{table}{problems}{stopped}</div>"
    )


def _problems(errors: Sequence[SourceError], language: str, names: dict[str, str]) -> str:
    rows = "".join(
        f"<tr><td>{run(names.get(error.source, error.source), 'bdi')}</td><td>{run(error.location, 'bdi')}</td>"
        f"<td>{run(error.reason, 'bdi')}</td></tr>"
        for error in errors
    )
    head = "".join(f'<th scope="col">{escaped(said(name, language))}</th>' for name in ("source", "place", "problem"))
    return (
        f'<div class="k-scroll" tabindex="0" role="region" aria-label="{escaped(said("problem", language))}">'
        f'<table class="k-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )
