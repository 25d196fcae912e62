"""The training case is whole, means what its comments say, and shows every kind of record at least once."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
import shapely
from pydantic import BaseModel
from pyproj import Geod
from shapely.geometry import shape

from ceasefire.agreement import records
from ceasefire.agreement.case import Case
from ceasefire.agreement.load import built_in_case, built_in_cases, check_case, load_case
from ceasefire.findings.check import check_incidents
from ceasefire.findings.obligations import evaluate_obligations
from ceasefire.fusion.pass_through import fuse_by_event
from ceasefire.intake.case_reports import read_case_reports
from ceasefire.model.time import parse_moment
from ceasefire.model.vocabulary import DenialScope, ObligationState, PlacePrecision, Stance, Status
from ceasefire.territory.boundaries import read_boundaries


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case(built_in_case("riverline"))


@pytest.fixture(scope="module")
def reports(case: Case) -> Any:
    return read_case_reports(
        case.folder,
        register=case.actors,
        acts=case.acts,
        speakers={key: (speaker.party, speaker.lineage) for key, speaker in case.speakers.items()},
        zone=case.zone,
        sources=case.sources,
        exception_kinds=case.exception_kinds,
    )


@pytest.fixture(scope="module")
def findings(case: Case, reports: Any) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return the findings by event key, clause and accused."""
    fused = fuse_by_event(reports)
    event_of_report = dict(zip(reports["report_id"].to_pylist(), reports["event_key"].to_pylist(), strict=True))
    event = {link["incident_id"]: event_of_report[link["report_id"]] for link in fused.links.to_pylist()}
    return {
        (event[row["incident_id"]], row["clause_id"], row["accused_id"]): row
        for row in check_incidents(case, fused.incidents).table().to_pylist()
    }


def test_the_case_has_no_fault() -> None:
    assert "riverline" in built_in_cases()
    assert [str(fault) for fault in check_case(built_in_case("riverline"))] == []


def test_it_says_that_it_is_fictional(case: Case) -> None:
    assert case.description.fictional


NEAREST_LAND = {
    "Flores, Azores": (-31.2, 39.4),
    "Bermuda": (-64.8, 32.3),
    "Santo Antao, Cape Verde": (-25.3, 17.1),
    "Barbuda": (-61.8, 17.6),
}


def test_it_lies_in_open_ocean(case: Case) -> None:
    """No map of it can be taken for one of a real place."""
    spheroid = Geod(ellps="WGS84")
    corners = shapely.get_coordinates(shapely.unary_union(list(case.geometries.values())).envelope)
    for longitude, latitude in corners:
        for land in NEAREST_LAND.values():
            assert spheroid.inv(longitude, latitude, *land)[2] > 1_000_000


def _literals(model: type[BaseModel], field: str) -> set[str]:
    return {value for value in get_args(model.model_fields[field].annotation) if isinstance(value, str)}


