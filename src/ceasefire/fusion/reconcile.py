"""One incident from the reports of one event: for each field a value, its range, and whether accounts differ.

The rules, which `docs/data-formats.md` repeats for readers:

- *time*: that of the most precise account; where several are equally precise and overlap, what they share,
  and where they do not, the hull, with the flag ``times-differ``;
- *place*: that of the most precise account (a disc before an area, the smaller disc first), whole, with the
  flag ``places-differ`` where discs have no point in common;
- *tolls*: from the lowest to the highest figure of any account; the best is the median, rounded down, of one
  figure a lineage (the last a lineage gave), and `toll_disputed` says whether the best figures differ;
- denials count in `claims` only; an event that every account denies is kept, with the flag ``denied-only``.

One account alone is passed through unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import asin, cos, radians, sin, sqrt
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.accounts import distinct_accounts
from ceasefire.model.claims import Account, write_claims
from ceasefire.model.rows import Codes, first_rows
from ceasefire.model.schemas import INCIDENT, TOLLS, empty
from ceasefire.model.vocabulary import PlacePrecision, Stance, TimePrecision

Report = Mapping[str, Any]
_TIME_RANK = {precision.value: rank for rank, precision in enumerate(TimePrecision)}
_PLACE_RANK = {precision.value: rank for rank, precision in enumerate(PlacePrecision)}
_PLACE = ("place_name", "latitude", "longitude", "place_precision", "place_radius_km", "area_name")
_TOLL_COLUMNS = tuple(f"{toll}_{bound}" for toll in TOLLS for bound in ("low", "best", "high"))
_EARTH_RADIUS_KM = 6371.0088
_SHORT_TITLE = 120


def reconcile(reports: pa.Table, event: Codes, ids: pa.Array, covers: Mapping[int, set[int]]) -> pa.Table:
    """Return one incident for each event.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`, in canonical order, each column in one piece.
    event : int64 array, one a report
        The event each report is of, numbered from 0 without gaps.
    ids : string array, one an event
        Incident ids.
    covers : mapping of int to set of int
        Events to the events they cover.

    Returns
    -------
    pa.Table
        Schema `model.schemas.INCIDENT`, in no particular order.
    """
    if not reports.num_rows:
        return empty(INCIDENT)
    accounts, account_of = distinct_accounts(reports)
    size = np.bincount(event)
    alone = size[event] == 1
    lone = reports.filter(pa.array(alone))
    parts = [_alone(lone, ids.take(pa.array(event[alone])), accounts, account_of[alone])] if lone.num_rows else []
    if not alone.all():
        parts.append(_together(reports, event, ids, accounts, account_of))
    incidents = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
    return _with_coverage(incidents, ids, covers)


def _alone(reports: pa.Table, ids: pa.Array, accounts: Sequence[Account], account_of: Codes) -> pa.Table:
    """Return the incidents of single reports, column by column."""
    n = reports.num_rows
    used = np.unique(account_of)
    claims = pa.array([write_claims([accounts[one]]) for one in used.tolist()], pa.string())
    indices = pa.array(np.searchsorted(used, account_of).astype(np.int32))
    denied = pc.equal(pc.cast(reports["stance"], pa.string()), Stance.DENIES.value)
    no_lists = pa.ListArray.from_arrays(pa.array(np.zeros(n + 1, dtype=np.int32)), pa.array([], pa.string()))
    columns: dict[str, Any] = {
        "incident_id": ids,
        "report_ids": pa.ListArray.from_arrays(
            pa.array(np.arange(n + 1, dtype=np.int32)), reports["report_id"].combine_chunks()
        ),
        "covers": no_lists,
        "covered_by": no_lists,
        "lineages": reports["lineage"],
        "title": _titles(reports),
        "claims": pa.DictionaryArray.from_arrays(indices, claims),
        "toll_disputed": pa.repeat(False, n),
    }
    table = pa.Table.from_arrays(
        [columns.get(name, reports[name] if name in reports.column_names else None) for name in INCIDENT.names],
        schema=INCIDENT,
    )
    if not pc.any(denied).as_py():
        return table
    # rare: a denial that nobody's account stands against
    mask = np.asarray(denied)
    rows = table.filter(pa.array(mask)).to_pylist()
    denials = [row | {"lineages": [], "flags": sorted({*(row["flags"] or ()), "denied-only"})} for row in rows]
    return pa.concat_tables([table.filter(pa.array(~mask)), pa.Table.from_pylist(denials, schema=INCIDENT)])


def _titles(reports: pa.Table) -> pa.Array:
    """Return the first line of each report's text, else its place."""
    first = pc.list_element(pc.split_pattern(pc.fill_null(reports["text"], ""), "\n", max_splits=1), 0)
    short = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(first), 0, _SHORT_TITLE)
    return pc.coalesce(
        pc.if_else(pc.equal(short, ""), None, short), reports["place_name"], reports["area_name"].cast(pa.string())
    )


def _together(
    reports: pa.Table, event: Codes, ids: pa.Array, accounts: Sequence[Account], account_of: Codes
) -> pa.Table:
    """Return the incidents of several reports, one by one: few, since nothing is grouped that does not say so."""
    several = np.flatnonzero(np.bincount(event)[event] > 1)
    order = several[np.argsort(event[several], kind="stable")]
    rows = reports.take(pa.array(order)).append_column("title", _titles(reports.take(pa.array(order)))).to_pylist()
    starts = first_rows(event[order]).tolist()
    incidents = []
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        group = rows[start:end]
        said = {accounts[one] for one in account_of[order[start:end]].tolist()}
        incident = _reconciled(group)
        incident |= {"incident_id": ids[int(event[order[start]])].as_py(), "claims": write_claims(said)}
        incidents.append(incident)
    return pa.Table.from_pylist(incidents, schema=INCIDENT)


def _reconciled(group: Sequence[Report]) -> dict[str, Any]:
    """Return the fields of one incident; `group` is in canonical order."""
    asserting = [report for report in group if report["stance"] != Stance.DENIES]
    basis = asserting or list(group)
    flags = {flag for report in group for flag in report["flags"] or ()}
    if not asserting:
        flags.add("denied-only")
    time, times_differ = _time(basis)
    place, places_differ = _place(basis)
    flags |= {flag for flag, holds in (("times-differ", times_differ), ("places-differ", places_differ)) if holds}
    titled = next((report for report in basis if report["event_key"] is not None), basis[0])
    return {
        "report_ids": [report["report_id"] for report in group],
        "covers": [],
        "covered_by": [],
        "lineages": sorted({chain for report in asserting for chain in report["lineage"] or ()}),
        **time,
        **place,
        "title": titled["title"],
        "acts": sorted({act for report in basis for act in report["acts"] or ()}),
        **_tolls(basis),
        "flags": sorted(flags),
    }


def _time(group: Sequence[Report]) -> tuple[dict[str, Any], bool]:
    """Return the time of the most precise account, and whether another has no moment in common with it."""
    dated = [report for report in group if report["occurred_from"] is not None]
    if not dated:
        return {"time_precision": TimePrecision.UNKNOWN.value}, False
    rank = min(_time_rank(report) for report in dated)
    best = [report for report in dated if _time_rank(report) == rank]
    start = max(report["occurred_from"] for report in best)
    end = min(report["occurred_until"] for report in best)
    precision = best[0]["time_precision"]
    if differ := not _meet(start, end, best):
        start = min(report["occurred_from"] for report in best)
        end = max(report["occurred_until"] for report in best)
        if rank <= _TIME_RANK[TimePrecision.DAY]:
            precision = TimePrecision.DAYS.value
    differ = differ or any(
        not _meet(max(start, report["occurred_from"]), min(end, report["occurred_until"]), [report]) for report in dated
    )
    return {"occurred_from": start, "occurred_until": end, "time_precision": precision}, differ


def _time_rank(report: Report) -> int:
    return _TIME_RANK.get(report["time_precision"], _TIME_RANK[TimePrecision.UNKNOWN])


def _meet(start: Any, end: Any, reports: Iterable[Report]) -> bool:
    """Whether what is shared is more than the moment at which one span ends and the next begins."""
    return bool(start < end or (start == end and any(r["occurred_from"] == r["occurred_until"] for r in reports)))


def _place(group: Sequence[Report]) -> tuple[dict[str, Any], bool]:
    """Return the place of the most precise account, and whether a disc of another lies wholly apart from it."""
    chosen = min(group, key=lambda report: (_place_rank(report), report["place_radius_km"] or float("inf")))
    apart = any(_apart(chosen, report) for report in group)
    place = {name: chosen[name] for name in _PLACE}
    if place["area_name"] is None and not apart:
        named = (report["area_name"] for report in group if report["area_name"] is not None)
        place["area_name"] = next(named, None)
    return place, apart


def _place_rank(report: Report) -> int:
    return _PLACE_RANK.get(report["place_precision"], _PLACE_RANK[PlacePrecision.UNKNOWN])


def _apart(a: Report, b: Report) -> bool:
    """Whether both are discs and have no point in common (great-circle distance in km)."""
    values = [a["latitude"], a["longitude"], b["latitude"], b["longitude"]]
    if any(value is None for value in values):
        return False
    south, west, north, east = (radians(value) for value in values)
    half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin((east - west) / 2) ** 2
    distance_km = 2 * _EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))
    return distance_km > (a["place_radius_km"] or 0.0) + (b["place_radius_km"] or 0.0)


def _tolls(group: Sequence[Report]) -> dict[str, Any]:
    """Return ranges over all accounts, the median best of the lineages, and whether the best figures differ."""
    latest = _latest_of_lineages(group)
    tolls: dict[str, Any] = {}
    disputed = False
    for toll in TOLLS:
        low, best, high = (f"{toll}_{bound}" for bound in ("low", "best", "high"))
        said = [report[best] for report in group if report[best] is not None]
        lows = [report[low] for report in group if report[low] is not None]
        highs = [report[high] for report in group if report[high] is not None]
        bests = [figure for reports in latest if (figure := _last(reports, best)) is not None]
        tolls[low] = min([*lows, *said], default=None)
        tolls[best] = int(median(bests)) if bests else None
        tolls[high] = max([*highs, *said], default=None)
        disputed |= len(set(said)) > 1
    return {**tolls, "toll_disputed": disputed}


def _latest_of_lineages(group: Sequence[Report]) -> list[list[Report]]:
    """Return the reports by lineage, each lineage's last first; reports that share a chain are one lineage."""
    families: list[tuple[set[str], list[Report]]] = []
    for report in group:
        chains, members = set(report["lineage"] or (report["source_id"],)), [report]
        for family in [family for family in families if family[0] & chains]:
            families.remove(family)
            chains |= family[0]
            members = family[1] + members
        families.append((chains, members))
    return [sorted(members, key=_recency, reverse=True) for _, members in families]


def _recency(report: Report) -> tuple[bool, Any, bool, Any, str]:
    """Order by when it was reported, then recorded; what is not known comes before all that is."""
    reported, recorded = report["reported_at"], report["recorded_at"]
    return (reported is not None, reported or 0, recorded is not None, recorded or 0, report["report_id"])


def _last(reports: Sequence[Report], column: str) -> int | None:
    return next((report[column] for report in reports if report[column] is not None), None)


def _with_coverage(incidents: pa.Table, ids: pa.Array, covers: Mapping[int, set[int]]) -> pa.Table:
    """Fill `covers` and `covered_by` in."""
    if not covers:
        return incidents
    covered_ids = {ids[one].as_py(): sorted(ids[other].as_py() for other in others) for one, others in covers.items()}
    covering_ids: dict[str, list[str]] = {}
    for one, others in sorted(covered_ids.items()):
        for other in others:
            covering_ids.setdefault(other, []).append(one)
    for name, values in (("covers", covered_ids), ("covered_by", covering_ids)):
        known = list(values)
        place = pc.fill_null(pc.index_in(incidents["incident_id"], pa.array(known, pa.string())), len(known))
        lists = pa.array([*values.values(), []], pa.list_(pa.string())).take(place.combine_chunks())
        incidents = incidents.set_column(incidents.column_names.index(name), INCIDENT.field(name), lists)
    return incidents
