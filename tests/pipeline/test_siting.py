"""A plan of the training case: quotas, belts, rules; contradictions, comparisons, a week of patrols."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyproj import Geod

from ceasefire.model.errors import InputError, UsageError
from ceasefire.model.roles import FieldClass, marks
from ceasefire.pipeline.patrols import patrol_weeks
from ceasefire.pipeline.posts_view import PostView
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


def test_posts_as_they_stood_never_see_more_than_the_best(training: Workspace) -> None:
    compared = training.site(SitingOptions()).compared("monitoring-mission")
    assert compared.posts == 1
    assert compared.theirs.share <= compared.best.share
    assert compared.gap == 0
    assert compared.opened_after == ()
    with pytest.raises(UsageError, match="place on record"):
        training.site(SitingOptions()).compared("astor")


def test_what_a_hill_hides_is_hidden_from_the_posts_that_stand_too(training: Workspace, tmp_path: Path) -> None:
    plain = training.site(SitingOptions()).compared("monitoring-mission")
    assert plain.theirs.share > 0
    steps = tmp_path / "steps.asc"  # every second row of cells is a kilometre high
    rows = "\n".join(" ".join([str(1000 * (row % 2))] * 150) for row in range(80))
    steps.write_text(
        f"ncols 150\nnrows 80\nxllcorner -43.5\nyllcorner 26.2\ncellsize 0.01\nNODATA_value -9999\n{rows}\n"
    )
    hidden = training.site(SitingOptions(elevation=steps)).compared("monitoring-mission")
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
        assert patrol.kept >= 0.9
        always = [stop.site_id for stop in patrol.stops if stop.visited == 1]
        assert set(patrol.always) <= set(always)
        assert patrol.choices > 1 or set(patrol.always) == set(always) != set()
    assert patrol_weeks(setup, best) is not None
    at = {each.site_id: (each.longitude, each.latitude) for each in setup.candidates}
    for patrol in one:  # each goes to what lies nearer to its own base than to any other's
        for stop in patrol.stops:
            to = {other.base_id: Geod(ellps="WGS84").inv(*at[stop.site_id], *at[other.base_id])[2] for other in one}
            assert min(to, key=to.__getitem__) == patrol.base_id


def test_positions_are_for_the_mission_alone() -> None:
    told = marks(PostView)
    assert {told[name].field_class for name in ("name", "longitude", "latitude", "note")} == {FieldClass.MISSION}
