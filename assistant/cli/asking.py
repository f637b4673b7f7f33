"""The commands that answer questions: ask, eval, demo."""

import json
import sys
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from assistant.assistant import Assistant
from assistant.cli.options import FILL, Json, chosen_settings, cli, moment
from assistant.cli.terminal import print_json, print_text, progress_bar, say
from assistant.demo import demo as demonstration
from assistant.evaluation.claims import measure
from assistant.evaluation.question_set import evaluate
from assistant.formats.json import answer_data
from assistant.formats.text import answer_text
from assistant.llm.client import open_model
from assistant.settings import load_settings
from assistant.verification.judge import open_judge
from ingest.archive import Filter
from ingest.errors import ArchiveError
from prompts import prompt


@cli.command()
def ask(
    ctx: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(metavar="QUESTION", help="A question in Arabic, English or another language; best in quotes."),
    ],
    since: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="DATE", help="Only articles published on this day or later."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="DATE", help="Only articles published on this day or earlier."),
    ] = None,
    publisher: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only articles of this publisher; may be repeated.")
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Only articles in this language, as ar or en; may be repeated."),
    ] = None,
    any_date: Annotated[
        bool, typer.Option("--any-date", help='Search all dates, even if the question names one ("last week").')
    ] = False,
    quotes: Annotated[
        int | None, typer.Option(min=1, max=10, metavar="N", help="At most this many quotations.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Answer a question with quotations from the archive."""
    where = Filter(since, until and _end_of(until), tuple(publisher or ()), tuple(language or ()))
    settings = chosen_settings(ctx)
    with Assistant(settings) as assistant:
        if not assistant.archive.passages.count:
            raise ArchiveError(f"the archive at {settings.archive} is empty; {FILL}")
        answer = assistant.ask(" ".join(words), where=where, quotes=quotes, dated=not any_date)
    if as_json:
        print_json(answer_data(answer))
        return
    print_text(answer_text(answer))
    if answer.dates:
        say("khabar: --any-date searches every date")


def _end_of(day: datetime) -> datetime:
    """The end of a day that was given without a time; else the time itself."""
    return day + timedelta(days=1) if (day.hour, day.minute, day.second) == (0, 0, 0) else day


@cli.command("eval")
def evaluate_archive(
    ctx: typer.Context,
    articles: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The articles: JSON Lines, each with an id.")
    ] = None,
    questions: Annotated[Path | None, typer.Option(metavar="FILE", help="The questions: JSON Lines.")] = None,
    claims: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Statements and the sentences that they cite (JSON Lines): measure how statements are proven.",
        ),
    ] = None,
    without_gold: Annotated[
        bool,
        typer.Option("--without-gold", help="Hide the articles that answer, so that every question should be refused."),
    ] = False,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the figures to this file too; - prints them alone."),
    ] = None,
) -> None:
    """Measure an archive with questions whose answers are known, or the proof of statements."""
    if claims:
        return _evaluate_claims(claims, json_file)
    if not articles or not questions:
        raise typer.BadParameter("name --articles and --questions, or --claims")
    with progress_bar("asking") as progress:
        figures = evaluate(
            load_settings(),
            ctx.obj,
            articles,
            questions,
            without_gold=without_gold,
            progress=progress,
            on_error=lambda error: say(str(error)),
        )
    if str(json_file) == "-":
        return print_json(figures)
    print_text("\n".join(f"{name:<22}{_figure(value):>8}" for name, value in figures.items()))
    if json_file:  # last, so that the figures are shown even if the file cannot be written
        json_file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return None


def _evaluate_claims(file: Path, json_file: Path | None) -> None:
    settings = load_settings()
    with progress_bar("checking") as progress:
        report = measure(file, open_judge(settings, open_model(settings), prompt("judge", settings.prompts)), progress)
    for problem in report.problems:
        say(f"khabar: {file}: {problem}")
    data = asdict(report)
    if str(json_file) == "-":
        return print_json(data)
    header = ("set", "true", "false", "false accept", "false refuse", "shortened", "judged")
    rows = [(name, *map(_figure, asdict(shares).values())) for name, shares in report.sets.items()]
    rows.append(("mean", "", "", _figure(report.false_accept), _figure(report.false_refuse), "", ""))
    for name, *cells in (header, *rows):
        print_text(f"{name:<14}{''.join(f'{cell:>14}' for cell in cells)}".rstrip())
    judge = f"judge {report.judge}, {report.requests} requests" if report.judge else "no judge"
    print_text(f"{judge}, {report.seconds:.1f} seconds")
    if json_file:
        json_file.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    return None


def _figure(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "-" if value is None else str(value)


@cli.command()
def demo() -> None:
    """Show how it works, with sample articles in a temporary archive."""
    for index, piece in enumerate(demonstration()):
        print_text(("\n" if index else "") + piece)
        sys.stdout.flush()
