"""Lineages through a workspace: those of the case as it stands, also for reports that were imported before."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc

from ceasefire.pipeline.workspace import Workspace

from .conftest import ged_row, write_ged

DRAWS_ON = "    lineage: [oriel-observatory]\n"


def voices(workspace: Workspace) -> list[str]:
    reports = workspace.reports()
    (imported,) = reports.filter(pc.equal(reports["source_report_id"], "9001"))["report_id"].to_pylist()
    (incident,) = (one for one in workspace.incidents().to_pylist() if imported in one["report_ids"])
    found: list[str] = incident["lineages"]
    return found


def test_an_outlet_named_by_a_data_set_is_no_voice_beside_the_observatory_it_quotes(
    workspace: Workspace, tmp_path: Path
) -> None:
    row = ged_row(9001, source_office="Isles Gazette;Oriel Observatory;Isles Gazette")
    workspace.import_file(write_ged(tmp_path / "ged.csv", row), "ucdp-ged")
    workspace.run()
    assert voices(workspace) == ["oriel-observatory"]
    sources = workspace.folder / "case" / "sources.yaml"
    text = sources.read_text(encoding="utf-8")
    # the case comes to say that the Gazette has correspondents of its own
    sources.write_text(text.replace(DRAWS_ON, "", 1), encoding="utf-8")
    workspace.run()
    assert voices(workspace) == ["isles-gazette", "oriel-observatory"]
    # and that the Observatory reads it, too: a circle is one voice
    circle = text.replace("    kind: observatory\n", "    kind: observatory\n    lineage: [isles-gazette]\n", 1)
    sources.write_text(circle, encoding="utf-8")
    workspace.run()
    assert voices(workspace) == ["isles-gazette"]
