"""Importing: whole or not at all, counted to the row, the same twice adds nothing, a change is a revision."""

from __future__ import annotations

from pathlib import Path

import pytest

from ceasefire.model.errors import InputError, UsageError
from ceasefire.pipeline.imports import ImportResult
from ceasefire.pipeline.workspace import Workspace

from .conftest import ged_row, write_ged


def adds_up(result: ImportResult) -> bool:
    return result.rows_in == result.accepted + result.rejected + result.duplicates


def test_the_same_file_twice_adds_nothing_and_says_so(workspace: Workspace, tmp_path: Path) -> None:
    path = write_ged(tmp_path / "events.csv", ged_row(1), ged_row(2, latitude=10.3))
    first = workspace.import_file(path, "ucdp-ged")
    assert (first.accepted, first.already_held, first.position) == (2, False, 3)
    workspace.run()
    reports = workspace.reports()
    renamed = path.rename(tmp_path / "the-same.csv")
    again = workspace.import_file(renamed, "ucdp-ged")
    assert (again.accepted, again.duplicates, again.already_held, again.position) == (0, 2, True, 3)
    assert adds_up(again)
    assert workspace.ledger.size == 3
    assert workspace.reports().equals(reports)


def test_rows_held_already_are_duplicates_and_changed_ones_revisions(workspace: Workspace, tmp_path: Path) -> None:
    workspace.import_file(write_ged(tmp_path / "a.csv", ged_row(1), ged_row(2)), "ucdp-ged")
    workspace.run()
    incident_of = dict(
        zip(*(workspace.links()[name].to_pylist() for name in ("report_id", "incident_id")), strict=True)
    )
    recorded = {row["report_id"]: row["recorded_at"] for row in workspace.reports().to_pylist()}
    later = write_ged(tmp_path / "b.csv", ged_row(1), ged_row(2, best=5, high=6, deaths_b=4), ged_row(3))
    result = workspace.import_file(later, "ucdp-ged")
    assert (result.rows_in, result.accepted, result.revised, result.duplicates) == (3, 2, 1, 1)
    workspace.run()
    rows = {row["source_report_id"]: row for row in workspace.reports().to_pylist() if row["source_id"] == "ucdp-ged"}
    assert {key: row["killed_best"] for key, row in rows.items()} == {"1": 1, "2": 5, "3": 1}
    # a revision is the same report, recorded when it first was, so its incident keeps its id
    revised = rows["2"]["report_id"]
    assert rows["2"]["recorded_at"] == recorded[revised]
    links = dict(zip(*(workspace.links()[name].to_pylist() for name in ("report_id", "incident_id")), strict=True))
    assert links[revised] == incident_of[revised]
    before = {row["source_report_id"]: row["killed_best"] for row in workspace.reports(as_of=3).to_pylist()}
    assert before["2"] == 1


def test_rejects_are_listed_counted_and_kept(workspace: Workspace, tmp_path: Path) -> None:
    path = write_ged(
        tmp_path / "events.csv",
        *(ged_row(number, longitude=20 + number / 100) for number in range(1, 6)),
        ged_row(6, best="many"),
        ged_row(7, date_start="2021-13-45"),
        ged_row(1, longitude=20.01),
    )
    result = workspace.import_file(path, "ucdp-ged")
    assert (result.rows_in, result.accepted, result.rejected, result.duplicates) == (8, 5, 2, 1)
    assert [fault.line for fault in result.rejects] == [7, 8]
    entry = list(workspace.ledger.entries())[-1]
    assert b"2021-13-45" in workspace.batches.get_bytes(entry.content["rejects"])
    assert workspace.batches.get_bytes(entry.content["document"]) == path.read_bytes()


