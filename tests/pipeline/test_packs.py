"""The commission's pack: what stands in it for whom, each side given the same room, one position one file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pypdfium2
import pytest

from ceasefire.bulletin.pack import languages_of_packs
from ceasefire.casework.people import Person
from ceasefire.model.casework import CaseState
from ceasefire.model.errors import UsageError
from ceasefire.model.roles import Role
from ceasefire.model.time import instant_text
from ceasefire.pipeline.registers import Registers
from ceasefire.pipeline.workspace import Workspace

from .test_bulletins_of_casework import ASSEMBLY, DAY, NAMES, REPUBLIC, Desk

WEEK = "2021-W16"


@pytest.fixture
def desk(workspace: Workspace) -> Iterator[Desk]:
    desk = Desk(workspace)
    yield desk
    desk.ledger.close()


def words(content: bytes) -> str:
    """Return the text of every page, white space made single, marks of direction left out."""
    document = pypdfium2.PdfDocument(content)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return re.sub(r"\s+", " ", re.sub("[\u2066-\u2069\u200e\u200f\ufffe]", "", text))


def english(workspace: Workspace, **options: Any) -> str:
    return words(workspace.pack(week=WEEK, language="en", **options))


def test_one_position_gives_one_file_and_no_entry(workspace: Workspace, desk: Desk) -> None:
    desk.notified(REPUBLIC, ASSEMBLY)
    size = workspace.ledger.size
    assert workspace.pack(week=WEEK, meeting="2021-05-03") == workspace.pack(week=WEEK, meeting="2021-05-03")
    assert workspace.ledger.size == size
    before = workspace.pack(week=WEEK, as_of=size)
    desk.notified(ASSEMBLY, REPUBLIC)
    assert workspace.pack(week=WEEK, as_of=size) == before
    assert workspace.pack(week=WEEK) != before


def test_it_has_agenda_disputes_minutes_decisions_and_a_line_for_everyone(workspace: Workspace, desk: Desk) -> None:
    told = english(workspace, meeting="2021-05-03")
    for head in ("Agenda", "Contested clause checks", "Case files in dispute", "Minutes", "Decisions", "Signatures"):
        assert head in told
    assert "Meeting of 2021-05-03" in told
    assert "Nothing is recorded in the ledger for this meeting" in told
    assert "Clause checks contested in the period: 1" in told
    after = told[told.index("Signing attests") :]
    for member in desk.case.casework.bodies[0].members:
        assert member.name in after
    assert after.count("Reservation:") == len(desk.case.casework.bodies[0].members)


@pytest.mark.parametrize(("by", "against"), [(REPUBLIC, ASSEMBLY), (ASSEMBLY, REPUBLIC)])
def test_a_disputed_file_gives_both_sides_the_same_room(
    workspace: Workspace, desk: Desk, by: str, against: str
) -> None:
    id_ = desk.notified(by, against)
    other = desk("other", Role.LIAISON, against)
    desk.move(other, id_, "receive-reply", party=against, text="Twelve rounds were not ours.")
    content = workspace.pack(week=WEEK, language="en")
    assert f"{NAMES[by]} alleges" in words(content)
    assert f"{NAMES[against]} replies" in words(content)
    document = pypdfium2.PdfDocument(content)
    found: dict[str, tuple[float, float]] = {}
    for page in document:
        for thing in page.get_objects(filter=(pypdfium2.raw.FPDF_PAGEOBJ_TEXT,), textpage=page.get_textpage()):
            for key in ("Twelve rounds.", "Twelve rounds were"):
                if thing.extract().startswith(key):
                    found[key] = (round(thing.get_font_size(), 2), round(thing.get_bounds()[3], 0))
    document.close()
    assert len(found) == 2
    assert found["Twelve rounds."] == found["Twelve rounds were"]  # as large, and as high on the page


def test_minutes_and_decisions_are_those_of_the_ledger(workspace: Workspace, desk: Desk) -> None:
    desk.determined(REPUBLIC, ASSEMBLY)
    told = words(workspace.pack(week=desk.week, language="en"))
    assert "The room met." in told
    assert "for 2, against 0, abstained 1" in told
    assert "Fact: yes · Attribution: yes · Breach: yes (Northern Assembly)" in told
    assert "Dissent (Second delegate of the Assembly): The craters point the other way." in told


def test_what_a_party_was_not_told_is_for_the_mission_alone(workspace: Workspace, desk: Desk) -> None:
    fields = {"title": "Guns at the mill", "summary": "Seen at dusk.", "accused": [ASSEMBLY], "clause_ids": ["A2"]}
    desk("liaison", Role.LIAISON, REPUBLIC).open(fields, filed_by=REPUBLIC)
    public, mission = english(workspace), english(workspace, release="mission")
    assert "Guns at the mill" not in public
    assert "Guns at the mill" in mission
    assert "Not to be handed to a delegation" in mission
    assert "Not to be handed" not in public


def test_a_reply_not_shared_is_neither_printed_nor_denied(workspace: Workspace, desk: Desk) -> None:
    id_ = desk.notified(REPUBLIC, ASSEMBLY)
    desk.now += 9 * DAY
    desk("other", Role.LIAISON, ASSEMBLY).reply(id_, ASSEMBLY, text="Late, but no.")
    desk("analyst", Role.ANALYST).grade(id_, "disputed", reason="It replied.")
    told = english(workspace)
    assert "Late, but no." not in told
    assert "No reply by" not in told
    assert "The reply has not been shared with every party" in told
    assert "Late, but no." in english(workspace, release="mission")


def test_places_are_told_by_release_class(workspace: Workspace) -> None:
    assert "Reedham market" not in english(workspace)
    assert "Reedham market" in english(workspace, release="mission")


def test_every_language_of_the_case_that_has_words_is_whole(workspace: Workspace) -> None:
    both, one = workspace.pack(week=WEEK), workspace.pack(week=WEEK, language="en")
    assert len(pypdfium2.PdfDocument(both)) == 2 * len(pypdfium2.PdfDocument(one))
    assert words(both).startswith("Pack for the joint commission")  # in the order in which the case gives its titles
    assert re.search(rb"/Lang ?\(ar\)", workspace.pack(week=WEEK, language="ar"))
    with pytest.raises(UsageError, match="no words for a pack"):
        workspace.pack(week=WEEK, language="xx")


def test_languages_have_the_same_words() -> None:
    folder = files("ceasefire.bulletin") / "words"
    read = {one: json.loads((folder / f"{one}.json").read_text(encoding="utf-8")) for one in languages_of_packs()}
    assert {"ar", "en"} <= set(read)
    for one in read.values():
        assert set(one) == set(read["en"])
        assert set(one["states"]) == {state.value for state in CaseState}
        for key, text in one.items():
            english_text = read["en"][key]
            if isinstance(text, str):
                assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", english_text)), key
            else:
                assert set(text) == set(english_text), key


@pytest.mark.parametrize("wrong", [{"week": "2021-W99"}, {"meeting": "tomorrow"}, {"body": "none"}, {"release": "x"}])
def test_what_is_not_there_is_refused(workspace: Workspace, wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        workspace.pack(**{"week": WEEK, **wrong})


LISTS = {
    REPUBLIC: "R1,Reedham,26.68,-42.90,shelling,Northern Assembly\n"
    "R3,Old Town,26.43,-42.86,small-arms-fire,Northern Assembly",
    ASSEMBLY: "17/1,Reedham,26.681,-42.899,shelling,Republic of Velmar\n"
    "17/3,Bridge Two,26.60,-42.70,small-arms-fire,Republic of Velmar",
}
DAY_OF_LISTS, WEEK_OF_LISTS = "2021-06-14", "2021-W24"


def registers_of(desk: Desk, role: Role, *parties: str) -> Registers:
    person = Person(name=role.value, roles=frozenset({role}), parties=frozenset(parties))
    return Registers(
        ledger=desk.ledger, batches=desk.workspace.batches, case=desk.case, person=person, clock=lambda: desk.now
    )


def test_what_only_one_register_has_stands_beside_what_only_the_other_has(workspace: Workspace, desk: Desk) -> None:
    analyst = registers_of(desk, Role.ANALYST)
    analyst.set_day(DAY_OF_LISTS, (REPUBLIC, ASSEMBLY), cut_off=instant_text(desk.now + DAY))
    keys = {}
    for party, rows in LISTS.items():
        dated = "\n".join(row.replace(",", f",{DAY_OF_LISTS},", 1) for row in rows.split("\n"))
        text = f"no,day,place,latitude,longitude,kind,accused\n{dated}\n".encode()
        keys[party] = registers_of(desk, Role.LIAISON, party).submit(DAY_OF_LISTS, party, "l.csv", content=text).key
    sealed = words(workspace.pack(week=WEEK_OF_LISTS, language="en"))
    assert "No registers of days of the period have been opened." in sealed
    assert "Old Town" not in sealed
    desk.now += 2 * DAY
    for party, key in keys.items():
        assert key is not None
        registers_of(desk, Role.LIAISON, party).give_key(DAY_OF_LISTS, party, key=key)
    registers_of(desk, Role.LIAISON, ASSEMBLY).answer(DAY_OF_LISTS, ASSEMBLY, "R3", answer="disputes", reason="No.")
    told = words(workspace.pack(week=WEEK_OF_LISTS, language="en"))
    assert "Register entries that only one side has: 2" in told
    for party in LISTS:
        assert f"Only {NAMES[party]} lists: 1" in told
    assert told.index("Only Northern Assembly lists") < told.index("Only Republic of Velmar lists")  # by the alphabet
    assert "R3: small arms fire, Old Town (the other side disputes it)" in told
    assert "17/3: small arms fire, Bridge Two (no answer)" in told
    assert "R1: " not in told  # both have it
    registers_of(desk, Role.LIAISON, REPUBLIC).amend(DAY_OF_LISTS, REPUBLIC, "withdraw", no="R3", reason="Mistaken.")
    told = words(workspace.pack(week=WEEK_OF_LISTS, language="en"))
    assert "R3: small arms fire, Old Town (withdrawn by the side that lists it) (the other side disputes it)" in told
    assert "No registers of days of the period" in words(workspace.pack(week="2021-W23", language="en"))


@pytest.mark.parametrize("party", [REPUBLIC, ASSEMBLY])
def test_where_one_list_was_not_opened_nothing_is_said_to_be_on_one_alone(
    workspace: Workspace, desk: Desk, party: str
) -> None:
    analyst = registers_of(desk, Role.ANALYST)
    analyst.set_day(DAY_OF_LISTS, (REPUBLIC, ASSEMBLY), cut_off=instant_text(desk.now + DAY))
    text = f"no,day,kind\nN1,{DAY_OF_LISTS},shelling\nN2,{DAY_OF_LISTS},shelling\n".encode()
    key = registers_of(desk, Role.LIAISON, party).submit(DAY_OF_LISTS, party, "l.csv", content=text).key
    desk.now += 2 * DAY
    other = ASSEMBLY if party == REPUBLIC else REPUBLIC
    registers_of(desk, Role.ANALYST).declare_missing(DAY_OF_LISTS, other, reason="None came.")
    registers_of(desk, Role.LIAISON, party).give_key(DAY_OF_LISTS, party, key=str(key))
    told = words(workspace.pack(week=WEEK_OF_LISTS, language="en"))
    assert f"{NAMES[party]} Its list is open and has entries: 2." in told
    assert f"{NAMES[other]} Its list was not opened" in told
    assert f"Only {NAMES[party]} lists" not in told and f"Only {NAMES[other]} lists" not in told
