"""Assess areas of a workspace: what is asked, and the answer from the record as it was derived."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ceasefire.assessment.assess import assess_area
from ceasefire.assessment.ladder import Step
from ceasefire.assessment.places import unit_places, zone_place
from ceasefire.assessment.sentences import paragraph, plain
from ceasefire.assessment.starts import StartDate, starts_on_record
from ceasefire.assessment.tables import Assessment, interval_percent
from ceasefire.assessment.weekly import Kind, WeeklyBook
from ceasefire.assessment.weeks import RecordedDays, week_label
from ceasefire.bulletin.assessment import GradedArea
from ceasefire.model.errors import UsageError
from ceasefire.pipeline.exports import write_table
from ceasefire.pipeline.files import format_of, write_file
from ceasefire.pipeline.progress import Progress, silent
from ceasefire.pipeline.sights import sights_of_case

if TYPE_CHECKING:
    import pyarrow as pa

    from ceasefire.agreement.case import Case
    from ceasefire.territory.boundaries import Boundaries

FORMATS = ("csv", "parquet", "arrow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be assessed.

    Parameters
    ----------
    zones : tuple of str
        Ids of areas; empty for every zone that a prohibition names.
    starts : tuple of str
        Further dates to try, each ``2017-05-04`` or ``2017-05-04=name``.
    party, act, clause : str or None
        See `assessment.weekly.Kind`.
    data_from, data_until : str or None
        Local days that the record covers, both included; by default worked out from who reports when.
    sight_km : float or None
        How far a post sees that does not say so itself; by default as the case's plan has it, else 5 km.
    """

    zones: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    party: str | None = None
    act: str | None = None
    clause: str | None = None
    data_from: str | None = None
    data_until: str | None = None
    sight_km: float | None = None


def assess_record(
    asked: Asked,
    *,
    case: Case,
    incidents: pa.Table,
    findings: pa.Table,
    reports: pa.Table,
    boundaries: Boundaries | None,
    progress: Progress = silent,
) -> Assessment:
    """Assess areas.

    Raises
    ------
    UsageError
        When a zone, date, party, act or clause is none, or there is no zone to assess.
    """
    extra = [_stated_start(text) for text in asked.starts]
    book = weekly_book(asked, case, incidents, findings, reports, boundaries)
    zones = tuple(zone_place(case, zone_id) for zone_id in zones_with_truce(case))
    wanted = tuple(zone_place(case, zone_id) for zone_id in asked.zones) or zones
    if not wanted:
        raise UsageError("No prohibition of this case names a zone.", "Name the areas to assess with --zone.")
    units = unit_places(incidents)
    kind = Kind(party=asked.party, act=asked.act, clause=asked.clause)
    areas = []
    for number, zone in enumerate(wanted):
        progress(f"Assessing {zone.area_id}", number, len(wanted))
        starts = sorted((*starts_on_record(case, zone.area_id), *extra), key=lambda start: start.earliest)
        areas.append(
            assess_area(book, zone, starts, zones=zones, units=units, incidents=incidents, reports=reports, kind=kind)
        )
    progress("Assessing", len(wanted), len(wanted))
    return Assessment.of(book, areas)


def graded_areas(
    case: Case,
    incidents: pa.Table,
    findings: pa.Table,
    reports: pa.Table,
    boundaries: Boundaries | None,
    *,
    last_day: date,
) -> tuple[GradedArea, ...]:
    """Return the grades of all zones with a truce, from what the record covers up to a day, for a bulletin."""
    recorded = RecordedDays.of_reports(reports, case.zone).until(last_day)
    zones = tuple(zone_place(case, zone_id) for zone_id in zones_with_truce(case))
    sights = sights_of_case(case)
    book = WeeklyBook.of(case, incidents, findings, recorded=recorded, boundaries=boundaries, sights=sights)
    units = unit_places(incidents)
    graded = []
    for zone in zones:
        starts = starts_on_record(case, zone.area_id)
        area = assess_area(book, zone, starts, zones=zones, units=units, incidents=incidents, reports=reports)
        start = area.starts[area.main] if area.main is not None else None
        main = start.tried.main if start is not None and start.tried is not None else None
        known = main is not None and start is not None and start.stopped_at is not Step.RECORD
        placed = sum(each.place is not None for each in area.starts)
        powers = [
            power if start is not None and math.isfinite(power) else None
            for power in ((start.power_30, start.power_60) if start is not None else (math.nan, math.nan))
        ]
        graded.append(
            GradedArea(
                title=zone.title.get("en") or zone.area_id,
                start=start.start.title.get("en") or start.start.start_id if start is not None else "none on record",
                grade=area.grade.value,
                stopped_at=area.stopped_at.value if area.stopped_at else None,
                low=float(main.low[0]) if main is not None and known else None,
                high=float(main.high[0]) if main is not None and known else None,
                level=interval_percent(placed) if known else None,
                power_30=powers[0],
                power_60=powers[1],
            )
        )
    return tuple(graded)


