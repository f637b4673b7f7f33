"""A real browser, and the page served in this process to it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assistant import Assistant, load_settings
from assistant.llm.client import Model
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
        with Assistant(load_settings(archive=folder, writer="extract", judge="none"), model, create=True) as assistant:
            page, address = launch(assistant, access or Access(), 0, **more)
            try:
                yield assistant, address
            finally:
                page.close()

    return serve


@pytest.fixture
def outlet(site: Any) -> Any:
    """A news site on loopback: a page, a feed of another one, an address that leads to the page, and robots' rules."""

    def page(title: str, text: str) -> tuple[int, dict[str, str], str]:
        head = f'<meta charset="utf-8"><title>{title}</title>'
        body = f"<article><h1>{title}</h1><p>{text}</p></article>"
        return 200, {"Content-Type": "text/html; charset=utf-8"}, f"<html><head>{head}</head><body>{body}</body></html>"

    feed = (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>The Marn Post</title><item><title>A market</title>'
        f"<link>{site.url('/market')}</link><description>A market opens.</description></item></channel></rss>"
    )
    site.pages.update({
        "/bridge": page("Bridge of Marn reopens", "The bridge of Marn reopened on Friday after nine months of repairs, "
                        "the city said. The repairs cost 4 million crowns. Buses will cross it again from Monday on."),
        "/market": page("Market of Marn opens", "The new market of Marn opened on Thursday with a hundred stalls, the "
                        "mayor said. Its traders will pay no fees in the first year. It took two years to build."),
        "/feed": (200, {"Content-Type": "application/rss+xml", "ETag": '"1"'}, feed),
        "/moved": (301, {"Location": "/bridge"}, ""),
        "/robots.txt": (200, {"Content-Type": "text/plain"}, "User-agent: *\nDisallow: /private"),
        "/private": page("Not for machines", "This page is not for machines, as the rules of its site say plainly."),
    })  # fmt: skip
    return site


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
