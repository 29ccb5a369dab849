"""How long a page's script runs when a reader comes back to it, and how soon a cold server shows its first page."""

import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from bench.measure import Timing, heading, line, once, race
from pages import PAGES, Page

ROOT = Path(__file__).parents[1]
FIRST_PAGE_BUDGET, RERUN_BUDGET = 5.0, 0.2
RERUNS, STARTS, PATIENCE = 20, 3, 60.0


def run(_: int) -> None:
    """Print script times page by page, and cold starts of the server."""
    heading("Pages of the first study in data/: script time")
    for page in PAGES:
        visit = _visitor(page)
        line(f"{page.title}, first visit", once(visit))
        line(f"{page.title}, again", race({page.title: visit}, RERUNS)[page.title], RERUN_BUDGET)
    line("Change, another marker each time", _choices())
    heading("Cold start of the server, snapshots built")
    starts = [_start() for _ in range(STARTS)]
    line("until it is healthy", Timing(tuple(healthy for healthy, _ in starts)))
    seen = [shown for _, shown in starts if shown is not None]
    if seen:
        line("until Chromium shows the first heading", Timing(tuple(seen)), FIRST_PAGE_BUDGET)
    else:
        print("  no Chromium here: the first page was not timed")


def _choices() -> Timing:
    """Time the page of one marker when a reader chooses marker after marker, none of them seen before."""
    app = _app(next(page for page in PAGES if page.name == "change"))
    app.run()
    marker = app.selectbox(key="PARAMCD")
    return Timing(tuple(once(marker.select(each).run).median for each in marker.options[1:RERUNS]))


def _app(page: Page) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages/main.py"), default_timeout=60)
    app._page_hash = calc_hash("" if page is PAGES[0] else page.path)  # switch_page() knows only pages that are files
    return app


def _visitor(page: Page) -> Callable[[], None]:
    """Return a function that runs the page's script in one session and raises when nothing was drawn."""
    app = _app(page)

    def visit() -> None:
        app.run()
        if app.exception or not app.title:
            raise SystemExit(f"The page {page.title!r} was not drawn: {[found.message for found in app.exception]}")

    return visit


def _start() -> tuple[float, float | None]:
    """Return the seconds from starting a server to its health answer and to its first heading in a browser."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    port = address.rpartition(":")[2]
    with _browser() as browser:
        start = perf_counter()
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", port]
        server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_until_healthy(address, server)
            healthy = perf_counter() - start
            if browser is None:
                return healthy, None
            page = browser.new_page()
            page.goto(address)
            page.get_by_role("heading", level=1).first.wait_for(timeout=1000 * PATIENCE)
            return healthy, perf_counter() - start
        finally:
            server.terminate()
            server.wait()


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = perf_counter() + PATIENCE
    while perf_counter() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            sleep(0.02)
    raise SystemExit(f"The server at {address} did not start.")


@contextmanager
def _browser() -> Iterator[Any]:
    """Give a browser that is already running, or None where there is no Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None or find_spec("playwright") is None:
        yield None
        return
    from playwright.sync_api import sync_playwright

    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as b,
    ):
        yield b
