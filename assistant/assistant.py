"""The one path from a question to its answer, and from a source into the archive; every door goes through it."""

import functools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain, islice
from typing import Self

from assistant.answer import (
    EXTRACT,
    Answer,
    Dates,
    Done,
    Dropped,
    Event,
    Found,
    Hit,
    Quote,
    Searching,
    Stated,
    Statement,
    Turn,
)
from assistant.llm.client import Meter, Model, WriterError, open_model
from assistant.question import reading
from assistant.question.follow_ups import standalone
from assistant.question.reading import Question
from assistant.question.time_expressions import read_dates, undated
from assistant.retrieval.answerability import answers
from assistant.retrieval.readings import meant
from assistant.retrieval.search import Candidate, hits, search
from assistant.settings import MOST_QUOTES, Settings, load_settings
from assistant.verification.judge import Judge, open_judge
from assistant.writers import extractive
from assistant.writers.generative import Draft
from ingest.archive import ALL, Archive, Filter
from ingest.article import Article
from ingest.embedding import Embedder, open_embedder
from ingest.errors import ModelError, SettingsError, SourceError
from ingest.fetching import Fetcher, Manners
from ingest.fetching.fetch_state import Notebook
from ingest.language import folded
from ingest.load import Progress, Report, load, quiet
from ingest.sources import Defaults, Item, Web, gather, is_address, read
from ingest.sources import Found as Items
from prompts import NAMES, PromptError, prompt

SHOWN = 12
"""Passages that a model is shown, if its context holds them; and that `Found` tells."""
_AS_NEAR = (
    2.0  # of score: what was published at a time that a question names, this far behind what was at any, is meant
)


