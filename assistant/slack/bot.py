"""The bot as a whole: built over an assistant, started, and stopped cleanly.

with start(assistant, tokens) as bot:  # Socket Mode
    bot.wait()
"""

import itertools
import logging
import os
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from assistant.assistant import Assistant
from assistant.slack.access import Tokens, read_access
from assistant.slack.alerts import HOUR, Alerts
from assistant.slack.answering import Answering
from assistant.slack.events import Identity
from assistant.slack.http_server import Server
from assistant.slack.job import Job
from assistant.slack.manifest import manifest
from assistant.slack.modals import Windows
from assistant.slack.queue import Queue
from assistant.slack.receiving import Receiving, Response
from assistant.slack.web_api import Clock, SlackError, Web, open_client, quiet
from assistant.slack.workers import LEASE, WORKERS, Work
from ingest.archive import Archive, Feedback
from ingest.errors import SettingsError

if TYPE_CHECKING:
    from slack_bolt import App

log = logging.getLogger(__name__)

_GRACE = 10.0  # seconds that what is being answered may take when the bot stops
_WINDOWS = 4  # threads that open windows
_SOCKETS = 10  # payloads of Socket Mode that are received at the same time
_numbers = itertools.count()

LOOK = 2.0
"""Seconds between two looks whether the connection of Socket Mode lives; one that broke is made anew after five."""


class Bot:
    """One bot of one Slack app, over one open assistant.

    Args:
        assistant: answers; whoever opened it closes it, after the bot has stopped.
        tokens: see `read_tokens`.
        workers: questions that are answered at the same time.
        lease: seconds after which another process takes over what this one held when it died.
        hour: seconds at least between two alerts of one watch.
        pause: seconds between two looks at one watch.
        look: see `LOOK`.
        clock: what Slack's rates are counted by.

    Raises:
        SettingsError: a list in the settings is wrong, or Slack does not know the token.
        SlackError: Slack is not to be reached.
    """

    def __init__(
        self, assistant: Assistant, tokens: Tokens, *, workers: int = WORKERS, lease: float = LEASE,
        hour: float = HOUR, pause: float = 300.0, look: float = LOOK, clock: Clock | None = None,
    ) -> None:  # fmt: skip
        self._tokens, self._look = tokens, look
        settings = assistant.settings
        access = read_access(settings)
        self._web = Web(open_client(tokens.bot, settings.slack_url), clock)
        self.me = identity(self._web)
        self.queue = Queue(settings.archive)
        owner = f"{os.getpid()}-{next(_numbers)}-{secrets.token_hex(4)}"
        self._pool = ThreadPoolExecutor(_WINDOWS, thread_name_prefix="khabar-slack-windows")
        self._work = Work(self.queue, owner, workers, lease)
        self._alerts = Alerts(assistant, self.queue, self._work.wake, pause, hour)
        windows = Windows(self._web, assistant, self._pool)
        self._answering = Answering(assistant, self.queue, self._web, self.me, owner, lambda: self._work.stopping)
        self._receiving = Receiving(
            self.queue, self.me, access, windows, self._work.wake, partial(_judge, assistant.archive), self._opened,
        )  # fmt: skip
        self.app = _app(tokens, self._web, self.me, self._receiving.receive)
        self.port = 0  # where it hears Slack over HTTP, once it does
        self._server: Server | None = None
        self._socket: Any = None
        self._stopped = threading.Event()

    def work(self) -> None:
        """Begin to answer what is on the queue, and to look after the watches."""
        self._work.start(self._answering.do, self._answering.renew)
        self._alerts.start()

    def listen(self, host: str, port: int) -> int:
        """Begin to hear Slack over HTTP; the port that it is."""
        self._server = Server(self.app, host, port)
        self._server.start()
        self.port = self._server.port
        return self.port

    def connect(self) -> None:
        """Begin to hear Slack over Socket Mode; a connection that breaks is made again.

        Raises:
            SlackError: Slack does not take the app's token, or is not to be reached.
        """
        from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler

        self._web.call("apps.connections.open", token=self._tokens.app)  # says what is wrong; the handler only logs it
        self._socket = SocketModeHandler(
            self.app, self._tokens.app, logger=quiet("socket"), web_client=self._web.client, concurrency=_SOCKETS,
            ping_interval=self._look,
        )  # fmt: skip
        self._socket.connect()

    @property
    def hears(self) -> bool:
        """Whether Slack can reach it now: a connection that broke is not made again yet."""
        if self._server:
            return self._server.running
        return bool(self._socket and self._socket.client.is_connected())

    def wait(self) -> None:
        """Until `stop`, or Ctrl-C."""
        while not self._stopped.wait(1.0):
            pass

    def stop(self, seconds: float = _GRACE) -> None:
        """Hear no more, finish what is being answered or leave it on the desk; a second time does nothing."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        if self._server:
            self._server.stop()
        if self._socket:
            self._socket.close()
        self._alerts.stop(seconds)
        self._work.stop(seconds)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.queue.close()

    def __enter__(self) -> Self:
        """The bot, stopped when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def _opened(self, job: Job) -> None:
        self._pool.submit(self._suggest, job)

    def _suggest(self, job: Job) -> None:
        """Suggest questions to whoever has opened the agent view."""
        view: Any = manifest()["features"]
        try:
            self._web.call(
                "assistant.threads.setSuggestedPrompts", channel_id=job.channel,
                prompts=view["agent_view"]["suggested_prompts"],
            )  # fmt: skip
        except SlackError as error:
            log.debug("nothing was suggested: %s", error)


