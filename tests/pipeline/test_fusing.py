"""Fusing the latest state: learned once, held until somebody asks, replayed under the weights of then."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

from ceasefire.model.errors import StaleResultError, UsageError
from ceasefire.pipeline.exports import EXPORTS, table_to_export
from ceasefire.pipeline.history import Kind
from ceasefire.pipeline.workspace import Workspace

EVENTS = 700
MAPPING = """format: 1
source: { column: source }
source_report_id: id
time: { start: { column: day }, precision: { constant: { precision: day } } }
place: { latitude: lat, longitude: lon, precision: { constant: { precision: point, radius_km: 2 } } }
actors: { sides: [a, b] }
acts: { constant: [armed-force] }
tolls: { killed: { best: dead } }
"""


@pytest.fixture(scope="module")
def learned_once(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace fused under the built-in weights, then with many reports, which it learned from."""
    folder = tmp_path_factory.mktemp("learned") / "mission"
    shutil.copytree(made_once, folder)
    rng = np.random.default_rng(7)
    lines = ["source,id,day,lat,lon,a,b,dead"]
    for event in range(EVENTS):
        day, lat, lon, dead = rng.integers(0, 360), rng.uniform(0, 2), rng.uniform(0, 2), rng.integers(0, 9)
        for source in ("gazette", "herald"):
            when = np.datetime64("2022-01-01") + day + rng.integers(0, 2)
            place = f"{lat + rng.normal() / 100:.4f},{lon + rng.normal() / 100:.4f}"
            lines.append(f"{source},{source}-{event},{when},{place},River Guard,Hill Front,{dead}")
    (folder.parent / "t.csv").write_text("\n".join(lines), "utf-8")
    (folder.parent / "m.yaml").write_text(MAPPING, "utf-8")
    with Workspace.open(folder, author="Badr") as workspace:
        workspace.import_file(folder.parent / "t.csv", "table", mapping=folder.parent / "m.yaml")
        result = workspace.fuse()
        assert result.learned
        assert result.weights["origin"] == "first"
    return folder


@pytest.fixture
def learned(learned_once: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(learned_once, tmp_path / "mission")
    return Workspace.open(tmp_path / "mission", author="Badr")


def kinds(workspace: Workspace) -> list[str]:
    return [entry.kind for entry in workspace.ledger.entries()]


def test_the_first_time_there_is_enough_weights_are_learned_and_then_they_hold(learned: Workspace) -> None:
    assert kinds(learned)[:4] == [Kind.WORKSPACE_CREATED, Kind.CASE_ADOPTED, Kind.IMPORT, Kind.WEIGHTS]
    result = learned.fuse()
    assert not result.learned
    assert result.already_derived
    assert result.weights["position"] == 4
    assert result.joined > EVENTS
    assert kinds(learned).count(Kind.WEIGHTS) == 1
    assert learned.audit().ok


def test_relearning_is_asked_for_and_counts_judgements(learned: Workspace) -> None:
    doubtful = learned.doubtful().slice(0, 1).to_pylist()
    pairs = doubtful or learned.pairs().slice(0, 1).to_pylist()
    said = {key: pairs[0][key] for key in ("report_a", "report_b")} | {"verdict": "not-same"}
    learned.ledger.append(Kind.JUDGEMENT, said, author="Badr")
    result = learned.fuse()
    assert not result.learned
    assert (result.judgements, result.judgements_until_relearning) == (1, 99)
    again = learned.fuse(relearn=True)
    assert again.learned
    assert (again.weights["origin"], again.weights["judgements"]) == ("relearned", 1)
    assert again.judgements_until_relearning == 100
    assert kinds(learned).count(Kind.WEIGHTS) == 2
    held = dict(zip(*(learned.links()[name].to_pylist() for name in ("report_id", "incident_id")), strict=True))
    assert held[said["report_a"]] != held[said["report_b"]]


def test_an_earlier_state_is_fused_under_the_weights_of_then(learned: Workspace) -> None:
    size = learned.ledger.size
    before, after = (learned.fuse(as_of=position) for position in (3, 4))
    assert (before.weights["origin"], after.weights["origin"]) == ("built-in", "first")
    assert learned.links(as_of=4).equals(learned.links())
    assert not learned.links(as_of=3).equals(learned.links())
    assert learned.ledger.size == size
    with pytest.raises(UsageError, match="not from an earlier state"):
        learned.fuse(relearn=True, as_of=3)


def test_learning_moves_reports_and_every_id_before_leads_on(learned: Workspace) -> None:
    """The ids of a state that was published under the built-in weights, then learned from."""
    folder = learned.folder
    before = learned.links(as_of=3)
    learned.ledger.append(Kind.FUSION, _as_if_published(learned, before), author="Badr")
    past, now = learned.succession(), learned.links()
    assert past.ended()
    where = dict(zip(now["report_id"].to_pylist(), now["incident_id"].to_pylist(), strict=True))
    for row in before.to_pylist():
        assert where[row["report_id"]] in past.follow(row["incident_id"])
    assert folder.is_dir()


def _as_if_published(workspace: Workspace, before: object) -> dict[str, object]:
    from ceasefire.pipeline.succession import changes_between

    changes = changes_between(before, workspace.links())
    return {"basis": 4, "reports": changes.num_rows, "content": {"changes": workspace.batches.put_table(changes)}}


def test_run_after_fuse_fuses_no_more_and_the_other_way_round(workspace: Workspace) -> None:
    shutil.rmtree(workspace.folder / "derived")
    assert not workspace.fuse().already_derived
    links = workspace.links()
    with pytest.raises(StaleResultError, match="ceasefire run"):
        workspace.findings()
    fused = {path: path.stat().st_mtime_ns for path in (workspace.folder / "derived").glob("*/links.parquet")}
    assert not workspace.run().already_derived
    assert {path: path.stat().st_mtime_ns for path in (workspace.folder / "derived").glob("*/links.parquet")} == fused
    assert workspace.fuse().already_derived
    assert workspace.run().already_derived
    assert workspace.links().equals(links)


def test_too_little_is_not_learned_from(workspace: Workspace) -> None:
    result = workspace.fuse()
    assert result.weights == {
        "position": None, "recorded_at": None, "reports": 0, "judgements": 0, "origin": "built-in"
    }  # fmt: skip
    with pytest.raises(UsageError, match="too little to learn"):
        workspace.fuse(relearn=True)
    assert Kind.WEIGHTS not in kinds(workspace)


def test_every_report_is_in_the_links_that_are_exported(workspace: Workspace) -> None:
    links = table_to_export(workspace, "links")
    reports = workspace.reports()
    assert set(links["source_report_id"].to_pylist()) == set(reports["source_report_id"].to_pylist())
    incidents = set(workspace.incidents()["incident_id"].to_pylist())
    assert set(links["incident_id"].drop_null().to_pylist()) == incidents
    without = links.filter(pc.is_null(links["incident_id"]))
    kinds_of = dict(zip(reports["source_report_id"].to_pylist(), reports["stance"].to_pylist(), strict=True))
    assert {kinds_of[one] for one in without["source_report_id"].to_pylist()} == {"denies"}


@pytest.mark.parametrize("what", EXPORTS)
def test_every_table_can_be_exported(workspace: Workspace, what: str) -> None:
    table = table_to_export(workspace, what)
    if what in ("pairs", "review", "judgements"):
        assert {"report_a", "report_b", "record_a", "record_b"} <= set(table.column_names)
        assert table["record_a"].null_count == 0
