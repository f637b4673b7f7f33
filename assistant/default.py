"""`assistant.ask`: one question to the archive that the settings name."""

import threading
from collections.abc import Sequence

from assistant.answer import Answer, Turn
from assistant.assistant import Assistant
from assistant.settings import Settings, load_settings
from ingest.archive import ALL, Filter

_opened: dict[Settings, Assistant] = {}
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
        if settings not in _opened:
            _opened[settings] = Assistant(settings)
    return _opened[settings].ask(text, history, where, quotes, dated=dated)


def close() -> None:
    """Close what `ask` has opened."""
    with _opening:
        while _opened:
            _opened.popitem()[1].close()
