"""Two registers as programs meet them: each role at each door, before and after the lists are opened."""

from __future__ import annotations

from typing import Any

import pytest

from ceasefire.casework.registers.permissions import REGISTER_PERMISSIONS
from ceasefire.centre.description import described
from ceasefire.model.roles import FieldClass, Role
from ceasefire.release.policy import Operation, allowed
from ceasefire.release.telling import WITHHELD

from .test_case_files import PEOPLE, Office, incident, office

__all__ = ["incident", "office"]
DAY = "2021-06-14"
A, B = "republic", "northern-assembly"
ID = f"{DAY}.{B}.{A}"
AT = f"registers/{ID}"
HEAD = "no,day,place,latitude,longitude,kind,accused,killed\n"
LISTS = {
    A: HEAD + f"R1,{DAY},Quernmore,26.68,-42.90,shelling,Northern Assembly,3\n",
    B: HEAD + f"17/1,{DAY},Quernmore,26.681,-42.899,shelling,Republic of Velmar,5\n"
    f"17/2,{DAY},Sallow,26.43,-42.86,shelling,Republic of Velmar,\n",
}
WHO = {A: "rep", B: "lia"}
MISSION = {"mon", "ana", "two", "head"}


def set_day(office: Office) -> Any:
    return office.post("ana", "registers", day=DAY, party_a=A, party_b=B, cut_off="2099-01-01T18:00")


def submit(office: Office, party: str) -> str:
    said = office.post(WHO[party], f"{AT}/lists", party=party, name="list.csv", content=LISTS[party])
    assert said["entries"] == LISTS[party].count("\n") - 1
    return str(said["key"])


def opened(office: Office) -> Any:
    set_day(office)
    keys = {party: submit(office, party) for party in (A, B)}
    office.post("head", f"{AT}/closing", reason="Both are in.")
    for party in (A, B):
        view = office.post(WHO[party], f"{AT}/keys", party=party, key=keys[party])
    return view


def test_from_the_day_to_the_agreed_figure(office: Office) -> None:
    view = opened(office)
    assert [(one["group"], one["entries_a"], one["entries_b"]) for one in view["pairs"]] == [
        ("both", ["R1"], ["17/1"]),
        ("only-b", [], ["17/2"]),
    ]
    office.post("ana", f"{AT}/verdicts", entry_a="R1", entry_b="17/1", verdict="one-event", reason="One salvo.")
    office.post("lia", f"{AT}/answers", party=B, no="R1", answer="disputes", reason="Nobody fired.")
    office.post("lia", f"{AT}/withdrawals", party=B, no="17/2", reason="Mistaken.")
    view = office.post("rep", f"{AT}/figures", kind="shelling", low=1, high=1, counts="Told by both.")
    figure = view["figures"][0]["figure"]
    for party in (A, B):
        view = office.post(WHO[party], f"{AT}/signatures", party=party, figure=figure)
    assert view["figures"][0]["is_agreed"] is True
    view = office.post("rep", f"{AT}/unsignings", party=A, figure=figure, reason="Counted anew.")
    assert view["figures"][0]["is_agreed"] is False
    office.post("ana", f"{AT}/grounds", kind="all", reason="They never met.")
    office.refused(400, "ana", f"{AT}/matchings", reason="Once more.")  # what would be kept nowhere is not taken
    office.post("ana", f"{AT}/matchings")
    seen = office.get("gua", AT)
    assert seen["list_a"]["entries"][0]["answer"]["answer"] == "disputes"
    assert seen["list_b"]["entries"][1]["amendments"][0]["change"] == "withdraw"
    assert {one["code"] for one in seen["estimates"][0]["obstacles"]} == {"one-sided", "few-in-common"}
    position = office.get("ana", "registers")["position"]
    assert office.get("ana", f"{AT}?as_known_on={position - 3}")["figures"][0]["is_agreed"] is True


