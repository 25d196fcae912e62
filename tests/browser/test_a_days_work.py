"""A day's work in the centre, each step as the person who does it sees it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.colleagues import Colleague, centre
from tests.browser.conftest import Served, Visit
from tests.warm_command import warm_command

from ceasefire.model.roles import Role

PEOPLE = {
    "badr": ("Badr Ilyas", Role.LIAISON, ("northern-assembly",)),
    "rosa": ("Rosa Vance", Role.LIAISON, ("republic", "republic-army")),
    "ana": ("Ana Lindqvist", Role.ANALYST, ()),
    "omar": ("Omar Said", Role.ANALYST, ()),
    "mona": ("Mona Field", Role.FIELD_MONITOR, ()),
    "hana": ("Hana Berg", Role.HEAD, ()),
}
MARKET = "Shelling of Reedham market"
REPLY = "Our guns were silent that morning. The log of the battery is attached to our letter of 30 April."
SEEN = "Two craters on the north side of the market, fuze fragments photographed, angle from the south."
LOCAL = ZoneInfo("Etc/GMT+3")  # of the training case
Desk = tuple[Served, dict[str, Colleague]]


@pytest.fixture(scope="module")
def desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Generator[Desk, None, None]:
    with centre(browser, tmp_path_factory.mktemp("desk") / "riverline", PEOPLE) as opened:
        for one in opened[1].values():
            one.sign_in_first()
        yield opened


def section(page: Page, title: str) -> Locator:
    """Return the part of a case file under a heading."""
    return page.locator("section", has=page.get_by_role("heading", name=title, exact=True, level=2))


def move(one: Colleague, name: str, *, why: str) -> None:
    """Make a transition that the page offers, its form being filled in already but for the reason."""
    form = one.page.locator("form[data-form^=move-]")
    form.get_by_label("Why", exact=True).fill(why)
    form.get_by_role("button", name=name, exact=True).click()
    expect(form).to_have_count(0)


def begin(one: Colleague, name: str) -> Locator:
    """Open the form of a transition."""
    section(one.page, "What you can do now").get_by_role("button", name=name, exact=True).click()
    return one.page.locator("form[data-form^=move-]")


def stands(page: Page, state: str) -> None:
    expect(section(page, "State of the case").locator(".said")).to_have_text(state)


def test_a_days_work(desk: Desk, browser: Browser) -> None:
    served, people = desk
    address = files_an_allegation(people["badr"])
    links_it_to_two_media_reports(people["ana"], address)
    admits_assigns_and_notifies(people["ana"])
    replies(people["rosa"], address)
    adds_a_visit(people["mona"], address)
    drafts_and_may_not_sign(people["ana"], address)
    signs_as_second_person(people["omar"], address)
    rules(people["hana"], address)
    day = publishes(people["hana"], address)
    for one in (people["badr"], people["rosa"]):
        sees_the_determination(one, address)
    the_bulletin_carries_it(served, browser, day)
    everybody_sees_it_in_arabic_and_dark(people, address)
    for one in people.values():
        one.visit.check()


def files_an_allegation(one: Colleague) -> str:
    """File an allegation from an incident, as the liaison of A; return the address of the case file."""
    page = one.open("/map")
    page.get_by_role("button", name="Show the whole area").click()
    # a party is told no settlement, so neither a title that names one
    page.locator(".side li", has_text="Apr 21, 2021").get_by_role("link").click()
    page.get_by_role("link", name="Open a case file about it").click()
    expect(page.get_by_role("heading", name="File an allegation")).to_be_visible()
    expect(page.get_by_label("When, from")).to_have_value("2021-04-21")
    page.get_by_label("Title").fill(MARKET)
    expect(page.get_by_role("checkbox", name="Army of the Republic")).to_be_checked()
    page.get_by_label("What is alleged").fill("Shells fell on the market at noon; we ask for a visit.")
    one.visit.picture("day-1-filing", whole=True)
    assert one.visit.axe() == []
    page.get_by_role("button", name="File it").click()
    expect(page.get_by_role("heading", level=1, name=MARKET)).to_be_visible()
    stands(page, "Alleged")
    expect(section(page, "Grade of the evidence").locator(".said")).to_have_text("Reported")
    expect(section(page, "Finding")).to_contain_text("Nothing has been found yet.")
    # what is the centre's to do is not there for a liaison
    deeds = section(page, "What you can do now").get_by_role("button")
    expect(deeds).to_have_text(["Withdraw"])
    one.visit.picture("day-1-filed", whole=True)
    return urlsplit(page.url).path


def links_it_to_two_media_reports(one: Colleague, address: str) -> None:
    """Find the notice, open the file and link two accounts of media to it, as an analyst."""
    page = one.open("/notices")
    notice = page.locator("li", has_text=MARKET)
    expect(notice).to_contain_text("Allegation filed")
    notice.get_by_role("link").click()
    one.visit.settle()
    assert urlsplit(page.url).path == address
    page.locator("summary", has_text="Link an incident").click()
    page.get_by_label("Search incidents").fill("Reedham market")
    page.get_by_role("button", name="Find", exact=True).click()
    page.locator("details li").get_by_role("button", name=MARKET).click()
    form = page.locator("form[data-form=link]")
    for media in ("Oriel Observatory", "Isles Gazette"):
        form.get_by_role("checkbox", name=media).first.check()
    form.get_by_role("checkbox", name="Contested").first.check()
    one.visit.picture("day-2-linking", whole=True)
    form.get_by_role("button", name="Link", exact=True).click()
    linked = section(page, "Records and clause checks")
    expect(linked).to_contain_text("2 accounts are linked by themselves.")
    expect(linked.locator("thead th")).to_have_count(7)  # every account of it, side by side
    expect(linked).to_contain_text("Isles Gazette")
    expect(linked).to_contain_text("They differ")
    expect(linked.get_by_role("heading", name="1 clause check")).to_be_visible()
    page.locator("summary", has_text="Grade the evidence").click()
    grade = page.locator("form[data-form=case-file-graded]")
    grade.get_by_label("Grade of the evidence").select_option("Disputed")
    grade.get_by_label("Why").fill("The Gazette copies the Observatory; the Republic denies.")
    grade.get_by_role("button", name="Grade the evidence").click()
    expect(section(page, "Grade of the evidence").locator(".said")).to_have_text("Disputed")
    stands(page, "Alleged")  # the grade is no state
    one.visit.picture("day-2-linked", whole=True)


def admits_assigns_and_notifies(one: Colleague) -> None:
    """Move the file on, as the analyst; a reply is asked for with its time."""
    page = one.page
    begin(one, "Admit")
    move(one, "Admit", why="A party and a clause are named.")
    stands(page, "Admissible")
    begin(one, "Assign").get_by_label("To whom").fill("ana")
    move(one, "Assign", why="Knows the market.")
    stands(page, "Assigned")
    form = begin(one, "Notify and ask for a reply")
    form.get_by_role("button", name="Notify and ask for a reply").click()
    expect(form.get_by_text("This is needed.")).to_have_count(2)  # said at its field
    form.get_by_label("What is put to it").fill("It is alleged that your artillery shelled the market of Reedham.")
    one.visit.picture("day-3-notifying", whole=True)
    move(one, "Notify and ask for a reply", why="The accused is heard before anything is told.")
    stands(page, "Party notified")
    expect(section(page, "Right of reply")).to_contain_text("days left")
    expect(page.get_by_role("button", name="Review")).to_be_disabled()
    expect(section(page, "What you can do now")).to_contain_text("A reply is still awaited")


def replies(one: Colleague, address: str) -> None:
    """Find the notice with its clock, read the allegation and reply, as the liaison of B."""
    page = one.open("/notices")
    notice = page.locator("li", has_text=MARKET).last
    expect(notice).to_contain_text("A reply is awaited until")
    one.visit.picture("day-4-notice")
    notice.get_by_role("link").click()
    one.visit.settle()
    assert urlsplit(page.url).path == address
    expect(section(page, "What is alleged")).to_contain_text("Shells fell on the market at noon")
    # what the centre thinks of the evidence's worth, its comments and its links are not told
    expect(page.get_by_text("The Gazette copies the Observatory")).to_have_count(0)
    form = begin(one, "Reply")
    form.get_by_label("The reply").fill(REPLY)
    move(one, "Reply", why="On instructions.")
    stands(page, "Reply received")
    expect(section(page, "Right of reply")).to_contain_text(REPLY)
    one.visit.picture("day-4-replied", whole=True)


def adds_a_visit(one: Colleague, address: str) -> None:
    """Record a visit, as the monitor."""
    page = one.open(address)
    form = begin(one, "Record the visit")
    ended = datetime.now(UTC) - timedelta(days=1)
    form.get_by_label("Began").fill((ended - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M"))
    form.get_by_label("Ended").fill(ended.strftime("%Y-%m-%dT%H:%M"))
    form.get_by_label("Who holds the place").select_option("Northern Assembly")
    form.get_by_label("People of the centre").fill("3")
    form.get_by_label("Access", exact=True).select_option("Full access")
    form.get_by_label("What was seen").fill(SEEN)
    move(one, "Record the visit", why="With an escort of both sides.")
    stands(page, "Visited")
    expect(section(page, "Visits")).to_contain_text(SEEN)
    one.visit.picture("day-5-visited", whole=True)


def drafts_and_may_not_sign(one: Colleague, address: str) -> None:
    """Draft a determination, fact, attribution and breach apart; signing it waits for somebody else."""
    page = one.open(address)
    form = begin(one, "Draft a determination")
    form.get_by_label("Time and place").fill("21 April 2021, noon; the market, to 100 m.")
    form.get_by_label("Why the clause bound this party").fill("It signed, and the truce was in force.")
    for question, answer in (("Fact", "Yes"), ("Attribution", "Yes"), ("Breach", "Yes")):
        part = form.locator("fieldset", has=page.locator("legend", has_text=f"{question}:")).last
        part.get_by_label("Answer").select_option(answer)
        part.get_by_label("Reasons").fill(f"{question}: craters, fragments and two independent accounts agree.")
        part.get_by_role("checkbox", name="Visit of").check()
    form.get_by_role("group", name="Attributed to").get_by_role("checkbox", name="Army of the Republic").check()
    form.get_by_label("Independence of the sources").fill("Two chains; the Gazette counts with the Observatory.")
    form.get_by_label("Other explanations").fill("An accident in a store was looked for and not found.")
    form.get_by_label("Confidence").fill("High as to the fact, moderate as to the calibre.")
    form.get_by_label("Method, with").fill("Crater analysis, 2nd edition.")
    form.get_by_role("button", name="Add a remedy").click()
    form.get_by_label("What is to be done").fill("Withdraw the battery behind the line.")
    form.get_by_label("By whom").select_option("Army of the Republic")
    form.get_by_label("Deadline").fill((datetime.now(UTC) + timedelta(days=20)).strftime("%Y-%m-%d"))
    assert one.visit.axe() == []
    one.visit.picture("day-6-drafting", whole=True)
    move(one, "Draft a determination", why="All accounts were weighed.")
    stands(page, "Drafted")
    expect(section(page, "Finding")).to_contain_text("Nothing has been found yet.")
    deeds = section(page, "What you can do now")
    expect(deeds).to_contain_text("A second person signs: you wrote the draft.")
    expect(deeds.get_by_role("button", name="Sign as second person")).to_have_count(0)


def signs_as_second_person(one: Colleague, address: str) -> None:
    """Read the draft and sign it, as another analyst."""
    page = one.open(address)
    draft = section(page, "Draft of a determination")
    expect(draft).to_contain_text("Joint Commission")
    expect(draft).to_contain_text("Consensus")
    expect(draft).to_contain_text("Reasonable grounds to believe")
    one.visit.picture("day-7-draft", whole=True)
    begin(one, "Sign as second person")
    move(one, "Sign as second person", why="Read with its evidence.")
    stands(page, "Signed by a second person")
    expect(draft).to_contain_text("Signed besides its author by")


def rules(one: Colleague, address: str) -> None:
    """Record the body's vote, and its determination, as the head."""
    page = one.open(address)
    page.locator("summary", has_text="Record the vote").click()
    form = page.locator("form[data-form=case-file-vote]")
    form.get_by_label("Held on").fill(datetime.now(UTC).strftime("%Y-%m-%d"))
    present = {
        "Chair, for Astor": "for",
        "First delegate of the Republic": "abstains",
        "First delegate of the Assembly": "for",
    }
    for member, ballot in present.items():
        form.get_by_role("checkbox", name=member).check()
        form.get_by_label(member).last.select_option(ballot)
    form.get_by_label("Minutes").fill("Consensus; the Republic abstained.")
    form.get_by_role("button", name="Record the vote").click()
    expect(section(page, "Draft of a determination")).to_contain_text("It carried.")
    begin(one, "Record the determination")
    move(one, "Record the determination", why="The commission ruled.")
    stands(page, "Determined")
    finding = section(page, "Finding")
    expect(finding.locator("dd")).to_have_text(["Yes", "Yes", "Yes"])
    expect(page.locator("main header strong").first).to_have_text("Violation")  # from here on it may be called one
    one.visit.picture("day-8-determined", whole=True)


