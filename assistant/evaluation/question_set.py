"""Measure an archive with questions whose answers are known: recall, quotations, refusals, seconds.

Articles and questions are JSON Lines. An article has an `id`, and is otherwise read as `khabar ingest` reads it. A
question has `question`, `answers` (each a verbatim part of a gold article), `gold` (ids of articles) and `answerable`
(true if not given). A line that cannot be read is reported, counted and left out.
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

from assistant.answer import Quote
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
OnError = Callable[[SourceError], None]
_Item = TypeVar("_Item")
DEPTH = 10
"""Articles of a search that count: recall@10, MRR@10."""


class KnownQuestion(BaseModel):
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
    questions: Path,
    *,
    without_gold: bool = False,
    progress: Progress = lambda done, total: None,
    on_error: OnError = lambda error: None,
) -> Figures:
    """Fill an archive with the articles, ask the questions, and count.

    Args:
        settings: the embedder and the number of quotes; the archive that they name is not touched.
        folder: the archive to fill, or to use again if it holds these articles; a temporary one if None.
        articles: JSON Lines, each article with an `id`.
        questions: JSON Lines, each question with its `answers` and `gold`.
        without_gold: hide each question's gold articles and their near-duplicates, so that every question should be
            refused.
        progress: called with the number of questions that are done and of all questions.
        on_error: called with each article and question that cannot be read.

    Returns:
        recall@1, recall@5, recall@10 and mrr@10 of the gold article; answer_in_quotes@1 and @3; exact_quotes;
        answered (of the answerable), refused (of the unanswerable); seconds_p50 and seconds_p95 of an answer; the
        numbers of questions and articles; how many of either were left out because they cannot be read or, for
        questions, because none of their gold articles can. A share of nothing is None.

    Raises:
        SourceError: a file cannot be read, or nothing in it can.
        ArchiveError: the folder holds other articles.
    """
    known, unreadable = _readable(read_questions(questions), questions, on_error)
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="khabar-eval-")))
        assistant = stack.enter_context(Assistant(settings.model_copy(update={"archive": folder}), create=True))
        ids, articles_left_out = fill(assistant, articles, on_error)
        asked = [one for one in known if not one.gold or any(str(name) in ids for name in one.gold)]
        outcomes: list[_Outcome] = []
        for question in asked:
            outcomes.append(_ask(assistant, question, ids, without_gold))
            progress(len(outcomes), len(asked))
        return {
            **_figures(outcomes, len(set(ids.values()))),
            "questions_left_out": unreadable + len(known) - len(asked),
            "articles_left_out": articles_left_out,
        }


def read_questions(file: Path) -> Iterator[KnownQuestion | SourceError]:
    """Read the questions of a file; a line that holds none becomes an error that names it.

    Raises:
        SourceError: the file cannot be read.
    """
    for number, line in _lines(file):
        try:
            known = KnownQuestion.model_validate(_record(line))
            reading.read(known.question)
            yield known
        except ValidationError as error:
            reason = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            yield SourceError(str(file), f"not a question: {reason}", f"line {number}")
        except (ValueError, reading.NoQuestion) as error:
            yield SourceError(str(file), str(error), f"line {number}")


def fill(assistant: Assistant, articles: Path, on_error: OnError = lambda error: None) -> tuple[dict[str, str], int]:
    """Bring the articles of a file into an archive.

    Returns:
        The archive's id of each of the file's ids, and how many articles could not be read.

    Raises:
        SourceError: the file cannot be read, or nothing in it can.
        ArchiveError: the archive holds other articles.
    """
    ids: dict[str, str] = {}
    items, unreadable = _readable(_items(articles, ids), articles, on_error)
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
    return {name: stored.get(identity, identity) for name, identity in ids.items()}, unreadable


def with_copies(archive: Archive, ids: Iterable[str]) -> frozenset[str]:
    """The ids of articles and of their near-duplicates, which search shows as one: hiding only one hides nothing."""
    copies = archive.near_duplicates.of(ids)
    return frozenset((*copies, *(one.id for others in copies.values() for one in others)))


def _items(file: Path, ids: dict[str, str]) -> Iterator[Item | SourceError]:
    """The articles of a file; adds the archive's id of each of its ids to `ids`."""
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
    """The lines of a file that are not blank, with their numbers."""
    try:
        with file.open("rb") as lines:
            yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    except OSError as error:
        raise SourceError(str(file), f"cannot be read: {error.strerror}") from error


