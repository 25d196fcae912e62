"""A bulletin carries what casework published: the ruling, its dissent and remedies, and every reply as large."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pypdfium2
import pytest

from ceasefire.casework.people import Person
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.roles import Role
from ceasefire.model.time import local_date
from ceasefire.pipeline.casework import Casework
from ceasefire.pipeline.history import Kind
from ceasefire.pipeline.workspace import Workspace

DAY = 86_400_000_000
WEEK = "2021-W16"
REPLY = "We did not fire.\nOur guns stood in their shelters."
DISSENT = "The craters point the other way."
ASSEMBLY, REPUBLIC = "northern-assembly", "republic"
NAMES = {ASSEMBLY: "Northern Assembly", REPUBLIC: "Republic of Velmar"}


class Desk:
    """Casework on a workspace's ledger, under a clock that the test moves."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.now = time.time_ns() // 1000
        self.ledger = Ledger.open(workspace.folder / "ledger.sqlite", clock=lambda: self.now)
        self.case = workspace.case_at()

    def __call__(self, name: str, role: Role, *parties: str) -> Casework:
        person = Person(name=name, roles=frozenset({role}), parties=frozenset(parties))
        return Casework(
            ledger=self.ledger,
            batches=self.workspace.batches,
            rules=self.case.casework,
            zone=self.case.zone,
            person=person,
            clock=lambda: self.now,
        )

    def move(self, who: Casework, id_: str, transition: str, /, **details: Any) -> None:
        who.move(id_, transition, base=who.read(id_).base, reason=f"For {transition}.", details=details)

    @property
    def week(self) -> str:
        year, week, _ = local_date(self.now, self.case.zone).isocalendar()
        return f"{year}-W{week:02}"

    def notified(self, by: str, against: str, **fields: Any) -> str:
        analyst, head = self("analyst", Role.ANALYST), self("head", Role.HEAD)
        given = {"title": "Shelling at Ford", "summary": "Twelve rounds.", "accused": [against], "clause_ids": ["A2"]}
        id_ = self("liaison", Role.LIAISON, by).open({**given, **fields}, filed_by=by).row.id
        self.move(analyst, id_, "admit")
        self.move(head, id_, "assign", assignee="analyst")
        self.move(analyst, id_, "notify", offers=[{"party": against, "statement": "It is alleged."}])
        return id_

    def determined(self, by: str, against: str, **fields: Any) -> str:
        """Take an allegation to a published determination with a dissent and a remedy."""
        analyst, second, head = self("analyst", Role.ANALYST), self("second", Role.ANALYST), self("head", Role.HEAD)
        id_ = self.notified(by, against, **fields)
        self.move(self("other", Role.LIAISON, against), id_, "receive-reply", party=against, text=REPLY)
        self.move(analyst, id_, "review")
        yes = {"answer": "yes", "reasons": "Seen from the hill.", "evidence": ["rep-1"]}
        content = {
            "clause_ids": ["A2"],
            "time_and_place": "21 April, the mill at Lower Ford.",
            "bound_because": "It signed.",
            "fact": yes,
            "attribution": yes,
            "attributed_to": [against],
            "breach": yes,
            "independence": "Two lineages.",
            "alternatives": "An accident.",
            "confidence": "High.",
            "method": "Crater analysis.",
            "remedies": [{"text": "Withdraw the mortars.", "bearer": against, "deadline": "2021-06-01"}],
        }
        self.move(analyst, id_, "draft", body_id="joint-commission", content=content)
        draft = head.read(id_).draft
        assert draft is not None
        self.move(second, id_, "sign", draft=draft.position)
        ballots = {"chair": "for", "republic-1": "for", "assembly-1": "abstains"}
        day = local_date(self.now, self.case.zone).isoformat()
        head.vote(
            id_, draft=draft.position, held_on=day, present=list(ballots), ballots=ballots, minutes="The room met."
        )
        head.dissent(id_, "assembly-2", on="attribution", text=DISSENT)
        self.move(head, id_, "determine", draft=draft.position)
        head.publish(
            id_, what="determination", names=[against], text=f"The commission found a violation by {NAMES[against]}."
        )
        return id_


