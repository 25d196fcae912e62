"""A border is drawn by hand and by keyboard, and compared while it is drawn."""

from __future__ import annotations

import json

from playwright.sync_api import BrowserContext, Page, expect

from .conftest import PATIENCE_MS, Served, Visit


def lost(page: Page) -> str:
    """Return the square kilometres that the drawn border has lost, once the comparison has come."""
    cell = page.get_by_role("row", name="Lost, square km").get_by_role("cell").last
    expect(cell).to_be_visible(timeout=PATIENCE_MS)
    return cell.inner_text()


def test_a_corner_is_dragged_and_its_figures_follow(riverline: Served, context: BrowserContext) -> None:
    visit = Visit(context.new_page(), riverline.address)
    page = visit.open("/borders/north-bank")
    page.get_by_label("Weeks of incidents").select_option("104")
    handle = page.locator("circle.corner").first.bounding_box()
    canvas = page.get_by_role("img", name="The border that holds").bounding_box()
    assert handle is not None
    assert canvas is not None
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] / 2, steps=5)
    page.mouse.up()
    assert lost(page) != "0"
    visit.picture("borders-drawn", whole=True)
    assert visit.axe() == []
    page.get_by_role("button", name="Start over").click()
    expect(page.get_by_role("row", name="Lost, square km")).to_have_count(0)
    visit.check()


def test_the_same_by_keyboard(riverline: Served, context: BrowserContext) -> None:
    visit = Visit(context.new_page(), riverline.address)
    page = visit.open("/borders/north-bank")
    page.get_by_role("spinbutton", name="Corner").fill("1")
    page.keyboard.press("Tab")
    east = page.get_by_role("button", name="East 500 m")
    east.focus()
    for _ in range(4):
        page.keyboard.press("Enter")
    once = lost(page)
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name="Lost, square km").get_by_role("cell").last).not_to_have_text(
        once, timeout=PATIENCE_MS
    )
    visit.check()


def test_a_drawing_that_crosses_itself_is_told_where(riverline: Served, context: BrowserContext) -> None:
    visit = Visit(context.new_page(), riverline.address, expected=("400",))
    page = visit.open("/borders/north-bank")
    bow = [[-43.0, 26.6], [-42.9, 26.7], [-42.9, 26.6], [-43.0, 26.7], [-43.0, 26.6]]
    page.get_by_label("Open a GeoJSON file").set_input_files(
        {
            "name": "bow.geojson",
            "mimeType": "application/geo+json",
            "buffer": json.dumps({"type": "Polygon", "coordinates": [bow]}).encode(),
        }
    )
    expect(page.get_by_role("alert")).to_contain_text("crosses itself at 26.6500 N, 42.9500 W", timeout=PATIENCE_MS)
    visit.picture("borders-crossed")
    visit.check()
