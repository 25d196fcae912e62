"""The pages of the centre as a person meets them: seen, heard, by keyboard, in two languages, on any screen."""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.browser.conftest import Served, Visit, serve
from tests.warm_command import warm_command

PAGES = ("/map", "/areas", "/actors", "/talks", "/measures", "/posts", "/siting", "/control", "/obligations")
# every look and width in the soak; of each kind the ends in the short form
SOAK = bool(os.environ.get("CEASEFIRE_SOAK"))
LOOKS = (
    (("en", "light"), ("en", "dark"), ("ar", "light"), ("ar", "dark")) if SOAK else (("en", "light"), ("ar", "dark"))
)
WIDTHS = (360, 768, 1440, 2560) if SOAK else (360, 2560)
TURNED_WIDTHS = (360, 1440)

LATER = """
format: 1
separator: ";"
source: { constant: night-patrols }
source_report_id: id
time:
  start: { column: day, formats: ["%Y-%m-%d"] }
place:
  name: place
  latitude: y
  longitude: x
  precision: { constant: { precision: point, radius_km: 0.5 } }
acts:
  column: what
  values: { gun: [shelling] }
"""


def asked(served: Served, question: str) -> Any:
    """Ask the API as a program would."""
    with urllib.request.urlopen(f"{served.address}/api/v1{question}", timeout=30) as answer:  # noqa: S310
        return json.load(answer)


def all_pages(served: Served) -> list[str]:
    """Return every kind of page, those of one thing opened on the thing that has most to show."""
    incident = max(asked(served, "/incidents?limit=1000")["incidents"], key=lambda one: one["reports"])
    zone = asked(served, "/case")["zones"][0]["zone_id"]
    actor = max(asked(served, "/actors")["actors"], key=lambda one: one["incidents"])
    return [
        *PAGES,
        f"/map?incident={incident['incident_id']}",
        f"/incidents/{incident['incident_id']}",
        f"/areas/{quote(zone)}",
        f"/actors/{quote(actor['actor_id'])}",
    ]


