"""What is asked of many incidents: a page of them, the marks of a map, a histogram over time, a table.

Past 400 lines because the four answers share one question, and their shapes are what the API promises.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ceasefire.model.errors import UsageError
from ceasefire.model.roles import mission, public
from ceasefire.pipeline.incident_rows import IncidentRow, rows_told
from ceasefire.pipeline.map_index import (
    NO_DAY,
    NO_STATUS,
    STATUSES,
    Filter,
    MapIndex,
    Matches,
    Places,
    PrecisionClass,
    day_number,
    day_of,
)
from ceasefire.release.classes import RULES, ReleaseClass

if TYPE_CHECKING:
    from ceasefire.pipeline.served import Snapshot

MOST_ROWS, MOST_MARKS, MOST_BUCKETS = 1000, 100_000, 5000
_CELLS_ACROSS = 64
"""Cells in 360 degrees at zoom 0, so that a cell is some eight pixels wide on any zoom."""
_NOT_CHECKED = "not-checked"


class Order(StrEnum):
    """By when they happened; those without a date come last."""

    LATEST = "latest"
    EARLIEST = "earliest"


class Bucket(StrEnum):
    """The width of a histogram's buckets, local days; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a filter chose, and what it could not decide on."""

    matched: Annotated[int, public("Incidents that fit.")]
    undated: Annotated[int, public("Incidents that fit but for the days asked for, having no date: in no period.")]
    unplaced: Annotated[int, public("Incidents that fit but for the box asked for, having no point to be drawn at.")]
    zone_open: Annotated[
        int,
        public("Incidents that fit but for the zone, of which nobody can say in which of a clause's zones they lie."),
    ]
    by_status: Annotated[
        dict[str, int],
        public("Incidents that fit, by the status they are drawn by; `not-checked`: no clause could apply."),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPage:
    """Some of the incidents that fit, in order of time."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    counts: Annotated[Counts, public("Of all that fit, not of this page.")]
    incidents: Annotated[tuple[IncidentRow, ...], public("This page.")]
    next_cursor: Annotated[str | None, public("Ask with it for the next page; null: there is none.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramBucket:
    """Incidents of one bucket of local days."""

    first_day: Annotated[str, public("Its first local day.")]
    last_day: Annotated[str, public("Its last local day, included.")]
    lower: Annotated[int, public("Incidents that certainly happened in it.")]
    upper: Annotated[int, public("Those, and incidents that may have happened in it or in a bucket beside it.")]
    by_status: Annotated[dict[str, int], public("The lower count, by the status they are drawn by.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Incidents over time. No reports is not calm: what could not be seen is in `coverage`."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    bucket: Annotated[str, public("Width of the buckets: day, week or month.")]
    buckets: Annotated[tuple[HistogramBucket, ...], public("In order, without gaps; empty where nothing is dated.")]
    counts: Annotated[Counts, public("Of all that fit.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellProperties:
    """A square of a fixed grid, and how many points lie in it."""

    kind: Annotated[Literal["cell"], public("Tells it from an incident.")]
    count: Annotated[int, public("Incidents in it.")]
    by_status: Annotated[dict[str, int], public("Incidents in it, by the status they are drawn by.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointProperties:
    """An incident with a point; the columns of the table of incidents."""

    kind: Annotated[Literal["incident"], public("Tells it from a cell.")]
    incident_id: Annotated[str, public("Its id.")]
    first_day: Annotated[str | None, public("First local day; null: no date.")]
    last_day: Annotated[str | None, public("Last local day.")]
    radius_km: Annotated[float | None, public("Of the disc within which it happened; null: coarsened.")]
    status: Annotated[str, public("The status it is drawn by; `not-checked`: no clause could apply.")]
    acts: Annotated[tuple[str, ...], public("What was done.")]
    killed_low: Annotated[int | None, public("Deaths, lowest figure.")]
    killed_best: Annotated[int | None, public("Deaths, best figure.")]
    killed_high: Annotated[int | None, public("Deaths, highest figure.")]
    title: Annotated[str | None, mission("A short name for people.")]
    place_name: Annotated[str | None, mission("The settlement or landmark.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFeature:
    """What is drawn at a place."""

    type: Annotated[Literal["Feature"], public("GeoJSON.")]
    geometry: Annotated[dict[str, Any], public("A point of an incident; the square of a cell.")]
    properties: Annotated[PointProperties | CellProperties, public("What it is.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCount:
    """Incidents known to an administrative unit and no closer: hatched, never a point."""

    unit_id: Annotated[str | None, public("Its polygon in `units`; null: none is held.")]
    area_name: Annotated[str | None, public("Its name; null: nobody says where.")]
    count: Annotated[int, public("Incidents.")]
    by_status: Annotated[dict[str, int], public("Incidents, by the status they are drawn by.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapMarks:
    """What a map draws: a GeoJSON feature collection of points or cells, and counts of what has no point."""

    type: Annotated[Literal["FeatureCollection"], public("GeoJSON.")]
    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    aggregated: Annotated[bool, public("Whether features are cells, because there are too many points.")]
    counts: Annotated[Counts, public("Of all that fit.")]
    units: Annotated[tuple[UnitCount, ...], public("What is known to a unit alone, whatever the box.")]
    features: Annotated[tuple[MapFeature, ...], public("Points or cells.")]


@dataclass(frozen=True, slots=True)
class Question:
    """One question over incidents, on one state of the record, by one class of viewer.

    Parameters
    ----------
    snapshot : Snapshot
        The state.
    wanted : Filter
        Which incidents.
    release : ReleaseClass
        How places are told to the one who asks.
    told_at : int
        Now, UTC microseconds: what is recent is held back.
    """

    snapshot: Snapshot
    wanted: Filter
    release: ReleaseClass
    told_at: int

    def match(self) -> tuple[MapIndex, Places, Matches]:
        """Choose the incidents."""
        index = self.snapshot.index
        places = index.places(self.release, self.told_at)
        settlements = RULES[self.release].names_settlements
        return index, places, index.match(self.wanted, places, names_settlements=settlements)

    def page(self, *, limit: int, cursor: str | None, order: Order) -> IncidentPage:
        """Return a page of incidents.

        Parameters
        ----------
        limit : int
            1 to `MOST_ROWS`.
        cursor : str, optional
            From the page before; only good for the same state of the record and the same order.

        Raises
        ------
        UsageError
            When the cursor is none of ours, or of another state.
        """
        start = _read_cursor(cursor, self.snapshot.key, order) if cursor else 0
        index, places, matches = self.match()
        ordered = index.in_time_order(matches.rows, latest_first=order is Order.LATEST)
        chosen = ordered[start : start + limit]
        more = start + limit < len(ordered)
        return IncidentPage(
            position=self.snapshot.stamp.position,
            counts=_counts(index, matches),
            incidents=tuple(rows_told(self.snapshot, chosen, places, self.release)),
            next_cursor=_write_cursor(self.snapshot.key, order, start + limit) if more else None,
        )

    def histogram(self, bucket: Bucket) -> Histogram:
        """Return incidents over time.

        Raises
        ------
        UsageError
            When there would be more buckets than `MOST_BUCKETS`.
        """
        index, _, matches = self.match()
        first, last = index.first_day[matches.rows], index.last_day[matches.rows]
        dated = first != NO_DAY
        first, last, status = first[dated], last[dated], index.status[matches.rows][dated]
        whole = np.ones(len(first), dtype=bool)  # not cut by the days asked for
        if self.wanted.first_day is not None:
            whole &= first >= day_number(self.wanted.first_day)
            first = np.maximum(first, day_number(self.wanted.first_day))
        if self.wanted.last_day is not None:
            whole &= last <= day_number(self.wanted.last_day)
            last = np.minimum(last, day_number(self.wanted.last_day))
        starts = _bucket_starts(first, last, bucket)
        low, high = (np.searchsorted(starts, days, side="right") - 1 for days in (first, last))
        size = max(len(starts) - 1, 0)
        certain = (low == high) & whole
        by_status = {
            name: np.bincount(low[certain & (status == code)], minlength=size)
            for code, name in _status_names()
            if (status == code).any()
        }
        upper = np.cumsum(np.bincount(low, minlength=size + 1) - np.bincount(high + 1, minlength=size + 1)[: size + 1])
        buckets = tuple(
            HistogramBucket(
                first_day=day_of(starts[number]).isoformat(),
                last_day=day_of(starts[number + 1] - 1).isoformat(),
                lower=sum(int(counted[number]) for counted in by_status.values()),
                upper=int(upper[number]),
                by_status={name: int(counted[number]) for name, counted in by_status.items() if counted[number]},
            )
            for number in range(size)
        )
        return Histogram(
            position=self.snapshot.stamp.position,
            bucket=bucket.value,
            buckets=buckets,
            counts=_counts(index, matches),
        )

    def marks(self, *, zoom: float | None, limit: int) -> dict[str, Any]:
        """Return what a map draws, as a GeoJSON feature collection.

        Points and areas one feature each, areas without a geometry of their own but with the id of their unit; more
        than `limit` points become square cells that say how many there are, never points that are not there.
        """
        index, places, matches = self.match()
        kinds = index.precision[matches.rows]
        placed = (kinds == PrecisionClass.POINT) & ~np.isnan(places.longitude[matches.rows])
        points = matches.rows[placed]
        in_cells = len(points) > limit
        features = (
            _cells(index, points, places, _cell_degrees(zoom, self.release))
            if in_cells
            else _points(self.snapshot, index, points, places, self.release)
        )
        return {
            "type": "FeatureCollection",
            "position": self.snapshot.stamp.position,
            "aggregated": in_cells,
            "counts": _plain_counts(_counts(index, matches)),
            # a box leaves out points; what is known to a unit alone may lie in the box
            "units": _units(index, np.concatenate([matches.rows[~placed], matches.unplaced]), places),
            "features": features,
        }

    def table(self) -> pa.Table:
        """Return every incident that fits, in order of time, as columns.

        Returns
        -------
        Table
            ``incident_id``, ``first_day``, ``last_day``, ``precision_class``, ``longitude``, ``latitude``,
            ``radius_km``, ``unit_id``, ``status``, ``acts``, ``killed_low``, ``killed_best``, ``killed_high``; for
            the mission also ``title`` and ``place_name``.
        """
        index, places, matches = self.match()
        rows = index.in_time_order(matches.rows, latest_first=False)
        return _columns(self.snapshot, index, rows, places, self.release)


def _status_names() -> list[tuple[int, str]]:
    return [*((code, status.value) for code, status in enumerate(STATUSES)), (NO_STATUS, _NOT_CHECKED)]


def _counts(index: MapIndex, matches: Matches) -> Counts:
    found = np.bincount(index.status[matches.rows], minlength=NO_STATUS + 1)
    return Counts(
        matched=len(matches.rows),
        undated=matches.undated,
        unplaced=len(matches.unplaced),
        zone_open=matches.zone_open,
        by_status={name: int(found[code]) for code, name in _status_names() if found[code]},
    )


def _plain_counts(counts: Counts) -> dict[str, Any]:
    return {name: getattr(counts, name) for name in ("matched", "undated", "unplaced", "zone_open", "by_status")}


def _write_cursor(key: str, order: Order, offset: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([key, order.value, offset]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, key: str, order: Order) -> int:
    try:
        held_key, held_order, offset = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        well_formed = isinstance(offset, int) and 0 < offset < 2**53
    except (ValueError, TypeError, binascii.Error):
        well_formed = False
    if not well_formed:
        raise UsageError("The cursor is not one that this server gave.", "Ask for the first page, without a cursor.")
    if (held_key, held_order) != (key, order.value):
        raise UsageError(
            "The cursor is of another state of the record, or of another order.",
            "Ask for the first page again: the record has moved on since.",
        )
    return int(offset)


def _bucket_starts(first: NDArray[np.int32], last: NDArray[np.int32], bucket: Bucket) -> NDArray[np.int32]:
    """Return the first day of each bucket that the days touch, and of the one after them."""
    if not len(first):
        return np.zeros(0, dtype=np.int32)
    start, end = day_of(int(first.min())), day_of(int(last.max()))
    days = (end - start).days
    if days / {Bucket.DAY: 1, Bucket.WEEK: 7, Bucket.MONTH: 28}[bucket] > MOST_BUCKETS:
        raise UsageError(
            f"From {start} to {end} there are more than {MOST_BUCKETS:,} buckets of a {bucket.value}.",
            "Ask for wider buckets, or for fewer days.",
        )
    if bucket is Bucket.MONTH:
        months = range(start.year * 12 + start.month - 1, end.year * 12 + end.month + 1)
        return np.array([day_number(date(month // 12, month % 12 + 1, 1)) for month in months], dtype=np.int32)
    width = 7 if bucket is Bucket.WEEK else 1
    if bucket is Bucket.WEEK:
        start -= timedelta(days=start.weekday())
    return np.arange(day_number(start), day_number(end) + width + 1, width, dtype=np.int32)[
        : math.ceil((day_number(end) - day_number(start) + 1) / width) + 1
    ]


def _cell_degrees(zoom: float | None, release: ReleaseClass) -> float:
    wanted = 360.0 / _CELLS_ACROSS / 2.0 ** (0.0 if zoom is None else math.floor(zoom))
    return max(wanted, RULES[release].cell_degrees or 0.0)


def _cells(index: MapIndex, rows: NDArray[np.int64], places: Places, side: float) -> list[dict[str, Any]]:
    """Count points by the cells of a fixed grid and by status."""
    column = np.floor(places.longitude[rows] / side).astype(np.int64)
    line = np.floor(places.latitude[rows] / side).astype(np.int64)
    status = index.status[rows].astype(np.int64)
    packed = ((column + 2**20) << 32) | ((line + 2**20) << 8) | status
    values, counts = np.unique(packed, return_counts=True)
    cells: dict[tuple[int, int], dict[str, int]] = {}
    names = dict(_status_names())
    for value, count in zip(values.tolist(), counts.tolist(), strict=True):
        place = ((value >> 32) - 2**20, ((value >> 8) & 0xFFFFFF) - 2**20)
        cells.setdefault(place, {})[names[value & 0xFF]] = count
    return [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [_square(x * side, y * side, side)]},
            "properties": {"kind": "cell", "count": sum(by_status.values()), "by_status": by_status},
        }
        for (x, y), by_status in cells.items()
    ]


def _square(west: float, south: float, side: float) -> list[list[float]]:
    east, north = west + side, south + side
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return [[round(x, 7), round(y, 7)] for x, y in corners]


def _points(
    snapshot: Snapshot, index: MapIndex, rows: NDArray[np.int64], places: Places, release: ReleaseClass
) -> list[dict[str, Any]]:
    columns = _columns(snapshot, index, rows, places, release).to_pydict()
    names = [name for name in columns if name not in ("longitude", "latitude", "unit_id", "precision_class")]
    return [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [x, y]},
            "properties": {"kind": "incident", **dict(zip(names, values, strict=True))},
        }
        for x, y, *values in zip(
            columns["longitude"], columns["latitude"], *(columns[name] for name in names), strict=True
        )
    ]


def _units(index: MapIndex, rows: NDArray[np.int64], places: Places) -> list[dict[str, Any]]:
    """Count what has no point by the unit it lies in, and by status; without a unit it lies anywhere."""
    counted: dict[tuple[str | None, str | None], Counter[str]] = {}
    names = dict(_status_names())
    codes = index.area.codes[rows].astype(np.int64) + 1
    packed = (codes << 9) | (places.recent[rows].astype(np.int64) << 8) | index.status[rows]
    for value, count in zip(*(part.tolist() for part in np.unique(packed, return_counts=True)), strict=True):
        code, recent = (value >> 9) - 1, bool(value & 256)
        path = None if code < 0 else index.area.values[code]
        if path is not None and recent:
            path = path.split("/")[0].strip()
        unit = None if code < 0 else (index.first_unit_ids if recent else index.unit_ids)[code]
        counted.setdefault((unit, path), Counter())[names[value & 255]] += count
    return [
        {"unit_id": unit, "area_name": path, "count": sum(by_status.values()), "by_status": dict(by_status)}
        for (unit, path), by_status in sorted(counted.items(), key=lambda item: item[0][1] or "")
    ]


def _columns(
    snapshot: Snapshot, index: MapIndex, rows: NDArray[np.int64], places: Places, release: ReleaseClass
) -> pa.Table:
    held = snapshot.incidents
    taken = held.select(["incident_id", "acts", "killed_low", "killed_best", "killed_high", "place_radius_km"])
    taken = taken.take(pa.array(rows))
    longitude = places.longitude[rows]
    kinds = index.precision[rows].copy()
    kinds[(kinds == PrecisionClass.POINT) & np.isnan(longitude)] = PrecisionClass.AREA
    no_point = kinds != PrecisionClass.POINT
    exact = release is ReleaseClass.MISSION
    columns: dict[str, Any] = {
        "incident_id": taken["incident_id"],
        "first_day": _day_column(index.first_day[rows]),
        "last_day": _day_column(index.last_day[rows]),
        "precision_class": _word(kinds.astype(np.int32), [kind.label for kind in PrecisionClass]),
        "longitude": pa.array(longitude, mask=no_point),
        "latitude": pa.array(places.latitude[rows], mask=no_point),
        "radius_km": taken["place_radius_km"] if exact else pa.nulls(len(rows), pa.float32()),
        "unit_id": _unit_column(index, rows, places),
        "status": _word(_shifted(index.status[rows]), [*(status.value for status in STATUSES), _NOT_CHECKED]),
        "acts": taken["acts"],
        **{name: taken[name] for name in ("killed_low", "killed_best", "killed_high")},
    }
    if exact:
        columns["title"] = held["title"].take(pa.array(rows))
        columns["place_name"] = held["place_name"].take(pa.array(rows))
    return pa.table(columns)


def _shifted(status: NDArray[np.uint8]) -> NDArray[np.int32]:
    return np.where(status == NO_STATUS, len(STATUSES), status).astype(np.int32)


def _word(codes: NDArray[np.int32], values: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(values))


def _day_column(days: NDArray[np.int32]) -> pa.Array:
    return pa.array(days, mask=days == NO_DAY).cast(pa.date32())


def _unit_column(index: MapIndex, rows: NDArray[np.int64], places: Places) -> pa.Array:
    codes, recent = index.area.codes[rows], places.recent[rows]
    values = pa.array([*index.unit_ids, *index.first_unit_ids], pa.string())
    numbers = np.where(recent, codes + len(index.unit_ids), codes)
    return values.take(pa.array(numbers, mask=codes < 0)).dictionary_encode()
