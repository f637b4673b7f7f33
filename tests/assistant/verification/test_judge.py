"""A second model, asked whether sentences support a statement: what it says counts, and when it does not."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import Field
from scripted import Scripted

from assistant import Assistant
from assistant.answer import Answer, Stated
from assistant.formats.json import answer_data
from assistant.formats.text import answer_text
from assistant.llm.client import Model
from assistant.llm.usage import UsageMeter
from assistant.settings import load_settings
from assistant.verification.judge import ModelJudge, open_judge
from ingest.errors import SettingsError
from prompts import controls, prompt

FLOOD = "How many people were injured in the flood of Port Oskara?"
REPHRASED = "The flood of Port Oskara left 19 people injured, according to the city hospital."
SHORT = "Nineteen people were injured in the flood of Port Oskara, the city hospital said."
KNOWN = {one.statement: one.supported for code in ("ar", "en") for one in controls(code)}


class Judging(Scripted):
    """Right about the known statements; of all others it says what is set, after a wait if one is set."""

    verdict: str = "supported"
    fails: bool = False
    seconds: float = 0.0

    def write(self, prompt: str) -> list[str]:
        statement = prompt.rpartition("Statement: ")[2].partition("\nassistant: ")[0].strip()
        if statement in KNOWN:
            return ["supported" if KNOWN[statement] else "not"]
        if self.fails:
            raise OSError("gone")
        time.sleep(self.seconds)
        return [self.verdict]


@pytest.fixture(scope="module")
def folder(sample_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(sample_archive, tmp_path_factory.mktemp("judged") / "archive"))


def judged(folder: Path, judge: Scripted, *written: str, seconds: float = 20.0) -> Answer:
    """The answer of a writer that writes this, with a judge of its own."""
    writer = Scripted()
    writer.answers[:] = ["\n".join(written)]
    asked = ModelJudge(Model(judge, "judge", timeout=seconds), prompt("judge"))
    with Assistant(load_settings(archive=folder), Model(writer, "writer"), asked) as assistant:
        return assistant.ask(FLOOD)


def test_what_a_judge_finds_supported_is_shown_in_the_models_words_and_says_so(folder: Path) -> None:
    answer = judged(folder, judge := Judging(), f"{REPHRASED} [1.1]")
    assert [(one.text, one.proof, one.judge) for one in answer.statements] == [(REPHRASED, "judged", "judge")]
    assert answer.statements[0].quotes[0].text.startswith("Nineteen people were injured")
    assert "(in a model's words; judge found them supported by the quotations)" in answer_text(answer)
    assert answer_data(answer)["statements"] == [
        {"text": REPHRASED, "quotes": [0], "proof": "judged", "judge": "judge"}
    ]
    asked = judge.asked[0].rpartition("user: ")[2]
    assert asked.count("\n- ") == 1, "it sees the cited sentence, and no other"
    assert FLOOD not in judge.asked[0]
    assert answer.usage
    assert answer.usage.requests == 2


@pytest.mark.parametrize(
    ("verdict", "shown"),
    [
        ("supported", True),
        ("**Supported.**", True),
        ("<think>It says so.</think>\n\nsupported", True),
        ("not", False),
        ("unsure", False),
        ("not supported", False),
        ("supported, but not by sentence 1", False),
        ("unsupported", False),
        ("", False),
        ("مدعوم", False),
        ("supported\u0301" * 20_000, False),
    ],
)
def test_only_the_word_supported_counts(verdict: str, shown: bool, folder: Path) -> None:
    answer = judged(folder, Judging(verdict=verdict), f"{REPHRASED} [1.1]")
    assert answer.statements[0].proof == ("judged" if shown else "quoted")
    assert [one.kind for one in answer.dropped] == ([] if shown else ["judge"])


def test_a_judge_that_fails_or_is_late_proves_nothing(folder: Path) -> None:
    for judge, seconds in ((Judging(fails=True), 20.0), (Judging(seconds=3.0), 0.3)):
        answer = judged(folder, judge, f"{REPHRASED} [1.1]", seconds=seconds)
        assert {one.proof for one in answer.statements} == {"quoted"}
        assert [one.kind for one in answer.dropped] == ["judge"]


class Yes(Scripted):
    """Finds everything supported."""

    def write(self, prompt: str) -> list[str]:
        return ["supported"]


def test_a_judge_that_finds_known_false_statements_supported_is_not_believed(folder: Path) -> None:
    answer = judged(folder, judge := Yes(), f"{REPHRASED} [1.1]")
    assert {one.proof for one in answer.statements} == {"quoted"}
    assert len(judge.asked) > len(controls("en")) - 1


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("The flood left 90 people injured, according to the city hospital.", "figures"),
        ("The flood of Port Oskara left 19 people injured, according to the hospital of Ternavale.", "names"),
        ("The flood of Port Oskara left none of the 19 people injured, the city hospital found.", "negation"),
    ],
)
def test_no_judge_overrules_a_figure_a_name_or_a_denial(written: str, kind: str, folder: Path) -> None:
    answer = judged(folder, judge := Judging(), f"{written} [1.1]")
    assert [one.kind for one in answer.dropped] == [kind]
    assert answer.statements[0].proof == "quoted"
    assert judge.asked == []


class Waiting(Judging):
    """Answers when it may."""

    may: threading.Event = Field(default_factory=threading.Event)

    def write(self, prompt: str) -> list[str]:
        said = super().write(prompt)
        assert self.may.wait(30)
        return said


def test_a_statement_that_waits_for_its_judge_holds_up_no_other(folder: Path) -> None:
    writer, judge = Scripted(), Waiting()
    writer.answers[:] = [f"{REPHRASED} [1.1]\n{SHORT} [1.1]\n"]
    asked = ModelJudge(Model(judge, "judge", timeout=60), prompt("judge"))
    stated = []
    with Assistant(load_settings(archive=folder), Model(writer, "writer"), asked) as assistant:
        for event in assistant.stream(FLOOD):
            if isinstance(event, Stated):
                stated.append(event.statement.proof)
                judge.may.set()
    assert stated == ["shortened", "judged"]


def test_the_settings_name_the_judge(folder: Path) -> None:
    writer = Model(Scripted(), "writer")
    own = prompt("judge")
    assert open_judge(load_settings(judge="none"), writer, own) is None
    assert open_judge(load_settings(), None, own) is None
    same = open_judge(load_settings(), writer, own)
    assert same is not None
    assert same.name == "writer"
    other = open_judge(load_settings(judge="openai:m", judge_url="http://127.0.0.1:9/v1"), writer, own)
    assert other is not None
    assert other.name == "openai:m"
    with pytest.raises(SettingsError, match="there is no writer 'gemini'"):
        open_judge(load_settings(judge="gemini"), writer, own)


class Handler(BaseHTTPRequestHandler):
    """An OpenAI-compatible server: it keeps what it is sent, and answers by what its server is told."""

    server: "Server"

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.sent.append(sent)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        said = self.server.answer(sent["messages"][-1]["content"])
        for choice in ({"delta": {"content": said}, "finish_reason": None}, {"delta": {}, "finish_reason": "stop"}):
            part = {"id": "1", "object": "chat.completion.chunk", "choices": [{"index": 0, **choice}]}
            self.wfile.write(f"data: {json.dumps(part)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Not on the screen."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answer: Callable[[str], str]) -> None:
        self.answer = answer
        self.sent: list[dict[str, object]] = []
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@pytest.fixture
def servers() -> Iterator[tuple[Server, Server]]:
    def verdict(asked: str) -> str:
        statement = asked.rpartition("Statement: ")[2].strip()
        return "supported" if KNOWN.get(statement, True) else "not"

    writer, judge = Server(lambda asked: f"{REPHRASED} [1.1]"), Server(verdict)
    yield writer, judge
    writer.shutdown()
    judge.shutdown()
    writer.server_close()
    judge.server_close()


def test_a_judge_has_an_address_of_its_own_and_is_sent_the_statement_and_its_sentences_alone(
    folder: Path, servers: tuple[Server, Server]
) -> None:
    writer, judge = servers
    settings = load_settings(
        archive=folder, writer="openai:small", writer_url=writer.url, judge="openai:large", judge_url=judge.url
    )
    with Assistant(settings) as assistant:
        answer = assistant.ask(FLOOD)
    assert [(one.proof, one.judge) for one in answer.statements] == [("judged", "openai:large")]
    assert len(writer.sent) == 1
    assert [one["model"] for one in judge.sent] == ["openai:large".removeprefix("openai:")] * (1 + len(controls("en")))
    told = json.dumps(judge.sent[0]["messages"][-1])
    assert REPHRASED in told
    assert FLOOD not in told
    assert "Nineteen people were injured" in told


def test_the_answer_of_a_judge_is_asked_for_in_the_statements_language() -> None:
    judge = Judging()
    asked = ModelJudge(Model(judge, "judge"), prompt("judge"))
    assert asked.answer("قال الوزير", ["قال الوزير إن"], UsageMeter()) == "supported"
    assert "one statement in Arabic." in judge.asked[0].replace("\n", " ")
