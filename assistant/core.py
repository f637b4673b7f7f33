"""The one path from a question to its answer; every door goes through it."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Self

from assistant import extract, question
from assistant.answer import Answer, Turn
from assistant.search import search
from assistant.settings import Settings, load_settings
from ingest.archive import ALL, Archive, Filter
from ingest.embedding import Embedder, open_embedder


class Assistant:
    """Answers questions from one archive, which it keeps open. Any thread may ask.

    Args:
        settings: which archive, embedder and writer; the environment's if not given.

    Raises:
        KhabarError: the settings are wrong, or the archive does not open.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or load_settings()
        self.embedder: Embedder = open_embedder(self.settings.embedder, self.settings.embedder_url)
        self.archive = Archive.open(self.settings.archive, self.embedder, self.settings.chroma)

    def ask(self, text: str, history: Sequence[Turn] = (), where: Filter = ALL, quotes: int | None = None) -> Answer:
        """Answer a question.

        Args:
            text: the question, in any language.
            history: earlier turns of the conversation, the oldest first; "and when?" is understood by them.
            where: only articles that match.
            quotes: at most this many; the settings' number if not given.

        Raises:
            NoQuestion: there are no words in it, or too many.
            ArchiveError: the archive does not answer.
            ModelError: the embedding failed.
        """
        began = time.perf_counter()
        asked = question.read(text, history)
        vector = self.embedder.query(asked.standalone)
        embedded = time.perf_counter()
        candidates = search(self.archive, asked, vector, where)
        searched = time.perf_counter()
        written = extract.write(asked, candidates, quotes or self.settings.quotes)
        done = time.perf_counter()
        return Answer(
            question=asked.text,
            language=asked.language,
            statements=written.statements,
            related=written.related,
            writer="extract",
            as_of=datetime.now(UTC),
            seconds={
                "embed": embedded - began,
                "search": searched - embedded,
                "write": done - searched,
                "total": done - began,
            },
        )

    def close(self) -> None:
        """Let the archive go."""
        self.archive.close()

    def __enter__(self) -> Self:
        """The assistant, closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


_open: dict[Settings, Assistant] = {}
_opening = threading.Lock()


def ask(text: str, history: Sequence[Turn] = (), where: Filter = ALL, quotes: int | None = None) -> Answer:
    """Answer a question from the archive that the settings name; it stays open for the next one.

    Raises:
        KhabarError: see `Assistant` and `Assistant.ask`.
    """
    settings = load_settings()
    with _opening:
        if settings not in _open:
            _open[settings] = Assistant(settings)
    return _open[settings].ask(text, history, where, quotes)
