"""The archive as its readers see it: what it holds, which publishers have gone quiet, which articles there are."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from markupsafe import Markup

from assistant.page.templates import render
from ingest.archive import Outlet, Statistics
from ingest.article import Article
from ingest.load import Report

PAGE_SIZE = 20
"""Articles on one page of the list."""

_MOST_PROBLEMS = 200  # shown of one report
_FEWEST_DATED = 3  # articles from which a publisher's pace is estimated
_QUIET_INTERVALS = 5  # silence as a multiple of a publisher's mean interval between articles
_QUIET_AT_LEAST = timedelta(days=7)


def summary_html(statistics: Statistics, outlets: Sequence[Outlet], language: str, now: datetime) -> Markup:
    """Render what the archive holds, in figures."""
    return render("archive_summary", language, statistics=statistics, quiet=quiet_outlets(outlets), now=now)


def quiet_outlets(outlets: Sequence[Outlet]) -> list[Outlet]:
    """Find publishers that are silent for long by their own pace while others publish; the longest silent first."""
    newest = max((outlet.last for outlet in outlets), default=None)
    return sorted((one for one in outlets if newest and _is_quiet(one, newest)), key=lambda outlet: outlet.last)


def _is_quiet(outlet: Outlet, newest: datetime) -> bool:
    if outlet.dated < _FEWEST_DATED:
        return False
    interval = (outlet.last - outlet.first) / (outlet.dated - 1)
    return newest - outlet.last > max(_QUIET_AT_LEAST, _QUIET_INTERVALS * interval)


def article_list_html(
    articles: Sequence[Article], language: str, now: datetime, offset: int = 0, *, more: bool = False
) -> Markup:
    """Render a page of the list of articles; `more`: other pages follow."""
    return render("article_list", language, articles=articles, now=now, offset=offset, more=more, page_size=PAGE_SIZE)


def progress_html(report: Report, expected: int, language: str) -> Markup:
    """Render how far adding has come; `expected` is the number of items, 0 if unknown."""
    return render("progress", language, report=report, total=max(expected, report.seen))


def report_html(report: Report, language: str, names: Mapping[str, str]) -> Markup:
    """Render what became of the added articles.

    Args:
        report: of a whole run.
        language: of the interface.
        names: what to call a source instead of its path on the server.
    """
    errors = report.errors[:_MOST_PROBLEMS]
    problems = [(names.get(error.source, error.source), error.location, error.reason) for error in errors]
    return render("report", language, report=report, problems=problems)
