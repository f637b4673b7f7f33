"""The chat page as its reader meets it: a real browser, the real archive, the writer without a model."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from assistant import Assistant
from assistant.answer import Quote
from ingest.archive import ALL

ENGLISH = "How many people were injured in the flood of Port Oskara?"
ARABIC = "كم بلغت كلفة محطة زهروان لتحلية المياه؟"
ACROSS = "Who led the excavation at Tell Hirwan?"
NOT_THERE = "What is the capital of Brazil?"
Open = Callable[[str], Page]
Served = Callable[..., AbstractContextManager[tuple[Assistant, str]]]


@pytest.fixture(scope="module")
def server(
    served: Served, sample_archive: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Assistant, str]]:
    folder = shutil.copytree(sample_archive, tmp_path_factory.mktemp("page") / "archive")
    with served(folder) as pair:
        yield pair


@pytest.fixture
def address(server: tuple[Assistant, str]) -> str:
    return server[1]


@pytest.fixture
def page(opened: Open, address: str) -> Page:
    return opened(address)


def ask(page: Page, question: str, turn: int = 0) -> None:
    page.fill("#k-question textarea", question)
    page.click("#k-ask")
    page.wait_for_selector(f"#t{turn}:is(.k-state-answered, .k-state-failed)")


def style(page: Page, selector: str, name: str) -> str:
    return str(page.locator(selector).first.evaluate(f"element => getComputedStyle(element)['{name}']"))


BOXES = """(element) => {
    const found = {}, walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        for (const match of node.textContent.matchAll(/[\\p{L}\\p{M}\\p{N}]+/gu)) {
            const range = document.createRange();
            range.setStart(node, match.index);
            range.setEnd(node, match.index + match[0].length);
            const box = range.getBoundingClientRect();
            found[match[0]] = [box.left, box.top];
        }
    }
    return found;
}"""


def left_to_right(page: Page, selector: str) -> list[str]:
    """The words of a line in the order in which they are seen."""
    boxes = page.locator(selector).first.evaluate(BOXES)
    return sorted(boxes, key=lambda word: boxes[word][0])


# -- asking


def test_an_english_question_is_answered_with_cards_of_exact_words(page: Page, server: tuple[Assistant, str]) -> None:
    ask(page, ENGLISH)
    expect(page.locator("#k-live .k-statement")).to_have_count(2)
    articles = {article.title: article for article in server[0].archive.list(ALL)}
    for card in page.locator(".k-card").all():
        article = articles[card.locator(".k-title").inner_text()]
        words = card.locator("mark").evaluate("element => element.textContent")
        assert words in article.text
        assert words in card.locator("blockquote").evaluate("element => element.textContent")
        assert card.locator(".k-publisher").inner_text() == article.publisher
        assert card.locator("time").get_attribute("datetime") == article.published.date().isoformat()
        assert card.locator(".k-original").get_attribute("href").startswith(f"{article.url}#:~:text=")
    assert page.locator("#k-status p").inner_text() == ""
    assert style(page, ".k-statement", "direction") == "ltr"


def test_the_next_question_can_be_typed_wherever_the_reader_is(page: Page) -> None:
    page.set_viewport_size({"width": 1000, "height": 620})
    ask(page, ENGLISH)
    for place in (0, 100_000):
        page.evaluate(f"scrollTo(0, {place})")
        expect(page.locator("#k-question")).to_be_in_viewport(ratio=1)
    page.evaluate("scrollTo(0, 0)")
    page.locator(".k-card [data-act=copy]").last.focus()  # as by the keyboard
    places = [one.bounding_box() for one in (page.locator(".k-card [data-act=copy]").last, page.locator("#k-composer"))]
    assert places[0]
    assert places[1]
    assert places[0]["y"] + places[0]["height"] <= places[1]["y"]


def test_an_arabic_question_is_answered_from_right_to_left(page: Page) -> None:
    ask(page, ARABIC)
    for selector in (".k-asked", ".k-statement", ".k-card", "blockquote"):
        assert style(page, selector, "direction") == "rtl", selector
    assert page.locator("blockquote").first.get_attribute("lang") == "ar"
    assert "640 مليون لوم" in page.locator("mark").first.inner_text()


def test_the_words_of_a_mixed_line_stand_in_their_order(page: Page) -> None:
    ask(page, ACROSS)
    assert style(page, ".k-statement", "direction") == "ltr"
    assert style(page, "blockquote", "direction") == "rtl"
    seen = left_to_right(page, ".k-statement p")
    assert seen[:7] == ["According", "to", "العينة", "صحيفة", "25", "October", "2018"]


def test_a_mark_leads_to_its_card_and_the_card_back(page: Page) -> None:
    ask(page, ENGLISH)
    page.locator(".k-mark").nth(1).click()
    expect(page.locator("#t0-q2")).to_be_focused()
    page.locator("#t0-q2 .k-number").click()
    expect(page.locator("#t0-s1")).to_be_focused()


def test_the_whole_article_opens_at_the_quotation_and_closes_by_the_keyboard(
    page: Page, server: tuple[Assistant, str]
) -> None:
    ask(page, ACROSS)
    button = page.locator(".k-card [data-act=open]").first
    button.click()
    reader = page.locator("#k-reader")
    expect(reader.locator("mark").first).to_be_in_viewport()
    article = next(one for one in server[0].archive.list(ALL) if one.title == reader.locator(".k-title").inner_text())
    shown = reader.locator(".k-text").evaluate("element => [...element.children].map(p => p.textContent).join('\\n')")
    assert shown == re.sub(r"\n+", "\n", article.text)
    assert style(page, "#k-reader .k-text", "direction") == "rtl"
    page.keyboard.press("Escape")
    expect(reader).to_be_hidden()
    expect(button).to_be_focused()


def test_what_is_not_in_the_archive_looks_different_and_says_what_is(page: Page) -> None:
    ask(page, NOT_THERE)
    refusal = page.locator(".k-refusal")
    assert "Not in the archive." in refusal.inner_text()
    assert "14 articles, from 2 May 2018 to 12 March 2024" in refusal.inner_text()
    assert style(page, ".k-refusal", "borderTopStyle") == "dashed"
    expect(page.locator(".k-card")).to_have_count(0)
    refusal.locator(".k-near button").first.click()
    expect(page.locator("#k-reader .k-text")).to_be_visible()


def test_filters_narrow_the_answer_and_are_shown_on_it(page: Page) -> None:
    page.click("#k-filters button")
    page.fill("#k-since :is(input, textarea)", "2019-03-04")
    page.fill("#k-until :is(input, textarea)", "2019-03-05")
    page.click("#k-publishers input")
    page.get_by_role("option", name="Sample Gazette").click()
    ask(page, ENGLISH)
    assert page.locator(".k-chip").all_inner_texts() == ["From 2019-03-04", "Until 2019-03-05", "Sample Gazette"]
    assert {one.inner_text() for one in page.locator(".k-publisher").all()} == {"Sample Gazette"}


def test_a_time_in_the_question_is_shown_and_can_be_undone(page: Page) -> None:
    ask(page, "How many people were injured in the flood of Port Oskara last week?")
    shown = page.locator("#t0 .k-dates")
    assert shown.inner_text().startswith("last week: only articles published from ")
    expect(page.locator("#t0 .k-refusal")).to_be_visible()
    shown.get_by_role("button", name="Search every date").click()
    expect(page.locator("#t0 .k-card").first).to_be_visible()
    expect(page.locator(".k-turn")).to_have_count(1)
    expect(page.locator(".k-dates")).to_have_count(0)


def test_dates_are_given_relative_to_the_day_that_the_question_names(page: Page) -> None:
    ask(page, "What happened to the sea wall of Port Oskara on 3 March 2019?")
    shown = page.locator(".k-card .k-ago").all_inner_texts()
    assert set(shown) <= {"on that day", "2 days after 3 March 2019"}
    assert shown


def test_an_invalid_date_is_named_and_the_next_question_answered(page: Page) -> None:
    page.click("#k-filters button")
    page.fill("#k-since :is(input, textarea)", "soon")
    ask(page, ENGLISH)
    assert "2024-03-12" in page.locator(".k-error").inner_text()
    page.fill("#k-since :is(input, textarea)", "")
    ask(page, ENGLISH, 1)
    expect(page.locator("#t1 .k-card")).to_have_count(2)


def test_a_follow_up_is_understood_by_the_question_before(page: Page) -> None:
    ask(page, "Who was the last keeper of the lighthouse of Cape Sorrel?")
    ask(page, "And how old was he?", 1)
    assert "Searched as: Who was the last keeper" in page.locator("#t1 .k-searched").inner_text()


# -- the conversation


def test_a_conversation_survives_a_reload_and_others_stay_beside_it(page: Page) -> None:
    ask(page, ENGLISH)
    ask(page, ARABIC, 1)
    words = page.locator("mark").all_inner_texts()
    page.reload()
    expect(page.locator("#t1 .k-card").first).to_be_visible()
    assert page.locator("mark").all_inner_texts() == words
    page.click(".k-new")
    expect(page.locator(".k-welcome")).to_be_visible()
    ask(page, ACROSS)
    expect(page.locator(".k-talk")).to_have_count(2)
    page.locator(".k-talk").nth(1).click()
    expect(page.locator("#t1")).to_be_visible()
    assert page.locator("mark").all_inner_texts() == words
    page.once("dialog", lambda dialog: dialog.accept())
    page.click(".k-clear")
    expect(page.locator(".k-talk")).to_have_count(1)
    expect(page.locator(".k-welcome")).to_be_visible()


def test_the_last_question_is_asked_again_changed_and_taken_back(page: Page) -> None:
    ask(page, ENGLISH)
    page.click("[data-act=retry]")
    expect(page.locator("#t0.k-state-answered .k-card")).to_have_count(2)
    expect(page.locator(".k-turn")).to_have_count(1)
    page.click("[data-act=edit]")
    expect(page.locator("#k-question textarea")).to_have_value(ENGLISH)
    expect(page.locator(".k-turn")).to_have_count(0)
    ask(page, ACROSS)
    ask(page, ARABIC, 1)
    page.click("[data-act=undo]")
    expect(page.locator(".k-turn")).to_have_count(1)
    expect(page.locator("#t0 .k-asked")).to_have_text(ACROSS)


@pytest.mark.parametrize("act", ["edit", "undo", "retry"])
def test_what_is_pressed_while_a_question_is_being_asked_again_waits_until_it_is_answered(act: str, page: Page) -> None:
    ask(page, ENGLISH)
    ask(page, ACROSS, 1)
    pressed = [f"document.querySelector('[data-act={one}]').click()" for one in ("retry", act)]
    page.evaluate("() => {" + ";".join(pressed) + "}")
    expect(page.locator("#t1.k-state-answered [data-act=edit]")).to_be_enabled()
    expect(page.locator(".k-turn")).to_have_count(2)
    expect(page.locator("#k-question textarea")).to_have_value("")
    page.click("[data-act=edit]")
    expect(page.locator(".k-turn")).to_have_count(1)
    expect(page.locator("#k-question textarea")).to_have_value(ACROSS)


def test_an_export_has_every_quotation_with_its_link(page: Page) -> None:
    ask(page, ENGLISH)
    ask(page, NOT_THERE, 1)
    with page.expect_download() as download:
        page.click(".k-export")
    text = Path(download.value.path()).read_text("utf-8")
    assert f"## {ENGLISH}" in text
    for words in page.locator("mark").all_inner_texts():
        assert f"> “{words}”" in text
    for link in page.locator(".k-original").all():
        assert f"]({link.get_attribute('href')})" in text
    assert "**Not in the archive.**" in text


def test_a_thumb_and_its_reason_are_kept_in_the_catalogue(page: Page, server: tuple[Assistant, str]) -> None:
    ask(page, ACROSS)
    page.click("[data-verdict=bad]")
    expect(page.locator("[data-verdict=bad]")).to_have_attribute("aria-pressed", "true")
    page.fill("[name=reason]", "The year is <b>missing</b>")
    page.keyboard.press("Enter")
    expect(page.locator(".k-thanks")).to_be_visible()
    given = [one for one in server[0].archive.feedback.all() if one.question == ACROSS]
    assert [(one.good, one.reason, one.door) for one in given] == [(False, "The year is <b>missing</b>", "page")]
    article, start, end = given[0].quotes[0]
    assert Quote(server[0].archive.article(article), start, end).text == page.locator("mark").first.inner_text()


@pytest.mark.parametrize(("act", "expected"), [(0, "“Nineteen people were injured"), (1, "> “Nineteen people")])
def test_a_quotation_is_copied_with_who_said_it(act: int, expected: str, page: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, ENGLISH)
    page.locator("#t0-q1 [data-act=copy]").nth(act).click()
    expect(page.locator("#t0-q1 [data-act=copy]").nth(act)).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(expected)
    assert "Sample Gazette" in copied
    assert "5 March 2019" in copied


# -- language


def test_the_page_speaks_the_browsers_language_at_first(browser: Browser, address: str) -> None:
    context = browser.new_context(locale="ar-EG")
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#k-ask")).to_have_text("اسأل")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    for selector in ("#k-composer", "#k-shelf nav", "#k-question textarea"):
        assert style(page, selector, "direction") == "rtl", selector
    context.close()


def test_the_language_is_switched_and_remembered(page: Page) -> None:
    ask(page, ENGLISH)
    page.click("#k-switch")
    expect(page.locator("#k-ask")).to_have_text("اسأل")
    expect(page.locator(".k-card [data-act=open]").first).to_have_text("المقال كاملًا")
    expect(page.locator("#k-switch")).to_have_text("English")
    assert page.locator("html").get_attribute("lang") == "ar"
    assert page.locator("#t0-s0").inner_text().startswith("According to Sample Gazette")  # in the question's language
    assert style(page, "#t0-s0", "direction") == "ltr"
    page.reload()
    expect(page.locator("#k-ask")).to_have_text("اسأل")
    page.click("#k-switch")
    expect(page.locator("#k-ask")).to_have_text("Ask")
    assert page.locator("html").get_attribute("dir") == "ltr"


def test_the_drop_area_speaks_the_pages_language(page: Page) -> None:
    page.get_by_role("tab", name="Archive").click()
    drop = page.locator("#k-files button[aria-dropeffect]")
    expect(drop).to_have_attribute("aria-label", "Drop files here, or click to choose them")
    page.click("#k-switch")
    expect(drop).to_have_attribute("aria-label", "أفلت الملفات هنا، أو انقر لاختيارها")
    assert "أفلت" in drop.locator("[data-testid=upload-text]").evaluate("e => getComputedStyle(e, '::after').content")


def test_a_reader_of_another_calendar_sees_it_too(browser: Browser, address: str) -> None:
    context = browser.new_context(locale="ar-SA")
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".k-welcome")
    calendar = page.evaluate("new Intl.DateTimeFormat('ar-SA').resolvedOptions().calendar")
    ask(page, ARABIC)
    converted = page.locator(".k-card time").first.get_attribute("data-calendar")
    assert (converted is not None) == (calendar not in ("gregory", "iso8601"))
    context.close()


# -- the archive


def test_a_dropped_file_is_added_and_answers_the_very_next_question(
    served: Served, sample_archive: Path, opened: Open, tmp_path: Path
) -> None:
    with served(shutil.copytree(sample_archive, tmp_path / "archive")) as (_, address):
        page = opened(address)
        story = "The harbour of Port Oskara will be dredged in April, "
        story += "port captain Lena Aubrel said on Friday. It costs 3 million lumes."
        page.get_by_role("tab").nth(1).click()
        page.set_input_files("#k-files input[type=file]", [
            {"name": "dredging.txt", "mimeType": "text/plain", "buffer": story.encode()},
            {"name": "empty.md", "mimeType": "text/plain", "buffer": b""},
            {"name": "dredging.csv", "mimeType": "text/csv", "buffer": b"nothing,here\n1,2\n"},
        ])  # fmt: skip
        expect(page.locator("#k-files")).to_contain_text("dredging")
        page.wait_for_function("!document.querySelector('#k-files .uploading, #k-files progress')")
        page.click("#k-add-button")
        report = page.locator(".k-report")
        expect(report).to_be_visible()
        assert report.locator("table").first.locator("td").all_inner_texts()[0] == "1"
        assert "empty.md" in report.inner_text()
        assert "/tmp" not in report.inner_text()
        page.get_by_role("tab").nth(0).click()
        ask(page, "When will the harbour of Port Oskara be dredged?")
        assert "dredged in April" in page.locator("mark").first.inner_text()


def test_the_servers_own_files_cannot_be_named_as_an_address(page: Page) -> None:
    page.get_by_role("tab").nth(1).click()
    page.fill("#k-address :is(input, textarea)", "/etc/passwd")
    page.click("#k-add-button")
    expect(page.locator(".k-report")).to_contain_text("not an address")


def test_the_archive_is_listed_and_searched(page: Page) -> None:
    page.get_by_role("tab").nth(1).click()
    expect(page.locator("#k-listing li").first).to_be_visible()
    assert page.locator("#k-summary dd").first.inner_text() == "14"
    page.fill("#k-words :is(input, textarea)", "التنقيب في تل هيروان")
    page.click("#k-find")
    expect(page.locator("#k-listing li").first).to_contain_text("تل هيروان")
    page.locator("#k-listing li button").first.click()
    expect(page.locator("#k-reader .k-text")).to_be_visible()


def test_an_empty_archive_offers_the_samples_and_questions_made_from_them(
    served: Served, browser: Browser, tmp_path: Path
) -> None:
    with served(tmp_path / "new") as (assistant, address):
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        page.goto(address)
        page.click("[data-act=sample]")
        expect(page.locator(".k-example")).to_have_count(3, timeout=30_000)
        titles = {article.title for article in assistant.archive.list(ALL)}
        examples = page.locator(".k-example").all_inner_texts()
        assert all(any(title in one for title in titles) for one in examples)
        page.locator(".k-example").first.click()
        expect(page.locator("#t0.k-state-answered .k-card").first).to_be_visible()
        context.close()


# -- for everybody


def seen_by_axe(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("locale", ["en-GB", "ar-EG"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(locale: str, scheme: str, browser: Browser, address: str) -> None:
    context = browser.new_context(locale=locale, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("document.querySelector('[data-word=tagline]')?.textContent")
    assert seen_by_axe(page) == []
    page.click("#k-filters button")
    ask(page, ACROSS)
    ask(page, NOT_THERE, 1)
    page.click("#t1 [data-verdict=bad]")
    page.wait_for_selector("[name=reason]")
    assert seen_by_axe(page) == []
    page.click("#t0 [data-act=open]")
    page.wait_for_selector("#k-reader mark")
    assert seen_by_axe(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("tab").nth(1).click()
    page.wait_for_selector("#k-listing li")
    assert seen_by_axe(page) == []
    context.close()


def test_the_keyboard_alone_asks_and_reads(page: Page) -> None:
    first = (
        "[...document.querySelectorAll('a[href], button, textarea, input')].find(e => e.offsetParent || e.offsetWidth)"
    )
    assert page.evaluate(f"({first}).className") == "k-skip"
    page.locator(".k-skip").focus()
    box = page.locator(".k-skip").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 24
    page.keyboard.press("Enter")
    expect(page.locator("#k-question textarea")).to_be_focused()
    page.keyboard.type(ACROSS)
    page.keyboard.press("Enter")
    page.wait_for_selector("#t0.k-state-answered")
    page.locator(".k-mark").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#t0-q1")).to_be_focused()


@pytest.mark.parametrize("locale", ["en-GB", "ar-EG"])
def test_a_phone_shows_it_without_scrolling_sideways(locale: str, browser: Browser, address: str) -> None:
    context = browser.new_context(locale=locale, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".k-welcome")
    ask(page, ENGLISH)
    ask(page, ARABIC, 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator("#k-ask").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    context.close()


def test_nothing_is_fetched_from_other_hosts(foreign: list[str], page: Page) -> None:
    ask(page, ENGLISH)
    page.get_by_role("tab").nth(1).click()
    page.wait_for_selector("#k-listing li")
    page.click("#k-switch")
    page.wait_for_timeout(300)
    assert foreign == []


def test_ten_readers_ask_at_once_and_none_sees_anothers_turn(browser: Browser, address: str) -> None:
    questions = [
        "Who led the excavation at Tell Hirwan?", "How many people were injured in the flood of Port Oskara?",
        "How many passengers did the first night train carry?",
        "Who was the last keeper of the lighthouse of Cape Sorrel?",
        "What is the capacity of the solar park of Ternavale?", "كم بلغت كلفة محطة زهروان لتحلية المياه؟",
        "كم راكبا حمل القطار الليلي في رحلته الأولى؟", "من قاد التنقيب في تل هيروان؟",
        "What is the capital of Brazil?", "ما سعر الذهب اليوم؟",
    ]  # fmt: skip
    contexts = [browser.new_context(locale="en-GB") for _ in questions]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.goto(address)
    for page, question in zip(pages, questions, strict=True):
        page.wait_for_selector(".k-welcome")
        page.fill("#k-question textarea", question)
    for page in pages:
        page.click("#k-ask")
    for page, question in zip(pages, questions, strict=True):
        page.wait_for_selector("#t0.k-state-answered")
        expect(page.locator(".k-turn")).to_have_count(1)
        assert page.locator(".k-asked").inner_text() == question
        others = [other for other in questions if other != question]
        assert not any(other in page.locator("body").inner_text() for other in others)
    for context in contexts:
        context.close()
