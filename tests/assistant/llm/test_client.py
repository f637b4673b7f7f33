"""A double of an OpenAI-compatible server on loopback, asked through the real client: everything that may go wrong."""

import json
import logging
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assistant import Assistant, Stated
from assistant.answer import Answer
from assistant.formats.text import answer_text
from assistant.llm.client import Model, open_model
from assistant.llm.errors import LanguageModelError
from assistant.llm.usage import UsageMeter
from assistant.settings import Settings, load_settings
from ingest.errors import SettingsError

FLOOD = "How many people were injured in the flood of Port Oskara?"
PLANT = "كم بلغت كلفة محطة زهروان لتحلية المياه؟"
SHORT = "Nineteen people were injured in the flood of Port Oskara, the city hospital said."
KEY = "sk-proj-Nobody_May-See0123456789"
PATIENT, IMPATIENT = 20.0, 0.5  # seconds: the time-outs of these tests


class Server(ThreadingHTTPServer):
    """Answers the requests by the replies in their order; the last one goes on."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        self.replies: list[Callable[[Handler], None]] = []
        self.asked: list[dict[str, object]] = []
        self.keys: list[str] = []
        self.broken_off = threading.Event()
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.server.keys.append(self.headers["Authorization"].removeprefix("Bearer "))
        if self.path != "/v1/chat/completions":
            return error(404, "no such path")(self)
        replies = self.server.replies
        try:
            (replies.pop(0) if len(replies) > 1 else replies[0])(self)
        except OSError:
            self.server.broken_off.set()
        self.close_connection = True
        return None

    def begin(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def say(self, words: str = "", finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"content": words} if words else {}, "finish_reason": finish}
        self.write(f"data: {json.dumps({'id': '1', 'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n")

    def write(self, text: str) -> None:
        self.wfile.write(text.encode())
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Not on the screen."""


Reply = Callable[[Handler], None]


def error(status: int, message: str, code: str = "", **headers: str) -> Reply:
    def reply(handler: Handler) -> None:
        handler.begin(status, "application/json", **headers)
        handler.write(json.dumps({"error": {"message": f"{message} (the key was {KEY})", "code": code}}))

    return reply


def written(*words: str, finish: str | None = "stop") -> Reply:
    def reply(handler: Handler) -> None:
        handler.begin()
        for word in words:
            handler.say(word)
        handler.say(finish=finish)
        usage = {"prompt_tokens": 321, "completion_tokens": 12, "total_tokens": 333}
        handler.write(f"data: {json.dumps({'id': '1', 'choices': [], 'usage': usage})}\n\ndata: [DONE]\n\n")

    return reply


def page(text: str, kind: str = "text/html") -> Reply:
    def reply(handler: Handler) -> None:
        handler.begin(200, kind)
        handler.write(text)

    return reply


def silent(handler: Handler) -> None:
    handler.server.over.wait(30)


def dripping(text: str) -> Reply:
    def reply(handler: Handler) -> None:
        handler.begin()
        while not handler.server.over.wait(IMPATIENT / 10):
            handler.write(text)

    return reply


def dripping_head(handler: Handler) -> None:
    handler.write("HTTP/1.1 200 OK\r\n")
    while not handler.server.over.wait(IMPATIENT / 10):
        handler.write("X-More: 1\r\n")


def lost(*words: str) -> Reply:
    def reply(handler: Handler) -> None:
        handler.begin(Content_Length="100000")
        for word in words:
            handler.say(word)

    return reply


