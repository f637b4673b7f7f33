"""The command line: what is typed -> the archive and the assistant -> what is printed.

Results go to the standard output, reports and errors to the standard error, both in UTF-8 whatever the locale.
Exit status: 0 done, 1 an error that is named, 2 a command line that is not understood, 130 after Ctrl-C.
"""

import contextlib
import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text
from typer.core import TyperGroup

from assistant.core import Assistant
from assistant.demo import demo as demonstration
from assistant.evaluation import evaluate
from assistant.render import answer_data, answer_text, article_data, article_text, time_data
from assistant.settings import Settings, load_settings
from ingest.archive import Archive, Filter, Statistics
from ingest.archive import check as check_archive
from ingest.archive import reembed as reembed_archive
from ingest.archive import repair as repair_archive
from ingest.dates import parse_date
from ingest.embedding import Embedder, open_embedder
from ingest.errors import ArchiveError, KhabarError, SourceError
from ingest.load import load
from ingest.sources import Defaults, read

# Nothing that a terminal would obey instead of show: an error may carry the name of a file.
_CONTROLS = {code: "\ufffd" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


class _Commands(TyperGroup):
    """All commands, with the one place where their errors are turned into a message and an exit status."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer's own type has moved between its versions
        with _known_errors(debug=ctx.params["debug"]):
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result


cli = typer.Typer(
    name="khabar",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help and errors: they are the same in a pipe, and nothing typed is taken for markup
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Ask a news archive; every answer is proven by exact, dated, attributed quotations.",
)


def main() -> None:
    """Run the command that was typed."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    cli(prog_name="khabar")


@contextlib.contextmanager
def _known_errors(debug: bool) -> Iterator[None]:
    """Turn what a command raises into a line on the standard error and an exit status."""
    try:
        yield
    except KhabarError as error:
        _say(f"khabar: {error}")
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        _say("khabar: stopped; what was already stored is kept")
        raise typer.Exit(130) from error
    except BrokenPipeError as error:  # the reader, as in "| head", has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(141) from error  # 128 + SIGPIPE, as other programs
    except Exception as error:
        if type(error).__module__.startswith(("typer", "click")):
            raise  # exits and usage errors, which typer shows
        if debug:
            traceback.print_exc()
        hint = "" if debug else "; run it as khabar --debug ... to see where, and report it"
        _say(f"khabar: unexpected error: {type(error).__name__}: {error}{hint}")
        raise typer.Exit(1) from error


def _say(message: str) -> None:
    """To the standard error, where a person reads it."""
    typer.echo(message.translate(_CONTROLS), err=True)


def _print_json(data: object) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2, default=time_data))


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"khabar {metadata.version('khabar')}")
        raise typer.Exit


def _moment(text: str) -> datetime:
    try:
        return parse_date(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}; write it as 2024-03-12") from error


def _end_of(day: datetime) -> datetime:
    """The moment after a day; of a time that is not midnight, the time itself."""
    return day + timedelta(days=1) if (day.hour, day.minute, day.second) == (0, 0, 0) else day


