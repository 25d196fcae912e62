"""The first page as people meet it: by keyboard, in two languages and looks, on a phone; each role its own."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.browser.conftest import Served, Visit, serve

from ceasefire.centre.accounts import Accounts
from ceasefire.model.roles import Role

MONTH = "2021-04"
PASSWORD = "seven herons over the salt flat"  # noqa: S105
PARTY = "republic"


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("en", "light", 1280), ("ar", "dark", 1280), ("en", "light", 360)]
)
def test_it_shuts_nobody_out_and_fits(
    served: Served, context: BrowserContext, language: str, theme: str, width: int
) -> None:
    visit = Visit(context.new_page(), served.address)
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.open(f"/home?lang={language}&theme={theme}")
    visit.picture(f"{served.case}-home-{language}-{theme}-{width}", whole=True)
    assert visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert visit.axe() == []
    visit.check()


def test_the_calendar_goes_by_keyboard_and_stands_in_the_address(riverline: Served, context: BrowserContext) -> None:
    visit = Visit(context.new_page(), riverline.address)
    page = visit.open(f"/home?lang=en&month={MONTH}")
    grid = page.get_by_role("grid")
    expect(grid).to_have_accessible_name(re.compile(r"^Obligations due in \W*Apr 2021"))
    first = grid.locator("[data-day='2021-04-05']")
    expect(first).to_have_accessible_name(re.compile(r"^\W*April 5, 2021\W*: \W*2\W* obligations due$"))
    expect(first).to_have_attribute("tabindex", "0")
    assert grid.locator("button[tabindex='0']").count() == 1
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(grid.locator("[data-day='2021-04-06']")).to_be_focused()
    day = page.locator("section.day")
    expect(day).to_contain_text("Performed")
    expect(day).to_contain_text("Unverified")
    page.keyboard.press("ArrowDown")
    expect(grid.locator("[data-day='2021-04-13']")).to_be_focused()
    assert "pick=2021-04-13" in page.url
    page.keyboard.press("PageDown")
    visit.settle()
    expect(grid.locator("[data-day='2021-05-01']")).to_be_focused()
    visit.check()
    copied = Visit(context.new_page(), riverline.address)
    copied.page.goto(page.url)
    copied.settle()
    expect(copied.page.locator("[data-day='2021-05-01']")).to_have_attribute("aria-pressed", "true")


def test_arrow_keys_follow_the_eye_from_right_to_left(riverline: Served, context: BrowserContext) -> None:
    visit = Visit(context.new_page(), riverline.address)
    page = visit.open(f"/home?lang=ar&month={MONTH}&pick=2021-04-07")
    page.locator("[data-day='2021-04-07']").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-day='2021-04-08']")).to_be_focused()
    visit.check()


def test_one_click_makes_the_pack(riverline: Served, context: BrowserContext) -> None:
    visit = Visit(context.new_page(), riverline.address)
    page = visit.open("/home?lang=en&week=2021-W16")
    with page.expect_download() as told:
        page.get_by_role("link", name="Pack for the delegations").click()
    assert told.value.suggested_filename == "pack-2021-W16.pdf"
    assert Path(told.value.path()).read_bytes().startswith(b"%PDF")
    visit.check()


def test_a_laptop_begins_at_the_map(riverline: Served, context: BrowserContext) -> None:
    visit = Visit(context.new_page(), riverline.address)
    page = visit.open("/?lang=en")
    expect(page.get_by_role("link", name="Map", exact=True)).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Home", exact=True).click()
    visit.settle()
    expect(page.get_by_role("heading", name="Since yesterday")).to_be_visible()
    assert page.get_by_role("heading", name="My party").count() == 0
    visit.check()


@pytest.fixture
def centre(tmp_path: Path) -> Generator[tuple[Served, str], None, None]:
    """Serve a workspace in which a liaison and an administrator have accounts; give the liaison's first password."""
    folder = tmp_path / "centre"

    def prepare() -> str:
        with Accounts(folder) as accounts:
            accounts.add("adm", name="Machine Room", role=Role.ADMINISTRATOR, by="machine")
            return accounts.add("lia", name="Liaison", role=Role.LIAISON, parties=(PARTY,), by="machine")

    told: list[str] = []
    serving = serve("riverline", folder, prepare=lambda: told.append(prepare()))
    served = next(serving)
    try:
        yield served, told[0]
    finally:
        serving.close()


def test_who_signs_in_begins_with_what_concerns_them(centre: tuple[Served, str], context: BrowserContext) -> None:
    served, one_time = centre
    visit = Visit(context.new_page(), served.address, expected=("401",))
    page = visit.page
    visit.open("/?lang=en")
    expect(page.get_by_role("link", name="Home", exact=True)).to_have_count(0)  # nobody is here yet
    page.get_by_role("link", name="Sign in").click()
    page.locator("form input").first.fill("lia")
    page.locator("form input[type=password]").fill(one_time)
    page.locator("form button[type=submit]").click()
    secrets = page.locator("input[type=password]")
    expect(secrets.nth(1)).to_be_visible()
    for place in range(secrets.count()):
        secrets.nth(place).fill(one_time if place == 0 and secrets.count() > 2 else PASSWORD)
    page.locator("form button[type=submit]").click()
    expect(page.get_by_role("heading", name=re.compile(r"My party: \W*Republic of Velmar"))).to_be_visible()
    assert page.url.startswith(f"{served.address}/home")
    assert page.get_by_role("link", name="Accounts", exact=True).count() == 0
    assert page.get_by_role("link", name="Pack for the mission alone").count() == 0
    visit.settle()
    visit.picture("home-liaison", whole=True)
    assert visit.axe() == []