@pytest.mark.parametrize(("party", "other"), [(A, B), (B, A)])
def test_before_the_opening_a_list_is_told_to_nobody(office: Office, party: str, other: str) -> None:
    set_day(office)
    keys = {each: submit(office, each) for each in (A, B)}
    for who in sorted(PEOPLE):
        for path in (AT, "registers", "whats-new?since_position=0"):
            told = office.ask(who, "GET", path).text
            assert "Quernmore" not in told and "17/1" not in told and keys[party] not in told
    own = office.post(WHO[party], f"{AT}/own-list", party=party, key=keys[party])
    assert "Quernmore" in str(own)
    before = office.client.app.state.record.position
    for who in sorted(PEOPLE):
        if who != WHO[party]:
            answer = office.ask(who, "POST", f"{AT}/own-list", json={"party": party, "key": keys[party]})
            assert answer.status_code in (401, 403, 404), (who, answer.text)
    office.refused(409, WHO[party], f"{AT}/keys", party=party, key=keys[party])  # too early
    office.post("head", f"{AT}/closing", reason="Both are in.")
    view = office.post(WHO[party], f"{AT}/keys", party=party, key=keys[party])
    assert (view["row"]["state"], view["list_a"]["entries"], view["list_b"]["entries"]) == (
        "cut-off-passed",
        None,
        None,
    )
    for who in sorted(PEOPLE):  # one key alone opens nothing, to nobody
        assert "Quernmore" not in office.ask(who, "GET", AT).text
    assert office.client.app.state.record.position == before + 2


def doors(office: Office, method: str) -> dict[str, dict[str, Any]]:
    paths = described(office.client.app)["paths"]
    return {
        path: said[method] for path, said in paths.items() if method in said and path.startswith("/api/v1/registers")
    }


def test_who_of_the_centre_or_of_the_other_side_did_what_is_told_to_the_centre_alone(office: Office) -> None:
    opened(office)
    office.post("two", f"{AT}/verdicts", entry_a="R1", entry_b="17/1", verdict="one-event", reason="One salvo.")

    def names(told: Any) -> set[str]:
        if isinstance(told, list):
            return set().union(*map(names, told))
        if not isinstance(told, dict):
            return set()
        return ({told["by"]} if "by" in told else set()) | set().union(*map(names, told.values()))

    for who in ("lia", "rep", "gua"):
        assert names(office.get(who, AT)) == set()
    assert names(office.get("mon", AT)) == {"ana", "two", "head", "lia", "rep"}


def withheld(told: Any) -> set[str]:
    """Return the names of what is left out anywhere in an answer."""
    if not isinstance(told, dict | list):
        return set()
    inner = told if isinstance(told, list) else told.values()
    return set().union(*map(withheld, inner), told.get(WITHHELD, ()) if isinstance(told, dict) else ())


@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_each_role_at_each_door(office: Office, who: str) -> None:
    opened(office)
    role, party = PEOPLE[who]
    assert len(doors(office, "post")) == 16
    for method in ("get", "post"):
        for path, said in doors(office, method).items():
            address = path.removeprefix("/api/v1/").format(register_day_id=ID)
            answer = office.ask(who, method.upper(), address, **({} if method == "get" else {"content": b"{}"}))
            if not allowed(role, Operation(said["x-operation"]), FieldClass.PUBLIC):
                assert answer.status_code == (401 if role is Role.PUBLIC else 403), path
            elif method == "post":
                assert answer.status_code == 415, path  # not JSON; the door itself was open
            else:
                is_side = party in (A, B)
                expected = 200 if who in MISSION or is_side or who == "gua" or "{" not in path else 404
                assert answer.status_code == expected, (path, answer.text)
                if expected == 200:  # who did it is all that is withheld of what is told
                    assert withheld(answer.json()) <= (set() if who in MISSION else {"by"}), path


