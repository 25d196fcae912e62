"""The registers of two sources of a workspace: chosen by source and period, under what people said, counted once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from ceasefire.fusion.two_lists import TwoLists
from ceasefire.model.errors import StaleResultError, UsageError
from ceasefire.pipeline.history import Kind
from ceasefire.pipeline.two_registers import list_counts, list_groups, registers_json
from ceasefire.pipeline.workspace import Workspace

A, B = "river-office", "hill-office"
HEAD = "who;no;day;town;lat;lon;by;against;dead\n"
MAPPING = """\
format: 1
separator: ";"
source: { column: who }
source_report_id: no
time: { start: { column: day, formats: ["%Y-%m-%d"] } }
place:
  name: town
  latitude: lat
  longitude: lon
  precision: { constant: { precision: point, radius_km: 0.5 } }
actors: { perpetrator: by, target: against }
acts: { constant: [shelling] }
tolls: { killed: { best: dead } }
"""
RIVER, HILL = "Republic of Velmar;Northern Assembly", "Northern Assembly;Republic of Velmar"
ROWS = (
    f"{A};r1;2021-06-14;Reedham;26.68;-42.90;{HILL};3",
    f"{B};h1;2021-06-14;Reedham;26.681;-42.90;{RIVER};5",
    f"{A};r2;2021-06-20;Millbrook;26.75;-42.98;{HILL};2",  # at the end of the week: dated a day later by the other
    f"{B};h2;2021-06-21;Millbrook;26.75;-42.98;{RIVER};2",
    f"{A};r3;2021-06-17;Old Town;26.43;-42.86;{HILL};1",
    f"{B};h3;2021-06-25;Bridge Two;26.60;-42.70;{RIVER};7",
)
WEEK = {"first_day": "2021-06-14", "last_day": "2021-06-20"}


@pytest.fixture
def lists(workspace: Workspace, tmp_path: Path) -> Workspace:
    (tmp_path / "lists.csv").write_text(HEAD + "\n".join(ROWS) + "\n", encoding="utf-8")
    (tmp_path / "lists.yaml").write_text(MAPPING, encoding="utf-8")
    workspace.import_file(tmp_path / "lists.csv", "table", mapping=tmp_path / "lists.yaml")
    return workspace


def told(workspace: Workspace, a: str = A, b: str = B, **period: str) -> list[tuple[str, str, str]]:
    """Return the rows: group, own ids of the first list, of the second."""
    said = registers_json(workspace.registers(a, b, **period))
    own = said["entries"]
    return [
        (r["group"], *("+".join(own[one] for one in r[n]) for n in ("entries_a", "entries_b"))) for r in said["rows"]
    ]


def test_all_entries_and_a_period(lists: Workspace) -> None:
    assert told(lists) == [("both", "r1", "h1"), ("only-a", "r3", ""), ("both", "r2", "h2"), ("only-b", "", "h3")]
    assert told(lists, **WEEK) == [("both", "r1", "h1"), ("only-a", "r3", ""), ("both", "r2", "h2")]
    compared = lists.registers(A, B, **WEEK)
    # what lies outside the week stands beside what it corresponds to, and is not counted
    assert compared.counts["both"] == (2, 1)
    assert list_counts(compared)[-1] == ("all entries", "3", "1")
    assert told(lists, first_day="2021-06-21") == [("both", "r2", "h2"), ("only-b", "", "h3")]


def test_from_the_other_side(lists: Workspace) -> None:
    other = {"only-a": "only-b", "only-b": "only-a", "both": "both"}
    assert [(other[group], b, a) for group, a, b in told(lists, B, A, **WEEK)] == told(lists, **WEEK)


def test_judgements_on_record_win_and_an_earlier_state_is_without_them(lists: Workspace) -> None:
    own = {own: report for report, own in registers_json(lists.registers(A, B))["entries"].items()}
    before = lists.ledger.size
    for a, b, verdict in (("r1", "h1", "not-same"), ("r3", "h3", "same")):
        said = {"report_a": own[a], "report_b": own[b], "verdict": verdict}
        lists.ledger.append(Kind.JUDGEMENT, said, author="Amal")
    assert told(lists) == [("only-a", "r1", ""), ("only-b", "", "h1"), ("both", "r3", "h3"), ("both", "r2", "h2")]
    assert lists.registers(A, B).lists.table["settled_by"].to_pylist() == [None, None, "judgement", "match"]
    assert lists.registers(A, B, as_of=before).counts["both"] == (2, 2)


def test_groups_are_listed_with_names_days_and_differences(lists: Workspace) -> None:
    groups = list_groups(lists.registers(A, B), zone=lists.zone, limit=1)
    assert [(group.title, len(group.rows), group.of) for group in groups] == [
        ("Told by both", 1, 2),
        (f"Told by {A} alone", 1, 1),
        (f"Told by {B} alone", 1, 1),
    ]
    row = groups[0].rows[0]
    assert row[:5] == ("r1", "h1", "2021-06-14", "Reedham", "3 / 5")
    assert row[-1] == "perpetrator, killed by 2"
    with pytest.raises(UsageError):
        list_groups(lists.registers(A, B), zone=lists.zone, limit=-1)


@pytest.mark.parametrize(
    ("a", "b", "period", "words"),
    [
        (A, "nobody", {}, r'"nobody".*\n.*oriel-observatory \(\d+\)'),
        (A, A, {}, "twice"),
        (A, B, {"first_day": "2021-06-31"}, "No such day"),
        (A, B, {"first_day": "2021-06-20", "last_day": "2021-06-14"}, "before the first"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    lists: Workspace, a: str, b: str, period: dict[str, str], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        lists.registers(a, b, **period)


def test_an_edited_case_is_refused_until_it_is_recorded(lists: Workspace) -> None:
    notes = lists.folder / "case" / "sources.yaml"
    notes.write_text(notes.read_text(encoding="utf-8") + "\n# read again\n", encoding="utf-8")
    with pytest.raises(StaleResultError):
        lists.registers(A, B)


def test_reports_of_the_case_are_lists_too(workspace: Workspace) -> None:
    compared = workspace.registers("republic-delegation", "assembly-delegation")
    held = workspace.reports()["source_id"].to_pylist()
    totals = [sum(counts[which] for counts in compared.counts.values()) for which in (0, 1)]
    assert totals == [held.count("republic-delegation"), held.count("assembly-delegation")]
    assert set(compared.lists.table["settled_by"].to_pylist()) == {"key", None}
    both = list_groups(compared, zone=workspace.zone, limit=0)[0]
    assert {row[5] for row in both.rows} == {"own keys"}


def test_a_likely_pair_is_not_said_to_be_certain(lists: Workspace) -> None:
    compared = lists.registers(A, B)
    rows = [row | {"match_probability": 0.9993, "settled_by": None} for row in compared.lists.table.to_pylist()]
    sure = replace(compared, lists=TwoLists(pa.Table.from_pylist(rows, schema=compared.lists.table.schema)))
    both = list_groups(sure, zone=lists.zone, limit=0)[0]
    assert both.title == "Told by both"
    assert {row[5] for row in both.rows} == {"over 99%"}
