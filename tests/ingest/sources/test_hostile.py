"""Hostile and broken documents: each costs one error, within limits of time and memory, and the batch goes on.

The limits are 60 s of processor time and 1 GB of memory for each, on a slow machine; without the reader's own limits,
some would take hours and terabytes. The system kills the reading process that exceeds them: no test asserts a time.
"""

import gzip
import io
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from ingest.errors import SourceError
from ingest.sources import Item, read

pytestmark = pytest.mark.slow

ENGLISH = "The Oasis council opened its new vegetable market on Thursday. The mayor said the work took two years."
LIMITED = """
import json, resource, sys
from pathlib import Path
from ingest.sources import Item, read

good, batches = Path(sys.argv[1]), sorted(Path(sys.argv[2]).iterdir())
assert [type(item) for item in read(str(good))] == [Item] * 5  # and all libraries are loaded
space = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (space + 1_000_000_000,) * 2)
for batch in batches:
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 60, resource.RLIM_INFINITY))
    lines = ["article" if isinstance(one, Item) else f"{one.location}: {one.reason}" for one in read(str(batch))]
    print(json.dumps([batch.name, lines]), flush=True)
"""


def feed(*items: str) -> bytes:
    """A feed of these items."""
    return f"<rss><channel><title>A</title>{''.join(items)}</channel></rss>".encode()


