"""Measure an archive with questions whose answers are known: recall, quotes, refusals, time.

Articles and questions are JSON Lines. An article has an `id`, and is otherwise read as `khabar ingest` reads it; a
question has `question`, `answers` (each a verbatim stretch of a gold article), `gold` (ids of articles) and
`answerable` (true if not given). What cannot be read is left out: each such line is told, and all of them are counted.
"""

import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import BaseModel, Field, ValidationError

from assistant.answer import Answer, Quote
from assistant.assistant import Assistant
from assistant.question import reading
from assistant.retrieval.search import search
from assistant.settings import Settings
from ingest.archive import Archive, Filter
from ingest.errors import ArchiveError, SourceError
from ingest.language import folded
from ingest.load import load
from ingest.sources import Item, read

Figures = dict[str, float | int | None]
Progress = Callable[[int, int], None]
Told = Callable[[SourceError], None]
_Read = TypeVar("_Read")
DEPTH = 10
"""Articles of a search that are looked at: recall@10, MRR@10."""


class Known(BaseModel):
    """A question whose answer is known."""

    id: str | int = ""
    question: str
    answers: list[str] = Field(default_factory=list)
    gold: list[str | int] = Field(default_factory=list)
    answerable: bool = True


def evaluate(
    settings: Settings,
    folder: Path | None,
    articles: Path,
    asked: Path,
    *,
    without_gold: bool = False,
    progress: Progress = lambda done, of: None,
    told: Told = lambda error: None,
) -> Figures:
    """Fill an archive with the articles, ask the questions, and count.

    Args:
        settings: the embedder and the number of quotes; their archive is not touched.
        folder: the archive to fill, or to use again if it holds these articles; a temporary one if None.
        articles: JSON Lines, each article with an `id`.
        asked: JSON Lines, each question with its `answers` and `gold`.
        without_gold: hide each question's gold articles and their near-copies, so that every question should be
            refused.
        progress: called with how many questions are done, and of how many.
        told: called with each article and question that cannot be read.

    Returns:
        recall@1, recall@5, recall@10 and mrr@10 of the gold article; answer_in_quotes@1 and @3; exact_quotes;
        answered (of the answerable), refused (of the unanswerable); seconds_p50 and seconds_p95 of an answer;
        how many questions and articles; how many of either were left out because they cannot be read, or, of
        questions, because none of their gold articles could be. A share of nothing is None.

    Raises:
        SourceError: a file cannot be read, or nothing in it can.
        ArchiveError: the folder holds other articles.
    """
    known, unread = _apart(_questions(asked), asked, told)
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="khabar-eval-")))
        named = settings.model_copy(update={"archive": folder})
        assistant = stack.enter_context(Assistant(named, create=True))
        ids, missing = _fill(assistant, articles, told)
        judged = [one for one in known if not one.gold or any(str(name) in ids for name in one.gold)]
        marks = []
        for done, one in enumerate(judged):
            marks.append(_ask(assistant, one, ids, without_gold))
            progress(done + 1, len(judged))
        left_out = {"questions_left_out": unread + len(known) - len(judged), "articles_left_out": missing}
        return {**_figures(marks, len(set(ids.values()))), **left_out}


@dataclass(frozen=True, slots=True)
class _Mark:
    """How one question went: `rank` of the first gold article, 0 if not among the first; `place` of the answer."""

    answerable: bool
    rank: int
    place: int
    answered: bool
    quotes: int
    exact: int
    seconds: float


def _fill(assistant: Assistant, articles: Path, told: Told) -> tuple[dict[str, str], int]:
    """Bring the articles in; returns the archive's id of each of the file's ids, and how many could not be read."""
    ids: dict[str, str] = {}
    items, missing = _apart(_items(articles, ids), articles, told)
    present = {article.id for article in assistant.archive.list()}
    moved = set(assistant.archive.aliases(ids.values()).values())
    if others := present - set(ids.values()) - moved:
        raise ArchiveError(
            f"the archive at {assistant.settings.archive} holds {len(others)} articles that are not in {articles}; "
            "name an empty folder with --archive, or none for a temporary one"
        )
    report = load(items, assistant.archive, assistant.embedder)
    if report.stopped:
        raise report.stopped
    stored = assistant.archive.aliases(ids.values())
    return {name: stored.get(identity, identity) for name, identity in ids.items()}, missing


def _apart(items: Iterable[_Read | SourceError], file: Path, told: Told) -> tuple[list[_Read], int]:
    """What of a file can be read, and how many of its items cannot, each of which is told.

    Raises:
        SourceError: nothing can be read.
    """
    good: list[_Read] = []
    bad: list[SourceError] = []
    for item in items:
        if isinstance(item, SourceError):
            bad.append(item)
            told(item)
        else:
            good.append(item)
    if bad and not good:
        raise SourceError(str(file), f"nothing in it can be read; {bad[0].location}: {bad[0].reason}")
    return good, len(bad)


