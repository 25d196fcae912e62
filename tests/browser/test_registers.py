"""Two delegations and the centre keep the registers of a day, each in a browser of their own."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.warm_command import warm_command

from .conftest import Served, Visit, serve

A, B, DAY = "republic", "northern-assembly", "2021-06-14"
ID = f"{DAY}.{B}.{A}"
HEAD = "no,day,place,latitude,longitude,kind,accused,killed\n"
LISTS = {
    "rep": HEAD
    + f"R1,{DAY},Reedham,26.68,-42.90,shelling,Northern Assembly,3\n"
    + f"R2,{DAY},Millbrook,26.75,-42.98,small-arms-fire,Northern Assembly,1\n"
    + f"R3,{DAY},Old Town,26.43,-42.86,small-arms-fire,Northern Assembly,2\n"
    + f"R4,{DAY},Harbour mole,26.49,-42.52,shelling,Northern Assembly,4\n",
    "lia": HEAD
    + f"17/1,{DAY},Reedham,26.681,-42.899,shelling,Republic of Velmar,5\n"
    + f"17/2,{DAY},Millbrook mill,26.751,-42.979,small-arms-fire,Republic of Velmar,1\n"
    + f"17/3,{DAY},Harbour mole,26.51,-42.54,shelling,Republic of Velmar,5\n"
    + f"17/4,{DAY},Bridge Two,26.60,-42.70,small-arms-fire,Republic of Velmar,\n",
}
ROLES = {"ana": ("analyst",), "rep": ("liaison", "--party", A), "lia": ("liaison", "--party", B)}
PASSWORD = "quiet river, long bridge, nine herons"  # noqa: S105


@dataclass
class People:
    """Everybody's tab."""

    visits: dict[str, Visit] = field(default_factory=dict)

    def __getitem__(self, who: str) -> Visit:
        return self.visits[who]


@pytest.fixture
def people(browser: Browser, tmp_path: Path) -> Generator[People, None, None]:
    serving = serve("riverline", tmp_path / "riverline")
    served: Served = next(serving)
    contexts = []
    found = People()
    try:
        for who, (role, *of) in ROLES.items():
            words = ["account", "add", who, "--name", who.title(), "--role", role, *of, "--json", "-w", served.folder]
            ran = subprocess.run([warm_command(), *map(str, words)], check=True, capture_output=True, text=True)
            one_time = json.loads(ran.stdout)["one_time_password"]
            context = browser.new_context(
                viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce"
            )
            contexts.append(context)
            api, headers = f"{served.address}/api/v1", {"origin": served.address}
            said = context.request.post(
                f"{api}/session", data={"account": who, "password": one_time}, headers=headers
            ).json()
            changed = context.request.post(
                f"{api}/session/password",
                data={"current": one_time, "new": PASSWORD},
                headers={**headers, "x-csrf-token": said["csrf_token"]},
            )
            assert changed.ok, changed.text()
            found.visits[who] = Visit(context.new_page(), served.address)
        yield found
    finally:
        for context in contexts:
            context.close()
        serving.close()


SIDE = {"rep": "Republic of Velmar", "lia": "Northern Assembly"}
"""To a delegation, the name of the other's liaison is not told: the party is."""


def row(page: Page, entry: str) -> Locator:
    """Return the row in which an entry stands in a card of its own."""
    return page.locator("li.row", has=page.get_by_role("heading", name=entry, exact=True))


def submit(page: Page, title: str) -> None:
    """Send the form that is open; values in its title are set apart by signs that nobody sees."""
    deed = page.locator("section[aria-labelledby=deed]")
    assert re.sub("[\u2068\u2069]", "", deed.locator("h2").inner_text()) == title
    deed.locator("button.primary").click()


def hand_in(visit: Visit, who: str, folder: Path) -> str:
    page = visit.open(f"/registers/{ID}")
    (folder / f"{who}.csv").write_text(LISTS[who], encoding="utf-8")
    page.get_by_role("button", name="Hand in a list").click()
    page.locator("input[type=file]").set_input_files(folder / f"{who}.csv")
    here = f"**/api/v1/registers/{ID}"
    visit.expected = ("net::ERR_FAILED",)
    page.route(here, lambda route: route.abort())  # the network is gone as soon as the list is in
    submit(page, "Hand in a list")
    key = page.locator("[data-key]")
    expect(key).to_be_visible()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(key).to_be_visible()  # it is told this once
    page.unroute(here)
    visit.picture(f"registers-key-{who}")
    told = key.inner_text()
    page.get_by_role("button", name="I have kept it").click()
    return told


