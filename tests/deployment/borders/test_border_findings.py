"""Which clause checks another border would change, against checking everything twice."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely

from ceasefire.agreement.case import Case
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.deployment.borders.figures import figures_of, incident_answers
from ceasefire.deployment.borders.findings import BorderChecks
from ceasefire.deployment.borders.ground import Ground
from ceasefire.deployment.borders.sensitivity import sensitivity_of
from ceasefire.findings.check import check_incidents
from ceasefire.fusion.pass_through import fuse_by_event
from ceasefire.pipeline.adopt import case_reports
from ceasefire.territory.areas import AreaIndex

from .drawn_ground import ground_at, version


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case(built_in_case("astana-2017"))


@pytest.fixture(scope="module")
def incidents(case: Case) -> pa.Table:
    return fuse_by_event(case_reports(case)).incidents


def test_changes_equal_checking_everything_twice(case: Case, incidents: pa.Table) -> None:
    area = case.areas["idlib"]
    current = area.versions[0].model_copy(update={"valid_until": ()})
    shape = case.geometries[current.id]
    moved = shapely.difference(shape, shapely.box(36.0, 35.3, 36.8, 35.7))
    ground = Ground(incidents=incidents)
    found = BorderChecks.of(case, "idlib", current, ground).changed(
        *(incident_answers(AreaIndex({current.id: (current, drawn)}), ground) for drawn in (shape, moved))
    )
    statuses = []
    for geometry in (shape, moved):
        drawn = replace(
            case,
            areas={**case.areas, "idlib": area.model_copy(update={"versions": (current,)})},
            geometries={**case.geometries, current.id: geometry},
        )
        rows = check_incidents(drawn, incidents).table().to_pylist()
        statuses.append({(row["incident_id"], row["clause_id"], row["accused_id"]): row["status"] for row in rows})
    before, after = statuses
    slow = {
        (*key[1:], before.get(key, "not-checked"), after.get(key, "not-checked"), key[0])
        for key in before.keys() | after.keys()
        if before.get(key, "not-checked") != after.get(key, "not-checked")
    }
    assert slow
    assert slow == {
        (each.clause_id, each.accused_id, each.before, each.after, incident)
        for each in found
        for incident in each.incident_ids
    }


def test_the_same_border_changes_nothing(case: Case, incidents: pa.Table) -> None:
    current = case.areas["idlib"].versions[0]
    ground = Ground(incidents=incidents)
    answers = incident_answers(AreaIndex({current.id: (current, case.geometries[current.id])}), ground)
    assert BorderChecks.of(case, "idlib", current, ground).changed(answers, answers) == ()


def test_without_incidents_nothing_changes(case: Case) -> None:
    none = np.zeros(0, np.uint8)
    assert BorderChecks.of(case, "idlib", case.areas["idlib"].versions[0], Ground()).changed(none, none) == ()


@pytest.mark.real_data
def test_one_corner_near_a_city_moves_75_events(case: Case, real_data: Path) -> None:
    """The western part of the southern area, by the points of the record: 118 events after 6 May 2017, or 43."""
    with (real_data / "dev_pack" / "ged_syria_2016_2017.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if date.fromisoformat(row["date_start"][:10]) > date(2017, 5, 6)]
    longitude = np.array([float(row["longitude"]) for row in rows])
    latitude = np.array([float(row["latitude"]) for row in rows])
    ground = ground_at(longitude, latitude, np.zeros(len(rows)))
    west = min(shapely.get_parts(case.geometries["south-2017"]), key=lambda part: part.centroid.x)
    corners = shapely.get_coordinates(west)
    (corner,) = np.flatnonzero((corners == [36.11, 32.63]).all(axis=1))
    moved = corners.copy()
    moved[corner, 0] -= 0.016  # 1.5 km to the west
    inside = [figures_of(version(), shapely.Polygon(ring), ground).incidents.inside for ring in (corners, moved)]
    assert inside == [118, 43]
    stretch = max(sensitivity_of(west, ground, move_km=1.5).stretches, key=lambda each: each.incidents)
    assert shapely.distance(shapely.LineString(stretch.line), shapely.Point(36.11, 32.63)) < 0.02
    assert stretch.incidents >= 75
