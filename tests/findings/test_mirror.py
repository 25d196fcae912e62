"""The same rule for every party: renaming or swapping the parties mirrors the findings and changes nothing else."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.agreement.case import Case
from ceasefire.agreement.load import built_in_case, built_in_cases, load_case
from ceasefire.findings.check import check_incidents
from ceasefire.findings.obligations import evaluate_obligations
from ceasefire.fusion.pass_through import fuse_by_event
from ceasefire.intake.case_reports import read_case_reports
from ceasefire.model.claims import Account, write_claims
from ceasefire.model.schemas import INCIDENT, table_of
from ceasefire.model.time import parse_moment


def _reports(case: Case) -> pa.Table:
    speakers = {key: (speaker.party, speaker.lineage or (key,)) for key, speaker in case.speakers.items()}
    return read_case_reports(case.folder, register=case.actors, acts=case.acts, speakers=speakers, zone=case.zone)


def _answers(case: Case, rename: dict[str, str]) -> set[tuple[object, ...]]:
    """Every finding and obligation with the parties renamed, keyed by what does not depend on names."""
    reports = _reports(case)
    incidents = fuse_by_event(reports).incidents
    titles = dict(zip(incidents["incident_id"].to_pylist(), incidents["title"].to_pylist(), strict=True))
    spans = dict(zip(incidents["incident_id"].to_pylist(), incidents["occurred_from"].to_pylist(), strict=True))
    found = {
        (
            titles[row["incident_id"]],
            spans[row["incident_id"]],
            row["clause_id"],
            rename.get(row["accused_id"], row["accused_id"]),
            row["status"],
            *(row[key] for key in ("in_force", "in_area", "act", "bound", "covered_target", "exception", "zone_id")),
            tuple(sorted(row["reasons"])),
            row["civilian_victims"],
        )
        for row in check_incidents(case, incidents).table().to_pylist()
    }
    as_of = parse_moment("2030-01-01", case.zone).start
    return found | {
        (
            row["clause_id"],
            rename.get(row["bearer_id"], row["bearer_id"]),
            row["zone_id"],
            row["period_from"],
            row["state"],
            tuple(row["reasons"]),
        )
        for row in evaluate_obligations(case, as_of=as_of).to_pylist()
    }


def _renamed(case: Case, rename: dict[str, str], folder: Path) -> Case:
    """Copy the case with every actor id replaced, wherever it stands as a word of its own."""
    copy = folder / "renamed"
    shutil.copytree(case.folder, copy)
    word = re.compile(
        r"(?<![\w.-])(" + "|".join(map(re.escape, sorted(rename, key=len, reverse=True))) + r")(?![\w.-])"
    )
    for path in copy.rglob("*.yaml"):
        path.write_text(word.sub(lambda match: rename[match[1]], path.read_text(encoding="utf-8")), encoding="utf-8")
    return load_case(copy)


@pytest.mark.parametrize("name", built_in_cases())
def test_renaming_every_party_changes_nothing_but_the_names(name: str, tmp_path: Path) -> None:
    case = load_case(built_in_case(name))
    # the new names stand in the opposite alphabetical order, so that no rule can lean on the order of names
    ids = sorted(actor for actor in case.actors.actors if actor != "civilians")
    rename = {actor: f"zz{len(ids) - number:03d}" for number, actor in enumerate(ids)}
    mirrored = _answers(_renamed(case, rename, tmp_path), {new: old for old, new in rename.items()})
    assert mirrored == _answers(case, {})


def test_the_control_sees_a_party_that_is_treated_otherwise(tmp_path: Path) -> None:
    """If one party's adherence alone were read differently, the comparison would say so."""
    case = load_case(built_in_case("riverline"))
    rename = {actor: f"zz-{actor}" for actor in case.actors.actors if actor != "civilians"}
    other = _renamed(case, rename, tmp_path)
    favoured = other.adherence[0].actor
    biased = Case(**{**vars(other), "adherence": tuple(r for r in other.adherence if r.actor != favoured)})
    assert _answers(biased, {new: old for old, new in rename.items()}) != _answers(case, {})


# Two parties that both signed the clause; everything else that could tell them apart is taken out of the case.
ONE, OTHER = "republic", "northern-assembly"
SWAP = {ONE: OTHER, OTHER: ONE}
ROLES = st.lists(st.sampled_from([ONE, OTHER, "civilians", "black-tide"]), max_size=2, unique=True).map(tuple)
ACCOUNTS = st.lists(
    st.builds(
        Account,
        source_id=st.just("speaker"),
        party=st.sampled_from(["", ONE, OTHER]),
        stance=st.sampled_from(["asserts", "denies", "claims"]),
        denial_scope=st.sampled_from(["event", "period"]),
        denied=st.lists(st.sampled_from(["fact", "act", "attribution", "target"]), max_size=2, unique=True).map(tuple),
        acts=st.lists(st.sampled_from(["armed-force", "shelling", "detention"]), max_size=1).map(tuple),
        sides=st.sampled_from([(), ((ONE,), (OTHER,)), ((OTHER,), (ONE,))]),
        perpetrators=ROLES,
        targets=ROLES,
        invokes=st.sampled_from([(), ("self-defence",)]),
        alleges=st.booleans(),
    ),
    min_size=1,
    max_size=3,
)


def _swapped(account: Account) -> Account:
    def swap(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(SWAP.get(name, name) for name in names)

    return replace(
        account,
        party=SWAP.get(account.party, account.party),
        sides=tuple(swap(side) for side in account.sides),
        perpetrators=swap(account.perpetrators),
        targets=swap(account.targets),
    )


@cache
def _even_handed() -> Case:
    """Return the training case with nothing left in it that tells the two parties apart."""
    case = load_case(built_in_case("riverline"))
    signed = case.adherence[0].model_copy(update={"instrument": "riverline-2021"})
    both = tuple(signed.model_copy(update={"id": f"both-{party}", "actor": party}) for party in (ONE, OTHER))
    return Case(**{**vars(case), "adherence": both, "interpretations": {}, "notifications": ()})


@settings(max_examples=40, deadline=None)  # each example builds the index of areas anew
@given(ACCOUNTS)
def test_swapping_who_did_what_to_whom_mirrors_every_finding(accounts: list[Account]) -> None:
    case = _even_handed()
    at = parse_moment("2021-05-20T12:00", case.zone).start
    row = {
        "occurred_from": at,
        "occurred_until": at,
        "latitude": 26.68,
        "longitude": -42.90,
        "place_precision": "point",
        "place_radius_km": 0.5,
    }
    plain = row | {"incident_id": "plain", "claims": write_claims(accounts)}
    mirrored = row | {"incident_id": "mirrored", "claims": write_claims(map(_swapped, accounts))}
    # the clause on hostilities; others of the case name one of the two parties
    rows = [
        finding
        for finding in check_incidents(case, table_of([plain, mirrored], INCIDENT)).table().to_pylist()
        if finding["clause_id"] == "A2"
    ]

    def seen(incident: str, rename: dict[str, str]) -> set[tuple[object, ...]]:
        return {
            (
                rename.get(row["accused_id"], row["accused_id"]),
                row["status"],
                row["act"],
                row["bound"],
                row["covered_target"],
                row["exception"],
                tuple(sorted(row["reasons"])),
            )
            for row in rows
            if row["incident_id"] == incident
        }

    assert seen("plain", SWAP) == seen("mirrored", {})
