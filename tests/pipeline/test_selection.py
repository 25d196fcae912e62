"""Counts of what is chosen: bounds hold each incident once, and an account of several incidents not at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from ceasefire.model.schemas import FINDING, INCIDENT
from ceasefire.pipeline.selection import Selection, select_findings

DAY = datetime(2021, 4, 21, tzinfo=UTC)


def choose(findings: list[dict[str, object]], *incidents: dict[str, object], zone: str | None = None) -> Selection:
    told = [{"covers": [], "occurred_from": DAY, "occurred_until": DAY, **incident} for incident in incidents]
    return select_findings(
        pa.Table.from_pylist(findings, schema=FINDING),
        pa.Table.from_pylist(told, schema=INCIDENT),
        equal={"zone_id": zone},
        known={"zone_id": ["north", "south"]},
        clause_areas={"A1": ["north", "south"], "B1": ["south"]},
    )


def finding(number: int, incident: str, zone: str | None, status: str = "undetermined") -> dict[str, object]:
    answers = dict.fromkeys(("in_force", "in_area", "act", "bound", "covered_target"), "undetermined")
    return {
        "finding_id": f"find-{number}",
        "incident_id": incident,
        "clause_id": "A1",
        "zone_id": zone,
        "status": status,
        "exception": "no",
        **answers,
    }


def bounds_of(chosen: Selection) -> tuple[int, int, int, int]:
    (clause,) = chosen.bounds
    return clause.incidents.lower, clause.incidents.upper, clause.findings.lower, clause.findings.upper


def test_an_account_of_several_incidents_is_listed_and_only_its_parts_are_counted() -> None:
    told = [
        finding(1, "inc-whole", "north"),
        finding(2, "inc-a", "north", "alleged-violation"),
        finding(3, "inc-b", "north"),
    ]
    chosen = choose(
        told,
        {"incident_id": "inc-whole", "covers": ["inc-a", "inc-b"]},
        {"incident_id": "inc-a"},
        {"incident_id": "inc-b"},
    )
    assert chosen.findings.num_rows == 3
    assert chosen.episodes == 1
    assert bounds_of(chosen) == (1, 2, 1, 2)


def test_an_account_whose_parts_are_not_on_record_counts_itself() -> None:
    chosen = choose([finding(1, "inc-whole", "north")], {"incident_id": "inc-whole", "covers": ["inc-gone"]})
    assert chosen.episodes == 0
    assert bounds_of(chosen) == (0, 1, 0, 1)


@pytest.mark.parametrize(("zone", "upper", "unplaced"), [("north", 2, 1), ("south", 1, 1)])
def test_what_may_lie_in_one_of_several_zones_is_in_the_upper_bound_of_each(
    zone: str, upper: int, unplaced: int
) -> None:
    told = [finding(1, "inc-placed", "north"), finding(2, "inc-somewhere", None), finding(3, "inc-whole", None)]
    chosen = choose(
        told,
        {"incident_id": "inc-placed"},
        {"incident_id": "inc-somewhere"},
        {"incident_id": "inc-whole", "covers": ["inc-placed", "inc-somewhere"]},
        zone=zone,
    )
    assert chosen.unplaced == unplaced
    assert bounds_of(chosen) == (0, upper, 0, upper)