@pytest.mark.parametrize("kind", REGISTER_PERMISSIONS)
def test_the_doors_are_open_to_those_who_may_say_something(kind: str) -> None:
    permission = REGISTER_PERMISSIONS[kind]  # type: ignore[index]
    operations = {
        (True, False): Operation.KEEP_REGISTERS,
        (False, True): Operation.SPEAK_IN_REGISTERS,
        (True, True): Operation.PROPOSE_FIGURE,  # and matching, which comes with the opening of a list
    }
    operation = operations[bool(permission.roles), permission.by_liaison]
    liaisons = {Role.LIAISON} if permission.by_liaison else set()
    assert {role for role in Role if allowed(role, operation, FieldClass.PUBLIC)} == permission.roles | liaisons


def test_the_key_is_told_to_the_side_alone(office: Office) -> None:
    description = described(office.client.app)
    said = description["components"]["schemas"]["ListIn"]["properties"]
    assert said["key"]["x-field-class"] == "own-party"
    for role in Role:
        may = allowed(role, Operation.SPEAK_IN_REGISTERS, FieldClass.OWN_PARTY, own=True)
        assert may == (role is Role.LIAISON)


def test_a_side_speaks_for_itself_alone(office: Office) -> None:
    set_day(office)
    content = {"name": "list.csv", "content": LISTS[A]}
    office.refused(403, "lia", f"{AT}/lists", party=A, **content)
    office.refused(404, "astor", f"{AT}/lists", party="astor", **content)
    office.refused(403, "head", f"{AT}/lists", party=A, **content)
    opened_view = office.get("rep", AT)
    assert opened_view["speaks_for"] == [A]
    assert set(opened_view["may"]) == {"register-list-submitted"}


def test_a_list_that_lost_letters_on_its_way_is_not_sealed(office: Office) -> None:
    set_day(office)
    lost = LISTS[A].replace("Quernmore", "Quernm\ufffdre")  # as a browser reads what is not UTF-8
    said = office.refused(400, "rep", f"{AT}/lists", party=A, name="list.csv", content=lost)
    assert "1 of its letters" in said["what"]


def test_every_fault_of_a_list_is_told_with_its_line(office: Office) -> None:
    set_day(office)
    content = LISTS[B].replace("26.681", "96.681").replace("26.43", "x")
    said = office.refused(400, "lia", f"{AT}/lists", party=B, name="list.csv", content=content)
    assert said["where"] == "line 2, line 3"
    assert "Line 2:" in said["what"] and "Line 3:" in said["what"]


@pytest.mark.parametrize(
    ("who", "path", "said"),
    [
        ("lia", f"{AT}/sealed-lists", {"party": B, "content": "{}"}),
        ("lia", f"{AT}/sealed-lists", {"party": B, "content": '{"ceasefire_sealed_list": 1}'}),
        ("lia", f"{AT}/keys", {"party": B, "key": "A" * 52}),
        ("ana", "registers", {"day": "2021-06-31", "party_a": A, "party_b": B, "cut_off": "2099-01-01T18:00"}),
        ("ana", "registers", {"day": DAY, "party_a": A, "party_b": A, "cut_off": "2099-01-01T18:00"}),
        ("ana", "registers", {"day": "2021-06-15", "party_a": A, "party_b": B, "cut_off": "9999-99-99"}),
        ("ana", "registers", {"day": "9999-12-31", "party_a": A, "party_b": B, "cut_off": "2031-01-01T18:00"}),
        ("ana", "registers", {"day": "2021-06-15", "party_a": A, "party_b": B, "cut_off": "9999-12-31"}),
    ],
)
def test_nonsense_is_refused_in_a_sentence(office: Office, who: str, path: str, said: dict[str, Any]) -> None:
    set_day(office)
    answer = office.ask(who, "POST", path, json=said)
    assert answer.status_code in (400, 409), answer.text
    assert answer.json()["what"] and answer.json()["do"]


def test_totals_are_told_as_totals(office: Office) -> None:
    days = office.get("nobody", "totals")["days"]
    assert [day["day"] for day in days] == ["2021-04-21", "2021-07-03"]
    first, second = days[1]["counts"]
    assert (first["count"], second["count"]) == (2, 0)
    assert second["confirmed_by_other"] is None  # nobody said
