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
from typing import TYPE_CHECKING, Any, Self

from assistant.assistant import Assistant
from assistant.slack.alerts import HOUR, Alerts
from assistant.slack.answering import Answering
from assistant.slack.events import Identity
from assistant.slack.http_server import Server
from assistant.slack.job import Job
from assistant.slack.manifest import suggested_prompts
from assistant.slack.modals import Modals
from assistant.slack.permissions import Tokens, read_access
from assistant.slack.queue import Queue
from assistant.slack.receiving import Receiving, Response
from assistant.slack.web_api import Clock, SlackError, SlackRefused, WebApi, open_client, quiet
from assistant.slack.workers import LEASE, WORKERS, WorkerPool
from ingest.archive import Feedback
from ingest.errors import SettingsError

if TYPE_CHECKING:
    from slack_bolt import App

log = logging.getLogger(__name__)

_GRACE = 10.0  # seconds that answers may take to finish when the bot stops
_POOL_SIZE = 4  # threads that open modals and suggest questions
_SOCKET_THREADS = 10  # payloads of Socket Mode that are received at the same time
_numbers = itertools.count()

SOCKET_CHECK = 2.0
"""Seconds between two checks of the Socket Mode connection; a broken one is reopened after five."""


class Bot:
    """The bot of one Slack app, over one open assistant.

    Args:
        assistant: answers; whoever opened it closes it, after the bot has stopped.
        tokens: see `read_tokens`.
        workers: questions that are answered at the same time.
        lease: seconds after which another process takes over this one's tasks if it dies.
        hour: seconds between two alerts of one watch, at least.
        pause: seconds between two looks at one watch.
        socket_check: see `SOCKET_CHECK`.
        clock: the time by which Slack's rates are counted.

    Attributes:
        me: the bot's own ids.
        queue: the tasks and watches.
        alerts: checks the watches.
        port: where it listens for Slack's calls over HTTP; 0 before `listen`.

    Raises:
        SettingsError: a list in the settings is wrong, or Slack does not accept the token.
        SlackError: Slack cannot be reached.
    """

    def __init__(
        self, assistant: Assistant, tokens: Tokens, *, workers: int = WORKERS, lease: float = LEASE,
        hour: float = HOUR, pause: float = 300.0, socket_check: float = SOCKET_CHECK, clock: Clock | None = None,
    ) -> None:  # fmt: skip
        self._tokens, self._socket_check = tokens, socket_check
        settings = assistant.settings
        access = read_access(settings)
        self._web = WebApi(open_client(tokens.bot, settings.slack_url), clock)
        self.me = fetch_identity(self._web)
        self.queue = Queue(settings.archive)
        owner = f"{os.getpid()}-{next(_numbers)}-{secrets.token_hex(4)}"
        self._pool = ThreadPoolExecutor(_POOL_SIZE, thread_name_prefix="khabar-slack-modals")
        self._workers = WorkerPool(self.queue, owner, workers, lease)
        self.alerts = Alerts(assistant, self.queue, self._workers.wake, pause, hour)
        self._answering = Answering(
            assistant, self.queue, self._web, self.me, owner, lambda: self._workers.stopping
        )  # fmt: skip

        def record_feedback(question: str, useful: bool, reason: str, door: str) -> None:
            now = datetime.now(UTC)
            feedback = Feedback(secrets.token_hex(8), now, door, useful, reason, question, answer="", writer="")
            assistant.archive.feedback.save(feedback)

        self._receiving = Receiving(
            self.queue, self.me, access, Modals(self._web, assistant, self._pool), self._workers.wake, record_feedback,
            lambda job: self._pool.submit(self._suggest_questions, job),
        )  # fmt: skip
        self.app = _bolt_app(tokens, self._web, self.me, self._receiving.receive)
        self.port = 0
        self._server: Server | None = None
        self._socket: Any = None
        self._stopped = threading.Event()

    def work(self) -> None:
        """Start answering the queue's tasks and checking the watches."""
        self._workers.start(self._answering.handle, self._answering.renew_statuses)
        self.alerts.start()

    def listen(self, host: str, port: int) -> int:
        """Start listening for Slack's calls over HTTP.

        Returns:
            The port.
        """
        self._server = Server(self.app, host, port)
        self._server.start()
        self.port = self._server.port
        return self.port

    def connect(self) -> None:
        """Connect over Socket Mode; a connection that breaks is opened again.

        Raises:
            SlackError: Slack does not accept the app's token, or cannot be reached.
        """
        from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler

        self._web.call("apps.connections.open", token=self._tokens.app)  # raises what the handler would only log
        self._socket = SocketModeHandler(
            self.app, self._tokens.app, logger=quiet("socket"), web_client=self._web.client,
            concurrency=_SOCKET_THREADS, ping_interval=self._socket_check,
        )  # fmt: skip
        self._socket.connect()

    @property
    def reachable(self) -> bool:
        """Whether Slack can reach the bot; False while a broken connection is not open again."""
        if self._server:
            return self._server.running
        return bool(self._socket and self._socket.client.is_connected())

    def wait(self) -> None:
        """Wait until `stop`, or Ctrl-C."""
        while not self._stopped.wait(1.0):
            pass

    def stop(self, seconds: float = _GRACE) -> None:
        """Stop receiving, then finish answers or leave them in the queue; stopping twice does nothing.

        Args:
            seconds: that answers, and watches, may take to finish.
        """
        if self._stopped.is_set():
            return
        self._stopped.set()
        if self._server:
            self._server.stop()
        if self._socket:
            self._socket.close()
        self.alerts.stop(seconds)
        self._workers.stop(seconds)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.queue.close()

    def __enter__(self) -> Self:
        """Return the bot, which stops when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the bot."""
        self.stop()

    def _suggest_questions(self, job: Job) -> None:
        """Suggest questions to a user who has opened the agent view."""
        try:
            self._web.call("assistant.threads.setSuggestedPrompts", channel_id=job.channel, prompts=suggested_prompts())
        except SlackError as error:
            log.debug("could not suggest questions: %s", error)