def _items(file: Path, ids: dict[str, str]) -> Iterator[Item | SourceError]:
    for number, line in _lines(file):
        try:
            name = str(_record(line).get("id", ""))
            for item in read("-", stream=io.BytesIO(line)):
                if isinstance(item, SourceError):
                    raise ValueError(item.reason)
                ids[name] = item.article.id
                yield item
        except ValueError as error:
            yield SourceError(str(file), str(error), f"line {number}")


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with file.open("rb") as lines:
            yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    except OSError as error:
        raise SourceError(str(file), f"cannot be read: {error.strerror}") from error


def _record(line: bytes) -> dict[str, object]:
    """The JSON object of a line.

    Raises:
        ValueError: it is none.
    """
    try:
        record = json.loads(line)
    except RecursionError:
        raise ValueError("not JSON: too deep") from None
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(record, dict):
        raise ValueError("not a JSON object")
    return record


def _questions(file: Path) -> Iterator[Known | SourceError]:
    for number, line in _lines(file):
        try:
            known = Known.model_validate(_record(line))
            reading.read(known.question)
            yield known
        except ValidationError as error:
            what = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            yield SourceError(str(file), f"not a question: {what}", f"line {number}")
        except (ValueError, reading.NoQuestion) as error:
            yield SourceError(str(file), str(error), f"line {number}")


def _ask(assistant: Assistant, known: Known, ids: dict[str, str], without_gold: bool) -> _Mark:
    gold = _that_answer(assistant.archive, known, ids)
    where = Filter(without=with_copies(assistant.archive, gold)) if without_gold else Filter()
    answer = assistant.ask(known.question, where=where)
    found = _ranked(assistant, known.question, where)
    return _Mark(
        answerable=known.answerable and not without_gold,
        rank=next((rank for rank, one in enumerate(found, 1) if one in gold), 0),
        place=_place(answer, known, gold),
        answered=answer.answered,
        quotes=len(answer.quotes),
        exact=sum(_exact(assistant, quote) for quote in answer.quotes),
        seconds=answer.seconds["total"],
    )


def _that_answer(archive: Archive, known: Known, ids: dict[str, str]) -> set[str]:
    """The gold articles and those of their near-copies that hold an answer too: search shows one of them."""
    gold = {ids.get(str(name), "") for name in known.gold}
    right = [folded(text) for text in known.answers if folded(text)]
    copies = {one for others in archive.near_duplicates.of(gold).values() for one in others}
    return gold | {one.id for one in copies if any(text in folded(one.text) for text in right)}


def with_copies(archive: Archive, ids: Iterable[str]) -> frozenset[str]:
    """Articles and their near-copies, which search shows as one: hiding one of them hides nothing."""
    copies = archive.near_duplicates.of(ids)
    return frozenset((*copies, *(one.id for others in copies.values() for one in others)))


def _ranked(assistant: Assistant, text: str, where: Filter) -> list[str]:
    """The ids of the first articles that search finds."""
    asked = reading.read(text)
    found = search(assistant.archive, asked, assistant.embedder.query(asked.standalone), where)
    return list(dict.fromkeys(candidate.stored.article.id for candidate in found))[:DEPTH]


def _place(answer: Answer, known: Known, gold: set[str]) -> int:
    """Which quote, from 1, is of a gold article and holds a known answer; 0 for none."""
    right = [folded(text) for text in known.answers if folded(text)]
    for place, quote in enumerate(answer.quotes, 1):
        words = folded(quote.text)
        if quote.article.id in gold and any(text in words for text in right):
            return place
    return 0


def _exact(assistant: Assistant, quote: Quote) -> bool:
    """Whether the stored article, fetched anew, has these words at this place."""
    return assistant.archive.article(quote.article.id).text[quote.start : quote.end] == quote.text


def _figures(marks: Sequence[_Mark], articles: int) -> Figures:
    answerable = [mark for mark in marks if mark.answerable]
    quotes = sum(mark.quotes for mark in marks)
    seconds = [mark.seconds for mark in marks] or [0.0]
    return {
        **{f"recall@{k}": _share([0 < mark.rank <= k for mark in answerable]) for k in (1, 5, 10)},
        "mrr@10": _share([1 / mark.rank if mark.rank else 0.0 for mark in answerable]),
        **{f"answer_in_quotes@{k}": _share([0 < mark.place <= k for mark in answerable]) for k in (1, 3)},
        "exact_quotes": sum(mark.exact for mark in marks) / quotes if quotes else None,
        "answered": _share([mark.answered for mark in answerable]),
        "refused": _share([not mark.answered for mark in marks if not mark.answerable]),
        "seconds_p50": float(np.percentile(seconds, 50)),
        "seconds_p95": float(np.percentile(seconds, 95)),
        "questions": len(marks),
        "articles": articles,
    }


def _share(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