def test_a_file_refused_as_a_whole_leaves_no_trace(workspace: Workspace, tmp_path: Path) -> None:
    held = sorted((workspace.folder / "batches").rglob("*"))
    bad = tmp_path / "events.csv"
    for content in (b"id,best\n1,2\n", b"", b"\xff\xfe\x00bad", b"PK\x03\x04"):
        bad.write_bytes(content)
        with pytest.raises(InputError):
            workspace.import_file(bad, "ucdp-ged")
    with pytest.raises(InputError, match="cannot be read"):
        workspace.import_file(tmp_path / "absent.csv", "ucdp-ged")
    assert workspace.ledger.size == 2
    assert sorted((workspace.folder / "batches").rglob("*")) == held


def test_results_are_stale_after_an_import(workspace: Workspace, tmp_path: Path) -> None:
    from ceasefire.model.errors import StaleResultError

    workspace.import_file(write_ged(tmp_path / "events.csv", ged_row(1)), "ucdp-ged")
    with pytest.raises(StaleResultError, match="ledger position 3"):
        workspace.findings()
    assert workspace.findings(as_of=2).num_rows == 79


def test_a_name_that_the_register_learns_is_known_at_the_next_run(workspace: Workspace, tmp_path: Path) -> None:
    row = ged_row(1, type_of_violence=3, side_a="Hill Riders", side_b="Civilians", deaths_a=0, deaths_civilians=1)
    workspace.import_file(write_ged(tmp_path / "events.csv", row), "ucdp-ged")
    workspace.run()

    def perpetrators() -> list[str]:
        rows = workspace.reports().to_pylist()
        return next(each["perpetrators"] for each in rows if each["source_id"] == "ucdp-ged")

    assert perpetrators() == ["name:Hill Riders"]
    actors = workspace.folder / "case" / "actors.yaml"
    text = actors.read_text("utf-8")
    own = "Bank Brigade"
    assert text.count(own) >= 1
    actors.write_text(text.replace(own, "Hill Riders"), "utf-8")
    workspace.run()
    assert len(perpetrators()) == 1
    assert perpetrators() != ["name:Hill Riders"]


def test_an_unknown_format_or_an_option_that_does_not_fit_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    path = write_ged(tmp_path / "events.csv", ged_row(1))
    with pytest.raises(UsageError, match="ucdp-ged, table, boundaries"):
        workspace.import_file(path, "acled")
    with pytest.raises(UsageError, match="A table needs a mapping"):
        workspace.import_file(path, "table")
    with pytest.raises(UsageError, match="no other format takes one"):
        workspace.import_file(path, "ucdp-ged", mapping=path)


def test_boundaries_settle_what_is_known_to_an_area_only(workspace: Workspace, tmp_path: Path) -> None:
    square = [[[21.0, 11.0], [21.2, 11.0], [21.2, 11.2], [21.0, 11.2], [21.0, 11.0]]]
    path = tmp_path / "provinces.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"Farland","level":1},'
        f'"geometry":{{"type":"Polygon","coordinates":{square}}}}}]}}'
    )
    row = ged_row(1, where_prec=4)
    row["adm_1"] = "Farland province"
    workspace.import_file(write_ged(tmp_path / "events.csv", row), "ucdp-ged")
    workspace.run()
    incident = next(r["incident_id"] for r in workspace.incidents().to_pylist() if "Farland" in str(r["area_name"]))
    answers = {row["in_area"] for row in workspace.findings(incident=incident).to_pylist()}
    assert "undetermined" in answers
    result = workspace.import_file(path, "boundaries")
    assert (result.accepted, result.rows_in) == (1, 1)
    workspace.run()
    settled = {row["in_area"] for row in workspace.findings(incident=incident).to_pylist()}
    assert "no" in settled
    assert "undetermined" not in settled


@pytest.mark.real_data
def test_real_events_are_imported_to_the_row(workspace: Workspace, real_data: Path) -> None:
    path = real_data / "dev_pack" / "ged_syria_2016_2017.csv"
    result = workspace.import_file(path, "ucdp-ged")
    assert result.rows_in == 11_757
    assert adds_up(result)
    assert workspace.import_file(path, "ucdp-ged").already_held
    parquet = workspace.import_file(path.with_suffix(".parquet"), "ucdp-ged")
    assert (parquet.rows_in, parquet.accepted) == (11_757, 0)
