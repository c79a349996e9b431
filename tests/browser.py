"""A headless Chromium for tests that open pages. In CI a missing one fails the test; elsewhere it is skipped."""

import os
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("No Chromium is installed: the browser tests cannot run.")
        pytest.skip("No Chromium is installed.")
    # Playwright keeps an event loop in this thread; Django would refuse its database to a thread that has one.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def assert_accessible(page: Page) -> None:
    """axe-core finds nothing on this page, once it has come to rest.

    What fades in has less contrast on the way, so a finding counts only if it is still there a little later.
    """
    found: list[tuple[str, list[str]]] = []
    for _ in range(5):
        found = [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]]
        if not found:
            return
        page.wait_for_timeout(400)
    assert found == []


def watched(page: Page) -> list[str]:
    """Errors that the page writes into the browser's console from now on."""
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors
