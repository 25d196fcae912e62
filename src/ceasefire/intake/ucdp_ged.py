"""UCDP GED events as reports: one row, one report of the data set, with its oddities flagged and kept.

The format is that of the Uppsala Conflict Data Program's Georeferenced Event Dataset. A dyad is neither
direction nor responsibility: rows of state-based and non-state conflict become two sides, and only
one-sided violence has a perpetrator. The kind of force is not coded, so the act is armed force.

Past 400 lines because the format's oddities, each with what is done about it, are best read beside one another.

References
----------
Sundberg and Melander (2013), bibliography key sundberg2013; the codebook's precision codes are kept in
`PLACE_PRECISION` and `TIME_PRECISION`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.actors.register import UNRESOLVED, ActorRegister
from ceasefire.intake import columns as build
from ceasefire.intake.cells import CellChecks
from ceasefire.intake.oddities import DEATHS, coding_flags, toll_flags, true_mask
from ceasefire.intake.reading import Rows, open_rows
from ceasefire.intake.results import ReadResult
from ceasefire.intake.ucdp_lineages import lineages_of
from ceasefire.model.errors import InputError
from ceasefire.model.rows import Codes, equal_rows, first_rows
from ceasefire.model.schemas import REPORT
from ceasefire.model.vocabulary import PlacePrecision, ReportKind, Stance, TimePrecision

SOURCE_ID = "ucdp-ged"
SCHEME = "ucdp"
"""The scheme under which a case's actors give their UCDP ids."""
POINT_RADIUS_KM = 1.0
"""Of a settlement given as one point; a city is wider than that, and a case may say so."""
NEAR_RADIUS_KM = 25.0
"""What the codebook allows between the event and the known point of `where_prec` 2."""
PLACE_PRECISION = {
    1: PlacePrecision.POINT,
    2: PlacePrecision.NEAR,
    3: PlacePrecision.DISTRICT,
    4: PlacePrecision.GOVERNORATE,
    5: PlacePrecision.AREA,
    6: PlacePrecision.COUNTRY,
    7: PlacePrecision.UNKNOWN,  # international waters or airspace
}
TIME_PRECISION = {
    1: TimePrecision.DAY,
    2: TimePrecision.DAYS,
    3: TimePrecision.WEEK,
    4: TimePrecision.MONTH,
    5: TimePrecision.LONGER,
}
ONE_SIDED = 3
_REQUIRED = (
    "id", "type_of_violence", "side_a", "side_b", "where_prec", "latitude", "longitude", "date_prec",
    "date_start", "date_end", *DEATHS, "best", "high", "low",
)  # fmt: skip
_OTHER_NAMES = {"side_a_id": "side_a_new_id", "side_b_id": "side_b_new_id"}
_OPTIONAL = (
    "side_a_new_id", "side_b_new_id", *_OTHER_NAMES, "dyad_name", "source_office", "source_date",
    "source_original", "source_headline",
    "where_coordinates", "adm_1", "adm_2", "country", "event_clarity", "priogrid_gid",
)  # fmt: skip
_EARLY_DAYS, _LATE_DAYS = 30, 20 * 366  # a source dated outside these, before and after the event, is mistyped


def read_ucdp_ged(
    path: str | Path,
    *,
    register: ActorRegister,
    zone: ZoneInfo,
    near_radius_km: float = NEAR_RADIUS_KM,
    point_radius_km: float = POINT_RADIUS_KM,
    separator: str | None = None,
    extent: tuple[float, float, float, float] | None = None,
    lineages: Mapping[str, str] | None = None,
) -> ReadResult:
    """Read a UCDP GED file (CSV, Parquet or workbook), one report a row.

    Parameters
    ----------
    path : str or Path
        The file. Columns of the yearly release or with the older ``_new_id`` names.
    register : ActorRegister
        Resolves sides by their UCDP id at the first day of the event, else by name.
    zone : ZoneInfo
        Whose local days the dates are.
    near_radius_km, point_radius_km : float
        Radius in km of the disc for ``where_prec`` 2 and 1. From 3 on a place is an area without coordinates.
    separator : str, optional
        Of delimited text that is not separated by commas.
    extent : tuple of four floats, optional
        West, south, east, north in degrees: where the rows should mostly lie, to notice exchanged coordinates.
    lineages : mapping of str to str, optional
        Normalised office (`ucdp_lineages.lineage_key`) to the case's key for it.

    Returns
    -------
    ReadResult

    Raises
    ------
    InputError
        When the file is not readable as a whole, lacks columns, or more than half of its rows are at fault.
    """
    rows = open_rows(path, columns=(*_REQUIRED, *_OPTIONAL), separator=separator)
    rows.require(_REQUIRED, format_name="A UCDP GED file")
    checks = CellChecks(rows)
    cells = _check_cells(checks)
    _check_coordinates(rows, checks, cells, extent)
    repeated = checks.repeats("id")
    checks.refuse_if_mostly_bad()
    kept = ~checks.bad & ~repeated
    columns, flags = _reports(
        {name: array.filter(pa.array(kept)) for name, array in cells.items()},
        _Resolver(register),
        zone,
        radius_km={1: point_radius_km, 2: near_radius_km},
        lineages=lineages or {},
    )
    n = int(kept.sum())
    columns["document_id"] = pa.repeat(rows.digest, n)
    return ReadResult(
        reports=build.report_table(columns, n),
        rejects=sorted([*rows.broken, *checks.rejects()], key=lambda fault: fault.line or 0),
        rows_in=rows.rows_in,
        duplicates=int((repeated & ~checks.bad).sum()),
        notes={flag: int(mask.sum()) for flag, mask in flags.items() if mask.any()},
    )


def _check_cells(checks: CellChecks) -> dict[str, pa.Array]:
    """Return all columns typed, complaining of the cells that cannot be."""
    rows = checks.rows
    toll_why = "A toll that cannot be read cannot be counted, and is not zero."
    place_why = "The place decides in which area, if any, the event lies."
    time_why = "The time decides what was in force."
    cells: dict[str, pa.Array] = {
        "id": checks.require_text("id", "A row without an id cannot be told from another, nor imported only once."),
        "side_a": checks.require_text("side_a", "An event needs both its sides."),
        "side_b": checks.require_text("side_b", "An event needs both its sides."),
        "type_of_violence": checks.whole(
            "type_of_violence", low=1, high=3, required=True, why="It says whether the sides fought or one killed."
        ),
        "where_prec": checks.whole("where_prec", low=1, high=7, required=True, why=place_why),
        "date_prec": checks.whole("date_prec", low=1, high=5, required=True, why=time_why),
        "latitude": checks.number("latitude", low=-180, high=180, why=place_why),
        "longitude": checks.number("longitude", low=-180, high=180, why=place_why),
        "date_start": checks.days("date_start", required=True, why=time_why),
        "date_end": checks.days("date_end", required=True, why=time_why),
    }
    for column in (*DEATHS, "low", "best", "high"):
        cells[column] = checks.whole(column, why=toll_why)
    for column in _OPTIONAL:
        name = _OTHER_NAMES.get(column, column)
        if column in rows.names:
            cells[name] = rows.text(column)
        else:
            cells.setdefault(name, pa.nulls(rows.table.num_rows, pa.string()))
    checks.complain(
        pc.less(cells["date_end"], cells["date_start"]),
        "date_end",
        "before date_start",
        time_why,
        "Correct the dates; an event cannot end before it starts.",
    )
    return cells


def _check_coordinates(
    rows: Rows, checks: CellChecks, cells: dict[str, pa.Array], extent: tuple[float, float, float, float] | None
) -> None:
    """Complain of latitudes beyond 90 and of exchanged coordinates; refuse a file that has them exchanged throughout.

    The rows carry a check of their own: `priogrid_gid` is the half-degree cell of the coordinates.
    """
    latitude, longitude = (
        np.asarray(pc.fill_null(cells[name], np.nan), dtype=float) for name in ("latitude", "longitude")
    )
    exchanged = np.abs(latitude) > 90
    stated = cells["priogrid_gid"]
    stated = pc.if_else(pc.match_substring_regex(stated, r"^[0-9]{1,6}$"), stated, None)
    cell = np.asarray(pc.fill_null(pc.cast(stated, pa.int64()), -1))
    grid_says = (cell >= 0) & (cell != _grid_cell(latitude, longitude)) & (cell == _grid_cell(longitude, latitude))
    exchanged |= grid_says
    if extent is not None:
        straight, turned = _within(longitude, latitude, extent), _within(latitude, longitude, extent)
        if turned.sum() > max(1.5 * straight.sum(), 0.1 * len(turned)):
            raise InputError.single(
                rows.path,
                f"{int(turned.sum())} of {len(turned)} points lie where the agreement's areas are when latitude and "
                f"longitude are exchanged, {int(straight.sum())} as they stand.",
                "Every event would be placed somewhere else on earth.",
                'Exchange the columns "latitude" and "longitude".',
                line=1,
                column=rows.names.index("latitude") + 1,
            )
    known = ~np.isnan(latitude)
    if known.any() and grid_says.sum() > 0.5 * known.sum():
        raise InputError.single(
            rows.path,
            f'in {int(grid_says.sum())} of {int(known.sum())} rows "priogrid_gid" is the cell of the point with '
            "latitude and longitude exchanged.",
            "Every event would be placed somewhere else on earth.",
            'Exchange the columns "latitude" and "longitude".',
            line=1,
            column=rows.names.index("latitude") + 1,
        )
    checks.complain(
        exchanged,
        "latitude",
        "exchanged with the longitude, it seems",
        "The event would be placed somewhere else on earth.",
        "Exchange the two cells; a latitude lies between -90 and 90.",
    )


def _grid_cell(latitude: npt.NDArray[np.float64], longitude: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return the number of the half-degree PRIO-GRID cell, from 1 in the south-west; -1 where not known."""
    cell = np.floor((latitude + 90) * 2) * 720 + np.floor((longitude + 180) * 2) + 1
    return np.where(np.isnan(cell), -1, cell).astype(np.int64)


def _within(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], extent: tuple[float, float, float, float]
) -> npt.NDArray[np.bool_]:
    west, south, east, north = extent
    return (x >= west) & (x <= east) & (y >= south) & (y <= north)


@dataclass(slots=True)
class _Resolver:
    """Resolves each distinct side once: by id at its day, else by name, else as a name nobody is known by."""

    register: ActorRegister

    def sides(self, ids: pa.Array, names: pa.Array, starts: pa.Array) -> tuple[list[tuple[str, ...]], Codes]:
        """Return the distinct sides' actor ids, and for each row which of them it is."""
        codes = equal_rows([ids, names, starts])
        firsts = pa.array(first_rows(codes))
        distinct = zip(
            *(column.take(firsts).to_pylist() for column in (ids, names, starts.cast(pa.int64()))), strict=True
        )
        return [self._side(*one) for one in distinct], codes

    def _side(self, external_id: str | None, name: str, at: int) -> tuple[str, ...]:
        known = self.register.by_external_id(SCHEME, external_id, at=at) if external_id else None
        return (known,) if known else self.register.resolve_side(name, at=at)


def _reports(
    cells: dict[str, pa.Array],
    resolver: _Resolver,
    zone: ZoneInfo,
    *,
    radius_km: Mapping[int, float],
    lineages: Mapping[str, str],
) -> tuple[dict[str, pa.Array], dict[str, npt.NDArray[np.bool_]]]:
    """Return the REPORT columns of checked cells, and the mask of each flag."""
    n = len(cells["id"])
    starts, ends = build.local_day_starts(cells["date_start"], zone), build.local_day_ends(cells["date_end"], zone)
    actors, unresolved = _actor_columns(cells, resolver, starts)
    places, place_flags = _place_columns(cells, radius_km)
    reported, absurd = _source_days(cells, zone)
    deaths = {name: cells[name] for name in DEATHS}
    columns = {
        "report_id": build.report_ids(SOURCE_ID, cells["id"]),
        "source_id": build.words(SOURCE_ID, n),
        "source_report_id": cells["id"],
        "kind": build.words(ReportKind.EVENT.value, n),
        "lineage": lineages_of(cells["source_office"], cells["source_original"], cells["source_headline"], lineages),
        # a row is an event by the data set's own definition: two rows are never accounts of one
        "event_key": pc.binary_join_element_wise(SOURCE_ID, cells["id"], ":"),
        "refers_to": build.lists_by_code([[]], np.zeros(n, np.int64), REPORT.field("refers_to").type),
        "stance": build.words(Stance.ASSERTS.value, n),
        "denied": build.lists_by_code([[]], np.zeros(n, np.int64), REPORT.field("denied").type),
        "occurred_from": starts,
        "occurred_until": ends,
        "time_precision": build.word_by_code({k: v.value for k, v in TIME_PRECISION.items()}, cells["date_prec"]),
        **places,
        "acts": build.lists_by_code([["armed-force"]], np.zeros(n, np.int64), REPORT.field("acts").type),
        **actors,
        "invokes": build.lists_by_code([[]], np.zeros(n, np.int64), REPORT.field("invokes").type),
        "killed_low": cells["low"],
        "killed_best": cells["best"],
        "killed_high": cells["high"],
        "killed_civilian_best": deaths["deaths_civilians"],
        "killed_combatant_best": pc.add(deaths["deaths_a"], deaths["deaths_b"]),
        "killed_unknown_best": deaths["deaths_unknown"],
        "reported_at": reported,
        "text": _texts(cells),
        "text_language": build.words("en", n),
        "unverified": pa.repeat(False, n),
    }
    flags = {
        **toll_flags(cells["low"], cells["best"], cells["high"]),
        **coding_flags(cells),
        "many-days": true_mask(pc.not_equal(cells["date_start"], cells["date_end"])),
        "aggregate-report": true_mask(pc.equal(cells["event_clarity"], "2")),
        **place_flags,
        "absurd-source-date": absurd,
        "name-unresolved": unresolved,
    }
    columns["flags"] = build.flag_lists(flags, n)
    return columns, flags


def _actor_columns(
    cells: dict[str, pa.Array], resolver: _Resolver, starts: pa.Array
) -> tuple[dict[str, pa.Array], npt.NDArray[np.bool_]]:
    """Return sides, perpetrators and targets, and the rows with a name that is not on the register."""
    one_sided = true_mask(pc.equal(cells["type_of_violence"], ONE_SIDED))
    first, first_codes = resolver.sides(cells["side_a_new_id"], cells["side_a"], starts)
    second, second_codes = resolver.sides(cells["side_b_new_id"], cells["side_b"], starts)
    pairs = first_codes * (len(second) + 1) + np.where(one_sided, len(second), second_codes)
    distinct, codes = np.unique(pairs, return_inverse=True)
    sides: list[list[tuple[str, ...]]] = []
    perpetrators: list[tuple[str, ...]] = []
    targets: list[list[str]] = []
    for a, b in (divmod(pair, len(second) + 1) for pair in distinct.tolist()):
        against_civilians = b == len(second)
        sides.append([] if against_civilians else [first[a], second[b]])
        perpetrators.append(first[a] if against_civilians else ())
        targets.append(["civilians"] if against_civilians else [])
    unknown = [
        any(name.startswith(UNRESOLVED) for side in (*both, by) for name in side)
        for both, by in zip(sides, perpetrators, strict=True)
    ]
    values: dict[str, Sequence[Sequence[Any]]] = {"sides": sides, "perpetrators": perpetrators, "targets": targets}
    return (
        {name: build.lists_by_code(value, codes, REPORT.field(name).type) for name, value in values.items()},
        np.array(unknown, dtype=bool)[codes],
    )


def _place_columns(
    cells: dict[str, pa.Array], radius_km: Mapping[int, float]
) -> tuple[dict[str, pa.Array], dict[str, npt.NDArray[np.bool_]]]:
    """Return the place columns: coordinates only where they mean a disc."""
    precision = np.asarray(cells["where_prec"], dtype=np.int64)
    located = true_mask(pc.and_(pc.is_valid(cells["latitude"]), pc.is_valid(cells["longitude"])))
    # 0, 0 is what some exports write for an empty pair
    located &= ~true_mask(pc.and_(pc.equal(cells["latitude"], 0.0), pc.equal(cells["longitude"], 0.0)))
    disc = (precision <= 2) & located
    centroid = pa.array((precision > 2) & located)
    lost = (precision <= 2) & ~located
    word = build.word_by_code({k: v.value for k, v in PLACE_PRECISION.items()}, pa.array(np.where(lost, 7, precision)))
    radius = np.where(precision == 1, radius_km[1], radius_km[2])
    first, second = cells["adm_1"], cells["adm_2"]
    area = pc.coalesce(pc.binary_join_element_wise(first, second, "/"), first, second)
    return (
        {
            "place_name": pc.coalesce(cells["where_coordinates"], area, cells["country"]),
            "latitude": pc.if_else(pa.array(disc), cells["latitude"], None),
            "longitude": pc.if_else(pa.array(disc), cells["longitude"], None),
            "centre_latitude": pc.if_else(centroid, cells["latitude"], None),
            "centre_longitude": pc.if_else(centroid, cells["longitude"], None),
            "place_precision": word,
            "place_radius_km": pc.if_else(pa.array(disc), pa.array(radius, pa.float32()), None),
            "area_name": area,
        },
        {"centroid-place": (precision > 2) & located, "no-coordinates": lost},
    )


def _source_days(cells: dict[str, pa.Array], zone: ZoneInfo) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """Return when the first of a row's sources reported, and the rows with a source dated absurdly."""
    codes = equal_rows([cells["source_date"], cells["date_start"], cells["date_end"]])
    firsts = pa.array(first_rows(codes))
    distinct = (cells[name].take(firsts).to_pylist() for name in ("source_date", "date_start", "date_end"))
    days, absurd = [], []
    for text, start, end in zip(*distinct, strict=True):
        dated = [_day_or_none(part) for part in (text or "").split(";") if part.strip()]
        sane = [
            day
            for day in dated
            if day and start - timedelta(days=_EARLY_DAYS) <= day <= end + timedelta(days=_LATE_DAYS)
        ]
        days.append(min(sane, default=None))
        absurd.append(len(sane) < len(dated))
    reported = pa.array(days, pa.date32()).take(pa.array(codes))
    return build.local_day_starts(reported, zone), np.array(absurd, dtype=bool)[codes]


def _day_or_none(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def _texts(cells: dict[str, pa.Array]) -> pa.Array:
    """Return what the row says in the data set's own words: the dyad and the place."""
    sides = pc.binary_join_element_wise(cells["side_a"], cells["side_b"], " - ")
    dyad = pc.coalesce(cells["dyad_name"], sides)
    return pc.coalesce(pc.binary_join_element_wise(dyad, cells["where_coordinates"], ", "), dyad)
