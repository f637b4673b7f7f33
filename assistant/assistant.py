"""The one path from a question to its answer; every door goes through it.

Read the question, search, rank, write, verify (the writers release only what is proven), answer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Self

from assistant.answer import Answer, Done, Dropped, Event, Found, Hit, Quote, Searching, Stated, Statement, Turn
from assistant.answer_builder import AnswerBuilder
from assistant.ingestion import add_sources
from assistant.llm.client import Model, open_model
from assistant.question import reading
from assistant.question.reading import Question
from assistant.question.rewriting import standalone
from assistant.question.time_expressions import read_dates, undated
from assistant.retrieval.answerability import answers
from assistant.retrieval.readings import choose_reading
from assistant.retrieval.search import SHOWN, Candidate, hits, nearest_articles, search
from assistant.settings import MAX_QUOTES, Settings, load_settings
from assistant.verification.judge import Judge, open_judge
from assistant.writers.extractive import ExtractiveWriter
from assistant.writers.generative import GenerativeWriter
from assistant.writers.writer import Writer, WritingTask
from ingest.archive import ALL, Archive, Filter
from ingest.embedding import Embedder, open_embedder
from ingest.errors import ModelError, SettingsError, SourceError
from ingest.fetching import Fetcher, FetchOptions
from ingest.language import folded
from ingest.load import Progress, Report, quiet
from ingest.sources import Defaults, Item
from prompts import NAMES, PromptError, prompt

_MAX_DATED_GAP = 2.0  # of score: by how much the best passage within the dates may fall short of the best of any date


class Assistant:
    """Answers questions from one archive, which it keeps open, and adds to it. Any thread may ask and add.

    Args:
        settings: which archive, embedder and writer, and what may be fetched; the environment's if not given.
        model: the language model that writes, instead of the one that the settings name.
        judge: judges instead of the one that the settings name.
        writer: writes instead of the one that the settings name; a model then only restates follow-up questions.
        create: make an empty archive where there is none; for those who fill it.

    Attributes:
        fetcher: fetches everything that is added, so that the pauses between requests and robots.txt hold for all.

    Raises:
        KhabarError: the settings are wrong, or the archive does not open.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        model: Model | None = None,
        judge: Judge | None = None,
        *,
        writer: Writer | None = None,
        create: bool = False,
    ) -> None:
        self.settings = settings or load_settings()
        try:
            prompts = {name: prompt(name, self.settings.prompts) for name in NAMES}
        except PromptError as error:
            raise SettingsError(f"KHABAR_PROMPTS: {error}") from error
        self._model = model or open_model(self.settings)
        self._standalone_prompt = prompts["standalone"]
        judge = judge or open_judge(self.settings, self._model, prompts["judge"])
        self._extractive = ExtractiveWriter()
        self._writer: Writer = writer or self._extractive
        if self._model and not writer:
            self._writer = GenerativeWriter(self._model, prompts["answer"], judge)
        self.embedder: Embedder = open_embedder(self.settings.embedder, self.settings.embedder_url)
        self.archive = Archive.open(self.settings.archive, self.embedder, self.settings.chroma, create=create)
        self.fetcher = Fetcher(FetchOptions(allow_private=self.settings.allow_private, delay=self.settings.delay))

    def ask(
        self,
        text: str,
        history: Sequence[Turn] = (),
        where: Filter = ALL,
        quotes: int | None = None,
        *,
        dated: bool = True,
    ) -> Answer:
        """Answer a question: the last event of `stream`, which explains the arguments and errors."""
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
        """Answer a question, and yield each statement as soon as it is proven.

        A language model that fails is no error: the extractive writer then answers, and the answer's `notice` says why.

        Args:
            text: the question, in any language.
            history: earlier turns of the conversation, the oldest first; the last 20 help to understand "and when?".
            where: only articles that match.
            quotes: at most this many, 1 to 10; the settings' number if not given.
            dated: whether a time that the question names ("last week") narrows the search, unless `where` has dates
                of its own; the answer's `dates` then say so.

        Raises:
            NoQuestion: there are no words in it, or too many.
            SettingsError: `quotes` is out of range.
            ArchiveError: the archive does not answer.
            ModelError: the embedding failed.
        """
        if quotes is not None and not 1 <= quotes <= MAX_QUOTES:
            raise SettingsError(f"an answer of {quotes} quotations was asked for; ask for 1 to {MAX_QUOTES}")
        history = reading.recent(history)
        builder = AnswerBuilder(self._writer.name)
        readings = self._read(text, history, builder)
        question, candidates = self._search(readings, where, builder)
        if dated:
            question, candidates = self._narrowed_to_dates(question, candidates, where, builder)
        yield Searching(question.standalone, builder.dates, builder.event)
        yield Found(tuple(hits(candidates, SHOWN)))
        limit = quotes or self.settings.quotes
        task = WritingTask(question, candidates, limit, history, builder.asked_at, builder.usage)
        for statement in self._write(task, builder):
            builder.statements.append(self._with_copies(statement, where))
            yield Stated(builder.statements[-1])
        builder.lap("write")
        yield Done(builder.answer(question, nearest_articles(candidates)))

    def find(self, text: str, limit: int = 5, history: Sequence[Turn] = (), where: Filter = ALL) -> list[Hit]:
        """Find passages that may answer, best first, at most a few of one article; see `stream` for the arguments.

        No language model is asked, and no time in the question narrows the search.
        """
        readings = reading.readings(text, reading.recent(history))
        return hits(self._search(readings, where, AnswerBuilder(self._extractive.name))[1], limit)

    def _read(self, text: str, history: Sequence[Turn], builder: AnswerBuilder) -> tuple[Question, ...]:
        """What the question may mean in its conversation, the likeliest first."""
        if self._model is None:
            return reading.readings(text, history)
        rewrite = partial(standalone, model=self._model, prompt=self._standalone_prompt, usage=builder.usage)
        try:
            return reading.readings(text, history, rewrite)
        except ModelError as error:
            builder.fail(error)
            return reading.readings(text, history)
        finally:
            builder.lap("read")

    def _search(
        self, readings: Sequence[Question], where: Filter, builder: AnswerBuilder
    ) -> tuple[Question, list[Candidate]]:
        """Search for every reading of the question; the one that is meant, and its candidates, best first."""
        found = [(question, self._candidates(question, where, builder)) for question in readings]
        return found[choose_reading(found)]

    def _candidates(self, question: Question, where: Filter, builder: AnswerBuilder) -> list[Candidate]:
        vector = self.embedder.query(question.standalone)
        builder.lap("embed")
        candidates = search(self.archive, question, vector, where)
        builder.lap("search")
        return candidates

    def _narrowed_to_dates(
        self, question: Question, candidates: list[Candidate], where: Filter, builder: AnswerBuilder
    ) -> tuple[Question, list[Candidate]]:
        """Keep to articles of the time that the question names, if that is what it means.

        "Who won in 2012?" may be answered by an article of 2019. So if the articles of that time do not answer, or
        score far below the best of any time, the search is not narrowed. Nor is it if no article found has a date.
        """
        if where.since is not None or where.until is not None:
            return question, candidates
        today = builder.asked_at.astimezone().date()
        dates = read_dates(question.text, today, question.language)
        if dates is None and question.standalone != question.text:
            dates = read_dates(question.standalone, today, question.language)
        builder.event = dates.day if dates else None
        if dates is None or not any(one.stored.article.published for one in candidates):
            return question, candidates
        undated_question = reading.restated(question, lambda text: undated(text, question.language))
        narrowed = self._candidates(undated_question, replace(where, since=dates.since, until=dates.until), builder)
        is_near = narrowed and narrowed[0].score >= candidates[0].score - _MAX_DATED_GAP
        if not (dates.exclusive or (is_near and answers(undated_question, narrowed))):
            return question, candidates
        builder.dates = dates
        return undated_question, narrowed

    def _write(self, task: WritingTask, builder: AnswerBuilder) -> Iterator[Statement]:
        """What the writer proves; where it fails before its first statement, the extractive writer takes over."""
        if builder.error is None:
            try:
                for written in self._writer.write(task):
                    if isinstance(written, Dropped):
                        builder.dropped.append(written)
                    else:
                        yield written
            except ModelError as error:
                builder.fail(error)
            if builder.statements or builder.error is None:
                return
        yield from self._extractive.write(task)

    def _with_copies(self, statement: Statement, where: Filter) -> Statement:
        """The statement with the other articles that hold each quotation: near-duplicates with the same words."""
        copies = self.archive.near_duplicates.of({quote.article.id for quote in statement.quotes}, where)
        quotes: list[Quote] = []
        for quote in statement.quotes:
            words = folded(quote.text)
            also = tuple(one for one in copies[quote.article.id] if words in folded(one.text))
            quotes.append(replace(quote, also=also))
        return replace(statement, quotes=tuple(quotes))

    def add(
        self,
        sources: Sequence[str],
        defaults: Defaults | None = None,
        progress: Progress = quiet,
        *,
        limit: int | None = None,
        on_item: Callable[[Item | SourceError], None] = lambda _: None,
    ) -> Report:
        """Add the articles of files, folders and addresses, or update them.

        Files are read one after the other, addresses at the same time. Of a feed only what is new since the last time
        is read.

        Args:
            sources: as `ingest.sources.read` takes them. It reads any file of this machine: whoever takes sources from
                others checks first that they are addresses.
            defaults: publisher, date and language where a source does not give them.
            progress: called in this thread with the report so far.
            limit: at most this many items of each source.
            on_item: called with each item before it is looked up in the archive.

        Returns:
            The report. A model or an archive that fails, and Ctrl-C, end the run and are its `stopped`.
        """
        return add_sources(
            sources, self.archive, self.embedder, self.fetcher, defaults, progress, limit=limit, on_item=on_item
        )

    @property
    def writer(self) -> str:
        """The language model that writes, as the settings name it; "" where none does."""
        return self._model.name if self._model else ""

    def close(self) -> None:
        """Stop what is being fetched, and close the archive."""
        self.fetcher.close()
        self.archive.close()

    def __enter__(self) -> Self:
        """The assistant; it is closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()
