"""A hundred thousand incidents on the map: drawn, counted, slid through. How fast is for the machine to say."""

from __future__ import annotations

import json
import urllib.request

import numpy as np
import pyarrow as pa
from playwright.sync_api import BrowserContext, Route, expect
from tests.browser.conftest import Served, Visit


def many_incidents(count: int, box: tuple[float, float, float, float]) -> bytes:
    """Return as many incidents as the server would send, strewn over a box, one a day in turn."""
    rng = np.random.default_rng(7)
    west, south, east, north = box
    days = pa.array(np.arange(count) % 250 + 18_702, pa.int32()).cast(pa.date32())
    table = pa.table(
        {
            "incident_id": [f"inc-{number}" for number in range(count)],
            "first_day": days,
            "last_day": days,
            "precision_class": pa.array(["point"] * count).dictionary_encode(),
            "longitude": rng.uniform(west, east, count),
            "latitude": rng.uniform(south, north, count),
            "radius_km": pa.array(np.full(count, 2.0), pa.float32()),
            "unit_id": pa.nulls(count, pa.string()),
            "status": pa.array(["alleged-violation", "contested"] * (count // 2)).dictionary_encode(),
            "acts": [["shelling"]] * count,
            "killed_best": pa.array(rng.integers(0, 30, count), pa.int32()),
            "title": [f"Incident {number}" for number in range(count)],
        }
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def test_a_hundred_thousand_incidents_are_drawn_counted_and_slid_through(
    riverline: Served, context: BrowserContext
) -> None:
    count = 100_000
    with urllib.request.urlopen(f"{riverline.address}/api/v1/case", timeout=30) as told:  # noqa: S310
        box = json.load(told)["results"]["bounds"]
    stream = many_incidents(count, box)
    visit = Visit(context.new_page(), riverline.address)

    def answer(route: Route) -> None:
        route.fulfill(body=stream, content_type="application/vnd.apache.arrow.stream")

    visit.page.route("**/api/v1/incidents?*format=arrow*", answer)
    page = visit.open("/map?lang=en")
    expect(page.locator(".bounds")).to_contain_text("50,000\u2069 to \u2068100,000")
    lists = page.get_by_role("navigation", name="Incidents by how well their place is known")
    expect(lists.get_by_role("link", name="On the map")).to_contain_text("100,000")
    visit.picture("hundred-thousand")
    page.locator(".time select").select_option("1")
    slider = page.get_by_role("slider", name="Day")
    slider.focus()
    slider.press("ArrowLeft")
    expect(page.locator(".bounds")).to_contain_text(f"Of {count // 250} incidents")
    expect(lists.get_by_role("link", name="On the map")).to_contain_text(str(count // 250))
    visit.check()