def publishes(one: Colleague, address: str) -> str:
    """Publish the determination; the reply stands beside it, in full and as large. Return the local day."""
    page = one.open(address)
    page.locator("summary", has_text=re.compile("^Publish$")).click()
    form = page.locator("form[data-form=case-file-published]")
    form.get_by_label("What", exact=True).select_option("Determination")
    form.get_by_role("checkbox", name="Army of the Republic").check()
    form.get_by_label("Text").fill("The commission determined that the shelling of Reedham market breached Article 2.")
    form.get_by_role("button", name="Publish").click()
    told = section(page, "Told to the public")
    expect(told).to_contain_text("breached Article 2")
    expect(told).to_contain_text(REPLY)  # in full, beside it
    sizes = told.locator("p.long").evaluate_all("all => all.map(one => getComputedStyle(one).fontSize)")
    assert len(set(sizes)) == 1, "a reply is as large as what it answers"
    one.visit.picture("day-8-published", whole=True)
    return datetime.now(LOCAL).date().isoformat()


def sees_the_determination(one: Colleague, address: str) -> None:
    """Read the determination with its vote, as a party; what is the centre's is not offered."""
    page = one.open(address)
    ruling = page.locator("section", has=page.get_by_role("heading", name="Determination: Determined"))
    expect(ruling).to_contain_text("It carried.")
    expect(ruling).to_contain_text("Withdraw the battery behind the line.")
    expect(section(page, "What you can do now").get_by_role("button")).to_have_text(["Appeal"])
    one.visit.picture(f"day-9-party-{one.account}", whole=True)


