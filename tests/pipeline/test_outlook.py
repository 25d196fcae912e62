"""The outlook of a workspace: of the training case, of poor records, and of real events."""

from __future__ import annotations

import json
import math
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ceasefire.assessment.outlook.look import TARGETS, alleged_from, alleged_until, earliest_week
from ceasefire.assessment.weeks import monday_of
from ceasefire.cli.application import run
from ceasefire.model.case_types import Moment
from ceasefire.pipeline.outlook import LookedAhead, evaluations_json, outlook_json, outlook_of
from ceasefire.pipeline.outlook_pictures import write_pictures
from ceasefire.pipeline.workspace import Workspace
from ceasefire.release.policy import Operation, Viewer
from ceasefire.release.telling import tell

from .conftest import ged_row, write_ged


@pytest.fixture(scope="module")
def looked(made_once: Path) -> LookedAhead:
    with Workspace.open(made_once) as workspace:
        return workspace.outlook()


def test_every_area_has_an_answer_for_every_count(looked: LookedAhead) -> None:
    outlook = looked.outlook
    assert outlook.origin_week == "2021-W45"
    areas = {(each.area_id, each.target) for each in outlook.forecasts}
    assert {("north-bank", target) for target in TARGETS} <= areas
    for forecast in outlook.forecasts:
        assert (forecast.why_not is None) == (len(forecast.weeks) == 8)
        for week in forecast.weeks:
            assert float(week.median).is_integer()
            assert 0 <= week.low_90 <= week.low_50 <= week.median <= week.high_50 <= week.high_90
    assert outlook.clusters == ()
    assert outlook.clusters_why_not == "too-few-incidents"


def test_the_median_of_a_count_is_a_count() -> None:
    from ceasefire.assessment.outlook.look import _week_ahead

    week = _week_ahead(np.repeat(np.array([0, 1], dtype=np.float32), 100), 2600, 1, 5.0)
    assert (week.median, week.mean) == (0, 0.5)


def test_year_ends_are_followed_by_the_first_week(looked: LookedAhead) -> None:
    weeks = [week.week for week in looked.outlook.forecasts[0].weeks]
    assert weeks[0] == "2021-W46"
    assert weeks[6:] == ["2021-W52", "2022-W01"]


def test_before_anything_could_be_alleged_what_is_alleged_is_missing(looked: LookedAhead, made_once: Path) -> None:
    with Workspace.open(made_once) as workspace:
        case = workspace.case
    panels = looked.material.panels
    for at, zone in enumerate(panels["zone", "deaths"].units):
        start = alleged_from(case, zone)
        assert start is not None
        before = panels["zone", "deaths"].weeks < start
        assert np.isnan(panels["zone", "alleged-or-open"].counts[before, at]).all()
        after = panels["zone", "alleged-or-open"].counts[~before, at]
        assert np.isfinite(after).sum() == np.isfinite(panels["zone", "deaths"].incidents[~before, at]).sum() > 0
    unknown = replace(case, clauses={})
    assert alleged_from(unknown, None) is None
    assert earliest_week(unknown, "north-bank") is None


def test_after_nothing_can_be_alleged_any_more_what_is_alleged_is_missing(made_once: Path) -> None:
    """A zone that surrendered is not quiet, and a truce that lapsed is not kept."""
    with Workspace.open(made_once) as workspace:
        case, derived = workspace.case, workspace.outlook().material
    week = int(derived.panels["zone", "deaths"].weeks[-6])
    day = {"at": monday_of(week).isoformat(), "sources": [next(iter(case.sources))]}
    harbour = case.areas["harbour"]
    last = harbour.versions[-1].model_copy(update={"valid_until": (Moment.model_validate(day),)})
    ended = replace(
        case, areas={**case.areas, "harbour": harbour.model_copy(update={"versions": (*harbour.versions[:-1], last)})}
    )
    assert alleged_until(ended, "harbour") == week
    assert alleged_until(ended, "north-bank") == alleged_until(case, "north-bank")
    lapsed = {
        key: clause.model_copy(update={"ends": (Moment.model_validate(day),)}) for key, clause in case.clauses.items()
    }
    assert alleged_until(replace(case, clauses=lapsed), None) == week + 1
    with Workspace.open(made_once) as workspace:
        tables = [workspace.reports(), workspace.incidents(), workspace.findings()]
    looked = outlook_of(ended, *tables, boundaries=None)
    panel = looked.material.panels["zone", "alleged-or-open"]
    at = panel.units.index("harbour")
    after = panel.weeks >= week
    assert np.isnan(panel.counts[after, at]).all()
    assert np.isfinite(panel.counts[after][:, panel.units.index("north-bank")]).any()
    (forecast,) = [
        each
        for each in looked.outlook.forecasts
        if (each.area_kind, each.area_id, each.target) == ("zone", "harbour", "alleged-or-open")
    ]
    assert forecast.why_not == "nothing-recent"


def test_what_machines_read_is_whole_and_has_no_figure_without_meaning(looked: LookedAhead) -> None:
    text = json.dumps([outlook_json(looked), *evaluations_json(looked)], allow_nan=False)
    assert "NaN" not in text
    assert {each["target"] for each in evaluations_json(looked)} == set(TARGETS)