def _record(line: bytes) -> dict[str, object]:
    """Parse the JSON object of a line.

    Raises:
        ValueError: it holds none.
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


def _readable(items: Iterable[_Item | SourceError], file: Path, on_error: OnError) -> tuple[list[_Item], int]:
    """The items of a file that can be read, and the number of those that cannot, which are reported.

    Raises:
        SourceError: nothing can be read.
    """
    good: list[_Item] = []
    bad: list[SourceError] = []
    for item in items:
        if isinstance(item, SourceError):
            bad.append(item)
            on_error(item)
        else:
            good.append(item)
    if bad and not good:
        raise SourceError(str(file), f"nothing in it can be read; {bad[0].location}: {bad[0].reason}")
    return good, len(bad)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one question.

    Attributes:
        article_rank: of the first gold article in the search, from 1; 0 if it is not among the first `DEPTH`.
        quote_rank: of the first quotation with a known answer, from 1; 0 if there is none.
        exact: how many of the quotes are exact.
    """

    answerable: bool
    article_rank: int
    quote_rank: int
    answered: bool
    quotes: int
    exact: int
    seconds: float


def _ask(assistant: Assistant, known: KnownQuestion, ids: dict[str, str], without_gold: bool) -> _Outcome:
    """Ask one question."""
    archive = assistant.archive
    answers = [text for answer in known.answers if (text := folded(answer))]

    def has_answer(text: str) -> bool:
        words = folded(text)
        return any(answer in words for answer in answers)

    def is_exact(quote: Quote) -> bool:
        return archive.article(quote.article.id).text[quote.start : quote.end] == quote.text

    gold = {ids.get(str(name), "") for name in known.gold}
    copies = {one for others in archive.near_duplicates.of(gold).values() for one in others}
    gold |= {one.id for one in copies if has_answer(one.text)}  # search shows one article of a story
    where = Filter(without=with_copies(archive, gold)) if without_gold else Filter()
    answer = assistant.ask(known.question, where=where)
    question = reading.read(known.question)
    candidates = search(archive, question, assistant.embedder.query(question.standalone), where)
    found = list(dict.fromkeys(candidate.stored.article.id for candidate in candidates))[:DEPTH]
    right = [quote.article.id in gold and has_answer(quote.text) for quote in answer.quotes]
    return _Outcome(
        answerable=known.answerable and not without_gold,
        article_rank=_first_true([one in gold for one in found]),
        quote_rank=_first_true(right),
        answered=answer.answered,
        quotes=len(answer.quotes),
        exact=sum(map(is_exact, answer.quotes)),
        seconds=answer.seconds["total"],
    )


def _first_true(values: Sequence[bool]) -> int:
    """The rank of the first that is true, from 1; 0 for none."""
    return values.index(True) + 1 if True in values else 0


def _figures(outcomes: Sequence[_Outcome], articles: int) -> Figures:
    answerable = [one for one in outcomes if one.answerable]
    quotes = sum(one.quotes for one in outcomes)
    seconds = [one.seconds for one in outcomes] or [0.0]
    return {
        **{f"recall@{k}": _share([0 < one.article_rank <= k for one in answerable]) for k in (1, 5, 10)},
        "mrr@10": _share([1 / one.article_rank if one.article_rank else 0.0 for one in answerable]),
        **{f"answer_in_quotes@{k}": _share([0 < one.quote_rank <= k for one in answerable]) for k in (1, 3)},
        "exact_quotes": sum(one.exact for one in outcomes) / quotes if quotes else None,
        "answered": _share([one.answered for one in answerable]),
        "refused": _share([not one.answered for one in outcomes if not one.answerable]),
        "seconds_p50": float(np.percentile(seconds, 50)),
        "seconds_p95": float(np.percentile(seconds, 95)),
        "questions": len(outcomes),
        "articles": articles,
    }


def _share(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
