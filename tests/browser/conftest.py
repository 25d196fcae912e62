"""A real server on a built-in case, and a real browser that tells everything it did."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright
from tests.warm_command import warm_command

CASES = ("riverline", "astana-2017")
ROOT = Path(__file__).parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = "CEASEFIRE_SCREENSHOTS"
"""Names a folder in which tests leave pictures of what they saw."""
# without a graphics card the map takes its time; nothing here is a promise about speed
PATIENCE_MS = 30_000
_FLAGS = (
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
# The software renderer's remarks on its own speed, and what Chromium says where WebGL is drawn without a card.
_DRIVER_REMARKS = re.compile(r"GL Driver Message|software WebGL|SwiftShader|GPU stall")
_WATCH_POLICY = """
  window.policyReports = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    window.policyReports.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


@dataclass
class Visit:
    """One tab, and what it did.

    Parameters
    ----------
    page : Page
        The tab.
    address : str
        Of the server, without a slash at the end.
    """

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    """Parts of complaints that the test brings about itself."""

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.add_init_script(_WATCH_POLICY)
        self.page.on("request", self._requested)
        self.page.on("console", lambda said: self._said(said.type, said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _requested(self, request: Request) -> None:
        self.requests.append(request.url)

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not _DRIVER_REMARKS.search(text):
            self.complaints.append(f"{kind}: {text}")

    def open(self, path: str) -> Page:
        """Open a page of the server, and wait until it shows what it was asked for."""
        self.page.goto(f"{self.address}{path}")
        self.settle()
        return self.page

    def go_on(self, path: str) -> Page:
        """Go to another page as a link within a page does: the document stays, and what it shows changes."""
        self.page.evaluate(
            "to => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }", path
        )
        self.settle()
        return self.page

    def open_until_told(self, path: str) -> Page:
        """Open a page that the server has nothing for, and wait until it says why."""
        self.page.goto(f"{self.address}{path}")
        self.page.wait_for_selector("[role=alert]")
        return self.page

    def settle(self) -> None:
        """Wait until nothing is on its way any more, and the map, where there is one, stands still."""
        self.page.wait_for_selector("main h1", state="attached")
        expect(self.page.locator("main [aria-busy=true]")).to_have_count(0, timeout=PATIENCE_MS)
        if self.page.locator("[data-idle]").count():
            self.page.wait_for_selector("[data-idle=true]")

    def check(self) -> None:
        """Fail when the page asked another server for anything, complained, or broke the security policy."""
        inner = (f"{self.address}/", "data:", f"blob:{self.address}/")
        assert [url for url in self.requests if not url.startswith(inner)] == []
        assert self.page.evaluate("window.policyReports") == []
        unexpected = [said for said in self.complaints if not any(part in said for part in self.expected)]
        assert unexpected == []

    def axe(self) -> list[str]:
        """Return what axe finds against WCAG 2.2 AA, one line each."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = self.page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        )
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def picture(self, name: str, *, whole: bool = False) -> None:
        """Leave a picture in the folder for pictures, where there is one."""
        folder = os.environ.get(SCREENSHOTS)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole)


def _chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def browser() -> Generator[Browser, None, None]:
    """Return the machine's own Chromium."""
    program = _chromium()
    if program is None:
        pytest.skip("no Chromium on this machine: install one to run the browser tests (Debian: apt install chromium)")
    if not AXE.is_file():
        pytest.skip("the front end's packages are not installed: run make frontend")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield started
        started.close()


@dataclass(slots=True)
class Served:
    """A workspace of a case, served by a process of its own."""

    case: str
    folder: Path
    address: str


@cache
def run_once(case: str) -> Path:
    """Return the folder of a workspace of a case with its results; not to be changed."""
    folder = Path(tempfile.mkdtemp(prefix="run-once-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for command in (["init", folder / case, "--case", case], ["run", "-w", folder / case]):
        subprocess.run([warm_command(), *command], check=True, capture_output=True, timeout=300)
    return folder / case


def serve(case: str, folder: Path, *, prepare: Callable[[], object] = lambda: None) -> Generator[Served, None, None]:
    """Serve a workspace of a case with its results, once `prepare` has done to it what it wants; until it is closed."""
    shutil.copytree(run_once(case), folder)
    prepare()
    server = subprocess.Popen(
        [sys.executable, "-m", "ceasefire", "serve", "-w", folder, "--port", "0", "--no-open", "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        yield Served(case, folder, json.loads(server.stdout.readline())["address"])
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        if server.stdout is not None:
            server.stdout.close()


@pytest.fixture(scope="session", params=CASES)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Served, None, None]:
    """Serve each built-in case in turn."""
    yield from serve(request.param, tmp_path_factory.mktemp("centre") / request.param)


@pytest.fixture(scope="session")
def riverline(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served, None, None]:
    """Serve the training case."""
    yield from serve("riverline", tmp_path_factory.mktemp("centre") / "riverline")


@pytest.fixture
def context(browser: Browser) -> Generator[BrowserContext, None, None]:
    """Return a fresh profile at a desk's size, in English."""
    made = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", reduced_motion="reduce")
    yield made
    made.close()