def the_bulletin_carries_it(served: Served, browser: Browser, day: str) -> None:
    """Issue the bulletin of the day: it prints the determination, and the reply beside it."""
    written = served.folder.parent / "bulletin.html"
    command = ["bulletin", "-o", str(written), "--day", day, "-w", str(served.folder)]
    done = subprocess.run([warm_command(), *command], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    context = browser.new_context(viewport={"width": 1000, "height": 1300})
    page = context.new_page()
    page.goto(Path(written).as_uri())
    body = page.locator("body")
    expect(body).to_contain_text("breached Article 2")
    expect(body).to_contain_text(REPLY)
    Visit(page, served.address).picture("day-10-bulletin", whole=True)
    context.close()


def everybody_sees_it_in_arabic_and_dark(people: dict[str, Colleague], address: str) -> None:
    visit = people["hana"].visit
    for path in (address, "/cases", "/symmetry", "/notices?since=0", "/news?since=0", "/account", "/accounts"):
        visit.open(f"{path}{'&' if '?' in path else '?'}lang=ar&theme=dark")
        assert visit.page.evaluate("document.documentElement.dir") == "rtl"
        assert visit.axe() == [], path
        visit.picture(f"day-11-ar-dark-{re.sub(r'[^a-z]+', '-', path.split('?')[0]).strip('-')[:12]}", whole=True)
