"""Sign-in, accounts and casework as pages: on any screen, by keyboard, by two people at once, and as known before."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Generator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from tests.browser.colleagues import PASSWORD, Colleague, centre
from tests.browser.conftest import Served, Visit
from tests.browser.test_map import LOOKS, WIDTHS, with_query

from ceasefire.model.roles import Role

PEOPLE = {
    "ana": ("Ana Lindqvist", Role.ANALYST, ()),
    "omar": ("Omar Said", Role.ANALYST, ()),
    "badr": ("Badr Ilyas", Role.LIAISON, ("northern-assembly",)),
    "amal": ("Amal Haddad", Role.ADMINISTRATOR, ()),
}
Desk = tuple[Served, dict[str, Colleague]]


@pytest.fixture(scope="module")
def desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Generator[Desk, None, None]:
    with centre(browser, tmp_path_factory.mktemp("desk") / "riverline", PEOPLE) as opened:
        for one in opened[1].values():
            one.sign_in_first()
        yield opened


@pytest.fixture(scope="module")
def case_file(desk: Desk) -> str:
    """Return the address of a case file that an analyst opened."""
    return filed(desk[1]["ana"], "Shots at the ferry")


def filed(one: Colleague, title: str) -> str:
    page = one.open("/cases/new")
    page.get_by_label("Title").fill(title)
    page.get_by_label("What is alleged").fill("Shots in the evening.")
    page.get_by_role("group", name="Accused").get_by_role("checkbox", name="Bank Brigade").check()
    page.get_by_role("group", name="Clauses").get_by_role("checkbox", name="A2").check()
    page.get_by_role("button", name="File it").click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    return urlsplit(page.url).path


def part(page: Page, title: str) -> Locator:
    return page.locator("section", has=page.get_by_role("heading", name=title, exact=True, level=2))


# Signing in.


def test_what_needs_an_account_asks_for_it_and_then_is_there(desk: Desk, context: BrowserContext) -> None:
    served, people = desk
    visit = Visit(context.new_page(), served.address)
    visit.expected = ("401",)  # the browser's own remark
    page = visit.open("/symmetry?lang=en")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    guest = Colleague("ana", "Ana Lindqvist", Role.ANALYST, visit, "")
    guest.type_password("not the password at all")
    alert = page.get_by_role("alert")
    expect(alert).to_be_visible()
    assert visit.axe() == []
    visit.picture("sign-in-refused")
    guest.type_password(PASSWORD)
    expect(page.get_by_role("heading", level=1, name="Symmetry")).to_be_visible()
    assert urlsplit(page.url).path == "/symmetry"
    expect(page.locator("header .who")).to_contain_text("Ana Lindqvist")
    expect(page.locator("header .who")).to_contain_text("Analyst")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()  # nothing of what was told stays
    expect(page.locator("table")).to_have_count(0)
    visit.check()
    assert people["ana"].open("/account").get_by_text("Ana Lindqvist").count()  # other sessions go on


def test_a_second_factor_is_asked_for_and_a_recovery_code_takes_its_place(desk: Desk, context: BrowserContext) -> None:
    served, people = desk
    visit = Visit(context.new_page(), served.address)
    visit.expected = ("401", "400")
    page = visit.open("/sign-in?lang=en")
    guest = Colleague("amal", "Amal Haddad", Role.ADMINISTRATOR, visit, "")
    guest.type_password(PASSWORD)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    page.get_by_role("button", name="I do not have the device").click()
    page.get_by_label("Recovery code").fill(people["amal"].recovery_codes[0])
    assert visit.axe() == []
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("header .who")).to_contain_text("Amal Haddad")
    page = visit.open("/account?lang=en")
    expect(page.get_by_text("9 recovery codes are left.")).to_be_visible()
    visit.check()


def test_the_secret_is_drawn_as_an_authenticator_reads_it(desk: Desk) -> None:
    one = desk[1]["omar"]
    page = one.open("/account")
    page.get_by_label("Your password, once more").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    picture = page.get_by_role("img", name="QR code of the second factor")
    expect(picture).to_be_visible()
    assert page.locator(".secret code").inner_text().replace(" ", "").isalnum()
    one.visit.picture("second-factor")
    assert one.visit.axe() == []
    one.visit.check()


def test_an_administrator_makes_and_shuts_an_account_and_reads_no_content(desk: Desk) -> None:
    one = desk[1]["amal"]
    page = one.open("/accounts")
    expect(page.get_by_role("navigation", name="Pages").get_by_role("link")).to_have_text(["Accounts"])
    page.get_by_role("button", name="Add an account").click()
    form = page.locator("form[data-form=account]")
    form.get_by_role("button", name="Add an account").click()
    expect(form.get_by_text("This is needed.")).to_have_count(2)
    expect(form.get_by_label("Person")).to_be_focused()
    form.get_by_label("Person").fill("Gerd Holm")
    form.get_by_label("Name of the account").fill("gerd.h")
    form.get_by_label("Role").select_option("Guarantor")
    form.get_by_label("Speaks for").fill("astor")
    form.get_by_role("button", name="Add an account").click()
    issued = page.locator(".issued")
    expect(issued).to_contain_text("gerd.h")
    assert one.visit.axe() == []
    one.visit.picture("accounts", whole=True)
    issued.get_by_role("button", name="I have noted it").click()
    page.get_by_role("link", name="Gerd Holm").click()
    page.get_by_role("button", name="Disable").click()
    expect(page.locator("tr", has_text="gerd.h")).to_contain_text("Disabled")
    expect(page.locator(".picked li", has_text="Disabled")).to_have_count(1)
    page.locator("main").get_by_role("link", name="Amal Haddad").click()
    expect(page.get_by_text("This is your own account.")).to_be_visible()
    page = one.open("/cases")
    expect(page.get_by_role("heading", name="This page is not open to your role")).to_be_visible()
    one.visit.check()


# Case files.


def test_two_people_see_each_other_on_one_file(desk: Desk, case_file: str) -> None:
    ana, omar = desk[1]["ana"], desk[1]["omar"]
    first = ana.open(case_file)
    expect(first.get_by_text("Nobody else has this file open now.")).to_be_visible()
    omar.open(case_file)
    expect(first.locator(".here")).to_contain_text("omar")
    omar.open("/cases")
    expect(first.get_by_text("Nobody else has this file open now.")).to_be_visible()
    ana.visit.check()


def test_two_edits_of_one_field_are_shown_side_by_side_and_a_person_settles_them(desk: Desk) -> None:
    ana, omar = desk[1]["ana"], desk[1]["omar"]
    ana.visit.expected = omar.visit.expected = ("409",)
    address = filed(ana, "Fire at the mill")
    for one in (ana, omar):
        one.open(address)
        one.page.get_by_role("button", name="Edit", exact=True).click()
    ana.page.get_by_label("Where").fill("The mill")
    ana.page.get_by_role("button", name="Save").click()
    expect(part(ana.page, "What is alleged")).to_contain_text("The mill")
    omar.page.get_by_label("Where").fill("The old mill, east bank")
    omar.page.get_by_role("button", name="Save").click()
    rivals = omar.page.get_by_role("alert")
    expect(rivals).to_contain_text("The mill")
    expect(rivals).to_contain_text("The old mill, east bank")
    assert omar.visit.axe() == []
    omar.visit.picture("rival-edits", whole=True)
    rivals.get_by_role("button", name="Leave both for a person to settle").click()
    for one in (ana, omar):  # the other page hears of it by itself
        expect(part(one.page, "Edits that wait for a person")).to_contain_text("The old mill, east bank")
    expect(part(ana.page, "What you can do now")).to_contain_text("wait for a person to settle them: place")
    ana.visit.picture("conflict", whole=True)
    form = ana.page.locator("form[data-form=settle-place]")
    form.get_by_label("Which stands").select_option("Value 2")
    form.get_by_label("Why").fill("The survey names it so.")
    form.get_by_role("button", name="Settle").click()
    expect(part(ana.page, "Edits that wait for a person")).to_have_count(0)
    expect(part(omar.page, "What is alleged")).to_contain_text("The old mill, east bank")
    for one in (ana, omar):
        one.visit.check()
        one.visit.expected = ()


def test_a_document_is_named_with_its_hash_and_comes_as_a_file(desk: Desk, case_file: str) -> None:
    ana = desk[1]["ana"]
    page = ana.open(case_file)
    page.locator("summary", has_text="Attach a document").click()
    form = page.locator("form[data-form=attach]")
    form.get_by_role("button", name="Attach a document").click()
    expect(form.get_by_text("This is needed.")).to_be_visible()
    form.get_by_label("File").set_input_files(
        {"name": "notes <b>.txt", "mimeType": "text/plain", "buffer": b"<script>alert(1)</script>"}
    )
    form.get_by_role("button", name="Attach a document").click()
    listed = part(page, "Documents").locator("li", has_text="notes <b>.txt")
    expect(listed.locator("code")).to_have_text(re.compile(r"^[0-9a-f]{64}$"))
    with page.expect_download() as fetched:
        listed.get_by_role("link").click()
    assert fetched.value.path().read_bytes() == b"<script>alert(1)</script>"
    ana.visit.check()


def test_an_earlier_day_shows_the_file_as_it_was_and_offers_nothing(desk: Desk, case_file: str) -> None:
    ana = desk[1]["ana"]
    page = ana.open(f"{case_file}?known={ana.page.evaluate('new Date().toISOString().slice(0, 10)')}")
    expect(page.get_by_text("The file is shown as it was known then")).to_be_visible()
    expect(page.get_by_role("button", name="Admit")).to_have_count(0)
    expect(page.locator("main summary")).to_have_count(0)
    ana.visit.check()


def test_a_party_takes_what_it_was_told_as_a_file(desk: Desk) -> None:
    badr, ana = desk[1]["badr"], desk[1]["ana"]
    page = badr.open("/cases")
    page.get_by_text("What a party was told, as a file").click()
    assert badr.visit.axe() == []
    with page.expect_download() as coming:
        page.get_by_role("button", name="Take the file").click()
    assert coming.value.suggested_filename == "excerpt-northern-assembly.zip"
    with zipfile.ZipFile(coming.value.path()) as archive:
        assert archive.testzip() is None and archive.namelist()
    badr.visit.picture("cases-excerpt", whole=True)
    badr.visit.check()
    expect(ana.open("/cases").get_by_text("What a party was told, as a file")).to_have_count(0)


def test_the_list_filters_by_state_and_party_and_keeps_it_in_the_address(desk: Desk, case_file: str) -> None:
    ana = desk[1]["ana"]
    page = ana.open("/cases")
    title = page.get_by_role("link", name="Shots at the ferry")
    expect(title).to_be_visible()
    page.get_by_label("State of the case").select_option("Closed")
    expect(title).to_have_count(0)
    assert "state=closed" in page.url
    page.get_by_label("State of the case").select_option("Alleged")
    page.get_by_role("combobox", name="Party").select_option("Bank Brigade")
    expect(title).to_be_visible()
    page.get_by_label("Overdue only").check()
    expect(title).to_have_count(0)
    ana.visit.check()
    assert case_file


def test_what_is_new_follows_the_record(desk: Desk) -> None:
    ana, omar = desk[1]["ana"], desk[1]["omar"]
    filed(omar, "Flares over the belt")
    page = ana.open("/notices")
    page.get_by_role("button", name="I have seen this").click()
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    filed(omar, "Lights on the hill")
    expect(page.locator("li", has_text="Lights on the hill")).to_be_visible()  # unasked
    ana.visit.check()


def test_a_case_file_is_worked_on_by_keyboard(desk: Desk, case_file: str) -> None:
    ana = desk[1]["ana"]
    page = ana.open(case_file)
    summary = page.locator("summary", has_text=re.compile("^Comment$"))
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("form[data-form=case-file-comment] textarea")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("Seen from the ferry.")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "submit":
            break
    page.keyboard.press("Enter")
    expect(part(page, "Comments")).to_contain_text("Seen from the ferry.")
    expect(page.locator("[role=status].unseen")).to_have_text("Recorded in the ledger.")
    ana.visit.check()


PAGES = (
    "/cases", "/cases/new", "/symmetry", "/notices?since=0", "/news?since=0", "/submissions", "/account", "/sign-in",
)  # fmt: skip


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_no_page_shuts_anyone_out(desk: Desk, case_file: str, language: str, theme: str) -> None:
    ana = desk[1]["ana"]
    for path in (*PAGES, case_file):
        ana.visit.open(with_query(path, f"lang={language}&theme={theme}"))
        assert ana.visit.axe() == [], path
    ana.visit.check()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_the_screen(desk: Desk, case_file: str, width: int) -> None:
    for account, paths in (("ana", (*PAGES, case_file)), ("amal", ("/accounts?pick=ana",))):
        one = desk[1][account]
        one.page.set_viewport_size({"width": width, "height": 900})
        for path in paths:
            for language in ("en", "ar"):
                one.visit.open(with_query(path, f"lang={language}"))
                wide = one.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                name = re.sub(r"[^a-z]+", "-", path.split("?")[0]).strip("-")[:14]
                one.visit.picture(f"fits-{name}-{language}-{width}", whole=True)
                assert wide <= 0, f"{path} in {language} is {wide} px wider than {width}"
        one.page.set_viewport_size({"width": 1280, "height": 900})
        one.visit.check()
