"""Sixty texts that would run a script, in every field, file name and report: none runs, none is reported."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect
from tests.browser.conftest import Served, Visit, serve
from tests.payloads import SCRIPT_PAYLOADS
from tests.warm_command import warm_command

from ceasefire.casework.people import Person
from ceasefire.model.roles import Role
from ceasefire.pipeline.casework import Casework, HeldCaseFiles
from ceasefire.pipeline.workspace import Workspace

ANA = Person(name="ana", roles=frozenset({Role.ANALYST}))
OMAR = Person(name="omar", roles=frozenset({Role.ANALYST}))
HANA = Person(name="hana", roles=frozenset({Role.HEAD}))
BADR = Person(name="badr", roles=frozenset({Role.LIAISON}), parties=frozenset({"northern-assembly"}))
ROSA = Person(name="rosa", roles=frozenset({Role.LIAISON}), parties=frozenset({"republic"}))
FORBIDDEN = (
    "script, img, iframe, object, embed, video, audio, base, meta, link, style, marquee, math, form[action], isindex"
)
"""What no page of ours makes in its content, and the texts ask for."""
FEWEST_THAT_RUN = 15
"""Of the texts, in a page that takes them for markup; the others need a click, or another browser."""
MAPPING = """
format: 1
source: { constant: isles-gazette }
source_report_id: id
time:
  start: { column: day, formats: ["%Y-%m-%d"] }
place:
  name: place
  latitude: y
  longitude: x
  precision: { constant: { precision: point, radius_km: 0.5 } }
text: words
acts:
  column: what
  values: { gun: [shelling] }