@cli.callback()
def _options(
    ctx: typer.Context,
    archive: Annotated[Path | None, typer.Option(metavar="DIR", help="The folder of the archive.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an unexpected error comes from.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    ctx.obj = archive


Json = Annotated[bool, typer.Option("--json", help="Print JSON, for a program.")]


def _settings(ctx: typer.Context, **chosen: object) -> Settings:
    return load_settings(archive=ctx.obj, **chosen)


@contextlib.contextmanager
def _archive(settings: Settings) -> Iterator[Archive]:
    """The archive, which is there already.

    Raises:
        ArchiveError: it is not.
    """
    _refuse_missing(settings)
    with Archive.open(settings.archive, _embedder(settings), settings.chroma) as archive:
        yield archive


def _embedder(settings: Settings) -> Embedder:
    return open_embedder(settings.embedder, settings.embedder_url)


def _refuse_missing(settings: Settings) -> None:
    if not settings.archive.exists():
        raise ArchiveError(f"there is no archive at {settings.archive} yet; {_FILL}")


_FILL = "fill it with: khabar ingest FOLDER (khabar demo shows how it works with sample articles)"


@cli.command()
def ingest(
    ctx: typer.Context,
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE...", help='Files, folders, or "-" for JSON Lines on the standard input.'),
    ],
    publisher: Annotated[
        str, typer.Option(metavar="NAME", help="The publisher where an article does not name it.")
    ] = "",
    published: Annotated[
        datetime | None, typer.Option(parser=_moment, metavar="DATE", help="The date where an article has none.")
    ] = None,
    language: Annotated[
        str, typer.Option(metavar="CODE", help="The language where an article does not say it: ar, en ...")
    ] = "",
    as_json: Json = False,
) -> None:
    """Add articles, or update those that have changed."""
    defaults = Defaults(publisher=publisher, published=published, language=language)
    items = chain.from_iterable(read(source, defaults) for source in sources)
    settings = _settings(ctx)
    embedder = _embedder(settings)
    with Archive.open(settings.archive, embedder, settings.chroma) as archive, _progress("articles") as progress:
        expected = _expected(sources)
        report = load(items, archive, embedder, lambda so_far: progress(so_far.seen, expected))
        progress(report.seen, report.seen)
    for error in report.errors:
        _say(str(error))
    counts = {name: getattr(report, name) for name in ("added", "updated", "unchanged", "duplicate", "failed")}
    if as_json:
        _print_json({**counts, "errors": [_error_data(error) for error in report.errors]})
    else:
        typer.echo(", ".join(f"{count:,} {name}" for name, count in counts.items()))
    if report.stopped:
        raise report.stopped
    if report.failed == report.seen > 0:
        raise typer.Exit(1)  # nothing could be read


_MANY = (".jsonl", ".ndjson", ".jl", ".csv", ".tsv")  # an article a line
_ONE = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".json", "")


def _expected(sources: Sequence[str]) -> int:
    """About how many items the sources hold, for the time left; 0 where nobody can know."""
    if "-" in sources or not sys.stderr.isatty():
        return 0
    return sum(_expected_of(file) for source in sources for file in _files(Path(source).expanduser()))


def _files(path: Path) -> Iterator[Path]:
    yield from (file for file in path.rglob("[!.]*") if file.is_file()) if path.is_dir() else [path]


def _expected_of(file: Path) -> int:
    suffix = file.suffix.lower()
    if suffix not in _MANY:
        return int(suffix in _ONE)
    with contextlib.suppress(OSError), file.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
    return 1


def _error_data(error: SourceError) -> dict[str, str]:
    return {"source": error.source, "place": error.place, "reason": error.reason}


@cli.command()
def ask(
    ctx: typer.Context,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In Arabic, English or another language.")],
    since: Annotated[
        datetime | None, typer.Option(parser=_moment, metavar="DATE", help="Only articles of this day or later.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(parser=_moment, metavar="DATE", help="Only articles of this day or earlier.")
    ] = None,
    publisher: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only of this publisher; may be given again.")
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Only in this language, as ar or en; may be given again.")
    ] = None,
    quotes: Annotated[
        int | None, typer.Option(min=1, max=10, metavar="N", help="At most this many quotations.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Answer a question with quotations from the archive."""
    where = Filter(since, until and _end_of(until), tuple(publisher or ()), tuple(language or ()))
    settings = _settings(ctx)
    _refuse_missing(settings)
    with Assistant(settings) as assistant:
        if not assistant.archive.passage_count:
            raise ArchiveError(f"the archive at {settings.archive} is empty; {_FILL}")
        answer = assistant.ask(question, where=where, quotes=quotes)
    if as_json:
        _print_json(answer_data(answer))
    else:
        typer.echo(answer_text(answer))


@cli.command("list")
def list_articles(ctx: typer.Context, as_json: Json = False) -> None:
    """Show which articles the archive holds, the newest first."""
    with _archive(_settings(ctx)) as archive:
        for article in archive.list():
            if as_json:
                data = article_data(article)
                del data["text"]
                typer.echo(json.dumps(data, ensure_ascii=False))
            else:
                day = article.published.date().isoformat() if article.published else "undated   "
                typer.echo(f"{article.id}  {day}  {article.publisher} — {article.title}")


@cli.command()
def show(
    ctx: typer.Context,
    article_id: Annotated[
        str, typer.Argument(metavar="ID", help="The id of an article, or its first six digits or more.")
    ],
    as_json: Json = False,
) -> None:
    """Show one article."""
    with _archive(_settings(ctx)) as archive:
        article = archive.article(archive.resolve(article_id))
    if as_json:
        _print_json(article_data(article))
    else:
        typer.echo(article_text(article))


@cli.command()
def forget(
    ctx: typer.Context,
    article_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of articles, or their first digits.")],
) -> None:
    """Remove articles, their passages and their vectors."""
    with _archive(_settings(ctx)) as archive:
        ids = list(dict.fromkeys(archive.resolve(article_id) for article_id in article_ids))
        count = archive.forget(ids)
    typer.echo(f"forgotten: {count}")


@cli.command()
def status(ctx: typer.Context, as_json: Json = False) -> None:
    """Show what the archive holds."""
    settings = _settings(ctx)
    with _archive(settings) as archive:
        statistics = archive.statistics()
    if as_json:
        _print_json({"archive": str(settings.archive), **asdict(statistics)})
    else:
        typer.echo(_status_text(settings.archive, statistics))


def _status_text(folder: Path, statistics: Statistics) -> str:
    dates = [time_data(when).partition("T")[0] for when in (statistics.first, statistics.last) if when]
    lines = {
        "archive": str(folder),
        "articles": f"{statistics.articles:,}",
        "passages": f"{statistics.passages:,}",
        "published": " to ".join(dates),
        "languages": _counted(statistics.languages, "unknown"),
        "publishers": _counted(statistics.publishers, "unnamed"),
        "on disk": f"{statistics.size / 1e6:,.1f} MB",
        "embedder": statistics.embedder,
    }
    return "\n".join(f"{name:<12}{value}" for name, value in lines.items() if value)


def _counted(counts: dict[str, int], nameless: str) -> str:
    """The most frequent ten, "ar 7, en 7"."""
    shown = [f"{name or nameless} {count:,}" for name, count in list(counts.items())[:10]]
    return ", ".join([*shown, "..."] if len(counts) > len(shown) else shown)


@cli.command()
def check(
    ctx: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Make good what is wrong.")] = False,
    as_json: Json = False,
) -> None:
    """Find out whether the archive is whole."""
    settings = _settings(ctx)
    if repair:
        embedder = _embedder(settings)
        with _progress("repairing") as progress:
            problems = repair_archive(settings.archive, embedder, settings.chroma, progress)
    else:
        problems = check_archive(settings.archive, settings.chroma)
    if as_json:
        _print_json({"problems": [asdict(problem) for problem in problems], "repaired": repair})
    else:
        typer.echo("\n".join(problem.message for problem in problems) or "the archive is whole")
    if problems and not repair:
        raise ArchiveError(f"the archive at {settings.archive} is not whole; run: khabar check --repair")
    if problems and not as_json:
        typer.echo("repaired")


@cli.command()
def reembed(ctx: typer.Context) -> None:
    """Make all vectors again, after another embedder was set."""
    settings = _settings(ctx)
    embedder = _embedder(settings)
    with _progress("embedding") as progress:
        reembed_archive(settings.archive, embedder, settings.chroma, progress)
    typer.echo(f"embedded again with {embedder.name}")


@cli.command("eval")
def evaluate_archive(
    ctx: typer.Context,
    articles: Annotated[Path, typer.Option(metavar="FILE", help="The articles: JSON Lines, each with an id.")],
    questions: Annotated[Path, typer.Option(metavar="FILE", help="The questions: JSON Lines.")],
    without_gold: Annotated[
        bool, typer.Option("--without-gold", help="Hide the articles that answer: every question should be refused.")
    ] = False,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the figures to this file too; - prints only them."),
    ] = None,
) -> None:
    """Measure an archive with questions whose answers are known."""
    with _progress("asking") as progress:
        figures = evaluate(load_settings(), ctx.obj, articles, questions, without_gold=without_gold, progress=progress)
    if str(json_file) == "-":
        return _print_json(figures)
    if json_file:
        json_file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    typer.echo("\n".join(f"{name:<22}{_figure(value):>8}" for name, value in figures.items()))
    return None


def _figure(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "-" if value is None else str(value)


@cli.command()
def demo() -> None:
    """Show how it works, with sample articles in a temporary archive."""
    for place, piece in enumerate(demonstration()):
        typer.echo(("\n" if place else "") + piece)
        sys.stdout.flush()


@contextlib.contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with count, rate and time left on a terminal, nothing in a pipe.

    Yields:
        What to call with how many are done, and of how many (0: unknown).
    """
    console = Console(stderr=True, markup=False, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=max(of, done) if of else None)


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """The rate of the last minute, as "12.3/s"."""
        return Text(f"{task.speed:,.1f}/s" if task.speed else "")


if __name__ == "__main__":
    main()
