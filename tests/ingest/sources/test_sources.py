"""Files, folders and streams as articles."""

import io
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.article import Article
from ingest.errors import SourceError
from ingest.sources import Defaults, Item, read

ARABIC = "أعلنت بلدية الواحة افتتاح سوق الخضار الجديد صباح الخميس. وقال رئيسها إن العمل استمر عامين كاملين."
ENGLISH = "The Oasis council opened its new vegetable market on Thursday. The mayor said the work took two years."
FRENCH = (
    "Le conseil régional a inauguré samedi le nouveau phare du cap Sorrel. "
    "Les travaux ont duré deux ans, selon le maire."
)
PAGE = f"""<!doctype html><html lang="ar"><head><meta charset="CHARSET"><title>سوق جديد</title>
<meta property="og:title" content="سوق جديد في الواحة - صحيفة النخلة">
<meta property="og:site_name" content="صحيفة النخلة">
<link rel="canonical" href="https://nakhla.example/news/7"><script type="application/ld+json">
{{"@type":"NewsArticle","datePublished":"2022-03-10T00:40:00+03:00"}}</script></head><body>
<nav><a href="/">الرئيسية</a> <a href="/sport">رياضة</a></nav><article><h1>سوق جديد في الواحة</h1>
<p>{ARABIC}</p><p>وأضاف أن السوق يضم مئة متجر، وأن البلدية ستعفي التجار من الرسوم في السنة الأولى من العمل فيه.</p>
<p>ويتوقع التجار أن تنخفض الأسعار بعد أن صار النقل أقصر مما كان عليه في السوق القديم خارج المدينة.</p></article>
<footer>جميع الحقوق محفوظة © 2019</footer></body></html>"""


def articles(source: str | Path, defaults: Defaults | None = None) -> list[Article]:
    found = list(read(str(source), defaults))
    assert not [error for error in found if isinstance(error, SourceError)]
    return [item.article for item in found if isinstance(item, Item)]


def errors(source: str | Path) -> list[SourceError]:
    return [found for found in read(str(source)) if isinstance(found, SourceError)]


def lines(*records: Any) -> list[Item | SourceError]:  # noqa: ANN401 # any JSON
    data = "\n".join(record if isinstance(record, str) else json.dumps(record) for record in records)
    return list(read("-", stream=io.BytesIO(data.encode("utf-8", "surrogatepass"))))


def only(record: dict[str, Any]) -> Article:
    (item,) = lines(record)
    assert isinstance(item, Item), item
    return item.article


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# Plain text


def test_a_title_line_is_the_title_and_not_part_of_the_text(tmp_path: Path) -> None:
    (article,) = articles(file(tmp_path, "a.txt", f"سوق جديد في الواحة\n\n{ARABIC}\n"))
    assert (article.title, article.text, article.language) == ("سوق جديد في الواحة", ARABIC, "ar")


def test_a_text_without_a_title_gets_one_from_its_first_sentence_and_loses_nothing(tmp_path: Path) -> None:
    (article,) = articles(file(tmp_path, "a.txt", f"{ARABIC}\n\n{ARABIC}"))
    assert article.text == f"{ARABIC}\n\n{ARABIC}"
    assert article.title == "أعلنت بلدية الواحة افتتاح سوق الخضار الجديد صباح الخميس"
    (long,) = articles(file(tmp_path, "b.txt", " ".join(["word"] * 60)))
    assert long.title.endswith("word…")
    assert len(long.title) <= 91


def test_lines_broken_to_a_width_are_joined(tmp_path: Path) -> None:
    wrapped = (
        "The Oasis council opened its new vegetable market on Thursday. The\n"
        "mayor said that the work had taken two years and that traders would\n"
        "pay no fees until the end of the first year of trading.\n\n"
        "Prices are expected to fall now that the way to the market is much\n"
        "shorter than before."
    )
    (article,) = articles(file(tmp_path, "a.txt", wrapped))
    assert article.text.count("\n") == 2
    assert "Thursday. The mayor said" in article.text


def test_verses_keep_their_lines(tmp_path: Path) -> None:
    verses = "The date palm stands,\nthe river goes,\nand nobody in town\never knows why."
    assert articles(file(tmp_path, "a.txt", verses))[0].text == verses


