"""Borders are drawn by hand and by keyboard, and compared beside each other while they are drawn."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

from .conftest import PATIENCE_MS, Served, Visit

HALVES = [
    {
        "type": "Feature",
        "properties": {"name": name},
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[west, 26.57], [east, 26.57], [east, 26.87], [west, 26.87], [west, 26.57]]],
        },
    }
    for name, west, east in (("west", -43.18, -42.95), ("east", -42.95, -42.6))
]


def lost(page: Page) -> Locator:
    """Return the square kilometres that the border drawn last has lost."""
    return page.get_by_role("row", name="Lost, square km").get_by_role("cell").last


def opened(page: Page, label: str, value: object) -> None:
    """Open a file of GeoJSON."""
    page.get_by_label(label).set_input_files(
        {"name": "drawn.geojson", "mimeType": "application/geo+json", "buffer": json.dumps(value).encode()}
    )


def test_a_corner_is_dragged_and_several_borders_stand_beside_each_other(
    riverline: Served, context: BrowserContext
) -> None:
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
    expect(lost(page)).not_to_have_text("0", timeout=PATIENCE_MS)

    opened(page, "Open a GeoJSON file", {"type": "FeatureCollection", "features": HALVES})
    figures = page.get_by_role("region", name="Figures").get_by_role("columnheader")
    expect(figures).to_have_text(["Figure", "The border that holds", "Proposal", "west", "east"])
    page.get_by_text("Count hospitals, roads and crossings too").click()
    opened(page, "Hospitals", {"type": "Point", "coordinates": [-43.0, 26.7]})
    hospitals = page.get_by_role("row", name="Hospitals").get_by_role("cell")
    expect(hospitals.nth(2)).to_have_text("1", timeout=PATIENCE_MS)
    expect(hospitals.nth(3)).to_have_text("0", timeout=PATIENCE_MS)
    assert "26.7" not in page.url
    assert visit.axe() == []
    visit.picture("borders-drawn", whole=True)

    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as GeoJSON").click()
    written = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    assert [each["properties"]["name"] for each in written["features"]] == ["Proposal", "west", "east"]
    assert written["features"][2]["geometry"] == HALVES[1]["geometry"]
    page.get_by_role("button", name="Discard it").click()
    expect(figures).to_have_text(["Figure", "The border that holds", "Proposal", "west"])
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
    expect(lost(page)).not_to_have_text("0", timeout=PATIENCE_MS)
    page.get_by_label("Wanted").select_option("along")
    page.get_by_role("combobox", name="Along").select_option(label="Oriel (River)")
    page.get_by_role("button", name="Suggest a small change").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("spinbutton", name="Corner")).to_have_value("", timeout=PATIENCE_MS)
    undo = page.get_by_role("button", name="Undo")
    undo.focus()
    while undo.is_enabled():
        page.keyboard.press("Enter")
    expect(lost(page)).to_have_text("0", timeout=PATIENCE_MS)
    visit.check()


def test_a_drawing_that_crosses_itself_is_told_where(riverline: Served, context: BrowserContext) -> None:
    visit = Visit(context.new_page(), riverline.address, expected=("400",))
    page = visit.open("/borders/north-bank")
    bow = [[-43.0, 26.6], [-42.9, 26.7], [-42.9, 26.6], [-43.0, 26.7], [-43.0, 26.6]]
    opened(page, "Open a GeoJSON file", {"type": "Polygon", "coordinates": [bow]})
    expect(page.get_by_role("alert")).to_contain_text("crosses itself at 26.6500 N, 42.9500 W", timeout=PATIENCE_MS)
    visit.picture("borders-crossed")
    visit.check()