class Assistant:
    """Answers questions from one archive, which it keeps open, and adds to it. Any thread may ask and add.

    Args:
        settings: which archive, embedder and writer, and what may be fetched; the environment's if not given.
        model: writes instead of the one that the settings name.
        judge: judges instead of the one that the settings name.
        create: make an empty archive where there is none; for those who fill it.

    Attributes:
        fetcher: the one way to the web of all that is added, so that hosts are asked in turn and rules are remembered.

    Raises:
        KhabarError: the settings are wrong, or the archive does not open.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        model: Model | None = None,
        judge: Judge | None = None,
        *,
        create: bool = False,
    ) -> None:
        self.settings = settings or load_settings()
        try:
            self._prompts = {name: prompt(name, self.settings.prompts) for name in NAMES}
        except PromptError as error:
            raise SettingsError(f"KHABAR_PROMPTS: {error}") from error
        self._model = model or open_model(self.settings)
        self._judge = judge or open_judge(self.settings, self._model, self._prompts["judge"])
        self.embedder: Embedder = open_embedder(self.settings.embedder, self.settings.embedder_url)
        self.archive = Archive.open(self.settings.archive, self.embedder, self.settings.chroma, create=create)
        self.fetcher = Fetcher(Manners(private=self.settings.allow_private, delay=self.settings.delay))

    def ask(
        self,
        text: str,
        history: Sequence[Turn] = (),
        where: Filter = ALL,
        quotes: int | None = None,
        *,
        dated: bool = True,
    ) -> Answer:
        """Answer a question: the last word of `stream`, which says what the arguments are and what is raised."""
        for event in self.stream(text, history, where, quotes, dated=dated):
            if isinstance(event, Done):
                return event.answer
        raise AssertionError("a stream ends with its answer")

    def stream(
        self,
        text: str,
        history: Sequence[Turn] = (),
        where: Filter = ALL,
        quotes: int | None = None,
        *,
        dated: bool = True,
    ) -> Iterator[Event]:
        """Answer a question as it becomes known; every statement is proven before it is given.

        A model that fails is no error: the answer is then written without it, and its `notice` says why.

        Args:
            text: the question, in any language.
            history: earlier turns of the conversation, the oldest first; "and when?" is understood by the last 20.
            where: only articles that match.
            quotes: at most this many, 1 to 10; the settings' number if not given.
            dated: whether a time that the question names narrows the search ("last week"), where `where` does not
                narrow it to a time itself; the answer's `dates` then say so.

        Raises:
            NoQuestion: there are no words in it, or too many.
            SettingsError: `quotes` is out of range.
            ArchiveError: the archive does not answer.
            ModelError: the embedding failed.
        """
        if quotes is not None and not 1 <= quotes <= MOST_QUOTES:
            raise SettingsError(f"an answer of {quotes} quotations was asked for; ask for 1 to {MOST_QUOTES}")
        history = reading.recent(history)
        run = _Run(self._model)
        asked, candidates = self._understood(text, history, where, run, dated=dated)
        yield Searching(asked.standalone, run.dates, run.event)
        yield Found(tuple(hits(candidates, SHOWN)))
        limit = quotes or self.settings.quotes
        for statement in self._written(asked, candidates, history, limit, run):
            yield Stated(run.say(self._elsewhere(statement, where)))
        run.lap("write")
        yield Done(run.answer(asked, extractive.nearest(candidates)))

    def find(self, text: str, limit: int = 5, history: Sequence[Turn] = (), where: Filter = ALL) -> list[Hit]:
        """Find passages that may answer, best first, at most a few of one article; see `stream` for the arguments.

        Only `where` narrows it to a time.
        """
        return hits(self._understood(text, reading.recent(history), where, _Run(None), dated=False)[1], limit)

    def add(
        self,
        sources: Sequence[str],
        defaults: Defaults | None = None,
        progress: Progress = quiet,
        *,
        limit: int | None = None,
        met: Callable[[Item | SourceError], None] = lambda _: None,
    ) -> Report:
        """Add what files, folders and addresses hold, or update it.

        Files come in their order; addresses are read beside each other. A feed gives what is new since it was last
        added.

        Args:
            sources: as `ingest.sources.read` takes them. It reads any file of this machine: whoever takes them from
                others checks first that they are addresses.
            defaults: publisher, date and language where a source does not say them.
            progress: called in this thread with the report so far.
            limit: at most this many items of each source.
            met: called with each item before it is looked up in the archive.

        Returns:
            The report. A model or an archive that fails, and Ctrl-C, end the run and stand in its `stopped`.
        """
        web = Web(self.fetcher, Notebook(self.archive.memory.visits))

        def begun(source: str) -> Items:
            return islice(read(source, defaults, web=web), limit)

        def noted() -> Items:
            for item in chain(files, gather(addresses)):
                met(item)
                yield item

        files = chain.from_iterable(begun(source) for source in sources if not is_address(source))
        addresses = [partial(begun, source) for source in sources if is_address(source)]
        report = load(noted(), self.archive, self.embedder, progress)
        if report.stopped is None:
            self.archive.memory.remember(web.notebook.taken())
        return report

    def _understood(
        self, text: str, history: Sequence[Turn], where: Filter, run: "_Run", *, dated: bool
    ) -> tuple[Question, list[Candidate]]:
        """The question as it is meant in its conversation, and what it finds."""
        found = [(one, self._candidates(one, where, run)) for one in self._readings(text, history, run)]
        asked, candidates = found[meant(found)]
        if dated and where.since is None is where.until:
            return self._of_its_time(asked, candidates, where, run)
        return asked, candidates

    def _of_its_time(
        self, asked: Question, candidates: list[Candidate], where: Filter, run: "_Run"
    ) -> tuple[Question, list[Candidate]]:
        """What was published at the time that the question names, if it names one, and that is what is meant.

        "Who won in 2012?" may be told in an article of 2019. So where what was published then does not answer, or lies
        far behind what was published at any time, the words are part of what is asked and narrow nothing. The same
        where nothing that was found is dated.
        """
        today = run.began_at.astimezone().date()
        dates = read_dates(asked.text, today, asked.language)
        if dates is None and asked.standalone != asked.text:
            dates = read_dates(asked.standalone, today, asked.language)
        run.event = dates.day if dates else None
        if dates is None or not any(one.stored.article.published for one in candidates):
            return asked, candidates
        rest = reading.restated(asked, lambda text: undated(text, asked.language))
        narrowed = self._candidates(rest, replace(where, since=dates.since, until=dates.until), run)
        near = narrowed and narrowed[0].score >= candidates[0].score - _AS_NEAR
        if not (dates.surely or (near and answers(rest, narrowed))):
            return asked, candidates
        run.dates = dates
        return rest, narrowed

    def _readings(self, text: str, history: Sequence[Turn], run: "_Run") -> tuple[Question, ...]:
        if run.model is None:
            return reading.readings(text, history)
        rewrite = partial(standalone, model=run.model, prompt=self._prompts["standalone"], meter=run.meter)
        try:
            return reading.readings(text, history, rewrite)
        except ModelError as error:
            run.fail(error)
            return reading.readings(text, history)
        finally:
            run.lap("read")

    def _candidates(self, asked: Question, where: Filter, run: "_Run") -> list[Candidate]:
        vector = self.embedder.query(asked.standalone)
        run.lap("embed")
        candidates = search(self.archive, asked, vector, where)
        run.lap("search")
        return candidates

    def _written(
        self, asked: Question, candidates: Sequence[Candidate], history: Sequence[Turn], limit: int, run: "_Run"
    ) -> Iterator[Statement]:
        """What is said, by the model if there is one and it does, else by the writer without one."""
        if run.model is not None and candidates:
            before = [
                Hit(quote.article, quote.start, quote.end, 0.0, 0.0) for turn in history[-1:] for quote in turn.quotes
            ]
            shown = [*hits(candidates, SHOWN), *before]
            own = functools.cache(
                lambda: [quote for one in extractive.write(asked, candidates, limit) for quote in one.quotes]
            )
            draft = Draft(
                asked, shown, history, run.model, self._prompts, limit, run.began_at, run.meter, self._judge, own
            )
            try:
                yield from draft.statements()
            except ModelError as error:
                run.fail(error)
            run.dropped = tuple(draft.dropped)
            if run.statements or run.model:
                return
        yield from extractive.write(asked, candidates, limit)

    def _elsewhere(self, statement: Statement, where: Filter) -> Statement:
        """The statement with each quotation's other articles: copies of its own that hold the same words."""
        copies = self.archive.copies({quote.article.id for quote in statement.quotes}, where)
        quotes: list[Quote] = []
        for quote in statement.quotes:
            said = folded(quote.text)
            also = (one for one in copies[quote.article.id] if said in folded(one.text))
            quotes.append(replace(quote, also=tuple(also)))
        return replace(statement, quotes=tuple(quotes))

    @property
    def writer(self) -> str:
        """The language model that writes, as the settings name it; "" where none does."""
        return self._model.name if self._model else ""

    def close(self) -> None:
        """Give up what is being fetched, and let the archive go."""
        self.fetcher.close()
        self.archive.close()

    def __enter__(self) -> Self:
        """The assistant, closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


@dataclass(slots=True)
class _Run:
    """One question on its way: who writes, what is said so far, what took how long."""

    model: Model | None
    meter: Meter = field(default_factory=Meter)
    writer: str = ""
    dates: Dates | None = None
    event: datetime | None = None
    error: ModelError | None = None
    statements: list[Statement] = field(default_factory=list)
    dropped: tuple[Dropped, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.writer = self.model.name if self.model else EXTRACT

    def lap(self, name: str) -> None:
        """This part ends now; what is done more than once is added up."""
        passed = time.perf_counter() - self.began - sum(self.seconds.values())
        self.seconds[name] = self.seconds.get(name, 0.0) + passed

    def say(self, statement: Statement) -> Statement:
        """One more is said."""
        self.statements.append(statement)
        return statement

    def fail(self, error: ModelError) -> None:
        """The model writes no more; if it has not said anything, somebody else does."""
        self.error = error
        self.model = None
        if not self.statements:
            self.writer = EXTRACT

    def answer(self, asked: Question, related: tuple[Article, ...]) -> Answer:
        """What came of it."""
        error = self.error
        return Answer(
            question=asked.text,
            language=asked.language,
            statements=tuple(self.statements),
            related=related,
            writer=self.writer,
            as_of=datetime.now(UTC),
            dropped=self.dropped,
            notice=error.reason(asked.language) if isinstance(error, WriterError) else str(error or ""),
            usage=self.meter.usage,
            dates=self.dates,
            event=self.event,
            seconds={**self.seconds, "total": time.perf_counter() - self.began},
        )


_open: dict[Settings, Assistant] = {}
_opening = threading.Lock()


def ask(
    text: str, history: Sequence[Turn] = (), where: Filter = ALL, quotes: int | None = None, *, dated: bool = True
) -> Answer:
    """Answer a question from the archive that the settings name; it stays open for the next one.

    Raises:
        KhabarError: see `Assistant` and `Assistant.ask`.
    """
    settings = load_settings()
    with _opening:
        if settings not in _open:
            _open[settings] = Assistant(settings)
    return _open[settings].ask(text, history, where, quotes, dated=dated)