def with_query(path: str, query: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{query}"


def picture_name(served: Served, path: str, *look: object) -> str:
    plain = re.sub(r"inc-\w+", "one", path).strip("/").split("/")
    return "-".join([served.case, *(re.sub(r"\W+", "-", part) for part in plain), *map(str, look)])


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_no_page_asks_elsewhere_complains_or_shuts_anyone_out(
    served: Served, context: BrowserContext, language: str, theme: str
) -> None:
    visit = Visit(context.new_page(), served.address)
    for path in all_pages(served):
        visit.open(with_query(path, f"lang={language}&theme={theme}"))
        page = visit.page
        assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == [
            language,
            {"en": "ltr", "ar": "rtl"}[language],
        ]
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        visit.picture(picture_name(served, path, language, theme))
        assert visit.axe() == [], path
        visit.check()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_the_screen(riverline: Served, context: BrowserContext, width: int) -> None:
    fits(riverline, context, width, ("en", "ar") if width in TURNED_WIDTHS else ("en",))


def test_long_names_fit_a_phone(served: Served, context: BrowserContext) -> None:
    fits(served, context, min(WIDTHS), ("en",))


def fits(served: Served, context: BrowserContext, width: int, languages: tuple[str, ...]) -> None:
    """Open every page at a width; none may be wider than the screen."""
    visit = Visit(context.new_page(), served.address)
    visit.page.set_viewport_size({"width": width, "height": round(width * (1.8 if width < 700 else 0.6))})
    for path in all_pages(served):
        for language in languages:
            visit.open(with_query(path, f"lang={language}"))
            wide = visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            visit.picture(picture_name(served, path, language, width), whole=path != "/map")
            assert wide <= 0, f"{path} in {language} is {wide} px wider than {width}"
    visit.check()


def test_the_list_counts_what_the_record_holds(served: Served, context: BrowserContext) -> None:
    rows = asked(served, "/incidents?limit=1000")["incidents"]
    statuses = [row["status"] for row in rows]
    lower = statuses.count("alleged-violation")
    upper = lower + statuses.count("contested") + statuses.count("undetermined")
    places = [row["place"]["precision_class"] for row in rows]
    visit = Visit(context.new_page(), served.address)
    page = visit.open("/map?lang=en")
    expect(page.locator(".bounds")).to_contain_text(f"{lower}\u2069 to \u2068{upper}")
    expect(page.locator(".bounds")).to_contain_text(f"Of {len(rows)} incidents in all")
    lists = page.get_by_role("navigation", name="Incidents by how well their place is known")
    page.get_by_role("button", name="Show the whole area").click()
    visit.settle()
    expect(lists.get_by_role("link", name="On the map")).to_have_text(re.compile(rf"\b{places.count('point')}$"))
    expect(lists.get_by_role("link", name="By area")).to_have_text(re.compile(rf"\b{places.count('area')}$"))
    expect(lists.get_by_role("link", name="Without place")).to_have_text(re.compile(rf"\b{places.count('unknown')}$"))
    lists.get_by_role("link", name="Without place").click()
    expect(page.locator(".side li a[href*='incident=']")).to_have_count(places.count("unknown"))
    visit.check()


def test_a_mark_on_the_map_opens_its_incident(riverline: Served, context: BrowserContext) -> None:
    rows = asked(riverline, "/incidents?limit=1000")["incidents"]
    points = [row for row in rows if row["place"]["precision_class"] == "point"]
    places = [(row["place"]["longitude"], row["place"]["latitude"]) for row in points]
    alone = next(row for row, place in zip(points, places, strict=True) if places.count(place) == 1)
    visit = Visit(context.new_page(), riverline.address)
    place = alone["place"]
    page = visit.open(f"/map?lang=en&at={place['longitude']:.4f},{place['latitude']:.4f},13")
    page.locator(".maplibregl-canvas").click()
    panel = page.get_by_role("region", name="Opened incident")
    expect(panel.get_by_role("heading", name=alone["title"])).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["incident"] == [alone["incident_id"]]
    visit.check()


def test_an_area_known_no_closer_is_listed_and_never_a_point(riverline: Served, context: BrowserContext) -> None:
    rows = asked(riverline, "/incidents?limit=1000")["incidents"]
    area = next(row for row in rows if row["place"]["precision_class"] == "area")
    assert area["place"]["longitude"] is None
    visit = Visit(context.new_page(), riverline.address)
    page = visit.open("/map?lang=en&list=areas")
    link = page.locator(f".side a[href*='incident={area['incident_id']}']")
    expect(link).to_have_count(1)
    page.goto(f"{riverline.address}/map?lang=en&list=points")
    visit.settle()
    expect(link).to_have_count(0)
    visit.check()


def test_the_legend_and_every_filter_shut_nobody_out(riverline: Served, context: BrowserContext) -> None:
    visit = Visit(context.new_page(), riverline.address)
    page = visit.open("/map?lang=en")
    for summary in (".legend > summary", "search > details > summary"):
        page.locator(summary).click()
    for kind in page.locator("details.kind > summary").all():
        kind.click()
    counted = page.locator("details.kind", has_text="Status").locator(".number").first
    expect(counted).to_have_text(re.compile(r"^\d+$"))
    assert visit.axe() == []
    visit.picture("filters-and-legend")
    visit.check()


def test_a_filter_says_how_many_it_leaves(riverline: Served, context: BrowserContext) -> None:
    zone = asked(riverline, "/case")["zones"][0]
    matched = asked(riverline, f"/incidents?limit=1&zone={quote(zone['zone_id'])}")["counts"]["matched"]
    visit = Visit(context.new_page(), riverline.address)
    page = visit.open("/map?lang=en")
    page.locator("search > details > summary").click()
    page.locator("details.kind > summary", has_text="Zone").click()
    choice = page.locator("details.kind label", has_text=zone["title"]["en"]).first
    expect(choice.locator(".number")).to_have_text(str(matched))
    choice.get_by_role("checkbox").check()
    expect(page.locator(".bounds")).to_contain_text(f"Of {matched} incident")
    visit.check()


def test_what_is_recorded_meanwhile_appears_by_itself(context: BrowserContext, tmp_path: Path) -> None:
    server = serve("riverline", tmp_path / "riverline")
    try:
        served = next(server)
        before = len(asked(served, "/incidents?limit=1000")["incidents"])
        visit = Visit(context.new_page(), served.address)
        page = visit.open("/map?lang=en")
        expect(page.locator(".bounds")).to_contain_text(f"Of {before} incidents in all")
        rows = tmp_path / "later.csv"
        rows.write_text(
            "id;day;place;x;y;what\n1;2021-05-05;Reedham <img src=x onerror=alert(1)>;-42.90;26.68;gun\n",
            encoding="utf-8",
        )
        mapping = tmp_path / "later.yaml"
        mapping.write_text(LATER, encoding="utf-8")
        program = [warm_command()]
        folder = ["-w", str(served.folder)]
        for command in (["import", str(rows), "--as", "table", "--mapping", str(mapping)], ["run"]):
            done = subprocess.run(
                [*program, *command, *folder], capture_output=True, text=True, timeout=120, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
        expect(page.locator(".bounds")).to_contain_text(f"Of {before + 1} incidents in all", timeout=20_000)
        # what a report brings is text, whatever it looks like
        expect(page.locator(".side li a", has_text="<img src=x onerror=alert(1)>")).to_have_count(1)
        assert page.locator("main img").count() == 0
        visit.check()
    finally:
        server.close()


def test_everything_is_reached_by_keyboard(riverline: Served, context: BrowserContext) -> None:
    visit = Visit(context.new_page(), riverline.address)
    page = visit.open("/map?lang=en")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Go to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    seen = walk(visit, most=80)
    for name in ("Map of zones", "Closer", "Play", "Day", "Show", "Search titles"):
        assert any(name in one for one in seen), f"{name} is not reached with the tab key: {seen}"
    first = page.locator(".side li a[href*='incident=']").first
    first.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("region", name="Opened incident")
    expect(panel).to_be_visible()
    close = panel.get_by_role("button", name="Close")
    close.focus()
    page.keyboard.press("Enter")
    expect(panel).to_have_count(0)
    visit.check()


def walk(visit: Visit, *, most: int) -> list[str]:
    """Press the tab key, and return the names of what is reached; each must be seen to have the focus."""
    names = []
    for _ in range(most):
        visit.page.keyboard.press("Tab")
        name, is_visible = visit.page.evaluate(
            """() => {
              const at = document.activeElement;
              const style = getComputedStyle(at);
              const label = at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent;
              return [label.trim(), at === document.body || style.outlineStyle !== 'none'];
            }"""
        )
        assert is_visible, f"{name} has the focus and does not show it"
        names.append(name)
    return names


def test_the_address_holds_all_that_was_set(riverline: Served, context: BrowserContext) -> None:
    visit = Visit(context.new_page(), riverline.address)
    page = visit.open("/map?lang=en")
    page.locator("search > details > summary").click()
    page.locator("details.kind > summary", has_text="Status").click()
    page.get_by_role("checkbox", name="Contested").check()
    page.locator(".time select").select_option("until")
    slider = page.get_by_role("slider", name="Day")
    slider.focus()
    for _ in range(5):
        slider.press("ArrowLeft")
    page.get_by_label("Appearance").select_option("dark")
    visit.settle()
    page.locator(".side li a[href*='incident=']").first.click()
    visit.settle()
    said = parse_qs(urlsplit(page.url).query)
    assert said["status"] == ["contested"]
    assert said["span"] == ["until"]
    assert said["theme"] == ["dark"]
    assert set(said) >= {"day", "incident"}

    again = Visit(context.new_page(), riverline.address)
    other = again.open(page.url.removeprefix(riverline.address))
    for selector in (".bounds", ".panel h2", ".time input[type=date]", ".side ul.active"):
        one, two = (tab.locator(selector).first for tab in (page, other))
        assert one.inner_text() == two.inner_text(), selector
    assert other.locator(".time select").input_value() == "until"
    assert other.url == page.url

    page.go_back()
    expect(page.get_by_role("region", name="Opened incident")).to_have_count(0)
    visit.check()
    again.check()


def test_another_page_is_announced_and_takes_the_focus(riverline: Served, context: BrowserContext) -> None:
    visit = Visit(context.new_page(), riverline.address)
    page = visit.open("/map?lang=en")
    pages = page.get_by_role("navigation", name="Pages")
    pages.get_by_role("link", name="Agreement").click()
    pages.get_by_role("link", name="Talks").click()
    expect(page).to_have_title(re.compile("^Talks"))
    expect(page.locator("#main")).to_be_focused()
    expect(page.locator("[role=status].unseen")).to_have_text(re.compile("^Talks"))
    visit.check()


def test_what_a_page_is_told_is_text(riverline: Served, context: BrowserContext) -> None:
    payload = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"
    visit = Visit(context.new_page(), riverline.address)
    visit.expected = ("400", "404")  # the browser's own remark on answers that refuse
    dialogs: list[str] = []
    visit.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for path in (f"/incidents/{quote(payload, safe='')}", f"/actors/{quote(payload, safe='')}"):
        visit.open_until_told(path)
        assert visit.page.locator("main img, main script").count() == 0
    page = visit.open(f"/map?text={quote(payload)}&zone={quote(payload)}")
    assert page.locator("main img, main script").count() == 0
    assert dialogs == []
    visit.check()


def test_markup_made_of_text_is_refused_by_the_browser(riverline: Served, context: BrowserContext) -> None:
    page = Visit(context.new_page(), riverline.address).open("/talks")
    refused = page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return ''; } catch (error) { return error.name; } }"
    )
    assert refused == "TypeError"


def test_a_server_that_does_not_answer_is_told_with_what_to_do(riverline: Served, context: BrowserContext) -> None:
    visit = Visit(context.new_page(), riverline.address)
    page = visit.open("/talks?lang=en")
    page.route("**/api/v1/measures*", lambda route: route.abort())
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Measures").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("The server does not answer")
    expect(told).to_contain_text("ceasefire serve")
    page.unroute("**/api/v1/measures*")
    told.get_by_role("button", name="Try again").click()
    expect(told).to_have_count(0)


def test_the_record_of_another_day_says_so(riverline: Served, context: BrowserContext) -> None:
    visit = Visit(context.new_page(), riverline.address)
    visit.expected = ("400", "404", "409")  # the browser's own remark on an answer that refuses
    page = visit.open_until_told("/talks?lang=en&known=2000-01-01")
    page.get_by_role("button", name="Show what is known now").click()
    expect(page.get_by_role("heading", level=1, name="Talks")).to_be_visible()
    assert "known" not in page.url
    visit.check()