def test_the_same_record_gives_the_same_outlook_and_the_same_pictures(
    looked: LookedAhead, made_once: Path, tmp_path: Path
) -> None:
    with Workspace.open(made_once) as workspace:
        again = workspace.outlook()
    assert outlook_json(again) == outlook_json(looked)
    for name in ("one", "two"):
        assert write_pictures(looked if name == "one" else again, tmp_path / name) > 10
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
        ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314  (our own file)
    assert {path.name.endswith("-dark.svg") for path in (tmp_path / "one").iterdir()} == {True, False}


def test_a_workspace_without_results_is_refused_as_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Workspace.create(tmp_path / "new", "riverline", author="Amal").close()
    assert run(["outlook", "-w", str(tmp_path / "new")]) == 2
    assert "ceasefire run" in capsys.readouterr().err


def test_the_command_prints_tables_or_json(made_once: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["outlook", "-w", str(made_once)]) == 0
    said = capsys.readouterr().out
    assert "North Bank" in said
    assert "cannot be told" in said
    assert run(["outlook", "-w", str(made_once), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["origin_week"] == "2021-W45"
    assert run(["outlook", "-w", str(made_once), "--evaluate", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["area_kind"] for line in lines} == {"zone", "unit"}
    assert run(["outlook", "-w", str(made_once), "--target", "peace"]) == 2


def test_a_folder_of_pictures_that_is_a_file_is_refused(
    made_once: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert run(["outlook", "-w", str(made_once), "--pictures", str(tmp_path / "file")]) == 2
    assert "cannot be made a folder" in capsys.readouterr().err


@pytest.fixture
def mission(made_once: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(made_once, tmp_path / "mission")
    with Workspace.open(tmp_path / "mission", author="Badr") as opened:
        yield opened


def test_one_giant_event_and_a_late_row_have_defined_answers(mission: Workspace, tmp_path: Path) -> None:
    rows = [ged_row(number, date_start=f"2021-{5 + number % 6:02d}-{1 + number % 27:02d}") for number in range(60)]
    for row in rows:
        row["date_end"] = row["date_start"]
    rows.append(ged_row(99, best=40_000, high=40_000, low=40_000, deaths_a=40_000))
    mission.import_file(write_ged(tmp_path / "ged.csv", *rows), "ucdp-ged")
    mission.run()
    looked = mission.outlook()
    values = [week.mean for each in looked.outlook.forecasts for week in each.weeks]
    assert values
    assert all(math.isfinite(value) for value in values)


def test_clusters_are_told_by_release_class() -> None:
    """Outside the mission a cluster is its administrative units and numbers; the public may not ask."""
    from ceasefire.assessment.outlook.records import ClusterFound
    from ceasefire.model.roles import Role

    cluster = ClusterFound(
        rank=1, first_week="2021-W40", last_week="2021-W41", observed=9.0, expected=2.0, p=0.001,
        areas=("Northern Province",), longitude=26.65, latitude=-42.95, radius_km=20.0,
    )  # fmt: skip
    for role, exact in ((Role.GUARANTOR, False), (Role.LIAISON, False), (Role.ANALYST, True)):
        told = tell(cluster, Viewer(name="x", roles=frozenset({role})), Operation.READ_OUTLOOK)
        assert ("longitude" in told) is exact
        assert ("radius_km" in told) is exact
        assert told["areas"] == ["Northern Province"]
    public = Viewer(name="", roles=frozenset({Role.PUBLIC}))
    assert not public.may(Operation.READ_OUTLOOK)
    administrator = Viewer(name="root", roles=frozenset({Role.ADMINISTRATOR}))
    assert not administrator.may(Operation.READ_OUTLOOK)


@pytest.fixture(scope="module")
def real(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> LookedAhead:
    folder = tmp_path_factory.mktemp("outlook") / "astana"
    with Workspace.create(folder, "astana-2017", author="Amal") as workspace:
        workspace.import_file(real_data / "dev_pack" / "ged_syria_2016_2017.csv", "ucdp-ged")
        workspace.run()
        return workspace.outlook()


@pytest.mark.real_data
@pytest.mark.parametrize(("kind", "least"), [("zone", 0.05), ("unit", 0.08)])
def test_forecasts_of_real_deaths_save_what_they_promise(real: LookedAhead, kind: str, least: float) -> None:
    found = real.evaluations[kind, "deaths"]
    assert found.best_baseline == "conflictology-12"
    assert found.origins > 70
    skill = found.skills[found.best_baseline]
    assert skill.skill >= least
    assert skill.low > 0.02
    # to a thousandth: a count of zero on the edge of an interval is within it
    assert 0.87 <= round(found.pool.coverage_90, 3) <= 0.93
    assert max(abs(share - 0.1) for share in found.pit) < 0.03


@pytest.mark.real_data
def test_the_real_record_has_alarms_and_clusters_with_the_smallest_p_said(real: LookedAhead) -> None:
    outlook = real.outlook
    assert outlook.origin_week == "2017-W52"
    assert outlook.smallest_p == 0.001
    assert all(each.p >= outlook.smallest_p for each in outlook.clusters)
    states = [each.state for each in outlook.alarms if each.target == "deaths"]
    assert 0 < states.count("alarm") < 0.1 * len(states)
    assert np.isfinite([each.warning_area for each in outlook.reliability if each.target == "deaths"]).all()
