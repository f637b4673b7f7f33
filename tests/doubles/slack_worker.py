"""A bot process of the delivery trial: the real bot over HTTP, with an assistant that answers what it is told.

Run with the folder of an archive, the address of a Slack double, seconds that an answer takes, a lease in seconds, and
how fast Slack's time runs; it prints its port, and runs until it is killed.
"""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from slack_web import BOT, SECRET, Clock

from assistant.answer import Answer, Done, Found, Quote, Searching, Stated, Statement
from assistant.settings import load_settings
from assistant.slack.bot import Bot
from assistant.slack.permissions import Tokens
from assistant.slack.web_api import Clock as Time
from ingest.article import Article


class Echo:
    """Answers each question with a quotation that holds it."""

    def __init__(self, folder: Path, url: str, seconds: float) -> None:
        self.settings = load_settings(archive=folder, slack_url=url)
        self.archive: Any = SimpleNamespace(articles=lambda ids: {})
        self.embedder = None
        self._seconds = seconds

    def stream(self, text: str, history: Any = (), **_: Any) -> Iterator[Any]:
        yield Searching(text)
        yield Found(())
        time.sleep(self._seconds)
        article = Article("e" * 16, "Echo", f"The answer to {text} is known.", "https://echo.example/1", "Echo")
        said = Statement("According to Echo:", (Quote(article, 0, len(article.text)),))
        yield Stated(said)
        yield Done(Answer(text, "en", (said,), (), "extract", datetime.now(UTC)))


if __name__ == "__main__":
    folder, url, seconds, lease, speed = sys.argv[1:]
    clock = Clock(float(speed))
    bot = Bot(
        Echo(Path(folder), url, float(seconds)), Tokens(BOT, "", SECRET), lease=float(lease),
        clock=Time(clock.now, clock.sleep),
    )  # fmt: skip
    bot.work()
    print(bot.listen("127.0.0.1", 0), flush=True)
    bot.wait()
