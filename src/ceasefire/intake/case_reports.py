"""Reading a case's own reports: `reports/*.yaml`, one record for each claimant of each event.

A case's reports are written by people from pages they read. So everything that can be checked is checked
before one row is made, and all faults of all files are raised at once, each with its line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from ceasefire.actors.register import ActorRegister
from ceasefire.intake.case_faults import Known, faults_of
from ceasefire.intake.case_records import CaseReport, ReportsFile
from ceasefire.model.canonical import stable_id
from ceasefire.model.errors import Fault, InputError
from ceasefire.model.schema_faults import Location
from ceasefire.model.schemas import REPORT, TOLLS, empty, table_of
from ceasefire.model.time import MICROSECONDS_PER_DAY, Span, parse_moment
from ceasefire.model.vocabulary import DenialScope, PlacePrecision, ReportKind, TimePrecision
from ceasefire.model.yaml_file import YamlFile, read_yaml, validated

POINT_RADIUS_KM = 2.0
"""Radius of a place of precision *point* that gives none: sources put a whole settlement at one point, and a town of
some ten thousand people reaches about so far."""

_HOUR = MICROSECONDS_PER_DAY // 24
_TOLL_KEYS = {
    "killed": "killed",
    "killed_civilian": "civilian",
    "killed_combatant": "combatant",
    "killed_unknown": "unknown",
    "injured": "injured",
}
"""Column stem of the schema -> key of a report's toll."""


def read_case_reports(
    folder: Path,
    *,
    register: ActorRegister,
    acts: Mapping[str, str | None],
    speakers: Mapping[str, tuple[str | None, tuple[str, ...]]],
    zone: ZoneInfo,
    sources: Collection[str] | None = None,
    exception_kinds: Collection[str] | None = None,
) -> pa.Table:
    """Read and check every file of a case's `reports` folder.

    Parameters
    ----------
    folder : Path
        The case's folder; `reports/*.yaml` in it are read in the order of their names. None is no fault.
    register : ActorRegister
        Whom reports may name; any other id is a fault.
    acts : mapping
        The case's acts, child to parent.
    speakers : mapping
        Speaker to the actor it speaks for (or None) and the speakers it draws on.
    zone : ZoneInfo
        The case's time zone: a date is that local day.
    sources, exception_kinds : collection of str, optional
        Keys that `sources` and `invokes` may hold; not checked where not given.

    Returns
    -------
    pa.Table
        Schema `model.schemas.REPORT`, one row a report, in file order. `recorded_at` and `document_id` are null: the
        ledger gives them. Tolls not given are null. `text` is the title and, below it, the account.

    Raises
    ------
    InputError
        With every fault of every file.
    """
    known = Known(register.actors.keys(), acts, speakers, zone, sources, exception_kinds)
    faults: list[Fault] = []
    rows: list[dict[str, object]] = []
    seen: dict[str, str] = {}
    for path in sorted((folder / "reports").glob("*.yaml")):
        try:
            file = read_yaml(path)
        except InputError as error:
            faults.extend(error.faults)
            continue
        whole, refused = validated(file, ReportsFile)
        faults.extend(refused)
        for location, report in _readable(file, whole):
            faults.extend(faults_of(report, file, location, known))
            here = f"{file.path}:{file.line_of((*location, 'id'))[0]}"
            if report.id in seen:
                faults.append(_repeated_id(report, file, location, seen[report.id]))
            seen.setdefault(report.id, here)
            if not faults:
                rows.append(_row(report, known))
    if faults:
        raise InputError(faults)
    return table_of(rows, REPORT) if rows else empty(REPORT)


def _readable(file: YamlFile, whole: ReportsFile | None) -> Iterator[tuple[Location, CaseReport]]:
    """Give the reports whose shape is right, though others of the file are not: their meaning is checked too."""
    if whole is not None:
        for index, report in enumerate(whole.reports):
            yield ("reports", index), report
        return
    records: Any = file.data.get("reports") if isinstance(file.data, dict) else None
    for index in range(len(records) if isinstance(records, list) else 0):
        record, _ = validated(file, CaseReport, ("reports", index))
        if record is not None:
            yield ("reports", index), record


def _repeated_id(report: CaseReport, file: YamlFile, location: Location, first: str) -> Fault:
    return file.fault(
        (*location, "id"),
        f'report "{report.id}" has the id of another report, at {first}.',
        "The second would overwrite the first or be dropped as a repeat.",
        "Give each report an id of its own, such as the event's key and the speaker.",
    )


def _row(report: CaseReport, known: Known) -> dict[str, object]:
    """Turn a report without fault into a row of the schema."""
    party, lineage = known.speakers[report.speaker]
    reference, denial = report.refers_to, report.denial
    return {
        "report_id": stable_id("rep", report.speaker, report.id),
        "source_id": report.speaker,
        "source_report_id": report.id,
        # a denial of a period or of everything is no account of one event, whatever its key
        "kind": (ReportKind.EVENT if denial is None or denial.scope is DenialScope.EVENT else ReportKind.TOTAL).value
        if report.kind is ReportKind.EVENT
        else report.kind.value,
        "lineage": list(lineage) or [report.speaker],
        "party": party,
        "event_key": report.event,
        "refers_to": [f"{reference.source}:{record}" for record in reference.ids] if reference else [],
        "relation": reference.relation if reference else None,
        "stance": report.stance.value,
        "denial_scope": denial.scope.value if denial else None,
        "denied": [question.value for question in denial.of] if denial else [],
        **_when(report, known.zone),
        **_where(report),
        "acts": list(report.acts),
        "sides": [list(side) for side in report.sides],
        "perpetrators": list(report.perpetrators),
        "targets": list(report.targets),
        "invokes": list(report.invokes),
        "alleges": report.alleges,
        **_tolls(report),
        "reported_at": parse_moment(report.reported, known.zone).start if report.reported else None,
        "text": f"{report.title}\n{report.text}" if report.text else report.title,
        "text_language": report.language,
        "address": report.sources[0],
        "unverified": report.unverified,
        "flags": [],
    }


def _when(report: CaseReport, zone: ZoneInfo) -> dict[str, object]:
    """Return the interval, its end exclusive; an hour named by its beginning is that whole hour."""
    when = report.when
    span = parse_moment(when.start, zone)
    if when.until is not None:
        span = Span(span.start, parse_moment(when.until, zone).end)
    elif when.precision is TimePrecision.HOUR:
        span = Span(span.start, span.start + _HOUR)
    return {"occurred_from": span.start, "occurred_until": span.end, "time_precision": when.precision.value}


def _where(report: CaseReport) -> dict[str, object]:
    where = report.where
    units = [unit for unit in (where.governorate, where.district) if unit is not None]
    radius = POINT_RADIUS_KM if where.precision is PlacePrecision.POINT else None
    return {
        "place_name": where.name,
        "latitude": where.latitude,
        "longitude": where.longitude,
        "place_precision": where.precision.value,
        "place_radius_km": where.radius_km if where.radius_km is not None else radius,
        "area_name": "/".join(units) or None,
    }


def _tolls(report: CaseReport) -> dict[str, object]:
    row: dict[str, object] = {}
    for stem in TOLLS:
        count = getattr(report.toll, _TOLL_KEYS[stem])
        for bound in ("low", "best", "high"):
            row[f"{stem}_{bound}"] = getattr(count, bound) if count else None
    return row
