"""Feeds, pages and sitemaps of a site on loopback become articles, each once; what is wrong is an error."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.article import Article
from ingest.errors import SourceError
from ingest.fetching import Fetcher, FetchOptions
from ingest.fetching.fetch_state import Notebook, Visit
from ingest.sources import Defaults, Item, Web, read, read_in_parallel
from ingest.sources.feeds import parse_feed
from ingest.sources.recheck import recheck

Site = Any  # of the fixture `site`
QUICK = FetchOptions(allow_private=True, delay=0.0, retries=0)
ARABIC = (
    "أعلنت بلدية الواحة افتتاح سوق الخضار الجديد صباح الخميس. وقال رئيسها إن العمل استمر عامين كاملين. "
    "وأضاف أن السوق يضم مئة متجر، وأن البلدية ستعفي التجار من الرسوم في السنة الأولى من العمل فيه. "
    "ويتوقع التجار أن تنخفض الأسعار في الأشهر المقبلة بعد أن صار النقل أقصر مما كان عليه في السوق القديم خارج المدينة."
)
ENGLISH = (
    "The Oasis council opened its new vegetable market on Thursday. The mayor said the work took two years and that a "
    "hundred stalls will pay no fees in the first year of trading. Traders expect prices to fall in the coming months, "
    "now that the way from the farms to the market is much shorter than it was before."
)


def page(title: str, text: str, head: str = "") -> str:
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title><meta property="og:title" '
        f'content="{title}">{head}</head><body><nav><a href="/">Home</a></nav><article><h1>{title}</h1>'
        f"<p>{text}</p></article><footer>All rights reserved</footer></body></html>"
    )


def rss(*items: str, title: str = "The Palm") -> str:
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{title}</title>{"".join(items)}</channel></rss>'
    )


def item(number: int, link: str, *, full: str = "", summary: str = "A market opens in the Oasis on Thursday.") -> str:
    content = f"<content:encoded><![CDATA[<p>{full}</p>]]></content:encoded>" if full else ""
    return (
        f"<item><title>Market {number}</title><link>{link}</link><guid isPermaLink='false'>n-{number}</guid>"
        f"<description>{summary}</description>{content}<dc:creator>Layla</dc:creator>"
        "<pubDate>Thu, 10 Mar 2022 08:00:00 GMT</pubDate></item>"
    )


class Visitor:
    """Reads URLs, visit after visit, and remembers the visits."""

    def __init__(self) -> None:
        self.visits: dict[str, dict[str, Visit]] = {}

    def __call__(self, url: str, defaults: Defaults | None = None) -> tuple[list[Article], list[str]]:
        notebook = Notebook(lambda source: self.visits.get(source, {}))
        with Fetcher(QUICK) as fetcher:
            found = list(read(url, defaults, web=Web(fetcher, notebook)))
        for visit in notebook.drain():
            self.visits.setdefault(visit.source, {})[visit.entry] = visit
        articles = [one.article for one in found if isinstance(one, Item)]
        return articles, [str(one) for one in found if isinstance(one, SourceError)]


@pytest.fixture
def visit() -> Visitor:
    return Visitor()


# Pages


def test_a_page_is_an_article_with_its_metadata(site: Site, visit: Visitor) -> None:
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "name": "x"},
            {
                "@type": ["NewsArticle"],
                "datePublished": "2022-03-10T08:00:00Z",
                "dateModified": "2022-03-11T09:30:00Z",
                "author": [{"@type": "Person", "name": "Layla Said"}],
                "publisher": {"name": "The Palm"},
                "inLanguage": "ar",
            },
        ],
    }
    site.pages["/n/7?utm_source=x"] = page(
        "سوق جديد",
        ARABIC,
        f'<script type="application/ld+json">{json.dumps(data)}</script><link rel="canonical" href="/n/7">',
    )
    (article,), problems = visit(site.url("/n/7?utm_source=x"))
    assert problems == []
    assert (article.title, article.text, article.url) == ("سوق جديد", ARABIC, site.url("/n/7"))
    assert (article.publisher, article.author, article.language) == ("The Palm", "Layla Said", "ar")
    assert article.published == datetime(2022, 3, 10, 8, tzinfo=UTC)
    assert article.modified == datetime(2022, 3, 11, 9, 30, tzinfo=UTC)


def test_a_page_cannot_claim_the_url_of_another_site(site: Site, visit: Visitor) -> None:
    site.pages["/n/8"] = page("A market", ENGLISH, '<link rel="canonical" href="https://famous.example/scoop">')
    (article,), _ = visit(site.url("/n/8"))
    assert article.url == site.url("/n/8")


@pytest.mark.parametrize(
    "variant", ["/n/9?amp=1", "/n/9/amp", "/n/9?fbclid=x&utm_medium=y", "/n/9#top", "/n/9/", "/n/9?outputType=amp"]
)
def test_the_variants_of_a_url_are_one_article(site: Site, visit: Visitor, variant: str) -> None:
    site.pages["/n/9"] = site.pages[variant.partition("#")[0]] = page("A market", ENGLISH)
    assert visit(site.url(variant))[0][0].id == visit(site.url("/n/9"))[0][0].id


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("/", page("The Palm", "Welcome to the pages of The Palm, where you find the news of the day."), "front page"),
        ("/list", "<ul>" + "".join(f"<li>A market in town {n}</li>" for n in range(30)) + "</ul>", "no article|list"),
        ("/gone", page("404 - Page not found", ENGLISH), "error or a bot check"),
        ("/wait", page("Just a moment...", ENGLISH), "error or a bot check"),
        ("/ar", page("الصفحة غير موجودة", ARABIC), "error or a bot check"),
        ("/empty", b"", "empty"),
        ("/short", page("A", "Only a few words."), "no article"),
    ],
)
def test_a_page_that_is_not_an_article_is_an_error_that_says_why(
    site: Site, visit: Visitor, path: str, content: str | bytes, reason: str
) -> None:
    site.pages[path] = (200, {"Content-Type": "text/html"}, content)
    articles, (problem,) = visit(site.url(path))
    assert articles == []
    assert any(part in problem for part in reason.split("|"))


def test_the_error_of_a_page_that_is_not_an_article_lists_its_feeds(site: Site, visit: Visitor) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/rss">'
    site.pages["/"] = (200, {"Content-Type": "text/html"}, page("The Palm", "Welcome to The Palm.", link))
    assert site.url("/rss") in visit(site.url("/"))[1][0]


def test_an_image_is_not_a_page(site: Site, visit: Visitor) -> None:
    site.pages["/a.png"] = (200, {"Content-Type": "image/png"}, b"\x89PNG\r\n\x1a\n" + bytes(300))
    assert "NUL" in visit(site.url("/a.png"))[1][0]


@pytest.mark.parametrize("charset", ["windows-1256", "iso-8859-6", "x-unknown", "utf-8"])
def test_the_charset_that_a_server_states_helps_and_does_not_harm(site: Site, visit: Visitor, charset: str) -> None:
    encoding = "cp1256" if "8859" not in charset else "iso-8859-6"
    body = page("سوق جديد", ARABIC).replace('<meta charset="utf-8">', "").encode(encoding)
    site.pages["/n"] = (200, {"Content-Type": f"text/html; charset={charset}"}, body)
    assert visit(site.url("/n"))[0][0].text == ARABIC


# Feeds


def test_a_feed_with_full_texts_needs_no_page(site: Site, visit: Visitor) -> None:
    site.pages["/rss"] = rss(item(1, site.url("/n/1"), full=ENGLISH), item(2, site.url("/n/2"), full=ARABIC))
    articles, problems = visit(site.url("/rss"))
    assert problems == []
    assert [one.text for one in articles] == [ENGLISH, ARABIC]
    first = articles[0]
    assert (first.title, first.author, first.publisher, first.url) == (
        "Market 1",
        "Layla",
        "The Palm",
        site.url("/n/1"),
    )
    assert first.published == datetime(2022, 3, 10, 8, tzinfo=UTC)
    assert site.asked == ["/rss"]


def test_the_page_that_a_summary_links_to_is_the_article(site: Site, visit: Visitor) -> None:
    site.pages["/rss"] = rss(item(1, "/n/1"))
    site.pages["/n/1"] = page("The market of the Oasis", ENGLISH)
    (article,), _ = visit(site.url("/rss"))
    assert (article.title, article.text, article.author) == ("The market of the Oasis", ENGLISH, "Layla")
    assert article.published == datetime(2022, 3, 10, 8, tzinfo=UTC)


def test_a_summary_stands_in_for_a_page_that_cannot_be_fetched_and_an_error_says_so(site: Site, visit: Visitor) -> None:
    site.pages["/rss"] = rss(item(1, site.url("/n/1")), item(2, site.url("/n/2")))
    site.pages["/n/1"] = (403, {}, b"")
    articles, problems = visit(site.url("/rss"))
    assert [one.text for one in articles] == ["A market opens in the Oasis on Thursday."]
    assert "403" in problems[0]
    assert "summary" in problems[0]
    assert "404" in problems[1]  # what is gone is not quoted from its teaser


@pytest.mark.parametrize("end", ["[&#8230;]", "...", "Read more", "اقرأ المزيد", "Continue reading &#8594;"])
def test_a_teaser_in_place_of_the_content_is_recognised_by_its_end(end: str) -> None:
    (entry,) = parse_feed(rss(item(1, "https://p.example/1", full=f"{ENGLISH} {end}"))).entries
    assert not entry.full


def test_an_unchanged_feed_is_neither_sent_nor_read_again(site: Site, visit: Visitor) -> None:
    def serve(request: Any) -> Any:  # noqa: ANN401
        known = request.headers.get("If-None-Match") == '"1"'
        return (304, {}, b"") if known else (200, {"ETag": '"1"'}, rss(item(1, site.url("/n/1"))).encode())

    site.pages["/rss"], site.pages["/n/1"] = serve, page("A market", ENGLISH)
    assert len(visit(site.url("/rss"))[0]) == 1
    assert visit(site.url("/rss")) == ([], [])
    assert site.asked == ["/rss", "/n/1", "/rss"]


def test_only_what_is_new_or_changed_in_a_feed_is_fetched(site: Site, visit: Visitor) -> None:
    site.pages["/n/1"], site.pages["/n/2"] = page("One", ENGLISH), page("Two", ARABIC)
    site.pages["/rss"] = rss(item(1, site.url("/n/1")))
    visit(site.url("/rss"))
    site.pages["/rss"] = rss(item(1, site.url("/n/1")), item(2, site.url("/n/2")))
    assert [one.title for one in visit(site.url("/rss"))[0]] == ["Two"]
    site.pages["/rss"] = rss(item(1, site.url("/n/1"), summary="A market opens, corrected: on Friday."))
    assert [one.title for one in visit(site.url("/rss"))[0]] == ["One"]


def test_a_transient_failure_is_retried_on_the_next_visit(site: Site, visit: Visitor) -> None:
    def serve(request: Any) -> Any:  # noqa: ANN401
        known = request.headers.get("If-None-Match") == '"1"'
        return (304, {}, b"") if known else (200, {"ETag": '"1"'}, rss(item(1, site.url("/n/1"), summary="")).encode())

    site.pages["/rss"], site.pages["/n/1"] = serve, (503, {}, b"")
    articles, problems = visit(site.url("/rss"))
    assert (articles, len(problems)) == ([], 1)
    site.pages["/n/1"] = page("One", ENGLISH)
    assert [one.title for one in visit(site.url("/rss"))[0]] == ["One"]


def test_atom_and_json_feeds_are_feeds(site: Site, visit: Visitor) -> None:
    site.pages["/atom"] = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar"><title>النخلة</title><entry><id>tag:1</id><title>سوق'
        f'</title><link href="/n/1"/><updated>2022-03-10T08:00:00Z</updated><content type="html">&lt;p&gt;{ARABIC}'
        "&lt;/p&gt;</content></entry></feed>"
    )
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Palm",
        "items": [
            {"id": "1", "url": site.url("/n/2"), "title": "A market", "content_html": f"<p>{ENGLISH}</p>",
             "date_published": "2022-03-10T08:00:00Z", "authors": [{"name": "Layla"}]},
            {"id": 2, "content_text": f"{ENGLISH} It is open."},
            "no item",
        ],
    }  # fmt: skip
    site.pages["/json"] = (200, {"Content-Type": "application/feed+json"}, json.dumps(feed))
    (arabic,), _ = visit(site.url("/atom"))
    assert (arabic.title, arabic.text, arabic.publisher, arabic.language) == ("سوق", ARABIC, "النخلة", "ar")
    assert arabic.url == site.url("/n/1")
    one, two = visit(site.url("/json"))[0]
    assert (one.title, one.text, one.author, one.url) == ("A market", ENGLISH, "Layla", site.url("/n/2"))
    assert two.text.endswith("It is open.")


@pytest.mark.parametrize("date", ["lundi 1er août 2022, 08:00", "Mon, 01 Aug 2022 08:00:00 GMT"])
@pytest.mark.parametrize(("stated", "default"), [("<language>fr-FR</language>", ""), ("", "fr")])
def test_the_dates_of_a_french_feed_are_in_french_or_as_the_standard_wants_them(
    date: str, stated: str, default: str
) -> None:
    feed = rss(stated, item(1, "https://p.example/1").replace("Thu, 10 Mar 2022 08:00:00 GMT", date))
    (entry,) = parse_feed(feed, default_language=default).entries
    assert entry.published == datetime(2022, 8, 1, 8, tzinfo=UTC)


def test_the_dates_of_a_french_json_feed_are_read_in_french(tmp_path: Path) -> None:
    entry = {"id": "1", "content_text": ENGLISH, "date_published": "1er août 2022"}
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Le Phare", "language": "fr", "items": [entry]}
    (tmp_path / "a.json").write_text(json.dumps(feed), "utf-8")
    (found,) = read(str(tmp_path / "a.json"))
    assert isinstance(found, Item)
    assert found.article.published == datetime(2022, 8, 1, tzinfo=UTC)


def test_an_ill_formed_feed_yields_the_entries_that_can_be_read(visit: Visitor, tmp_path: Path) -> None:
    whole = rss(item(1, "https://p.example/1", full=ENGLISH), item(2, "https://p.example/2", full=ARABIC))
    for name, text in {
        "cut.xml": whole[: whole.index("n-2")],
        "amp.xml": whole.replace("The Palm", "Fish & Palm &nbsp;"),
        "prefix.xml": whole.replace('xmlns:dc="http://purl.org/dc/elements/1.1/"', ""),
        "controls.xml": whole.replace("Market 1", "Market \x01 1"),
    }.items():
        (tmp_path / name).write_text(text, "utf-8")
        found = list(read(str(tmp_path / name)))
        assert ENGLISH in [one.article.text for one in found if isinstance(one, Item)], name


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<rss version='2.0'><channel><title>x</title></channel></rss>", "without entries"),
        ("<catalog><book/></catalog>", "neither a feed"),
        ('<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><rss>&b;</rss>', "entity bomb"),
        ('<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><channel>&a;</channel></rss>', "external"),
        ('<!DOCTYPE r [<!ENTITY % a SYSTEM "http://x.example/"> %a;]><nitf/>', "external"),
        ("<rss><channel><item><title>Only a title</title></item></channel></rss>", "no text and no link"),
        ("<NewsML/>", "NewsML 1"),
    ],
)
def test_the_error_of_xml_that_is_not_a_feed_states_why(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "a.xml").write_text(text)
    (problem,) = read(str(tmp_path / "a.xml"))
    assert isinstance(problem, SourceError)
    assert reason in problem.reason


# Sitemaps


def test_a_news_sitemap_yields_its_pages_the_newest_first_and_each_once(site: Site, visit: Visitor) -> None:
    def entry(number: int, day: int) -> str:
        return (
            f"<url><loc>{site.url(f'/n/{number}')}</loc><news:news><news:publication><news:name>The Palm</news:name>"
            f"<news:language>ar</news:language></news:publication><news:publication_date>2022-03-{day:02}T08:00:00Z"
            "</news:publication_date></news:news></url>"
        )

    def sitemap(*entries: str) -> str:
        names = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
        return f'<?xml version="1.0"?><urlset {names}>{"".join(entries)}</urlset>'

    for number in (1, 2, 3):
        site.pages[f"/n/{number}"] = page(f"سوق {number}", ARABIC)
    site.pages["/a.xml.gz"] = gzip.compress(sitemap(entry(1, 9), entry(2, 10)).encode())
    site.pages["/index.xml"] = (
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>{site.url("/a.xml.gz")}</loc>'
        f"</sitemap><sitemap><loc>{site.url('/none.xml')}</loc></sitemap></sitemapindex>"
    )
    articles, problems = visit(site.url("/index.xml"))
    assert [one.title for one in articles] == ["سوق 2", "سوق 1"]
    assert articles[0].published == datetime(2022, 3, 10, 8, tzinfo=UTC)
    assert articles[0].publisher == "The Palm"
    assert ["404" in problem for problem in problems] == [True]
    site.pages["/a.xml.gz"] = gzip.compress(sitemap(entry(1, 9), entry(2, 11), entry(3, 9)).encode())
    assert [one.title for one in visit(site.url("/index.xml"))[0]] == ["سوق 2", "سوق 3"]


# Rechecking


def test_a_page_that_is_gone_withdraws_its_article(site: Site) -> None:
    old = datetime(2022, 3, 10, tzinfo=UTC)
    now = datetime.now(UTC)
    site.pages["/n/2"] = page("Two", ENGLISH)
    visits = {
        name: Visit("feed", name, site.url(f"/n/{name}"), f"{name}" * 16, first=now, checked=old)
        for name in ("1", "2", "3")
    }
    site.pages["/n/3"] = (500, {}, b"")
    notebook = Notebook(lambda _: visits)
    with Fetcher(QUICK) as fetcher:
        found = list(recheck("feed", Defaults(), Web(fetcher, notebook), 60.0))
    (notice,) = found
    assert isinstance(notice, Item)
    assert notice.withdraws == ("1" * 16,) == (notice.article.id,)
    assert "404" in notice.article.title
    assert {visit.entry: bool(visit.url) for visit in notebook.drain()} == {"1": False, "2": True}


def test_sources_are_read_in_parallel_and_no_item_is_lost() -> None:
    sources = [lambda n=n: iter([SourceError(f"s{n}", str(k)) for k in range(50)]) for n in range(40)]
    expected = sorted(f"s{n}: {k}" for n in range(40) for k in range(50))
    assert sorted(str(error) for error in read_in_parallel(sources)) == expected
    items = read_in_parallel(sources)
    next(items)
    items.close()