def start(assistant: Assistant, tokens: Tokens, http: tuple[str, int] | None = None) -> Bot:
    """Start a bot in threads of its own; it runs until its `stop`.

    Args:
        assistant: answers, and stays open until then.
        tokens: see `read_tokens`.
        http: host and port to hear Slack on; None for Socket Mode.

    Raises:
        SettingsError: a setting or a token is wrong.
        SlackError: Slack is not to be reached.
    """
    bot = Bot(assistant, tokens)
    try:
        if http:
            bot.listen(*http)
        else:
            bot.connect()
        bot.work()
    except BaseException:
        bot.stop(0)
        raise
    return bot


def identity(web: Web) -> Identity:
    """Who the bot is.

    Raises:
        SettingsError: Slack does not know the token.
    """
    try:
        known = web.call("auth.test")
    except SlackError as error:
        code = getattr(error, "code", "")
        if code:
            raise SettingsError(
                f"Slack does not take SLACK_BOT_TOKEN ({code}); copy it again from the app's page"
            ) from error
        raise
    return Identity(
        str(known.get("team_id", "")), str(known.get("user_id", "")), str(known.get("bot_id", "")),
        str(known.get("enterprise_id") or ""),
    )  # fmt: skip


def _app(tokens: Tokens, web: Web, me: Identity, receive: Callable[[dict[str, Any]], Response]) -> "App":
    """A bolt app that verifies who calls and hands every payload on; it logs nothing that Slack sends."""
    from slack_bolt import App, BoltRequest, BoltResponse
    from slack_bolt.authorization import AuthorizeResult

    def authorize(**_: Any) -> AuthorizeResult:  # noqa: ANN401 - bolt's own
        return AuthorizeResult(
            enterprise_id=me.enterprise or None, team_id=me.team, bot_user_id=me.user, bot_id=me.bot,
            bot_token=tokens.bot,
        )  # fmt: skip

    app = App(
        client=web.client,
        authorize=authorize,
        signing_secret=tokens.signing or secrets.token_hex(16),
        logger=quiet("bolt"),
        process_before_response=True,
        token_verification_enabled=False,
    )

    @app.middleware
    def hand_on(req: BoltRequest) -> BoltResponse:
        done = receive(req.body)
        return BoltResponse(status=done.status, body=done.body or "")

    @app.error
    def failed(error: Exception) -> BoltResponse:
        log.error("not acknowledged, so Slack sends it again: %s", type(error).__name__)
        log.debug("not acknowledged", exc_info=error)
        return BoltResponse(status=500, body="")

    return app


def _judge(archive: Archive, question: str, useful: bool, reason: str, door: str) -> None:
    """Keep a reader's word in the archive."""
    now = datetime.now(UTC)
    archive.feedback.save(Feedback(secrets.token_hex(8), now, door, useful, reason, question, answer="", writer=""))