def weekly_book(
    asked: Asked, case: Case, incidents: pa.Table, findings: pa.Table, reports: pa.Table, boundaries: Boundaries | None
) -> WeeklyBook:
    """Make the incidents of a record ready to be counted by week."""
    recorded = RecordedDays.of_reports(reports, case.zone)
    if asked.data_from or asked.data_until:
        held = recorded.runs
        if not held and not (asked.data_from and asked.data_until):
            raise UsageError("What the record covers is not known.", "Give both --data-from and --data-until.")
        first = _day(asked.data_from) if asked.data_from else held[0][0]
        last = _day(asked.data_until) if asked.data_until else held[-1][1]
        recorded = RecordedDays.stated(first, last)
    sights = sights_of_case(case, asked.sight_km)
    return WeeklyBook.of(case, incidents, findings, recorded=recorded, boundaries=boundaries, sights=sights)


def zones_with_truce(case: Case) -> tuple[str, ...]:
    """Return the zones that a prohibition names, in the order of the case."""
    named = {
        area
        for clause in case.clauses.values()
        if clause.kind == "prohibits" and clause.areas != "everywhere"
        for area in clause.areas
    }
    return tuple(area.id for area in case.areas.values() if area.id in named and area.kind == "zone")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f'"{text}" is not a day: {error}.', "Write it like 2017-05-04.") from error


def _stated_start(text: str) -> StartDate:
    day, _, name = text.partition("=")
    at = _day(day)
    name = name.strip() or at.isoformat()
    return StartDate(start_id=name, title={"en": name}, earliest=at, latest=at)


def assessment_records(assessment: Assessment, *, language: str = "en") -> list[dict[str, Any]]:
    """Return one record an area, as machines read it: ``zone_id``, ``grade``, ``power`` and what they rest on."""
    grades = assessment.tables["grades"].to_pylist()
    steps = assessment.tables["steps"].to_pylist()
    cautions = assessment.tables["cautions"].to_pylist()
    records = []
    for area in assessment.areas:
        own = [row for row in grades if row["area_id"] == area.zone.area_id]
        main = next((row for row in own if row["is_main"]), own[0] if own else {})
        records.append(
            {
                "zone_id": area.zone.area_id,
                "grade": area.grade.value,
                "stopped_at": area.stopped_at.value if area.stopped_at else None,
                "start_id": main.get("start_id"),
                "power": {"fall_30": main.get("power_30"), "fall_60": main.get("power_60")},
                "ratio": main.get("ratio"),
                "low": main.get("low"),
                "high": main.get("high"),
                "text": plain(paragraph(assessment, area, language=language)),
                "breaks": [
                    {
                        "week": week_label(int(area.series.weeks[each.week])),
                        "per_week_before": each.before,
                        "per_week_after": each.after,
                    }
                    for each in area.breaks
                ],
                "starts": [
                    {
                        **{key: _plain(value) for key, value in row.items() if key not in ("area_id", "is_main")},
                        "steps": _of_start(steps, area.zone.area_id, row["start_id"]),
                    }
                    for row in own
                    if row["start_id"] is not None
                ],
                "cautions": [
                    {key: value for key, value in row.items() if key != "area_id"}
                    for row in cautions
                    if row["area_id"] == area.zone.area_id
                ],
                "covers": [[str(first), str(last)] for first, last in assessment.book.recorded.runs],
                "covers_said": assessment.book.recorded.said,
            }
        )
    return records


def _of_start(steps: Sequence[dict[str, Any]], area_id: str, start_id: str) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in row.items() if key not in ("area_id", "start_id")}
        for row in steps
        if row["area_id"] == area_id and row["start_id"] == start_id
    ]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def write_assessment(assessment: Assessment, folder: Path, format: str) -> list[Path]:
    """Write every table of an assessment into a folder.

    Parameters
    ----------
    format : {"csv", "parquet", "arrow"}

    Raises
    ------
    UsageError
        When the format is none of these.
    """
    if format not in FORMATS:
        raise UsageError(f'"{format}" is not a format of tables.', f"Formats: {', '.join(FORMATS)}.")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in assessment.tables.items():
        path = folder / f"{name}.{format}"
        write_table(table, path, format_of(path, FORMATS))
        written.append(path)
    return written


def write_charts(assessment: Assessment, folder: Path) -> list[Path]:
    """Write the charts of every area into a folder, as SVG and PNG, for light and dark pages."""
    from ceasefire.bulletin.assessment_charts import as_png, as_svg, charts_of

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for area in assessment.areas:
        for look, dark in (("light", False), ("dark", True)):
            for name, canvas in charts_of(area, dark=dark).items():
                path = folder / f"{area.zone.area_id}-{name}-{look}"
                for file, content in (
                    (path.with_suffix(".svg"), as_svg(canvas, path.name).encode()),
                    (path.with_suffix(".png"), as_png(canvas)),
                ):
                    write_file(file, content)
                    written.append(file)
    return written
