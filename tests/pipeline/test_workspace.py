"""A workspace: made whole or not at all, rebuilt from its ledger, never silently stale, replayed to any position."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path

import pyarrow.compute as pc
import pytest

from ceasefire.agreement.load import built_in_case
from ceasefire.model.errors import InputError, StaleResultError, UsageError
from ceasefire.model.schemas import FINDING, INCIDENT, OBLIGATION, REPORT
from ceasefire.model.time import local_date
from ceasefire.pipeline.history import Kind
from ceasefire.pipeline.workspace import Workspace


def kinds(workspace: Workspace) -> list[str]:
    return [entry.kind for entry in workspace.ledger.entries()]


def retitle(workspace: Workspace, title: str) -> None:
    """Edit the case as a lawyer would, in a way that changes no finding."""
    path = workspace.folder / "case" / "case.yaml"
    path.write_text(path.read_text("utf-8") + f"# {title}\n", "utf-8")


def test_a_new_workspace_holds_the_case_file_by_file(made_once: Path) -> None:
    compared = filecmp.dircmp(built_in_case("riverline"), made_once / "case")
    assert not compared.left_only
    assert not compared.right_only
    assert not compared.diff_files
    with Workspace.open(made_once) as workspace:
        assert kinds(workspace) == [Kind.WORKSPACE_CREATED, Kind.CASE_ADOPTED]
        assert {entry.author for entry in workspace.ledger.entries()} == {"Amal"}


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not an empty folder"):
        Workspace.create(tmp_path, "riverline")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_faulty_case_leaves_nothing_behind(tmp_path: Path) -> None:
    case = tmp_path / "own"
    shutil.copytree(built_in_case("riverline"), case)
    (case / "clauses.yaml").write_text("format: 1\nclauses: []\nclauzes: []\n")
    with pytest.raises(InputError, match="clauzes"):
        Workspace.create(tmp_path / "mission", case)
    assert not (tmp_path / "mission").exists()


def test_a_case_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="riverline"):
        Workspace.create(tmp_path / "mission", "riverlime")


def test_a_workspace_is_found_from_a_folder_within_it(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace.folder / "case" / "reports")
    with Workspace.open() as found:
        assert found.folder.samefile(workspace.folder)


def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="ceasefire init"):
        Workspace.open(tmp_path)


def test_tables_have_their_schemas(workspace: Workspace) -> None:
    assert workspace.reports().schema.equals(REPORT)
    assert workspace.incidents().schema.equals(INCIDENT)
    assert workspace.findings().schema.equals(FINDING)
    assert workspace.obligations(as_of_day="2021-06-30").schema.equals(OBLIGATION)


def test_what_is_derived_can_be_deleted_and_comes_back_to_the_byte(workspace: Workspace) -> None:
    before = {path.name: path.read_bytes() for path in (workspace.folder / "derived").glob("*/*.parquet")}
    shutil.rmtree(workspace.folder / "derived")
    with pytest.raises(StaleResultError, match="ceasefire run"):
        workspace.findings()
    assert not workspace.run().already_derived
    assert {path.name: path.read_bytes() for path in (workspace.folder / "derived").glob("*/*.parquet")} == before
    assert len(before) == 6
    assert workspace.run().already_derived


def test_an_edited_case_is_stale_until_it_is_recorded(workspace: Workspace) -> None:
    retitle(workspace, "a remark")
    for question in (workspace.findings, workspace.obligations, lambda: workspace.why("inc-")):
        with pytest.raises(StaleResultError, match="has changed since it was last recorded"):
            question()
    result = workspace.run()
    assert result.case_adopted
    assert result.position == 3
    assert kinds(workspace)[-1] == Kind.CASE_ADOPTED
    assert workspace.findings().num_rows == result.findings
    assert not workspace.run().case_adopted


def test_a_case_edited_into_a_fault_is_not_recorded(workspace: Workspace) -> None:
    (workspace.folder / "case" / "clauses.yaml").write_text("format: 1\n")
    with pytest.raises(InputError):
        workspace.run()
    assert workspace.ledger.size == 2


def test_a_report_removed_from_the_case_is_gone_and_its_past_is_kept(workspace: Workspace) -> None:
    reports = workspace.folder / "case" / "reports" / "2021-summer.yaml"
    before = workspace.reports().num_rows
    reports.unlink()
    fewer = workspace.run().reports
    assert 0 < fewer < before
    assert workspace.reports(as_of=2).num_rows == before
    assert workspace.reports().num_rows == fewer


def test_as_of_replays_the_case_of_that_position(workspace: Workspace) -> None:
    actors = workspace.folder / "case" / "actors.yaml"
    first = workspace.findings()
    text = actors.read_text("utf-8")
    assert "Northern Assembly" in text
    actors.write_text(text.replace("Northern Assembly", "Assembly of the North"), "utf-8")
    workspace.run()
    assert "Assembly of the North" in actors.read_text("utf-8")
    assert workspace.findings(as_of=2).equals(first)
    names = {workspace.case_at(at).actors.resolve("Northern Assembly") for at in (2, 3, None)}
    assert names - {"name:Northern Assembly"} == {workspace.case_at().actors.resolve("Assembly of the North")}
    assert "name:Northern Assembly" in names


def test_as_of_a_day_means_what_was_recorded_by_its_end(workspace: Workspace) -> None:
    today = next(iter(workspace.ledger.entries())).recorded_at
    assert workspace.reports(as_of=str(local_date(today, workspace.zone))).num_rows == workspace.reports().num_rows
    with pytest.raises(UsageError, match="Nothing had been recorded by 1999-12-31"):
        workspace.reports(as_of="1999-12-31")
    with pytest.raises(UsageError, match="no position 99"):
        workspace.reports(as_of=99)
    with pytest.raises(UsageError, match="neither a position"):
        workspace.reports(as_of="yesterday")


def test_another_reading_is_derived_beside(workspace: Workspace) -> None:
    reading = next(iter(workspace.case.interpretations))
    under = workspace.findings(reading=reading)
    assert not under["finding_id"].equals(workspace.findings()["finding_id"])
    with pytest.raises(UsageError, match='no interpretation "nobody"'):
        workspace.findings(reading="nobody")


def test_filters_choose_and_refuse(workspace: Workspace) -> None:
    everything = workspace.findings()
    for name, column in (("zone", "zone_id"), ("clause", "clause_id"), ("accused", "accused_id"), ("status", "status")):
        value = everything[column].drop_null()[0].as_py()
        chosen = workspace.findings(**{name: value})
        expected = everything.filter(pc.equal(everything[column].cast("string"), value))
        assert chosen["finding_id"].to_pylist() == expected["finding_id"].to_pylist()
        with pytest.raises(UsageError, match='"nonsense"'):
            workspace.findings(**{name: "nonsense"})
    incident = everything["incident_id"][0].as_py()
    assert set(workspace.findings(incident=incident[:12])["incident_id"].to_pylist()) == {incident}
    with pytest.raises(UsageError, match="begins 22 ids"):
        workspace.findings(incident="inc-")


def test_a_week_is_its_local_days(workspace: Workspace) -> None:
    by_week = workspace.findings(week="2021-W16")
    by_days = workspace.findings(first_day="2021-04-19", last_day="2021-04-25")
    assert by_week.num_rows
    assert by_week.equals(by_days)
    for wrong in ({"week": "2021-W60"}, {"first_day": "2021-02-30"}, {"week": "2021-W16", "last_day": "2021-05-01"}):
        with pytest.raises(UsageError):
            workspace.findings(**wrong)
    with pytest.raises(UsageError, match="is before the first"):
        workspace.findings(first_day="2021-05-01", last_day="2021-04-01")


def test_bounds_are_those_of_the_rows(workspace: Workspace) -> None:
    chosen = workspace.select()
    rows = chosen.findings.select(["clause_id", "status", "incident_id"]).to_pylist()
    assert sum(chosen.statuses.values()) == len(rows)
    for each in chosen.bounds:
        alleged = [row for row in rows if (row["clause_id"], row["status"]) == (each.clause_id, "alleged-violation")]
        open_ = [
            row for row in rows if row["clause_id"] == each.clause_id and row["status"] in ("contested", "undetermined")
        ]
        assert (each.findings.lower, each.findings.upper) == (len(alleged), len(alleged) + len(open_))
        assert each.incidents.lower == len({row["incident_id"] for row in alleged})
        assert each.incidents.upper == len({row["incident_id"] for row in alleged + open_})
    assert {each.clause_id for each in chosen.bounds} == {row["clause_id"] for row in rows}


def test_audit_reads_every_batch(workspace: Workspace) -> None:
    assert workspace.audit().ok
    content = next(path for path in (workspace.folder / "batches").rglob("*") if path.is_file())
    content.write_bytes(content.read_bytes() + b" ")
    report = workspace.audit()
    assert report.first_bad == 2
    assert content.name in str(report.faults[0])


@pytest.mark.parametrize("noun", ["finding", "incident", "obligation"])
def test_why_explains_each_kind_of_record(workspace: Workspace, noun: str) -> None:
    tables = {
        "finding": workspace.findings,
        "incident": workspace.incidents,
        "obligation": lambda: workspace.obligations(as_of_day="2021-06-30"),
    }
    for id_ in tables[noun]()[f"{noun}_id"].to_pylist():
        explained = workspace.why(id_)
        assert (explained.id, explained.kind) == (id_, noun)
        assert len(explained.sentences) >= 5
        assert explained.record[f"{noun}_id"] == id_
        assert not any("None" in sentence for sentence in explained.sentences), explained.sentences


def test_why_of_nothing_is_refused(workspace: Workspace) -> None:
    for id_, words in (("nonsense", "not an id"), ("find-zzz", "no finding"), ("inc-", "begins 22 ids")):
        with pytest.raises(UsageError, match=words):
            workspace.why(id_)


def test_a_case_without_reports_has_nothing_to_find_and_says_so(tmp_path: Path) -> None:
    case = tmp_path / "own"
    shutil.copytree(built_in_case("riverline"), case, ignore=shutil.ignore_patterns("reports"))
    with Workspace.create(tmp_path / "mission", case) as workspace:
        result = workspace.run()
        assert (result.reports, result.incidents, result.findings) == (0, 0, 0)
        assert workspace.select(week="2021-W16", zone="north-bank").bounds == ()
        assert workspace.obligations(as_of_day="2021-06-30").num_rows
        assert b"No finding is on record" in workspace.bulletin(week="2021-W16", format="html").content
