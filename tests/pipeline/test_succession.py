"""What became of incidents: merged, split, split back, revised, learned anew; an id once published always leads on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.pipeline.conftest import ged_row, write_ged

from ceasefire.model.errors import UsageError
from ceasefire.pipeline.exports import table_to_export
from ceasefire.pipeline.fusing import FuseResult
from ceasefire.pipeline.history import Kind
from ceasefire.pipeline.listing import entry_words
from ceasefire.pipeline.succession import CHANGE, SUCCESSION, changes_between
from ceasefire.pipeline.workspace import Workspace

LINK = pa.schema([("report_id", pa.string()), ("incident_id", pa.string()), ("relation", pa.string())])


def judge(workspace: Workspace, a: str, b: str, verdict: str) -> FuseResult:
    """Say of two reports what they are, and fuse again."""
    workspace.ledger.append(Kind.JUDGEMENT, {"report_a": a, "report_b": b, "verdict": verdict}, author=workspace.author)
    return workspace.fuse()


def holders(workspace: Workspace) -> dict[str, str]:
    """Return the incident of each report."""
    same = workspace.links().filter(pc.equal(workspace.links()["relation"], "same"))
    return dict(zip(same["report_id"].to_pylist(), same["incident_id"].to_pylist(), strict=True))


def rows(workspace: Workspace) -> list[tuple[str, str | None, str, int]]:
    """Return the table of succession without positions."""
    table = table_to_export(workspace, "succession")
    assert table.schema.equals(SUCCESSION)
    return [(r["incident_id"], r["successor_id"], r["kind"], r["reports"]) for r in table.to_pylist()]


@pytest.fixture
def apart(workspace: Workspace, tmp_path: Path) -> Iterator[tuple[Workspace, list[str]]]:
    """Return a workspace with three rows of one data set, far from one another, and the ids of their reports."""
    made = [
        ged_row(n, date_start=day, date_end=day) for n, day in ((1, "2021-04-02"), (2, "2021-06-02"), (3, "2021-08-02"))
    ]
    workspace.import_file(write_ged(tmp_path / "ged.csv", *made), "ucdp-ged")
    workspace.run()
    reports = workspace.reports()
    ours = reports.filter(pc.equal(reports["source_id"].cast("string"), "ucdp-ged"))
    yield workspace, sorted(ours["report_id"].to_pylist())


def test_nothing_is_written_while_nothing_moves(apart: tuple[Workspace, list[str]]) -> None:
    workspace, _ = apart
    size = workspace.ledger.size
    workspace.run()
    workspace.fuse()
    assert workspace.ledger.size == size
    assert rows(workspace) == []


def test_two_that_are_judged_the_same_are_merged_and_the_id_leads_on(apart: tuple[Workspace, list[str]]) -> None:
    workspace, (a, b, c) = apart
    before = holders(workspace)
    result = judge(workspace, a, b, "same")
    after = holders(workspace)
    assert after[a] == after[b] != after[c]
    assert result.moved_reports == 1
    (gone,) = {before[a], before[b]} - {after[a]}
    assert rows(workspace) == [(gone, after[a], "merged", 1)]
    lines = entry_words(workspace)[-2:]
    assert lines[0].endswith(f"Badr  judgement  {a} same {b}")
    assert lines[1].endswith("Badr  fusion  moved: reports 1, of incidents 1")
    assert workspace.succession().follow(gone) == (after[a],)
    assert workspace.succession().follow(after[c]) == (after[c],)
    workspace.run()
    explained = workspace.why(gone)
    assert explained.id == after[a]
    assert explained.sentences[0] == f"{gone} is no incident any more: what it held is of {after[a]}."
    chosen = workspace.select(incident=gone)
    assert {*chosen.findings["incident_id"].to_pylist()} == {after[a]}
    assert chosen.said == explained.sentences[0]


def test_split_again_both_ids_are_back_and_the_past_is_kept(apart: tuple[Workspace, list[str]]) -> None:
    workspace, (a, b, _) = apart
    first = holders(workspace)
    judge(workspace, a, b, "same")
    merged = holders(workspace)[a]
    position = workspace.ledger.size
    judge(workspace, a, b, "not-same")
    assert holders(workspace) == first
    (back,) = {first[a], first[b]} - {merged}
    assert rows(workspace) == [(back, merged, "merged", 1), (merged, back, "split", 1)]
    assert workspace.succession().follow(merged) == tuple(sorted({merged, back}))
    assert workspace.succession(as_of=position).follow(back) == (merged,)
    workspace.run()
    assert workspace.why(back).id == back
    assert f"Reports that {merged} held before are of {back} now." in workspace.why(merged).sentences


def test_what_became_several_is_listed_and_not_followed(apart: tuple[Workspace, list[str]]) -> None:
    workspace, reports = apart
    judge(workspace, reports[0], reports[1], "same")
    held = holders(workspace)
    whole, other = held[reports[0]], held[reports[2]]
    leads = "rep-" + whole.removeprefix("inc-")
    led = next(one for one in reports[:2] if one != leads)
    # the report that the incident is named for goes to the third, the other stays alone
    target = "rep-" + other.removeprefix("inc-")
    workspace.ledger.append(Kind.JUDGEMENT, {"report_a": leads, "report_b": led, "verdict": "not-same"}, author="Badr")
    judge(workspace, leads, target, "same")
    now = holders(workspace)
    if whole not in now.values():
        assert workspace.succession().follow(whole) == tuple(sorted({now[leads], now[led]}))
        with pytest.raises(UsageError, match=f"{whole} is no incident any more: its reports are of"):
            workspace.select(incident=whole)
    else:
        assert set(workspace.succession().follow(other)) == {whole}


def test_a_revision_that_moves_a_report_is_written_down(workspace: Workspace, tmp_path: Path) -> None:
    """A record comes to refer to another one."""
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        "format: 1\nsource: { constant: patrol }\nsource_report_id: id\nevent_key: event\n"
        "time: { start: { column: day }, precision: { constant: { precision: day } } }\n"
        "place: { name: where, precision: { constant: { precision: unknown } } }\nacts: { constant: [shelling] }\n",
        "utf-8",
    )
    table = tmp_path / "t.csv"
    table.write_text("id,event,day,where\n1,one,2021-04-02,Millbrook\n2,two,2021-06-02,Reedham\n", "utf-8")
    workspace.import_file(table, "table", mapping=mapping)
    workspace.run()
    before = workspace.incidents()["incident_id"].to_pylist()
    table.write_text("id,event,day,where\n1,one,2021-04-02,Millbrook\n2,one,2021-04-02,Millbrook\n", "utf-8")
    workspace.import_file(table, "table", mapping=mapping)
    assert workspace.fuse().moved_reports == 1
    ((gone, kept, kind, count),) = rows(workspace)
    assert (kind, count) == ("merged", 1)
    assert gone in before
    assert kept in workspace.incidents()["incident_id"].to_pylist()


def test_a_report_that_leaves_the_record_is_withdrawn(workspace: Workspace) -> None:
    before = set(workspace.incidents()["incident_id"].to_pylist())
    (workspace.folder / "case" / "reports" / "2021-summer.yaml").unlink()
    workspace.run()
    gone = before - set(workspace.incidents()["incident_id"].to_pylist())
    assert gone
    assert {(row[0], row[1], row[2]) for row in rows(workspace)} == {(one, None, "withdrawn") for one in gone}
    one = min(gone)
    assert workspace.succession().follow(one) == ()
    with pytest.raises(UsageError, match="have left the record"):
        workspace.why(one)


def test_an_id_of_a_bulletin_is_not_lost_with_the_derived_tables(apart: tuple[Workspace, list[str]]) -> None:
    workspace, (a, b, _) = apart
    told = holders(workspace)
    workspace.bulletin(week="2021-W16", format="html")
    shutil.rmtree(workspace.folder / "derived")
    judge(workspace, a, b, "same")
    now = holders(workspace)
    (gone,) = {told[a], told[b]} - {now[a]}
    assert rows(workspace) == [(gone, now[a], "merged", 1)]
    assert workspace.succession().follow(gone) == (now[a],)


def test_changes_are_those_of_reports_that_moved() -> None:
    def links(*rows: tuple[str, str, str]) -> pa.Table:
        return pa.Table.from_pylist([dict(zip(LINK.names, row, strict=True)) for row in rows], schema=LINK)

    before = links(
        ("rep-a", "inc-a", "same"), ("rep-b", "inc-a", "same"), ("rep-t", "inc-t", "same"), ("rep-z", "inc-z", "same")
    )
    after = links(
        ("rep-a", "inc-a", "same"),
        ("rep-b", "inc-b", "same"),
        ("rep-new", "inc-a", "same"),
        ("rep-t", "inc-a", "covers"),  # a total that stood alone counts two incidents now
        ("rep-t", "inc-b", "covers"),
    )
    found = changes_between(before, after)
    assert found.schema.equals(CHANGE)
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("rep-b", "inc-a", "inc-b"),
        ("rep-t", "inc-t", "inc-a"),
        ("rep-t", "inc-t", "inc-b"),
        ("rep-z", "inc-z", None),
    ]
    assert changes_between(after, after).num_rows == 0


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from(["same", "not-same", "unsure"])).filter(
            lambda one: one[0] != one[1]
        ),
        min_size=1,
        max_size=6,
    ),
    lost=st.integers(0, 6),
)
def test_every_id_ever_published_leads_to_the_incidents_that_hold_its_reports(
    made_once: Path, tmp_path_factory: pytest.TempPathFactory, said: list[tuple[int, int, str]], lost: int
) -> None:
    folder = tmp_path_factory.mktemp("any") / "mission"
    shutil.copytree(made_once, folder)
    with Workspace.open(folder, author="Badr") as workspace:
        reports = sorted(workspace.links()["report_id"].unique().to_pylist())[:6]
        published: dict[str, set[str]] = {}
        for turn, (a, b, verdict) in enumerate([(0, 1, "unsure"), *said]):
            judge(workspace, reports[a], reports[b], verdict)
            for report, incident in holders(workspace).items():
                published.setdefault(incident, set()).add(report)
            if turn == lost:  # as on another machine: what was derived is not there, only a bulletin tells of it
                workspace.run()
                workspace.bulletin(day="2021-04-21", format="html")
                shutil.rmtree(folder / "derived")
        workspace.fuse()
        now, past = holders(workspace), workspace.succession()
        for incident, held in published.items():
            assert set(past.follow(incident)) == {now[report] for report in held}
