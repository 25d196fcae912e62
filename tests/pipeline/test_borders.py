"""Borders over a workspace: which border holds, what is counted around it, what a proposal changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest
import shapely

from ceasefire.deployment.borders.drawing import Proposal, read_drawing
from ceasefire.deployment.borders.features import features_in, read_features
from ceasefire.deployment.borders.frame import Frame
from ceasefire.model.errors import InputError, UnknownRecordError, UsageError
from ceasefire.model.vocabulary import Answer
from ceasefire.pipeline.borders import Aim, BorderDesk, BorderOptions, borders_geojson
from ceasefire.pipeline.workspace import Workspace


@pytest.fixture(scope="module")
def truce(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = Workspace.create(tmp_path_factory.mktemp("borders") / "ws", "astana-2017", author="Amal")
    with workspace:
        workspace.run()
        yield workspace


@pytest.fixture(scope="module")
def desk(truce: Workspace) -> BorderDesk:
    return truce.borders("idlib", BorderOptions(weeks=40))


def test_the_border_that_holds_gains_loses_and_changes_nothing(desk: BorderDesk) -> None:
    current = desk.current()
    assert (current.gained_km2, current.lost_km2, current.changed) == (0, 0, ())
    assert shapely.equals(current.shape, desk.shape)


def test_every_incident_of_the_period_is_counted_once(truce: Workspace, desk: BorderDesk) -> None:
    tally = desk.current().figures.incidents
    assert tally.inside + tally.undetermined + tally.outside == desk.ground.incidents.num_rows
    assert desk.days()[1] == date(2017, 12, 31)
    everything = truce.borders("idlib", BorderOptions(weeks=200))
    assert everything.ground.incidents.num_rows == truce.incidents().num_rows


def test_inside_is_what_the_findings_say(truce: Workspace, desk: BorderDesk) -> None:
    """Every incident that a clause of the area alone finds inside it is inside here too."""
    chosen = truce.findings(zone="idlib")
    sure = set(chosen.filter(pc.equal(chosen["in_area"].cast("string"), "yes"))["incident_id"].to_pylist())
    counted = set(desk.ground.incidents["incident_id"].to_pylist())
    assert desk.current().figures.incidents.inside >= len(sure & counted) > 0


def test_a_proposal_without_the_north_loses_what_lies_there(desk: BorderDesk) -> None:
    proposal = Proposal(name="south", shape=shapely.intersection(desk.shape, shapely.box(35, 35, 38, 35.7)))
    found = desk.compare(proposal)
    assert found.figures.incidents.inside < desk.current().figures.incidents.inside
    assert found.lost_km2 > 3000
    assert found.gained_km2 < 1e-3
    assert {each.after for each in found.changed} >= {"outside-area"}
    assert found.figures.settlements["hts"].inside == 0
    assert desk.current().figures.settlements["hts"].inside == 1


def test_unknown_people_are_told_apart_from_none(desk: BorderDesk) -> None:
    people = desk.current().figures.people
    assert (people.low, people.high) == (None, None)
    assert people.unknown_inside == 1


def test_what_else_is_given_is_counted_by_kind(truce: Workspace, tmp_path: Path) -> None:
    hospitals = tmp_path / "hospitals.geojson"
    points = [[36.63, 35.93], [40.0, 35.0]]
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": one}} for one in points
    ]
    hospitals.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    desk = truce.borders("idlib", BorderOptions(features={"hospitals": hospitals}))
    tally = desk.current().figures.features["hospitals"].tally
    assert (tally.inside, tally.outside) == (1, 1)


def test_suggestions_name_settlements_of_the_record(desk: BorderDesk) -> None:
    out = desk.compare(Proposal(name="out", shape=desk.suggest(Aim.OUTSIDE, "Idlib").shape))
    assert out.figures.settlements["hts"].inside == 0
    assert not desk.suggest(Aim.INSIDE, "idlib-city").changed
    with pytest.raises(UnknownRecordError, match='no settlement "Nowhere"'):
        desk.suggest(Aim.INSIDE, "Nowhere")


@pytest.mark.parametrize("turn", [139.0, 139.8, 140.9])
@pytest.mark.parametrize(("aim", "longitude"), [(Aim.INSIDE, 41.3), (Aim.OUTSIDE, 40.9), (Aim.AWAY, 40.9)])
def test_a_suggestion_across_the_180th_meridian_is_the_same_as_anywhere(
    desk: BorderDesk, turn: float, aim: Aim, longitude: float
) -> None:
    here, there = copy(desk), copy(desk)
    town = replace(next(iter(desk.places.values())), place_id="town", name="Town", longitude=longitude, latitude=11.0)
    there.shape = shapely.box(39.0, 10.0, 41.0, 12.0)
    here.shape = Frame(turn).back(there.shape)
    there.places = {"town": town}
    here.places = {"town": replace(town, longitude=(longitude + turn + 180) % 360 - 180)}
    moved, plain = here.suggest(aim, "town", 15.0), there.suggest(aim, "town", 15.0)
    assert (moved.gained_km2, moved.lost_km2) == pytest.approx((plain.gained_km2, plain.lost_km2), rel=1e-6, abs=1e-6)
    assert max(plain.gained_km2, plain.lost_km2) > 1
    assert moved.shape.bounds[0] >= -180
    assert moved.shape.bounds[2] <= 180


def test_borders_written_can_be_read_and_compared_again(desk: BorderDesk) -> None:
    written = borders_geojson([desk.current()])
    (again,) = read_drawing(json.loads(json.dumps(written)))
    found = desk.compare(again, version=desk.version)
    assert found.figures == desk.current().figures


@pytest.mark.parametrize(
    ("area", "options", "said"),
    [
        ("nowhere", BorderOptions(), 'There is no area "nowhere"'),
        ("idlib", BorderOptions(weeks=0), "0 weeks"),
        ("idlib", BorderOptions(until="tomorrow"), "is not a day"),
    ],
)
def test_what_cannot_be_gathered_is_said(truce: Workspace, area: str, options: BorderOptions, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        truce.borders(area, options)


def test_a_border_elsewhere_is_refused_with_where_it_lies(desk: BorderDesk) -> None:
    with pytest.raises(UsageError, match=r"shares no ground with idlib: it lies about 0\.5000 N, 0\.5000 E"):
        desk.compare(Proposal(name="far", shape=shapely.box(0, 0, 1, 1)))


def test_latitude_given_first_is_told_for_what_it_is(desk: BorderDesk) -> None:
    exchanged = shapely.transform(desk.shape, lambda xy: xy[:, ::-1])
    with pytest.raises(UsageError, match="look exchanged"):
        desk.compare(Proposal(name="exchanged", shape=exchanged))


def test_what_is_counted_besides_leaves_the_rest_and_hangs_on_stretches(desk: BorderDesk) -> None:
    corner = shapely.get_coordinates(shapely.boundary(desk.shape))[0]
    hospitals = features_in(
        "hospitals",
        {"type": "MultiPoint", "coordinates": [[36.63, 35.93], list(corner)]},
        path="hospitals",
    )
    counting = desk.counting(hospitals)
    found, before = counting.current(), desk.current()
    assert found.figures.features["hospitals"].tally.inside == 1
    assert (found.figures.incidents, found.changed) == (before.figures.incidents, before.changed)
    assert before.figures.features == {}
    assert sum(sum(each.hanging) for each in found.sensitivity.stretches) > sum(
        sum(each.hanging) for each in before.sensitivity.stretches
    )


def test_checks_that_hang_on_stretches_are_those_that_leaving_all_of_them_out_changes(desk: BorderDesk) -> None:
    """Of the incidents near the line, what turns when each is inside, and then is not."""
    turning = desk.checks.turning()
    hanging = sum(
        moved.checks for each in desk.current().sensitivity.stretches for moved in (each.outwards, each.inwards)
    )
    yes, no = (np.full(desk.ground.incidents.num_rows, answer, dtype=np.uint8) for answer in (Answer.YES, Answer.NO))
    assert sum(len(each.incident_ids) for each in desk.checks.changed(yes, no)) == turning.sum() > 0
    assert 0 < hanging <= turning.sum()


def test_a_border_follows_what_is_on_record_near_it(desk: BorderDesk) -> None:
    called = {name for each in desk.lines for name in each.names.values()}
    assert {"Idlib", "Hama"} <= called
    assert "Daraa" not in called  # far away
    found = desk.suggest_along("Idlib", [desk.line("Idlib").shape])
    assert found.changed
    assert shapely.is_valid(found.shape)
    assert desk.line(desk.line("Hama").line_id) is desk.line("hama")
    with pytest.raises(UnknownRecordError, match='no line "Nowhere"'):
        desk.line("Nowhere")
    with pytest.raises(UsageError, match="holds no line"):
        desk.suggest_along("a point", [shapely.Point(36, 35)])


def test_features_without_a_shape_are_all_told(tmp_path: Path) -> None:
    path = tmp_path / "roads.geojson"
    path.write_text('{"features": [{"geometry": null}, {"geometry": {"type": "Point"}}]}', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_features("roads", path)
    assert len(caught.value.faults) == 2
    for value in (5, [], {"features": 5}, {"type": "Point", "coordinates": [400, 1]}):
        with pytest.raises(InputError):
            features_in("roads", value, path="roads")
    (bow,) = features_in(
        "camps", {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, path="camps"
    )
    assert shapely.is_valid(bow.shape)
