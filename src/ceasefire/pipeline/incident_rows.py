"""Incidents as lists and maps show them: one record each, its place as the viewer's release class tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pyarrow as pa

from ceasefire.model.roles import mission, public
from ceasefire.model.time import instant_text, microseconds
from ceasefire.pipeline.map_index import NO_DAY, NO_STATUS, STATUSES, MapIndex, Places, PrecisionClass, day_of
from ceasefire.release.classes import RULES, ReleaseClass, told_area

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from ceasefire.pipeline.served import Snapshot

ClassOfPlace = Literal["point", "area", "unknown"]
TOLL_NAMES = ("killed", "killed_civilian", "killed_combatant", "killed_unknown", "injured")


@dataclass(frozen=True, slots=True, kw_only=True)
class Toll:
    """A count of people as a range; null is not known, never zero."""

    low: Annotated[int | None, public("The lowest figure given.")]
    best: Annotated[int | None, public("The best figure given.")]
    high: Annotated[int | None, public("The highest figure given.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolls:
    """Who came to harm."""

    killed: Annotated[Toll, public("Deaths in all.")]
    killed_civilian: Annotated[Toll, public("Deaths of civilians.")]
    killed_combatant: Annotated[Toll, public("Deaths of fighters.")]
    killed_unknown: Annotated[Toll, public("Deaths of people nobody counts to either.")]
    injured: Annotated[Toll, public("People injured.")]
    disputed: Annotated[bool, public("Whether accounts give different best figures.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it happened, as far as it is known and as far as this viewer is told."""

    precision_class: Annotated[
        ClassOfPlace,
        public("How it may be drawn: a disc around a point, an administrative area and never a point, or not at all."),
    ]
    precision: Annotated[str, public("How well it is known, a place precision of the vocabulary.")]
    longitude: Annotated[float | None, public("Degrees; of a point only. Coarsened for those outside the mission.")]
    latitude: Annotated[float | None, public("Degrees; of a point only. Coarsened for those outside the mission.")]
    radius_km: Annotated[float | None, public("Of the disc around the point, within which it happened.")]
    cell_degrees: Annotated[
        float | None, public("Side of the fixed cell whose centre the point is; null where it is as reported.")
    ]
    area_name: Annotated[str | None, public("The administrative unit, first order first.")]
    unit_id: Annotated[str | None, public("The unit's polygon in `units`; null where none is held.")]
    held_back: Annotated[bool, public("Whether it is so recent that only its first-order unit is told.")]
    name: Annotated[str | None, mission("The settlement or landmark, as reported.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """What we hold happened, in short. It says nothing of what was forbidden but the status of its clause checks."""

    incident_id: Annotated[str, public("Its id, which survives more evidence.")]
    title: Annotated[str | None, mission("A short name for people; it may name a settlement.")]
    occurred_from: Annotated[str | None, public("Start of the interval in which it happened, UTC; null: no date.")]
    occurred_until: Annotated[str | None, public("End of that interval, exclusive, UTC.")]
    first_day: Annotated[str | None, public("The first local day on which it may have happened.")]
    last_day: Annotated[str | None, public("The last such day.")]
    time_precision: Annotated[str, public("How well the time is known, a time precision of the vocabulary.")]
    place: Annotated[Place, public("Where.")]
    acts: Annotated[tuple[str, ...], public("What was done, acts of the case's vocabulary.")]
    status: Annotated[
        str | None,
        public("The status by which it is drawn: of its findings, the one that may most fall under a clause; null: no "
               "clause could apply."),
    ]  # fmt: skip
    tolls: Annotated[Tolls, public("Who came to harm.")]
    reports: Annotated[int, public("How many reports speak of it.")]
    lineages: Annotated[int, public("How many independent chains of sources assert it.")]
    is_total: Annotated[bool, public("Whether it covers other incidents, which are counted instead of it.")]
    flags: Annotated[tuple[str, ...], public("What is odd about the data, keys of the vocabulary's flags.")]


def instant(value: datetime | None) -> str | None:
    """Write an instant of a table as ISO 8601 in UTC; null stays null."""
    return None if value is None else instant_text(microseconds(value)).replace("+00:00", "Z")


def tolls_of(row: dict[str, Any]) -> Tolls:
    """Return the tolls of an incident's or report's row."""
    parts = {
        name: Toll(low=row[f"{name}_low"], best=row[f"{name}_best"], high=row[f"{name}_high"]) for name in TOLL_NAMES
    }
    return Tolls(**parts, disputed=bool(row.get("toll_disputed")))


def rows_told(
    snapshot: Snapshot, numbers: Sequence[int] | NDArray[np.int64], places: Places, release: ReleaseClass
) -> Iterator[IncidentRow]:
    """Yield incidents as records.

    Parameters
    ----------
    numbers : sequence of int
        Rows of the incidents' table.
    places : Places
        Of `release`.
    release : ReleaseClass
        How places are told.
    """
    index = snapshot.index
    held = snapshot.incidents.take(pa.array(np.asarray(numbers, dtype=np.int64)))
    for number, row in zip(numbers, held.to_pylist(), strict=True):
        yield _row(index, int(number), row, places, release)


def _row(index: MapIndex, number: int, row: dict[str, Any], places: Places, release: ReleaseClass) -> IncidentRow:
    first, last, status = int(index.first_day[number]), int(index.last_day[number]), int(index.status[number])
    return IncidentRow(
        incident_id=row["incident_id"],
        title=row["title"],
        occurred_from=instant(row["occurred_from"]),
        occurred_until=instant(row["occurred_until"]),
        first_day=None if first == NO_DAY else day_of(first).isoformat(),
        last_day=None if last == NO_DAY else day_of(last).isoformat(),
        time_precision=row["time_precision"] or "unknown",
        place=place_told(index, number, row, places, release),
        acts=tuple(row["acts"] or ()),
        status=None if status == NO_STATUS else STATUSES[status].value,
        tolls=tolls_of(row),
        reports=len(row["report_ids"] or ()),
        lineages=len(row["lineages"] or ()),
        is_total=bool(row["covers"]),
        flags=tuple(row["flags"] or ()),
    )


def place_told(index: MapIndex, number: int, row: dict[str, Any], places: Places, release: ReleaseClass) -> Place:
    """Return where an incident happened, as a release class tells it."""
    rule, recent = RULES[release], bool(places.recent[number])
    kind = PrecisionClass(index.precision[number])
    if kind is PrecisionClass.POINT and recent:
        kind = PrecisionClass.AREA if row["area_name"] else PrecisionClass.UNKNOWN
    is_point = kind is PrecisionClass.POINT
    coarse = is_point and rule.cell_degrees is not None
    code = int(index.area.codes[number])
    unit = None if code < 0 else (index.first_unit_ids if recent else index.unit_ids)[code]
    name = row["area_name"]
    return Place(
        precision_class=kind.label,  # type: ignore[arg-type]
        precision=row["place_precision"] or "unknown",
        longitude=float(places.longitude[number]) if is_point else None,
        latitude=float(places.latitude[number]) if is_point else None,
        radius_km=None if coarse or not is_point else _rounded(row["place_radius_km"]),
        cell_degrees=rule.cell_degrees if coarse else None,
        area_name=name if release is ReleaseClass.MISSION else told_area(name, recent=recent),
        unit_id=unit,
        held_back=recent,
        name=row["place_name"],
    )


def _rounded(radius_km: float | None) -> float | None:
    return None if radius_km is None else round(radius_km, 3)
