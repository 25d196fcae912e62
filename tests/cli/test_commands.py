"""The main path of each command, run as a user runs it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ceasefire.model.schemas import FINDING, OBLIGATION

from .conftest import Ceasefire, run


def test_the_way_from_nothing_to_a_bulletin(tmp_path: Path) -> None:
    made = run("init", "mission", "--case", "riverline", cwd=tmp_path)
    assert (made.code, made.err) == (0, "")
    assert "Next: cd mission && ceasefire run" in made.out
    mission = tmp_path / "mission"
    (mission / "events.csv").write_text(
        "id,type_of_violence,side_a,side_b,where_prec,latitude,longitude,date_prec,date_start,date_end,"
        "deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low\n"
        "1,1,Republic of Velmar,Northern Assembly,1,10.2,20.1,1,2021-04-21,2021-04-21,1,0,0,0,1,2,1\n"
        "2,1,Republic of Velmar,Northern Assembly,1,10.2,20.1,1,2021-04-22,2021-04-22,1,0,0,0,one,2,1\n"
    )
    brought = run("import", "events.csv", "--as", "ucdp-ged", cwd=mission)
    assert brought.code == 0
    assert "2 rows in: 1 accepted, 1 rejected, 0 duplicates." in brought.out
    assert "events.csv:3" in brought.err
    again = run("import", "events.csv", "--as", "ucdp-ged", cwd=mission)
    assert again.code == 0
    assert "Nothing was added" in again.out
    stale = run("findings", cwd=mission)
    assert stale.code == 2
    assert "ceasefire run" in stale.err
    assert run("run", cwd=mission).code == 0
    for name in ("week.pdf", "week.html"):
        issued = run("bulletin", "--week", "2021-W16", "-o", name, cwd=mission)
        assert "Weekly bulletin No. 1" in issued.out
        assert (mission / name).stat().st_size > 10_000
    assert run("audit", cwd=mission).code == 0


def test_findings_print_rows_counts_and_bounds(ceasefire: Ceasefire) -> None:
    listed = ceasefire("findings", "--week", "2021-W16")
    assert (listed.code, listed.err) == (0, "")
    assert "find-" in listed.out
    assert "Bounds by clause" in listed.out
    assert "no ruling" in listed.out
    nothing = ceasefire("findings", "--week", "1999-W01")
    assert nothing.code == 0
    assert "No clause check fits." in nothing.out
    assert "Bounds by clause" in nothing.out
    few = ceasefire("findings", "--limit", "2")
    assert few.out.count("find-") == 2
    assert "The first 2 of 79" in few.out


def test_json_has_the_records_own_fields(ceasefire: Ceasefire) -> None:
    findings = ceasefire("findings", "--json").json_lines()
    assert len(findings) == 79
    assert {tuple(row) for row in findings} == {tuple(FINDING.names)}
    obligations = ceasefire("obligations", "--as-of-day", "2021-06-30", "--json").json_lines()
    assert {tuple(row) for row in obligations} == {tuple(OBLIGATION.names)}
    assert obligations[0]["period_from"].endswith("Z")
    why = ceasefire("why", findings[0]["finding_id"], "--json").json_lines()
    assert why[0]["record"]["finding_id"] == findings[0]["finding_id"]
    assert len(why[0]["trace"]["steps"]) == 6
    assert ceasefire("run", "--json").json_lines()[0]["already_derived"] is True
    assert ceasefire("audit", "--json").json_lines()[0]["ok"] is True
    assert ceasefire("check", "--json").out == ""


def test_filters_reach_the_rows(ceasefire: Ceasefire) -> None:
    chosen = ceasefire("findings", "--clause", "A2", "--status", "contested", "--from", "2021-04-01", "--json")
    rows = chosen.json_lines()
    assert rows
    assert {(row["clause_id"], row["status"]) for row in rows} == {("A2", "contested")}


def test_why_takes_the_beginning_of_an_id(ceasefire: Ceasefire) -> None:
    row = ceasefire("findings", "--status", "contested", "--json").json_lines()[0]
    why = ceasefire("why", row["finding_id"][:14])
    assert why.code == 0
    assert why.out.startswith(row["finding_id"])
    assert "Contested" in why.out
    incident = ceasefire("why", row["incident_id"])
    assert row["finding_id"] in incident.out


def test_links_and_findings_are_exported(ceasefire: Ceasefire, tmp_path: Path) -> None:
    links = tmp_path / "links.csv"
    assert ceasefire("export", "links", "-o", links).code == 0
    with links.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert {"source_report_id", "incident_id"} <= rows[0].keys()
    assert all(
        row["incident_id"].startswith("inc-") == bool(row["relation"]) and row["source_report_id"] for row in rows
    )
    assert [row["source_report_id"] for row in rows if not row["relation"]] == [
        "E08-republic-period",  # denials of a period and of everything are of no incident
        "E09-assembly-everything",
    ]
    table = tmp_path / "findings.parquet"
    assert ceasefire("export", "findings", "-o", table).code == 0
    assert pq.ParquetFile(table).schema_arrow.names == FINDING.names
    text = tmp_path / "findings.csv"
    assert ceasefire("export", "findings", "-o", text).code == 0
    assert len(text.read_text("utf-8").splitlines()) == 80


def test_audit_lists_compares_and_finds_a_change(ceasefire: Ceasefire, tmp_path: Path) -> None:
    said = ceasefire("audit", "--json").json_lines()[0]
    entries = ceasefire("audit", "--entries")
    assert "case-adopted" in entries.out
    assert "Amal" in entries.out
    assert "with what was noted" in ceasefire("audit", "--expect", f"{said['size']}:{said['root']}").out
    other = ceasefire("audit", "--expect", f"{said['size']}:{'0' * 64}")
    assert other.code == 1
    assert "do not give the root that was noted" in other.out
    assert ceasefire("audit", "--expect", "99:" + "0" * 64).code == 1
    assert ceasefire("audit", "--expect", "latest").code == 2
    copy = tmp_path / "copy"
    run("init", copy, "--case", "riverline", cwd=tmp_path)
    next(path for path in (copy / "batches").rglob("*") if path.is_file()).unlink()
    broken = run("audit", cwd=copy)
    assert broken.code == 1
    assert "first entry that does not agree is 2" in broken.out


def test_check_lists_faults_with_file_and_line(ceasefire: Ceasefire, tmp_path: Path, mission: Path) -> None:
    assert ceasefire("check").code == 0
    assert ceasefire("check", cwd=mission / "case").code == 0
    assert run("check", mission / "case", cwd=tmp_path).code == 0
    copy = tmp_path / "case"
    for path in (mission / "case").rglob("*"):
        if path.is_file():
            (copy / path.relative_to(mission / "case")).parent.mkdir(parents=True, exist_ok=True)
            (copy / path.relative_to(mission / "case")).write_bytes(path.read_bytes())
    clauses = copy / "clauses.yaml"
    clauses.write_text(clauses.read_text("utf-8").replace("    kind: prohibits", "    kind: forbids", 1), "utf-8")
    checked = run("check", copy, cwd=tmp_path)
    assert checked.code == 2
    assert "clauses.yaml:" in checked.out
    assert "forbids" in checked.out
    assert json.loads(run("check", copy, "--json", cwd=tmp_path).out.splitlines()[0])["line"] > 1


def test_as_of_reaches_the_past(tmp_path: Path) -> None:
    mission = tmp_path / "mission"
    run("init", mission, "--case", "riverline", cwd=tmp_path)
    (mission / "case" / "reports" / "2021-summer.yaml").unlink()
    renewed = run("run", cwd=mission)
    assert "the case files had changed" in renewed.out.lower()
    now, then = (len(run("findings", "--json", *more, cwd=mission).json_lines()) for more in ((), ("--as-of", "2")))
    assert now < then == 79


def test_simulate_writes_the_same_files_for_the_same_seed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        done = run("simulate", "-o", name, "--days", "5", "--seed", "7", cwd=tmp_path)
        assert (done.code, done.err) == (0, "")
    for name in ("reports.parquet", "truth.parquet"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_demo_makes_a_bulletin_and_says_where(tmp_path: Path) -> None:
    done = run("demo", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    folder = tmp_path / "ceasefire-demo"
    assert (folder / "bulletin-2017-W39.pdf").read_bytes().startswith(b"%PDF")
    assert (folder / "bulletin-2017-W39.html").is_file()
    assert "bulletin-2017-W39.html" in done.out
    why = next(line for line in done.out.splitlines() if "ceasefire why" in line).split()
    assert run(*why[1:], cwd=tmp_path).code == 0
    assert run("demo", cwd=tmp_path).code == 0, "a demonstration may be made anew"


def test_demo_leaves_other_folders_alone(tmp_path: Path) -> None:
    (tmp_path / "ceasefire-demo").mkdir()
    (tmp_path / "ceasefire-demo" / "thesis.docx").write_text("mine")
    done = run("demo", cwd=tmp_path)
    assert done.code == 2
    assert (tmp_path / "ceasefire-demo" / "thesis.docx").read_text() == "mine"


@pytest.mark.real_data
def test_real_events_through_the_command_line(tmp_path: Path, real_data: Path) -> None:
    run("init", "idlib", "--case", "astana-2017", cwd=tmp_path)
    mission = tmp_path / "idlib"
    brought = run(
        "import", real_data / "dev_pack" / "ged_syria_2016_2017.csv", "--as", "ucdp-ged", "--json", cwd=mission
    ).json_lines()[0]
    assert brought["rows_in"] == 11_757 == brought["accepted"] + brought["rejected"] + brought["duplicates"]
    assert run("run", cwd=mission).code == 0
    rows = run("findings", "--zone", "idlib", "--from", "2017-09-19", "--until", "2017-09-30", "--json", cwd=mission)
    assert len(rows.json_lines()) > 100
    assert {row["zone_id"] for row in rows.json_lines()} == {"idlib"}


def test_registers_prints_groups_and_counts_that_add_up(ceasefire: Ceasefire) -> None:
    listed = ceasefire("registers", "republic-delegation", "assembly-delegation")
    assert (listed.code, listed.err) == (0, "")
    assert "Told by both: 3 rows" in listed.out
    assert "E03-republic" in listed.out
    assert "told by this list alone" in listed.out
    (said,) = ceasefire("registers", "republic-delegation", "assembly-delegation", "--json").json_lines()
    assert said["counts"]["both"] == {"a": 3, "b": 3}
    assert len(said["rows"]) == sum(max(c.values()) for c in said["counts"].values())
    few = ceasefire("registers", "republic-delegation", "assembly-delegation", "--limit", "1")
    assert "The first 1 of 3" in few.out
    refused = ceasefire("registers", "republic-delegation", "nobody")
    assert refused.code == 2
    assert "oriel-observatory" in refused.err


def test_who_holds_what_says_which_day_to_look_at_when_all_words_are_old(ceasefire: Ceasefire) -> None:
    late = ceasefire("control", "--day", "2026-01-01")
    assert "of 2021-06-07: --day 2021-06-07 looks" in late.out
    then = ceasefire("control", "--day", "2021-06-07")
    assert "hill-guards" in then.out
    assert "The last that is on record" not in then.out
