"""Poor reports through a workspace: what importers let in is fused, checked and listed, and none is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from ceasefire.pipeline.workspace import Workspace

from .conftest import ged_row, write_ged

MAPPING = """\
format: 1
separator: ";"
source: { column: who }
source_report_id: no
time:
  start: { column: day, formats: ["%Y-%m-%d"] }
  until: { column: until, formats: ["%Y-%m-%d"] }
place:
  name: town
  latitude: lat
  longitude: lon
  precision: { constant: { precision: point, radius_km: 0.5 } }
actors: { perpetrator: by, target: against }
acts: { constant: [shelling] }
tolls: { killed: { low: low, best: dead, high: high } }
"""
HEAD = "who;no;day;until;town;lat;lon;by;against;low;dead;high"


def imported(workspace: Workspace, folder: Path, *lines: str) -> Any:
    (folder / "poor.csv").write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    (folder / "poor.yaml").write_text(MAPPING, encoding="utf-8")
    return workspace.import_file(folder / "poor.csv", "table", mapping=folder / "poor.yaml")


def told_once(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """Return each event report's incident by the source's own id, having seen that it has exactly one."""
    reports = workspace.reports()
    events = reports.filter(pc.equal(reports["kind"].cast("string"), "event"))
    incidents = workspace.incidents().to_pylist()
    held = [one for incident in incidents for one in incident["report_ids"]]
    assert len(held) == len(set(held))
    assert set(events["report_id"].to_pylist()) <= set(held)
    own = dict(zip(reports["report_id"].to_pylist(), reports["source_report_id"].to_pylist(), strict=True))
    return {own[one]: incident for incident in incidents for one in incident["report_ids"]}


def test_rows_without_place_toll_or_party_are_kept(workspace: Workspace, tmp_path: Path) -> None:
    result = imported(
        workspace,
        tmp_path,
        "alpha;bare;2021-06-14;2021-06-14;;;;;;;;",
        "alpha;half;2021-06-14;2021-06-14;Reedham;26.68;;Northern Assembly;Republic of Velmar;;3;",
        "beta;odd;2021-06-14;2021-06-14;Reedham;26.68;-42.90;Northern Assembly;Republic of Velmar;9;3;1",
        "beta;year;2021-01-01;2021-12-31;Reedham;26.68;-42.90;Northern Assembly;Republic of Velmar;;400;",
        "beta;حلب;2021-07-14;2021-07-14;حلب;26.68;-42.90;حرس النهر;جبهة التلال;;2;",
    )
    assert (result.accepted, result.rejected) == (5, 0)
    workspace.run()
    incident = told_once(workspace)
    assert incident["bare"]["report_ids"] != incident["half"]["report_ids"]
    assert incident["bare"]["killed_best"] is None
    assert incident["year"]["report_ids"] != incident["odd"]["report_ids"]
    assert incident["حلب"]["place_name"] == "حلب"
    assert {"low-above-best", "high-below-best"} <= set(incident["odd"]["flags"])
    assert workspace.findings().num_rows > 0


def test_what_cannot_be_is_stopped_at_the_door_or_not_counted(workspace: Workspace, tmp_path: Path) -> None:
    result = imported(
        workspace,
        tmp_path,
        "alpha;good;2021-06-14;2021-06-14;Reedham;26.68;-42.90;Northern Assembly;Republic of Velmar;;3;",
        "alpha;good2;2021-08-14;2021-08-14;Reedham;26.68;-42.90;Northern Assembly;Republic of Velmar;;3;",
        "alpha;good3;2021-09-14;2021-09-14;Reedham;26.68;-42.90;Northern Assembly;Republic of Velmar;;3;",
        "alpha;off;2021-06-14;2021-06-14;Reedham;96.68;-42.90;Northern Assembly;Republic of Velmar;;3;",
        "alpha;minus;2021-06-14;2021-06-14;Reedham;26.68;-42.90;Northern Assembly;Republic of Velmar;;-3;",
        "beta;billion;2021-06-14;2021-06-14;Reedham;26.68;-42.90;Northern Assembly;Republic of Velmar;;1000000000;",
        "beta;millions;2021-06-14;2021-06-14;Reedham;26.68;-42.90;Northern Assembly;Republic of Velmar;;5000000;",
    )
    assert (result.accepted, result.rejected) == (4, 3)
    workspace.run()
    incident = told_once(workspace)
    assert "toll-impossible" in incident["millions"]["flags"]
    assert incident["millions"]["killed_best"] in (None, 3)
    assert not {"off", "minus", "billion"} & set(incident)


def test_a_file_brought_in_twice_and_under_another_name_changes_nothing(workspace: Workspace, tmp_path: Path) -> None:
    row = ged_row(1, source_office="Oriel Observatory")
    workspace.import_file(write_ged(tmp_path / "one.csv", row), "ucdp-ged")
    workspace.run()
    before = workspace.incidents()
    again = workspace.import_file(write_ged(tmp_path / "two.csv", row), "ucdp-ged")
    more = workspace.import_file(write_ged(tmp_path / "three.csv", row, row | {"id": 1}), "ucdp-ged")
    assert again.accepted == more.accepted == 0
    workspace.run()
    assert workspace.incidents().equals(before)


def test_why_tells_a_point_that_nobody_named(workspace: Workspace, tmp_path: Path) -> None:
    imported(
        workspace,
        tmp_path,
        "alpha;spot;2021-06-14;2021-06-14;;26.68;-42.90;;;;3;",
        "alpha;nowhere;2021-06-14;2021-06-14;;;;;;;3;",
    )
    workspace.run()
    held = told_once(workspace)
    spot, nowhere = (workspace.why(held[one]["incident_id"]).sentences for one in ("spot", "nowhere"))
    assert "At 26.680, -42.900 (latitude, longitude), within 0.5 km; no place is named." in spot
    assert "Where is not on record." in nowhere
    assert not [sentence for sentence in (*spot, *nowhere) if sentence.startswith(("inc-", "None."))]