def lost_at_once(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def for_ever(handler: Handler) -> None:
    handler.begin()
    while not handler.server.over.wait(0.002):
        handler.say(f"{SHORT} [1.1]\n")


def redirecting(target: str, status: int = 307) -> Reply:
    def reply(handler: Handler) -> None:
        handler.begin(status, "text/plain", Location=target)

    return reply


def flooding(delta: dict[str, str]) -> Reply:
    """Parts without an end, as fast as they are taken."""
    part = json.dumps({"id": "1", "choices": [{"index": 0, "delta": delta}]})
    many = 100 * f"data: {part}\n\n"

    def reply(handler: Handler) -> None:
        handler.begin()
        while not handler.server.over.is_set():
            handler.write(many)

    return reply


def endless(start: str, more: str, status: int = 200) -> Reply:
    """One part without an end."""

    def reply(handler: Handler) -> None:
        handler.begin(status)
        handler.write(start)
        while not handler.server.over.is_set():
            handler.write(more)

    return reply


FLOODS: dict[str, Reply] = {
    "small-pieces": flooding({"content": "."}),
    "white-space": flooding({"content": " \n"}),
    "one-line": flooding({"content": "Nineteen people "}),
    "one-thought": flooding({"content": "<think>" + "people " * 300}),
    "hidden-thoughts": flooding({"reasoning_content": "people "}),
    "one-piece": endless('data: {"choices": [{"index": 0, "delta": {"content": "', "Nineteen people " * 4_096),
    "one-error": endless("{", '"error": "Nineteen people", ' * 4_096, 400),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server
        server.over.set()
        server.shutdown()


@pytest.fixture(scope="module")
def folder(sample_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(sample_archive, tmp_path_factory.mktemp("model") / "archive"))


@pytest.fixture(scope="module")
def assistant(folder: Path, server: Server) -> Iterator[Assistant]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", KEY)
        with Assistant(at(server, archive=folder)) as assistant:
            yield assistant


def at(server: Server, url: str = "http://127.0.0.1:{port}/v1", timeout: float = PATIENT, **more: object) -> Settings:
    return load_settings(
        writer="openai:double", writer_url=url.format(port=server.port), writer_timeout=timeout, judge="none", **more
    )


def opened(settings: Settings) -> Model:
    model = open_model(settings)
    assert model is not None
    return model


def answered(assistant: Assistant, server: Server, question: str, *replies: Reply) -> Answer:
    server.replies[:] = replies
    server.asked.clear()
    server.broken_off.clear()
    return assistant.ask(question)


FAILURES: dict[str, tuple[Reply, int, str, str]] = {
    # what the server does; how many requests it gets; what is said of it in English and in Arabic
    "wrong key": (error(401, "Incorrect API key", "invalid_api_key"), 1, "check OPENAI_API_KEY", "رفض"),
    "not allowed": (error(403, "not for you"), 1, "check OPENAI_API_KEY", "المفتاح"),
    "unknown model": (error(404, "no such model", "model_not_found"), 1, "check KHABAR_WRITER ", "غير معروف"),
    "refused": (error(400, "filtered", "content_filter"), 1, "refused to answer", "رفض"),
    "refused in its stream": (written(finish="content_filter"), 1, "refused to answer", "رفض"),
    "rate limit": (error(429, "slow down", Retry_After="0.1"), 3, "overloaded", "مشغول"),
    "long rate limit": (error(429, "slow down", Retry_After="60"), 1, "overloaded", "مشغول"),
    "no quota": (error(429, "pay", "insufficient_quota"), 1, "quota", "نفدت"),
    "server error": (error(500, "oh", Retry_After="0.1"), 3, "failed", "تعذّر"),
    "overload": (error(503, "oh", Retry_After="0.1"), 3, "failed", "تعذّر"),
    "lost before a word": (lost(), 1, "stopped in the middle", "انقطع"),
    "lost in the middle": (lost("Nineteen people"), 1, "stopped in the middle", "انقطع"),
    "ended without an end": (written("Nineteen people", finish=None), 1, "stopped in the middle", "انقطع"),
    "a web page": (page("<!DOCTYPE html><title>Sign in</title><p>data: x</p>"), 1, "no OpenAI-compatible", "متوافقًا"),
    "not JSON": (page("data: {nonsense\n\n", "text/event-stream"), 1, "no OpenAI-compatible", "متوافقًا"),
    "other JSON": (page('data: {"answer": 42}\n\n', "text/event-stream"), 1, "no OpenAI-compatible", "متوافقًا"),
    "nothing at all": (page("", "text/event-stream"), 1, "no OpenAI-compatible", "متوافقًا"),
    "no words": (written(""), 1, "wrote nothing", "لم يكتب"),
    "only white space": (written(" \n "), 1, "wrote nothing", "لم يكتب"),
    "too long": (error(400, "maximum context", "context_length_exceeded"), 1, "KHABAR_WRITER_CONTEXT", "دفعة واحدة"),
    "too long for llama.cpp": (
        error(400, "the request exceeds the available context size", "exceed_context_size_error"),
        1,
        "KHABAR_WRITER_CONTEXT",
        "دفعة واحدة",
    ),
    "an error in the stream": (
        page(f'data: {{"error": {{"message": "the key was {KEY}"}}}}\n\n', "text/event-stream"),
        1,
        "failed",
        "تعذّر",
    ),
    "a bad request": (error(400, "unknown field"), 1, "failed", "تعذّر"),
}


SLOWNESS: dict[str, tuple[Reply, str, str]] = {
    "no byte": (silent, "sent nothing for 0.5 s", "لم يرسل"),
    "comments for ever": (dripping(": wait\n\n"), "sent nothing for 0.5 s", "لم يرسل"),
    "a head for ever": (dripping_head, "sent nothing for 0.5 s", "لم يرسل"),
    "words for ever": (
        dripping('data: {"choices": [{"delta": {"content": " well"}}]}\n\n'),
        "did not finish within 2 s",
        "لم ينته",
    ),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_where_the_model_fails_the_reader_is_answered_without_it_and_told_why(
    failure: str, assistant: Assistant, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    reply, requests, english, arabic = FAILURES[failure]
    caplog.set_level(logging.DEBUG)
    for question, reason in ((FLOOD, english), (PLANT, arabic)):
        answer = answered(assistant, server, question, reply)
        assert answer.writer == "extract"
        assert answer.answered
        assert reason in answer.notice
        assert "double" in answer.notice
        assert answer.notice in answer_text(answer)
        assert len(server.asked) == requests
        assert answer.usage is not None
        assert answer.usage.requests == requests
        assert server.keys[-1] == KEY
        for words in (repr(answer), answer_text(answer), caplog.text):
            assert KEY not in words
            assert KEY[3:] not in words


def test_a_connection_that_is_lost_before_an_answer_is_made_again(assistant: Assistant, server: Server) -> None:
    reply = written(f"{SHORT} [1.1]")
    answer = answered(assistant, server, FLOOD, lost_at_once, reply)
    assert (answer.writer, answer.notice, len(server.asked)) == ("openai:double", "", 2)


def test_after_a_rate_limit_the_model_is_asked_again_and_answers(assistant: Assistant, server: Server) -> None:
    busy = error(429, "slow down", Retry_After="0.1")
    answer = answered(assistant, server, FLOOD, busy, busy, written(f"{SHORT} [1.1]"))
    assert (answer.writer, answer.notice, len(server.asked)) == ("openai:double", "", 3)
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (321, 12)


def test_after_a_servers_error_the_model_is_asked_again_after_a_pause(assistant: Assistant, server: Server) -> None:
    reply = written(f"{SHORT} [1.1]")
    answer = answered(assistant, server, FLOOD, error(500, "oh"), reply)
    assert (answer.writer, answer.notice, len(server.asked)) == ("openai:double", "", 2)


def test_words_that_have_come_are_not_asked_for_again(assistant: Assistant, server: Server) -> None:
    said = f"{SHORT} [1.1]\nFourteen"
    answer = answered(assistant, server, FLOOD, lost(said), written("Other words. [1.1]"))
    assert [one.text for one in answer.statements] == [SHORT]
    assert "stopped in the middle" in answer.notice
    assert (answer.writer, len(server.asked)) == ("openai:double", 1)


def test_a_reader_who_leaves_ends_the_request(assistant: Assistant, server: Server) -> None:
    server.replies[:] = [for_ever]
    server.broken_off.clear()
    events = assistant.stream(FLOOD)
    assert any(isinstance(event, Stated) for event in events)
    events.close()  # type: ignore[attr-defined]
    assert server.broken_off.wait(5)


FLOODED = """
import json, resource, sys, threading
from assistant import Assistant, Stated
from assistant.settings import load_settings

def ask(model):
    named = {"archive": sys.argv[1], "writer": f"openai:{model}", "writer_url": sys.argv[2], "writer_timeout": 0.75}
    with Assistant(load_settings(**named)) as assistant:
        answer = assistant.ask(sys.argv[3])
    pulling = [one for one in threading.enumerate() if one.name == "khabar-model"]
    for one in pulling:
        one.join(20)
    left = sum(one.is_alive() for one in pulling)
    return answer.writer, answer.answered, bool(answer.notice), left

ask("quiet")  # every library is loaded
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
answers = {model: ask(model) for model in sys.argv[4:]}
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps([answers, grown // (1 if sys.platform == "linux" else 1024)]))
"""


@pytest.mark.slow
def test_a_flood_ends_in_time_and_in_bounded_memory_and_leaves_no_thread(
    server: Server, sample_archive: Path, tmp_path: Path
) -> None:
    archive = shutil.copytree(sample_archive, tmp_path / "archive")

    def by_model(handler: Handler) -> None:
        FLOODS.get(str(handler.server.asked[-1]["model"]), written("NOT_IN_ARTICLES"))(handler)

    server.replies[:] = [by_model]
    url = f"http://127.0.0.1:{server.port}/v1"
    command = [sys.executable, "-c", FLOODED, str(archive), url, FLOOD, *FLOODS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    answers, grown = json.loads(done.stdout)
    assert answers == {model: ["extract", True, True, 0] for model in FLOODS}
    assert grown < 300_000  # kilobytes


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_is_sent_to_where_a_server_redirects(status: int, assistant: Assistant, server: Server) -> None:
    with Server() as other:
        other.replies[:] = [written(f"{SHORT} [1.1]")]
        target = f"http://user:secret@127.0.0.1:{other.port}/v1/chat/completions?token=secret"
        answer = answered(assistant, server, FLOOD, redirecting(target, status))
        assert other.asked == []
        other.shutdown()
    assert (answer.writer, answer.answered, len(server.asked)) == ("extract", True, 1)
    assert f"127.0.0.1:{server.port}/v1 redirects to http://127.0.0.1:{other.port}/v1; " in answer.notice
    assert "set KHABAR_WRITER_URL" in answer.notice
    assert "secret" not in answer.notice


@pytest.mark.parametrize("pause", [timedelta(seconds=-60), timedelta(days=1)])
def test_a_server_may_say_by_a_date_when_to_ask_again(pause: timedelta, assistant: Assistant, server: Server) -> None:
    busy = error(429, "slow down", Retry_After=format_datetime(datetime.now(UTC) + pause, usegmt=True))
    answer = answered(assistant, server, FLOOD, busy, written(f"{SHORT} [1.1]"))
    assert len(server.asked) == (2 if pause < timedelta() else 1)
    assert ("overloaded" in answer.notice) == (pause > timedelta())


@pytest.mark.parametrize("wish", ["", "soon", "-1", "nan", "1e999", "Wed, 99 Foo 99999 99:99:99 GMT"])
def test_a_wish_to_wait_that_cannot_be_read_is_none(wish: str, assistant: Assistant, server: Server) -> None:
    busy = error(429, "slow down", Retry_After=wish)
    answered(assistant, server, FLOOD, busy, written(f"{SHORT} [1.1]"))
    assert len(server.asked) == 2


def test_ids_with_thousands_of_digits_are_none(assistant: Assistant, server: Server) -> None:
    for digits in ("9" * 5_000, "9" * 1_000, "٩" * 1_000, "²", "①"):
        reply = written(f"Fourteen people. [1.{digits}]\n", f"{SHORT} [1.1]")
        answer = answered(assistant, server, FLOOD, reply)
        assert [one.text for one in answer.statements] == [SHORT]


@pytest.mark.parametrize("slowness", SLOWNESS)
def test_no_reader_waits_for_ever(slowness: str, server: Server) -> None:
    reply, english, arabic = SLOWNESS[slowness]
    server.replies[:] = [reply]
    server.asked.clear()
    with pytest.raises(LanguageModelError, match=english) as caught:
        list(opened(at(server, timeout=IMPATIENT)).stream([("user", "?")], UsageMeter()))
    assert arabic in caught.value.reason("ar")
    assert len(server.asked) == 1


def test_waiting_ends_for_all_requests_of_an_answer_together(server: Server) -> None:
    model, usage = opened(at(server, timeout=0.1)), UsageMeter()
    server.replies[:] = [error(503, "oh", Retry_After="0.09")]
    for _ in range(8):
        with pytest.raises(LanguageModelError):
            list(model.stream([("user", "?")], usage))
    assert usage.usage is not None
    assert usage.usage.requests < 8 * 3


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://127.0.0.1:{port}/v1", "cannot be reached; check KHABAR_WRITER_URL"),
        ("http://127.0.0.1:{port}/elsewhere", "is not known at that address"),
        ("http://127.0.0.1:9/v1", "cannot be reached; check KHABAR_WRITER_URL"),
        ("127.0.0.1:{port}/v1", "cannot be reached; check KHABAR_WRITER_URL"),
        ("nonsense", "cannot be reached; check KHABAR_WRITER_URL"),
    ],
)
def test_a_wrong_address_is_named(url: str, reason: str, server: Server) -> None:
    with pytest.raises(LanguageModelError, match=reason) as caught:
        list(opened(at(server, url)).stream([("user", "?")], UsageMeter()))
    assert caught.value.__suppress_context__


def test_without_a_key_the_reader_is_told_at_the_first_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(LanguageModelError, match="set OPENAI_API_KEY") as caught:
        list(opened(load_settings(writer="openai:gpt-5-mini")).stream([("user", "?")], UsageMeter()))
    assert "لا مفتاح" in caught.value.reason("ar")


def test_a_time_out_is_a_positive_number() -> None:
    with pytest.raises(SettingsError, match="KHABAR_WRITER_TIMEOUT"):
        load_settings(writer_timeout=0)