def test_header_lines_state_title_date_and_source(tmp_path: Path) -> None:
    (article,) = articles(file(tmp_path, "a.txt", f"Title: A market\nDate: 10/3/2022\nSource: The Palm\n\n{ENGLISH}"))
    assert (article.title, article.publisher, article.text) == ("A market", "The Palm", ENGLISH)
    assert article.published == datetime(2022, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256"])
def test_arabic_is_read_in_all_its_common_encodings(tmp_path: Path, encoding: str) -> None:
    assert articles(file(tmp_path, "a.txt", ARABIC.encode(encoding)))[0].text == ARABIC


def test_western_letters_are_not_taken_for_arabic(tmp_path: Path) -> None:
    text = "Le marché a été inauguré jeudi à l’entrée de la ville, où les prix ont déjà baissé."
    assert articles(file(tmp_path, "a.txt", text.encode("cp1252")))[0].text == text


def test_the_defaults_stand_in_for_what_a_file_does_not_state(tmp_path: Path) -> None:
    day = datetime(2020, 1, 2, tzinfo=UTC)
    (article,) = articles(file(tmp_path, "a.txt", ENGLISH), Defaults("The Palm", day, "de"))
    assert (article.publisher, article.published, article.language) == ("The Palm", day, "de")


def test_the_origin_of_an_article_is_the_absolute_path_of_its_file(tmp_path: Path) -> None:
    path = file(tmp_path, "a.txt", ENGLISH)
    (item,) = read(os.path.relpath(path))
    assert isinstance(item, Item)
    assert item.origin == str(path)


# Markdown


def test_markdown_is_reduced_to_the_text_that_a_reader_sees(tmp_path: Path) -> None:
    text = "# A *new* market\n\nThe **council** opened [its market](http://x.example) on\nThursday.\n\n## Prices\n"
    (article,) = articles(file(tmp_path, "a.md", text))
    assert article.title == "A new market"
    assert article.text == "The council opened its market on Thursday.\n\nPrices"


def test_front_matter_is_read_even_if_it_is_not_valid_yaml(tmp_path: Path) -> None:
    front = "---\ntitle: عاجل: سوق جديد\ndate: 2022-03-10\npublisher: 'النخلة'\nauthors:\n  - ليلى\n  - سامر\nurl: https://n.example/7\n---\n"
    (article,) = articles(file(tmp_path, "a.md", front + ARABIC))
    assert (article.title, article.publisher, article.author) == ("عاجل: سوق جديد", "النخلة", "ليلى, سامر")
    assert article.url == "https://n.example/7"
    assert article.text == ARABIC


# Pages


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1256"])
def test_a_page_gives_its_article_without_the_boilerplate(tmp_path: Path, encoding: str) -> None:
    page = (
        PAGE.replace("CHARSET", encoding).replace("©", "") if encoding != "utf-8" else PAGE.replace("CHARSET", encoding)
    )
    (article,) = articles(file(tmp_path, "a.html", page.encode(encoding)))
    assert (article.title, article.publisher) == ("سوق جديد في الواحة", "صحيفة النخلة")
    assert article.url == "https://nakhla.example/news/7"
    assert article.text.startswith(ARABIC)
    assert "الرئيسية" not in article.text
    assert "الحقوق" not in article.text


def test_a_page_keeps_the_day_that_its_readers_saw(tmp_path: Path) -> None:
    assert articles(file(tmp_path, "a.html", PAGE))[0].published == datetime(2022, 3, 10, tzinfo=UTC)


def test_a_date_line_in_arabic_is_the_date_of_a_page(tmp_path: Path) -> None:
    page = PAGE.replace("datePublished", "x").replace(
        "<h1>", '<div class="post-date">الخميس 10 آذار/مارس 2022</div><h1>'
    )
    assert articles(file(tmp_path, "a.html", page))[0].published == datetime(2022, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(("html_language", "default"), [("fr", ""), ("", "fr")])
def test_a_date_line_in_french_is_the_date_of_a_french_page(tmp_path: Path, html_language: str, default: str) -> None:
    page = f"""<!doctype html><html lang="{html_language}"><head><meta charset="utf-8"><title>Un phare</title></head>
<body><article><h1>Un phare</h1><div class="post-date">Mis à jour le 5 août 2022</div>
<div class="post-date">Publié le 1er août 2022 à 18h05</div><p>{FRENCH} {FRENCH}</p></article></body></html>"""
    (article,) = articles(file(tmp_path, "a.html", page), Defaults(language=default))
    assert (article.published, article.language) == (datetime(2022, 8, 1, 18, 5, tzinfo=UTC), "fr")


def test_the_year_of_a_copyright_line_is_not_a_date(tmp_path: Path) -> None:
    assert articles(file(tmp_path, "a.html", PAGE.replace("2022-03-10T00:40:00+03:00", "")))[0].published is None


def test_the_url_of_a_front_page_is_not_that_of_an_article(tmp_path: Path) -> None:
    assert articles(file(tmp_path, "a.html", PAGE.replace("/news/7", "/")))[0].url == ""


def test_a_page_without_an_article_is_an_error(tmp_path: Path) -> None:
    (error,) = errors(file(tmp_path, "a.html", "<html><body><a href='/'>Home</a></body></html>"))
    assert "no article" in error.reason


# Records


def test_the_field_names_of_many_exports_are_understood() -> None:
    one = only(
        {
            "headline": "A market",
            "articleBody": ENGLISH,
            "datePublished": "2022-03-10",
            "link": "https://p.example/7",
            "source": {"id": None, "name": "The Palm"},
            "authors": ["Layla", {"name": "Samer"}],
            "lang": "en-GB",
        }
    )
    other = only(
        {
            "Title": {"rendered": "A market"},
            "Content": {"rendered": f"<p>{ENGLISH}</p>"},
            "published_at": 1646870400,
            "url": "https://p.example/7",
            "Publisher": "The Palm",
            "byline": "Layla, Samer",
        }
    )
    assert [getattr(one, name) for name in Article.__slots__ if name != "fetched"] == [
        getattr(other, name) for name in Article.__slots__ if name != "fetched"
    ]
    assert one.published == datetime(2022, 3, 10, tzinfo=UTC)


def test_html_in_a_body_becomes_paragraphs_and_a_smaller_sign_stays() -> None:
    assert only({"text": f"<p>{ENGLISH}</p><p>Fish &amp; bread<br/>and oil</p><script>x()</script>"}).text == (
        f"{ENGLISH}\n\nFish & bread\nand oil"
    )
    assert "2 < 3" in only({"text": f"{ENGLISH} It holds that 2 < 3 and 4 > 1."}).text


def test_a_record_without_a_publisher_gets_the_name_of_its_site() -> None:
    assert only({"text": ENGLISH, "url": "https://www.palm.example/7"}).publisher == "palm.example"


def test_what_a_browser_hides_is_not_part_of_a_body() -> None:
    body = (
        f"<!-- draft --><p title=\"a > b\">{ENGLISH}</p><style>p {{}}</style><pre>1\n2</pre><img alt='x'/><p>End &lt;3"
    )
    assert only({"text": body}).text == f"{ENGLISH}\n\n1\n2\n\nEnd <3"


def test_a_hostile_body_is_read_in_linear_time() -> None:
    for piece in ("<!--", "<a ", "<script>", '<a b="', "<"):
        assert len(lines({"text": f"{ENGLISH}<p>" + piece * 50_000})) == 1


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "https://", "http://[", "//x.example/7"])
def test_only_urls_that_a_reader_can_open_are_kept(url: str) -> None:
    assert only({"text": ENGLISH, "url": url}).url == ""


