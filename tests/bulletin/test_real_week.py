"""A week of the real event file: what the bulletin counts, counted again from the file itself."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.bulletin.content import compose_bulletin
from ceasefire.bulletin.records import Bulletin, ChartContent, MapContent
from ceasefire.findings.check import check_incidents
from ceasefire.findings.obligations import evaluate_obligations
from ceasefire.fusion.pass_through import fuse_by_event
from ceasefire.intake.ucdp_ged import read_ucdp_ged
from ceasefire.model.time import iso_week

pytestmark = pytest.mark.real_data
FIRST, LAST = date(2017, 9, 25), date(2017, 10, 1)


@pytest.fixture(scope="module")
def week(real_data: Path) -> tuple[Bulletin, pa.Table, list[dict[str, str]]]:
    """Return the bulletin of 2017-W39 from the event file alone, its findings, and the file's rows of that week."""
    path = real_data / "dev_pack" / "ged_syria_2016_2017.csv"
    case = load_case(built_in_case("astana-2017"))
    period, chart_start = iso_week("2017-W39", case.zone), iso_week("2017-W32", case.zone).start
    reports = read_ucdp_ged(path, register=case.actors, zone=case.zone).reports
    near = pc.and_(
        pc.less(reports["occurred_from"].cast(pa.int64()), period.end),
        pc.greater(reports["occurred_until"].cast(pa.int64()), chart_start),
    )
    incidents = fuse_by_event(reports.filter(near)).incidents
    findings = check_incidents(case, incidents).table()
    bulletin = compose_bulletin(
        case,
        incidents=incidents,
        findings=findings,
        obligations=evaluate_obligations(case, as_of=period.end),
        reports=reports,
        period=period,
        previous=iso_week("2017-W38", case.zone),
        number=1,
        ledger_position=1,
        ledger_root="0" * 64,
        instant=1_700_000_000_000_000,
    )
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if date.fromisoformat(row["date_start"]) <= LAST and date.fromisoformat(row["date_end"]) >= FIRST
        ]
    return bulletin, findings, rows


def cells(bulletin: Bulletin, key: str) -> list[list[str]]:
    (table,) = [t for s in bulletin.sections for t in s.tables if t.key == key]
    return [[cell if isinstance(cell, str) else cell.text for cell in row] for row in table.rows]


def whole(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the rows wholly inside the week."""
    return [
        row
        for row in rows
        if date.fromisoformat(row["date_start"]) >= FIRST and date.fromisoformat(row["date_end"]) <= LAST
    ]


def test_incidents_are_those_of_the_file(week: tuple[Bulletin, pa.Table, list[dict[str, str]]]):
    bulletin, _, rows = week
    assert cells(bulletin, "glance")[0][1] == f"{len(whole(rows))}–{len(rows)}"
    assert len(rows) > len(whole(rows)) > 100


def test_deaths_are_those_of_the_file(week: tuple[Bulletin, pa.Table, list[dict[str, str]]]):
    bulletin, _, rows = week
    stated = [[int(row[bound]) for bound in ("low", "best", "high")] for row in whole(rows)]
    low, best, high = sum(map(min, stated)), sum(figures[1] for figures in stated), sum(map(max, stated))
    assert cells(bulletin, "tolls")[0][2].partition(" ")[0] == f"{low:,}–{best:,}–{high:,}"


def test_bounds_are_those_of_the_findings_and_most_is_undetermined(
    week: tuple[Bulletin, pa.Table, list[dict[str, str]]],
):
    bulletin, findings, _ = week
    (chart,) = [f.content for s in bulletin.sections for f in s.figures if isinstance(f.content, ChartContent)]
    now = chart.bins[-1]
    assert 0 <= now.lower <= now.upper <= now.recorded
    assert now.upper > 30
    undetermined = set(findings.filter(pc.equal(findings["status"].cast(pa.string()), "undetermined"))["incident_id"])
    assert len(undetermined) >= now.upper - now.lower
    assert all(int(row[2]) <= int(row[3]) for row in cells(bulletin, "bounds"))


def test_every_incident_is_in_the_annex_or_counted_beside_it(
    week: tuple[Bulletin, pa.Table, list[dict[str, str]]],
):
    bulletin, _, rows = week
    (annex,) = [section for section in bulletin.sections if section.key == "incidents"]
    listed = len(annex.tables[0].rows)
    assert f"{len(rows) - listed} further incidents on record" in annex.paragraphs[0]


def test_the_map_draws_discs_and_lists_the_rest(week: tuple[Bulletin, pa.Table, list[dict[str, str]]]):
    bulletin, _, rows = week
    (drawn,) = [f.content for s in bulletin.sections for f in s.figures if isinstance(f.content, MapContent)]
    marked = sum(mark.count for mark in drawn.marks)
    beyond = sum(int(line.rpartition(" ")[2]) for line in drawn.not_drawn if line.startswith("Beyond"))
    assert marked + beyond + sum(unit.count for unit in drawn.units) == len(rows)
    assert {"point", "near"} == {mark.precision for mark in drawn.marks}
