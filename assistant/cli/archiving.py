"""The commands that fill and maintain an archive: ingest, list, show, forget, status, check, reembed."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from assistant.assistant import Assistant
from assistant.cli.options import (  # fmt: skip
    AllowPrivate,
    Delay,
    Json,
    adding_settings,
    chosen_embedder,
    chosen_settings,
    cli,
    existing_archive,
    moment,
)
from assistant.cli.terminal import duration, print_json, print_text, progress_bar, say
from assistant.formats.json import article_data, time_data, versions_data
from assistant.formats.text import article_text, versions_text
from ingest.archive import Archive, Retraction, Statistics
from ingest.archive import check as check_archive
from ingest.archive import reembed as reembed_archive
from ingest.archive import repair as repair_archive
from ingest.errors import ArchiveError
from ingest.fetching.fetch_state import History
from ingest.load import Report
from ingest.sources import Defaults, count


@cli.command()
def ingest(
    ctx: typer.Context,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help='Files, folders, URLs of feeds, sitemaps or pages, or "-" for JSON Lines on the standard input.',
        ),
    ],
    publisher: Annotated[
        str, typer.Option(metavar="NAME", help="The publisher of articles that do not name one.")
    ] = "",
    published: Annotated[
        datetime | None, typer.Option(parser=moment, metavar="DATE", help="The date of articles that have none.")
    ] = None,
    language: Annotated[
        str, typer.Option(metavar="CODE", help="The language of articles that do not say it: ar, en ...")
    ] = "",
    allow_private: AllowPrivate = None,
    delay: Delay = None,
    as_json: Json = False,
) -> None:
    """Add articles, or update those that have changed."""
    defaults = Defaults(publisher=publisher, published=published, language=language)
    settings = adding_settings(ctx, allow_private=allow_private, delay=delay)
    with Assistant(settings, create=True) as assistant, progress_bar("articles") as progress:
        expected = sum(count(source) for source in sources) if sys.stderr.isatty() else 0
        progress(0, expected)
        report = assistant.add(sources, defaults, lambda so_far: progress(so_far.seen, expected))
        progress(report.seen, report.seen)
    for error in report.errors:
        say(str(error))
    if report.failed > len(report.errors):
        say(f"... and {report.failed - len(report.errors):,} more")
    if as_json:
        errors = [{"source": one.source, "place": one.location, "reason": one.reason} for one in report.errors]
        print_json({**_counts(report), "errors": errors})
    else:
        print_text(_report_text(report))
    if report.stopped:
        raise report.stopped
    if report.failed == report.seen > 0:
        raise typer.Exit(1)  # nothing could be read


def _counts(report: Report) -> dict[str, int]:
    return {
        "added": report.added, "updated": report.updated, "unchanged": report.unchanged,
        "duplicate": report.duplicate, "held": report.embargoed, "withdrawn": report.retracted,
        "failed": report.failed,
    }  # fmt: skip


def _report_text(report: Report) -> str:
    """The counts on one line. "Failed" are called problems: some are only dates of articles that were stored."""
    counts = _counts(report)
    problems = counts.pop("failed")
    parts = [f"{count:,} {name}" for name, count in counts.items() if count or name not in ("held", "withdrawn")]
    return ", ".join([*parts, f"{problems:,} problem{'' if problems == 1 else 's'}"])


@cli.command("list")
def list_articles(ctx: typer.Context, as_json: Json = False) -> None:
    """List the articles of the archive, the newest first."""
    with existing_archive(chosen_settings(ctx)) as archive:
        for article in archive.list():
            if as_json:
                data = {name: value for name, value in article_data(article).items() if name != "text"}
                print_json(data, in_a_line=True)
            else:
                day = article.published.date().isoformat() if article.published else "undated   "
                print_text(f"{article.id}  {day}  {article.publisher or 'unnamed'} — {article.title or 'untitled'}")


@cli.command()
def show(
    ctx: typer.Context,
    article_id: Annotated[
        str, typer.Argument(metavar="ID", help="The id of an article, or at least its first six digits.")
    ],
    versions: Annotated[bool, typer.Option("--versions", help="Show the earlier versions of its text.")] = False,
    as_json: Json = False,
) -> None:
    """Show one article, or why it is not in the archive."""
    with existing_archive(chosen_settings(ctx)) as archive:
        identity = archive.resolve(article_id)
        found = archive.articles([identity])
        if not found:
            _explain_missing(archive, identity, as_json)
            return
        article, earlier = found[identity], archive.versions(identity)
        copies = archive.near_duplicates.of([identity])[identity]
    if as_json:
        more = {"versions": versions_data(article, earlier)} if versions else {}
        print_json({**article_data(article), "copies": [one.id for one in copies], **more})
    else:
        print_text(versions_text(article, earlier) if versions else article_text(article))


def _explain_missing(archive: Archive, identity: str, as_json: bool) -> None:
    """Say why a known article is not in the archive."""
    held = archive.retractions.embargoed(identity)
    if held:
        article, until = held
        if as_json:
            print_json({"id": identity, "title": article.title, "held_until": until})
        else:
            print_text(f"{article.title}\nis held until {time_data(until)}; the next khabar ingest then takes it in")
        return
    for gone in archive.retractions.retracted(identity):
        if as_json:
            print_json({"id": identity, "title": gone.title, "withdrawn": gone.when, "reason": gone.reason})
        else:
            reason = f" ({gone.reason})" if gone.reason else ""
            print_text(
                f"{gone.title or 'untitled'}\nwas withdrawn on {gone.when:%Y-%m-%d}{reason}; a newer version is taken "
                f"in, the old one only after: khabar forget {identity}"
            )
        return
    archive.article(identity)  # raises why


@cli.command()
def forget(
    ctx: typer.Context,
    article_ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="Ids of articles, or at least their first six digits.")
    ],
) -> None:
    """Remove articles with their passages and vectors."""
    with existing_archive(chosen_settings(ctx)) as archive:
        ids = list(dict.fromkeys(archive.resolve(article_id) for article_id in article_ids))
        count = archive.forget(ids)
    print_text(f"forgotten: {count}")


@cli.command()
def status(ctx: typer.Context, as_json: Json = False) -> None:
    """Show what the archive holds."""
    settings = chosen_settings(ctx)
    with existing_archive(settings) as archive:
        statistics, withdrawals = archive.statistics(), archive.retractions.retracted()
        sources = archive.sources.histories()
    if as_json:
        contents = asdict(statistics)
        contents |= {"held": contents.pop("embargoed"), "withdrawn": contents.pop("retracted")}
        data = {
            "archive": str(settings.archive),
            **contents,
            "withdrawals": [asdict(one) for one in withdrawals],
            "sources": [_source_data(one) for one in sources],
        }
        print_json(data)
        return
    print_text(_status_text(settings.archive, statistics, withdrawals))
    for one in sources:
        print_text(_source_text(one))


def _source_data(history: History) -> dict[str, object]:
    last, articles = history.arrivals[0] if history.arrivals else (None, 0)
    return {
        "source": history.source, "asked": history.asked, "last": last, "articles": articles,
        "usual_pause": history.usual_pause or None, "quiet": history.is_quiet, "problem": history.problem,
    }  # fmt: skip


def _source_text(history: History) -> str:
    """When a source last had new articles, and below it what is unusual about it."""
    if history.arrivals:
        when, articles = history.arrivals[0]
        brought = f"last brought {articles:,} article{'' if articles == 1 else 's'} {when:%Y-%m-%d %H:%M} UTC"
    else:
        brought = "has brought nothing yet"
    lines = [f"{'source':<12}{history.source}: {brought}; asked {history.asked:%Y-%m-%d %H:%M} UTC"]
    if history.is_quiet:
        lines.append(f"{'':<12}WARNING: {quiet_text(history)}")
    if history.problem:
        lines.append(f"{'':<12}PROBLEM: {history.problem}")
    return "\n".join(lines)


def quiet_text(history: History) -> str:
    """Explain that a source has been quiet for unusually long."""
    return (
        f"has been quiet for {duration(history.silence)}; usually something comes within "
        f"{duration(history.usual_pause)}: see whether its address still is the right one"
    )


def _status_text(folder: Path, statistics: Statistics, withdrawals: Sequence[Retraction]) -> str:
    dates = [time_data(when).partition("T")[0] for when in (statistics.first, statistics.last) if when]
    lines = {
        "archive": str(folder),
        "articles": f"{statistics.articles:,}",
        "stories": f"{statistics.stories:,}" if statistics.stories < statistics.articles else "",
        "passages": f"{statistics.passages:,}",
        "corrected": f"{statistics.corrected:,}" if statistics.corrected else "",
        "held": f"{statistics.embargoed:,}" if statistics.embargoed else "",
        "withdrawn": _retracted(withdrawals),
        "published": " to ".join(dates),
        "languages": _most_frequent(statistics.languages, "unknown"),
        "publishers": _most_frequent(statistics.publishers, "unnamed"),
        "on disk": f"{statistics.size / 1e6:,.1f} MB",
        "embedder": statistics.embedder,
    }
    return "\n".join(f"{name:<12}{value}" for name, value in lines.items() if value)


def _retracted(withdrawals: Sequence[Retraction]) -> str:
    """The number of retracted articles, and the last three: "1: 0123456789abcdef Ferry cancelled (2024-03-12)"."""
    last = ", ".join(f"{one.id} {one.title or 'untitled'} ({one.when:%Y-%m-%d})" for one in withdrawals[:3])
    return f"{len(withdrawals):,}: {last}{', ...' if len(withdrawals) > 3 else ''}" if withdrawals else ""


def _most_frequent(counts: dict[str, int], nameless: str) -> str:
    """The ten most frequent names with their counts: "ar 7, en 7"."""
    shown = [f"{name or nameless} {count:,}" for name, count in list(counts.items())[:10]]
    return ", ".join([*shown, "..."] if len(counts) > len(shown) else shown)


@cli.command()
def check(
    ctx: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Repair what is wrong.")] = False,
    as_json: Json = False,
) -> None:
    """Check whether the archive is intact."""
    settings = chosen_settings(ctx)
    if repair:
        embedder = chosen_embedder(settings)
        with progress_bar("repairing") as progress:
            problems = repair_archive(settings.archive, embedder, settings.chroma, progress)
    else:
        problems = check_archive(settings.archive, settings.chroma)
    if as_json:
        print_json({"problems": [asdict(problem) for problem in problems], "repaired": repair})
    else:
        print_text("\n".join(problem.message for problem in problems) or "the archive is intact")
    if problems and not repair:
        raise ArchiveError(f"the archive at {settings.archive} is not whole; run: khabar check --repair")
    if problems and not as_json:
        print_text("repaired")


@cli.command()
def reembed(ctx: typer.Context) -> None:
    """Compute all vectors again, after the embedder was changed."""
    settings = chosen_settings(ctx)
    embedder = chosen_embedder(settings)
    with progress_bar("embedding") as progress:
        reembed_archive(settings.archive, embedder, settings.chroma, progress)
    print_text(f"embedded again with {embedder.name}")