def test_a_day_of_two_registers(people: People, tmp_path: Path) -> None:
    ana, rep, lia = people["ana"], people["rep"], people["lia"]
    page = ana.open("/registers")
    page.get_by_text("Set the registers of a day").click()
    page.get_by_label("Day", exact=True).fill(DAY)
    page.get_by_label("First party", exact=True).select_option(A)
    page.get_by_label("Second party", exact=True).select_option(B)
    page.get_by_label("Cut-off", exact=True).fill("2099-01-01T18:00")
    page.get_by_role("button", name="Ask both parties").click()
    expect(page.get_by_role("heading", name=re.compile("Registers of .*June 14, 2021"))).to_be_visible()
    keys = {who: hand_in(people[who], who, tmp_path) for who in ("rep", "lia")}

    # sealed: nobody sees an entry, nor how many there are; one's own is read with its key
    for visit in (ana, lia):
        shown = visit.open(f"/registers/{ID}").locator("main")
        expect(shown.get_by_text("can be read by nobody without that key")).to_have_count(2)
        assert "Reedham" not in shown.inner_text()
    page = rep.open(f"/registers/{ID}")
    page.get_by_role("button", name="Read your own list").click()
    page.get_by_label("Key", exact=True).fill(keys["rep"])
    submit(page, "Read your own list")
    expect(page.get_by_role("row", name=re.compile("R4.*Harbour mole"))).to_be_visible()
    assert ana.axe() == []
    ana.picture("registers-sealed", whole=True)

    page = ana.page
    page.get_by_role("button", name="Close before the cut-off").click()
    page.get_by_label("Why", exact=True).fill("Both lists are in.")
    submit(page, "Close before the cut-off")
    for who in ("rep", "lia"):
        page = people[who].open(f"/registers/{ID}")
        page.get_by_role("button", name="Open your list").click()
        page.get_by_label("Key", exact=True).fill(keys[who])
        submit(page, "Open your list")
        expect(page.get_by_text("its key is in" if who == "rep" else "opened together").first).to_be_visible()

    # side by side: told by both, doubtful, by one alone, each with a sign and words besides its colour
    page = lia.page
    for entry, group, words in (
        ("R1", "both", "Told by both"),
        ("R4", "doubtful", "Doubtful"),
        ("R3", "only-a", "First list only"),
        ("17/4", "only-b", "Second list only"),
    ):
        expect(row(page, entry)).to_have_attribute("data-group", group)
        expect(row(page, entry)).to_contain_text(words)
    expect(row(page, "R1").get_by_role("heading", name="17/1")).to_be_visible()
    expect(row(page, "R1")).to_contain_text("no answer")
    expect(page.locator("main")).to_contain_text("No answer is no admission")
    lia.picture("registers-matched", whole=True)

    row(page, "R1").get_by_role("button", name="Answer", exact=True).click()
    page.get_by_label("Answer", exact=True).select_option("disputes")
    page.get_by_label("Why", exact=True).fill("Nobody fired that day.")
    submit(page, "Answer entry R1")
    expect(row(page, "R1")).to_contain_text("disputes")
    row(page, "17/4").get_by_role("button", name="Withdraw").click()
    page.get_by_label("Why", exact=True).fill("Seen from too far away.")
    submit(page, "Withdraw entry 17/4")
    expect(row(page, "17/4")).to_contain_text("Withdrawn")
    expect(row(page, "17/4")).to_contain_text("Bridge Two")  # beside the entry, not in its place

    page = ana.open(f"/registers/{ID}")
    row(page, "R4").get_by_role("button", name=re.compile("Confirm or split")).click()
    page.get_by_label("Are they one event?", exact=True).select_option("one-event")
    page.get_by_label("Why", exact=True).fill("One salvo, two maps.")
    submit(page, "Confirm or split R4 and 17/3")
    expect(row(page, "R4")).to_have_attribute("data-group", "both")
    page.get_by_role("button", name="Propose a figure").click()
    page.get_by_label("Kind", exact=True).select_option("shelling")
    page.get_by_label("From", exact=True).fill("2")
    page.get_by_label("To", exact=True).fill("2")
    page.get_by_label("What is counted", exact=True).fill("Shellings that both lists tell.")
    submit(page, "Propose a figure")
    expect(page.locator("main")).to_contain_text("not agreed")
    for who in ("rep", "lia"):
        page = people[who].open(f"/registers/{ID}")
        page.get_by_role("button", name="Sign", exact=True).click()
        page.get_by_role("button", name=re.compile("Sign for")).click()
        expect(page.locator("main")).to_contain_text(re.compile(f"signed by .{SIDE[who]}"))
    expect(page.locator("main")).to_contain_text("agreed by both")

    page = ana.open(f"/registers/{ID}")
    page.get_by_text("How many events were there?").click()
    expect(page.locator("main")).to_contain_text("they are not two captures of one population")
    assert ana.axe() == []
    ana.picture("registers-open", whole=True)
    ana.open(f"/registers/{ID}?theme=dark")
    assert ana.axe() == []
    ana.picture("registers-open-dark", whole=True)
    ana.page.set_viewport_size({"width": 360, "height": 740})
    page = ana.open(f"/registers/{ID}?lang=ar")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    ana.picture("registers-open-phone-ar", whole=True)
    for visit in (ana, rep, lia):
        visit.check()


def test_totals_are_drawn_as_totals(served: Served, visit_of: Visit) -> None:
    page = visit_of.open("/registers")
    expect(page.get_by_text("These are totals, and no more")).to_be_visible()
    days = page.locator("section[aria-labelledby=totals] ol > li")
    folder = served.folder / "case" / "totals.yaml"
    assert days.count() == folder.read_text(encoding="utf-8").count("day: ")
    drawn = [(bar.bounding_box() or {"width": -1})["width"] for bar in page.locator(".line .bar").all()]
    told = [int(said) for said in page.locator(".line strong").all_inner_texts()]
    widest = max(zip(told, drawn, strict=True))
    for count, width in zip(told, drawn, strict=True):
        assert width == pytest.approx(max(2, widest[1] * count / widest[0]), abs=2)
    assert page.locator("li.row").count() == 0  # nothing is matched: no entry is known
    assert visit_of.axe() == []
    visit_of.picture(f"registers-totals-{served.case}", whole=True)
    visit_of.check()


@pytest.fixture
def visit_of(served: Served, browser: Browser) -> Generator[Visit, None, None]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce")
    yield Visit(context.new_page(), served.address)
    context.close()
