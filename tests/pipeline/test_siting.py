"""A plan of the training case: quotas, belts, rules; contradictions, comparisons, a week of patrols."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pyproj import Geod

from ceasefire.deployment.tours import MOST_STOPS
from ceasefire.model.errors import InputError, UsageError
from ceasefire.model.roles import FieldClass, marks
from ceasefire.pipeline.patrols import patrol_weeks
from ceasefire.pipeline.posts_view import PostView
from ceasefire.pipeline.site_compare import _candidate, _wider
from ceasefire.pipeline.site_rules import SitingOptions
from ceasefire.pipeline.workspace import Workspace


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace.create(tmp_path_factory.mktemp("siting") / "ws", "riverline", author="Amal")
    workspace.run()
    return workspace


def test_the_plan_of_the_case_keeps_every_rule(training: Workspace) -> None:
    setup = training.site(SitingOptions())
    best = setup.best()
    assert best is not None
    assert best.gap == 0
    posts = {each.site_id: each for each in setup.posts(best)}
    assert len(posts) == 5
    assert posts["patrol-base"].stands
    who = [each.operator_id for each in posts.values()]
    assert who.count("monitoring-mission") >= 3
    assert 1 <= who.count("astor") <= 2
    assert not {"reed-islands", "south-battery", "mined-orchard"} & set(posts)
    assert setup.left_out == {
        "farther than 2 km from a passable road": ["reed-islands"],
        "not consented to": ["south-battery"],
        "nobody says whether it is safe": ["mined-orchard"],
    }
    assert any("no place" in note for note in setup.notes)
    # the hill by the old customs house hides
    assert any("heights.asc" in note and "hides 8" in note for note in setup.notes)
    assert 0.9 < best.share < 1


def test_a_contradiction_is_named_and_nothing_more(training: Workspace) -> None:
    setup = training.site(SitingOptions(posts=1))
    assert setup.best() is None
    assert setup.conflict() == (
        "1 posts: at most 1",
        "posts of astor: at least 1",
        "the posts that stand already stay",
    )


@pytest.mark.parametrize("objective", ["sides", "people", "line"])
def test_every_objective_is_solved(training: Workspace, objective: str) -> None:
    setup = training.site(SitingOptions(objective=objective))
    best = setup.best()
    assert best is not None
    assert best.gap == 0
    assert 0 < best.share <= 1


def test_stretches_that_no_place_sees_are_named_and_in_no_minimum(training: Workspace) -> None:
    setup = training.site(SitingOptions(objective="line"))
    best = setup.best()
    assert best is not None
    shares = setup.seen_by(j for j, _ in best.posts).by_group
    assert setup.out_of_sight
    assert all(shares[name] == 0 for name in setup.out_of_sight)
    assert min(share for name, share in shares.items() if name not in setup.out_of_sight) > 0


def test_a_table_of_places_and_a_forecast(training: Workspace, tmp_path: Path) -> None:
    places, forecast = tmp_path / "places.csv", tmp_path / "forecast.csv"
    places.write_text("id,latitude,longitude,range_km\nx,26.68,-42.9,3\ny,26.49,-42.53,3\n")
    forecast.write_text("sample,latitude,longitude,expected\na,26.68,-42.9,4\na,26.49,-42.53,1\nb,26.49,-42.53,2\n")
    asked = {"candidates": places, "forecast": forecast, "plan": None, "posts": 1, "range_km": 3.0}
    with Workspace.create(tmp_path / "ws", training.folder / "case", author="Amal") as workspace:
        (workspace.folder / "case" / "siting.yaml").unlink()
        workspace.run()
        setup = workspace.site(SitingOptions(**asked))
        best = setup.best()
        assert best is not None
        assert [each.site_id for each in setup.posts(best)] == ["x"]
        assert best.share == pytest.approx(4 / 7)
        assert setup.seen_by([0]).low == pytest.approx(0.04, abs=0.01)  # nothing of sample b
        places.write_text("id,latitude,longitude,safe\nx,96.68,-42.9,\ny,26.5,-42.5,maybe\n")
        with pytest.raises(InputError) as refused:
            workspace.site(SitingOptions(**asked))
        assert [fault.line for fault in refused.value.faults] == [2, 3]
        with pytest.raises(UsageError, match="no plan"):
            workspace.site(SitingOptions())


def test_posts_as_they_stood_are_judged_by_what_was_known_before_they_opened(training: Workspace) -> None:
    setup = training.site(SitingOptions())
    compared = setup.compared("monitoring-mission")
    assert compared.posts == 1
    assert compared.known_until == date(2021, 3, 17)  # Bridge Two opened on the 18th
    assert compared.until == setup.last_incident
    assert compared.theirs.share <= compared.best.share
    assert compared.gap == 0
    assert compared.opened_after == ()
    assert compared.later_theirs is not None
    assert compared.later_best is not None
    assert compared.not_kept == ("0.5 km from the line; 1 stand nearer",)
    by_hand = training.site(SitingOptions(last_day="2021-03-17"))
    assert by_hand.compared("monitoring-mission").theirs == compared.theirs
    assert by_hand.demand.expected.sum() != setup.demand.expected.sum()
    with pytest.raises(UsageError, match="place on record"):
        setup.compared("astor")


def test_the_optimum_keeps_the_rules_that_the_posts_as_they_stood_keep(training: Workspace) -> None:
    setup = training.site(SitingOptions(last_day="2021-06-30"))
    bridge = next(each for each in setup.case.posts if each.id == "post-1")
    theirs = [_candidate(bridge, "monitoring-mission")]
    wide, not_kept = _wider(setup, theirs, "monitoring-mission")
    names = [each.name for each in wide.requirements]
    assert names[0] == "posts"
    assert "posts in north-bank" in names
    assert not any("astor" in name for name in names)
    # a place that only Astor may use is nobody's here
    quay = next(j for j, each in enumerate(setup.candidates) if each.site_id == "ferry-north-quay")
    assert wide.operators[quay] == frozenset()
    assert len(not_kept) == 1
    near = {int(a) for a, b in wide.too_close if int(b) == len(setup.candidates)}
    assert {setup.candidates[j].site_id for j in near} >= {"ferry-north-quay", "ferry-south-ridge"}


def test_what_a_hill_hides_is_hidden_from_the_posts_that_stand_too(training: Workspace, tmp_path: Path) -> None:
    # by a day after the post opened, so that something is known of the months that hills can hide
    plain = training.site(SitingOptions(last_day="2021-08-31")).compared("monitoring-mission")
    assert plain.theirs.share > 0
    steps = tmp_path / "steps.asc"  # every second row of cells is a kilometre high
    rows = "\n".join(" ".join([str(1000 * (row % 2))] * 150) for row in range(80))
    steps.write_text(
        f"ncols 150\nnrows 80\nxllcorner -43.5\nyllcorner 26.2\ncellsize 0.01\nNODATA_value -9999\n{rows}\n"
    )
    hidden = training.site(SitingOptions(elevation=steps, last_day="2021-08-31")).compared("monitoring-mission")
    assert hidden.theirs.share < plain.theirs.share
    assert hidden.theirs.share <= hidden.best.share


def test_a_week_of_patrols_can_be_drawn_again_only_where_asked(training: Workspace) -> None:
    setup = training.site(SitingOptions())
    best = setup.best()
    assert best is not None
    one, again, other = (patrol_weeks(setup, best, seed=seed) for seed in (4, 4, 5))
    assert len(one) == 2
    assert one == again
    assert [each.shifts for each in one] != [each.shifts for each in other]
    for patrol in one:
        assert all(tour.hours <= 6 for tour in patrol.shifts)
        always = [stop.site_id for stop in patrol.stops if stop.visited == 1]
        assert set(patrol.always) <= set(always)
        assert patrol.choices > 1 or set(patrol.always) == set(always) != set()
        assert patrol.left_out == 0
    # where one tour would do, others are drawn too: it could be waited for
    assert max(patrol.choices for patrol in one) >= 3
    assert sum(patrol.week_share for patrol in one) == pytest.approx(1)  # what the hill hides from posts is passed
    assert patrol_weeks(setup, best) is not None
    at = {each.site_id: (each.longitude, each.latitude) for each in setup.candidates}
    for patrol in one:  # each goes to what lies nearer to its own base than to any other's
        for stop in patrol.stops:
            to = {other.base_id: Geod(ellps="WGS84").inv(*at[stop.site_id], *at[other.base_id])[2] for other in one}
            assert min(to, key=to.__getitem__) == patrol.base_id


def test_places_beyond_what_tours_can_be_found_among_are_counted(training: Workspace, tmp_path: Path) -> None:
    places = tmp_path / "places.csv"
    rows = [f"p{i},{26.545 + 0.003 * (i % 6):.3f},{-42.81 + 0.003 * (i // 6):.3f},yes,yes,0" for i in range(48)]
    places.write_text("id,latitude,longitude,safe,consented,road_km\n" + "\n".join(rows) + "\n")
    setup = training.site(SitingOptions(candidates=places, from_line_km=0, apart_km=0.5))
    best = setup.best()
    assert best is not None
    patrols = patrol_weeks(setup, best, seed=1)
    assert any(patrol.left_out for patrol in patrols)
    assert all(len(patrol.stops) <= MOST_STOPS for patrol in patrols)


def test_a_forecast_file_says_nothing_of_sides(training: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="whose alleged violations"):
        training.site(SitingOptions(objective="sides", forecast=tmp_path / "f.csv"))


def test_positions_are_for_the_mission_alone() -> None:
    told = marks(PostView)
    assert {told[name].field_class for name in ("name", "longitude", "latitude", "note")} == {FieldClass.MISSION}