def start(assistant: Assistant, tokens: Tokens, http: tuple[str, int] | None = None) -> Bot:
    """Start a bot in threads of its own; it runs until its `stop`.

    Args:
        assistant: answers, and stays open until then.
        tokens: see `read_tokens`.
        http: host and port on which to listen for Slack's calls; None for Socket Mode.

    Raises:
        SettingsError: a setting or a token is wrong.
        SlackError: Slack cannot be reached.
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


def fetch_identity(web: WebApi) -> Identity:
    """Ask Slack for the bot's own ids.

    Raises:
        SettingsError: Slack does not accept the token.
        SlackError: Slack cannot be reached.
    """
    try:
        response = web.call("auth.test")
    except SlackRefused as refused:
        raise SettingsError(
            f"Slack does not accept SLACK_BOT_TOKEN ({refused.code}); copy it again from the app's page"
        ) from refused
    return Identity(
        str(response.get("team_id", "")), str(response.get("user_id", "")), str(response.get("bot_id", "")),
        str(response.get("enterprise_id") or ""),
    )  # fmt: skip


def _bolt_app(tokens: Tokens, web: WebApi, me: Identity, receive: Callable[[dict[str, Any]], Response]) -> "App":
    """A Bolt app that verifies each call and passes every payload on; it logs nothing that Slack sends."""
    from slack_bolt import App, BoltRequest, BoltResponse
    from slack_bolt.authorization import AuthorizeResult

    def authorize(**_: Any) -> AuthorizeResult:  # noqa: ANN401 - Bolt's own
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
    def pass_on(req: BoltRequest) -> BoltResponse:
        response = receive(req.body)
        return BoltResponse(status=response.status, body=response.body or "")

    @app.error
    def fail(error: Exception) -> BoltResponse:
        log.error("could not acknowledge a call, so Slack sends it again: %s", type(error).__name__)
        log.debug("could not acknowledge a call", exc_info=error)
        return BoltResponse(status=500, body="")

    return app
