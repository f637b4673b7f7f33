"""Render the archive for its readers: statistics, publishers that have gone quiet, the list of articles."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from markupsafe import Markup

from assistant.page.templates import render
from ingest.archive import Outlet, Statistics
from ingest.article import Article
from ingest.load import Report

PAGE_SIZE = 20
"""Articles on one page of the list."""

_MAX_PROBLEMS = 200  # shown of one report
_MIN_DATED = 3  # dated articles needed to estimate a publisher's pace
_QUIET_INTERVALS = 5  # silence as a multiple of a publisher's mean interval between articles
_QUIET_AT_LEAST = timedelta(days=7)


def summary_html(statistics: Statistics, outlets: Sequence[Outlet], language: str, now: datetime) -> Markup:
    """Render the statistics of the archive."""
    return render("archive_summary", language, statistics=statistics, quiet=quiet_outlets(outlets), now=now)


def quiet_outlets(outlets: Sequence[Outlet]) -> list[Outlet]:
    """Find publishers that have been silent for long, by their own pace, while others published; longest first."""
    if not outlets:
        return []
    newest = max(outlet.last for outlet in outlets)
    quiet: list[Outlet] = []
    for outlet in outlets:
        if outlet.dated >= _MIN_DATED:
            interval = (outlet.last - outlet.first) / (outlet.dated - 1)
            if newest - outlet.last > max(_QUIET_AT_LEAST, _QUIET_INTERVALS * interval):
                quiet.append(outlet)
    return sorted(quiet, key=lambda outlet: outlet.last)


def article_list_html(
    articles: Sequence[Article], language: str, now: datetime, offset: int = 0, *, more: bool = False
) -> Markup:
    """Render one page of the list of articles; `more` if another page follows."""
    return render("article_list", language, articles=articles, now=now, offset=offset, more=more, page_size=PAGE_SIZE)


def progress_html(report: Report, expected: int, language: str) -> Markup:
    """Render the progress of adding articles; `expected` is the number of items, 0 if unknown."""
    return render("progress", language, report=report, total=max(expected, report.seen))


def report_html(report: Report, language: str, names: Mapping[str, str]) -> Markup:
    """Render the complete report of adding articles.

    Args:
        report: the report.
        language: of the interface.
        names: see `Progress.names`.
    """
    errors = report.errors[:_MAX_PROBLEMS]
    problems = [(names.get(error.source, error.source), error.location, error.reason) for error in errors]
    return render("report", language, report=report, problems=problems)