"""


def one_line(text: str) -> str:
    """Return a text as a field of one line takes it."""
    return " ".join(text.split())


def whole_file(office: dict[Person, Casework], text: str) -> str:
    """Take a case file through all its states, with a text wherever people write one; return its id.

    Past 40 lines because every field of casework stands in it once.
    """
    line = one_line(text)
    fields = {
        "title": line,
        "summary": text,
        "place": line,
        "accused": ["republic"],
        "clause_ids": ["A2"],
    }
    id_ = office[BADR].open(fields, filed_by="northern-assembly").row.id

    def move(person: Person, transition: str, **details: Any) -> None:
        base = office[person].read(id_).base
        office[person].move(id_, transition, base=base, reason=text, details=details)

    view = office[ANA].read(id_)
    revision = next(field.revision for field in view.fields if field.name == "summary")
    for person, more in ((ANA, "first"), (OMAR, "second")):
        change = {"field": "summary", "base": revision, "value": f"{text} {more}"}
        office[person].edit(id_, [change])
    conflict = office[ANA].read(id_).conflicts[0]
    office[ANA].resolve(id_, "summary", conflict=conflict.conflict, value=text, reason=text)
    office[ANA].grade(id_, "disputed", reason=text)
    office[ANA].comment(id_, text)
    office[ANA].declare_interest(id_, line, reason=text)
    move(ANA, "admit")
    move(ANA, "assign", assignee=line)
    move(ANA, "notify", offers=[{"party": "republic", "statement": text}])
    office[ANA].stop_clock(id_, reason="unsafe", note=text)
    office[ANA].restart_clock(id_, note=text)
    move(ROSA, "receive-reply", party="republic", text=text)
    # of a path only the last part is a file's name: with other strokes the whole text is one
    name = text.translate({ord("/"): "\u2215", ord("\\"): "\u2216"})
    attached = office[ANA].attach(id_, name, text.encode(), share_with=["republic"]).attachments[-1].position
    visit = {
        "began": "2021-05-04T09:00",
        "ended": "2021-05-04T10:00",
        "side": "republic",
        "people": 2,
        "access": "full",
        "account": text,
    }
    move(ANA, "visit", **visit)
    answered = {"answer": "yes", "reasons": text, "evidence": [f"attachment:{attached}"]}
    content = {
        **dict.fromkeys(("time_and_place", "bound_because", "independence", "alternatives", "confidence"), text),
        **dict.fromkeys(("fact", "attribution", "breach"), answered),
        "method": text,
        "clause_ids": ["A2"],
        "attributed_to": ["republic"],
        "remedies": [{"text": text, "bearer": "republic", "deadline": "2030-01-01"}],
    }
    move(ANA, "draft", body_id="joint-commission", content=content)
    draft = office[OMAR].read(id_).draft
    assert draft is not None
    move(OMAR, "sign", draft=draft.position)
    ballots = {"chair": "for", "assembly-1": "for", "republic-1": "abstains"}
    office[HANA].vote(
        id_, draft=draft.position, held_on="2021-06-01", present=[*ballots], ballots=ballots, minutes=text
    )
    office[HANA].dissent(id_, "republic-1", on="all", text=text)
    move(HANA, "determine", draft=draft.position)
    office[HANA].report_remedy(id_, 0, state="partly", note=text)
    office[HANA].publish(id_, what="determination", names=["republic"], text=text)
    return id_


def imported(folder: Path, tmp: Path) -> None:
    """Import a report for each text, with the text as its place and its words."""
    rows = ["id,day,place,words,x,y,what"]
    for number, text in enumerate(SCRIPT_PAYLOADS):
        quoted = '"' + one_line(text).replace('"', '""') + '"'
        rows.append(f"{number},2021-05-{number % 28 + 1:02d},{quoted},{quoted},{-43 + number / 100:.2f},26.7,gun")
    table, mapping = tmp / "rows.csv", tmp / "mapping.yaml"
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    program = [warm_command()]
    for command in (["import", str(table), "--as", "table", "--mapping", str(mapping)], ["run"]):
        done = subprocess.run(
            [*program, *command, "-w", str(folder)], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Served, dict[str, str]], None, None]:
    """Serve a record in which every field holds each of the texts."""
    tmp = tmp_path_factory.mktemp("hostile")
    server = serve("riverline", tmp / "riverline")
    served = next(server)
    imported(served.folder, tmp)
    with Workspace.open(served.folder) as workspace:
        held = HeldCaseFiles()
        office = {person: Casework.of(workspace, person, held=held) for person in (ANA, OMAR, HANA, BADR, ROSA)}
        files = {text: whole_file(office, text) for text in SCRIPT_PAYLOADS}
    yield served, files
    server.close()


def watched(context: BrowserContext, served: Served) -> tuple[Visit, list[str]]:
    """Return a tab, and the list of dialogs that its pages opened."""
    visit = Visit(context.new_page(), served.address)
    dialogs: list[str] = []

    def opened(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    visit.page.on("dialog", opened)
    return visit, dialogs


def poke(page: Page) -> None:
    """Open all that can be opened, and look for what only markup would have made."""
    page.locator("main details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    page.locator("main").dispatch_event("pointerover")
    assert page.locator(f"main :is({FORBIDDEN})").count() == 0
    handlers = page.locator("main *").evaluate_all(
        "all => all.flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith('on'))"
    )
    assert handlers == []
    links = page.locator("main a").evaluate_all("all => all.map((one) => one.protocol)")
    assert set(links) <= {"http:"}


def test_there_are_sixty_and_enough_of_them_would_run(browser: Browser) -> None:
    """Show each text to a page that takes it for markup: the control, without which nothing below says anything."""
    assert len(set(SCRIPT_PAYLOADS)) == len(SCRIPT_PAYLOADS) == 60
    context = browser.new_context()
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(status=404))
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    ran = 0
    for text in SCRIPT_PAYLOADS:
        dialogs.clear()
        page.set_content(f"<!doctype html><main>{text}</main>", wait_until="commit")
        page.wait_for_timeout(60)
        ran += bool(dialogs)
    context.close()
    assert ran >= FEWEST_THAT_RUN


def test_the_policy_reports_what_would_run_on_our_own_page(hostile: Any, context: BrowserContext) -> None:
    """Try to put a handler on an element of our own page: it is refused, and the watch that the tests keep sees it."""
    served, _ = hostile
    visit, dialogs = watched(context, served)
    page = visit.open("/cases?lang=en")
    refused = page.evaluate(
        "() => { try { const one = document.createElement('img'); one.setAttribute('onerror', 'alert(1)'); "
        "return ''; } catch (error) { return error.name; } }"
    )
    assert refused == "TypeError"
    page.wait_for_function("window.policyReports.length > 0")
    assert dialogs == []


def test_no_text_of_a_case_file_runs(hostile: Any, context: BrowserContext) -> None:
    served, files = hostile
    visit, dialogs = watched(context, served)
    visit.open("/cases?lang=en")
    for text, id_ in files.items():
        page = visit.go_on(f"/cases/{id_}?lang=en")
        expect(page.get_by_role("heading", level=1)).to_have_text(one_line(text))
        listed = page.locator("section", has=page.get_by_role("heading", name="Documents", exact=True)).locator("li")
        assert listed.count() == 1
        poke(page)
        page.get_by_role("button", name="Appeal").click()
        assert dialogs == [], text
        assert page.evaluate("window.policyReports") == [], text
    visit.picture("injection-case-file", whole=True)
    visit.check()


def test_no_text_runs_in_a_list(hostile: Any, context: BrowserContext) -> None:
    served, _ = hostile
    visit, dialogs = watched(context, served)
    for path in ("/cases?", "/cases?state=determined&", "/notices?since=0&", "/news?since=0&", "/symmetry?"):
        page = visit.open(f"{path}lang=en")
        poke(page)
    assert dialogs == []
    visit.check()


def test_no_text_of_a_report_runs_on_the_map_or_in_what_it_opens(hostile: Any, context: BrowserContext) -> None:
    served, _ = hostile
    with urllib.request.urlopen(f"{served.address}/api/v1/incidents?limit=1000", timeout=30) as answer:  # noqa: S310
        rows = json.load(answer)["incidents"]
    texts = {one_line(text) for text in SCRIPT_PAYLOADS}
    hostile_ones = [row for row in rows if row["place"]["name"] in texts]
    assert len({row["place"]["name"] for row in hostile_ones}) == len(texts)
    visit, dialogs = watched(context, served)
    page = visit.open("/map?lang=en")
    page.get_by_role("button", name="Show the whole area").click()
    visit.settle()
    poke(page)
    page.locator(".side a[href*='incident=']").first.click()
    visit.settle()
    poke(page)  # the panel beside the map
    for row in hostile_ones:
        page = visit.open(f"/incidents/{row['incident_id']}?lang=en")
        expect(page.locator(".facts")).to_contain_text(row["place"]["name"])
        poke(page)
        assert dialogs == [], row["place"]["name"]
        assert page.evaluate("window.policyReports") == [], row["place"]["name"]
    visit.check()


def test_no_text_runs_in_what_the_server_answers_to_a_form(hostile: Any, context: BrowserContext) -> None:
    served, _ = hostile
    visit, dialogs = watched(context, served)
    visit.expected = ("400",)
    page = visit.open("/cases/new?lang=en")
    for text in SCRIPT_PAYLOADS:
        page.get_by_label("Title").fill(one_line(text))
        page.get_by_label("What is alleged").fill(text)
        page.get_by_label("When, from").fill(one_line(text))  # refused, with the text in the sentence
        page.get_by_role("button", name="File it").click()
        expect(page.locator("#filing-occurred_from-fault")).to_be_visible()
        poke(page)
    assert dialogs == []
    visit.check()