def test_each_bad_line_costs_one_error_that_names_it_and_the_rest_goes_on() -> None:
    found = lines(
        {"text": ENGLISH},
        "{broken",
        '{"text": "' + "x" * 5,
        "",
        {"title": "no body"},
        "3",
        "[" * 5000,
        {"text": ARABIC},
    )
    places = [one.location if isinstance(one, SourceError) else "article" for one in found]
    assert places == ["article", "line 2", "line 3", "line 5", "line 6", "line 7", "article"]
    reasons = [one.reason for one in found if isinstance(one, SourceError)]
    assert "it has title" in reasons[2]


def test_a_date_that_cannot_be_read_costs_the_date_only() -> None:
    item, error = lines({"text": ENGLISH, "date": "the day before yesterday"})
    assert isinstance(item, Item)
    assert item.article.published is None
    assert isinstance(error, SourceError)
    assert "the day before yesterday" in error.reason


@pytest.mark.parametrize("date", ["1er août 2022", "Mon, 01 Aug 2022 00:00:00 GMT", "August 1, 2022", "2022-08-01"])
def test_the_date_of_a_french_record_is_in_french_or_as_programs_write_it(date: str) -> None:
    article = only({"text": FRENCH, "language": "fr", "date": date})
    assert article.published == datetime(2022, 8, 1, tzinfo=UTC)


def test_unusual_json_is_read() -> None:
    assert only({"text": f"{ENGLISH} \ud800", "title": float("nan"), "date": None}).text.endswith("\ufffd")
    assert isinstance(lines('{"text": 1' + "0" * 5000 + "}")[0], SourceError)
    assert only({"text": [ENGLISH, ARABIC], "authors": [], "url": {"a": 1}}).text == f"{ENGLISH}\n\n{ARABIC}"


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("wrapper", [None, "articles"])
def test_a_json_document_is_a_list_or_holds_one(tmp_path: Path, indent: int | None, wrapper: str | None) -> None:
    records: Any = [{"text": ENGLISH}, {"no": "text"}, {"text": ARABIC}]
    document = {"status": "ok", wrapper: records} if wrapper else records
    found = list(read(str(file(tmp_path, "a.json", json.dumps(document, indent=indent, ensure_ascii=False)))))
    assert [one.location if isinstance(one, SourceError) else "" for one in found] == ["", "item 2", ""]


