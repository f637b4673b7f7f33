"""A real browser, and the page served in this process to it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant import Assistant, load_settings
from assistant.model import Model
from assistant.page import Access, launch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
ARGUMENTS = ("--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
             "--disable-component-update --disable-sync").split()  # fmt: skip

Served = Callable[..., AbstractContextManager[tuple[Assistant, str]]]


@pytest.fixture(scope="session")
def served() -> Served:
    """Serves the page of an archive: yields the assistant and the address."""

    @contextmanager
    def serve(
        folder: Path, model: Model | None = None, access: Access | None = None, **more: bool
    ) -> Iterator[tuple[Assistant, str]]:
        with Assistant(load_settings(archive=folder, writer="extract"), model, create=True) as assistant:
            page, address = launch(assistant, access or Access(), 0, **more)
            try:
                yield assistant, address
            finally:
                page.close()

    return serve


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium without a window; of a module, for Playwright keeps the thread's event loop while it runs."""
    if not os.path.exists(CHROMIUM):
        pytest.skip(f"there is no Chromium at {CHROMIUM}; on Debian: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: "Browser") -> Iterator["BrowserContext"]:
    """A reader with a browser profile of their own, who reads English."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1200, "height": 860})
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def foreign(context: "BrowserContext") -> list[str]:
    """The addresses beyond loopback that the reader's browser has asked for."""
    asked: list[str] = []

    def note(request: object) -> None:
        address = str(request.url)  # type: ignore[attr-defined]
        if not address.startswith(("http://127.0.0.1:", "http://localhost:", "data:", "blob:")):
            asked.append(address)

    context.on("request", note)
    return asked


@pytest.fixture
def opened(context: "BrowserContext") -> Callable[[str], "Page"]:
    """Opens a page and waits until it can be used."""

    def open_page(address: str) -> "Page":
        page = context.new_page()
        page.goto(address)
        ready(page)
        return page

    return open_page


def ready(page: "Page") -> None:
    """Wait until the page is dressed in its language."""
    page.wait_for_selector("#k-live .k-welcome, #k-live .k-turn")
    page.wait_for_function("document.querySelector('[data-word=tagline]')?.textContent")