@pytest.fixture
def desk(workspace: Workspace) -> Desk:
    return Desk(workspace)


def section(workspace: Workspace, **options: Any) -> dict[str, Any] | None:
    content = json.loads(workspace.bulletin(format="json", **options).content)
    return next((one for one in content["sections"] if one["key"] == "casework"), None)


def plain(text: str | dict[str, str]) -> str:
    return text if isinstance(text, str) else text["text"]


def test_without_casework_nothing_changes(workspace: Workspace, desk: Desk) -> None:
    before = workspace.bulletin(week=WEEK, format="html")
    desk.notified(REPUBLIC, ASSEMBLY)
    again = workspace.bulletin(week=WEEK, format="html")
    assert again.issued_before
    assert again.content == before.content
    assert section(workspace, week=WEEK) is None
    assert all(
        "casework" not in e.payload["edition"] for e in workspace.ledger.entries() if e.kind == "bulletin-issued"
    )


@pytest.mark.parametrize(("by", "against"), [(REPUBLIC, ASSEMBLY), (ASSEMBLY, REPUBLIC)])
def test_a_determination_is_told_whole_and_the_reply_beside_it(
    workspace: Workspace, desk: Desk, by: str, against: str
) -> None:
    desk.determined(by, against)
    found = section(workspace, week=desk.week)
    assert found is not None
    (notice,) = found["notices"]
    facts = {label: plain(value) for label, value in notice["facts"]}
    assert facts["Body"] == "Joint Commission"
    assert facts["Mandate"].endswith("under Article 11")
    assert facts["Rules"] == "Consensus, a quorum of 3 of 5, with someone of each party"
    assert facts["Vote"].startswith("2 for, none against, 1 abstained; three members present on ")
    assert facts["Standard of proof"] == "Reasonable grounds to believe"
    assert facts["Fact (did it happen)"] == "Yes"
    assert facts["Attribution (who did it)"] == f"Yes, to {NAMES[against]}"
    assert facts["Breach (was the clause breached)"] == "Yes"
    assert facts["Remedy 1"] == f"Withdraw the mortars. By {NAMES[against]}, by 1 Jun 2021; nothing reported of it."
    centre, reply, dissent = notice["voices"]
    assert centre["speaker"] == "The centre"
    assert reply == {"speaker": f"{NAMES[against]} replies", "day": "", "paragraphs": REPLY.split("\n")}
    assert dissent["speaker"] == "Second delegate of the Assembly, sent by Northern Assembly, dissents on attribution"
    assert dissent["paragraphs"] == [DISSENT]
    assert notice["warnings"] == []


def test_the_public_is_not_told_the_place_or_the_reasons(workspace: Workspace, desk: Desk) -> None:
    desk.determined(REPUBLIC, ASSEMBLY, title="Shelling of the mill at Lower Ford", place="Lower Ford, the mill")
    public = workspace.bulletin(week=desk.week, format="json").content.decode()
    for held_back in ("Lower Ford", "Seen from the hill", "Twelve rounds", "The room met", "Crater analysis"):
        assert held_back not in public
    mission = workspace.bulletin(week=desk.week, format="json", release="mission").content.decode()
    for told in ("Lower Ford", "Yes, to Northern Assembly. Seen from the hill.", "Crater analysis."):
        assert told in mission


def test_no_reply_is_said_and_a_later_one_is_added(workspace: Workspace, desk: Desk) -> None:
    id_ = desk.notified(REPUBLIC, ASSEMBLY)
    until = local_date(desk.now, desk.case.zone) + timedelta(days=7)
    desk.now += 9 * DAY
    head = desk("head", Role.HEAD)
    head.publish(id_, what="progress", names=[ASSEMBLY], text="It is examined.")
    first = workspace.bulletin(week=desk.week, format="json")
    found = section(workspace, week=desk.week)
    assert found is not None
    assert found["notices"][0]["voices"][1] == {
        "speaker": "Northern Assembly, named here",
        "day": "",
        "paragraphs": [f"No reply by {until}."],
    }
    desk("other", Role.LIAISON, ASSEMBLY).reply(id_, ASSEMBLY, text="لم نفعل ذلك.")
    second = workspace.bulletin(week=desk.week, format="json")
    assert (first.number, second.number) == (1, 2)
    assert json.loads(second.content)["errata"]
    found = section(workspace, week=desk.week)
    assert found is not None
    later = found["notices"][0]["voices"][2]
    assert later["speaker"] == "Northern Assembly replies, after this was published"
    assert later["paragraphs"] == [{"text": "لم نفعل ذلك.", "language": "und-Arab"}]