def hostile(kind: str) -> tuple[str, bytes]:
    """A name and a document."""
    page = f"<html><body><article><h1>A</h1><p>{ENGLISH}</p></article></body></html>".encode()
    long = "a" * 50_000
    attributes = " ".join(f"a{n}='b'" for n in range(200_000))
    data = b'<html><head><script type="application/ld+json">%b</script></head><body><p>A</p></body></html>'
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return {
        "truncated page": lambda: ("a.html", page[:40]),
        "truncated json": lambda: ("a.json", b'[{"text": "' + ENGLISH.encode()),
        "truncated xml": lambda: ("a.xml", b"<nitf><body><body.content><p>A market"),
        "truncated crawl": lambda: ("a.warc.gz", gzip.compress(b"WARC/1.0\r\nWARC-Type: response\r\n" * 9)[:50]),
        "gzip bomb as a crawl": lambda: ("b.warc.gz", gzip.compress(b"WARC/1.0\r\n" + b"a" * 100_000_000)),
        "gzip bomb as a text": lambda: ("b.txt", gzip.compress(bytes(100_000_000))),
        "100 MB of one line of text": lambda: ("a.txt", b"word " * 20_000_000),
        "100 MB of one line of json": lambda: ("a.jsonl", b'{"text": "' + b"word " * 20_000_000 + b'"}'),
        "100 MB of one line of a table": lambda: ("a.csv", b"title,text\n" + b"word " * 20_000_000),
        "100 MB of one line of a page": lambda: ("a.htm", b"<html><body><p>" + b"word " * 20_000_000),
        "100 MB of one line of xml": lambda: ("b.xml", b"<rss><channel><title>" + b"word " * 20_000_000),
        "4 MB of tags": lambda: ("b.html", b"<html><body>" + b"<p>x</p><a href='/'>y</a>" * 160_000),
        "nested tags of a page": lambda: ("c.html", b"<html><body>" + b"<div>" * 10_000 + b"x" + b"</div>" * 10_000),
        "nested tags of xml": lambda: ("c.xml", b"<nitf>" + b"<p>" * 10_000 + b"x" + b"</p>" * 10_000 + b"</nitf>"),
        "nested tags of a feed": lambda: ("d.xml", b"<rss><channel><item>" + b"<div>" * 10_000 + b"</div>" * 10_000),
        "nested json": lambda: ("b.json", b"[" * 100_000 + b"]" * 100_000),
        "entity bomb": lambda: ("e.xml", f'<!DOCTYPE r [<!ENTITY a0 "ha">{bomb}]><rss>&a9;</rss>'.encode()),
        "entity bomb in UTF-16": lambda: ("f.xml", f"<!DOCTYPE r [{bomb}]><nitf/>".encode("utf-16")),
        "quadratic entity": lambda: ("g.xml", f'<!DOCTYPE r [<!ENTITY a "{long}">]><r>{"&a;" * 999}</r>'.encode()),
        "external entity": lambda: ("h.xml", b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>'),
        "a feed element of many attributes": lambda: ("j.xml", feed(f"<item {attributes}>", "</item>")),
        "a feed element of many attributes, ill-formed": lambda: ("k.xml", feed(f"<item {attributes}>", "<b")),
        "a page element of many attributes": lambda: ("g.html", page.replace(b"<p>", f"<p {attributes}>".encode())),
        "attributes behind a script": lambda: ("h.html", f"<script>a<b'</script><script/><p {attributes}>".encode()),
        "a feed of many tags": lambda: ("l.xml", feed("<item><b>x</b></item>" * 300_000, "")),
        "1.2 MB of nested tags": lambda: ("m.xml", b"<a>" * 170_000 + b"</a>" * 170_000),
        "beginnings of comments": lambda: ("n.xml", b"<!--" * 250_000),
        "beginnings of comments in data": lambda: ("i.html", data % (b"<!--" * 45_000)),
        "names in data": lambda: ("j.html", data % (b'"author":' * 100_000)),
        "a page in punycode": lambda: (
            "k.html",
            b'<meta charset="punycode"><title>Page not found</title><p>\xff-' + b"a9" * 500_000,
        ),
        "a text of one space after another": lambda: ("d.txt", b"a" + b" " * 5_000_000 + b"..."),
        "combining marks": lambda: ("e.txt", ("e" + "\u0323" * 2_000_000).encode()),
        "combining marks in a title": lambda: ("d.json", json.dumps({"text": "", "title": "\u0323" * 10**6}).encode()),
        "a number of a million digits": lambda: ("f.json", b'{"text": ' + b"9" * 1_000_000 + b"}"),
        "NUL bytes": lambda: ("c.txt", b"A market\x00 opens" * 99),
        "NUL bytes in a page": lambda: ("d.html", page.replace(b"market", b"mar\x00ket")),
        "lone surrogates": lambda: ("c.json", b'{"text": "\\ud800\\udfff\\ud800 \\udc00"}'),
        "wrong charset": lambda: ("e.html", b'<html><head><meta charset="utf-16"></head>\xff\xfe\x00</html>'),
        "random bytes": lambda: ("i.xml", bytes(range(256)) * 50),
        "a picture as a page": lambda: ("f.html", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50),
    }[kind]()  # fmt: skip


KINDS = [
    *("truncated page", "truncated json", "truncated xml", "truncated crawl", "gzip bomb as a crawl"),
    *("gzip bomb as a text", "100 MB of one line of text", "100 MB of one line of json"),
    *("100 MB of one line of a table", "100 MB of one line of a page", "100 MB of one line of xml", "4 MB of tags"),
    *("nested tags of a page", "nested tags of xml", "nested tags of a feed", "nested json", "entity bomb"),
    "a feed element of many attributes",
    *("a feed element of many attributes, ill-formed", "a page element of many attributes"),
    *("attributes behind a script", "a feed of many tags", "1.2 MB of nested tags", "beginnings of comments"),
    *("beginnings of comments in data", "names in data", "a page in punycode", "a text of one space after another"),
    *("combining marks", "combining marks in a title", "a number of a million digits"),
    *("entity bomb in UTF-16", "quadratic entity", "external entity", "NUL bytes", "NUL bytes in a page"),
    *("lone surrogates", "wrong charset", "random bytes", "a picture as a page"),
]  # fmt: skip


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a limited process reads, by kind: the hostile document, then a good one."""
    folder = tmp_path_factory.mktemp("hostile")
    for kind in KINDS:
        batch = folder / "batches" / kind
        batch.mkdir(parents=True)
        name, data = hostile(kind)
        (batch / name).write_bytes(data)
        (batch / "z.txt").write_text(ENGLISH)
    command = [sys.executable, "-c", LIMITED, str(good(folder / "good")), str(folder / "batches")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=1800)
    read_lines = dict(map(json.loads, done.stdout.splitlines()))
    assert done.returncode == 0, f"after {list(read_lines)[-1:]}: {done.stderr[-2000:]}"
    shutil.rmtree(folder)
    return read_lines


def good(folder: Path) -> Path:
    """A folder with a good document of each kind."""
    folder.mkdir()
    page = f"<html><body><article><h1>A market</h1><p>{ENGLISH}</p><p>{ENGLISH} Again.</p></article></body></html>"
    entry = f"<item><title>A market</title><description>{ENGLISH}</description></item>"
    (folder / "z.html").write_text(page)
    (folder / "z.xml").write_text(f"<nitf><body><body.content><p>{ENGLISH}</p></body.content></body></nitf>")
    (folder / "z.rss").write_text(f"<rss><channel>{entry}</channel></rss>")
    (folder / "z.jsonl").write_text(json.dumps({"text": ENGLISH}))
    (folder / "z.txt").write_text(ENGLISH)
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")
@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_document_costs_one_line_and_the_next_is_read(lines: dict[str, list[str]], kind: str) -> None:
    line, following = lines[kind]
    assert following == "article"
    assert line != "article"
    assert len(line) < 300


def test_40_different_hostile_documents_are_tried() -> None:
    assert len(KINDS) == len(set(KINDS)) == 40


def test_lone_surrogates_in_a_text_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"text": f"{ENGLISH} \ud800"}))
    (found,) = read(str(tmp_path / "a.json"))
    assert isinstance(found, Item)
    assert found.article.text.endswith("\ufffd")


def test_files_with_unusual_names_are_read(tmp_path: Path) -> None:
    for name in ("a\nb.txt", "خبر.txt", "-rf.txt", "a;b.txt"):
        (tmp_path / name).write_text(ENGLISH)
    (tmp_path / "a.tar").write_bytes(b"")
    with tarfile.open(tmp_path / "b.tar", "w", fileobj=io.BytesIO()):
        found = list(read(str(tmp_path)))
    assert sum(isinstance(one, Item) for one in found) == 4
    assert [type(one) for one in found].count(SourceError) == 1
