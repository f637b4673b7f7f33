"""Which reader a document gets, and that a new kind is one reader and one entry."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import SourceError
from ingest.sources import Defaults, Document, Item, Items, Kind, Web, read, register
from ingest.sources.raw_article import RawArticle, build_article
from ingest.sources.registry import KINDS, kind_of_file, kind_of_response, readable_kinds, self_contained_suffixes

FIRST = "The Oasis council opened its new vegetable market on Thursday."
SECOND = "The mayor said the work took two years and cost four million."


def read_bulletin(document: Document, defaults: Defaults, web: Web | None = None) -> Items:
    """Read a format that no one uses: articles between lines of dashes, after a line "BULLETIN"."""
    head, *texts = document.read().decode().split("\n----\n")
    if head != "BULLETIN":
        raise ValueError("it does not begin with BULLETIN")
    for number, text in enumerate(texts, 1):
        try:
            article = build_article(RawArticle(text), defaults, document.source, f"article {number}")
        except SourceError as error:
            yield error
        else:
            yield Item(article)


@pytest.fixture
def bulletin() -> Iterator[Kind]:
    kind = Kind("bulletins", read_bulletin, (".bulletin",), ("text/x-bulletin",))
    register(kind)
    yield kind
    KINDS.remove(kind)


@pytest.mark.usefixtures("bulletin")
def test_a_registered_kind_is_read_from_a_file_and_in_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "news.bulletin"
    path.write_text(f"BULLETIN\n----\n{FIRST}\n----\nHi!\n----\n{SECOND}")
    for source in (path, tmp_path):
        first, error, second = read(str(source), Defaults(publisher="The Palm"))
        assert isinstance(first, Item)
        assert isinstance(second, Item)
        assert (first.article.text, first.article.publisher, second.article.text) == (FIRST, "The Palm", SECOND)
        assert isinstance(error, SourceError)
        assert (error.source, error.location) == (str(path), "article 2")


@pytest.mark.usefixtures("bulletin")
def test_a_document_that_its_reader_refuses_costs_one_error(tmp_path: Path) -> None:
    (tmp_path / "a.bulletin").write_text("no bulletin")
    (tmp_path / "b.bulletin").write_text(f"BULLETIN\n----\n{FIRST}")
    error, item = read(str(tmp_path))
    assert isinstance(error, SourceError)
    assert error.reason == "it does not begin with BULLETIN"
    assert isinstance(item, Item)


def test_a_registered_kind_is_recognised_as_a_response_and_named_to_people(bulletin: Kind) -> None:
    assert kind_of_response("text/x-bulletin", b"BULLETIN") is bulletin
    assert "bulletins (.bulletin)" in readable_kinds()
    assert ".bulletin" in self_contained_suffixes()


def test_files_that_may_be_feeds_or_compressed_are_not_self_contained() -> None:
    assert set(self_contained_suffixes()) == set(
        ".txt .text .md .markdown .html .htm .xhtml .jsonl .ndjson .jl .json .csv .tsv".split()
    )


@pytest.mark.parametrize(
    ("suffix", "head", "name"),
    [
        (".txt", b"<html>", "text"),
        (".md", b"# A", "Markdown"),
        (".html", b"<rss>", "web pages"),
        (".jsonl", b"{}", "JSON Lines"),
        (".json", b"{}", "JSON"),
        (".csv", b"title,text", "tables"),
        (".warc.gz", b"\x1f\x8b", "crawls"),
        (".xml", b"<rss/>", "feeds"),
        (".xml", b"<?xml version='1.0'?><!-- a --><a:urlset xmlns:a='b'/>", "sitemaps"),
        (".rss", b"<!DOCTYPE nitf SYSTEM 'a'><nitf>", "NITF"),
        (".xml", b"<newsMessage/>", "NewsML-G2"),
        (".xml", b"<!doctype html><html>", "web pages"),
        (".xml", b"<catalog/>", "feeds"),
        (".xml", b"\x00\x01\x02", "feeds"),
        ("", b"<html><head>", "web pages"),
        ("", b"<rss/>", "feeds"),
        ("", b"Once upon a time", "text"),
        (".docx", b"PK", None),
    ],
)
def test_a_file_has_the_kind_of_its_suffix_and_root_element(suffix: str, head: bytes, name: str | None) -> None:
    kind = kind_of_file(suffix, head)
    assert (kind.name if kind else None) == name


@pytest.mark.parametrize(
    ("media_type", "content", "name"),
    [
        ("text/html", b"<html>", "web pages"),
        ("text/html; x", b"<rss/>", "feeds"),
        ("text/plain", b"<feed/>", "feeds"),
        ("text/plain", b"<p>Once upon a time", "text"),
        ("text/markdown", b"# A", "Markdown"),
        ("text/html", b' {"a": 1}', "JSON"),
        ("application/feed+json", b"null", "JSON"),
        ("application/rss+xml", b"<catalog/>", "feeds"),
        ("application/xml", b"<html>", "web pages"),
        ("application/xhtml+xml", b"<html>", "web pages"),
        ("text/csv", b"title,text", "tables"),
        ("", b"Once upon a time", "web pages"),
        ("application/octet-stream", b"<html>", "web pages"),
        ("image/svg", b"abc", None),
        ("image/png", b"abc", None),
    ],
)
def test_a_response_has_the_kind_of_its_content_or_its_media_type(
    media_type: str, content: bytes, name: str | None
) -> None:
    kind = kind_of_response(media_type, content)
    assert (kind.name if kind else None) == name
