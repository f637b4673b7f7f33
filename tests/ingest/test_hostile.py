"""Documents that mean harm or are broken: each costs one clear line, within limits, and the batch goes on.

The limits are stated for one process on a slow machine: 60 s a document and 1.5 GB above what was in use, where what a
document would come to without limits is minutes or tens of gigabytes. They are checked by a watchdog in the process that
reads, which ends it when they are passed: no time is asserted here.
"""

import gzip
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from ingest.errors import SourceError
from ingest.sources import Item, read

ENGLISH = "The Oasis council opened its new vegetable market on Thursday. The mayor said the work took two years."
LIMITS = """
import resource, signal, sys
from ingest.sources import Item, read
list(read(sys.argv[2]))  # all libraries are loaded
used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
with open("/proc/self/statm") as stat:
    space = int(stat.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (space + 1_500_000_000,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
for found in read(sys.argv[1]):
    print("article" if isinstance(found, Item) else f"{found.place}: {found.reason}")
"""


def hostile(kind: str) -> tuple[str, bytes]:
    """A name and a document."""
    page = f"<html><body><article><h1>A</h1><p>{ENGLISH}</p></article></body></html>".encode()
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return {
        "truncated page": ("a.html", page[:40]),
        "truncated json": ("a.json", b'[{"text": "' + ENGLISH.encode()),
        "truncated xml": ("a.xml", b"<nitf><body><body.content><p>A market"),
        "truncated crawl": ("a.warc.gz", gzip.compress(b"WARC/1.0\r\nWARC-Type: response\r\n" * 9)[:50]),
        "gzip bomb as a crawl": ("b.warc.gz", gzip.compress(b"WARC/1.0\r\n" + b"a" * 300_000_000)),
        "gzip bomb as a text": ("b.txt", gzip.compress(bytes(100_000_000))),
        "100 MB of one line of text": ("a.txt", b"word " * 20_000_000),
        "100 MB of one line of json": ("a.jsonl", b'{"text": "' + b"word " * 20_000_000 + b'"}'),
        "100 MB of one line of a table": ("a.csv", b"title,text\n" + b"word " * 20_000_000),
        "100 MB of one line of a page": ("a.htm", b"<html><body><p>" + b"word " * 20_000_000),
        "100 MB of one line of xml": ("b.xml", b"<rss><channel><title>" + b"word " * 20_000_000),
        "5 MB of a page": ("b.html", b"<html><body>" + b"<p>x</p><a href='/'>y</a>" * 200_000),
        "nested tags of a page": ("c.html", b"<html><body>" + b"<div>" * 10_000 + b"x" + b"</div>" * 10_000),
        "nested tags of xml": ("c.xml", b"<nitf>" + b"<p>" * 10_000 + b"x" + b"</p>" * 10_000 + b"</nitf>"),
        "nested tags of a feed": ("d.xml", b"<rss><channel><item>" + b"<div>" * 10_000 + b"</div>" * 10_000),
        "nested json": ("b.json", b"[" * 100_000 + b"]" * 100_000),
        "entity bomb": ("e.xml", f'<!DOCTYPE r [<!ENTITY a0 "ha">{bomb}]><rss><channel>&a9;</channel></rss>'.encode()),
        "entity bomb in UTF-16": ("f.xml", f'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE r [{bomb}]><nitf/>'.encode("utf-16")),
        "quadratic entity": ("g.xml", f'<!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]><nitf><p>{"&a;" * 50_000}</p></nitf>'.encode()),
        "external entity": ("h.xml", b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>'),
        "NUL bytes": ("c.txt", b"A market\x00 opens" * 99),
        "NUL bytes in a page": ("d.html", page.replace(b"market", b"mar\x00ket")),
        "lone surrogates": ("c.json", b'{"text": "\\ud800\\udfff\\ud800 \\udc00"}'),
        "wrong charset": ("e.html", b'<html><head><meta charset="utf-16"></head><body><p>\xff\xfe\x00</p></body></html>'),
        "random bytes": ("i.xml", bytes(range(256)) * 50),
        "a picture as a page": ("f.html", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50),
    }[kind]  # fmt: skip


KINDS = [
    *("truncated page", "truncated json", "truncated xml", "truncated crawl", "gzip bomb as a crawl"),
    *("gzip bomb as a text", "100 MB of one line of text", "100 MB of one line of json"),
    *("100 MB of one line of a table", "100 MB of one line of a page", "100 MB of one line of xml", "5 MB of a page"),
    *("nested tags of a page", "nested tags of xml", "nested tags of a feed", "nested json", "entity bomb"),
    *("entity bomb in UTF-16", "quadratic entity", "external entity", "NUL bytes", "NUL bytes in a page"),
    *("lone surrogates", "wrong charset", "random bytes", "a picture as a page"),
]  # fmt: skip


def limited(path: Path, good: Path) -> list[str]:
    """What a process with limits of time and memory reads, one line each."""
    command = [sys.executable, "-c", LIMITS, str(path), str(good)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=280)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A folder with a good document of each kind."""
    folder = tmp_path / "good"
    folder.mkdir()
    page = f"<html><body><article><h1>A market</h1><p>{ENGLISH}</p><p>{ENGLISH} Again.</p></article></body></html>"
    (folder / "z.html").write_text(page)
    (folder / "z.xml").write_text(f"<nitf><body><body.content><p>{ENGLISH}</p></body.content></body></nitf>")
    (folder / "z.rss").write_text(
        f"<rss><channel><item><title>A</title><description>{ENGLISH}</description></item></channel></rss>"
    )
    (folder / "z.jsonl").write_text(json.dumps({"text": ENGLISH}))
    (folder / "z.txt").write_text(ENGLISH)
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")
@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_document_costs_one_line_and_the_next_is_read(good: Path, tmp_path: Path, kind: str) -> None:
    batch = tmp_path / "batch"
    batch.mkdir()
    name, data = hostile(kind)
    (batch / name).write_bytes(data)
    (batch / "z.txt").write_text(ENGLISH)
    lines = limited(batch, good)
    assert lines[-1] == "article"
    assert len(lines) == 2
    assert len(lines[0]) < 300
    assert "unexpected" not in lines[0]


def test_the_names_of_kinds_are_all_tried() -> None:
    assert len(KINDS) == len(set(KINDS)) == 26


def test_lone_surrogates_in_a_text_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"text": f"{ENGLISH} \ud800"}))
    (found,) = read(str(tmp_path / "a.json"))
    assert isinstance(found, Item)
    assert found.article.text.endswith("\ufffd")


def test_a_folder_of_hostile_names_is_read(tmp_path: Path) -> None:
    for name in ("a\nb.txt", "خبر.txt", "-rf.txt", "a;b.txt"):
        (tmp_path / name).write_text(ENGLISH)
    (tmp_path / "a.tar").write_bytes(b"")
    with tarfile.open(tmp_path / "b.tar", "w", fileobj=io.BytesIO()):
        found = list(read(str(tmp_path)))
    assert sum(isinstance(one, Item) for one in found) == 4
    assert [type(one) for one in found].count(SourceError) == 1