@pytest.mark.parametrize(
    ("model", "field", "used"),
    [
        (records.Clause, "kind", lambda case: {one.kind for one in case.clauses.values()}),
        (records.Relation, "type", lambda case: {r.type for i in case.instruments.values() for r in i.relations}),
        (records.Interpretation, "authority", lambda case: {one.authority for one in case.interpretations.values()}),
        (records.Adherence, "act", lambda case: {one.act for one in case.adherence}),
        (records.Adherence, "basis", lambda case: {one.basis for one in case.adherence}),
        (records.ClauseText, "standing", lambda case: {t.standing for c in case.clauses.values() for t in c.texts}),
        (records.Evidence, "kind", lambda case: {one.kind for one in case.evidence}),
        (records.Restriction, "kind", lambda case: {e.restriction.kind for e in case.evidence if e.restriction}),
        (records.Measure, "kind", lambda case: {one.kind for one in case.measures}),
        (records.Coverage, "state", lambda case: {one.state for one in case.coverage}),
        (records.Post, "kind", lambda case: {one.kind for one in case.posts} | {"centre"}),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", ""),
)
def test_every_kind_of_record_occurs(case: Case, model: type[BaseModel], field: str, used: Any) -> None:
    assert _literals(model, field) - used(case) == set()


def test_all_four_kinds_of_area_occur(case: Case) -> None:
    assert {area.kind for area in case.areas.values()} == {"zone", "corridor", "line", "site"}


def test_two_authentic_texts_diverge_and_neither_prevails(case: Case) -> None:
    clause = case.clauses["A3"]
    assert [text.language for text in clause.texts if text.standing == "authentic"] == ["en", "fr"]
    assert clause.divergences
    assert clause.prevails is None


def test_reports_deny_in_every_scope_and_speak_in_every_stance(reports: Any) -> None:
    assert set(reports["denial_scope"].to_pylist()) - {None} == set(DenialScope)
    assert set(reports["stance"].to_pylist()) == set(Stance)
    assert set(reports["place_precision"].to_pylist()) == set(PlacePrecision) - {"unknown"}


def test_a_copied_report_is_no_second_chain(reports: Any) -> None:
    incidents = fuse_by_event(reports.filter([key == "E03" for key in reports["event_key"].to_pylist()])).incidents
    assert incidents.num_rows == 1
    assert "isles-gazette" not in incidents["lineages"].to_pylist()[0]


# What the comments in the reports promise. A training case whose comments are wrong teaches errors.
PROMISED = [
    ("E01", "A2", "republic-army", Status.UNDETERMINED, "start-disputed"),
    ("E02", "A2", "bank-brigade", Status.OUTSIDE_TIME, "not-yet-in-force"),
    ("E02", "F1", "bank-brigade", Status.ALLEGED_VIOLATION, None),
    ("E03", "A2", "republic-army", Status.CONTESTED, "attribution-denied"),
    ("E05", "A2", "republic-army", Status.EXCEPTED, "exception-established"),
    ("E07", "A2", "republic-army", Status.CONTESTED, "target-disputed"),
    ("E10", "A2", "black-tide", Status.NOT_BOUND, "refuses"),
    ("E11", "A10", "republic-army", Status.ALLEGED_VIOLATION, None),
    ("E12", "A2", "republic-army", Status.UNDETERMINED, "exception-invoked"),
    ("E13", "A2", "republic-army", Status.UNDETERMINED, "place-near-border"),
    ("E14", "A2", "hill-guards", Status.UNDETERMINED, "adherence-second-hand"),
    ("E15", "A2", "hill-guards", Status.CONTESTED, "attribution-denied"),
    ("E16", "A3", "republic-army", Status.CONTESTED, "exception-objected"),
    ("E17", "A3", "bank-brigade", Status.CONTESTED, "text-divergence"),
    ("E18", "A2", "harbour-volunteers", Status.CONTESTED, "reading-disputed"),
    ("E19", "A2", "republic-army", Status.EXEMPT_TARGET, "target-exempt"),
    ("E20", "A2", "republic-army", Status.ALLEGED_VIOLATION, None),
    ("E21", "A2", "republic-army", Status.CONTESTED, "target-bucket"),
    ("E22", "A3", "hill-guards", Status.EXCEPTED, "exception-established"),
    ("E23", "A2", "bank-brigade", Status.UNDETERMINED, "place-too-coarse"),
    ("E24", "A2", "hill-guards", Status.NOT_BOUND, "withdraws"),
]


@pytest.mark.parametrize(("event", "clause", "accused", "status", "reason"), PROMISED)
def test_findings_are_what_the_comments_promise(
    findings: Any, event: str, clause: str, accused: str, status: Status, reason: str | None
) -> None:
    finding = findings[event, clause, accused]
    assert finding["status"] == status
    if reason is not None:
        assert reason in finding["reasons"]


def test_a_late_notification_establishes_nothing(findings: Any) -> None:
    assert findings["E06", "A2", "bank-brigade"]["status"] not in (Status.EXCEPTED, Status.ALLEGED_VIOLATION)


def test_a_retroactive_reading_reaches_an_earlier_flight(findings: Any) -> None:
    flight = findings["E04", "A3", "republic-army"]
    assert (flight["act"], flight["reading_id"]) == ("yes", "flights-over-the-belt")


def test_a_mixed_target_has_its_civilians_answered_apart(findings: Any) -> None:
    strike = findings["E07", "A2", "republic-army"]
    assert (strike["mixed_target"], strike["civilian_victims"]) == (True, "yes")


def test_an_allys_adherence_stays_second_hand(findings: Any) -> None:
    assert "adherence-second-hand" in findings["E18", "A2", "harbour-volunteers"]["reasons"]


def test_the_event_across_midnight_is_bound_on_both_days(findings: Any) -> None:
    assert findings["E15", "A2", "hill-guards"]["bound"] == "yes"


OBLIGATIONS = [
    ("A5", "republic", ObligationState.PERFORMED),
    ("A5", "northern-assembly", ObligationState.PERFORMED),  # late: performed, with the reason that says so
    ("A5b", "northern-assembly", ObligationState.CONTESTED),
    ("A5b", "republic", ObligationState.PARTLY),
    ("A5c", "republic", ObligationState.NOT_DUE),
    ("A9", "astor", ObligationState.UNVERIFIED),
    ("P1", "republic", ObligationState.UNVERIFIED),  # twenty declared, twelve seen, one hall locked
    ("P1", "northern-assembly", ObligationState.PERFORMED),
]


@pytest.fixture(scope="module")
def obligations(case: Case) -> list[dict[str, Any]]:
    as_of = parse_moment("2021-09-30T12:00", case.zone).start
    return list(evaluate_obligations(case, as_of=as_of).to_pylist())


@pytest.mark.parametrize(("clause", "bearer", "state"), OBLIGATIONS)
def test_obligations_are_what_the_comments_promise(
    obligations: list[dict[str, Any]], clause: str, bearer: str, state: ObligationState
) -> None:
    states = {row["state"] for row in obligations if (row["clause_id"], row["bearer_id"]) == (clause, bearer)}
    assert states == {state}


def test_the_weekly_duty_passes_through_every_state_it_can(obligations: list[dict[str, Any]]) -> None:
    weekly = {row["state"] for row in obligations if row["clause_id"] == "A4"}
    assert weekly == set(ObligationState) - {ObligationState.CONTESTED}


def test_a_waiver_of_one_week_waives_one_week(obligations: list[dict[str, Any]]) -> None:
    assert sum(row["state"] == ObligationState.WAIVED for row in obligations) == 1


def test_provinces_and_districts_tile_the_land(case: Case) -> None:
    features = json.loads((case.folder / "basemap.geojson").read_text(encoding="utf-8"))["features"]
    drawn = [(feature["properties"], shape(feature["geometry"])) for feature in features]
    land = next(geometry for properties, geometry in drawn if properties["kind"] == "coast")
    for kind, count in (("province", 2), ("district", 4)):
        parts = [geometry for properties, geometry in drawn if properties["kind"] == kind]
        assert len(parts) == count
        # coordinates have four decimals, about ten metres: slivers along a shared border are a millionth of the land
        assert shapely.unary_union(parts).symmetric_difference(land).area < 1e-4 * land.area
        assert sum(part.area for part in parts) == pytest.approx(land.area, rel=1e-4)
    assert all(geometry.is_valid for _, geometry in drawn)
    assert all(properties["name"] and properties["name_ar"] for properties, _ in drawn)


def test_every_unit_that_reports_name_has_the_polygon_of_the_map(case: Case, reports: Any) -> None:
    boundaries = read_boundaries(case.folder / "boundaries.geojson")
    features = json.loads((case.folder / "basemap.geojson").read_text(encoding="utf-8"))["features"]
    drawn = {feature["properties"]["name"]: shape(feature["geometry"]) for feature in features}
    named = set(reports["area_name"].to_pylist()) - {None}
    assert named >= {"Northern Province", "Northern Province/Bank District"}
    for path in named:
        assert boundaries.find(path).equals(drawn[path.split("/")[-1]])


def test_zones_lie_on_land(case: Case) -> None:
    features = json.loads((case.folder / "basemap.geojson").read_text(encoding="utf-8"))["features"]
    land = next(shape(feature["geometry"]) for feature in features if feature["properties"]["kind"] == "coast")
    for version, geometry in case.geometries.items():
        assert land.covers(geometry) or geometry.geom_type == "LineString", version