def test_a_spot_report_says_that_it_goes_first(workspace: Workspace, desk: Desk) -> None:
    id_ = desk.notified(REPUBLIC, ASSEMBLY)
    desk("head", Role.HEAD).publish(
        id_, what="spot-report", names=[ASSEMBLY], text="Do not use the ford.", safety_reason="Mines were seen."
    )
    until = local_date(desk.now, desk.case.zone) + timedelta(days=7)
    found = section(workspace, week=desk.week)
    assert found is not None
    (notice,) = found["notices"]
    assert notice["warnings"] == [
        "Published before the replies of those it names, for the safety of people: Mines were seen."
    ]
    # it was told while a reply was awaited: that is not "no reply"
    assert notice["voices"][1]["paragraphs"] == [f"Asked to reply by {until}; published for safety before that."]


def test_it_stands_in_the_bulletin_of_its_event_and_as_of_before_it_does_not(workspace: Workspace, desk: Desk) -> None:
    position = workspace.ledger.size
    id_ = desk.determined(REPUBLIC, ASSEMBLY, occurred_from="2021-04-21")
    found = section(workspace, week=WEEK)
    assert found is not None
    assert found["paragraphs"][-1].startswith("What was told at another time")
    assert section(workspace, week="2021-W17") is None
    assert section(workspace, week=WEEK, as_of=position) is None
    desk.move(desk("other", Role.LIAISON, ASSEMBLY), id_, "appeal", party=ASSEMBLY)
    found = section(workspace, week=WEEK)
    assert found is not None
    assert found["notices"][0]["warnings"][0].startswith("An appeal has been pending since")


class _Voices(HTMLParser):
    """Collects the class of every voice, and the tags inside it."""

    def __init__(self) -> None:
        super().__init__()
        self.voices: list[list[tuple[str, str | None]]] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("class") == "voice":
            self.voices.append([])
            self.depth = 1
        elif self.depth:
            self.voices[-1].append((tag, given.get("class")))
            self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        self.depth -= bool(self.depth and tag)


def test_every_voice_is_as_large_and_the_edition_is_frozen(workspace: Workspace, desk: Desk) -> None:
    desk.determined(REPUBLIC, ASSEMBLY)
    html = workspace.bulletin(week=desk.week, format="html")
    pdf = workspace.bulletin(week=desk.week, format="pdf")
    assert html.number == pdf.number
    parsed = _Voices()
    parsed.feed(html.content.decode())
    assert len(parsed.voices) == 3
    assert {tag for voice in parsed.voices for tag, _ in voice} == {"h4", "span", "p"}
    assert {mark for voice in parsed.voices for _, mark in voice} == {None, "day"}
    document = pypdfium2.PdfDocument(pdf.content)
    sizes: dict[str, set[float]] = {}
    for page in document:
        for thing in page.get_objects(filter=(pypdfium2.raw.FPDF_PAGEOBJ_TEXT,), textpage=page.get_textpage()):
            text = thing.extract()
            for key in ("We did not fire.", "The craters point", "The commission found"):
                if key in text:
                    sizes.setdefault(key, set()).add(round(thing.get_font_size() * thing.get_matrix().a, 2))
    document.close()
    assert len(sizes) == 3
    assert len(set().union(*sizes.values())) == 1
    entry = next(e for e in workspace.ledger.entries() if e.kind == Kind.BULLETIN_ISSUED)
    assert entry.payload["edition"]["casework"] == html.edition.casework > 0
    assert date.fromisoformat(entry.payload["edition"]["first_day"])