def test_a_line_longer_than_any_article_costs_one_error() -> None:
    error, item = lines('{"text": "' + "word " * 9_000_000 + '"}', {"text": ENGLISH})
    assert isinstance(error, SourceError)
    assert error.location == "line 1"
    assert isinstance(item, Item)


def test_a_list_on_one_line_may_be_longer_than_one_article(tmp_path: Path) -> None:
    document = json.dumps([{"text": f"{ENGLISH} {number} " + "x" * 1_000_000} for number in range(22)])
    assert len(articles(file(tmp_path, "a.json", document))) == 22


def test_one_article_may_be_a_json_document(tmp_path: Path) -> None:
    assert articles(file(tmp_path, "a.json", json.dumps({"title": "A", "text": ENGLISH}, indent=1)))[0].title == "A"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1256"])
def test_json_lines_come_in_many_encodings(tmp_path: Path, encoding: str) -> None:
    text = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\r\n" for text in (ARABIC, ENGLISH))
    assert [article.text for article in articles(file(tmp_path, "a.jsonl", text.encode(encoding)))] == [ARABIC, ENGLISH]


def test_json_lines_are_streamed() -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:  # noqa: ANN401 # any writable buffer
            line = json.dumps({"text": ENGLISH}).encode() + b"\n"
            data = line[: len(buffer)]
            buffer[: len(data)] = data
            return len(data)

    found = read("-", stream=io.BufferedReader(Endless()))
    assert isinstance(next(found), Item)
    assert isinstance(next(found), Item)


def test_the_first_row_of_a_table_names_its_fields(tmp_path: Path) -> None:
    table = f'title;text;date\n"سوق";"{ARABIC}";10/3/2022\nempty;;\n'
    item, error = read(str(file(tmp_path, "a.csv", table)))
    assert isinstance(item, Item)
    assert (item.article.title, item.article.text) == ("سوق", ARABIC)
    assert isinstance(error, SourceError)
    assert error.location == "line 3"


@given(
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: json.dumps({"text": text, "date": text}).encode())
)
def test_any_bytes_are_articles_or_errors(data: bytes) -> None:
    items = list(read("-", stream=io.BytesIO(data)))
    assert items
    assert all(isinstance(item, Item | SourceError) for item in items)


# Folders, and files that are not articles


def test_a_folder_is_read_in_order_and_hidden_files_and_images_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    file(tmp_path / "b", "2.md", f"# Second\n\n{ENGLISH}")
    file(tmp_path, "a.txt", f"First\n\n{ENGLISH}")
    file(tmp_path, "c.jsonl", json.dumps({"title": "Third", "text": ENGLISH}))
    for name in (".DS_Store", "photo.JPG", "style.css", ".git/x.txt"):
        file(tmp_path, name, b"\x00\x01")
    assert [article.title for article in articles(tmp_path)] == ["First", "Second", "Third"]


def test_an_archive_in_a_folder_of_articles_is_ignored(tmp_path: Path, sample_archive: Path) -> None:
    shutil.copytree(sample_archive, tmp_path / "archive")
    file(tmp_path, "a.txt", f"First\n\n{ENGLISH}")
    assert [article.title for article in articles(tmp_path)] == ["First"]


def test_files_that_cannot_be_read_are_reported_once_per_kind(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf", "c.docx"):
        file(tmp_path, name, b"%PDF")
    docx, pdf = errors(tmp_path)
    assert "one .docx file is not read" in docx.reason
    assert "2 .pdf files are not read" in pdf.reason
    assert ".jsonl" in pdf.reason


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pdf", b"%PDF", ".pdf files are not read"),
        ("a.txt", b"", "empty"),
        ("a.txt", b"\xef\xbb\xbf\r\n ", "empty"),
        ("a.jsonl", b"\n\n", "empty"),
        ("a.json", b"[]", "empty"),
        ("a.json", b"[1, 2", "not valid JSON"),
        ("a.csv", b"", "empty"),
        ("a.txt", b"Hi!", "no text"),
        ("a.txt", b"\x89PNG\x00\x01\x02\x00binary", "NUL"),
        ("a.txt", b"x" * 20_000_001, "20 MB"),
    ],
)
def test_the_error_of_a_bad_file_states_what_is_wrong(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (error,) = errors(file(tmp_path, name, content))
    assert reason in error.reason
    assert error.source == str(tmp_path / name)


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    assert "no such file" in errors(tmp_path / "nowhere")[0].reason


def test_the_error_of_an_empty_folder_lists_what_can_be_read(tmp_path: Path) -> None:
    assert "nothing to read" in errors(tmp_path)[0].reason


def test_a_file_without_a_suffix_is_recognised_by_its_content(tmp_path: Path) -> None:
    assert articles(file(tmp_path, "page", PAGE))[0].title == "سوق جديد في الواحة"
    assert articles(file(tmp_path, "text", ENGLISH))[0].text == ENGLISH
