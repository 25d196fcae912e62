"""The same figures for each party: swapped names give the mirrored table."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ceasefire.casework.people import Person
from ceasefire.casework.symmetry import SymmetryTable
from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.roles import Role
from ceasefire.pipeline.casework import Casework, HeldCaseFiles

from .conftest import START, Office, content, rules

PATHS = ("filed", "inadmissible", "denied", "silent", "late", "replied", "determined", "no", "failed", "spot")
SWAP = {"a": "b", "b": "a"}


def act(office: Office, path: str, by: str, against: str) -> None:
    """Lead one case as far as a path goes."""
    names = {"by": by, "against": against}
    if path in ("filed", "inadmissible", "spot"):
        id_ = office.filed(**names)
        if path == "inadmissible":
            office.move("head", id_, "find-inadmissible")
        if path == "spot":
            office["head"].publish(
                id_, what="spot-report", names=[against], text="Fire on the road.", safety_reason="The road."
            )
    elif path in ("denied", "silent", "late"):
        id_ = office.notified(**names)
        if path == "denied":
            office["monitor"].stop_clock(id_, reason="access-denied", denied_by=against, note="Turned back.")
        office.wait(9 if path != "denied" else 1)
        if path == "late":
            office[f"liaison-{against}"].reply(id_, against, text="Late.")
        visit = {"began": "2021-03-30T09:00", "ended": "2021-03-30T11:00", "side": against, "people": 2}
        access = "denied" if path == "denied" else "full"
        office["monitor"].visit(id_, {**visit, "access": access, "account": "Seen."})
    elif path == "replied":
        id_ = office.notified(**names)
        office.move(f"liaison-{against}", id_, "receive-reply", party=against, text="No.")
    else:
        id_ = office.signed(**names, breach="no" if path == "no" else "yes")
        failed = path == "failed"
        office.vote(id_, chair="against" if failed else "for", of_a="for", of_b="for")
        office.rule(id_, "record-no-consensus" if failed else "determine")
        if path == "determined":
            office["head"].publish(id_, what="determination", names=[against], text="A violation.")
    office.wait(0.5)


def table(cases: list[tuple[str, bool]], *, swapped: bool) -> SymmetryTable:
    with tempfile.TemporaryDirectory() as folder:
        now = [START]
        with Ledger.open(Path(folder) / "ledger.sqlite", clock=lambda: now[0]) as ledger:
            office = Office(ledger, BatchStore(Path(folder) / "batches"), now)
            for path, first in cases:
                act(office, path, *(("a", "b") if first != swapped else ("b", "a")))
            return office["head"].symmetry(["b", "a"] if swapped else ["a", "b"], from_instant=START)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PATHS), st.booleans()), max_size=7))
def test_swapped_names_give_the_mirrored_table(cases: list[tuple[str, bool]]):
    mirrored = table(cases, swapped=True)
    renamed = tuple(replace(row, party=SWAP[row.party]) for row in mirrored.rows)
    assert replace(mirrored, rows=renamed) == table(cases, swapped=False)


def test_the_figures_and_their_denominators(office: Office):
    for path in PATHS:
        act(office, path, "a", "b")
    act(office, "determined", "b", "a")
    found = office["head"].symmetry(["a", "b"], from_instant=START)
    assert (found.files, found.of_the_centre) == (11, 0)
    a, b = (asdict(row) for row in found.rows)
    assert (a["filed"], a["against"], b["filed"], b["against"]) == (10, 1, 1, 10)
    assert a["filed_admitted"] == {"count": 7, "of": 8}
    assert b["asked"] == {"count": 7, "of": 10}
    assert b["replied"] == {"count": 5, "of": 7}
    assert b["replied_late"] == {"count": 1, "of": 5}
    assert (b["visits"], b["visit_hours"]) == (2, 4.0)
    assert b["access_denied"] == {"count": 1, "of": 3}
    assert b["clocks_stopped_days"] > 1
    assert b["determined"] == {"count": 2, "of": 10}
    assert b["breach_yes"] == {"count": 1, "of": 2}
    assert b["standards"] == {"reasonable-grounds-to-believe": 2}
    assert b["publications"] == {"count": 2, "of": 10}
    assert b["spot_reports"] == {"count": 1, "of": 2}
    assert (a["visits"], a["access_denied"]) == (0, {"count": 0, "of": 0})


def test_a_table_that_is_not_even_is_told_apart(office: Office):
    act(office, "silent", "a", "b")
    rows = office["head"].symmetry(["a", "b"], from_instant=START).rows
    assert replace(rows[0], party="b") != rows[1]


def test_what_the_centre_takes_up_is_nobodys_filing(office: Office):
    fields = {"title": "T", "summary": "S", "accused": ["b"], "clause_ids": ["A2"]}
    office["monitor"].open(fields, filed_by=None)
    found = office["head"].symmetry(["a", "b"], from_instant=START)
    assert (found.files, found.of_the_centre, [row.filed for row in found.rows]) == (1, 1, [0, 0])
    later = office["head"].symmetry(["a", "b"], from_instant=START + 10**12)
    assert (later.files, [row.against for row in later.rows]) == (0, [0, 0])


def test_one_person_on_a_laptop_cannot_sign_as_two(office: Office):
    owner = Person(name="owner", roles=frozenset({Role.ANALYST, Role.HEAD}))
    office.rules = rules()
    work = Casework(
        ledger=office.ledger,
        batches=office.batches,
        rules=office.rules,
        zone=ZoneInfo("UTC"),
        person=owner,
        held=HeldCaseFiles(),
        clock=lambda: office.now[0],
    )
    id_ = office.notified()
    office.wait(9)
    view = work.move(id_, "review", base=work.read(id_).base, reason="R")
    view = work.move(id_, "draft", base=view.base, reason="R", details={"body_id": "board", "content": content()})
    assert "sign" not in {one.name for one in view.transitions}


@pytest.mark.parametrize(("filing", "accused"), [("a", "b"), ("b", "a")])
def test_no_count_tells_a_party_of_a_file_before_it_is_put_to_it(office: Office, filing: str, accused: str):
    def told(who: str) -> tuple[int, int, int]:
        found = office[who].symmetry([filing, accused], from_instant=START)
        return found.files, found.rows[0].filed, found.rows[1].against

    id_ = office.filed(by=filing, against=accused)
    assert told("head") == (1, 1, 1)
    assert told(f"liaison-{accused}") == told(f"liaison-{filing}") == told("guarantor") == (0, 0, 0)
    for transition, details in (("admit", {}), ("assign", {"assignee": "monitor"})):
        office.move("head", id_, transition, **details)
    assert told(f"liaison-{accused}") == (0, 0, 0)
    office.move("head", id_, "notify", offers=[{"party": accused, "statement": "It is alleged."}])
    assert told(f"liaison-{accused}") == told(f"liaison-{filing}") == told("guarantor") == (1, 1, 1)
