"""What each role sees first: what is its own, and nothing that it is not told of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from ceasefire.model.roles import Role
from ceasefire.pipeline.workspace import Workspace

from .test_case_files import PEOPLE, Office, office
from .test_reading import edit_case

__all__ = ["office"]

READERS = sorted(who for who, (role, _) in PEOPLE.items() if role not in (Role.PUBLIC, Role.ADMINISTRATOR))
SIDES = ("northern-assembly", "republic")


def notified(office: Office, by: str = "northern-assembly", against: str = "republic", who: str = "lia") -> str:
    id_ = office.filed(filed_by=by, against=against, who=who)
    office.move("ana", id_, "admit")
    office.move("ana", id_, "assign", assignee="ana")
    office.move("ana", id_, "notify", offers=[{"party": against, "statement": "It is alleged."}])
    return id_


def words(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("path", ["home", "home/calendar", "home/access", "pack?week=2021-W16"])
def test_it_is_for_those_who_work_here(office: Office, path: str) -> None:
    assert office.ask("nobody", "GET", path).status_code == 401
    assert office.ask("adm", "GET", path).status_code == 403
    assert {office.ask(who, "GET", path).status_code for who in READERS} == {200}


def test_a_liaison_sees_its_own_party_and_no_file_it_was_not_told_of(office: Office) -> None:
    id_ = office.filed()  # by the assembly; the republic was not told yet
    assert office.get("rep", "home")["own"]["against"] == []
    assert [row["id"] for row in office.get("lia", "home")["own"]["filed"]] == [id_]
    assert office.get("ana", "home")["own"] is None
    assert office.get("gua", "home")["open_case_files"] == 0
    for transition, details in (("admit", {}), ("assign", {"assignee": "ana"})):
        office.move("ana", id_, transition, **details)
    office.move("ana", id_, "notify", offers=[{"party": "republic", "statement": "It is alleged."}])
    home = office.get("rep", "home")
    assert [row["id"] for row in home["own"]["against"]] == [id_]
    (clock,) = home["own"]["reply_clocks"]
    assert (clock["party"], clock["case_file_id"]) == ("republic", id_)
    assert office.get("lia", "home")["own"]["reply_clocks"] == []
    assert [one["party"] for one in office.get("ana", "home")["reply_clocks"]] == ["republic"]
    assert office.get("astor", "home")["open_case_files"] == 0
    office.move("rep", id_, "receive-reply", party="republic", text="It was not us.")
    assert office.get("rep", "home")["own"]["reply_clocks"] == []


@pytest.mark.parametrize(("by", "against", "who"), [(*SIDES, "lia"), (*SIDES[::-1], "rep")])
def test_a_clock_is_told_to_those_who_were_told_that_it_runs(office: Office, by: str, against: str, who: str) -> None:
    id_ = notified(office, by, against, who)
    office.post("ana", f"case-files/{id_}/offers", party="astor", statement="What did you see?")
    office.post(
        "head", f"case-files/{id_}/publications", what="spot-report", names=[against], text="Keep away.",
        safety_reason="Mines.",
    )  # fmt: skip
    clocks = {each: {one["party"] for one in office.get(each, "home")["reply_clocks"]} for each in READERS}
    assert clocks["ana"] == clocks["head"] == {against, "astor"}
    assert clocks["lia"] == clocks["rep"] == {against}
    assert clocks["astor"] == {"astor"}
    assert clocks["gua"] == set()  # it knows of the file by what was published, and of no dealings


@pytest.mark.parametrize("named", SIDES)
def test_a_publication_that_names_a_party_is_on_its_page_alone(office: Office, named: str) -> None:
    id_ = office.filed()
    office.post(
        "head", f"case-files/{id_}/publications", what="spot-report", names=[named], text="Keep away.",
        safety_reason="Mines.",
    )  # fmt: skip
    liaison, other = ("lia", "rep") if named == "northern-assembly" else ("rep", "lia")
    (published,) = office.get(liaison, "home")["own"]["published"]
    assert (published["party"], published["what"], published["reply_printed"]) == (named, "spot-report", False)
    assert office.get(other, "home")["own"]["published"] == []


def test_since_yesterday_compares_with_what_was_held_then(office: Office) -> None:
    home = office.get("ana", "home")
    assert home["since_position"] == 0  # everything was recorded today
    assert home["findings"] is None  # there was nothing to compare with: that is not "none changed"
    assert home["overdue"] == []
    position = home["position"]
    assert office.get("ana", f"home?as_known_on={position}")["position"] == position


def test_access_is_told_by_side_with_reasons(office: Office) -> None:
    id_ = notified(office)
    visit = {"began": "2021-04-20T09:00", "ended": "2021-04-20T11:00", "people": 2}
    for side, access, told in (("republic", "denied", ["republic"]), ("northern-assembly", "partial", [])):
        office.post(
            "mon", f"case-files/{id_}/visits", **visit, side=side, access=access, account="At the gate.",
            share_with=told,
        )  # fmt: skip
    office.post("mon", f"case-files/{id_}/clock/stop", reason="access-denied", denied_by="republic", note="No pass.")

    def line(who: str, side: str) -> dict[str, Any]:
        return next(one for one in office.get(who, "home/access")["sides"] if one["side"] == side)

    assert (line("ana", "republic")["visits"], line("ana", "republic")["visits_denied"]) == (1, 1)
    assert line("ana", "republic")["visit_hours"] == 0
    assert line("ana", "northern-assembly")["visit_hours"] == 2
    assert line("ana", "republic")["clocks_stopped"] == 1
    assert line("rep", "northern-assembly")["visits"] == 0  # it was not told of that one
    reasons = {one["reason"] for one in office.get("ana", "home/access")["entries"]}
    assert {"At the gate.", "No pass."} <= reasons
    assert "No pass." not in {one["reason"] for one in office.get("rep", "home/access")["entries"]}
    assert office.get("gua", "home/access")["watches"] > 0
    assert {one["kind"] for one in office.get("gua", "home/access")["entries"]} == {"coverage"}


def test_the_calendar_holds_what_obligations_say(office: Office) -> None:
    calendar = office.get("gua", "home/calendar")
    months = [one["month"] for one in calendar["months"]]
    assert months == sorted(months)
    assert calendar["month"] == months[-1]  # the latest up to now
    every = office.get("gua", "obligations?every_period=true")["obligations"]
    dated = sum(one["due_at_earliest"] is not None for one in every)
    told = 0
    for month in months:
        due = office.get("gua", f"home/calendar?month={month}")["due"]
        assert all(one["first_day"][:7] <= month <= one["last_day"][:7] for one in due)
        told += sum(one["count"] for one in due if one["first_day"][:7] == month)
    assert told == dated
    assert calendar["without_date"] == len(every) - dated
    assert office.ask("gua", "GET", "home/calendar?month=2021-13").status_code == 400


@pytest.mark.parametrize(("by", "against", "who"), [(*SIDES, "lia"), (*SIDES[::-1], "rep")])
def test_the_pack_of_a_delegation_holds_only_what_both_were_told(
    office: Office, by: str, against: str, who: str
) -> None:
    office.filed(filed_by=by, against=against, who=who)
    quiet = words(office.ask(who, "GET", "pack?week=2021-W16&language=en").content)
    assert "Shelling of the mill" not in quiet  # its own file, which the other side was not told of
    notified(office, by, against, who)
    for each in ("lia", "rep", "head"):
        assert "Shelling of the mill" in words(office.ask(each, "GET", "pack?week=2021-W16&language=en").content)
    for outsider in ("astor", "gua"):
        assert "Shelling of the mill" not in words(
            office.ask(outsider, "GET", "pack?week=2021-W16&language=en").content
        )
    same = {office.ask(each, "GET", "pack?week=2021-W16").content for each in ("lia", "rep")}
    assert len(same) == 1  # both delegations hold one document


def test_only_the_mission_is_given_the_missions_pack(office: Office) -> None:
    for who in ("lia", "rep", "gua"):
        assert office.ask(who, "GET", "pack?week=2021-W16&release=mission").status_code == 403
    answer = office.ask("ana", "GET", "pack?week=2021-W16&release=mission&language=en")
    assert answer.headers["content-type"] == "application/pdf"
    assert "Not to be handed to a delegation" in words(answer.content)
    assert office.ask("ana", "GET", "pack?week=2021-W99").status_code == 400


def test_that_a_file_was_opened_is_news_to_the_centre_alone(office: Office, folder: Path) -> None:
    office.filed()
    edit_case(folder)
    with Workspace.open(folder) as workspace:
        workspace.run()  # the news goes as far as the results
    told = {
        who: {one["kind"] for one in office.get(who, "whats-new?since_position=0")["entries"]}
        for who in ("lia", "rep", "astor", "gua", "mon", "ana", "head")
    }
    assert all(told[who] == {"workspace-created", "case-adopted"} for who in ("lia", "rep", "astor", "gua"))
    assert all("case-file-opened" in told[who] for who in ("mon", "ana", "head"))
